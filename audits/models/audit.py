"""One audit: what for, against what, of what, by whom, with whom. (9.2; ISO 19011:2018, 6.3)"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from audits.flows import AuditStatus
from projects.models.register import Register, TenantRow, history

LONGEST = 4_000
DONE_OR_OFF = ["closed", "cancelled"]


class AuditKind(models.TextChoices):
    INTERNAL = "internal", _("Internal audit")
    SUPPLIER = "supplier", _("Supplier audit")
    STAGE_1 = "stage_1", _("Certification, stage 1")
    STAGE_2 = "stage_2", _("Certification, stage 2")
    SURVEILLANCE = "surveillance", _("Surveillance")


CERTIFICATION = frozenset({AuditKind.STAGE_1, AuditKind.STAGE_2, AuditKind.SURVEILLANCE})
"""Audits by a certification body: its people need no account here."""


class Method(models.TextChoices):
    ON_SITE = "on_site", _("On site")
    REMOTE = "remote", _("Remote")
    MIXED = "mixed", _("On site and remote")


class Audit(Register):
    """`standards` without clauses of their own among `clauses` are audited whole."""

    PREFIX = "AU"

    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=12, choices=AuditKind.choices, default=AuditKind.INTERNAL)
    method = models.CharField(_("method"), max_length=8, choices=Method.choices, default=Method.ON_SITE)
    objectives = models.TextField(_("objectives"), blank=True, max_length=LONGEST)
    scope = models.TextField(_("scope"), blank=True, max_length=LONGEST)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("to"), null=True, blank=True)
    report_due_on = models.DateField(_("report until"), null=True, blank=True)
    standards = models.ManyToManyField("pdca.Standard", through="AuditStandard", related_name="+")
    clauses = models.ManyToManyField("pdca.Clause", through="AuditClause", related_name="+")
    documents = models.ManyToManyField("documents.Document", through="AuditDocument", related_name="+")
    items = models.ManyToManyField("context.ScopeItem", through="AuditItem", related_name="+")
    status = models.CharField(
        _("status"), max_length=12, choices=AuditStatus.choices, default=AuditStatus.DRAFT, editable=False
    )
    is_open = models.BooleanField(default=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    reported_at = models.DateTimeField(null=True, editable=False)
    issued_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    cancelled_because = models.CharField(max_length=500, blank=True, editable=False)
    evidence_count = models.PositiveIntegerField(default=0, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    history = history(("evidence_count",))

    class Meta:
        verbose_name = _("audit")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="audit_number"),
            models.CheckConstraint(condition=~Q(title=""), name="audit_has_a_title"),
            models.CheckConstraint(condition=Q(kind__in=AuditKind.values), name="audit_kind_known"),
            models.CheckConstraint(condition=Q(method__in=Method.values), name="audit_method_known"),
            models.CheckConstraint(condition=Q(status__in=AuditStatus.values), name="audit_status_known"),
            models.CheckConstraint(
                condition=Q(is_open=False, status__in=DONE_OR_OFF) | (Q(is_open=True) & ~Q(status__in=DONE_OR_OFF)),
                name="audit_open_agrees",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="audit_dates",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "cancelled"]) | Q(starts_on__isnull=False, ends_on__isnull=False),
                name="audit_planned_has_dates",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "is_open", "number"], name="audit_list"),
            models.Index(fields=["project", "starts_on"], name="audit_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("audits:audit-detail", kwargs={**self.project.address, "number": self.label})

    @cached_property
    def lead(self) -> AuditMember | None:
        """The lead auditor; read once."""
        return self.members.filter(role=TeamRole.LEAD).select_related("person").first()

    @property
    def is_external(self) -> bool:
        return self.kind in CERTIFICATION


class Conclusion(models.TextChoices):
    """What the report says about one standard."""

    NONE = "", _("Not concluded yet")
    CONFORMS = "conforms", _("Conforms and is effective")
    WITH_EXCEPTIONS = "exceptions", _("Conforms, with the exceptions found")
    DOES_NOT = "does_not", _("Does not conform")


class AuditStandard(models.Model):
    """A standard among the criteria, and what the report concludes about it."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="standard_links")
    standard = models.ForeignKey("pdca.Standard", on_delete=models.PROTECT, related_name="+")
    conclusion = models.CharField(max_length=10, choices=Conclusion.choices, default=Conclusion.NONE, blank=True)
    conclusion_text = models.TextField(blank=True, max_length=LONGEST)

    class Meta:
        ordering = ["standard__code"]
        constraints = [
            models.UniqueConstraint(fields=["audit", "standard"], name="audit_standard_once"),
            models.CheckConstraint(condition=Q(conclusion__in=Conclusion.values), name="audit_conclusion_known"),
        ]

    def __str__(self) -> str:
        return f"{self.audit_id} {self.standard_id}"


