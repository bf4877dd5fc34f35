"""Nonconformities as pages read them: who sees which, what is late, what looks alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import dates
from improvement.flows import Status
from improvement.grading import Scale
from improvement.models import Cause, Nonconformity, NonconformityClause, Round
from improvement.selectors import register
from improvement.selectors.grade import scale_of
from projects import pointing
from projects.addresses import address
from projects.models import JournalEntry, Project
from projects.permissions import Perm

MOST_ALIKE, MOST_WORDS, MOST_COMPARED = 8, 8, 200
SHORTEST_WORD = 4
_COMMON = """
with without from that this have were been when after before into over under between there their they them than then
nicht oder eine einer eines einem einen wird wurde wurden sind beim ohne nach über unter zwischen dass noch auch
dans pour avec sans sont était après avant entre cette leur leurs elles mais plus
"""
COMMON = frozenset(_COMMON.split())
"""Words that say nothing about what happened, in the languages of the program."""


def of(project: Project) -> QuerySet[Nonconformity]:
    return Nonconformity.objects.filter(project=project).select_related("owner", "created_by")


def visible(project: Project, user: Any, perms: Iterable[Perm]) -> QuerySet[Nonconformity]:
    """What this person sees: everybody what they reported; readers the register; confidential ones a few people only."""
    own = Q(created_by=user)
    if Perm.MANAGE_NONCONFORMITIES in perms:
        return of(project)
    if Perm.VIEW_NONCONFORMITIES in perms:
        mine = own | Q(owner=user) | Q(rounds__verifier=user)
        return of(project).filter(Q(is_confidential=False) | Q(pk__in=Nonconformity.objects.filter(mine).values("pk")))
    return of(project).filter(own)


def hidden(project: Project, user: Any, perms: Iterable[Perm]) -> QuerySet[Nonconformity] | None:
    """Those that this reader of the journal may not see, None where that is none; without `user` all confidential ones."""
    if Perm.MANAGE_NONCONFORMITIES in perms:
        return None
    rows = Nonconformity.objects.filter(project=project)
    if user is None:
        return rows.filter(is_confidential=True)
    return rows.exclude(pk__in=visible(project, user, perms).order_by().values("pk"))


def one(project: Project, number: str, user: Any, perms: Iterable[Perm]) -> Nonconformity | None:
    """The one of this number ("NC-012"), for who may see it; `sees_earlier`, whether also the one before it. One query."""
    wanted = Nonconformity.number_of(number)
    if wanted is None:
        return None
    seen = visible(project, user, perms)
    earlier = Exists(seen.order_by().filter(pk=OuterRef("recurrence_of")))
    found = seen.filter(number=wanted).select_related("recurrence_of").annotate(sees_earlier=earlier).first()
    if found is not None:
        found.project = project  # with its organization, which the page has loaded
    return found


def rounds_of(rows: Iterable[Nonconformity]) -> dict[int, Round]:
    """The newest round of each, by the id of its record. One query."""
    found: dict[int, Round] = {}
    for one in Round.objects.filter(nonconformity__in=[row.pk for row in rows]).order_by("nonconformity_id", "number"):
        found[one.nonconformity_id] = one
    return found


class Alike(NamedTuple):
    """Another nonconformity that may be the same thing elsewhere, and what they have in common."""

    record: Nonconformity
    shared: list[str]


def alike(
    record: Nonconformity, seen: QuerySet[Nonconformity], words: str = "", clauses: set[int] | None = None
) -> list[Alike]:
    """Others that may be the same thing elsewhere, of those somebody sees: the same clause, process or words; the likeliest first.

    `words` are looked for instead of those of the title; `clauses` are its own, where they are loaded. Two queries
    at most. (10.2.1 b: does it exist, or could it occur, elsewhere?)
    """
    wanted = sorted(_words(words or record.title))[:MOST_WORDS]
    if clauses is None:
        clauses = set(record.clause_links.values_list("clause_id", flat=True))
    shared_clauses = NonconformityClause.objects.filter(nonconformity=OuterRef("pk"), clause__in=clauses).order_by()
    near = Q(pk__in=[])
    if not words:
        near |= Q(Exists(shared_clauses)) if clauses else near
        if record.process:
            near |= Q(process__iexact=record.process)
    for word in wanted:
        near |= Q(title__icontains=word) | Q(description__icontains=word)
    # A confidential one is not proposed: its title would stand on the page of another. Two hundred are compared and eight
    # shown: no more of each is read than that takes.
    rows = (
        seen.select_related(None).filter(near, is_confidential=False).exclude(pk=record.pk)
        .annotate(same=Subquery(shared_clauses.values("nonconformity").annotate(n=Count("pk")).values("n")))
        .only("number", "title", "description", "process", "status", "is_confidential")
    )  # fmt: skip
    found = []
    for other in rows.order_by("-number")[:MOST_COMPARED]:
        text = f"{other.title} {other.description}".casefold()
        same_words = [word for word in wanted if word in text]
        is_same_process = bool(record.process) and other.process.casefold() == record.process.casefold()
        other.same = other.same or 0
        if not (other.same or is_same_process or same_words):
            continue
        shared = [_("same clause")] if other.same else []
        if is_same_process:
            shared.append(_("same process"))
        if same_words:
            shared.append(_("words: %(words)s") % {"words": ", ".join(same_words[:3])})
        found.append((2 * other.same + 2 * is_same_process + len(same_words), Alike(other, shared)))
    found.sort(key=lambda one: (-one[0], -one[1].record.number))
    return [one for _score, one in found[:MOST_ALIKE]]


def _words(text: str) -> set[str]:
    """The words worth comparing: of four letters and more, without the commonest ones."""
    found = {word.casefold().strip(".,;:!?()\"'„“”«»") for word in text.split()}
    return {word for word in found if len(word) >= SHORTEST_WORD and word not in COMMON}


class Why(NamedTuple):
    """A cause with the answers below it."""

    cause: Cause
    below: list[Why]


def whys(causes: Iterable[Cause]) -> list[Why]:
    """The causes of a round as trees, in the order they were written."""
    made: dict[int, Why] = {}
    top = []
    for cause in causes:
        made[cause.pk] = Why(cause, [])
        (made[cause.parent_id].below if cause.parent_id in made else top).append(made[cause.pk])
    return top


BADGES = {
    Status.REPORTED: ("open", "flag"),
    Status.REFUSED: ("plain", "x"),
    Status.CLOSED: ("done", ""),
    Status.VERIFYING: ("prog", "eye"),
}
"""Kind and icon of a state's badge; the states in between are work in progress."""


