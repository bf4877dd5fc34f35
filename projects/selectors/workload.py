"""Who has how much in which week, and when nobody works: what the pages of workload and calendar show."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import QuerySet

from projects import access
from projects.models import Absence, Capacity, Closure, Project, Task
from projects.schedule import Axis
from projects.schedule.workload import Load, Week, Work, hours_left, loads

WEEKS = 13


class PersonLoad(NamedTuple):
    person: Any
    load: Load
    hours_per_week: Any

    @property
    def weeks(self) -> list[Week]:
        return self.load.weeks


def workload(project: Project, today: dt.date, weeks: int = WEEKS) -> list[PersonLoad]:
    """Everybody of the project with what lies on them; five queries. Who has most work stands first."""
    rows = Task.objects.filter(project=project, is_open=True, assignee__isnull=False, due_on__isnull=False)
    works = [
        Work(person, starts or due, due, hours_left(left, planned, spent))
        for person, starts, due, left, planned, spent in rows.order_by("pk").values_list(
            "assignee_id", "starts_on", "due_on", "effort_hours_left", "effort_hours_planned", "effort_hours_spent"
        )
    ]
    people = {person.pk: person for person in access.people_of(project).order_by("name", "pk")}
    hours = dict(Capacity.objects.filter(project=project).values_list("person_id", "hours_per_week"))
    axis = Axis(project.start_on, project.calendar)
    away: dict[int, set[int]] = {}
    for person, first, last in absences_of(project, from_on=today).values_list("person_id", "first_on", "last_on"):
        away.setdefault(person, set()).update(axis.days_off(first, last))
    found = loads(
        works,
        axis=axis,
        today=today,
        weeks=weeks,
        people=list(people),
        hours_per_week={pk: float(n) for pk, n in hours.items()},
        away=away,
    )
    drawn = [PersonLoad(people[load.person], load, hours.get(load.person)) for load in found]
    return sorted(drawn, key=lambda one: (-len(one.load.over), -one.load.hours, one.person.name))


def unassigned_hours(project: Project) -> float:
    """The hours of open tasks that lie on no person yet; one query."""
    rows = Task.objects.filter(project=project, is_open=True, assignee__isnull=True)
    return sum(
        hours_left(*row) for row in rows.values_list("effort_hours_left", "effort_hours_planned", "effort_hours_spent")
    )


def closures_of(project: Project) -> QuerySet[Closure]:
    return Closure.objects.filter(organization_id=project.organization_id).order_by("first_on", "pk")


def absences_of(project: Project, *, from_on: dt.date, person: Any = None) -> QuerySet[Absence]:
    """Absences of the project's people that are not over, by date; of one person where one is given."""
    rows = Absence.objects.filter(organization_id=project.organization_id, last_on__gte=from_on)
    if person is not None:
        rows = rows.filter(person=person)
    return rows.select_related("person").order_by("first_on", "pk")
