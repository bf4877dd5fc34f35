"""A nonconformity, its rounds of correction and corrective action, and the causes found in each."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from improvement.flows import Status
from projects.models.register import Register, TenantRow, history

LONGEST = 4_000


class Source(models.TextChoices):
    INTERNAL_AUDIT = "internal_audit", _("Internal audit")
    CERTIFICATION_AUDIT = "certification_audit", _("Certification audit")
    INCIDENT = "incident", _("Incident")
    COMPLAINT = "complaint", _("Complaint")
    MONITORING = "monitoring", _("Monitoring and measurement")
    MANAGEMENT_REVIEW = "management_review", _("Management review")
    SUPPLIER = "supplier", _("Supplier")
    OBSERVATION = "observation", _("Observation by staff")


class Nonconformity(Register):
    """What was reported and how it stands. The work on it is in its rounds, the newest is the one that counts."""

    PREFIX = "NC"

    title = models.CharField(_("what happened"), max_length=200)
    description = models.TextField(_("in more words"), blank=True, max_length=LONGEST)
    source = models.CharField(_("source"), max_length=20, choices=Source.choices, default=Source.OBSERVATION)
    detected_on = models.DateField(_("when"))
    detected_by = models.CharField(_("found by"), max_length=120, blank=True)
    place = models.CharField(_("where"), max_length=200, blank=True)
    # Process and site keep their words; where the scope of the project names the same, they point to its item too.
    process = models.CharField(_("process"), max_length=200, blank=True)
    process_item = models.ForeignKey(
        "context.ScopeItem", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    site = models.CharField(_("site"), max_length=200, blank=True)
    site_item = models.ForeignKey(
        "context.ScopeItem", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    requirement = models.TextField(_("requirement that was not met"), blank=True, max_length=LONGEST)
    evidence = models.TextField(_("objective evidence"), blank=True, max_length=LONGEST)
    suspicion = models.TextField(_("suspected cause"), blank=True, max_length=LONGEST)
    # A key of the project's scale (improvement.models.grade).
    grade = models.CharField(_("grade"), max_length=20, default="", blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # fmt: skip
    is_confidential = models.BooleanField(
        _("confidential"), default=False,
        help_text=_("Only who manages nonconformities, its owner and its reporter see it."),
    )  # fmt: skip
    clauses = models.ManyToManyField("pdca.Clause", through="NonconformityClause", related_name="+")
    recurrence_of = models.ForeignKey(
        "self", verbose_name=_("happened before as"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="recurrences",
    )  # fmt: skip
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.REPORTED, editable=False
    )
    is_open = models.BooleanField(default=True, editable=False)
    refused_because = models.CharField(max_length=500, blank=True, editable=False)
    contained_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    # What closing asked: must risks, documents or the plan change? {"risks": "…", "documents": "…", "plan": "…"}, and under
    # "links" the keys of the records that do: {"risks": [3], "plan": [7, 9]} (projects.pointing).
    consequences = models.JSONField(default=dict, editable=False)
    evidence_count = models.PositiveIntegerField(default=0, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    history = history(("evidence_count",))

    class Meta:
        verbose_name = _("nonconformity")
        verbose_name_plural = _("nonconformities")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="nonconformity_number"),
            models.CheckConstraint(condition=~Q(title=""), name="nonconformity_has_a_title"),
            models.CheckConstraint(
                condition=Q(is_open=False, status__in=["refused", "closed"])
                | (Q(is_open=True) & ~Q(status__in=["refused", "closed"])),
                name="nonconformity_open_agrees",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["reported", "refused"]) | (Q(owner__isnull=False) & ~Q(grade="")),
                name="nonconformity_is_answered_for",
            ),
            models.CheckConstraint(
                condition=~Q(recurrence_of=models.F("id")), name="nonconformity_not_its_own_recurrence"
            ),
        ]
        indexes = [
            models.Index(fields=["project", "is_open", "number"], name="nonconformity_list"),
            models.Index(fields=["created_by", "project"], name="nonconformity_reported"),
        ]

    def __str__(self) -> str:
        """Its number alone where it is confidential: this is what the journal, notices and other pages say of it."""
        return self.label if self.is_confidential else f"{self.label} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("improvement:nonconformity-detail", kwargs={**self.project.address, "number": self.label})

    @property
    def round(self) -> Round:
        """The newest round; kept once read."""
        if not hasattr(self, "_round"):
            self._round = self.rounds.select_related("verifier", "verified_by").order_by("-number").first()
        return self._round


class NonconformityClause(models.Model):
    """A clause that was not met."""

    nonconformity = models.ForeignKey(Nonconformity, on_delete=models.CASCADE, related_name="clause_links")
    clause = models.ForeignKey("pdca.Clause", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["clause__standard__code", "clause__position"]
        constraints = [models.UniqueConstraint(fields=["nonconformity", "clause"], name="nonconformity_clause_once")]

    def __str__(self) -> str:
        return f"{self.clause}"


class Consequence(models.Model):
    """A record that changes because of a nonconformity, as its closing said; found from the record. (projects.pointing)"""

    nonconformity = models.ForeignKey(Nonconformity, on_delete=models.CASCADE, related_name="consequence_links")
    # "risks", "documents", "plan", and the key of the record.
    key = models.CharField(max_length=20)
    record_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["nonconformity", "key", "record_id"], name="nonconformity_consequence_once")
        ]
        indexes = [models.Index(fields=["key", "record_id"], name="nonconformity_consequence")]

    def __str__(self) -> str:
        return f"{self.nonconformity_id} {self.key} {self.record_id}"


class Verdict(models.TextChoices):
    NONE = "", _("Not judged yet")
    EFFECTIVE = "effective", _("Effective")
    NOT_EFFECTIVE = "not_effective", _("Not effective")


class Round(TenantRow):
    """One try: correction, extent, causes, actions, criterion and verdict. What was not effective stays as it was."""

    nonconformity = models.ForeignKey(Nonconformity, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    begun_at = models.DateTimeField(null=True, editable=False)
    correction = models.TextField(_("correction"), blank=True, max_length=LONGEST)
    correction_due_on = models.DateField(_("contained until"), null=True, blank=True)
    contained_at = models.DateTimeField(null=True, editable=False)
    analysis_due_on = models.DateField(_("cause and action known until"), null=True, blank=True)
    extent = models.TextField(_("does it exist elsewhere?"), blank=True, max_length=LONGEST)
    criterion = models.TextField(_("criterion of effectiveness"), blank=True, max_length=LONGEST)
    check_on = models.DateField(_("checked on"), null=True, blank=True)
    verifier = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("verified by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    implemented_at = models.DateTimeField(null=True, editable=False)
    verdict = models.CharField(max_length=14, choices=Verdict.choices, default=Verdict.NONE, blank=True, editable=False)
    verdict_note = models.TextField(blank=True, max_length=LONGEST, editable=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    verified_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = history()

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["project"], condition=Q(verdict=""), name="nonconformity_round_in_work"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["nonconformity", "number"], name="nonconformity_round_number"),
            models.UniqueConstraint(
                fields=["nonconformity"], condition=Q(verdict=""), name="nonconformity_one_round_in_work"
            ),
            models.CheckConstraint(
                condition=Q(verdict="", verified_by__isnull=True, verified_at__isnull=True)
                | (~Q(verdict="") & Q(verified_by__isnull=False, verified_at__isnull=False)),
                name="nonconformity_verdict_is_somebodys",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nonconformity_id} {self.number}"


class Category(models.TextChoices):
    """The bones of the Ishikawa diagram."""

    PEOPLE = "people", _("People")
    METHOD = "method", _("Method")
    MACHINE = "machine", _("Machine and software")
    MATERIAL = "material", _("Material and information")
    ENVIRONMENT = "environment", _("Environment")
    MANAGEMENT = "management", _("Management")


class Cause(TenantRow):
    """One answer to "why?"; the one below it answers why that was so."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="causes")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    category = models.CharField(_("category"), max_length=12, choices=Category.choices, blank=True)
    text = models.CharField(_("because"), max_length=500)
    is_root = models.BooleanField(_("root cause"), default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~Q(parent=models.F("id")), name="cause_not_its_own")]

    def __str__(self) -> str:
        return self.text


class Action(TenantRow):
    """A corrective action: a task of the plan."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="actions")
    task = models.OneToOneField("projects.Task", on_delete=models.PROTECT, related_name="corrects")

    def __str__(self) -> str:
        return f"{self.round_id} {self.task_id}"
