"""The document register as its list, its tree, its exports and its panels read it.

A page reads its fifty rows along the index of (project, code); revisions and readings of these rows come in two queries
more, whatever the size of the register.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, TextChoices, Value
from django.db.models.functions import Lower
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core.templatetags.ui import short_date
from documents.flows import ON_ITS_WAY, RevisionStatus
from documents.models import Document, DocumentClause, Kind, Reading, Revision
from documents.models.document import Classification
from projects.addresses import address
from projects.models import Project

DUE_SOON_DAYS = 30
PROCEDURAL_KEY = "procedural"
PROCEDURAL = (Kind.PROCEDURE, Kind.PROCESS, Kind.INSTRUCTION, Kind.FORM)
"""What step 2.3 writes: together one choice of the filter by type."""
CHUNK = 500


class State(TextChoices):
    """Where a document stands, as filters and exports say it."""

    MISSING = "missing", gettext_lazy("Missing")
    DRAFT = "draft", gettext_lazy("Draft")
    IN_REVIEW = "in_review", gettext_lazy("In review")
    APPROVED = "approved", gettext_lazy("Approved, not in effect yet")
    EFFECTIVE = "effective", gettext_lazy("In effect")
    WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")


BADGES = {
    State.MISSING: ("open", "file-off"),
    State.DRAFT: ("open", "pencil"),
    State.IN_REVIEW: ("prog", "signature"),
    State.APPROVED: ("prog", "calendar-event"),
    State.EFFECTIVE: ("done", ""),
    State.WITHDRAWN: ("open", "archive"),
}
LIVE = (*ON_ITS_WAY, RevisionStatus.EFFECTIVE)

SORTS: dict[str, tuple[Any, ...]] = {
    "code": ("code",),
    "title": (Lower("title"), "code"),
    "kind": ("kind", "code"),
    "owner": (Lower("owner__name"), "code"),
    "review": (F("next_review_on").asc(nulls_last=True), "code"),
    "updated": ("updated_at", "code"),
}


class Standing(NamedTuple):
    """A state as a badge."""

    kind: str
    label: str
    icon: str


@dataclass
class Line:
    """What a row says of the revisions and readers of a document."""

    effective: int | None = None
    effective_on: dt.date | None = None
    ahead: int | None = None
    ahead_state: str = ""
    planned_on: dt.date | None = None
    asked: int = 0
    confirmed: int = 0
    clauses: list[str] = field(default_factory=list)

    @property
    def percent(self) -> int:
        return 100 * self.confirmed // self.asked if self.asked else 0


# ---- narrowing and order ----------------------------------------------------------------------------------------


def having(*states: str) -> Exists:
    """A condition: a revision of the document has one of these states."""
    return Exists(Revision.objects.filter(document=OuterRef("pk"), status__in=[str(state) for state in states]))


def in_state(rows: QuerySet[Document], state: str) -> QuerySet[Document]:
    """The documents that stand there; "" for all that are not withdrawn, "all" for every one."""
    if state == "all":
        return rows
    if state == State.WITHDRAWN:
        return rows.filter(withdrawn_at__isnull=False)
    rows = rows.filter(withdrawn_at__isnull=True)
    if state == State.MISSING:
        return rows.filter(~having(*LIVE))
    return rows.filter(having(state)) if state in State.values else rows


def narrowed(
    rows: QuerySet[Document], wanted: dict[str, Any], *, today: dt.date, user: Any = None
) -> QuerySet[Document]:
    """Applies the filters of the list (cleaned values of `forms.document.DocumentFilter`)."""
    rows = in_state(rows, wanted.get("state", ""))
    if wanted.get("kind") == PROCEDURAL_KEY:
        rows = rows.filter(kind__in=[str(kind) for kind in PROCEDURAL])
    elif kind := wanted.get("kind"):
        rows = rows.filter(kind=kind)
    for name in ("language", "classification"):
        if value := wanted.get(name):
            rows = rows.filter(**{name: value})
    if owner := wanted.get("owner"):
        who = {"none": None, "me": user and user.pk}.get(owner, owner)
        rows = rows.filter(owner=who) if who else rows.filter(owner__isnull=True)
    if wanted.get("standard") or wanted.get("clause"):
        rows = rows.filter(Exists(_serving(wanted)))
    if tag := wanted.get("tag"):
        rows = rows.filter(tags__contains=f"|{tag.casefold()}|")
    if review := wanted.get("review"):
        rows = rows.filter(_review(review, today))
    if text := wanted.get("q"):
        matches = Q(title__icontains=text) | Q(code__icontains=text) | Q(tags__contains=text.casefold())
        if text.upper().startswith(f"{Document.PREFIX}-") and (number := Document.number_of(text)) is not None:
            matches |= Q(number=number)
        rows = rows.filter(matches)
    return rows


def _serving(wanted: dict[str, Any]) -> QuerySet[DocumentClause]:
    found = DocumentClause.objects.filter(document=OuterRef("pk"))
    if standard := wanted.get("standard"):
        found = found.filter(clause__standard__slug=standard)
    if clause := wanted.get("clause"):
        found = found.filter(Q(clause__ref=clause) | Q(clause__ref__startswith=f"{clause}."))
    return found


def _review(review: str, today: dt.date) -> Q:
    if review == "overdue":
        return Q(next_review_on__lt=today)
    if review == "soon":
        return Q(next_review_on__range=(today, today + dt.timedelta(days=DUE_SOON_DAYS)))
    return Q(next_review_on__isnull=True)


def in_order(rows: QuerySet[Document], sort: str = "") -> QuerySet[Document]:
    """By code along its index, or by one of SORTS; "-" the other way round."""
    name = sort.removeprefix("-")
    columns = SORTS.get(name, SORTS["code"])
    if sort.startswith("-") and name in SORTS:
        columns = tuple(_backwards(column) for column in columns)
    return rows.order_by(*columns)


def _backwards(column: Any) -> Any:
    if isinstance(column, str):
        return f"-{column}"
    if name := getattr(column, "nulls_last", None) and column.expression.name:
        return F(name).desc(nulls_last=True)
    return column.desc()


# ---- rows -------------------------------------------------------------------------------------------------------


def lines_of(documents: Iterable[Document], *, with_clauses: bool = False) -> dict[int, Line]:
    """What these documents' rows say of revisions and readers. Two queries, a third `with_clauses`."""
    found = {document.pk: Line() for document in documents}
    revisions = Revision.objects.filter(document__in=list(found), status__in=[str(state) for state in LIVE])
    for pk, number, status, effective_on, planned_on in revisions.order_by().values_list(
        "document_id", "number", "status", "effective_on", "planned_on"
    ):
        line = found[pk]
        if status == RevisionStatus.EFFECTIVE:
            line.effective, line.effective_on = number, effective_on
        else:
            line.ahead, line.ahead_state, line.planned_on = number, status, planned_on
    readings = Reading.objects.filter(document__in=list(found)).order_by()
    for pk, asked, confirmed in readings.values_list("document").annotate(Count("pk"), Count("confirmed")):
        found[pk].asked, found[pk].confirmed = asked, confirmed
    if with_clauses:
        served = DocumentClause.objects.filter(document__in=list(found)).order_by(
            "clause__standard__code", "clause__position"
        )
        for pk, code, ref in served.values_list("document_id", "clause__standard__code", "clause__ref"):
            found[pk].clauses.append(f"{code} {ref}")
    return found


