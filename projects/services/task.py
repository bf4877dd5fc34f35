"""Tasks: written, assigned, worked on, completed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from core import dates
from core.flows import Move
from core.rules import RuleBroken, StaleRecord, refused
from projects import access, flow, flows, journal
from projects.models import ChecklistItem, PlanActivity, Project, Task, TaskComment, TaskDependency
from projects.models.task import UNFINISHED, LinkKind, Recurrence, TaskStatus
from projects.permissions import Perm, Role

from . import counters, notices

EDITABLE = (
    "title", "description", "activity", "assignee", "assignee_role", "starts_on", "due_on", "priority",
    "effort_hours_planned", "effort_hours_spent", "effort_hours_left", "recurrence", "recurs_until",
    "dates_are_manual",
)  # fmt: skip
MOST_HOURS = Decimal("99999.99")
MOST_ITEMS = 100
MOST_LAG = 250
"""Working days; as between activities (services.schedule)."""


def is_own(task: Task, user: Any, roles: Iterable[Role] | None = None) -> bool:
    """Assigned to the person, or to a role they hold while nobody is named; `roles` saves the question."""
    if task.assignee_id is not None:
        return task.assignee_id == user.pk
    if not task.assignee_role:
        return False
    return task.assignee_role in (access.roles_of(user, task.project) if roles is None else roles)


def create(*, project: Project, by: Any, title: str, **values: Any) -> Task:
    """Adds one task to a project and tells the person it is assigned to."""
    return create_many(project=project, by=by, rows=[{"title": title, **values}])[0]


def create_many(*, project: Project, by: Any, rows: Sequence[dict[str, Any]]) -> list[Task]:
    """Adds tasks in the order given, numbered without a gap; one journal entry each. Raises RuleBroken."""
    if not rows:
        return []
    with journal.change(project, by=by) as log:
        _check(project, rows)
        Project.objects.filter(pk=project.pk).update(last_task_number=F("last_task_number") + len(rows))
        last = Project.objects.values_list("last_task_number", flat=True).get(pk=project.pk)
        tasks = [
            Task(
                organization_id=project.organization_id,
                project=project,
                number=last - len(rows) + k,
                created_by=by,
                **{"dates_are_manual": bool(values.get("due_on")), **values},
            )
            for k, values in enumerate(rows, start=1)
        ]
        Task.objects.bulk_create(tasks)
        Task.history.bulk_history_create(tasks, default_user=by, default_change_reason=log.reason, default_date=log.at)
        loose = sum(task.activity_id is None for task in tasks)
        counters.refresh(project, {task.activity_id for task in tasks}, loose_tasks=loose, loose_open=loose)
        for task in tasks:
            log(task, "task.created", _facts(task))
        notices.assigned([task for task in tasks if task.assignee_id], by=by)
    return tasks


def take_suggestions(*, activity: PlanActivity, by: Any, titles: Sequence[str]) -> list[Task]:
    """Adds suggested tasks of the method to an activity: its role, its end as due date, an equal share of its effort."""
    share = (Decimal(activity.effort_days) * 8 / (activity.task_count + len(titles) or 1)).quantize(Decimal("0.25"))
    return create_many(
        project=activity.project,
        by=by,
        rows=[
            {
                "title": title,
                "activity": activity,
                "assignee_role": activity.responsible,
                "due_on": activity.ends_on,
                "dates_are_manual": False,
                "effort_hours_planned": share,
            }
            for title in titles
        ],
    )


def _facts(task: Task) -> dict[str, Any]:
    told = {name: getattr(task, name) for name in ("title", "activity", "assignee", "assignee_role", "due_on")}
    return {name: value for name, value in told.items() if value}


def _check(project: Project, rows: Iterable[dict[str, Any]]) -> None:
    """Raises RuleBroken for a foreign or excluded activity, a stranger as assignee, dates or effort that cannot be."""
    rows = list(rows)
    people: dict[int, Any] = {}
    # Read again under the lock: the plan may have been tailored since the form was shown.
    wanted = {values["activity"].pk for values in rows if values.get("activity")}
    places = (
        {place.pk: place for place in PlanActivity.objects.filter(project=project, pk__in=wanted)} if wanted else {}
    )
    for values in rows:
        if activity := values.get("activity"):
            if (place := places.get(activity.pk)) is None:
                raise RuleBroken(_("This activity belongs to another project."))
            if not place.is_applicable:
                raise RuleBroken(
                    _("Activity %(number)s is excluded from the plan. Include it again before it gets tasks.")
                    % {"number": place.number}
                )
        starts_on, due_on = values.get("starts_on"), values.get("due_on")
        if starts_on and due_on and due_on < starts_on:
            raise RuleBroken(_("The task would be due before it starts."))
        if (values.get("effort_hours_spent") or 0) < 0 or (values.get("effort_hours_planned") or 0) < 0:
            raise RuleBroken(_("Hours cannot be less than none."))
        if person := values.get("assignee"):
            people[person.pk] = person
    if people:
        here = set(access.people_of(project).filter(pk__in=people).values_list("pk", flat=True))
        for pk, person in people.items():
            if pk not in here:
                raise RuleBroken(_("%(person)s holds no role in this project. Invite them first.") % {"person": person})


def edit(*, task: Task, by: Any, version: int, values: dict[str, Any]) -> Task:
    """Saves a task's fields; `version` is the one the person saw. Raises StaleRecord when somebody saved first."""
    with journal.change(task.project, by=by) as log:
        fresh = _fresh(task)
        if fresh.version != version:
            raise StaleRecord(
                _("%(task)s was changed by somebody else while you were typing. Your text is kept below.")
                % {"task": fresh.label},
                fresh,
            )
        changed = {name: value for name, value in values.items() if name in EDITABLE and getattr(fresh, name) != value}
        if not changed:
            return fresh
        span = {name: changed.get(name, getattr(fresh, name)) for name in ("starts_on", "due_on")}
        _check(task.project, [{**changed, **span}])
        before = {name: getattr(fresh, name) for name in changed}
        previous_activity = fresh.activity_id
        for name, value in changed.items():
            setattr(fresh, name, value)
        if "due_on" in changed:
            fresh.series_on = None  # the series goes on from the date that was set by hand
        if {"due_on", "starts_on"} & changed.keys() and "dates_are_manual" not in values:
            fresh.dates_are_manual = True
        if {"due_on", "starts_on", "activity"} & changed.keys():
            fresh.offset_days = fresh.duration_days = None
        fresh.version += 1
        follows = ("series_on", "dates_are_manual", "offset_days", "duration_days")
        log.mark(fresh).save(update_fields=[*{*changed, *follows}, "version", "updated_at"])
        _recount_after_edit(fresh, previous_activity, changed)
        log(fresh, "task.changed", journal.differences(before, changed))
        if changed.get("assignee"):
            notices.assigned([fresh], by=by)
    return fresh