def badge(status: str) -> tuple[str, str]:
    return BADGES.get(Status(status), ("prog", ""))


def graded(rows: Iterable[Nonconformity], scale: Scale) -> None:
    """Puts the grade in words on each row, and whether it is a grave one."""
    for row in rows:
        row.grade_name, row.is_grave = scale.name(row.grade), scale.is_grave(row.grade)


def dressed(rows: Iterable[Nonconformity], project: Project, today: dt.date) -> list[Nonconformity]:
    """Puts on each row what the template prints: address, badge, grade, age in days, what comes next and by when. Three queries
    at most; one for rows of `register.rows_of`."""
    rows = list(rows)
    graded(rows, scale_of(project))
    dues = register.dues_of(rows)
    slugs = project.address
    for row in rows:
        row.href = address("improvement:nonconformity-detail", **slugs, number=row.label)
        row.badge = badge(row.status)
        row.age = (
            (dates.day_of(row.closed_at, project.organization.time_zone) if row.closed_at else today) - row.detected_on
        ).days
        row.next = dues.get(row.pk)
    return rows


class Page(NamedTuple):
    """What the page of a nonconformity shows beside the record itself; the newest round comes first."""

    rounds: list[Round]
    whys: list[Why]
    actions: list[Any]
    alike: list[Alike]
    clauses: list[str]
    again: list[Nonconformity]
    causes: list[Cause]


