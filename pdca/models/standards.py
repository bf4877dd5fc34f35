"""The standards as published structure: numbers, titles and our own words, never a standard's text.

Standards meet in the harmonized structure: a clause says under `hs` which row of the structure it answers, whatever its
own number is, and under `match` whether it asks for the same (`identical`), for more (`extended`) or stands alone
(`specific`).
"""

from __future__ import annotations

import calendar
import datetime as dt

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from core import day_words

DISCIPLINES = {
    "generic": _("All disciplines"),
    "quality": _("Quality"),
    "environment": _("Environment"),
    "ohs": _("Occupational health and safety"),
    "continuity": _("Business continuity"),
    "information_security": _("Information security"),
    "records": _("Records"),
    "compliance": _("Compliance"),
    "service": _("IT service"),
    "energy": _("Energy"),
    "ai": _("Artificial intelligence"),
}


STRUCTURE_SLUG = "harmonized-structure"


class Kind(models.TextChoices):
    REQUIREMENTS = "requirements", _("Requirements")
    CONTROLS = "controls", _("Controls")
    STRUCTURE = "structure", _("Structure")


class Status(models.TextChoices):
    CURRENT = "current", _("Current")
    SUPERSEDED = "superseded", _("Superseded")


class Match(models.TextChoices):
    """How a clause answers its row of the harmonized structure."""

    IDENTICAL = "identical", _("Identical")
    EXTENDED = "extended", _("Extended")
    SPECIFIC = "specific", _("Specific")


class DocumentedInformation(models.TextChoices):
    """What a clause asks to be written: a document to maintain, a record to retain, both or none."""

    NONE = "none", _("none")
    MAINTAIN = "maintain", _("maintain (document)")
    RETAIN = "retain", _("retain (record)")
    BOTH = "both", _("maintain and retain")


class MergeKind(models.TextChoices):
    """What becomes of the documents of one group in an integrated system."""

    ONE_DOCUMENT = "one_document", _("One document for all")
    WITH_SECTIONS = "one_document_with_sections", _("One document, a section per standard")
    SHARED_METHOD = "shared_method", _("One method, separate results")
    SEPARATE = "separate", _("Stays separate")


class Standard(models.Model):
    """A standard, a catalogue of controls, or the harmonized structure itself; known by its slug.

    `transition_end` is the last day or month on which certificates to a superseded edition are good, as sources give it
    ("2029-04", "2029-09-30"). `requirements` leads from a catalogue of controls to the standard it belongs to. `digest` is the
    SHA-256 of the file it was loaded from, "" where it came from none: what was worked out from a file need not be again.
    """

    slug = models.SlugField(max_length=80, unique=True)
    code = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    edition = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind)
    discipline = models.SlugField(max_length=40, db_index=False)
    uses_hs = models.BooleanField()
    is_certifiable = models.BooleanField()
    hs_text = models.CharField(max_length=10, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.CURRENT)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, to_field="slug", null=True, blank=True, related_name="successor"
    )
    transition_end = models.CharField(max_length=10, blank=True)
    requirements = models.ForeignKey(
        "self", models.PROTECT, to_field="slug", null=True, blank=True, related_name="control_catalogues"
    )
    attribute_values = models.JSONField(default=dict, blank=True)
    amendments = models.JSONField(default=list, blank=True)
    sources = models.JSONField(default=list, blank=True)
    notes = models.JSONField(default=list, blank=True)
    digest = models.CharField(max_length=64, default="", blank=True, editable=False)

    class Meta:
        ordering = ["code"]
        constraints = [
            CheckConstraint(condition=Q(kind__in=Kind.values), name="pdca_standard_kind_known"),
            CheckConstraint(condition=Q(status__in=Status.values), name="pdca_standard_status_known"),
            CheckConstraint(
                condition=Q(status=Status.SUPERSEDED) | Q(transition_end=""),
                name="pdca_standard_transition_of_superseded",
            ),
            CheckConstraint(
                condition=Q(kind=Kind.CONTROLS) | Q(requirements=None), name="pdca_standard_controls_have_requirements"
            ),
            UniqueConstraint(fields=["kind"], condition=Q(kind=Kind.STRUCTURE), name="pdca_standard_one_structure"),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("pdca:standard-detail", kwargs={"slug": self.slug})

    @property
    def is_superseded(self) -> bool:
        return self.status == Status.SUPERSEDED

    @property
    def discipline_label(self) -> str:
        return str(DISCIPLINES.get(self.discipline) or self.discipline.replace("_", " ").capitalize())

    @property
    def transition_ends_on(self) -> dt.date | None:
        """The last day of the transition; of a month given without a day, its last day."""
        if not self.transition_end:
            return None
        year, month, *day = (int(part) for part in self.transition_end.split("-"))
        return dt.date(year, month, day[0] if day else calendar.monthrange(year, month)[1])

    @property
    def transition_text(self) -> str:
        """The end of the transition as people say it: "30 September 2029", or "April 2029" where no day is known."""
        last = self.transition_ends_on
        if last is None:
            return ""
        return day_words.long(last) if self.transition_end.count("-") == 2 else formats.date_format(last, "F Y")


class Clause(models.Model):
    """A numbered clause with what it wants in our own words. Leaves are the requirements; parents only group them."""

    standard = models.ForeignKey(Standard, models.CASCADE, related_name="clauses")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    ref = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    is_leaf = models.BooleanField()
    hs = models.CharField(max_length=20, blank=True)
    match = models.CharField(max_length=10, choices=Match)
    intent = models.TextField(blank=True)
    documented_information = models.CharField(
        max_length=10, choices=DocumentedInformation, default=DocumentedInformation.NONE
    )
    document_names = models.JSONField(default=list, blank=True)
    evidence_examples = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True)
    is_verified = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["standard_id", "position"]
        constraints = [
            UniqueConstraint(fields=["standard", "ref"], name="pdca_clause_ref_once"),
            CheckConstraint(
                condition=Q(match=Match.SPECIFIC, hs="") | (Q(match__in=[Match.IDENTICAL, Match.EXTENDED]) & ~Q(hs="")),
                name="pdca_clause_specific_or_in_structure",
            ),
            CheckConstraint(
                condition=Q(documented_information__in=DocumentedInformation.values),
                name="pdca_clause_documented_information_known",
            ),
            CheckConstraint(condition=Q(is_leaf=False) | ~Q(intent=""), name="pdca_clause_leaf_has_intent"),
        ]
        indexes = [models.Index(fields=["hs"], name="pdca_clause_hs")]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def plain_title(self) -> str:
        """The title without the structure's placeholder for the discipline: "XXX objectives and …" says "Objectives …"."""
        title = self.title.replace("XXX ", "")
        return title[:1].upper() + title[1:]

    @property
    def depth(self) -> int:
        """How deep the clause sits by its number: 1 for "8", 3 for "8.5.1"."""
        return self.ref.count(".") + 1


