"""The board: tasks by state. Dragging a card presses the button of its menu, so both ways make the same POST."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.htmx import respond
from projects.selectors import task as tasks
from projects.selectors import task_board

from .base import project_access
from .task_list import READ, listing


@project_access(READ)
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    found = listing(request, without=("status", "sort"))
    visible = tasks.of(request.project, request.user, request.roles_here, request.perms_here)
    wanted = {name: value for name, value in found.wanted.items() if name not in ("status", "sort")} | {"status": "all"}
    rows = tasks.narrowed(
        visible, wanted, user=request.user, roles=request.roles_here, today=found.today, around=found.around
    )
    columns = task_board.board(rows, found.today)
    base = reverse("projects:task-list", kwargs=request.project.address)
    offers: dict[tuple[str, bool], list[tasks.Offer]] = {}
    for column in columns:
        kept = request.GET.copy()
        kept["status"] = column.status
        column.href = f"{base}?{kept.urlencode()}"
        column.note = _("done in the last %(n)s days") % {"n": task_board.DONE_DAYS} if column.status == "done" else ""
        for task in found.dressed(column.tasks):
            is_own = tasks.is_own(task, request.user, request.roles_here)
            key = (task.status, is_own)
            if key not in offers:
                offers[key] = tasks.moves_for(task.status, request.perms_here, is_own=is_own)
            task.offers = offers[key]
    context = found.context("board") | {
        "columns": columns,
        "back": request.get_full_path(),
        "is_empty": not any(column.total for column in columns),
        "has_any": bool(request.project.last_task_number),
    }
    context["chosen"] = [chip for chip in context["chosen"] if chip["name"] != "status"]
    return respond(request, "projects/task/board.html", context)
