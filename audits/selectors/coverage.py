"""The coverage of a project: which requirement was audited at which process or site, in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Max, QuerySet

from audits.coverage import Asked, Cell, Due, State, cell, summed
from audits.flows import OPEN_AUDITS, AuditStatus
from audits.models import Audit, AuditProgrammeLine, Covered, Programme, ProgrammeLine
from audits.selectors.frequency import places_of
from context.models import ScopeKind
from pdca.models import Clause, Match
from projects.models import Project

GENERAL = "General"


class Column(NamedTuple):
    """A process or site; `pk` None for what no item of the scope stands for."""

    pk: int | None
    name: str
    is_site: bool = False


class Row(NamedTuple):
    """A requirement with its cells, one for each column."""

    ref: str
    title: str
    codes: list[str]
    cells: list[Cell]


class Grid(NamedTuple):
    columns: list[Column]
    rows: list[Row]
    counted: dict[State, int]

    @property
    def total(self) -> int:
        return sum(self.counted.values())


def of_project(project: Project, today: dt.date, programme: Programme | None = None) -> Grid:
    """The grid of a project; with a programme only its own lines and the audits that do them count, and its standards.

    Twelve queries, whatever there is.
    """
    leaves = list(
        Clause.objects.filter(standard__in=project.chosen_standards.values("standard"), is_leaf=True)
        .select_related("standard", "parent")
        .order_by("standard__code", "position")
    )
    lines = _lines(project, programme)
    if programme is not None and lines:
        wanted = {standard for _due, standards in lines for standard in standards}
        leaves = [one for one in leaves if one.standard_id in wanted]
    by_standard: dict[int, list[Clause]] = defaultdict(list)
    for one in leaves:
        by_standard[one.standard_id].append(one)
    dues = [due for due, _standards in lines] + _audits(project, programme)
    days: dict[int | None, dict[int, dt.date]] = defaultdict(dict)
    covered = Covered.objects.filter(project=project)
    if programme is not None:
        covered = covered.filter(audit__in=_done_by(programme))
    seen = covered.order_by().values_list("item_id", "clause_id")
    for item, clause, day in seen.annotate(last=Max("day")):
        days[item][clause] = day
    columns = [Column(one.pk, one.name, one.kind == ScopeKind.SITE) for one in places_of(project)]
    if not columns or None in days or any(due.place is None for due in dues):
        columns.append(Column(None, ""))
    at: dict[int | None, list[Due]] = defaultdict(list)
    for due in dues:
        at[due.place].append(due)
    rows = []
    for ref, title, members in _requirements(leaves):
        asked = [Asked(one.pk, ref, one.standard.code, one.match == Match.IDENTICAL) for one in members]
        cells = [cell(asked, days.get(column.pk, {}), at.get(column.pk, ()), today) for column in columns]
        rows.append(Row(ref, title, [one.standard.code for one in members], cells))
    return Grid(columns, rows, summed(one for row in rows for one in row.cells))


def _requirements(leaves: list[Clause]) -> list[tuple[str, str, list[Clause]]]:
    """The rows: clauses of one row of the structure together, specific ones alone; in the order of their numbers."""
    found: dict[str, list[Clause]] = {}
    for one in leaves:
        is_own = one.match == Match.SPECIFIC or not one.hs
        found.setdefault(f"{one.standard.slug}:{one.ref}" if is_own else one.hs, []).append(one)
    rows = [(members[0].ref if ":" in key else key, _title(members[0]), members) for key, members in found.items()]
    return sorted(
        rows, key=lambda row: ([int(n) if n.isdigit() else 99 for n in row[0].split(".")], row[2][0].standard.code)
    )


def _title(clause: Clause) -> str:
    """Its title; of one that is only called "General", the title of what it opens."""
    return clause.parent.plain_title if clause.title == GENERAL and clause.parent is not None else clause.plain_title


def _lines(project: Project, programme: Programme | None) -> list[tuple[Due, set[int]]]:
    """What the lines of the open programmes (or of one) want, with their standards. Four queries."""
    rows = ProgrammeLine.objects.filter(project=project)
    rows = rows.filter(programme=programme) if programme is not None else rows.filter(programme__is_open=True)
    rows = rows.prefetch_related("standard_links", "clause_links")
    chosen = [
        (one, {link.standard_id for link in one.standard_links.all()}, {link.clause_id for link in one.clause_links.all()})
        for one in rows
    ]  # fmt: skip
    inside = _inside(standards for _one, standards, _clauses in chosen)
    return [
        (Due(inside.of(standards, clauses), one.item_id, one.next_on), standards) for one, standards, clauses in chosen
    ]


def _done_by(programme: Programme) -> QuerySet:
    """The ids of the audits that do lines of a programme, as a subquery."""
    return AuditProgrammeLine.objects.filter(line__programme=programme).order_by().values("audit")


def others_of(programme: Programme) -> int:
    """How many audits of the project, cancelled ones aside, do no line of this programme. One query."""
    rows = Audit.objects.filter(project=programme.project_id).exclude(status=AuditStatus.CANCELLED)
    return rows.exclude(pk__in=_done_by(programme)).count()


def _audits(project: Project, programme: Programme | None) -> list[Due]:
    """What open audits with a day (of one programme, if given) are about: each place they go to. Five queries."""
    rows = Audit.objects.filter(project=project, status__in=OPEN_AUDITS, ends_on__isnull=False)
    if programme is not None:
        rows = rows.filter(pk__in=_done_by(programme))
    rows = rows.prefetch_related("standard_links", "clause_links", "item_links")
    chosen = [
        (one, {link.standard_id for link in one.standard_links.all()}, {link.clause_id for link in one.clause_links.all()})
        for one in rows
    ]  # fmt: skip
    inside = _inside(standards for _one, standards, _clauses in chosen)
    found = []
    for one, standards, clauses in chosen:
        wanted = inside.of(standards, clauses)
        places = [link.item_id for link in one.item_links.all() if link.item_id] or [None]
        found += [Due(wanted, place, one.ends_on, is_audit=True) for place in places]
    return found


class _Inside:
    """Which leaf clauses a choice of standards and clauses covers, from one reading of these standards."""

    def __init__(self, standards: set[int]) -> None:
        self.rows = list(
            Clause.objects.filter(standard__in=standards).values_list("pk", "standard_id", "parent_id", "is_leaf")
        )
        self.parent = {pk: parent for pk, _standard, parent, _leaf in self.rows}
        self.known: dict[tuple, frozenset[int]] = {}

    def of(self, standards: set[int], clauses: set[int]) -> frozenset[int]:
        key = (frozenset(standards), frozenset(clauses))
        if key not in self.known:
            narrowed = {standard for pk, standard, _parent, _leaf in self.rows if pk in clauses}
            self.known[key] = frozenset(
                pk
                for pk, standard, _parent, is_leaf in self.rows
                if is_leaf and standard in standards and (standard not in narrowed or self._lies_in(pk, clauses))
            )
        return self.known[key]

    def _lies_in(self, pk: int | None, clauses: set[int]) -> bool:
        while pk is not None:
            if pk in clauses:
                return True
            pk = self.parent.get(pk)
        return False


def _inside(some: Iterable[set[int]]) -> _Inside:
    return _Inside({pk for standards in some for pk in standards})
