"""A line of the master list: what a document is, whose it is, what it serves, how long it is kept."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models.user import Language
from projects.models.register import Register, TenantRow, history


class Kind(models.TextChoices):
    POLICY = "policy", _("Policy")
    PROCEDURE = "procedure", _("Procedure")
    PROCESS = "process", _("Process description")
    INSTRUCTION = "instruction", _("Work instruction")
    FORM = "form", _("Form")
    PLAN = "plan", _("Plan")
    MANUAL = "manual", _("Manual")
    RECORD = "record", _("Record")
    EXTERNAL = "external", _("External document")


UNAPPROVED = frozenset({Kind.RECORD, Kind.EXTERNAL})
"""Kinds that nobody here approves: a record says what happened, an external document is somebody else's."""


class Classification(models.TextChoices):
    PUBLIC = "public", _("Public")
    INTERNAL = "internal", _("Internal")
    CONFIDENTIAL = "confidential", _("Confidential")
    SECRET = "secret", _("Strictly confidential")


class Disposal(models.TextChoices):
    DESTROY = "destroy", _("Destroy")
    ARCHIVE = "archive", _("Hand over to an archive")
    REVIEW = "review", _("Decide when the time has come")


class Document(Register):
    """`number` never changes and stands in addresses (D-012); `code` is what the project calls it (POL-001)."""

    PREFIX = "D"

    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("type"), max_length=12, choices=Kind.choices)
    code = models.CharField(_("code"), max_length=40, help_text=_("Empty: the next one of the project's numbering."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # fmt: skip
    classification = models.CharField(
        _("classification"), max_length=12, choices=Classification.choices, default=Classification.INTERNAL
    )
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, default=Language.ENGLISH)
    parent = models.ForeignKey(
        "self", verbose_name=_("belongs under"), null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )  # fmt: skip
    # Lower case, each between bars ("|crisis|it|"), so that one of them is found by a simple search.
    tags = models.CharField(_("tags"), max_length=300, blank=True)
    clauses = models.ManyToManyField("pdca.Clause", through="DocumentClause", related_name="+")
    review_months = models.PositiveSmallIntegerField(_("review every … months"), null=True, blank=True)
    next_review_on = models.DateField(_("next review"), null=True, blank=True)
    retention_years = models.PositiveSmallIntegerField(_("keep for … years"), null=True, blank=True)
    disposal = models.CharField(
        _("afterwards"), max_length=10, choices=Disposal.choices, default=Disposal.REVIEW,
        help_text=_("What happens with it when that time is over."),
    )  # fmt: skip
    # The day its time is over, kept by services.retention; and what became of it then.
    dispose_on = models.DateField(null=True, editable=False)
    disposed_at = models.DateTimeField(null=True, editable=False)
    disposed_as = models.CharField(max_length=10, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_because = models.CharField(max_length=500, blank=True, editable=False)

    history = history()

    class Meta:
        ordering = ["code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="document_number"),
            models.UniqueConstraint(fields=["project", "code"], name="document_code"),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="document_not_its_own_parent"),
            models.CheckConstraint(
                condition=Q(review_months__isnull=True) | Q(review_months__range=(1, 120)),
                name="document_review_months",
            ),
            models.CheckConstraint(
                condition=Q(retention_years__isnull=True) | Q(retention_years__range=(1, 100)),
                name="document_retention_years",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "kind", "code"], name="document_list"),
            models.Index(
                fields=["next_review_on"], condition=Q(next_review_on__isnull=False, withdrawn_at__isnull=True),
                name="document_review_due",
            ),
            models.Index(
                fields=["project", "dispose_on"], condition=Q(dispose_on__isnull=False, disposed_at__isnull=True),
                name="document_disposal_due",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("documents:document-detail", kwargs={**self.project.address, "number": self.label})

    @property
    def needs_approval(self) -> bool:
        return self.kind not in UNAPPROVED

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def tag_list(self) -> list[str]:
        return [tag for tag in self.tags.split("|") if tag]


class DocumentClause(models.Model):
    """A clause of a standard that a document serves."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="served")
    clause = models.ForeignKey("pdca.Clause", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["clause__standard__code", "clause__position"]
        constraints = [models.UniqueConstraint(fields=["document", "clause"], name="document_clause_once")]

    def __str__(self) -> str:
        return f"{self.clause}"


class Answer(models.Model):
    """Documented information a standard asks for, and the document that is it: a merge group, or one that stands alone."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="answers")
    group = models.ForeignKey("pdca.MergeGroup", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(
        "pdca.MandatoryDocument", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "group"], condition=Q(group__isnull=False), name="answer_group_once"),
            models.UniqueConstraint(fields=["document", "item"], condition=Q(item__isnull=False), name="answer_item_once"),
            models.CheckConstraint(
                condition=Q(group__isnull=False, item__isnull=True) | Q(group__isnull=True, item__isnull=False),
                name="answer_to_one_thing",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.group or self.item}"


class Numbering(TenantRow):
    """How a project's codes look, such as "{kind}-{n:3}"; see documents.numbering."""

    project = models.OneToOneField(
        "projects.Project", on_delete=models.CASCADE, related_name="numbering", editable=False
    )
    pattern = models.CharField(_("pattern"), max_length=60, default="{kind}-{n:3}")
    version = models.PositiveIntegerField(default=1, editable=False)

    def __str__(self) -> str:
        return self.pattern
