"""The audit programme: what is audited how often in one to three years, and why that often. (9.2.2; ISO 19011:2018, 5)"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audits.flows import OPEN_AUDITS, ProgrammeStatus
from projects.models.register import Register, TenantRow, history

LONGEST = 4_000
SHORTEST_MONTHS, LONGEST_MONTHS = 12, 36
"""A programme covers one to three years."""


class Every(models.IntegerChoices):
    """How often a line is audited, in months."""

    QUARTER = 3, _("Every quarter")
    HALF_YEAR = 6, _("Twice a year")
    YEAR = 12, _("Every year")
    TWO_YEARS = 24, _("Every two years")
    THREE_YEARS = 36, _("Every three years")


class Programme(Register):
    PREFIX = "AP"

    title = models.CharField(_("title"), max_length=200)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    objectives = models.TextField(_("objectives"), blank=True, max_length=LONGEST)
    # What could keep the programme from its objectives, and what is done about it. (ISO 19011:2018, 5.3)
    risks = models.TextField(_("risks and opportunities of the programme"), blank=True, max_length=LONGEST)
    resources = models.TextField(_("resources and methods"), blank=True, max_length=LONGEST)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("managed by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    status = models.CharField(
        _("status"), max_length=10, choices=ProgrammeStatus.choices, default=ProgrammeStatus.DRAFT, editable=False
    )
    is_open = models.BooleanField(default=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    history = history()

    class Meta:
        verbose_name = _("audit programme")
        verbose_name_plural = _("audit programmes")
        ordering = ["-starts_on", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="programme_number"),
            models.CheckConstraint(condition=~Q(title=""), name="programme_has_a_title"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="programme_period"),
            models.CheckConstraint(condition=Q(status__in=ProgrammeStatus.values), name="programme_status_known"),
            models.CheckConstraint(
                condition=Q(is_open=False, status="closed") | (Q(is_open=True) & ~Q(status="closed")),
                name="programme_open_agrees",
            ),
        ]
        indexes = [models.Index(fields=["project", "is_open", "starts_on"], name="programme_list")]

    def __str__(self) -> str:
        return f"{self.label} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("audits:programme-detail", kwargs={**self.project.address, "number": self.label})

    def open_audits(self) -> models.QuerySet:
        """The audits of its lines that are still to be done. One query."""
        from .audit import Audit

        mine = Audit.objects.filter(programme_links__line__programme=self, status__in=OPEN_AUDITS)
        return mine.order_by("number").distinct()


class ProgrammeLine(TenantRow):
    """What is audited how often. `next_on` and `last_on` are kept by services.coverage when an audit moves.

    `item` is a process or site of the scope; `subject` its name, which stays when the item goes, or words of one's own.
    Standards without clauses of their own are audited whole.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="lines", editable=False)
    item = models.ForeignKey(
        "context.ScopeItem", verbose_name=_("process or site"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="+",
    )  # fmt: skip
    subject = models.CharField(_("what is audited"), max_length=200)
    standards = models.ManyToManyField("pdca.Standard", through="ProgrammeLineStandard", related_name="+")
    clauses = models.ManyToManyField("pdca.Clause", through="ProgrammeLineClause", related_name="+")
    every_months = models.PositiveSmallIntegerField(_("how often"), choices=Every.choices, default=Every.YEAR)
    reason = models.TextField(_("why that often"), blank=True, max_length=1_000)
    # What the frequency was proposed from, as it stood that day: {"level": 3, "level_name": "High", "nonconformities": 2, …}
    basis = models.JSONField(default=dict, blank=True, editable=False)
    first_on = models.DateField(_("first audit by"))
    next_on = models.DateField(null=True, editable=False)
    last_on = models.DateField(null=True, editable=False)
    position = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = history(("next_on", "last_on"))

    class Meta:
        verbose_name = _("line of the programme")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(subject=""), name="programme_line_has_a_subject"),
            models.CheckConstraint(condition=Q(every_months__in=Every.values), name="programme_line_frequency_known"),
        ]
        indexes = [
            models.Index(fields=["next_on"], condition=Q(next_on__isnull=False), name="programme_line_due"),
            models.Index(fields=["project", "item"], name="programme_line_item"),
        ]

    def __str__(self) -> str:
        return self.subject


class ProgrammeLineStandard(models.Model):
    line = models.ForeignKey(ProgrammeLine, on_delete=models.CASCADE, related_name="standard_links")
    standard = models.ForeignKey("pdca.Standard", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["standard__code"]
        constraints = [models.UniqueConstraint(fields=["line", "standard"], name="programme_line_standard_once")]

    def __str__(self) -> str:
        return f"{self.line_id} {self.standard_id}"


class ProgrammeLineClause(models.Model):
    line = models.ForeignKey(ProgrammeLine, on_delete=models.CASCADE, related_name="clause_links")
    clause = models.ForeignKey("pdca.Clause", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["clause__standard__code", "clause__position"]
        constraints = [models.UniqueConstraint(fields=["line", "clause"], name="programme_line_clause_once")]

    def __str__(self) -> str:
        return f"{self.line_id} {self.clause_id}"
