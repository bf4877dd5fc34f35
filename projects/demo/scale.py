"""Further clients by the hundred, each with a full plan: what benchmarks and a firm's portfolio are tried with.

Written in bulk: one journal entry for each client, no history of single fields.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import Organization, User
from pdca.models import Standard
from pdca.selectors import catalogue as catalogues
from projects import journal, layout, progress
from projects.models import (
    OrganizationGroupGrant,
    OrganizationUserGrant,
    PlanActivity,
    PlanPhase,
    PlanStep,
    Project,
    ProjectStandard,
    ProjectUserGrant,
    StepDependency,
    StepRound,
    Task,
)
from projects.models.plan import ActivityStatus
from projects.models.task import TaskStatus
from projects.permissions import Role
from projects.services import start, team

from . import PASSWORD
from .clock import CALENDAR

AT_ONCE = 20
WEEKS_RUNNING = (4, 12, 20, 28, 36, 44)
PLACES = ("Aarau", "Basel", "Bern", "Chur", "Davos", "Genf", "Luzern", "Olten", "Sitten", "Thun", "Uster", "Zug")
TRADES = ("Medizintechnik", "Logistik", "Elektronik", "Pharma", "Maschinenbau", "Energie", "Labor", "Software")
ROLES = {
    "manager": Role.PROJECT_MANAGER,
    "auditor": Role.AUDITOR,
    "processowner": Role.PROCESS_OWNER,
    "staff": Role.STAFF,
}
OWN_WORK = (
    "Check the list of {}",
    "Prepare the meeting about {}",
    "Collect the records of {}",
    "Talk to the team about {}",
    "Update the procedure for {}",
)
SUBJECTS = ("purchasing", "calibration", "visitors", "backups", "complaints", "training", "waste", "contracts", "tools")


def write(count: int, *, tasks: int = 500) -> int:
    """Adds clients `scale-001` … until there are `count`, all engaged with the demo's firm; returns how many are new."""
    there = Organization.objects.filter(slug__startswith="scale-").count()
    writer = _Writer(tasks)
    numbers = range(there + 1, count + 1)
    for first in range(0, len(numbers), AT_ONCE):
        with transaction.atomic():
            writer.write(numbers[first : first + AT_ONCE])
    return len(numbers)


