"""Seefeld Logistik: a second client with people of its own, who see nothing of the first."""

from __future__ import annotations

import datetime as dt

from pdca.models import Standard
from pdca.selectors import catalogue as catalogues
from projects.models import PlanActivity, Project
from projects.permissions import Role
from projects.services import plan, start, team
from projects.services import task as tasks

from . import cast, tell
from .clock import CALENDAR, Story, as_if, shifted

WEEKS_RUNNING = 7
OWN_TASKS = [
    ("Collect the damage reports of the last twelve months", "processowner", -4, "done"),
    ("Walk through the night shift in the transshipment hall", "consultant", 5, "open"),
    ("List the drivers with an expired load-securing course", "staff", 2, "in_progress"),
    ("Ask the insurer for its site report", "manager", -6, "open"),
]


def write() -> Project:
    story = Story("seefeld")
    start_on = CALENDAR.on_or_after(story.today - dt.timedelta(weeks=WEEKS_RUNNING))
    before = story.moment(shifted(start_on, -10))
    people = cast.join(cast.SEEFELD, "seefeld.example", before)
    with as_if(before):
        organization = team.found_organization(
            name="Seefeld Logistik", slug="seefeld", kind="client", by=None, country="CH", region="ZH", headcount=420,
            is_demo=True,
        )  # fmt: skip
        for local, role in (("admin", Role.CLIENT_ADMIN), ("consultant", Role.CONSULTANT)):
            team.grant(to=people[local], role=role, scope=organization, by=None, reason="First people",
                       is_set_up=True)  # fmt: skip
    story.told_until = story.moment(start_on, 8, 9)
    with as_if(story.told_until):
        project = start.start(
            organization=organization, by=people["consultant"], name="Integrated management system", slug="ims",
            catalogue=catalogues.current(),
            standards=list(Standard.objects.filter(slug__in=("iso-9001-2026", "iso-45001-2018", "iso-14001-2026"))),
            start_on=start_on, headcount=420, holiday_country="CH", holiday_region="ZH", manager=people["manager"],
        )  # fmt: skip
        roles = {
            "manager": Role.PROJECT_MANAGER,
            "management": Role.TOP_MANAGEMENT,
            "auditor": Role.AUDITOR,
            "processowner": Role.PROCESS_OWNER,
            "staff": Role.STAFF,
        }
        for local, role in roles.items():
            cast.come_in(person=people[local], role=role, scope=project, by=people["admin"])
    _work(story, project, people)
    for facts in OWN_TASKS:
        story.add(story.moment(story.days_ago(12)), _make_own, story=story, project=project, people=people, facts=facts)
    tell(story, project, people)
    return project


def _make_own(story: Story, project: Project, people: dict, facts: tuple) -> None:
    title, local, due, end = facts
    task = tasks.create(
        project=project, by=people["manager"], title=title, assignee=people[local],
        due_on=story.days_ahead(due) if due >= 0 else story.days_ago(-due),
    )  # fmt: skip
    if end != "open":
        name = "complete" if end == "done" else "start"
        story.add(story.moment(story.days_ago(5)), tasks.move, task=task, name=name, by=people[local])


def _work(story: Story, project: Project, people: dict) -> None:
    """What was due until last week is done, by the consultant and the project manager."""
    limit = story.days_ago(6)
    for activity in PlanActivity.objects.filter(project=project, starts_on__lt=limit).select_related("step"):
        who = people["consultant"]
        story.add(story.moment(activity.starts_on, 7, 8), plan.move, activity=activity, name="start", by=who)
        theirs = list(activity.tasks.select_related("project__organization"))
        for task in theirs:
            if task.due_on < limit:
                story.add(story.moment(task.due_on), tasks.move, task=task, name="complete", by=who)
        if activity.ends_on < limit:
            last = max((task.due_on for task in theirs), default=activity.ends_on)
            story.add(story.moment(shifted(last, 1)), plan.move, activity=activity, name="complete", by=who)
