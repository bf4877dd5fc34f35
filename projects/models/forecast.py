"""What the forecast of a project was on a day: one small row, so that lists read it and next week can be compared with it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .register import TenantRow


class ForecastSnapshot(TenantRow):
    """Dates are those on which all work is done. `digest` names the state of the plan that was played."""

    on = models.DateField(_("day"))
    digest = models.CharField(max_length=64)
    p50_on = models.DateField(_("in one of two cases done by"))
    p80_on = models.DateField(_("in four of five cases done by"))
    target_on = models.DateField(_("certification audit planned for"), null=True)
    chance_percent = models.PositiveSmallIntegerField(_("chance to meet the target in percent"), null=True)
    # Whole working days from the project's start and how many runs needed them: {"first", "counts", "runs", "mean"}.
    ends = models.JSONField(default=dict)
    # The activities that drive the spread: [{"activity", "criticality", "spread_days", "sensitivity", "correlation"}].
    drivers = models.JSONField(default=list)
    # What was known of each open or finished activity, to tell next week what slipped: {id: [number, low, …]}.
    inputs = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["project", "-on"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["project", "on"], name="forecast_once_a_day")]

    def __str__(self) -> str:
        return f"{self.project_id} {self.on}"
