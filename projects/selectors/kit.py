"""A firm's kits, and what of a plan goes into one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.models import Organization, User
from pdca.models import Catalogue
from pdca.selectors import catalogue as catalogues
from projects import access, kits
from projects.forecast import estimates
from projects.models import JournalEntry, Kit, KitVersion, Project, Task
from projects.models.task import TaskStatus
from projects.services import team
from projects.tailoring.scrub import Scrubber

from . import forecast as forecasts
from . import took
from .plan_state import PlanState, state_of


def of(firm: Organization) -> QuerySet[Kit]:
    """A firm's kits by name, each with its versions, the latest first, without their content."""
    versions = KitVersion.objects.select_related("created_by", "catalogue").defer("content").order_by("-number")
    return Kit.objects.filter(organization=firm).prefetch_related(Prefetch("versions", versions)).order_by("name", "pk")


def on_offer(user: Any) -> list[KitVersion]:
    """The latest version of every kit of the firms a person belongs to, for the start page; without content."""
    found: dict[int, KitVersion] = {}
    versions = (
        KitVersion.objects.filter(kit__organization__in=team.firms_of(user), kit__is_retired=False)
        .select_related("kit__organization", "catalogue")
        .defer("content")
        .order_by("kit__name", "kit_id", "-number")
    )
    for one in versions:
        found.setdefault(one.kit_id, one)
    return list(found.values())


# --- what goes into a kit ---------------------------------------------------------------------------------------------


def content_of(project: Project, perms: Collection[str] = ()) -> tuple[dict[str, Any], list[str]]:
    """The plan of a project as a kit holds it, and what was taken out of its texts; sixteen queries at most.

    Nobody's name, no date and no number of a task comes along; of rounds only the first, because the next client begins
    with it. What the registers give along (projects.kits) comes with it as far as the holder of `perms` may see them; a few
    queries each.
    """
    scrub = scrubber_of(project)
    state = state_of(project)
    tasks: dict[int, list[Task]] = {}
    found = Task.objects.filter(project=project, activity__isnull=False).exclude(status=TaskStatus.CANCELLED)
    for task in found.order_by("due_on", "number"):
        tasks.setdefault(task.activity_id, []).append(task)
    shares = _took(project)
    content = {
        "headcount": project.headcount,
        "steps": [_step(state, step, tasks, scrub, shares) for step in state.steps],
        "worked": state.worked,
        "links": [[link.step, link.predecessor, link.lag_days] for link in state.links],
    }
    if registers := kits.taken_from(project, scrub, perms):
        content["registers"] = registers
    return content, sorted(scrub.found)


def scrubber_of(project: Project) -> Scrubber:
    """Knows the names of the client, of everybody who has or had to do with the project, and what apps add to them."""
    people = set(access.people_of(project).values_list("name", flat=True))
    # Who has left has written: a name leaves the team, not the texts.
    wrote = JournalEntry.objects.filter(project=project, actor__isnull=False).order_by()
    people |= set(User.objects.filter(pk__in=wrote.values("actor")).values_list("name", flat=True))
    places: set[str] = set()
    for names in kits.names_of(project):
        people |= set(names.people)
        places |= set(names.places)
    return Scrubber([project.organization.name, project.name], [name for name in people if name], places)


def _took(project: Project) -> dict[str, list[int]]:
    """The three shares that a kit keeps of an activity (projects.forecast.estimates.shares_of): from this plan and the
    finished ones of the same firm."""
    own = took.ratios_of([project]).get(project.pk, {})
    others = forecasts.ratios_for(project)
    found = {
        key: estimates.shares_of([*others.get(key, ()), *([own[key]] if key in own else ())]) for key in {*own, *others}
    }
    return {key: shares for key, shares in found.items() if shares}


def _step(
    state: PlanState, step: Any, tasks: dict[int, list[Task]], scrub: Scrubber, shares: dict[str, list[int]]
) -> dict[str, Any]:
    return {
        "code": step.code if step.source_id else "",
        "number": step.number,
        "phase": step.phase.number,
        "title": scrub(step.title),
        "objective": scrub(step.objective),
        "deliverables": [scrub(str(one)) for one in step.deliverables],
        "approval_by": step.approval_by,
        "approval_of": scrub(step.approval_of),
        "is_iterative": step.is_iterative,
        "duration_days": step.duration_days,
        "is_applicable": step.is_applicable,
        "merged_into": state.number_of(step.merged_into_id),
        "before": state.values_of(step, ["before"])["before"],
        "justification": scrub(step.justification),
        "activities": [
            _activity(state, one, tasks.get(one.pk, []), scrub, shares)
            for one in state.activities_of(step)
            if "-R" not in one.number
        ],
    }


def _activity(
    state: PlanState, one: Any, tasks: list[Task], scrub: Scrubber, shares: dict[str, list[int]]
) -> dict[str, Any]:
    calendar = state.project.calendar
    return {
        "code": one.code if one.source_id else "",
        "number": one.number,
        "title": scrub(one.title),
        "purpose": scrub(one.purpose),
        "responsible": one.responsible,
        "effort_days": format(one.effort_days.normalize(), "f"),
        "approval_by": one.approval_by,
        "approval_of": scrub(one.approval_of),
        "duration_days": one.duration_days,
        "took": shares.get(one.code or f"own {one.number}", []),
        "is_applicable": one.is_applicable,
        "justification": scrub(one.justification),
        "tasks": [
            {
                "title": scrub(task.title),
                "description": scrub(task.description),
                "role": task.assignee_role or one.responsible,
                "hours": format((task.effort_hours_planned or 0) + 0, "f") if task.effort_hours_planned else "",
                "due": max(calendar.between(one.starts_on, task.due_on), 1) if task.due_on else one.duration_days,
            }
            for task in tasks
        ],
    }


def method_as_content(catalogue: Catalogue, headcount: int) -> dict[str, Any]:
    """An edition of the method in the same shape, for comparing; durations fitted as for a project of that size."""
    from projects import layout

    plan = catalogues.plan_of(catalogue)
    steps = []
    for phase in plan.phases:
        for step in phase.steps.all():
            steps.append(
                {
                    "code": step.code,
                    "number": step.number,
                    "phase": phase.number,
                    "title": step.title,
                    "objective": step.objective,
                    "deliverables": list(step.deliverables),
                    "approval_by": step.approval_by,
                    "approval_of": step.approval_of,
                    "is_iterative": step.is_iterative,
                    "duration_days": layout.scaled(step.duration_days, headcount),
                    "is_applicable": True,
                    "merged_into": "",
                    "activities": [
                        {
                            "code": one.code,
                            "number": one.number,
                            "title": one.title,
                            "purpose": one.purpose,
                            "responsible": one.responsible,
                            "effort_days": format(one.effort_days.normalize(), "f"),
                            "approval_by": one.approval_by,
                            "approval_of": one.approval_of,
                            "is_applicable": True,
                            "tasks": [{"title": task.title} for task in one.suggested_tasks.all()],
                        }
                        for one in step.activities.all()
                    ],
                }
            )
    number = {step.pk: step.number for phase in plan.phases for step in phase.steps.all()}
    links = [[number[link.step_id], number[link.depends_on_id], 0] for link in plan.links]
    return {"headcount": headcount, "steps": steps, "links": links}
