"""The scope of a project and all that its document says, read from live data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from context import scope_text
from context.models import ScopeItem, ScopeKind, ScopeStatement
from context.models.scope import BOUNDARIES, PLURALS, TWO_SIDED, fingerprint
from core import together
from pdca import scope_rules
from projects import kits
from projects.models import JournalEntry, Project

LABELS = {
    "organization": gettext_lazy("Organization"),
    "standards": gettext_lazy("Standards"),
    "statement": gettext_lazy("Statement"),
    "units": PLURALS[ScopeKind.UNIT],
    "products": PLURALS[ScopeKind.PRODUCT],
    "processes": PLURALS[ScopeKind.PROCESS],
    "systems": PLURALS[ScopeKind.SYSTEM],
    "sites": PLURALS[ScopeKind.SITE],
    "interfaces": PLURALS[ScopeKind.INTERFACE],
    "requirements": PLURALS[ScopeKind.REQUIREMENT],
    "name": gettext_lazy("Name"),
    "description": gettext_lazy("Description"),
    "party": gettext_lazy("Other side"),
    "is_included": gettext_lazy("In the scope"),
    "justification": gettext_lazy("Justification"),
}
"""What the parts of a snapshot are called where two editions are compared."""

KEYS = {
    ScopeKind.UNIT: "units", ScopeKind.PRODUCT: "products", ScopeKind.PROCESS: "processes", ScopeKind.SYSTEM: "systems",
    ScopeKind.SITE: "sites", ScopeKind.INTERFACE: "interfaces", ScopeKind.REQUIREMENT: "requirements",
}  # fmt: skip
TARGETS = ("context.scopestatement", "context.scopeitem")


class Row(NamedTuple):
    """An item as a table shows it: with its kind and its standards in words."""

    item: ScopeItem
    kind: Any
    codes: list[str]


class Group(NamedTuple):
    """The items of one kind."""

    kind: ScopeKind
    label: Any
    rows: list[Row]


class Boundary(NamedTuple):
    key: str
    label: Any
    groups: list[Group]


@dataclass
class Paper:
    """Everything the document says, and what it is held against."""

    scope: ScopeStatement
    items: list[ScopeItem]
    standards: dict[str, str]
    """The project's standards, slug to code."""

    @property
    def project(self) -> Project:
        return self.scope.project

    @property
    def language(self) -> str:
        """The document speaks the organization's language, whoever reads it."""
        return self.project.organization.language

    @property
    def codes(self) -> list[str]:
        return list(self.standards.values())

    def row_of(self, item: ScopeItem) -> Row:
        return Row(item, ScopeKind(item.kind).label, scope_text.codes_of(item, self.standards))

    def rows(self, *kinds: ScopeKind, is_included: bool | None = None) -> list[Row]:
        """The items of these kinds, kind by kind, in their order."""
        return [
            self.row_of(item)
            for kind in kinds
            for item in self.items
            if item.kind == kind and is_included in (None, item.is_included)
        ]

    @property
    def boundaries(self) -> list[Boundary]:
        """What is inside, boundary by boundary; a boundary without an item is there and empty."""
        found = []
        for key, label, kinds in BOUNDARIES:
            groups = [Group(kind, PLURALS[kind], self.rows(kind, is_included=True)) for kind in kinds]
            found.append(Boundary(key, label, [group for group in groups if group.rows]))
        return found

    @property
    def included(self) -> list[Row]:
        return self.rows(*TWO_SIDED, is_included=True)

    @property
    def excluded(self) -> list[Row]:
        return self.rows(*TWO_SIDED, is_included=False)

    @property
    def interfaces(self) -> list[Row]:
        return self.rows(ScopeKind.INTERFACE)

    @property
    def requirements(self) -> list[Row]:
        return self.rows(ScopeKind.REQUIREMENT)

    @property
    def groups(self) -> list[Group]:
        """All kinds with all their items, for who edits them."""
        return [Group(kind, PLURALS[kind], self.rows(kind)) for kind in ScopeKind]

    @cached_property
    def generated(self) -> str:
        """The statement that the items give today."""
        return scope_text.generated(
            organization=self.project.organization, standards=self.standards, items=self.items
        )  # fmt: skip

    @property
    def seen(self) -> str:
        return fingerprint(self.generated)

    @property
    def is_outdated(self) -> bool:
        """The statement was written when the items said something else."""
        return bool(self.scope.statement) and self.scope.generated != self.generated

    @property
    def rules(self) -> list[tuple[str, scope_rules.ScopeRule]]:
        """What the project's standards say about leaving something out: code and rule."""
        return [(self.standards[rule.standard], rule) for rule in scope_rules.of(self.standards)]


