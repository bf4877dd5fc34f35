"""Two people who re-date at once: nothing is lost, and both stand in the journal (T15). On a real database, with threads."""

from __future__ import annotations

import pytest

from core.rules import StaleRecord
from projects import journal_check
from projects.models import JournalEntry, PlanActivity, PlanStep
from projects.permissions import Role
from projects.services import counters, schedule
from tests.factories.projects import grant, make_activity, make_project, make_user
from tests.projects.test_plan_service_in_parallel import at_once

pytestmark = pytest.mark.django_db(transaction=True)

SAVES = 4


def test_two_people_who_re_date_at_once_both_win_and_the_plan_agrees_with_its_links():
    project = make_project()
    make_activity(PlanStep.objects.get(project=project))
    people = [make_user(), make_user()]
    for person in people:
        grant(person, Role.PROJECT_MANAGER, project)
    one, two, three = PlanActivity.objects.filter(project=project).order_by("number")
    schedule.link(activity=two, predecessor=one, by=None)
    schedule.link(activity=three, predecessor=two, by=None)

    def save(number: str, person, days: int) -> str:
        while True:
            rows = PlanActivity.objects.select_related("project__organization")
            seen = rows.get(project=project, number=number)
            try:
                values = {"duration_days": days}
                schedule.set_dates(activity=seen, by=person, version=seen.version, values=values)
            except StaleRecord:
                continue  # the other one was faster and moved it: told, looked again, saved again
            return f"{number} {days}"

    said = at_once(
        2,
        [
            lambda n=n, at=at: save(("1.1.1", "1.1.3")[at], people[at], 20 + 10 * at + n)
            for n in range(SAVES)
            for at in range(2)
        ],
    )

    entries = JournalEntry.objects.filter(project=project, action="activity.scheduled")
    told = sorted(f"{e.target_label.split()[0]} {e.changes['duration_days'][1]}" for e in entries)
    assert sorted(said) == told and len(told) == 2 * SAVES
    assert {e.actor_id for e in entries} == {person.pk for person in people}
    assert sorted(PlanActivity.objects.filter(project=project).values_list("duration_days", flat=True))[1:] == [23, 33]
    assert not schedule.what_if(project).moves
    assert counters.recount(project) == []
    assert [v.fault for v in journal_check.check_all(use_anchors=False)] == [None]
