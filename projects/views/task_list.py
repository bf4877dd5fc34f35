"""The list of tasks, its export, and what can be done with many at once. Board and calendar share its filters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import xlsxwriter
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core import dates
from core.htmx import respond
from projects.forms.task_filter import TaskFilter
from projects.forms.task_many import MOST_AT_ONCE, BulkForm
from projects.models import Task
from projects.models.task import Priority
from projects.permissions import Perm
from projects.selectors import task as tasks
from projects.services import task as services

from .base import SeeOther, project_access

READ = (Perm.VIEW_PROJECT, Perm.VIEW_OWN_WORK)
PAGE = 50
MOST_ROWS = 20_000


@dataclass
class Listing:
    """What list, board, calendar, export and bulk action have in common: the tasks this person may see, filtered."""

    request: HttpRequest
    around: tasks.Surroundings
    filter: TaskFilter
    today: dt.date
    rows: QuerySet[Task]

    @property
    def wanted(self) -> dict[str, Any]:
        return self.filter.wanted

    def dressed(self, rows: Any) -> list[Task]:
        return tasks.dressed(rows, self.request.project, self.around, self.today)

    def context(self, here: str) -> dict[str, Any]:
        kept = self.request.GET.copy()
        for name in ("page", "month", "sort"):
            kept.pop(name, None)
        query = f"?{kept.urlencode()}" if kept else ""
        project = self.request.project
        views = [
            ("list", _("List"), "list", "projects:task-list"),
            ("board", _("Board"), "layout-kanban", "projects:task-board"),
            ("calendar", _("Calendar"), "calendar", "projects:task-calendar"),
        ]
        return {
            "project": project,
            "filter": self.filter,
            "chosen": self.filter.chosen,
            "today": self.today,
            "sees_all": tasks.sees_all(self.request.perms_here),
            "here": here,
            "views": [
                (key, label, icon, reverse(name, kwargs=project.address) + query) for key, label, icon, name in views
            ],
            "query": self.request.GET.urlencode(),
        }


def listing(request: HttpRequest, *, without: tuple[str, ...] = ()) -> Listing:
    """Reads the filters of a request; `without` leaves some aside. Two queries, for people and activities."""
    project = request.project
    around = tasks.surroundings(project)
    if not tasks.sees_all(request.perms_here):
        around.people = {pk: person for pk, person in around.people.items() if pk == request.user.pk}
    # Who does not read the plan is not told its activities by a filter either.
    offered = around if tasks.sees_all(request.perms_here) else tasks.Surroundings(around.people, {}, {})
    chosen = TaskFilter(request.GET, around=offered)
    today = dates.today()
    wanted = {name: value for name, value in chosen.wanted.items() if name not in without}
    visible = tasks.of(project, request.user, request.roles_here, request.perms_here)
    rows = tasks.narrowed(visible, wanted, user=request.user, roles=request.roles_here, today=today, around=around)
    return Listing(request, around, chosen, today, rows)


@project_access(READ)
@require_safe
def task_list(request: HttpRequest) -> HttpResponse:
    found = listing(request)
    page = Paginator(tasks.in_order(found.rows, found.wanted.get("sort", "")), PAGE).get_page(
        request.GET.get("page", "")[:9]
    )
    may_manage = Perm.MANAGE_TASKS in request.perms_here
    context = found.context("list") | {
        "page": page,
        "rows": found.dressed(page.object_list),
        "bulk": BulkForm(around=found.around) if may_manage and page.paginator.count else None,
        "has_any": bool(request.project.last_task_number),
        "most_at_once": MOST_AT_ONCE,
    }
    return respond(request, "projects/task/list.html", context)


@project_access(Perm.MANAGE_TASKS)
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Changes the chosen tasks, or all that match the filters of the address."""
    found = listing(request)
    form = BulkForm(request.POST, around=found.around)
    back = _list_address(request)
    chosen = {number for value in request.POST.getlist("chosen") if (number := Task.number_of(value)) is not None}
    if request.POST.get("all_matching"):
        chosen = set(found.rows.values_list("number", flat=True)[: MOST_AT_ONCE + 1])
    if not chosen:
        messages.error(request, _("No task was chosen. Tick the rows that should change."))
        return SeeOther(back)
    if len(chosen) > MOST_AT_ONCE:
        messages.error(
            request,
            _("More than %(most)s tasks match. Narrow the list with the filters first.") % {"most": MOST_AT_ONCE},
        )
        return SeeOther(back)
    if form.is_valid() and form.carry_out(
        lambda: services.change_many(project=request.project, by=request.user, numbers=chosen, values=form.values())
    ):
        changed = form.result
        messages.success(
            request,
            ngettext("%(n)s task changed.", "%(n)s tasks changed.", changed) % {"n": changed}
            if changed
            else _("Nothing had to change: the tasks were like that already."),
        )
        return SeeOther(back)
    for name, errors in form.errors.items():
        label = "" if name == "__all__" else f"{form.fields[name].label}: "
        messages.error(request, label + " ".join(str(error) for error in errors))
    return SeeOther(back)


def _list_address(request: HttpRequest) -> str:
    query = request.GET.urlencode()
    return reverse("projects:task-list", kwargs=request.project.address) + (f"?{query}" if query else "")


COLUMNS = (
    (lambda: _("Number"), 9),
    (lambda: _("Title"), 60),
    (lambda: _("Activity"), 44),
    (lambda: _("Assigned to"), 24),
    (lambda: _("Role"), 22),
    (lambda: _("Starts on"), 12),
    (lambda: _("Due on"), 12),
    (lambda: _("Priority"), 10),
    (lambda: _("State"), 14),
    (lambda: _("Hours planned"), 13),
    (lambda: _("Hours spent"), 12),
)


@project_access(READ)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list as a spreadsheet; every text is written as text, so that nothing is run as a formula. (T49)"""
    found = listing(request)
    pages = tasks.in_order(found.rows, found.wanted.get("sort", ""))
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    sheet = book.add_worksheet(_("Tasks")[:31])
    bold = book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for column, (title, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title(), bold)
    sheet.freeze_panes(1, 0)
    count = 0
    for count, task in enumerate(_all(found, pages), start=1):
        _write(sheet, count, task, day)
    sheet.autofilter(0, 0, max(count, 1), len(COLUMNS) - 1)
    if len(pages) > MOST_ROWS:
        sheet.write_string(
            count + 1,
            0,
            _("The list goes on: only the first %(most)s tasks are in this file.") % {"most": MOST_ROWS},
        )
    book.close()
    project = request.project
    return HttpResponse(
        out.getvalue(),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={
            "Content-Disposition": f'attachment; filename="tasks-{project.organization.slug}-{project.slug}.xlsx"'
        },
    )


def _all(found: Listing, pages: tasks.Parts) -> Iterator[Task]:
    yield from found.dressed(pages[:MOST_ROWS])


def _write(sheet: Any, row: int, task: Task, day: Any) -> None:
    texts = {
        0: task.label,
        1: task.title,
        2: task.place.label if task.place else "",
        3: str(task.assignee) if task.assignee else "",
        4: str(task.role_word),
        7: str(Priority(task.priority).label),
        8: str(task.status_word),
    }
    for column, text in texts.items():
        if text:
            sheet.write_string(row, column, text)
    for column, when in ((5, task.starts_on), (6, task.due_on)):
        if when:
            sheet.write_datetime(row, column, dt.datetime.combine(when, dt.time.min), day)
    for column, hours in ((9, task.effort_hours_planned), (10, task.effort_hours_spent)):
        if hours is not None:
            sheet.write_number(row, column, float(hours))
