"""The kinds of the apps below: projects with their plans, tasks and people; the published method and the standards."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from functools import reduce
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from pdca.models import Activity, Clause, Control, Standard, Step
from pdca.selectors import catalogue as catalogues
from projects import access
from projects.addresses import address
from projects.models import PlanActivity, PlanStep, Project, Task
from projects.models.plan import ActivityStatus
from projects.models.project import ProjectStatus
from projects.models.task import TaskStatus
from projects.permissions import Perm, Role
from projects.selectors import task as tasks
from search import kinds
from search.kinds import Among, Draft, Everybody, InProject, Kind

# ---- projects ----------------------------------------------------------------------------------------------------

ACTIVITY_BADGES = {
    ActivityStatus.PLANNED: "open",
    ActivityStatus.IN_PROGRESS: "prog",
    ActivityStatus.DONE: "done",
    ActivityStatus.EXCLUDED: "open",
}


def own_tasks(user: Any, roles: Mapping[int, frozenset[Role]]) -> QuerySet[Task]:
    """What is a person's own in projects they do not read: assigned to them, or to a role of theirs and nobody else."""
    by_role: dict[Role, list[int]] = {}
    for project, held in roles.items():
        for role in held:
            by_role.setdefault(role, []).append(project)
    waiting = [Q(project__in=projects, assignee__isnull=True, assignee_role=role) for role, projects in by_role.items()]
    return Task.objects.filter(reduce(operator.or_, waiting, Q(project__in=list(roles), assignee=user))).order_by()


def _project(project: Project) -> Draft:
    client = project.organization.name
    return Draft(
        project.name, texts=[client], state=project.status, is_closed=project.status == ProjectStatus.CLOSED,
        organization_id=project.organization_id, project_id=project.pk,
    )  # fmt: skip


def _in_plan(row: PlanStep | PlanActivity | Task, label: str, *texts: str, state: str, is_closed: bool) -> Draft:
    return Draft(
        row.title, label, [text for text in texts if text], state=state, is_closed=is_closed,
        organization_id=row.organization_id, project_id=row.project_id,
    )  # fmt: skip


def _step(step: PlanStep) -> Draft:
    state = "" if step.is_applicable else "excluded"
    return _in_plan(
        step, step.number, step.objective, *map(str, step.deliverables), step.justification, state=state,
        is_closed=not step.is_applicable,
    )  # fmt: skip


def _activity(activity: PlanActivity) -> Draft:
    texts = (activity.purpose, *map(str, activity.inputs), *map(str, activity.outputs), activity.justification)
    is_closed = activity.status == ActivityStatus.EXCLUDED
    return _in_plan(activity, activity.number, *texts, state=activity.status, is_closed=is_closed)


def _task(task: Task) -> Draft:
    return _in_plan(
        task, task.label, task.description, task.blocked_reason, state=task.status, is_closed=not task.is_open
    )


def register_projects() -> None:
    for order, (key, label) in enumerate(
        [("projects", _("Projects")), ("steps", _("Steps")), ("activities", _("Activities")), ("tasks", _("Tasks"))], 1
    ):
        kinds.register_group(key, label, order * 10)
    kinds.register_group("people", _("People"), 900)
    kinds.register_group("organizations", _("Organizations"), 910)
    kinds.register(Kind(
        "project", "projects", "projects.Project", icon="briefcase",
        rows=lambda: Project.objects.select_related("organization").only(
            "name", "status", "organization_id", "organization__name"
        ),
        draft=_project,
        address=lambda hit: address("projects:project-home", org=hit.org, project=hit.project),
        reach=InProject(Perm.VIEW_PROJECT),
        badges=lambda: {ProjectStatus.CLOSED: ("done", ProjectStatus.CLOSED.label),
                        ProjectStatus.PAUSED: ("risk", ProjectStatus.PAUSED.label)},
        also=lambda entry: Q(organization=entry.organization_id) if entry.action == "organization.changed" else None,
    ))  # fmt: skip
    kinds.register(Kind(
        "step", "steps", "projects.PlanStep", icon="stack-2",
        rows=lambda: PlanStep.objects.only(
            "number", "title", "objective", "deliverables", "justification", "is_applicable", "organization_id",
            "project_id",
        ),
        draft=_step,
        address=lambda hit: address("projects:step-detail", org=hit.org, project=hit.project, number=hit.label),
        reach=InProject(Perm.VIEW_PROJECT),
        badges=lambda: {"excluded": ("open", ActivityStatus.EXCLUDED.label)},
    ))  # fmt: skip
    kinds.register(Kind(
        "activity", "activities", "projects.PlanActivity", icon="list-check",
        rows=lambda: PlanActivity.objects.only(
            "number", "title", "purpose", "inputs", "outputs", "justification", "status", "organization_id", "project_id"
        ),
        draft=_activity,
        address=lambda hit: address("projects:activity-detail", org=hit.org, project=hit.project, number=hit.label),
        reach=InProject(Perm.VIEW_PROJECT),
        badges=lambda: {s: (ACTIVITY_BADGES[s], s.label) for s in ActivityStatus},
    ))  # fmt: skip
    kinds.register(Kind(
        "task", "tasks", "projects.Task", icon="checklist",
        rows=lambda: Task.objects.only(
            "number", "title", "description", "blocked_reason", "status", "is_open", "organization_id", "project_id"
        ),
        draft=_task,
        address=lambda hit: address("projects:task-detail", org=hit.org, project=hit.project, number=hit.label),
        reach=InProject(Perm.VIEW_PROJECT, own=own_tasks),
        badges=lambda: {s: (tasks.BADGES[s][0], s.label) for s in TaskStatus},
    ))  # fmt: skip