def _recount_after_edit(task: Task, previous_activity: int | None, changed: dict[str, Any]) -> None:
    if "activity" in changed:
        counts, is_open = task.status != TaskStatus.CANCELLED, task.is_open
        sign = (previous_activity is not None and task.activity_id is None) - (
            previous_activity is None and task.activity_id is not None
        )
        counters.refresh(
            task.project, {previous_activity, task.activity_id}, loose_tasks=sign * counts, loose_open=sign * is_open
        )
    elif "effort_hours_planned" in changed:
        counters.refresh(task.project, {task.activity_id})


def _fresh(task: Task) -> Task:
    """The row as it stands under the organization's lock."""
    return Task.objects.select_related("project__organization", "activity__step", "assignee").get(pk=task.pk)


def move(*, task: Task, name: str, by: Any, reason: str = "", among: QuerySet[Task] | None = None) -> Task:
    """Moves a task along its flow: counters, recurrence and notices follow. Raises RuleBroken, NotPermitted.

    With `among`, a query for one task, `task` only has to name the project: the row is read once, under the lock.
    Raises Task.DoesNotExist when that query finds none.
    """
    was: dict[str, Any] = {}
    rows = Task.objects.filter(pk=task.pk) if among is None else among
    links = TaskDependency.objects.exclude(kind=LinkKind.START_START)
    waits = Exists(links.filter(task=OuterRef("pk"), predecessor__is_open=True))

    def then(fresh: Task, step: Move, before: str, log: journal.Log) -> None:
        was.update(is_open=fresh.is_open, counts=before != TaskStatus.CANCELLED)
        fresh.is_open = fresh.status in UNFINISHED
        fresh.blocked_reason = log.reason[:500] if step.name == "block" else ""
        # From here on the task goes its own way, whatever its activity was when it was excluded.
        fresh.status_before_exclusion = ""
        is_done = fresh.status == TaskStatus.DONE
        fresh.completed_at, fresh.completed_by = (log.at, by) if is_done else (None, None)

    with journal.change(task.project, by=by, reason=reason) as log:
        moved = flow.move(
            task,
            name,
            by=by,
            flow=flows.TASK,
            kind="task",
            reason=reason,
            is_own=is_own,
            then=then,
            fields=("is_open", "blocked_reason", "status_before_exclusion", "completed_at", "completed_by"),
            among=rows.annotate(waits=waits),
        )
        is_loose = moved.activity_id is None
        counters.refresh(
            moved.project,
            [moved.activity_id],
            loose_tasks=is_loose * ((moved.status != TaskStatus.CANCELLED) - was["counts"]),
            loose_open=is_loose * (moved.is_open - was["is_open"]),
        )
        if moved.status == TaskStatus.DONE and moved.recurrence:
            _repeat(moved, log)
    return moved


