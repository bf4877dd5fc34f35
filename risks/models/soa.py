"""The Statement of Applicability: a project's copy of a set of controls, one row each. (IMS2 1.8; ISO/IEC 27001:2022, 6.1.3 d)"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from projects.models.register import TenantRow, history

LONGEST_TEXT = 4_000


class SetKind(models.TextChoices):
    CATALOGUE = "catalogue", _("Control set of a standard")
    OWN = "own", _("Own control set")
    ACTIONS = "actions", _("Selected and unselected actions")


class Reason(models.TextChoices):
    """Why a control is included."""

    RISK_TREATMENT = "risk_treatment", _("Risk treatment")
    LEGAL = "legal", _("Legal requirement")
    CONTRACTUAL = "contractual", _("Contractual obligation")
    INTERESTED_PARTY = "interested_party", _("Interested party")
    BUSINESS = "business", _("Business or best practice")
    BASELINE = "baseline", pgettext_lazy("control", "Baseline")


class Implementation(models.TextChoices):
    NOT_STARTED = "not_started", _("Not started")
    PLANNED = "planned", _("Planned")
    IN_PROGRESS = "in_progress", _("In progress")
    IMPLEMENTED = "implemented", _("Implemented")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")


class Soa(TenantRow):
    """The statement of a project about one set of controls; `slug` stands in its address."""

    slug = models.SlugField(max_length=60, db_index=False)
    kind = models.CharField(_("kind"), max_length=10, choices=SetKind.choices, editable=False)
    name = models.CharField(_("name"), max_length=200)
    standard = models.ForeignKey(
        "pdca.Standard", null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)

    history = history()

    class Meta:
        verbose_name = _("Statement of Applicability")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "slug"], name="soa_slug"),
            models.UniqueConstraint(
                fields=["project", "standard"], condition=Q(standard__isnull=False), name="soa_standard_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="catalogue", standard__isnull=False)
                | (~Q(kind="catalogue") & Q(standard__isnull=True)),
                name="soa_kind_agrees",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("risks:soa-detail", kwargs={**self.project.address, "slug": self.slug})


class SoaEntry(TenantRow):
    """One control and what was decided about it. `is_applicable` is None as long as nobody answered.

    Number, title, theme and attributes are copied from the set, so that a later edition of the catalogue changes no
    statement. `reasons` are those a person chose; what follows from links is derived (selectors.soa).
    """

    soa = models.ForeignKey(Soa, on_delete=models.PROTECT, related_name="entries", editable=False)
    control = models.ForeignKey(
        "pdca.Control", null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    position = models.PositiveSmallIntegerField(editable=False)
    ref = models.CharField(_("number"), max_length=20)
    title = models.CharField(_("title"), max_length=200)
    theme = models.CharField(_("theme"), max_length=200, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    intent = models.TextField(_("intent"), blank=True)
    is_applicable = models.BooleanField(_("applicable"), null=True, blank=True)
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    justification = models.TextField(_("justification"), blank=True, max_length=LONGEST_TEXT)
    status = models.CharField(
        _("implementation"), max_length=16, choices=Implementation.choices, default=Implementation.NOT_STARTED
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # fmt: skip
    target_on = models.DateField(_("target date"), null=True, blank=True)
    implemented_at = models.DateTimeField(null=True, editable=False)
    tasks = models.ManyToManyField("projects.Task", through="SoaTask", related_name="+")
    documents = models.ManyToManyField("documents.Document", through="SoaDocument", related_name="+")
    evidence_count = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)

    history = history(("evidence_count",))

    class Meta:
        verbose_name = _("row of the Statement of Applicability")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["soa", "ref"], name="soa_entry_once"),
            models.CheckConstraint(condition=~Q(ref="") & ~Q(title=""), name="soa_entry_is_named"),
            models.CheckConstraint(
                condition=Q(is_applicable=False, status="not_applicable")
                | ((Q(is_applicable=True) | Q(is_applicable__isnull=True)) & ~Q(status="not_applicable")),
                name="soa_entry_status_agrees",
            ),
        ]
        indexes = [models.Index(fields=["soa", "position"], name="soa_entry_list")]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("risks:soa-entry", kwargs={**self.project.address, "slug": self.soa.slug, "ref": self.ref})


class SoaTask(models.Model):
    """A task that implements a control."""

    entry = models.ForeignKey(SoaEntry, on_delete=models.CASCADE, related_name="task_links")
    task = models.ForeignKey("projects.Task", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "task"], name="soa_task_once")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.task_id}"


class SoaDocument(models.Model):
    """A document that says how a control works."""

    entry = models.ForeignKey(SoaEntry, on_delete=models.CASCADE, related_name="document_links")
    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "document"], name="soa_document_once")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.document_id}"
