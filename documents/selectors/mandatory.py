"""Mandatory documented information of a project: one row per document, whatever number of standards asks for it.

What is merged follows pdca.selectors.crosswalk.documents_of_item, so that the figures here are those of the crosswalk. How
far a row is follows from the documents that say they are it (models.Answer) and the state of their revisions; nothing of
it is stored. Clause 7.5.1, steps 2.2 and 2.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.flows import RevisionStatus
from documents.models import Answer, Document, Revision
from pdca.models import MandatoryDocument, MergeGroup, Standard
from pdca.models.standards import DocumentedInformation
from pdca.selectors.crosswalk import documents_of_item
from pdca.selectors.standards import by_number, says
from projects.models import Project


class State(TextChoices):
    """How far a mandatory document is, the worst first."""

    MISSING = "missing", gettext_lazy("Missing")
    DRAFT = "draft", gettext_lazy("Draft")
    APPROVED = "approved", gettext_lazy("Approved")
    EFFECTIVE = "effective", gettext_lazy("Effective")


BADGES = {State.MISSING: "late", State.DRAFT: "prog", State.APPROVED: "risk", State.EFFECTIVE: "done"}
OF_REVISION = {
    RevisionStatus.DRAFT: State.DRAFT,
    RevisionStatus.IN_REVIEW: State.DRAFT,
    RevisionStatus.APPROVED: State.APPROVED,
    RevisionStatus.EFFECTIVE: State.EFFECTIVE,
}
ORDER = list(State)


class Served(NamedTuple):
    """A standard with the items of a row that are its own."""

    standard: Standard
    items: list[MandatoryDocument]


@dataclass
class Found:
    """A document that says it is this row, with its own state."""

    document: Document
    state: State
    may_unlink: bool = False

    @property
    def badge(self) -> str:
        return BADGES[self.state]


@dataclass
class Row:
    """One document that has to be there: a merge group, what one standard keeps of a group apart, or a single item."""

    key: str
    group: MergeGroup | None
    is_merged: bool
    items: list[MandatoryDocument]
    documents: list[Found] = field(default_factory=list)

    @property
    def name(self) -> str:
        if self.group is None:
            return self.items[0].name
        return self.group.name if self.is_merged else f"{self.group.name} ({self.items[0].standard.code})"

    @property
    def served(self) -> list[Served]:
        """The standards it serves with their clauses, by number."""
        return [Served(standard, list(items)) for standard, items in groupby(self.items, key=lambda one: one.standard)]

    @property
    def is_explicit(self) -> bool:
        """A clause asks for it; otherwise auditors expect it by custom."""
        return any(item.is_explicit for item in self.items)

    @property
    def conditions(self) -> list[str]:
        """When it is needed at all; nothing as soon as one item is needed in any case."""
        said = [item.condition for item in self.items]
        return list(dict.fromkeys(said)) if all(said) else []

    @property
    def how(self) -> str:
        """How it merges, in words: one document for all, with sections, one method; nothing for a single item."""
        return str(self.group.get_merge_display()) if self.group is not None else ""

    @property
    def keep(self) -> str:
        kinds = {item.keep for item in self.items}
        return str(DocumentedInformation(kinds.pop() if len(kinds) == 1 else DocumentedInformation.BOTH).label)

    @property
    def state(self) -> State:
        """The best of its documents: one that is in effect is enough."""
        return max((one.state for one in self.documents), key=ORDER.index, default=State.MISSING)

    @property
    def badge(self) -> str:
        return BADGES[self.state]

    @property
    def presets(self) -> str:
        """What the form for a new document is opened with, as a query."""
        if self.is_merged and self.group is not None:
            return urlencode({"answers": self.group.slug})
        return urlencode([("item", item.pk) for item in self.items])

    @property
    def links(self) -> tuple[list[MergeGroup], list[MandatoryDocument]]:
        """What a document answers when it is this row: groups and items."""
        return ([self.group], []) if self.is_merged and self.group is not None else ([], list(self.items))


@dataclass(frozen=True)
class Summary:
    """The figures of a project, over what clauses ask for and over what is customary.

    `together` documents instead of `separately`, counted over the explicit ones as in the crosswalk.
    """

    separately: int
    together: int
    states: Mapping[str, int]
    customary: int

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def missing(self) -> int:
        return self.states[State.MISSING]

    @property
    def effective(self) -> int:
        return self.states[State.EFFECTIVE]

    @property
    def saved(self) -> int:
        return self.separately - self.together


def standards_of(project: Project) -> list[Standard]:
    """The project's standards, by number. One query."""
    return by_number(Standard.objects.filter(pk__in=project.chosen_standards.values("standard")))


