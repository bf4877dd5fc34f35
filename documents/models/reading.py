"""Who gets a document, who is asked to confirm that it was read and understood, and who did."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from projects.models.register import TenantRow
from projects.permissions import Role

from .document import Document
from .revision import Revision


class Audience(models.TextChoices):
    EVERYBODY = "everybody", _("Everybody in the project")
    ROLE = "role", _("Holders of a role")
    PERSON = "person", _("A person")


class Distribution(TenantRow):
    """A document given to somebody; `asks`: they are to confirm it, within so many days of its taking effect."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="distribution")
    audience = models.CharField(_("goes to"), max_length=10, choices=Audience.choices)
    role = models.CharField(_("role"), max_length=30, choices=Role.choices, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    asks = models.BooleanField(_("asks to confirm that it was read and understood"), default=True)
    within_days = models.PositiveSmallIntegerField(_("within … days"), default=14)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(audience="everybody", role="", person__isnull=True)
                | (Q(audience="role", person__isnull=True) & ~Q(role=""))
                | Q(audience="person", role="", person__isnull=False),
                name="distribution_to_one_audience",
            ),
            models.UniqueConstraint(
                fields=["document", "audience", "role"], condition=Q(person__isnull=True), name="distribution_role_once"
            ),
            models.UniqueConstraint(
                fields=["document", "person"], condition=Q(person__isnull=False), name="distribution_person_once"
            ),
            models.CheckConstraint(condition=Q(within_days__range=(1, 365)), name="distribution_within_days"),
        ]

    def __str__(self) -> str:
        if self.audience == Audience.ROLE:
            return str(Role(self.role).label)
        return str(self.person) if self.audience == Audience.PERSON else _now("Everybody in the project")


class Acknowledgement(TenantRow):
    """One person confirmed one revision. Written once: the database refuses to change or delete it."""

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="acknowledgements")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=120)
    acknowledged_at = models.DateTimeField()

    class Meta:
        ordering = ["-acknowledged_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["revision", "person"], name="acknowledgement_once")]

    def __str__(self) -> str:
        return f"{self.name}: {self.revision}"


class Reading(TenantRow):
    """Where a person who is asked stands with a document: to read by a day, or confirmed.

    Kept by services.reading from distribution, team and revisions, so that lists, reminders and progress read one index.
    `revision` is the one to read; `confirmed` the acknowledgement that counts, which may be of an older revision when
    only editorial changes came since.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="readings")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="readings")
    due_on = models.DateField()
    confirmed = models.ForeignKey(Acknowledgement, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["document", "person"], name="reading_once")]
        indexes = [
            models.Index(fields=["person", "due_on"], condition=Q(confirmed__isnull=True), name="reading_to_do"),
            models.Index(fields=["project", "person"], name="reading_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.document}"
