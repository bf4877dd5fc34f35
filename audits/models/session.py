"""The agenda: when, where, about what, who asks whom. And who may ask although it is their own work. (ISO 19011:2018, 6.3.2)"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from projects.models.register import TenantRow, history


class SessionKind(models.TextChoices):
    OPENING = "opening", _("Opening meeting")
    AUDIT = "audit", _("Audit")
    INTERNAL = "internal", _("Meeting of the team")
    BREAK = "break", _("Break")
    CLOSING = "closing", _("Closing meeting")


class Session(TenantRow):
    """One row of the agenda. Without clauses it is about all of the audit's, without an item about all of its items."""

    audit = models.ForeignKey("audits.Audit", on_delete=models.PROTECT, related_name="sessions", editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=SessionKind.choices, default=SessionKind.AUDIT)
    title = models.CharField(_("title"), max_length=200)
    day = models.DateField(_("day"))
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("to"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    item = models.ForeignKey(
        "context.ScopeItem", verbose_name=_("process or site"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="+",
    )  # fmt: skip
    subject = models.CharField(_("about"), max_length=200, blank=True)
    clauses = models.ManyToManyField("pdca.Clause", through="SessionClause", related_name="+")
    auditors = models.ManyToManyField("audits.AuditMember", through="SessionAuditor", related_name="sessions")
    auditees = models.ManyToManyField("audits.Auditee", through="SessionAuditee", related_name="sessions")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = history()

    class Meta:
        verbose_name = _("session")
        ordering = ["day", "starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="audit_session_has_a_title"),
            models.CheckConstraint(condition=Q(kind__in=SessionKind.values), name="audit_session_kind_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="audit_session_times"),
        ]
        indexes = [models.Index(fields=["audit", "day", "starts_at"], name="audit_session_agenda")]

    def __str__(self) -> str:
        return self.title


class SessionClause(models.Model):
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="clause_links")
    clause = models.ForeignKey("pdca.Clause", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["clause__standard__code", "clause__position"]
        constraints = [models.UniqueConstraint(fields=["session", "clause"], name="audit_session_clause_once")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.clause_id}"


class SessionAuditor(models.Model):
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="auditor_links")
    member = models.ForeignKey("audits.AuditMember", on_delete=models.CASCADE, related_name="session_links")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["session", "member"], name="audit_session_auditor_once")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.member_id}"


class SessionAuditee(models.Model):
    """Who is asked; `has_attended` is ticked on the day and printed by the report."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="auditee_links")
    auditee = models.ForeignKey("audits.Auditee", on_delete=models.CASCADE, related_name="session_links")
    has_attended = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["session", "auditee"], name="audit_session_auditee_once")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.auditee_id}"


class IndependenceOverride(TenantRow):
    """Somebody judges their own work all the same, with the reason that the report prints.

    `reasons` are the conflicts as they were named that day, each by its key: a new one is not covered by an old
    justification.
    """

    audit = models.ForeignKey("audits.Audit", on_delete=models.PROTECT, related_name="overrides", editable=False)
    member = models.ForeignKey("audits.AuditMember", on_delete=models.PROTECT, related_name="overrides", editable=False)
    who = models.CharField(max_length=120)
    # {"document:12:author": "wrote D-004 Access control procedure", …}
    reasons = models.JSONField(default=dict)
    justification = models.TextField(_("justification"), max_length=2_000)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_by_name = models.CharField(max_length=120)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(justification=""), name="independence_override_is_justified")
        ]

    def __str__(self) -> str:
        return self.who
