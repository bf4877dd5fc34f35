"""The calendar: one month of due tasks, with weekends and public holidays of the project marked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.htmx import respond
from projects.models.task import TaskStatus
from projects.selectors import task as tasks
from projects.selectors import task_calendar as months

from .base import project_access
from .task_list import READ, listing


@project_access(READ)
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    found = listing(request, without=("due", "sort"))
    wanted = {name: value for name, value in found.wanted.items() if name not in ("due", "sort")}
    wanted.setdefault("status", "all")
    visible = tasks.of(request.project, request.user, request.roles_here, request.perms_here)
    rows = tasks.narrowed(
        visible, wanted, user=request.user, roles=request.roles_here, today=found.today, around=found.around
    )
    month = months.month_of(request.GET.get("month"), found.today)
    weeks = months.days_of(month)
    by_day = months.due_in(rows, weeks)
    base = reverse("projects:task-list", kwargs=request.project.address)
    working = request.project.calendar
    context = found.context("calendar") | {
        "month": month,
        "caption": date_format(month, "F Y"),
        "names": [date_format(day, "D") for day in weeks[0]],
        "weeks": [
            [
                {
                    "date": day,
                    "is_other": day.month != month.month,
                    "is_today": day == found.today,
                    "is_off": not working.is_working(day),
                    "events": _events(by_day.get(day, []), day, base, found.today),
                }
                for day in week
            ]
            for week in weeks
        ],
        "previous": _month_link(request, (month - dt.timedelta(days=1)).replace(day=1)),
        "next": _month_link(request, (month + dt.timedelta(days=32)).replace(day=1)),
        "this_month": _month_link(request, found.today.replace(day=1)),
        "is_this_month": month == found.today.replace(day=1),
        "is_empty": not by_day,
    }
    context["chosen"] = [chip for chip in context["chosen"] if chip["name"] != "due"]
    return respond(request, "projects/task/calendar.html", context)


def _month_link(request: HttpRequest, month: dt.date) -> str:
    query = request.GET.copy()
    query["month"] = f"{month:%Y-%m}"
    return f"?{query.urlencode()}"


KINDS = {TaskStatus.DONE: "done", TaskStatus.IN_PROGRESS: "prog", TaskStatus.BLOCKED: "late"}


# States are never told by colour alone.
MARKS = {"done": "✓ ", "late": "! "}


def _kind(task: Any, day: dt.date, today: dt.date) -> str:
    return "late" if task.is_open and day < today else KINDS.get(task.status, "open")


def _events(due: list[Any], day: dt.date, base: str, today: dt.date) -> list[dict[str, str]]:
    """The first tasks of a day, and a link to the list where there are more."""
    shown = due if len(due) <= months.EVENTS_A_DAY else due[: months.EVENTS_A_DAY - 1]
    events = [
        {
            "label": MARKS.get(kind := _kind(task, day, today), "") + task.title,
            "href": f"{base}{task.label}/",
            "kind": kind,
        }
        for task in shown
    ]
    if hidden := len(due) - len(shown):
        events.append(
            {
                "label": _("%(n)s more") % {"n": hidden},
                "href": f"{base}?status=all&due={day.isoformat()}",
                "kind": "open",
            }
        )
    return events