def rows(project: Project) -> list[Row]:
    """Every mandatory document of the project's standards, in the order of the merge groups, then what stands alone.

    Four queries, whatever the number of documents.
    """
    standards = {standard.pk: standard for standard in standards_of(project)}
    place = {pk: n for n, pk in enumerate(standards)}
    found: dict[tuple, Row] = {}
    items = MandatoryDocument.objects.filter(standard__in=list(standards)).select_related("clause", "group")
    for item in sorted(items, key=lambda one: (place[one.standard_id], one.position)):
        item.standard = standards[item.standard_id]
        _alone, key = _keys(item)
        if key not in found:
            is_merged = key[0] == "group" and key[1] == 0
            found[key] = Row(_named(item, is_merged), item.group, is_merged, [])
        found[key].items.append(item)
    _answered(project, found.values())
    return sorted(found.values(), key=_order)


def _keys(item: MandatoryDocument) -> tuple[tuple, tuple]:
    merge = item.group.merge if item.group is not None else None
    return documents_of_item(item.pk, item.standard_id, item.group_id, merge)


def _named(item: MandatoryDocument, is_merged: bool) -> str:
    """The row as its address says it."""
    if item.group is None:
        return f"item_{item.pk}"
    return item.group.slug if is_merged else f"{item.group.slug}_{item.standard.slug}"


def _order(row: Row) -> tuple:
    first = row.items[0]
    return (row.group is None, row.group.position if row.group else 0, [int(p) for p in first.clause.ref.split(".") if p.isdigit()],
            first.standard.code, first.position)  # fmt: skip


def _answered(project: Project, found: Iterable[Row]) -> None:
    """Writes on each row the documents that answer it, as a whole or by one of its items. Two queries."""
    groups, items = {}, {}
    for row in found:
        if row.group is not None:
            groups.setdefault(row.group.pk, []).append(row)
        items |= {item.pk: row for item in row.items}
    answers = list(
        Answer.objects.filter(document__project=project, document__withdrawn_at__isnull=True)
        .select_related("document__owner")
        .order_by("document__code", "pk")
    )
    states = _states({answer.document_id for answer in answers})
    for answer in answers:
        answer.document.project = project
        for row in groups.get(answer.group_id, ()) if answer.group_id else [items.get(answer.item_id)]:
            if row is not None and all(one.document.pk != answer.document_id for one in row.documents):
                row.documents.append(Found(answer.document, states.get(answer.document_id, State.DRAFT)))


def _states(documents: set[int]) -> dict[int, State]:
    """The best state of each document; one that nothing is written for yet is a draft."""
    found: dict[int, State] = {}
    alive = Revision.objects.filter(document__in=documents, status__in=list(OF_REVISION)).order_by()
    for document, status in alive.values_list("document", "status"):
        state = OF_REVISION[RevisionStatus(status)]
        found[document] = max(found.get(document, State.DRAFT), state, key=ORDER.index)
    return found


def one(project: Project, key: str) -> Row | None:
    """A row by its name in the address. Four queries."""
    return next((row for row in rows(project) if row.key == key), None)


def summarized(found: Iterable[Row]) -> Summary:
    """The figures over rows; no query."""
    found = list(found)
    explicit = [item for row in found for item in row.items if item.is_explicit]
    keys = [_keys(item) for item in explicit]
    return Summary(
        separately=len({alone for alone, _merged in keys}),
        together=len({merged for _alone, merged in keys}),
        states={str(state): sum(row.state == state for row in found) for state in State},
        customary=sum(not row.is_explicit for row in found),
    )


def summary(project: Project) -> Summary:
    """The figures of a project's mandatory documents, for panels. Four queries."""
    return summarized(rows(project))


def narrowed(found: list[Row], *, text: str = "", standard: str = "", state: str = "", asked: str = "") -> list[Row]:
    """The rows that pass the filters: words, a standard's slug, a state, "explicit" or "customary"."""
    return [
        row
        for row in found
        if says(text, row.name, *(item.name for item in row.items), *(item.clause.ref for item in row.items))
        and (not standard or any(item.standard.slug == standard for item in row.items))
        and (not state or row.state == state)
        and (not asked or row.is_explicit == (asked == "explicit"))
    ]


def candidates(project: Project, row: Row, text: str, owner: Any = None) -> QuerySet[Document]:
    """Documents that could be this row: not withdrawn, not linked yet, with every word of the search; of one owner only."""
    taken = [one.document.pk for one in row.documents]
    found = Document.objects.filter(project=project, withdrawn_at__isnull=True).exclude(pk__in=taken)
    if owner is not None:
        found = found.filter(owner=owner)
    for word in text.split()[:10]:
        found = found.filter(Q(title__icontains=word) | Q(code__icontains=word) | Q(tags__icontains=word))
    return found.select_related("owner").order_by("code", "pk")


def counts_in_words(figures: Summary) -> str:
    """ "31 documents instead of 57", computed."""
    return _("%(together)s documents instead of %(separately)s") % {
        "together": figures.together, "separately": figures.separately,
    }  # fmt: skip
