"""Starting a project: from the method to a plan of one's own, in one transaction. IMS2 steps 1.1.4 and 1.1.5."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Organization
from core.dates import EVERY_WEEK, WorkingCalendar
from core.rules import RuleBroken
from pdca.models import Catalogue, Standard
from pdca.selectors import catalogue as catalogues
from projects import access, first_history, journal, layout, outline, progress
from projects.flow import NotPermitted
from projects.models import (
    ActivityLink,
    KitVersion,
    PlanActivity,
    PlanPhase,
    PlanStep,
    Project,
    ProjectStandard,
    StepDependency,
    StepRound,
    Task,
)
from projects.models.project import RESERVED_SLUGS
from projects.permissions import Role
from projects.tailoring import network

from . import calendar as calendars
from . import team

HOURS_PER_DAY = 8


@dataclass(frozen=True)
class Proposal:
    """The dates a plan would have before anything is written: what the start page shows."""

    spans: dict[int, layout.Span]
    ends_on: dt.date
    days_to_target: int | None
    """Working days between the plan's end and the target date; negative when the plan ends too late."""


def propose(
    plan: catalogues.Plan, *, start_on: dt.date, target_on: dt.date | None, headcount: int, calendar: WorkingCalendar,
    kit: KitVersion | None = None,
) -> Proposal:  # fmt: skip
    """Lays the method's steps out from `start_on`, or a kit's. Raises layout.Cycle for a catalogue that turns in a circle."""
    if kit is not None:
        spans = _spans_of(kit, plan, start_on, headcount, calendar)
    else:
        spans = layout.steps(
            {step.pk: layout.scaled(step.duration_days, headcount) for step in plan.steps},
            predecessors_in(plan),
            start_on,
            calendar,
        )
    ends_on = max(span.ends_on for span in spans.values())
    slack = None
    if target_on is not None:
        late = target_on < ends_on
        slack = -(calendar.between(target_on, ends_on) - 1) if late else calendar.between(ends_on, target_on) - 1
    return Proposal(spans, ends_on, slack)


def _spans_of(
    kit: KitVersion, plan: catalogues.Plan, start_on: dt.date, headcount: int, calendar: WorkingCalendar
) -> dict[int, layout.Span]:
    """Where a kit's steps would lie, by the ids of the method's; own steps count in what waits for them."""
    scale = layout.size_factor(headcount) / layout.size_factor(kit.headcount)
    steps = {step["number"]: step for step in kit.content["steps"]}
    nodes = [
        network.Node(
            number,
            max(1, int((steps[number]["duration_days"] * scale).to_integral_value(rounding="ROUND_HALF_UP"))),
            steps[number]["is_applicable"],
            steps[number]["merged_into"],
        )
        for number in kit.content["worked"]
    ]
    read = network.reading(nodes, [network.Link(*link) for link in kit.content["links"]])
    found = network.spans(nodes, read, start_on, calendar)
    by_code = {step["code"]: found[number] for number, step in steps.items() if step["is_applicable"]}
    return {step.pk: by_code[step.code] for step in plan.steps if step.code in by_code}


def predecessors_in(plan: catalogues.Plan) -> dict[int, list[int]]:
    """Ids of the steps that each step of the method waits for."""
    earlier: dict[int, list[int]] = {}
    for link in plan.links:
        earlier.setdefault(link.step_id, []).append(link.depends_on_id)
    return earlier