PERIODS = {
    Recurrence.WEEKLY: (0, 7),
    Recurrence.MONTHLY: (1, 0),
    Recurrence.QUARTERLY: (3, 0),
    Recurrence.YEARLY: (12, 0),
}


def nth_date(day: dt.date, recurrence: str, n: int) -> dt.date:
    """The same day `n` periods later; the month's last day where there is no such day."""
    months, days = PERIODS[Recurrence(recurrence)]
    if days:
        return day + dt.timedelta(days=days * n)
    year, month = divmod(day.month - 1 + months * n, 12)
    first = dt.date(day.year + year, month + 1, 1)
    last = (dt.date(first.year + first.month // 12, first.month % 12 + 1, 1) - dt.timedelta(days=1)).day
    return first.replace(day=min(day.day, last))


def date_after(anchor: dt.date, recurrence: str, after: dt.date, on_or_before: Callable[[dt.date], dt.date]) -> dt.date:
    """The first date of the series from `anchor` whose working day lies behind `after`, before it is moved to one."""
    k = 1
    while on_or_before(raw := nth_date(anchor, recurrence, k)) <= after:
        k += 1
    return raw


CARRIED = (
    "title", "description", "assignee_role", "priority", "effort_hours_planned", "recurrence", "recurs_until",
)  # fmt: skip


def _repeat(task: Task, log: journal.Log) -> Task | None:
    """The next occurrence of a task that repeats, when it was completed; none after `recurs_until` or a second time.

    A date that is no working day moves to the one before it; the series itself does not move with it.
    """
    if Task.objects.filter(previous=task).exists():
        return None
    calendar = task.project.calendar
    due = task.due_on or dates.today()
    anchor = task.series_on or due
    raw = date_after(anchor, task.recurrence, due, calendar.on_or_before)
    if task.recurs_until and raw > task.recurs_until:
        return None
    due_on = calendar.on_or_before(raw)
    lead = (task.due_on - task.starts_on) if task.due_on and task.starts_on else None
    still_here = task.assignee_id and access.people_of(task.project).filter(pk=task.assignee_id).exists()
    occurrence = create(
        project=task.project,
        by=log.by,
        **{name: getattr(task, name) for name in CARRIED},
        activity=task.activity if task.activity_id and task.activity.is_applicable else None,
        assignee=task.assignee if still_here else None,
        starts_on=due_on - lead if lead is not None else None,
        due_on=due_on,
        series_on=anchor,
        previous=task,
    )
    if task.checklist_count:
        ChecklistItem.objects.bulk_create(
            ChecklistItem(
                organization_id=task.organization_id,
                project=task.project,
                task=occurrence,
                text=item.text,
                position=item.position,
            )
            for item in task.checklist.all()
        )
        Task.objects.filter(pk=occurrence.pk).update(checklist_count=task.checklist_count)
    return occurrence


def change_many(*, project: Project, by: Any, numbers: Iterable[int], values: dict[str, Any]) -> int:
    """Gives several tasks the same assignee, due date, priority or activity; returns how many changed.

    `values["shift_days"]` moves due dates by working days instead. Numbers that are not of this project are ignored.
    """
    shift = values.get("shift_days")
    same = {name: value for name, value in values.items() if name in EDITABLE}
    with journal.change(project, by=by) as log:
        _check(project, [same])
        tasks = list(
            Task.objects.select_related("assignee", "activity")
            .filter(project=project, number__in=list(numbers))
            .order_by("number")
        )
        changed: list[Task] = []
        moved: set[int | None] = set()
        loose = {"tasks": 0, "open": 0}
        calendar = project.calendar
        for task in tasks:
            now = dict(same)
            if shift and task.due_on:
                now["due_on"] = calendar.add(task.due_on, shift)
                if task.starts_on:
                    now["starts_on"] = min(calendar.add(task.starts_on, shift), now["due_on"])
            elif now.get("due_on") and task.starts_on and task.starts_on > now["due_on"]:
                now["starts_on"] = now["due_on"]
            before = {name: getattr(task, name) for name in now}
            if not (diff := journal.differences(before, now)):
                continue
            if "activity" in diff:
                moved |= {task.activity_id, now["activity"].pk if now["activity"] else None}
                step = (now["activity"] is None) - (task.activity_id is None)
                loose["tasks"] += step * (task.status != TaskStatus.CANCELLED)
                loose["open"] += step * task.is_open
            for name, value in now.items():
                setattr(task, name, value)
            if "due_on" in diff:
                task.series_on = None
                task.dates_are_manual = True
            if {"due_on", "activity"} & diff.keys():
                task.offset_days = task.duration_days = None
            task.project = project
            task.version += 1
            task.updated_at = log.at
            changed.append(task)
            log(task, "task.changed", diff)
        if changed:
            names = {*same, "due_on", "starts_on", "series_on", "dates_are_manual", "offset_days", "duration_days"}
            names |= {"version", "updated_at"}
            Task.objects.bulk_update(changed, sorted(names), batch_size=200)
            Task.history.bulk_history_create(
                changed, update=True, default_user=by, default_change_reason=log.reason, default_date=log.at
            )
            if moved:
                counters.refresh(project, moved, loose_tasks=loose["tasks"], loose_open=loose["open"])
            if same.get("assignee"):
                notices.assigned([task for task in changed if task.is_open], by=by)
    return len(changed)


def add_hours(*, task: Task, hours: Decimal, by: Any) -> Task:
    """Adds to the hours spent on a task; nobody else's hours are lost, whoever saves at the same time."""
    if hours <= 0:
        raise RuleBroken(_("Enter more than no hours. To correct the total, edit the task."))
    with journal.change(task.project, by=by) as log:
        _permit_work(task, by)
        fresh = _fresh(task)
        before = fresh.effort_hours_spent
        if before + hours > MOST_HOURS:
            raise RuleBroken(_("That is more than a task can hold. Check the number of hours."))
        fresh.effort_hours_spent = before + hours
        fresh.version += 1
        log.mark(fresh).save(update_fields=["effort_hours_spent", "version", "updated_at"])
        log(fresh, "task.hours_added", {"effort_hours_spent": [before, fresh.effort_hours_spent]})
    return fresh


def add_predecessor(
    *, task: Task, predecessor: Task, by: Any, kind: str = LinkKind.FINISH_START, lag_days: int = 0
) -> TaskDependency:
    """Says how a task waits for another; between the same two the new link takes the old one's place.

    Refuses a circle by naming it. Dates move with `services.task_schedule.link`.
    """
    if task.project_id != predecessor.project_id:
        raise RuleBroken(_("Both tasks must belong to the same project."))
    if abs(lag_days) > MOST_LAG:
        raise refused("lag_days", _("A lag has at most %(most)s working days.") % {"most": MOST_LAG})
    with journal.change(task.project, by=by) as log:
        if task.pk == predecessor.pk:
            raise RuleBroken(_("%(task)s cannot depend on itself.") % {"task": task.label})
        if circle := _path(predecessor, task):
            chain = " → ".join([task.label, *circle])
            raise RuleBroken(
                _("This would turn in a circle: %(chain)s. Remove one of these links first.") % {"chain": chain}
            )
        was = TaskDependency.objects.filter(task=task, predecessor=predecessor).first()
        if was is not None and (was.kind, was.lag_days) == (kind, lag_days):
            return was
        link, _is_new = TaskDependency.objects.update_or_create(
            task=task,
            predecessor=predecessor,
            defaults={
                "organization_id": task.organization_id,
                "project": task.project,
                "kind": kind,
                "lag_days": lag_days,
            },
        )
        facts: dict[str, Any] = {"predecessor": predecessor.label}
        if was is not None or (kind, lag_days) != (LinkKind.FINISH_START, 0):
            facts["kind"] = [was.kind if was else None, kind]
            facts["lag_days"] = [was.lag_days if was else None, lag_days]
        log(task, "task.dependency_added", facts)
    return link


def _path(start: Task, goal: Task) -> list[str]:
    """The labels from `start` along its predecessors to `goal`, both named; empty when there is no way."""
    links: dict[int, list[int]] = {}
    for task_id, earlier in TaskDependency.objects.filter(project=start.project).values_list(
        "task_id", "predecessor_id"
    ):
        links.setdefault(task_id, []).append(earlier)
    came_from: dict[int, int | None] = {start.pk: None}
    queue = [start.pk]
    for pk in queue:
        if pk == goal.pk:
            path: list[int] = []
            at: int | None = pk
            while at is not None:
                path.append(at)
                at = came_from[at]
            numbers = Task.objects.in_bulk(path)
            return [numbers[pk].label for pk in reversed(path)]
        for earlier in links.get(pk, ()):
            if earlier not in came_from:
                came_from[earlier] = pk
                queue.append(earlier)
    return []


def remove_predecessor(*, task: Task, predecessor: Task, by: Any) -> None:
    with journal.change(task.project, by=by) as log:
        gone, _by_model = TaskDependency.objects.filter(task=task, predecessor=predecessor).delete()
        if gone:
            log(task, "task.dependency_removed", {"predecessor": predecessor.label})


def add_item(*, task: Task, text: str, by: Any) -> ChecklistItem:
    if not text.strip():
        raise RuleBroken(_("Write what is to be checked off."))
    with journal.change(task.project, by=by) as log:
        _permit_work(task, by)
        found = task.checklist.aggregate(last=Max("position"), count=Count("pk"))
        last = found["last"] or 0
        if found["count"] >= MOST_ITEMS:
            raise RuleBroken(
                _("A checklist holds at most %(most)s items. Make a second task of the rest.") % {"most": MOST_ITEMS}
            )
        item = ChecklistItem.objects.create(
            organization_id=task.organization_id, project=task.project, task=task, text=text, position=last + 1
        )
        _count_checklist(task)
        log(task, "task.item_added", {"item": text})
    return item


def check_item(*, item: ChecklistItem, is_done: bool, by: Any) -> ChecklistItem:
    """Ticks an item off or on again; saying the same twice changes nothing."""
    with journal.change(item.project, by=by) as log:
        _permit_work(item.task, by)
        changed = ChecklistItem.objects.filter(pk=item.pk, is_done=not is_done).update(
            is_done=is_done, done_by=by if is_done else None, done_at=log.at if is_done else None
        )
        if changed:
            _count_checklist(item.task)
            log(item.task, "task.item_checked" if is_done else "task.item_unchecked", {"item": item.text})
    return ChecklistItem.objects.filter(pk=item.pk).first() or item  # it may have been removed meanwhile


def remove_item(*, item: ChecklistItem, by: Any) -> None:
    with journal.change(item.project, by=by) as log:
        _permit_work(item.task, by)
        gone, _by_model = ChecklistItem.objects.filter(pk=item.pk).delete()
        if gone:
            _count_checklist(item.task)
            log(item.task, "task.item_removed", {"item": item.text})


def _count_checklist(task: Task) -> None:
    counted = ChecklistItem.objects.filter(task=task).aggregate(
        checklist_count=Count("pk"), checklist_done_count=Count("pk", filter=Q(is_done=True))
    )
    Task.objects.filter(pk=task.pk).update(**counted)


def count_evidence(task: Task, n: int) -> None:
    """Stores how many valid pieces of evidence a task has; lists show it without counting."""
    Task.objects.filter(pk=task.pk).update(evidence_count=n)


def may_work_on(task: Task, user: Any) -> bool:
    """Whether a person may check off, comment and add evidence: their own task, or any when they manage tasks."""
    roles = access.roles_of(user, task.project)
    held = access.perms_of(roles)
    return Perm.MANAGE_TASKS in held or (Perm.WORK_ON_TASKS in held and is_own(task, user, roles))


def _permit_work(task: Task, by: Any) -> None:
    if not may_work_on(task, by):
        raise flow.NotPermitted(_("%(task)s is not assigned to you.") % {"task": task.label})


def may_comment(task: Task, user: Any) -> bool:
    """Whoever works in the project and may see the task."""
    roles = access.roles_of(user, task.project)
    held = access.perms_of(roles)
    return Perm.WORK_ON_TASKS in held and (Perm.VIEW_PROJECT in held or is_own(task, user, roles))


def comment(*, task: Task, by: Any, text: str) -> TaskComment:
    """Adds a comment; people of the project who are mentioned as @Name and may see the task are told."""
    if not text.strip():
        raise RuleBroken(_("Write a comment first."))
    with journal.change(task.project, by=by) as log:
        if not may_comment(task, by):
            raise flow.NotPermitted(_("You may not comment on %(task)s.") % {"task": task.label})
        said = TaskComment.objects.create(
            organization_id=task.organization_id, project=task.project, task=task, author=by, text=text
        )
        mentioned = mentioned_in(text, task)
        said.mentions.set(mentioned)
        Task.objects.filter(pk=task.pk).update(comment_count=F("comment_count") + 1)
        told = {"mentions": [str(person) for person in mentioned]} if mentioned else {}
        log(task, "task.commented", {"text": text, **told})
        notices.mentioned(said, mentioned, by=by)
    return said


def mentioned_in(text: str, task: Task) -> list[Any]:
    """The people of the project whose full name follows an @ in `text` and who may see the task.

    At each @ the longest name counts: "@Anna Muster" does not mention somebody called Anna.
    """
    if "@" not in text:
        return []
    by_name: dict[str, list[Any]] = {}
    for person in access.people_of(task.project):
        if person.name.strip():
            by_name.setdefault(" ".join(person.name.split()).casefold(), []).append(person)
    if not by_name:
        return []
    names = sorted(by_name, key=len, reverse=True)
    either = "|".join(re.escape(name) for name in names)
    said = dict.fromkeys(re.findall(rf"@({either})(?!\w)", " ".join(text.split()).casefold()))
    found = [person for name in said for person in by_name[name]]
    if not found:
        return []
    readers = access.people_as(task.project, [r for r, may in access.MAY.items() if Perm.VIEW_PROJECT in may])
    reader_ids = set(readers.filter(pk__in=[p.pk for p in found]).values_list("pk", flat=True))
    return [person for person in found if person.pk in reader_ids or is_own(task, person)]
