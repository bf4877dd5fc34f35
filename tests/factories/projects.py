"""Projects for tests: one call, one thing, nothing surprising."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Organization, User
from pdca.models import Catalogue, Standard
from pdca.selectors import catalogue as catalogues
from projects.models import PlanActivity, PlanPhase, PlanStep, Project, Task
from projects.permissions import DATED_ROLES, Role
from projects.services import counters, start, team
from tests.factories.accounts import make_client_organization, make_firm, make_person
from tests.factories.pdca import publish

_number = itertools.count(1)
MONDAY = dt.date(2026, 3, 2)
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)

make_user = make_person
make_organization = make_client_organization


def small_catalogue() -> Catalogue:
    """A method without a single step: enough for a project that only needs to exist."""
    return Catalogue.objects.get_or_create(
        code="SMALL", edition="0", defaults={"title": "Small", "loaded_at": LONG_AGO}
    )[0]


def full_catalogue() -> Catalogue:
    """The method and all standards as fixtures/ has them; loaded once for each test database state."""
    if not Catalogue.objects.exists():
        return publish()
    if not Catalogue.objects.filter(code="IMS2").exists():
        call_command("load_catalogue", verbosity=0)
    return catalogues.current()


def _saved(record: Any) -> Any:
    """Saved with a line of history that has no author and no reason."""
    record._change_reason = ""
    record.save()
    return record


def make_project(organization: Organization | None = None, slug: str = "", **fields: Any) -> Project:
    """A project with one phase, one step (1.1) and two activities (1.1.1, 1.1.2), and no tasks; nine inserts."""
    number = next(_number)
    organization = organization or make_client_organization()
    slug = slug or f"project-{number}"
    project = _saved(
        Project(
            organization=organization,
            slug=slug,
            name=fields.pop("name", f"Project {slug}"),
            catalogue=fields.pop("catalogue", None) or small_catalogue(),
            start_on=fields.pop("start_on", MONDAY),
            **fields,
        )
    )
    phase = PlanPhase.objects.create(organization=organization, project=project, code="plan", number=1, title="Plan")
    step = make_step(project, phase=phase)
    make_activity(step)
    make_activity(step)
    project.refresh_from_db()
    return project


def make_step(project: Project, *, phase: PlanPhase | None = None, number: str = "", **fields: Any) -> PlanStep:
    position = PlanStep.objects.filter(project=project).count() + 1
    return _saved(
        PlanStep(
            organization_id=project.organization_id,
            project=project,
            phase=phase or PlanPhase.objects.filter(project=project).earliest("number"),
            number=number or f"1.{position}",
            position=position,
            title=fields.pop("title", f"Step {position}"),
            starts_on=fields.pop("starts_on", project.start_on),
            ends_on=fields.pop("ends_on", project.start_on + dt.timedelta(days=11)),
            duration_days=10,
            **fields,
        )
    )


def make_activity(step: PlanStep, **fields: Any) -> PlanActivity:
    """One more activity of a step; the step's and the project's counters know of it."""
    position = PlanActivity.objects.filter(step=step).count() + 1
    effort = Decimal(fields.pop("effort_days", 1))
    activity = _saved(
        PlanActivity(
            organization_id=step.organization_id,
            project_id=step.project_id,
            step=step,
            number=f"{step.number}.{position}",
            position=position,
            title=fields.pop("title", f"Activity {position}"),
            responsible=fields.pop("responsible", Role.PROJECT_MANAGER),
            effort_days=effort,
            effort_minutes=int(effort * 480),
            starts_on=fields.pop("starts_on", step.starts_on),
            ends_on=fields.pop("ends_on", step.ends_on),
            **fields,
        )
    )
    for scope in (PlanStep.objects.get(pk=step.pk), Project.objects.get(pk=step.project_id)):
        type(scope).objects.filter(pk=scope.pk).update(
            activity_count=scope.activity_count + 1, effort_minutes=scope.effort_minutes + activity.effort_minutes
        )
    counters.redraw(Project.objects.get(pk=step.project_id))
    return activity


def make_full_project(organization: Organization | None = None, *, by: User | None = None, **fields: Any) -> Project:
    """A project as the start page makes it: 20 steps, 101 activities, 328 tasks, standards, journal."""
    catalogue = full_catalogue()
    organization = organization or make_client_organization()
    number = next(_number)
    return start.start(
        organization=organization,
        by=by or make_person(),
        name=fields.pop("name", f"Project {number}"),
        slug=fields.pop("slug", f"project-{number}"),
        catalogue=catalogue,
        standards=list(Standard.objects.filter(slug__in=("iso-9001-2026", "iso-27001-2022"))),
        start_on=fields.pop("start_on", MONDAY),
        **fields,
    )


def make_task(project: Project, title: str = "", **fields: Any) -> Task:
    """One task as a row; counters, journal and mail are the business of the services."""
    last = Task.objects.filter(project=project).order_by("-number").values_list("number", flat=True).first() or 0
    status = fields.get("status", "open")
    task = _saved(
        Task(
            organization_id=project.organization_id,
            project=project,
            number=last + 1,
            title=title or f"Task {last + 1}",
            is_open=fields.pop("is_open", status in ("open", "in_progress", "blocked")),
            **fields,
        )
    )
    Project.objects.filter(pk=project.pk, last_task_number__lt=task.number).update(last_task_number=task.number)
    return task


def grant(to: User | Group, role: Role, scope: Organization | Project, *, expires_at: dt.datetime | None = None) -> Any:
    """A role given as a row, without asking who gives it; a dated role ends in 30 days unless said otherwise."""
    if expires_at is None and role in DATED_ROLES:
        expires_at = timezone.now() + dt.timedelta(days=30)
    model = team.GRANTS[type(scope), type(to)]
    holder = {"user": to} if isinstance(to, User) else {"group": to}
    return model.objects.create(
        **holder, permission=team.permission_of(role, scope), content_object=scope, expires_at=expires_at
    )


def join(user: User, firm: Organization) -> User:
    """Makes a person a consultant of a firm."""
    user.groups.add(firm.team)
    grant(user, Role.CONSULTANT, firm)
    return user


__all__ = [
    "full_catalogue",
    "grant",
    "join",
    "make_activity",
    "make_firm",
    "make_full_project",
    "make_organization",
    "make_project",
    "make_step",
    "make_task",
    "make_user",
    "small_catalogue",
]