def start(
    *,
    organization: Organization,
    by: Any,
    name: str,
    slug: str,
    catalogue: Catalogue,
    standards: Sequence[Standard],
    start_on: dt.date,
    target_on: dt.date | None = None,
    headcount: int = 100,
    working_week: str = EVERY_WEEK,
    holiday_country: str = "",
    holiday_region: str = "",
    manager: Any = None,
    with_tasks: bool | Collection[int] = True,
    kit: KitVersion | None = None,
) -> Project:
    """Creates a project with its whole plan: phases, steps, activities, dates, roles, suggested tasks, one journal entry.

    `with_tasks`: all suggested tasks, none, or those whose ids are given. The number of queries does not depend on the
    size of the method. The person who starts it is the consultant in charge, if they are one of the organization's
    consultants. Raises RuleBroken for a name in use or without a standard.

    From a `kit` of their firm the plan gets the kit's edition, tailoring and tasks: then `with_tasks` is yes or no.
    """
    if kit is not None:
        return _start_from(
            kit, organization=organization, by=by, name=name, slug=slug, standards=standards, start_on=start_on,
            target_on=target_on, headcount=headcount, working_week=working_week, holiday_country=holiday_country,
            holiday_region=holiday_region, manager=manager, with_tasks=with_tasks,
        )  # fmt: skip
    if slug in RESERVED_SLUGS:
        raise RuleBroken(
            _("“%(slug)s” is a word that addresses use themselves. Choose another short name.") % {"slug": slug}
        )
    if not standards:
        raise RuleBroken(_("A project needs at least one standard to work towards."), "IMS2 step 1.1")
    plan = catalogues.plan_of(catalogue)
    closed = calendars.closed_days(organization)
    calendar = WorkingCalendar(working_week, holiday_country, holiday_region, map(dt.date.fromisoformat, closed))
    proposal = propose(plan, start_on=start_on, target_on=target_on, headcount=headcount, calendar=calendar)
    with journal.change(organization, by=by, reason=_("Project started")) as log:
        if Project.objects.filter(organization=organization, slug=slug).exists():
            raise RuleBroken(
                _("%(organization)s already has a project called “%(slug)s” in its address.")
                % {"organization": organization, "slug": slug}
            )
        project = Project(
            organization=organization,
            name=name,
            slug=slug,
            catalogue=catalogue,
            start_on=start_on,
            target_on=target_on,
            headcount=headcount,
            working_week=working_week,
            holiday_country=holiday_country,
            holiday_region=holiday_region,
            closed_days=closed,
            manager=manager,
            consultant=by if Role.CONSULTANT in access.roles_of(by, organization) else None,
            created_by=by,
        )
        rows = lay_out(project, plan, proposal.spans, calendar, with_tasks=with_tasks, by=by)
        project.activity_count = len(rows.activities)
        project.effort_minutes = sum(a.effort_minutes for a in rows.activities)
        project.task_count = project.task_open_count = project.last_task_number = len(rows.tasks)
        rows.draw(project)
        log.mark(project).save()
        ProjectStandard.objects.bulk_create([ProjectStandard(project=project, standard=s) for s in standards])
        rows.save(log)
        log.project = project
        log(
            project,
            "project.started",
            {
                "catalogue": str(catalogue),
                "standards": [s.code for s in standards],
                "steps": len(rows.steps),
                "activities": len(rows.activities),
                "tasks": len(rows.tasks),
                "start_on": start_on,
                "target_on": target_on,
                "plan_ends_on": proposal.ends_on,
            },
        )
    return project


def _start_from(kit: KitVersion, *, with_tasks: bool | Collection[int], by: Any, **fields: Any) -> Project:
    """The kit's edition as published first, then each difference as a decision: the record of tailoring is whole."""
    from . import kit as kits

    if not team.firms_of(by).filter(pk=kit.kit.organization_id).exists():
        raise NotPermitted(_("Kits belong to a consulting firm and its people."))
    with journal.change(
        fields["organization"], by=by, reason=_("Project started from the kit “%(kit)s”") % {"kit": kit}
    ) as log:
        project = start(by=by, catalogue=kit.catalogue, with_tasks=False, **fields)
        project.kit = kit
        log.mark(project).save(update_fields=["kit", "updated_at"])
        kits.lay_out(project, kit, by=by, with_tasks=with_tasks is not False)
        project.refresh_from_db()
    return project


@dataclass
class Rows:
    """The rows of a new plan, unsaved, parents before children."""

    phases: list[PlanPhase]
    steps: list[PlanStep]
    links: list[StepDependency]
    activity_links: list[ActivityLink]
    rounds: list[StepRound]
    activities: list[PlanActivity]
    tasks: list[Task]

    def draw(self, project: Project) -> None:
        """Puts the plan in a nutshell on the project, as counters.redraw would; no queries."""
        spans = ((a.starts_on, a.ends_on, a.effort_minutes) for a in self.activities)
        project.plan_days = outline.plan_days(spans, project.start_on)
        names = ("number", "title", "ends_on", "effort_minutes", "effort_minutes_done")
        steps = (outline.StepFacts(step.phase.title, *(getattr(step, name) for name in names)) for step in self.steps)
        project.outline = outline.outline(steps, project.start_on)

    def save(self, log: journal.Log) -> None:
        """Seven inserts and three of history, whatever the number of rows (in batches the database allows)."""
        PlanPhase.objects.bulk_create(self.phases)
        PlanStep.objects.bulk_create(self.steps)
        StepDependency.objects.bulk_create(self.links)
        StepRound.objects.bulk_create(self.rounds)
        PlanActivity.objects.bulk_create(self.activities)
        ActivityLink.objects.bulk_create(self.activity_links)
        Task.objects.bulk_create(self.tasks)
        for rows in (self.steps, self.activities, self.tasks):
            if rows:
                first_history.copy(type(rows[0]), log, project_id=rows[0].project_id)