@together.once
def standards_of(project: Project) -> dict[str, str]:
    """The project's standards, slug to code, in the order of their codes. One query."""
    chosen = project.chosen_standards.order_by("standard__code")
    return dict(chosen.values_list("standard__slug", "standard__code"))


@together.once
def of_project(project: Project) -> ScopeStatement | None:
    """The scope of a project, who wrote and edited it loaded; None before anybody began it. One query."""
    found = ScopeStatement.objects.filter(project=project).select_related("created_by", "edited_by").first()
    if found is not None:
        found.project = project
    return found


def load(project: Project, pk: int) -> ScopeStatement | None:
    found = of_project(project)
    return found if found is not None and found.pk == pk else None


def items_of(project: Project) -> QuerySet[ScopeItem]:
    return ScopeItem.objects.filter(project=project).select_related("edited_by")


def item(project: Project, pk: int) -> ScopeItem | None:
    return items_of(project).filter(pk=pk).first()


def kind_once_here(project: Project, pk: int) -> ScopeKind | None:
    """The kind of an item that was removed from this project; None where there never was one."""
    kind = ScopeItem.history.filter(id=pk, project=project).values_list("kind", flat=True).first()
    return ScopeKind(kind) if kind else None


def paper_of(scope: ScopeStatement) -> Paper:
    """Two queries the first time, none again for the same record in hand."""
    if (known := getattr(scope, "_paper", None)) is None:
        known = scope._paper = Paper(scope, list(items_of(scope.project)), standards_of(scope.project))
    return known


def blank(project: Project) -> Paper:
    """The paper of a project whose scope nobody has begun yet. One query."""
    return Paper(ScopeStatement(project=project, version=0), [], standards_of(project))


def forget(scope: ScopeStatement) -> None:
    """After a change of its items: the paper is read anew."""
    scope.__dict__.pop("_paper", None)


def told(project: Project) -> QuerySet[JournalEntry]:
    """The journal's lines about the scope, the latest first; that the words followed an item is left out."""
    return (
        JournalEntry.objects.filter(project=project)
        .filter(Q(target_kind=TARGETS[0]) | Q(target_kind=TARGETS[1]))
        .exclude(action="scope.followed")
        .order_by("-seq")
    )


def snapshot(scope: ScopeStatement) -> dict[str, Any]:
    """What is signed, as plain values: codes and people's own words, nothing that a translation could change."""
    paper = paper_of(scope)
    found: dict[str, Any] = {
        "organization": paper.project.organization.name,
        "standards": paper.codes,
        "statement": scope.statement,
    }
    for kind, key in KEYS.items():
        found[key] = [_frozen(row) for row in paper.rows(kind)]
    return found


def _frozen(row: Row) -> dict[str, Any]:
    one, standards = row.item, ", ".join(row.codes)
    if one.is_interface:
        return {"name": one.name, "party": one.party, "description": one.description, "standards": standards}
    words = {"name": one.name, "description": one.description, "standards": standards}
    if not one.is_requirement:
        words["is_included"] = one.is_included
    if not one.is_included:
        words["justification"] = one.justification
    return words


def document(scope: ScopeStatement) -> str:
    """The same as people read it, whole in itself, in the organization's language: no links, nothing that loads."""
    paper = paper_of(scope)
    with translation.override(paper.language):
        return render_to_string("context/scope/document.html", {"paper": paper})


def authors(scope: ScopeStatement) -> set[int]:
    """Who wrote or last edited the words or one of the items."""
    rows = [scope, *paper_of(scope).items]
    return {person for row in rows for person in (row.created_by_id, row.edited_by_id)} - {None}


def meaning(scope: ScopeStatement) -> str:
    return _("I approve this scope with its exclusions, on behalf of top management.")


def in_short(project: Project) -> str:
    """What the scope covers in one line, for texts that name it; "" before anything was named. One query."""
    rows = ScopeItem.objects.filter(project=project, is_included=True).order_by("kind", "position", "pk")
    names: dict[str, list[str]] = {}
    for kind, name in rows.values_list("kind", "name"):
        names.setdefault(kind, []).append(name)
    what = names.get(ScopeKind.PRODUCT) or names.get(ScopeKind.PROCESS) or names.get(ScopeKind.UNIT) or []
    return "; ".join(", ".join(part) for part in (what, names.get(ScopeKind.SITE, [])) if part)


def names_for_kits(project: Project) -> kits.Names:
    """The client's sites, whose names would tell another client whose texts these were; one query."""
    found = ScopeItem.objects.filter(project=project, kind=ScopeKind.SITE).order_by()
    return kits.Names(places=set(found.values_list("name", flat=True)))