class _Writer:
    def __init__(self, tasks: int) -> None:
        self.tasks = tasks
        self.chance = random.Random("scale")  # noqa: S311  a story, not a secret
        self.catalogue = catalogues.current()
        self.plan = catalogues.plan_of(self.catalogue)
        self.standards = list(Standard.objects.filter(slug__in=("iso-9001-2026", "iso-27001-2022")))
        self.firm = Organization.objects.select_related("team").get(slug="firn")
        self.consultant = User.objects.get(email="consultant@demo.example")
        self.password = make_password(PASSWORD)
        self.today = timezone.localdate()
        self.now = timezone.now()
        self.spans: dict[dt.date, dict[int, layout.Span]] = {}

    def write(self, numbers: range) -> None:
        organizations = [
            Organization(
                slug=f"scale-{number:03d}",
                name=f"{self.chance.choice(PLACES)} {self.chance.choice(TRADES)} {number}",
                country="CH",
                region="ZH",
                headcount=self.chance.randrange(60, 240),
                is_demo=True,
                created_by=self.consultant,
            )
            for number in numbers
        ]
        Organization.objects.bulk_create(organizations)
        people = {
            organization: {
                local: User(
                    email=f"{local}@{organization.slug}.example",
                    name=f"{Role(role).label} {organization.slug[6:]}",
                    password=self.password,
                    is_demo=True,
                )
                for local, role in ROLES.items()
            }
            for organization in organizations
        }
        User.objects.bulk_create(person for four in people.values() for person in four.values())
        projects = [self.project(organization, people[organization]) for organization in organizations]
        plans = [self.lay_out(project, people[project.organization]) for project in projects]
        Project.objects.bulk_create(projects)
        ProjectStandard.objects.bulk_create(
            ProjectStandard(project=project, standard=standard) for project in projects for standard in self.standards
        )
        for model, part in (
            (PlanPhase, "phases"), (PlanStep, "steps"), (StepDependency, "links"), (StepRound, "rounds"),
            (PlanActivity, "activities"), (Task, "tasks"),
        ):  # fmt: skip
            _insert(model, itertools.chain.from_iterable(getattr(rows, part) for rows in plans))
        self.let_in(projects, people)
        for project, rows in zip(projects, plans, strict=True):
            with journal.change(project, by=self.consultant) as log:
                log(project, "project.started", {"activities": len(rows.activities), "tasks": len(rows.tasks)})

    def project(self, organization: Organization, people: dict[str, User]) -> Project:
        weeks = self.chance.choice(WEEKS_RUNNING)
        start_on = CALENDAR.on_or_after(self.today - dt.timedelta(weeks=weeks))
        if start_on not in self.spans:
            self.spans[start_on] = start.propose(
                self.plan, start_on=start_on, target_on=None, headcount=100, calendar=CALENDAR
            ).spans
        return Project(
            organization=organization,
            name="Integrated management system",
            slug="ims",
            catalogue=self.catalogue,
            start_on=start_on,
            target_on=start_on + dt.timedelta(weeks=56),
            headcount=100,
            holiday_country="CH",
            holiday_region="ZH",
            manager=people["manager"],
            created_by=self.consultant,
        )

    def lay_out(self, project: Project, people: dict[str, User]) -> start.Rows:
        """The plan with its tasks, worked on up to about today, and the counters that follow from it."""
        rows = start.lay_out(
            project, self.plan, self.spans[project.start_on], CALENDAR, with_tasks=True, by=self.consultant
        )
        rows.tasks = rows.tasks[: self.tasks]
        for number in range(len(rows.tasks) + 1, self.tasks + 1):
            rows.tasks.append(self.own_task(project, number, self.chance.choice(rows.activities)))
        hands = list(people.values())
        by_activity: dict[int, list[Task]] = {}
        for task in rows.tasks:
            self.work_on(task, hands)
            by_activity.setdefault(id(task.activity), []).append(task)
        _count(project, rows, by_activity)
        return rows

    def own_task(self, project: Project, number: int, activity: PlanActivity) -> Task:
        return Task(
            organization=project.organization,
            project=project,
            number=number,
            title=self.chance.choice(OWN_WORK).format(self.chance.choice(SUBJECTS)),
            activity=activity,
            assignee_role=activity.responsible,
            due_on=activity.ends_on,
            effort_hours_planned=Decimal(self.chance.randrange(1, 9)),
            created_by=self.consultant,
        )

    def work_on(self, task: Task, hands: list[User]) -> None:
        if self.chance.random() < 0.7:
            task.assignee = self.chance.choice(hands)
        if task.due_on < self.today and self.chance.random() < 0.93:
            task.status, task.is_open = TaskStatus.DONE, False
            task.completed_at = self.now - (self.today - task.due_on) * 1
            task.completed_by = task.assignee or self.consultant
        elif task.due_on < self.today + dt.timedelta(days=10) and self.chance.random() < 0.4:
            task.status = TaskStatus.IN_PROGRESS

    def let_in(self, projects: list[Project], people: dict[Organization, dict[str, User]]) -> None:
        as_consultant = team.permission_of(Role.CONSULTANT, self.firm)
        as_admin = team.permission_of(Role.CLIENT_ADMIN, self.firm)
        roles: dict[str, Permission] = {local: team.permission_of(role, projects[0]) for local, role in ROLES.items()}
        given: dict[str, Any] = {"granted_by": self.consultant, "reason": "Written in bulk"}
        OrganizationGroupGrant.objects.bulk_create(
            OrganizationGroupGrant(
                group=self.firm.team, permission=as_consultant, content_object=project.organization, **given
            )
            for project in projects
        )
        OrganizationUserGrant.objects.bulk_create(
            OrganizationUserGrant(
                user=people[project.organization]["manager"], permission=as_admin,
                content_object=project.organization, **given,
            )
            for project in projects
        )  # fmt: skip
        ProjectUserGrant.objects.bulk_create(
            ProjectUserGrant(user=person, permission=roles[local], content_object=project, **given)
            for project in projects
            for local, person in people[project.organization].items()
        )


def _count(project: Project, rows: start.Rows, by_activity: dict[int, list[Task]]) -> None:
    """The stored counters of activities, steps and the project, as projects.services.counters would count them."""
    for step in rows.steps:
        step.effort_minutes = step.effort_minutes_done = step.task_count = step.task_open_count = 0
    for activity in rows.activities:
        theirs = by_activity.get(id(activity), [])
        weight = sum((progress.task_weight(task.effort_hours_planned) for task in theirs), Decimal(0))
        done = sum((progress.task_weight(t.effort_hours_planned) for t in theirs if not t.is_open), Decimal(0))
        activity.task_count = len(theirs)
        activity.task_open_count = sum(task.is_open for task in theirs)
        if theirs and not activity.task_open_count:
            activity.status = ActivityStatus.DONE
            activity.started_on, activity.finished_on = activity.starts_on, activity.ends_on
        elif done:
            activity.status, activity.started_on = ActivityStatus.IN_PROGRESS, activity.starts_on
        is_done = activity.status == ActivityStatus.DONE
        activity.effort_minutes_done = progress.done_minutes(
            activity.effort_minutes, weight=weight, weight_done=done, is_done=is_done
        )
        step = activity.step
        step.activity_done_count += is_done
        for name in ("effort_minutes", "effort_minutes_done", "task_count", "task_open_count"):
            setattr(step, name, getattr(step, name) + getattr(activity, name))
    for name in (
        "effort_minutes", "effort_minutes_done", "task_count", "task_open_count", "activity_count",
        "activity_done_count",
    ):  # fmt: skip
        setattr(project, name, sum(getattr(step, name) for step in rows.steps))
    project.last_task_number = len(rows.tasks)
    rows.draw(project)


def _insert(model: type[Model], rows: Iterator[Model]) -> None:
    model._default_manager.bulk_create(rows, batch_size=500)
