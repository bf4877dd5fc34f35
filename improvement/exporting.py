"""The register of nonconformities as a spreadsheet: every column, in the reader's language; what goes out comes in again unchanged.

Up to AT_ONCE rows are written while the person waits; more are the work of a job (sheets.exporting).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, TextChoices
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core import dates
from improvement.flows import Status
from improvement.models import Action, Cause, Nonconformity, Proposal, ProposalTask, Round, Verdict
from improvement.selectors import nonconformity as selectors
from improvement.selectors import proposal as proposals
from improvement.selectors import register as lists
from improvement.selectors.grade import scale_of
from improvement.sheet_columns import NONCONFORMITIES
from jobs.models import Job
from jobs.running import Run
from projects import access
from projects.models import Project, Task
from projects.models.task import TaskStatus
from projects.permissions import Perm
from projects.selectors.task import people_of
from sheets import exporting, values, writing
from sheets.columns import Column, Columns, Sort

JOB, FOLDER = "nonconformity-export", "ncexports"
AT_ONCE = exporting.AT_ONCE
NONCONFORMITIES_KIND, PROPOSALS_KIND = "nonconformities", "proposals"
TITLES = {
    NONCONFORMITIES_KIND: gettext_lazy("Nonconformities"),
    PROPOSALS_KIND: gettext_lazy("Improvement proposals"),
}

PROPOSALS = Columns((
    Column("number", gettext_lazy("Number"), Sort.READ_ONLY, 9),
    Column("title", gettext_lazy("What could be better"), Sort.READ_ONLY, 44),
    Column("description", gettext_lazy("In more words"), Sort.READ_ONLY, 40),
    Column("gain", gettext_lazy("What it would bring"), Sort.READ_ONLY, 36),
    Column("process", gettext_lazy("Process"), Sort.READ_ONLY, 22),
    Column("nonconformity", gettext_lazy("Comes from"), Sort.READ_ONLY, 12),
    Column("benefit", gettext_lazy("Benefit"), Sort.READ_ONLY, 9),
    Column("effort", gettext_lazy("Effort"), Sort.READ_ONLY, 9),
    Column("assessment", gettext_lazy("Why these marks"), Sort.READ_ONLY, 34),
    Column("owner", gettext_lazy("Owner"), Sort.READ_ONLY, 30),
    Column("status", gettext_lazy("State"), Sort.READ_ONLY, 14),
    Column("tasks", gettext_lazy("Tasks"), Sort.READ_ONLY, 34),
    Column("refused_because", gettext_lazy("Why refused"), Sort.READ_ONLY, 30),
    Column("result", gettext_lazy("What came of it"), Sort.READ_ONLY, 36),
    Column("proposed_by", gettext_lazy("Proposed by"), Sort.READ_ONLY, 24),
    Column("proposed_on", gettext_lazy("Proposed on"), Sort.READ_ONLY, 13),
    Column("closed_on", gettext_lazy("Closed on"), Sort.READ_ONLY, 13),
))  # fmt: skip


def rows_of(project: Project, kind: str, wanted: dict[str, Any], *, user: Any) -> QuerySet:
    """What the filters of the list leave over of what this person sees, in the order of the list."""
    perms, people = access.perms_in(user, project), people_of(project)
    if kind == PROPOSALS_KIND:
        seen = proposals.visible(project, user, perms)
        found = proposals.narrowed(seen, wanted, user=user, people=people)
        return proposals.in_order(found, wanted.get("sort", ""))
    seen = selectors.visible(project, user, perms)
    today = dates.today(project.organization.time_zone)
    found = lists.narrowed(seen, wanted, today=today, user=user, people=people)
    return lists.in_order(found, wanted.get("sort", "") or "number").select_related(
        "owner", "created_by", "recurrence_of"
    )


def workbook(
    project: Project, kind: str, wanted: dict[str, Any], said: list[str], *, user: Any, run: Run | None = None
) -> tuple[bytes, int]:
    """The register as bytes of an XLSX file, and how many records are in it. Ten queries, however many."""
    rows = rows_of(project, kind, wanted, user=user)
    if kind == PROPOSALS_KIND:
        cells = _cells(PROPOSALS, _proposals(project, rows), run)
        return writing.workbook(project, str(TITLES[kind]), PROPOSALS, cells, said)
    cells = _cells(NONCONFORMITIES, _nonconformities(project, rows), run)
    return writing.workbook(project, str(TITLES[NONCONFORMITIES_KIND]), NONCONFORMITIES, cells, said)


def cells_of(project: Project, wanted: dict[str, Any], *, user: Any) -> Iterator[list[Any]]:
    """The rows of the workbook of nonconformities, as they are written."""
    rows = rows_of(project, NONCONFORMITIES_KIND, wanted, user=user)
    return _cells(NONCONFORMITIES, _nonconformities(project, rows), None)


def _cells(columns: Columns, records: Iterator[dict[str, Any]], run: Run | None) -> Iterator[list[Any]]:
    cells = values.written(columns)
    for count, one in enumerate(records):
        yield cells(one)
        if run is not None and count % 200 == 0:
            run.progress(10 + min(85, count // 100), _("%(n)s rows") % {"n": count})


RECORD = (
    "pk", "number", "title", "description", "source", "detected_on", "detected_by", "place", "process", "site", "requirement",
    "evidence", "suspicion", "grade", "owner_id", "is_confidential", "recurrence_of__number", "status", "created_by_id",
    "created_at", "contained_at", "closed_at",
)  # fmt: skip
ROUND = (
    "pk", "nonconformity_id", "number", "correction", "correction_due_on", "analysis_due_on", "criterion", "check_on",
    "verifier_id", "verdict",
)  # fmt: skip


class Work(NamedTuple):
    """A corrective action as a cell says it, and its day."""

    text: str
    is_open: bool
    due_on: dt.date | None


def _nonconformities(project: Project, rows: QuerySet[Nonconformity]) -> Iterator[dict[str, Any]]:
    """Seven queries. Plain values and no records: making thousands of these took twice the time of writing the file."""
    day, today = day_in(project.organization.time_zone), dates.today(project.organization.time_zone)
    grades = dict(scale_of(project).choices)
    states, verdicts, phases = words(Status), words(Verdict), words(lists.Phase)
    records = list(rows.values_list(*RECORD, named=True))
    clauses = lists.clauses_of(project)
    rounds = {
        one.nonconformity_id: one
        for one in Round.objects.filter(project=project).order_by("number").values_list(*ROUND, named=True)
    }
    roots = Cause.objects.filter(project=project, is_root=True).order_by("pk").values_list("round_id", "text")
    causes: dict[int, list[str]] = defaultdict(list)
    for pk, text in roots:
        causes[pk].append(text)
    actions = _actions(project)
    asked = {one.owner_id for one in records} | {one.created_by_id for one in records}
    people = User.objects.only("name", "email").in_bulk(asked | {one.verifier_id for one in rounds.values()} - {None})
    names = {pk: str(person) for pk, person in people.items()}
    for one in records:
        current = rounds[one.pk]
        done = actions[current.pk]
        due = lists.due_in(one.status, current, done, phases)
        in_work = current if not current.verdict else None
        closed_on = day(one.closed_at)
        yield {
            "number": Nonconformity.named(one.number), "title": one.title, "description": one.description, "source": one.source,
            "detected_on": one.detected_on, "detected_by": one.detected_by, "place": one.place, "process": one.process,
            "site": one.site, "clauses": clauses.get(one.pk, []), "requirement": one.requirement, "evidence": one.evidence,
            "suspicion": one.suspicion, "grade": grades.get(one.grade, one.grade), "owner": people.get(one.owner_id),
            "correction": in_work.correction if in_work else "",
            "correction_due_on": in_work.correction_due_on if in_work else None,
            "analysis_due_on": in_work.analysis_due_on if in_work else None, "is_confidential": one.is_confidential,
            "recurrence_of": [Nonconformity.named(one.recurrence_of__number)] if one.recurrence_of__number else [],
            "status": states[one.status], "next": due.phase if due else "", "next_on": due.on if due else None,
            "age": ((closed_on or today) - one.detected_on).days, "round": current.number,
            "causes": "\n".join(causes[current.pk]), "actions": "\n".join(action.text for action in done),
            "criterion": current.criterion, "check_on": current.check_on, "verifier": names.get(current.verifier_id, ""),
            "verdict": verdicts[current.verdict] if current.verdict else "",
            "reported_by": names.get(one.created_by_id, ""), "reported_on": day(one.created_at),
            "contained_on": day(one.contained_at), "closed_on": closed_on,
        }  # fmt: skip


def _actions(project: Project) -> dict[int, list[Work]]:
    """The corrective actions of each round, in the order of their tasks. One query."""
    states, found = words(TaskStatus), defaultdict(list)
    rows = Action.objects.filter(project=project).order_by("task__number")
    for pk, number, title, status, is_open, due_on in rows.values_list(
        "round_id", "task__number", "task__title", "task__status", "task__is_open", "task__due_on"
    ):
        found[pk].append(Work(f"{Task.named(number)} {title} ({states[status]})", is_open, due_on))
    return found


def words(choices: type[TextChoices]) -> dict[str, str]:
    """Choices in the reader's language, looked up once."""
    return {value: str(label) for value, label in choices.choices}


