"""Nonconformities on paper: the register with what it teaches, and one of them in eight steps. (10.2; 9.1.3; IMS2 4.1)"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import dates
from core.rules import RuleBroken
from improvement import origins, pictures
from improvement.flows import Status
from improvement.models import Cause, Nonconformity
from improvement.selectors import nonconformity as selectors
from improvement.selectors import register as lists
from improvement.selectors import statistics
from improvement.selectors.grade import scale_of
from reports.kinds import MOST_ROWS, Asked

from .lines import cover_facts, day_of, said_day, sentence_left_out

# ---- the register -------------------------------------------------------------------------------------------------


class Row(NamedTuple):
    """A nonconformity in the register."""

    label: str
    title: str
    source: str
    where: str
    grade: str
    is_grave: bool
    owner: str
    found_on: dt.date
    age: int
    state: str
    next: str
    next_on: dt.date | None
    is_late: bool


class Chart(NamedTuple):
    title: str
    picture: Any
    rows: list[statistics.Slice]


def register(asked: Asked) -> dict[str, Any]:
    """All that the report of the register prints. Confidential ones are left out, and the report says how many."""
    project, today = asked.project, asked.today
    scale = scale_of(project)
    seen = selectors.visible(project, asked.by, asked.perms)
    hidden = seen.filter(is_confidential=True).count()
    rows = seen.filter(is_confidential=False)
    since, until = day_of(asked.parameters.get("since")), day_of(asked.parameters.get("until"))
    wanted = {
        "state": "" if asked.parameters.get("state") == "open" else lists.EVERY,
        "source": asked.parameters.get("source") or "", "since": since, "until": until,
    }  # fmt: skip
    rows = lists.narrowed(rows, wanted, today=today)
    total = rows.count()
    found = list(rows.order_by("-is_open", "-number")[:MOST_ROWS])
    selectors.graded(found, scale)
    dues = lists.dues_of(found)
    facts = statistics.of(rows, today)
    return {
        "project": project,
        "figures": lists.figures(rows, scale, today),
        "late": [(label, lists.figures(rows, scale, today).late[key]) for key, label in lists.Phase.choices],
        "facts": facts,
        "ages": pictures.ages_svg(facts.ages, width=1040),
        "charts": [
            Chart(str(title), pictures.pareto_svg(slices, key=key, title=str(title), size="paper"), slices)
            for key, title, slices in facts.paretos
        ],
        "groups": [
            (_("Open"), [_row(one, dues.get(one.pk), project, today) for one in found if one.is_open]),
            (_("Closed and refused"), [_row(one, dues.get(one.pk), project, today) for one in found if not one.is_open]),
        ],
        "total": total,
        "cover_facts": cover_facts(project),
        "left_out": _left_out(total, hidden),
    }  # fmt: skip


def _row(one: Nonconformity, due: lists.Due | None, project: Any, today: dt.date) -> Row:
    ended = dates.day_of(one.closed_at, project.organization.time_zone) if one.closed_at else today
    on = due.on if due else None
    return Row(
        one.label, one.title, str(one.get_source_display()), " · ".join(part for part in (one.process, one.site) if part) or one.place,
        one.grade_name, one.is_grave, str(one.owner or "–"), one.detected_on, (ended - one.detected_on).days,
        str(one.get_status_display()), due.phase if due else "", on, on is not None and on < today,
    )  # fmt: skip


def _left_out(total: int, hidden: int) -> list[str]:
    said = []
    if total > MOST_ROWS:
        said.append(sentence_left_out(total - MOST_ROWS, _("Nonconformities")))
        said.append(_("The whole register is there as XLSX, on the page Nonconformities."))
    if hidden:
        words = ngettext(
            "%(n)s confidential nonconformity is neither listed nor counted.",
            "%(n)s confidential nonconformities are neither listed nor counted.",
            hidden,
        )
        said.append(words % {"n": hidden})
    return said


# ---- one nonconformity --------------------------------------------------------------------------------------------


class Doing(NamedTuple):
    """A corrective action."""

    label: str
    title: str
    who: str
    due_on: dt.date | None
    done_on: dt.date | None
    state: str


class Turn(NamedTuple):
    """A round on paper."""

    number: int
    correction: str
    contained_on: dt.date | None
    extent: str
    causes: list[Cause]
    roots: list[Cause]
    tree: Any
    fishbone: Any
    actions: list[Doing]
    criterion: str
    check_on: dt.date | None
    verifier: str
    verdict: str
    is_effective: bool
    note: str
    verified_by: str
    verified_on: dt.date | None


def record(asked: Asked) -> dict[str, Any]:
    """One nonconformity in the eight steps that customers know (8D): team, problem, correction, cause, actions, proof,
    prevention, end. Raises RuleBroken for one that is confidential or not theirs to see."""
    project = asked.project
    one = selectors.one(project, str(asked.parameters.get("number", "")), asked.by, asked.perms)
    if one is None:
        raise RuleBroken(_("There is no nonconformity of this number here."))
    if one.is_confidential:
        raise RuleBroken(
            _(
                "%(record)s is confidential, and a kept report is read by everybody who reads the register. Print its page instead."
            )
            % {"record": one.label}
        )
    selectors.graded([one], scale_of(project))
    zone = project.organization.time_zone
    turns = [
        _turn(one, current, zone) for current in one.rounds.select_related("verifier", "verified_by").order_by("number")
    ]
    clauses = one.clause_links.select_related("clause__standard").order_by("clause__standard__code", "clause__position")
    team = _team(one, turns)
    return {
        "project": project,
        "record": one,
        "state": one.get_status_display(),
        "is_refused": one.status == Status.REFUSED,
        "source": one.get_source_display(),
        "origins": origins.of(one, asked.by, asked.perms),
        "clauses": [f"{link.clause.standard.code} {link.clause.ref} {link.clause.title}" for link in clauses],
        "team": team,
        "turns": turns,
        "last": turns[-1],
        "earlier": one.recurrence_of,
        "again": list(one.recurrences.filter(is_confidential=False).order_by("number")),
        "consequences": selectors.consequences_of(one, asked.by),
        "closed_on": dates.day_of(one.closed_at, zone) if one.closed_at else None,
        "reported_on": dates.day_of(one.created_at, zone),
        "period": str(one),
        "cover_facts": [
            (_("Nonconformity"), one.label), (_("State"), str(one.get_status_display())),
            (_("Found on"), said_day(one.detected_on)), *cover_facts(project),
        ],
        "left_out": [_("Files that were added as evidence are kept with the record and not printed.")]
        if one.evidence_count else [],
    }  # fmt: skip


def _turn(one: Nonconformity, current: Any, zone: str) -> Turn:
    causes = list(current.causes.order_by("pk"))
    actions = current.actions.select_related("task__assignee").order_by("task__due_on", "task__number")

    def day(moment: dt.datetime | None) -> dt.date | None:
        return dates.day_of(moment, zone) if moment else None

    return Turn(
        current.number, current.correction, day(current.contained_at), current.extent, causes,
        [cause for cause in causes if cause.is_root],
        pictures.whys_svg(one, causes, id=f"whys-{current.number}") if causes else "",
        pictures.fishbone_svg(one, causes, id=f"fishbone-{current.number}") if causes else "",
        [
            Doing(
                action.task.label, action.task.title, str(action.task.assignee or "–"), action.task.due_on,
                day(action.task.completed_at), str(action.task.get_status_display()),
            )
            for action in actions
        ],
        current.criterion, current.check_on, str(current.verifier or "–"), str(current.get_verdict_display()),
        current.verdict == "effective", current.verdict_note, str(current.verified_by or ""), day(current.verified_at),
    )  # fmt: skip


def _team(one: Nonconformity, turns: list[Turn]) -> list[tuple[str, str]]:
    """(role, name) of everybody with a part in it."""
    found = [(_("Reported by"), str(one.created_by or "–")), (_("Owner"), str(one.owner or "–"))]
    doers = dict.fromkeys(action.who for turn in turns for action in turn.actions if action.who != "–")
    if doers:
        found.append((_("Corrective actions"), ", ".join(doers)))
    if turns[-1].verifier != "–":
        found.append((_("Verified by"), turns[-1].verifier))
    return found
