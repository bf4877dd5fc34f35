"""The checklist: what is asked, by which clauses, and what was seen. (ISO 19011:2018, 6.3.4 and 6.4.7)"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.models.register import TenantRow, history

LONGEST = 10_000


class LineKind(models.TextChoices):
    """Where a line comes from: the part that standards share, what one discipline adds, a question of one's own."""

    SHARED = "shared", _("Shared")
    ADDITION = "addition", _("Addition of a discipline")
    OWN = "own", _("Own question")


class Result(models.TextChoices):
    NONE = "", _("No result yet")
    CONFORM = "conform", _("Conform")
    NC_MAJOR = "nc_major", _("Major nonconformity")
    NC_MINOR = "nc_minor", _("Minor nonconformity")
    OBSERVATION = "observation", _("Observation")
    OFI = "ofi", _("Opportunity for improvement")
    STRENGTH = "strength", _("Strength")
    NOT_SAMPLED = "not_sampled", _("Not sampled")


class ChecklistLine(TenantRow):
    """One line. It credits all clauses it names: a shared clause is asked once for every standard that has it."""

    audit = models.ForeignKey("audits.Audit", on_delete=models.PROTECT, related_name="lines", editable=False)
    session = models.ForeignKey(
        "audits.Session", verbose_name=_("session"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="lines",
    )  # fmt: skip
    kind = models.CharField(max_length=8, choices=LineKind.choices, default=LineKind.OWN, editable=False)
    # The row of the harmonized structure that a shared line stands for.
    hs = models.CharField(max_length=20, blank=True, editable=False)
    # As people say it: "7.5.3", "A.5.1".
    ref = models.CharField(max_length=40, blank=True)
    title = models.CharField(_("question"), max_length=300)
    prompts = models.JSONField(default=list, blank=True)
    clauses = models.ManyToManyField("pdca.Clause", through="ChecklistLineClause", related_name="+")
    sampling = models.CharField(_("sample"), max_length=1_000, blank=True)
    result = models.CharField(_("result"), max_length=12, choices=Result.choices, default=Result.NONE, blank=True)
    evidence = models.TextField(_("what was seen"), blank=True, max_length=LONGEST)
    not_sampled_because = models.CharField(_("why it was not sampled"), max_length=1_000, blank=True)
    position = models.PositiveIntegerField(default=0, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    answered_at = models.DateTimeField(null=True, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    evidence_count = models.PositiveIntegerField(default=0, editable=False)
    # When a piece of it was last added or withdrawn: an open page shows the change.
    evidence_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = history(("evidence_count", "evidence_at"))

    class Meta:
        verbose_name = _("line of the checklist")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="checklist_line_has_a_title"),
            models.CheckConstraint(condition=Q(kind__in=LineKind.values), name="checklist_line_kind_known"),
            models.CheckConstraint(condition=Q(result__in=Result.values), name="checklist_line_result_known"),
            models.CheckConstraint(
                condition=~Q(result="not_sampled") | ~Q(not_sampled_because=""), name="checklist_line_says_why_not"
            ),
            models.CheckConstraint(
                condition=Q(result="", answered_by__isnull=True, answered_at__isnull=True)
                | (~Q(result="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="checklist_result_is_somebodys",
            ),
        ]
        indexes = [
            models.Index(fields=["audit", "position"], name="checklist_line_list"),
            models.Index(fields=["audit", "result"], name="checklist_line_results"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}".strip()


class ChecklistLineClause(models.Model):
    """A clause that a line credits."""

    line = models.ForeignKey(ChecklistLine, on_delete=models.CASCADE, related_name="clause_links")
    clause = models.ForeignKey("pdca.Clause", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["clause__standard__code", "clause__position"]
        constraints = [models.UniqueConstraint(fields=["line", "clause"], name="checklist_line_clause_once")]

    def __str__(self) -> str:
        return f"{self.line_id} {self.clause_id}"
