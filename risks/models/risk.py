"""A risk or an opportunity, and its ratings: what was judged when, by whom, why, by which criteria."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.models.register import Register, TenantRow, history
from risks.flows import RiskStatus
from risks.profiles import Discipline

LONGEST_PART = 4_000


class RatingKind(models.TextChoices):
    INHERENT = "inherent", _("Inherent")
    CURRENT = "current", _("Current")
    EXPECTED = "expected", _("Expected residual")


EDITIONS = {
    RatingKind.INHERENT.value: "inherent_edition",
    RatingKind.CURRENT.value: "edition",
    RatingKind.EXPECTED.value: "expected_edition",
}
"""Where a risk keeps which edition made a level of its last rating of each kind."""


class AcceptanceState(models.TextChoices):
    NONE = "", _("Not accepted")
    ASKED = "asked", _("Acceptance asked for")
    ACCEPTED = "accepted", _("Accepted")
    STALE = "stale", _("Acceptance no longer holds")


class Risk(Register):
    """The last rating of each kind is stored on the row, so that lists and heat maps read one index; `Rating` has them all.

    Likelihood and consequence count from 1, levels from 0 (risks.levels). `edition` is that of the last current rating; the
    other two have their own, because a newer edition may have made a level of one rating and not yet of the others.
    """

    PREFIX = "R"

    title = models.CharField(_("title"), max_length=200)
    discipline = models.CharField(
        _("discipline"), max_length=24, choices=Discipline.choices, default=Discipline.GENERAL
    )
    cause = models.TextField(_("cause"), blank=True, max_length=LONGEST_PART)
    event = models.TextField(_("event"), blank=True, max_length=LONGEST_PART)
    outcome = models.TextField(_("consequence"), blank=True, max_length=LONGEST_PART)
    category = models.CharField(_("category"), max_length=80, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("risk owner"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    existing_controls = models.TextField(_("existing controls"), blank=True, max_length=LONGEST_PART)
    # What the profile of the discipline asks (risks.profiles).
    facts = models.JSONField(default=dict, blank=True)
    assets = models.ManyToManyField("risks.Asset", through="RiskAsset", related_name="risks")
    review_on = models.DateField(_("next review"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=RiskStatus.choices, default=RiskStatus.DRAFT, editable=False
    )
    is_open = models.BooleanField(default=True, editable=False)
    inherent_likelihood = models.PositiveSmallIntegerField(null=True, editable=False)
    inherent_consequence = models.PositiveSmallIntegerField(null=True, editable=False)
    inherent_level = models.PositiveSmallIntegerField(null=True, editable=False)
    current_likelihood = models.PositiveSmallIntegerField(null=True, editable=False)
    current_consequence = models.PositiveSmallIntegerField(null=True, editable=False)
    current_level = models.PositiveSmallIntegerField(null=True, editable=False)
    expected_likelihood = models.PositiveSmallIntegerField(null=True, editable=False)
    expected_consequence = models.PositiveSmallIntegerField(null=True, editable=False)
    expected_level = models.PositiveSmallIntegerField(null=True, editable=False)
    edition = models.ForeignKey(
        "risks.Edition", null=True, on_delete=models.PROTECT, related_name="+", editable=False, db_index=False
    )
    inherent_edition = models.ForeignKey(
        "risks.Edition", null=True, on_delete=models.PROTECT, related_name="+", editable=False, db_index=False
    )
    expected_edition = models.ForeignKey(
        "risks.Edition", null=True, on_delete=models.PROTECT, related_name="+", editable=False, db_index=False
    )
    rated_at = models.DateTimeField(null=True, editable=False)
    # When something it points to changed after the rating: an asset, its owner. Emptied by a rating or a review.
    links_changed_at = models.DateTimeField(null=True, editable=False)
    links_changed_by = models.CharField(max_length=250, blank=True, editable=False)
    acceptance_state = models.CharField(
        max_length=10, choices=AcceptanceState.choices, default=AcceptanceState.NONE, blank=True, editable=False
    )
    accepted_until = models.DateField(null=True, editable=False)
    # Why an acceptance does not hold any more, as a sentence.
    stale_because = models.CharField(max_length=300, blank=True, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    closed_at = models.DateTimeField(null=True, editable=False)

    history = history()

    class Meta:
        verbose_name = _("risk")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="risk_number"),
            models.CheckConstraint(condition=~Q(title=""), name="risk_has_a_title"),
            models.CheckConstraint(condition=Q(discipline__in=Discipline.values), name="risk_discipline_known"),
            models.CheckConstraint(
                condition=Q(is_open=False, status="closed") | (Q(is_open=True) & ~Q(status="closed")),
                name="risk_open_agrees",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "closed"]) | Q(owner__isnull=False), name="risk_has_an_owner"
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{kind}_{part}__isnull": True for part in ("likelihood", "consequence", "level")})
                    | Q(**{f"{kind}_{part}__isnull": False for part in ("likelihood", "consequence", "level")}),
                    name=f"risk_{kind}_rating_whole",
                )
                for kind in RatingKind.values
            ),
        ]
        indexes = [
            models.Index(fields=["project", "is_open", "current_level", "number"], name="risk_list"),
            # What the filter and the form offer as categories, read from the index alone.
            models.Index(fields=["project", "category"], name="risk_categories"),
            models.Index(fields=["owner", "project"], condition=Q(is_open=True), name="risk_mine"),
            models.Index(
                fields=["review_on"], condition=Q(is_open=True, review_on__isnull=False), name="risk_review_due"
            ),
            models.Index(
                fields=["accepted_until"], condition=Q(acceptance_state="accepted"), name="risk_acceptance_ends"
            ),
            # Each holds all that a heat map counts, so that five thousand risks are counted without reading one.
            *(
                models.Index(
                    fields=[
                        "project",
                        "is_open",
                        f"{kind}_likelihood",
                        f"{kind}_consequence",
                        edition,
                        "discipline",
                    ],
                    name=f"risk_heat_{kind}",
                )
                for kind, edition in EDITIONS.items()
            ),
            # What others wrote since somebody last looked: a grid of a workshop asks every few seconds.
            models.Index(fields=["project", "updated_at"], name="risk_touched"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("risks:risk-detail", kwargs={**self.project.address, "number": self.label})

    @property
    def is_opportunity(self) -> bool:
        return self.discipline == Discipline.OPPORTUNITY


class RiskAsset(models.Model):
    """An asset, process or activity that a risk threatens."""

    risk = models.ForeignKey(Risk, on_delete=models.CASCADE, related_name="asset_links")
    asset = models.ForeignKey("risks.Asset", on_delete=models.PROTECT, related_name="risk_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["risk", "asset"], name="risk_asset_once")]

    def __str__(self) -> str:
        return f"{self.risk_id} {self.asset_id}"


class Rating(TenantRow):
    """One judgement. Written once: the database refuses to change or delete it. `level` by the edition it names."""

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="ratings")
    kind = models.CharField(max_length=10, choices=RatingKind.choices)
    edition = models.ForeignKey("risks.Edition", on_delete=models.PROTECT, related_name="+")
    likelihood = models.PositiveSmallIntegerField()
    consequence = models.PositiveSmallIntegerField()
    # The mark of each dimension of consequence, by its key; empty where the consequence was rated as a whole.
    marks = models.JSONField(default=dict)
    level = models.PositiveSmallIntegerField()
    # As it was called that day: "High".
    level_name = models.CharField(max_length=60)
    reason = models.CharField(max_length=1_000, blank=True)
    # The treatment that is expected to leave this much, where one was named.
    treatment = models.ForeignKey("risks.Treatment", null=True, on_delete=models.PROTECT, related_name="ratings")
    rated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    rated_by_name = models.CharField(max_length=120)
    rated_at = models.DateTimeField()

    class Meta:
        ordering = ["-rated_at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(kind__in=RatingKind.values), name="rating_kind_known")]
        indexes = [
            models.Index(fields=["risk", "kind", "rated_at"], name="rating_story"),
            models.Index(fields=["project", "kind", "rated_at"], name="rating_trend"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.likelihood} × {self.consequence} = {self.level_name}"


class LevelChange(TenantRow):
    """An open risk came to a level, or went from one to another: what the trend counts. Written once.

    Levels are called as they were called that day; empty: not rated yet, or closed.
    """

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    before = models.CharField(max_length=60, blank=True)
    after = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(before=F("after")), name="level_change_changes")]
        # Holds all that a trend counts, so that it is counted without reading a row.
        indexes = [models.Index(fields=["project", "at", "before", "after", "risk"], name="level_change_trend")]

    def __str__(self) -> str:
        return f"{self.before or '–'} → {self.after or '–'}"
