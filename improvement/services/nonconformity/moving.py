"""A nonconformity along its flow: accepted or refused, contained, analysed, planned, implemented, closed, reopened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from core import dates
from core.flows import Move
from core.rules import RuleBroken
from improvement import telling
from improvement.flows import CLAUSE, NONCONFORMITY, Status
from improvement.models import Nonconformity
from improvement.selectors import grade as grades
from projects import flow, journal
from projects.flow import NotPermitted

from .closing import CONSEQUENCES, lead_back, pointed_at
from .common import KIND, begin_round, may_work


def move(
    *, record: Nonconformity, name: str, by: Any, reason: str = "", consequences: dict[str, str] | None = None,
    changing: Mapping[str, Iterable[int]] | None = None,
) -> Nonconformity:  # fmt: skip
    """Moves a nonconformity along its flow. Closing wants for each of CONSEQUENCES the records that change because of it
    (`changing`: their keys, see projects.pointing), or in words what changes or why nothing has to (`consequences`).

    Raises RuleBroken for a state, guard or missing answer, NotPermitted.
    """
    answers: dict[str, Any] = {key: str((consequences or {}).get(key) or "").strip() for key in CONSEQUENCES}
    links = pointed_at(record.project, by, changing or {}) if name == "close" else {}
    if name == "close" and not all(answers[key] or links.get(key) for key in CONSEQUENCES):
        raise RuleBroken(_("Say whether risks, documents or the plan must change, or that none has to."), CLAUSE)
    if links:
        answers["links"] = links

    def then(found: Nonconformity, step: Move, before: str, log: journal.Log) -> None:
        if not may_work(by, found):
            raise NotPermitted(_("%(record)s is not yours to work on.") % {"record": found.label})
        found.is_open = step.target not in (Status.REFUSED, Status.CLOSED)
        if step.name == "accept":
            _give_days(found, log)
        if step.name == "contain":
            found.contained_at = log.at
            current = found.round
            current.contained_at = log.at
            current.version += 1
            log.mark(current).save()
        elif step.name == "refuse":
            found.refused_because = log.reason[:500]
        elif step.name == "implement":
            current = found.round
            current.implemented_at = log.at
            current.version += 1
            log.mark(current).save()
        elif step.name == "close":
            found.closed_at, found.consequences = log.at, answers
            lead_back(found, links)
        elif step.name == "reopen":
            found.closed_at, found.refused_because = None, ""
            if before == Status.CLOSED:
                begin_round(found, log)
            _give_days(found, log)
        telling.moved(found, step.name, by)

    return flow.move(
        record, name, by=by, flow=NONCONFORMITY, kind=KIND, reason=reason, then=then,
        is_own=lambda found, person, roles: may_work(person, found),
        fields=("is_open", "contained_at", "closed_at", "refused_because", "consequences"),
    )  # fmt: skip


def _give_days(record: Nonconformity, log: journal.Log) -> None:
    """On acceptance the scale says until when correction and cause are due, where nobody has said it."""
    grade, current = grades.scale_of(record.project).of(record.grade), record.round
    if grade is None:
        return
    today = dates.today(record.project.organization.time_zone)
    given = {
        name: today + dt.timedelta(days=days)
        for name, days in (("correction_due_on", grade.contain_days), ("analysis_due_on", grade.analyse_days))
        if days is not None and getattr(current, name) is None
    }
    if given:
        for name, day in given.items():
            setattr(current, name, day)
        current.version += 1
        log.mark(current).save()
        log(record, "nonconformity.worked", {name: [None, day] for name, day in given.items()})
