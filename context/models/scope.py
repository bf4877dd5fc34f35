"""The scope of a management system: the statement people approve, and the items it is made from."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models.register import TenantRow, history

LONGEST = 10_000
LONGEST_WORDS = 2_000
MOST_ITEMS = 200


class ScopeKind(models.TextChoices):
    """What an item is; BOUNDARIES says to which boundary of the method (step 1.5) it belongs."""

    UNIT = "unit", gettext_lazy("Unit or function")
    PRODUCT = "product", gettext_lazy("Product or service")
    PROCESS = "process", gettext_lazy("Process")
    SYSTEM = "system", gettext_lazy("System or technology")
    SITE = "site", gettext_lazy("Site or place of work")
    INTERFACE = "interface", gettext_lazy("Interface or dependency")
    REQUIREMENT = "requirement", gettext_lazy("Requirement that does not apply")


PLURALS = {
    ScopeKind.UNIT: gettext_lazy("Units and functions"),
    ScopeKind.PRODUCT: gettext_lazy("Products and services"),
    ScopeKind.PROCESS: gettext_lazy("Processes"),
    ScopeKind.SYSTEM: gettext_lazy("Systems and technology"),
    ScopeKind.SITE: gettext_lazy("Sites and places of work"),
    ScopeKind.INTERFACE: gettext_lazy("Interfaces and dependencies"),
    ScopeKind.REQUIREMENT: gettext_lazy("Requirements that do not apply"),
}

BOUNDARIES: tuple[tuple[str, object, tuple[ScopeKind, ...]], ...] = (
    (
        "organizational",
        gettext_lazy("Organizational boundary"),
        (ScopeKind.UNIT, ScopeKind.PRODUCT, ScopeKind.PROCESS),
    ),
    ("technological", gettext_lazy("Technological boundary"), (ScopeKind.SYSTEM,)),
    ("physical", gettext_lazy("Physical boundary"), (ScopeKind.SITE,)),
)
"""The boundaries of step 1.5, each with the kinds of item that draw it."""

TWO_SIDED = (ScopeKind.UNIT, ScopeKind.PRODUCT, ScopeKind.PROCESS, ScopeKind.SYSTEM, ScopeKind.SITE)
"""The kinds that can be in or out: an interface lies on the boundary, a requirement is listed where it does not apply."""


class ScopeStatement(TenantRow):
    """The scope of one project in words. `generated` is what its items gave when the words were last written or confirmed:
    where the words are still the same they follow the items by themselves, otherwise a person chooses.
    """

    project = models.OneToOneField("projects.Project", on_delete=models.PROTECT, related_name="scope", editable=False)
    statement = models.TextField(gettext_lazy("statement"), blank=True, max_length=LONGEST)
    generated = models.TextField(blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)

    history = history(("generated",))

    class Meta:
        verbose_name = gettext_lazy("scope statement")

    def __str__(self) -> str:
        return _("Scope statement")

    def get_absolute_url(self) -> str:
        return reverse("context:scope", kwargs=self.project.address)

    @property
    def is_edited(self) -> bool:
        """Somebody wrote other words than the items give."""
        return self.statement != self.generated


class ScopeItem(TenantRow):
    """One thing that is inside the boundary, outside of it with a justification, or on it."""

    scope = models.ForeignKey(ScopeStatement, on_delete=models.PROTECT, related_name="items", editable=False)
    kind = models.CharField(gettext_lazy("kind"), max_length=12, choices=ScopeKind.choices)
    name = models.CharField(gettext_lazy("name"), max_length=200)
    description = models.TextField(gettext_lazy("description"), blank=True, max_length=LONGEST_WORDS)
    party = models.CharField(gettext_lazy("other side"), max_length=200, blank=True)
    is_included = models.BooleanField(gettext_lazy("in the scope"), default=True)
    justification = models.TextField(gettext_lazy("justification"), blank=True, max_length=LONGEST_WORDS)
    # Slugs of the project's standards that the item concerns; none: all of them.
    standards = models.JSONField(gettext_lazy("standards"), default=list, blank=True)
    position = models.PositiveIntegerField(default=0, editable=False)
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
        verbose_name = gettext_lazy("item of the scope")
        verbose_name_plural = gettext_lazy("items of the scope")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "kind", "name"], name="scope_item_once"),
            models.CheckConstraint(condition=~Q(name=""), name="scope_item_has_a_name"),
            models.CheckConstraint(condition=Q(kind__in=ScopeKind.values), name="scope_item_kind_known"),
            models.CheckConstraint(
                condition=Q(is_included=True) | ~Q(justification=""), name="scope_exclusion_is_justified"
            ),
            models.CheckConstraint(
                condition=~Q(kind="interface") | Q(is_included=True), name="scope_interface_lies_on_the_boundary"
            ),
            models.CheckConstraint(
                condition=~Q(kind="requirement") | Q(is_included=False), name="scope_requirement_does_not_apply"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_requirement(self) -> bool:
        return self.kind == ScopeKind.REQUIREMENT

    @property
    def is_interface(self) -> bool:
        return self.kind == ScopeKind.INTERFACE


def fingerprint(text: str) -> str:
    """What a page hands back to say which text a person saw."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