class AuditClause(models.Model):
    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="clause_links")
    clause = models.ForeignKey("pdca.Clause", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["clause__standard__code", "clause__position"]
        constraints = [models.UniqueConstraint(fields=["audit", "clause"], name="audit_clause_once")]

    def __str__(self) -> str:
        return f"{self.audit_id} {self.clause_id}"


class AuditDocument(models.Model):
    """A document of the organization that is a criterion: what it says is held against what is done."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="document_links")
    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["document__code"]
        constraints = [models.UniqueConstraint(fields=["audit", "document"], name="audit_document_once")]

    def __str__(self) -> str:
        return f"{self.audit_id} {self.document_id}"


class AuditItem(models.Model):
    """A process or site of the scope that is audited; `name` stays when the item goes."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="item_links")
    item = models.ForeignKey("context.ScopeItem", null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["audit", "item"], name="audit_item_once")]

    def __str__(self) -> str:
        return self.name


class AuditProgrammeLine(models.Model):
    """A line of a programme that this audit does."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="programme_links")
    line = models.ForeignKey("audits.ProgrammeLine", on_delete=models.PROTECT, related_name="audit_links")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["audit", "line"], name="audit_programme_line_once")]

    def __str__(self) -> str:
        return f"{self.audit_id} {self.line_id}"


class TeamRole(models.TextChoices):
    LEAD = "lead", _("Lead auditor")
    AUDITOR = "auditor", _("Auditor")
    TECHNICAL_EXPERT = "expert", _("Technical expert")
    OBSERVER = "observer", _("Observer")


JUDGES = (TeamRole.LEAD, TeamRole.AUDITOR, TeamRole.TECHNICAL_EXPERT)
"""Who says what conforms, or advises those who do: an observer only watches, so nobody asks about their independence."""

WRITERS = (TeamRole.LEAD, TeamRole.AUDITOR)
"""Who writes results and findings."""


class AuditMember(TenantRow):
    """Somebody of the audit team: a person with an account, or a name."""

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="members", editable=False)
    role = models.CharField(_("role"), max_length=8, choices=TeamRole.choices, default=TeamRole.AUDITOR)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=120)
    company = models.CharField(_("from"), max_length=120, blank=True)

    history = history()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="audit_member_has_a_name"),
            models.CheckConstraint(condition=Q(role__in=TeamRole.values), name="audit_member_role_known"),
            models.UniqueConstraint(fields=["audit"], condition=Q(role="lead"), name="audit_one_lead"),
            models.UniqueConstraint(
                fields=["audit", "person"], condition=Q(person__isnull=False), name="audit_member_once"
            ),
        ]
        indexes = [models.Index(fields=["person", "audit"], name="audit_member_mine")]

    def __str__(self) -> str:
        return self.name


class Auditee(TenantRow):
    """Somebody who answers for what is audited: a person with an account, or a name."""

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="auditees", editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=120)
    function = models.CharField(_("function"), max_length=120, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="auditee_has_a_name"),
            models.UniqueConstraint(fields=["audit", "person"], condition=Q(person__isnull=False), name="auditee_once"),
        ]

    def __str__(self) -> str:
        return self.name


class AuditAccess(TenantRow):
    """An auditor of a certification body may read what this audit is about, until a day."""

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="accesses", editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField(_("e-mail"))
    ends_on = models.DateField(_("until"))
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["audit", "email"], condition=Q(ended_at__isnull=True), name="audit_access_once"
            )
        ]
        indexes = [models.Index(fields=["person", "ends_on"], name="audit_access_mine")]

    def __str__(self) -> str:
        return self.email