def page_of(record: Nonconformity, seen: QuerySet[Nonconformity], words: str = "") -> Page:
    """Seven queries. `seen` are those the reader sees, `words` what was looked for instead of the title."""
    rounds = list(record.rounds.select_related("verifier", "verified_by").order_by("-number"))
    record._round = rounds[0]
    actions = rounds[0].actions.select_related("task__assignee").order_by("task__due_on", "task__number")
    clauses = list(record.clause_links.select_related("clause__standard"))
    near = {link.clause_id for link in clauses}
    by_round: dict[int, list[Cause]] = {one.pk: [] for one in rounds}
    for cause in Cause.objects.filter(round__in=by_round).order_by("pk"):
        by_round[cause.round_id].append(cause)
    for one in rounds:
        one.roots = [cause for cause in by_round[one.pk] if cause.is_root]
    causes = by_round[rounds[0].pk]
    return Page(
        rounds, whys(causes), list(actions), alike(record, seen, words, near) if record.is_open else [],
        [f"{one.clause.standard.code} {one.clause.ref} {one.clause.title}" for one in clauses],
        list(seen.filter(recurrence_of=record).order_by("number")[:MOST_COMPARED]), causes,
    )  # fmt: skip


LIFE = [
    gettext_lazy("Reported"), gettext_lazy("Contained"), gettext_lazy("Cause known"), gettext_lazy("Action done"),
    gettext_lazy("Verified"), gettext_lazy("Closed"),
]  # fmt: skip
"""The way of a nonconformity as its page shows it, in six words."""


def place(status: str) -> int:
    """Where on LIFE a state stands, counted from 1: the step that comes next."""
    places = {
        Status.REPORTED: 1, Status.REFUSED: 1, Status.ACCEPTED: 2, Status.CONTAINED: 3, Status.ANALYSED: 4,
        Status.PLANNED: 4, Status.IMPLEMENTED: 5, Status.VERIFYING: 5, Status.CLOSED: 7,
    }  # fmt: skip
    return places[Status(status)]


def journal_of(record: Nonconformity) -> QuerySet[JournalEntry]:
    return JournalEntry.objects.filter(
        project=record.project, target_kind="improvement.nonconformity", target_id=record.pk
    ).order_by("-seq")


class Consequence(NamedTuple):
    """An answer of what closing asked: in words, with the records that change, those that the reader may see."""

    what: str
    answer: str
    links: list[Any]
    hidden: int


def consequences_of(record: Nonconformity, user: Any) -> list[Consequence]:
    """The answers of closing for this reader; empty before. One query for each sort of record that is pointed at."""
    labels = {"risks": _("Risks"), "documents": _("Documents"), "plan": _("Plan")}
    pointed, found = record.consequences.get("links", {}), []
    for key, label in labels.items():
        answer, wanted = record.consequences.get(key, ""), pointed.get(key, [])
        if answer or wanted:
            links = pointing.load(key, record.project, user, wanted)
            found.append(Consequence(str(label), answer, links, len(wanted) - len(links)))
    return found


def leading_to(key: str, record: Any, user: Any, perms: Iterable[Perm]) -> list[pointing.Reason]:
    """The nonconformities whose closing said that a record changes, those that this person may see. One query."""
    rows = visible(record.project, user, perms).filter(
        consequence_links__key=key, consequence_links__record_id=record.pk
    )
    found = []
    for one in rows.order_by("number"):
        one.project = record.project
        found.append(pointing.Reason(f"{one.label} {one.title}", one.get_absolute_url()))
    return found


def load(project: Project, pk: int) -> Nonconformity | None:
    found = of(project).filter(pk=pk).first()
    if found is not None:
        found.project = project
    return found


class Life(NamedTuple):
    """How a nonconformity stands by now, for a page of another app that leads to it."""

    label: str
    title: str
    state: str
    badge: tuple[str, str]
    url: str
    is_open: bool
    owner: Any
    round: int
    verdict: str
    due_on: dt.date | None


def lives(project: Project, user: Any, perms: Iterable[Perm], pks: Iterable[int]) -> dict[int, Life]:
    """How these nonconformities stand, those that this person may see, by id. Four queries."""
    rows = list(visible(project, user, perms).filter(pk__in=list(pks)))
    rounds, dues, found = rounds_of(rows), register.dues_of(rows), {}
    for row in rows:
        row.project = project
        current = rounds.get(row.pk)
        found[row.pk] = Life(
            row.label, row.title, row.get_status_display(), badge(row.status), row.get_absolute_url(), row.is_open,
            row.owner, current.number if current else 1, current.get_verdict_display() if current else "",
            dues[row.pk].on if row.pk in dues else None,
        )  # fmt: skip
    return found