def lay_out(
    project: Project,
    plan: catalogues.Plan,
    spans: dict[int, layout.Span],
    calendar: WorkingCalendar,
    *,
    with_tasks: bool | Collection[int],
    by: Any,
) -> Rows:
    """Turns the method and the steps' spans into plan rows; no queries."""
    owned = {"organization": project.organization, "project": project}
    chosen = None if isinstance(with_tasks, bool) else frozenset(with_tasks)
    rows = Rows([], [], [], [], [], [], [])
    by_source: dict[int, PlanStep] = {}
    for phase in plan.phases:
        plan_phase = PlanPhase(
            **owned, source=phase, code=phase.code, number=phase.number, title=phase.title, objective=phase.objective
        )
        rows.phases.append(plan_phase)
        for step in phase.steps.all():
            span = spans[step.pk]
            plan_step = PlanStep(
                **owned,
                phase=plan_phase,
                source=step,
                code=step.code,
                number=step.number,
                position=step.sequence,
                title=step.title,
                objective=step.objective,
                deliverables=step.deliverables,
                hs_clauses=step.hs_clauses,
                approval_by=step.approval_by,
                approval_of=step.approval_of,
                is_iterative=step.is_iterative,
                duration_days=span.days,
                starts_on=span.starts_on,
                ends_on=span.ends_on,
            )
            rows.steps.append(plan_step)
            by_source[step.pk] = plan_step
            first_round = None
            if step.is_iterative:
                first_round = StepRound(
                    **owned, step=plan_step, number=1, starts_on=span.starts_on, ends_on=span.ends_on,
                    outputs=step.deliverables, approval_by=step.approval_by, approval_of=step.approval_of,
                )  # fmt: skip
                rows.rounds.append(first_round)
            _lay_out_step(rows, step, plan_step, first_round, span, calendar, owned, with_tasks, chosen, by)
    rows.links = [
        StepDependency(**owned, step=by_source[link.step_id], predecessor=by_source[link.depends_on_id])
        for link in plan.links
    ]
    return rows


def _lay_out_step(
    rows: Rows, step: Any, plan_step: PlanStep, first_round: StepRound | None, span: layout.Span,
    calendar: WorkingCalendar, owned: dict, with_tasks: bool | Collection[int], chosen: frozenset[int] | None, by: Any,
) -> None:  # fmt: skip
    found = list(step.activities.all())
    for position, (activity, days) in enumerate(
        zip(found, layout.activities([a.effort_days for a in found], span, calendar), strict=True), start=1
    ):
        suggested = [t for t in activity.suggested_tasks.all() if (with_tasks if chosen is None else t.pk in chosen)]
        plan_activity = PlanActivity(
            **owned,
            step=plan_step,
            round=first_round,
            source=activity,
            code=activity.code,
            number=activity.number,
            position=position,
            title=activity.title,
            purpose=activity.purpose,
            inputs=activity.inputs,
            outputs=activity.outputs,
            responsible=activity.responsible,
            hs_clauses=activity.hs_clauses,
            approval_by=activity.approval_by,
            approval_of=activity.approval_of,
            effort_days=activity.effort_days,
            duration_days=days.days,
            starts_on=days.starts_on,
            ends_on=days.ends_on,
            effort_minutes=progress.planned_minutes(activity.effort_days),
            task_count=len(suggested),
            task_open_count=len(suggested),
        )
        if found[0] is not activity:
            earlier = rows.activities[-1]
            lag = layout.lag(earlier.ends_on, plan_activity.starts_on, calendar)
            rows.activity_links.append(ActivityLink(**owned, activity=plan_activity, predecessor=earlier, lag_days=lag))
        rows.activities.append(plan_activity)
        plan_step.activity_count += 1
        plan_step.effort_minutes += plan_activity.effort_minutes
        plan_step.task_count += len(suggested)
        plan_step.task_open_count += len(suggested)
        if not suggested:
            continue
        hours = (Decimal(activity.effort_days) * HOURS_PER_DAY / len(suggested)).quantize(Decimal("0.25"))
        due = zip(layout.due_days(len(suggested), days), layout.due_dates(len(suggested), days, calendar), strict=True)
        for task, (task_days, due_on) in zip(suggested, due, strict=True):
            rows.tasks.append(
                Task(
                    **owned,
                    number=len(rows.tasks) + 1,
                    title=task.title,
                    activity=plan_activity,
                    due_on=due_on,
                    starts_on=days.starts_on,
                    offset_days=0,
                    duration_days=task_days,
                    assignee_role=activity.responsible,
                    effort_hours_planned=max(hours, Decimal("0.25")),
                    created_by=by,
                )
            )
