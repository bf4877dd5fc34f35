"""The mandate of a project: what top management releases when it says yes."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models.register import TenantRow, history

CURRENCIES = ("CHF", "EUR", "USD", "GBP", "CZK", "DKK", "HUF", "NOK", "PLN", "RON", "SEK", "CAD", "AUD", "JPY", "AED")
LONGEST = 10_000
MOST_ROWS = 60


class Line(NamedTuple):
    """One line of the budget."""

    what: str
    amount: Decimal


class Member(NamedTuple):
    """Somebody of the project team; `person` is the id of their account, None for who has none."""

    name: str
    role: str
    share: int
    person: int | None = None


class Mandate(TenantRow):
    """Business case, budget and team of one project. What the project knows itself (plan, standards) is not copied here.

    Budget and team are rows inside the record, so that its history and its version cover them: one save, one state.
    """

    project = models.OneToOneField("projects.Project", on_delete=models.PROTECT, related_name="mandate", editable=False)
    motives = models.TextField(gettext_lazy("motives"), blank=True, max_length=LONGEST)
    benefits = models.TextField(gettext_lazy("benefits"), blank=True, max_length=LONGEST)
    resources = models.TextField(gettext_lazy("resources"), blank=True, max_length=LONGEST)
    risks = models.TextField(gettext_lazy("risks of the project"), blank=True, max_length=LONGEST)
    currency = models.CharField(gettext_lazy("currency"), max_length=3, default="EUR")
    # [{"what": "Consulting", "amount": "42000.00"}] and [{"name": …, "role": …, "share": 40, "person": 7 or None}]
    budget = models.JSONField(gettext_lazy("budget"), default=list, blank=True)
    team = models.JSONField(gettext_lazy("project team"), default=list, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)

    history = history()

    class Meta:
        verbose_name = gettext_lazy("project mandate")

    def __str__(self) -> str:
        return _("Project mandate")

    def get_absolute_url(self) -> str:
        return reverse("context:mandate", kwargs=self.project.address)

    @property
    def lines(self) -> list[Line]:
        return [Line(row["what"], Decimal(row["amount"])) for row in self.budget]

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal("0.00"))

    @property
    def members(self) -> list[Member]:
        return [Member(row["name"], row["role"], row["share"], row.get("person")) for row in self.team]

    @property
    def share(self) -> int:
        """Everybody's time together, in percent of one full-time post."""
        return sum(row["share"] for row in self.team)
