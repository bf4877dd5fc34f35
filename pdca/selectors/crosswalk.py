"""Two or more standards side by side: what they share, what each adds, what stands alone, and the work saved.

How it is counted. The unit is one *answer*: a thing an organization works out once and can then show. Standards meet in
the lowest rows of the harmonized structure, never by equal clause numbers.

1. A standard needs one answer for every row its clauses cover. A clause on a heading of the structure covers every row
   under it (ISO 9001:2015 9.2 covers 9.2.1 and 9.2.2); several clauses on one row ask for that row once.
2. A clause that extends its row needs one answer more, for what it adds.
3. A specific clause needs one answer of its own.

Separately, every standard gives every answer itself. Together, a row is answered once and credited to all that cover
it; additions and specific clauses stay open, one by one. Saved is the difference. One standard alone saves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pdca.models import AffinityMember, Clause, MandatoryDocument, Match, MergeKind, Standard
from pdca.models.standards import Kind
from pdca.selectors import standards as standards_selector


class Requirement(NamedTuple):
    """A leaf clause as far as counting needs it."""

    standard: str
    ref: str
    hs: str
    match: str


class Saving(NamedTuple):
    """Separately, together, and the difference."""

    separately: int
    together: int

    @property
    def saved(self) -> int:
        return self.separately - self.together

    @property
    def percent(self) -> int:
        """Share of the separate work that is saved, in whole percent."""
        return round(100 * self.saved / self.separately) if self.separately else 0


NOTHING = Saving(0, 0)


class Parts(NamedTuple):
    """How the requirements of one standard fall when it is integrated with the others, and its answers alone."""

    requirements: int
    covered: int  # answered whole by an answer shared with another standard
    partly: int  # the shared part is, an addition stays open
    alone: int  # no other chosen standard shares any of it
    answers: int

    @property
    def shared(self) -> int:
        return self.covered + self.partly


def rows_under(structure: Sequence[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """For every row of the structure, given as (row, its parent or ""), the lowest rows at or under it."""
    children: dict[str, list[str]] = {}
    for row, parent in structure:
        children.setdefault(parent, []).append(row)

    def lowest(row: str) -> frozenset[str]:
        inside = children.get(row)
        return frozenset().union(*map(lowest, inside)) if inside else frozenset([row])

    return {row: lowest(row) for row, _ in structure}


def covered_rows(requirements: Iterable[Requirement], under: Mapping[str, frozenset[str]]) -> dict[str, set[str]]:
    """The lowest rows each standard covers."""
    rows: dict[str, set[str]] = {}
    for requirement in requirements:
        found = rows.setdefault(requirement.standard, set())
        if requirement.match != Match.SPECIFIC:
            found |= under[requirement.hs]
    return rows


def saving(requirements: Iterable[Requirement], under: Mapping[str, frozenset[str]]) -> Saving:
    """Counts answers by the three rules above; a requirement named twice counts once."""
    distinct = set(requirements)
    rows = covered_rows(distinct, under)
    own = sum(requirement.match != Match.IDENTICAL for requirement in distinct)
    separately = sum(len(found) for found in rows.values())
    return Saving(separately=separately + own, together=len(set().union(*rows.values())) + own)


def parts(requirements: Iterable[Requirement], under: Mapping[str, frozenset[str]]) -> dict[str, Parts]:
    """What becomes of each standard's requirements when all of them are integrated."""
    distinct = set(requirements)
    rows = covered_rows(distinct, under)
    found: dict[str, Parts] = {}
    for standard, own in rows.items():
        elsewhere = set().union(*(other for slug, other in rows.items() if slug != standard))
        mine = [requirement for requirement in distinct if requirement.standard == standard]
        whole = shared = 0
        for requirement in mine:
            if requirement.match == Match.SPECIFIC or not under[requirement.hs] & elsewhere:
                continue
            if requirement.match == Match.IDENTICAL and under[requirement.hs] <= elsewhere:
                whole += 1
            else:
                shared += 1
        added = sum(requirement.match != Match.IDENTICAL for requirement in mine)
        found[standard] = Parts(len(mine), whole, shared, len(mine) - whole - shared, len(own) + added)
    return found


# --- what the page shows ------------------------------------------------------------------------------------------


@dataclass
class Cell:
    """What one standard asks for in one row."""

    standard: Standard
    clauses: list[Clause]

    @property
    def match(self) -> str:
        """`extended` as soon as one clause adds something, "" where the standard has nothing here."""
        if not self.clauses:
            return ""
        return Match.EXTENDED if any(c.match == Match.EXTENDED for c in self.clauses) else Match.IDENTICAL


@dataclass
class Row:
    """One lowest row of the structure and what each chosen standard asks for there, in the order of the standards."""

    clause: Clause
    cells: list[Cell]

    @property
    def sharing(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.clauses]

    @property
    def extending(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.match == Match.EXTENDED]

    @property
    def is_shared(self) -> bool:
        return len(self.sharing) > 1

    @property
    def verdict(self) -> str:
        """`identical`: one answer serves all; `extended`: additions stay open; `specific`: one standard only."""
        if not self.is_shared:
            return Match.SPECIFIC
        return Match.EXTENDED if self.extending else Match.IDENTICAL


@dataclass
class Chapter:
    clause: Clause
    rows: list[Row]


@dataclass
class Column:
    """One chosen standard with its figures and what stands alone in it."""

    standard: Standard
    parts: Parts
    specific: list[Clause]


@dataclass
class Suggestion:
    """A group of clauses and controls that practice runs as one process: to be confirmed by a person."""

    name: str
    note: str
    members: list[AffinityMember]


