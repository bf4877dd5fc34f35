"""What several reports print alike: titles in the reader's language, who carries a task, parameters as dates."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core import svg
from pdca import titles
from pdca.models import Activity, Phase, Step
from projects.models import PlanPhase, PlanStep, Project
from projects.permissions import Role
from projects.selectors.project import standards_of
from projects.selectors.step import Outline, StepLine


class Titles:
    """The words of a plan for a reader: the method's own in the active language, changed ones as they were typed.

    Two queries, and a third `with_activities`.
    """

    def __init__(self, project: Project, *, with_activities: bool = False) -> None:
        self.phases = self._published(Phase, project)
        self.steps = self._published(Step, project)
        self.activities = self._published(Activity, project) if with_activities else {}

    @staticmethod
    def _published(model: Any, project: Project) -> dict[int, str]:
        return dict(model.objects.filter(catalogue=project.catalogue_id).order_by().values_list("pk", "title"))

    def phase(self, phase: PlanPhase) -> str:
        return titles.said(phase.title, self.phases.get(phase.source_id))

    def step(self, step: PlanStep) -> str:
        return titles.said(step.title, self.steps.get(step.source_id))

    def activity(self, activity: Any) -> str:
        return titles.said(activity.title, self.activities.get(activity.source_id))


def owner_of(name: str | None, email: str | None, role: str) -> str:
    """Who carries a task: the person, or the role that has not given it to anybody, or nobody."""
    if name or email:
        return str(name or email)
    return str(Role(role).label) if role in Role.values else _("Nobody yet")


def owner_of_task(task: Any) -> str:
    """The same for a task; needs `assignee` loaded."""
    person = task.assignee
    return owner_of(person.name, person.email, "") if person is not None else owner_of(None, None, task.assignee_role)


def wheel_of(outline: Outline, words: Titles, id: str = "wheel") -> SafeString:
    """The wheel of the page, without links."""
    return svg.wheel(
        [
            svg.Phase(words.phase(phase.phase), phase.tone, [_piece(line, outline, words) for line in phase.steps])
            for phase in outline.phases
        ],
        percent=outline.project.progress_percent,
        planned=outline.planned,
        id=id,
    )


def _piece(line: StepLine, outline: Outline, words: Titles) -> svg.Step:
    return svg.Step(
        line.step.number,
        words.step(line.step),
        line.figures.drawn_percent,
        is_current=line.figures is outline.current,
        is_late=line.figures.is_late,
        is_excluded=line.is_out,
    )


def day_of(value: Any) -> dt.date | None:
    """A parameter as a date: kept as text with the report, so both come."""
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value or ""))
    except ValueError:
        return None


def short_day_format() -> str:
    """How a date stands in a table, in the active language."""
    return pgettext("date format", "j M Y")


def long_day_format() -> str:
    """How a date stands in a sentence, in the active language."""
    return pgettext("date format", "j F Y")


def said_short(day: dt.date) -> str:
    return date_format(day, short_day_format())


def said_day(day: dt.date) -> str:
    return date_format(day, long_day_format())


def said_period(since: dt.date, until: dt.date) -> str:
    return _("%(since)s to %(until)s") % {"since": said_day(since), "until": said_day(until)}


def sentence_left_out(count: int, what: str) -> str:
    """Says how many lines of a list a report does not print; `what` names the list."""
    words = ngettext("%(what)s: %(n)s more line is not printed.", "%(what)s: %(n)s more lines are not printed.", count)
    return words % {"n": count, "what": what}


def cover_facts(project: Project) -> list[tuple[str, str]]:
    """What the cover says of a project: the standards it works towards, and the audit; one query."""
    codes = ", ".join(standard.code for standard in standards_of(project))
    facts = [(_("Standards"), codes)] if codes else []
    if project.target_on:
        facts.append((_("Certification audit"), said_day(project.target_on)))
    return facts
