"""Finding: one statement over the index of words, for every kind at once, filtered by the person's grants.

A branch for each group takes the newest entries that hold all words (at most MOST of them, so that a common word costs no
more than a rare one), the branches are ranked together, and only the rows shown are read. Where a person reads few
projects, these are words of the question itself: the index then never touches what lies elsewhere.

Ranked: the number asked for; then what lies in the current project; then all words in the title, the title that begins
with them first; open before closed; short titles before long ones. No statistics over the texts of other tenants.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from projects.permissions import MAY, Perm, perms_of
from search import kinds, words
from search.full_text import ENTRIES, INDEX, VOCABULARY
from search.kinds import Among, InProject, Kind
from search.selectors.sight import Sight

MOST = 200
"""Of each group this many are ranked and counted; more are said to be more."""
FEW_PROJECTS = 40
SHOWN_OF_EACH = 5
PAGE = 20

# ---- what is asked -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """What somebody typed, as words. `code` when it is a number such as T-012; the last word may be a beginning."""

    text: str
    words: tuple[str, ...]
    code: str = ""
    has_prefix: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.words


def question(text: str) -> Question:
    text = words.cleaned(text)
    if code := words.code_of(text):
        return Question(text.strip(), (code,), code)
    found = tuple(dict.fromkeys(words.of(text)))[: words.MOST_ASKED]
    is_open_ended = bool(found) and not text[-1].isspace() and len(found[-1]) > 1
    return Question(text.strip(), found, found[0] if len(found) == 1 else "", is_open_ended)


# ---- the statement -----------------------------------------------------------------------------------------------


class Terms:
    """Words with AND and OR in the language of this database. They hold letters and digits only: nothing to escape."""

    is_sqlite = connection.vendor == "sqlite"

    @classmethod
    def word(cls, word: str, *, is_prefix: bool = False) -> str:
        if cls.is_sqlite:
            return f'"{word}"{"*" if is_prefix else ""}'
        return f"'{word}'{':*' if is_prefix else ''}"

    @classmethod
    def any(cls, terms: Iterable[str]) -> str:
        return f"({(' OR ' if cls.is_sqlite else ' | ').join(terms)})"

    @classmethod
    def all(cls, terms: Iterable[str]) -> str:
        return (" AND " if cls.is_sqlite else " & ").join(terms)


Alike = dict[str, list[str]]


def terms_of(asked: Question, alike: Alike) -> list[str]:
    """The words of a question as terms; where `alike` names others for a word, any of them will do."""
    found = []
    for word in asked.words:
        is_prefix = asked.has_prefix and word == asked.words[-1]
        others = alike.get(word, [word])
        found.append(Terms.any(Terms.word(one, is_prefix=is_prefix and one == word) for one in others))
    return found


def alike_of(asked: Question) -> Alike:
    """For each word those one slip of the finger away.

    SQLite walks through every branch with every word, so that it is asked first which of the words there are at all; to
    PostgreSQL a word that does not exist costs nothing. What is found is filtered like any other question.
    """
    alike = {word: words.similar(word) for word in asked.words}
    if Terms.is_sqlite:
        wanted = sorted({one for others in alike.values() for one in others})
        with connection.cursor() as cursor:
            marks = ",".join(["%s"] * len(wanted))
            cursor.execute(f"SELECT term FROM {VOCABULARY} WHERE term IN ({marks})", wanted)
            known = {term for (term,) in cursor.fetchall()}
        alike = {word: [word, *(one for one in others[1:] if one in known)] for word, others in alike.items()}
    return alike


@dataclass
class Branch:
    """The entries of one group that one right opens."""

    group: str
    terms: list[str]
    where: str = ""
    params: tuple = ()


def _subquery(rows: QuerySet) -> tuple[str, tuple] | None:
    try:
        sql, params = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None
    return sql, tuple(params)


def _within(projects: list[int]) -> tuple[list[str], str]:
    """Lying in one of `projects`: as words of the question where these are few, else as a condition."""
    if len(projects) <= FEW_PROJECTS:
        return [Terms.any(Terms.word(words.marked(f"p{pk}")) for pk in projects)], ""
    return [], f" AND e.project_id IN ({','.join(map(str, projects))})"


def _branches(sight: Sight, asked: Question, alike: Alike) -> list[Branch]:
    said = terms_of(asked, alike)
    found: list[Branch] = []
    for group in kinds.groups():
        by_reach: dict[Any, list[Kind]] = {}
        for kind in kinds.in_group(group.key):
            by_reach.setdefault(kind.reach, []).append(kind)
        for reach, alike in by_reach.items():
            terms = [Terms.any(Terms.word(words.marked(f"k{kind.key}")) for kind in alike), *said]
            if isinstance(reach, InProject):
                found += _in_projects(sight, group.key, reach, terms)
            elif isinstance(reach, Among):
                if (inside := _subquery(reach.rows(sight))) is not None:
                    found.append(Branch(group.key, terms, f" AND e.subject_id IN ({inside[0]})", inside[1]))
            else:
                found.append(Branch(group.key, terms))
    return found


def _in_projects(sight: Sight, group: str, reach: InProject, terms: list[str]) -> Iterable[Branch]:
    readable = sight.projects_with(reach.perm)
    here, others = [pk for pk in readable if pk == sight.here], [pk for pk in readable if pk != sight.here]
    for projects in (here, others):  # apart, so that the current project is never crowded out
        if projects:
            more, where = _within(projects)
            yield Branch(group, [*more, *terms], where)
    if reach.own is None:
        return
    own = {
        pk: held
        for pk, held in sight.projects.items()
        if reach.perm not in perms_of(held) and any(Perm.VIEW_OWN_WORK in MAY[role] for role in held)
    }
    if own and (inside := _subquery(reach.own(sight.user, own).values("pk"))) is not None:
        more, where = _within(sorted(own))
        yield Branch(group, [*more, *terms], f"{where} AND e.subject_id IN ({inside[0]})", inside[1])


SHOWN = ("kind", "subject_id", "project_id", "label", "title", "text", "place", "context", "state", "is_closed")


def _tier(asked: Question) -> tuple[str, list[str]]:
    """0 for the number asked for, 1 for a title that begins with the words, 2 for one that holds them, 3 for one with some, else 4."""
    cases, params = [], []
    if asked.code:
        cases.append("WHEN e.code = %s THEN 0")
        params.append(asked.code)
    parts = [f"% {word}%" if asked.has_prefix and word == asked.words[-1] else f"% {word} %" for word in asked.words]
    begins = parts[0].removeprefix("%")
    all_of, any_of = (f" {word} ".join(["e.title_words LIKE %s"] * len(parts)) for word in ("AND", "OR"))
    cases += [f"WHEN e.title_words LIKE %s AND {all_of} THEN 1", f"WHEN {all_of} THEN 2", f"WHEN {any_of} THEN 3"]
    params += [begins, *parts, *parts, *parts]
    return f"CASE {' '.join(cases)} ELSE 4 END", params


def statement(sight: Sight, asked: Question, alike: Alike, *, group: str, page: int) -> tuple[str, list] | None:
    """The one statement, or None for somebody to whom nothing at all is open."""
    branches = _branches(sight, asked, alike)
    if not branches:
        return None
    tier, tier_params = _tier(asked)
    here = f"CASE WHEN e.project_id = {sight.here} THEN 1 ELSE 0 END" if sight.here else "0"
    parts, params = [], []
    for branch in branches:
        columns = f"'{branch.group}' AS grp, e.id, {tier} AS tier, {here} AS here, e.is_closed, length(e.title) AS size"
        params += tier_params
        if Terms.is_sqlite:
            parts.append(
                f"SELECT * FROM (SELECT {columns} FROM {INDEX} CROSS JOIN {ENTRIES} e ON e.id = {INDEX}.rowid "
                f"WHERE {INDEX} MATCH %s{branch.where} ORDER BY {INDEX}.rowid DESC LIMIT {MOST + 1})"
            )
        else:
            parts.append(
                f"(SELECT {columns} FROM {ENTRIES} e WHERE e.tokens @@ %s::tsquery{branch.where} "
                # The newest, as on SQLite; "+ 0" keeps the planner from walking the key backwards for a rare word.
                f"ORDER BY e.id + 0 DESC LIMIT {MOST + 1})"
            )
        params += [Terms.all(branch.terms), *branch.params]
    shown = ", ".join(f"e.{name}" for name in SHOWN)
    if group:
        slice_of = "(r.grp = %s AND r.position > %s AND r.position <= %s) OR r.position = 1"
        slice_params: list[Any] = [group, (page - 1) * PAGE, page * PAGE]
    else:
        slice_of, slice_params = "r.position <= %s", [SHOWN_OF_EACH]
    sql = f"""WITH hits AS ({" UNION ALL ".join(parts)}), ranked AS (
        SELECT grp, id, tier, here, ROW_NUMBER() OVER (PARTITION BY grp ORDER BY CASE WHEN tier = 0 THEN 0 ELSE 1 END,
            here DESC, tier, is_closed, size, id DESC) AS position, COUNT(*) OVER (PARTITION BY grp) AS total FROM hits)
        SELECT r.grp, r.tier, r.here, r.position, r.total, {shown}, o.name, o.slug, p.name, p.slug
        FROM ranked r JOIN {ENTRIES} e ON e.id = r.id
        LEFT JOIN projects_project p ON p.id = e.project_id
        LEFT JOIN accounts_organization o ON o.id = p.organization_id
        WHERE {slice_of} ORDER BY r.grp, r.position"""
    return sql, [*params, *slice_params]


# ---- what comes back ---------------------------------------------------------------------------------------------


@dataclass
class Hit:
    """One thing found. `url` is where it lies, `where` says project and client in words."""

    kind: Kind
    group: str
    tier: int
    is_here: bool
    subject_id: int
    project_id: int | None
    label: str
    title: str
    text: str
    place: str
    context: str
    state: str
    is_closed: bool
    client: str
    org: str
    project_name: str
    project: str
    home: str = ""
    href: str = ""
    title_marked: str = ""
    snippet: str = ""
    badge: tuple[str, Any] | None = None

    @property
    def url(self) -> str:
        return self.kind.address(self)

    @property
    def where(self) -> str:
        if self.project_id is None:
            return self.context
        return self.client if self.kind.key == "project" else f"{self.client} · {self.project_name}"


@dataclass
class Part:
    """One group of what was found."""

    key: str
    label: Any
    total: int
    hits: list[Hit] = field(default_factory=list)

    @property
    def is_more(self) -> bool:
        """Whether there are more than were counted."""
        return self.total > MOST

    @property
    def count(self) -> str:
        return f"{MOST}+" if self.is_more else str(self.total)

    @property
    def pages(self) -> int:
        return -(-min(self.total, MOST) // PAGE)


@dataclass
class Found:
    asked: Question
    parts: list[Part]
    is_loose: bool = False
    """Nothing holds exactly these words: these hold similar ones."""
    meant: str = ""
    """The question as it was probably meant."""

    @property
    def hits(self) -> list[Hit]:
        return [hit for part in self.parts for hit in part.hits]

    @property
    def count(self) -> int:
        return sum(part.total for part in self.parts)

    @property
    def straight_to(self) -> Hit | None:
        """The one record whose number was asked for: in the current project, or else the only one there is."""
        if not self.asked.code or not self.asked.code[0].isalpha():
            return None
        exact = [hit for hit in self.hits if hit.tier == 0]
        here = [hit for hit in exact if hit.is_here]
        if len(here) == 1:
            return here[0]
        return exact[0] if len(exact) == 1 else None


def find(sight: Sight, asked: Question, *, group: str = "", page: int = 1) -> Found:
    """One query; only when nothing was found a looser one, by a letter (on SQLite two)."""
    if asked.is_empty:
        return Found(asked, [])
    found = Found(asked, _parts(sight, asked, {}, group=group, page=page))
    if found.parts or all(len(words.similar(word)) == 1 for word in asked.words):
        return found
    alike = alike_of(asked)
    if not any(len(others) > 1 for others in alike.values()):
        return found
    loose = Found(asked, _parts(sight, asked, alike, group=group, page=page), is_loose=True)
    loose.meant = meant_by(loose) if loose.parts else ""
    return loose if loose.parts else found


def _parts(sight: Sight, asked: Question, alike: Alike, *, group: str, page: int) -> list[Part]:
    made = statement(sight, asked, alike, group=group, page=page)
    if made is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(*made)
        rows = cursor.fetchall()
    labels = {one.key: one for one in kinds.groups()}
    parts: dict[str, Part] = {}
    for grp, tier, is_here, position, total, kind, *rest in rows:
        part = parts.setdefault(grp, Part(grp, labels[grp].label, total))
        if group and (grp != group or not (page - 1) * PAGE < position <= page * PAGE):
            continue  # one row of each other group came along for its count
        part.hits.append(Hit(kinds.of(kind), grp, tier, bool(is_here), *rest))
    return sorted(parts.values(), key=lambda part: labels[part.key].order)


def meant_by(found: Found) -> str:
    """The asked words with those of the best rows in place of slips; only words of what the person may see."""
    said = [one for hit in found.hits for one in words.WORD.findall(f"{hit.title} {hit.text}")]
    held = {"".join(words.of(one)): one for one in reversed(said)}
    corrected = []
    for word in found.asked.words:
        alike = words.similar(word)
        best = next((held[one] for one in alike if one in held), "")
        corrected.append(best.lower() if best else word)
    return " ".join(corrected)