@dataclass
class Crosswalk:
    """The comparison of `standards`, in their own order whatever order they were asked for in."""

    standards: list[Standard] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    chapters: list[Chapter] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    saving: Saving = NOTHING
    documents: Saving = NOTHING
    suggestions: list[Suggestion] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        return [row for chapter in self.chapters for row in chapter.rows]

    @property
    def requirement_count(self) -> int:
        return sum(column.parts.requirements for column in self.columns)

    @property
    def identical_rows(self) -> int:
        return sum(row.verdict == Match.IDENTICAL for row in self.rows)

    @property
    def extended_rows(self) -> int:
        return sum(row.verdict == Match.EXTENDED for row in self.rows)

    @property
    def shared_rows(self) -> int:
        return self.identical_rows + self.extended_rows

    @property
    def specific_count(self) -> int:
        return sum(len(column.specific) for column in self.columns)

    @property
    def two_editions(self) -> list[tuple[Standard, Standard]]:
        """Pairs (older, newer) of editions of one standard: comparing them shows a transition, not an integration."""
        by_slug = {standard.slug: standard for standard in self.standards}
        return [(by_slug[s.supersedes_id], s) for s in self.standards if s.supersedes_id in by_slug]


def compare(slugs: Sequence[str], offered: Iterable[Standard] | None = None) -> Crosswalk:
    """Compares standards by slug; a slug named twice counts once, one that cannot be compared goes to `unknown`.

    Four queries, one more when `offered` (standards.comparable(), where already loaded) is not given.
    """
    known = {standard.slug: standard for standard in (standards_selector.comparable() if offered is None else offered)}
    asked = set(slugs)
    chosen = [standard for slug, standard in known.items() if slug in asked]
    found = Crosswalk(standards=chosen, unknown=sorted(asked - known.keys()))
    if not chosen:
        return found
    structure = list(Clause.objects.filter(standard__kind=Kind.STRUCTURE).order_by("position"))
    refs = {clause.pk: clause.ref for clause in structure}
    under = rows_under([(clause.ref, refs.get(clause.parent_id, "")) for clause in structure])
    clauses: dict[int, list[Clause]] = {standard.pk: [] for standard in chosen}
    for clause in Clause.objects.filter(standard__in=chosen, is_leaf=True).order_by("position"):
        clauses[clause.standard_id].append(clause)
    requirements = [
        Requirement(standard.slug, clause.ref, clause.hs, clause.match)
        for standard in chosen
        for clause in clauses[standard.pk]
    ]
    divided = parts(requirements, under)
    found.saving = saving(requirements, under)
    found.columns = [
        Column(standard, divided[standard.slug], [c for c in clauses[standard.pk] if c.match == Match.SPECIFIC])
        for standard in chosen
        if standard.slug in divided
    ]
    found.chapters = chapters_of(structure, under, chosen, clauses)
    found.documents = documents_saving(chosen)
    found.suggestions = suggestions_for(chosen)
    return found


def chapters_of(
    structure: list[Clause],
    under: Mapping[str, frozenset[str]],
    chosen: list[Standard],
    clauses: Mapping[int, list[Clause]],
) -> list[Chapter]:
    answering: dict[tuple[str, int], list[Clause]] = {}
    for standard in chosen:
        for clause in clauses[standard.pk]:
            for row in under.get(clause.hs, ()):
                answering.setdefault((row, standard.pk), []).append(clause)
    made = []
    for top in (clause for clause in structure if clause.parent_id is None):
        rows = [
            Row(clause, [Cell(standard, answering.get((clause.ref, standard.pk), [])) for standard in chosen])
            for clause in structure
            if clause.ref in under[top.ref]
        ]
        made.append(Chapter(top, [row for row in rows if row.sharing]))
    return [chapter for chapter in made if chapter.rows]


def documents_of_item(pk: int, standard: int, group: int | None, merge: str | None) -> tuple[tuple, tuple]:
    """Which document an item of the mandatory documents is part of: of its standard alone, and of all standards together.

    Separately a standard needs each of its groups of documents once and every other document once. Together a group is
    needed once for all, unless its results stay separate.
    """
    own = ("group", standard, group) if group else ("document", standard, pk)
    is_merged = merge in (MergeKind.ONE_DOCUMENT, MergeKind.WITH_SECTIONS)
    return own, ("group", 0, group) if group and is_merged else own


def documents_saving(chosen: list[Standard]) -> Saving:
    """Documents asked for by clause, separately and together; conditions ("only if …") count as if they applied."""
    wanted = MandatoryDocument.objects.filter(standard__in=chosen, is_explicit=True)
    separately, together = set(), set()
    for pk, standard, group, merge in wanted.values_list("pk", "standard_id", "group_id", "group__merge").order_by(
        "pk"
    ):
        alone, merged = documents_of_item(pk, standard, group, merge)
        separately.add(alone)
        together.add(merged)
    return Saving(len(separately), len(together))


def suggestions_for(chosen: list[Standard]) -> list[Suggestion]:
    """Affinities in which at least two of the chosen standards (or their catalogues of controls) have a part."""
    slugs = {standard.slug for standard in chosen}
    members = AffinityMember.objects.select_related(
        "group", "clause__standard__requirements", "control__standard__requirements"
    ).order_by("group__position", "position")
    groups: dict[int, Suggestion] = {}
    parties: dict[int, set[str]] = {}
    for member in members:
        owner = (member.clause or member.control).standard
        party = owner.requirements_id or owner.slug
        if party in slugs:
            suggestion = groups.setdefault(member.group_id, Suggestion(member.group.name, member.group.note, []))
            suggestion.members.append(member)
            parties.setdefault(member.group_id, set()).add(party)
    return [suggestion for group, suggestion in groups.items() if len(parties[group]) > 1]