# ---- people and organizations ------------------------------------------------------------------------------------

BRING_PEOPLE = ("role.granted", "role.taken", "firm.joined", "invitation.accepted", "organization.founded")


def _people_of_change(entry: Any) -> Q | None:
    """Whoever came into an organization: its people are looked through, and only who is new is written."""
    if entry.action not in BRING_PEOPLE:
        return None
    organization = entry.organization if entry.project_id is None else entry.project
    return Q(pk__in=access.people_of(organization).order_by().values("pk"))


def register_people() -> None:
    kinds.register(Kind(
        "person", "people", "accounts.User", icon="user",
        rows=lambda: User.objects.only("name", "email"),
        draft=lambda person: Draft(str(person), texts=[person.email]),
        address=lambda hit: hit.home,
        reach=Among(lambda sight: sight.people.values("pk")),
        also=_people_of_change,
    ))  # fmt: skip
    kinds.register(Kind(
        "organization", "organizations", "accounts.Organization", icon="building",
        rows=lambda: Organization.objects.only("name", "kind", "slug"),
        draft=lambda found: Draft(found.name, context=str(found.get_kind_display()), place=found.slug,
                                  organization_id=found.pk),
        address=lambda hit: reverse("projects:organization", kwargs={"org": hit.place}),
        reach=Among(lambda sight: sight.organizations.values("pk")),
        also=lambda entry: Q(pk=entry.organization_id) if entry.action == "project.started" else None,
    ))  # fmt: skip


# ---- method and standards ----------------------------------------------------------------------------------------


def _newest() -> Any:
    found = catalogues.current()
    return found.pk if found else None


def _edition(catalogue: Any) -> str:
    return f"{catalogue.code} {catalogue.edition}"


def _clause_address(hit: Any, what: str) -> str:
    return f"{reverse('pdca:standard-detail', kwargs={'slug': hit.place})}#{what}-{hit.label}"


def register_published() -> None:
    kinds.register_group("method", _("Method"), 920)
    kinds.register_group("standards", _("Standards"), 930)
    kinds.register(Kind(
        "method_step", "method", "pdca.Step", icon="route",
        rows=lambda: Step.objects.filter(catalogue=_newest()).select_related("catalogue"),
        draft=lambda step: Draft(step.title, step.number, [step.objective, *map(str, step.deliverables)],
                                 context=_edition(step.catalogue)),
        address=lambda hit: reverse("pdca:step", kwargs={"number": hit.label}),
        reach=Everybody(),
    ))  # fmt: skip
    kinds.register(Kind(
        "method_activity", "method", "pdca.Activity", icon="route",
        rows=lambda: Activity.objects.filter(step__catalogue=_newest()).select_related("step__catalogue"),
        draft=lambda one: Draft(one.title, one.number, [one.purpose, *map(str, one.inputs), *map(str, one.outputs)],
                                place=one.step.number, context=_edition(one.step.catalogue)),
        address=lambda hit: f"{reverse('pdca:step', kwargs={'number': hit.place})}#activity-{hit.label}",
        reach=Everybody(),
    ))  # fmt: skip
    kinds.register(Kind(
        "standard", "standards", "pdca.Standard", icon="books",
        rows=lambda: Standard.objects.all(),
        draft=lambda one: Draft(f"{one.code} {one.title}", texts=[str(one.edition)], place=one.slug),
        address=lambda hit: reverse("pdca:standard-detail", kwargs={"slug": hit.place}),
        reach=Everybody(),
    ))  # fmt: skip
    kinds.register(Kind(
        "clause", "standards", "pdca.Clause", icon="book",
        rows=lambda: Clause.objects.select_related("standard"),
        draft=lambda one: Draft(one.title, one.ref, [one.intent, *map(str, one.document_names)],
                                place=one.standard.slug, context=one.standard.code),
        address=lambda hit: _clause_address(hit, "clause"),
        reach=Everybody(),
    ))  # fmt: skip
    kinds.register(Kind(
        "control", "standards", "pdca.Control", icon="shield-check",
        rows=lambda: Control.objects.select_related("standard"),
        draft=lambda one: Draft(one.title, one.ref, [one.intent], place=one.standard.slug, context=one.standard.code),
        address=lambda hit: _clause_address(hit, "control"),
        reach=Everybody(),
    ))  # fmt: skip