def standings(document: Document, line: Line, today: dt.date) -> list[Standing]:
    """The badges of a row: what is in effect first, then what is on its way."""
    if document.withdrawn_at is not None:
        return [Standing(*_badge(State.WITHDRAWN, _("Withdrawn")))]
    said = []
    if line.effective is not None:
        said.append(Standing(*_badge(State.EFFECTIVE, _("In effect: r%(n)s") % {"n": line.effective})))
    if line.ahead is not None:
        said.append(Standing(*_badge(State(line.ahead_state), ahead_in_words(line, today))))
    return said or [Standing(*_badge(State.MISSING, str(State.MISSING.label)))]


def _badge(state: State, label: str) -> tuple[str, str, str]:
    kind, icon = BADGES[state]
    return kind, label, icon


def ahead_in_words(line: Line, today: dt.date) -> str:
    """ "Draft r3", "In review r3", "Approved r3, from 4 Dec"; "" where nothing is on its way."""
    if line.ahead is None:
        return ""
    if line.ahead_state == RevisionStatus.DRAFT:
        return _("Draft r%(n)s") % {"n": line.ahead}
    if line.ahead_state == RevisionStatus.IN_REVIEW:
        return _("In review r%(n)s") % {"n": line.ahead}
    if line.planned_on:
        return _("Approved r%(n)s, from %(day)s") % {"n": line.ahead, "day": short_date(line.planned_on, today)}
    return _("Approved r%(n)s") % {"n": line.ahead}


