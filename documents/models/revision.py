"""A revision: the content of a document at one time. Once approved it is never changed; a change is a new revision."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents.flows import ON_ITS_WAY, RevisionStatus
from projects.models.register import TenantRow, history

from .document import Document

LONGEST_TEXT = 400_000
BADGES = {
    RevisionStatus.DRAFT: ("open", "pencil"),
    RevisionStatus.IN_REVIEW: ("prog", "signature"),
    RevisionStatus.APPROVED: ("prog", "calendar-event"),
    RevisionStatus.EFFECTIVE: ("done", "circle-check"),
    RevisionStatus.SUPERSEDED: ("open", "versions"),
    RevisionStatus.WITHDRAWN: ("open", "archive"),
}


class Source(models.TextChoices):
    AUTHORED = "authored", _("Written here")
    FILE = "file", _("Uploaded file")
    LINK = "link", _("Kept elsewhere")


class Revision(TenantRow):
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(_("revision"))
    status = models.CharField(
        _("status"), max_length=10, choices=RevisionStatus.choices, default=RevisionStatus.DRAFT, editable=False
    )
    source = models.CharField(_("content"), max_length=10, choices=Source.choices, default=Source.AUTHORED)
    body = models.TextField(_("text"), blank=True, max_length=LONGEST_TEXT)
    link = models.URLField(_("where it is kept"), max_length=1000, blank=True)
    # Content address of the uploaded file (core.files); the original bytes are never changed.
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    file_name = models.CharField(max_length=200, blank=True, editable=False)
    file_type = models.CharField(max_length=100, blank=True, editable=False)
    size_bytes = models.PositiveBigIntegerField(null=True, editable=False)
    change_summary = models.CharField(_("what changes"), max_length=500, blank=True)
    is_material = models.BooleanField(
        _("material change"), default=True, help_text=_("Readers have to confirm it again. An editorial change asks nobody.")
    )  # fmt: skip
    planned_on = models.DateField(
        _("takes effect on"), null=True, blank=True, help_text=_("Empty: as soon as it is approved.")
    )
    effective_on = models.DateField(null=True, editable=False)
    returned_because = models.TextField(blank=True, editable=False)
    approved_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
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
        ordering = ["document", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="revision_number"),
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(status__in=[str(s) for s in ON_ITS_WAY]),
                name="revision_one_on_its_way",
            ),
            models.UniqueConstraint(
                fields=["document"], condition=Q(status="effective"), name="revision_one_effective"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["effective", "superseded"]) | Q(effective_on__isnull=False),
                name="revision_effective_since",
            ),
            models.CheckConstraint(
                condition=Q(source="authored", sha256="", link="")
                | Q(source="file", link="")
                | Q(source="link", sha256=""),
                name="revision_one_content",
            ),
        ]
        indexes = [
            models.Index(fields=["planned_on"], condition=Q(status="approved"), name="revision_takes_effect"),
            models.Index(fields=["organization", "sha256"], condition=~Q(sha256=""), name="revision_file"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.document.code} r{self.number}"

    def get_absolute_url(self) -> str:
        document = self.document
        return reverse(
            "documents:revision-detail",
            kwargs={**document.project.address, "number": document.label, "revision": self.number},
        )

    @property
    def badge(self) -> str:
        """The kind of state, as badges know it."""
        return BADGES[RevisionStatus(self.status)][0]

    @property
    def badge_icon(self) -> str:
        return BADGES[RevisionStatus(self.status)][1]

    @property
    def is_draft(self) -> bool:
        return self.status == RevisionStatus.DRAFT

    @property
    def is_effective(self) -> bool:
        return self.status == RevisionStatus.EFFECTIVE

    @property
    def has_content(self) -> bool:
        return bool({"authored": self.body.strip(), "file": self.sha256, "link": self.link}[self.source])


class Picture(TenantRow):
    """A picture in the text of a document, written there as ![what it shows](picture:12)."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="pictures")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    file_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["organization", "sha256"], name="picture_file")]

    def __str__(self) -> str:
        return self.name

    @property
    def as_text(self) -> str:
        """How a text shows it."""
        words = self.name.rpartition(".")[0].replace("[", "(").replace("]", ")").replace("\\", "")
        return f"![{words}](picture:{self.pk})"