class ControlTheme(models.Model):
    """A chapter of a catalogue of controls."""

    standard = models.ForeignKey(Standard, models.CASCADE, related_name="themes")
    slug = models.SlugField(max_length=80, db_index=False)
    ref = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["standard_id", "position"]
        constraints = [UniqueConstraint(fields=["standard", "slug"], name="pdca_control_theme_once")]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"


class Control(models.Model):
    """A control of a catalogue, with the attributes its publisher gives it: name to list of values."""

    standard = models.ForeignKey(Standard, models.CASCADE, related_name="controls")
    theme = models.ForeignKey(ControlTheme, models.RESTRICT, related_name="controls")
    ref = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    attributes = models.JSONField(default=dict, blank=True)
    intent = models.TextField()
    evidence_examples = models.JSONField(default=list, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["standard_id", "position"]
        constraints = [UniqueConstraint(fields=["standard", "ref"], name="pdca_control_ref_once")]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"


class MergeGroup(models.Model):
    """Documents of several standards that are one and the same document in an integrated system."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    merge = models.CharField(max_length=30, choices=MergeKind)
    hs = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [CheckConstraint(condition=Q(merge__in=MergeKind.values), name="pdca_merge_group_kind_known")]

    def __str__(self) -> str:
        return self.name


class MandatoryDocument(models.Model):
    """Documented information a standard asks for (`is_explicit`), or that auditors expect by custom."""

    standard = models.ForeignKey(Standard, models.CASCADE, related_name="mandatory_documents")
    clause = models.ForeignKey(Clause, models.RESTRICT, related_name="mandatory_documents")
    name = models.CharField(max_length=200)
    keep = models.CharField(max_length=10, choices=DocumentedInformation)
    group = models.ForeignKey(MergeGroup, models.PROTECT, null=True, blank=True, related_name="documents")
    is_explicit = models.BooleanField()
    condition = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["standard_id", "position"]
        constraints = [
            UniqueConstraint(fields=["clause", "name"], name="pdca_mandatory_document_once"),
            CheckConstraint(
                condition=Q(keep__in=["maintain", "retain", "both"]), name="pdca_mandatory_document_is_kept"
            ),
        ]

    def __str__(self) -> str:
        return self.name