def day_in(zone: str) -> Callable[[dt.datetime | None], dt.date | None]:
    """What makes the local date of a moment."""
    place = ZoneInfo(zone)
    return lambda moment: moment.astimezone(place).date() if moment else None


def _proposals(project: Project, rows: QuerySet[Proposal]) -> Iterator[dict[str, Any]]:
    zone = project.organization.time_zone
    tasks: dict[int, list[str]] = defaultdict(list)
    for step in ProposalTask.objects.filter(project=project).select_related("task").order_by("task__number"):
        tasks[step.proposal_id].append(f"{step.task} ({step.task.get_status_display()})")
    for one in rows.select_related("owner", "created_by", "nonconformity"):
        yield {
            "number": one.label, "title": one.title, "description": one.description, "gain": one.gain, "process": one.process,
            "nonconformity": one.nonconformity.label if one.nonconformity_id else "", "benefit": one.benefit,
            "effort": one.effort, "assessment": one.assessment, "owner": str(one.owner or ""),
            "status": one.get_status_display(), "tasks": "\n".join(tasks[one.pk]), "refused_because": one.refused_because,
            "result": one.result, "proposed_by": str(one.created_by or ""),
            "proposed_on": dates.day_of(one.created_at, zone),
            "closed_on": dates.day_of(one.closed_at, zone) if one.closed_at else None,
        }  # fmt: skip


def _title(kind: str) -> str:
    return str(TITLES[kind])


def _address(job: Job) -> str:
    return reverse("improvement:export-file", kwargs={**job.project.address, "pk": job.pk})


OUTLET = exporting.Outlet(JOB, FOLDER, workbook, _title, _address)
KIND = exporting.kind_of(
    OUTLET, gettext_lazy("Register of nonconformities as a spreadsheet"), Perm.VIEW_NONCONFORMITIES
)


def file_name(project: Project, kind: str) -> str:
    return f"{kind}-{project.organization.slug}-{project.slug}.xlsx"


def sweep() -> dict[str, int]:
    return {"nonconformity_exports": exporting.sweep(OUTLET)}
