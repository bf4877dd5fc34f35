"""A finding: what was seen, held against a criterion; the answer to it; and the nonconformity that came of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audits.flows import FindingStatus, Grade
from projects.models.register import Register, TenantRow, history

LONGEST = 10_000


class Finding(Register):
    """The life after a nonconformity was raised is read from `nonconformity`, never copied."""

    PREFIX = "F"

    audit = models.ForeignKey("audits.Audit", on_delete=models.PROTECT, related_name="findings", editable=False)
    line = models.ForeignKey(
        "audits.ChecklistLine", null=True, blank=True, on_delete=models.PROTECT, related_name="findings", editable=False
    )
    grade = models.CharField(_("grade"), max_length=12, choices=Grade.choices)
    statement = models.CharField(_("statement"), max_length=1_000)
    evidence = models.TextField(_("evidence"), blank=True, max_length=LONGEST)
    # The requirement in our own words, beside the clauses.
    criterion = models.CharField(_("criterion"), max_length=1_000, blank=True)
    clauses = models.ManyToManyField("pdca.Clause", through="FindingClause", related_name="+")
    item = models.ForeignKey(
        "context.ScopeItem", verbose_name=_("process or site"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="+",
    )  # fmt: skip
    subject = models.CharField(_("where"), max_length=200, blank=True)
    respondent = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("answered by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    due_on = models.DateField(_("response until"), null=True, blank=True)
    response = models.TextField(_("response"), blank=True, max_length=LONGEST, editable=False)
    responded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    responded_at = models.DateTimeField(null=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    accepted_at = models.DateTimeField(null=True, editable=False)
    nonconformity = models.OneToOneField(
        "improvement.Nonconformity",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="finding",
        editable=False,
    )
    status = models.CharField(
        _("status"), max_length=10, choices=FindingStatus.choices, default=FindingStatus.NOTED, editable=False
    )
    is_open = models.BooleanField(default=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    evidence_count = models.PositiveIntegerField(default=0, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    history = history(("evidence_count",))

    class Meta:
        verbose_name = _("finding")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="finding_number"),
            models.CheckConstraint(condition=~Q(statement=""), name="finding_has_a_statement"),
            models.CheckConstraint(condition=Q(grade__in=Grade.values), name="finding_grade_known"),
            models.CheckConstraint(condition=Q(status__in=FindingStatus.values), name="finding_status_known"),
            models.CheckConstraint(
                condition=Q(is_open=False, status__in=["closed", "withdrawn"])
                | (Q(is_open=True) & ~Q(status__in=["closed", "withdrawn"])),
                name="finding_open_agrees",
            ),
            models.CheckConstraint(
                condition=Q(nonconformity__isnull=True) | Q(grade__in=["nc_major", "nc_minor"]),
                name="finding_raised_is_a_nonconformity",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["answered", "accepted"]) | ~Q(response="") | Q(grade="strength"),
                name="finding_answer_is_said",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "is_open", "number"], name="finding_list"),
            models.Index(fields=["audit", "grade"], name="finding_of_audit"),
            models.Index(fields=["respondent", "due_on"], condition=Q(status="open"), name="finding_mine"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.statement[:120]}"

    def get_absolute_url(self) -> str:
        return reverse("audits:finding-detail", kwargs={**self.project.address, "number": self.label})


class FindingClause(models.Model):
    """A clause among the criteria of a finding."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="clause_links")
    clause = models.ForeignKey("pdca.Clause", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["clause__standard__code", "clause__position"]
        constraints = [models.UniqueConstraint(fields=["finding", "clause"], name="finding_clause_once")]

    def __str__(self) -> str:
        return f"{self.finding_id} {self.clause_id}"


class FollowUpResult(models.TextChoices):
    EFFECTIVE = "effective", _("Done and effective")
    NOT_EFFECTIVE = "not_effective", _("Not effective")
    NOT_CHECKED = "not_checked", _("Not looked at")


class FollowUp(TenantRow):
    """What a later audit saw of an earlier finding. (9.2.2; ISO 19011:2018, 6.7)"""

    audit = models.ForeignKey("audits.Audit", on_delete=models.PROTECT, related_name="follow_ups", editable=False)
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="follow_ups", editable=False)
    result = models.CharField(_("seen now"), max_length=14, choices=FollowUpResult.choices)
    note = models.TextField(_("note"), blank=True, max_length=2_000)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, editable=False)

    history = history()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["audit", "finding"], name="follow_up_once"),
            models.CheckConstraint(condition=Q(result__in=FollowUpResult.values), name="follow_up_result_known"),
        ]

    def __str__(self) -> str:
        return f"{self.audit_id} {self.finding_id}"