def state_in_words(document: Document, line: Line) -> str:
    """The state for a cell of a table on paper or in a spreadsheet, with full dates."""
    if document.withdrawn_at is not None:
        return _("Withdrawn")
    said = []
    if line.effective is not None:
        said.append(_("In effect"))
    if line.ahead is not None:
        state = str(RevisionStatus(line.ahead_state).label)
        if line.planned_on:
            day = date_format(line.planned_on, pgettext("date format", "j M Y"))
            state = _("%(state)s, from %(day)s") % {"state": state, "day": day}
        said.append(f"r{line.ahead}: {state}")
    return "; ".join(said) or str(State.MISSING.label)


def dressed(documents: Iterable[Document], project: Project, today: dt.date) -> list[Document]:
    """Puts on each row what the template prints: address, words, badges, progress. Two queries."""
    documents = list(documents)
    kinds, classes = dict(Kind.choices), dict(Classification.choices)
    lines = lines_of(documents)
    slugs = project.address
    for document in documents:
        document.line = lines[document.pk]
        document.href = address("documents:document-detail", **slugs, number=document.label)
        document.kind_word, document.class_word = kinds[document.kind], classes[document.classification]
        document.standings = standings(document, document.line, today)
    return documents


def in_chunks(rows: QuerySet[Document]) -> Iterator[list[tuple[Document, Line]]]:
    """All documents of an export with their lines, some hundreds at a time."""
    keys = list(rows.values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        found = Document.objects.select_related("owner", "parent").in_bulk(part)
        here = [found[pk] for pk in part if pk in found]
        lines = lines_of(here, with_clauses=True)
        yield [(document, lines[document.pk]) for document in here]


# ---- the tree ---------------------------------------------------------------------------------------------------


@dataclass
class Node:
    """A document with those that belong under it."""

    code: str
    title: str
    href: str
    kind: str
    children: list[Node] = field(default_factory=list)

    @property
    def below(self) -> int:
        return len(self.children) + sum(child.below for child in self.children)


def tree(rows: QuerySet[Document], project: Project) -> list[Node]:
    """The documents by what they belong under; one whose parent is not among them stands at the top. One query."""
    slugs, kinds = project.address, dict(Kind.choices)
    nodes: dict[int, tuple[int | None, Node]] = {}
    for pk, parent, code, title, number, kind in rows.order_by("code").values_list(
        "pk", "parent_id", "code", "title", "number", "kind"
    ):
        href = address("documents:document-detail", **slugs, number=f"{Document.PREFIX}-{number:03d}")
        nodes[pk] = (parent, Node(code, title, href, str(kinds[kind])))
    top = []
    for parent, node in nodes.values():
        (nodes[parent][1].children if parent in nodes else top).append(node)
    return top


# ---- what filters and forms choose from -------------------------------------------------------------------------


def standards_in(project: Project) -> list[tuple[str, str]]:
    """Slug and code of the project's standards. One query."""
    return list(_standards(project).order_by("standard__code"))


def offered(project: Project) -> tuple[list[tuple[str, str]], list[str]]:
    """What the filters offer: the project's standards, and every tag that a document of it carries. One query."""
    tagged = Document.objects.filter(project=project).exclude(tags="").order_by()
    rows = _standards(project).order_by().union(tagged.values_list(Value(""), "tags"))
    standards, tags = [], set()
    for slug, text in rows:
        if slug:
            standards.append((slug, text))
        else:
            tags |= {tag for tag in text.split("|") if tag}
    return sorted(standards, key=lambda pair: pair[1]), sorted(tags)


def _standards(project: Project) -> QuerySet:
    return project.chosen_standards.values_list("standard__slug", "standard__code")


# ---- figures ----------------------------------------------------------------------------------------------------


class Figures(NamedTuple):
    """How many documents of a project stand where; withdrawn ones are counted apart."""

    total: int
    effective: int
    draft: int
    in_review: int
    approved: int
    missing: int
    overdue: int

    @property
    def percent(self) -> int:
        return 100 * self.effective // self.total if self.total else 0


def figures(project: Project, today: dt.date, **only: Any) -> Figures:
    """The figures of a project's documents in use, of some kinds where `only` says so. Two queries."""
    rows = Document.objects.filter(project=project, withdrawn_at__isnull=True, **only)
    counted = rows.aggregate(
        total=Count("pk"), overdue=Count("pk", filter=Q(next_review_on__lt=today)),
        missing=Count("pk", filter=~having(*LIVE)),
    )  # fmt: skip
    states = dict(
        Revision.objects.filter(document__in=rows.values("pk"), status__in=[str(state) for state in LIVE])
        .order_by()
        .values_list("status")
        .annotate(Count("pk"))
    )
    return Figures(
        counted["total"], states.get("effective", 0), states.get("draft", 0), states.get("in_review", 0),
        states.get("approved", 0), counted["missing"], counted["overdue"],
    )  # fmt: skip
