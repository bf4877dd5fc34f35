"""The checklist of a task: ticked by a plain POST, or by htmx without leaving the page."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from core.htmx import wants_fragment
from projects.forms.comment import ChecklistForm
from projects.models import ChecklistItem, Task
from projects.permissions import Perm
from projects.services import task as services

from .base import SeeOther, project_access
from .task import address_of, find, must_work_on, show

WORK = (Perm.WORK_ON_TASKS, Perm.MANAGE_TASKS)


def _item(task: Task, pk: int) -> ChecklistItem:
    item = ChecklistItem.objects.filter(task=task, pk=pk).first()
    if item is None:
        raise Http404
    item.task, item.project = task, task.project
    return item


def _answer(request: HttpRequest, task: Task, form: Any = None, status: int = 200) -> HttpResponse:
    """The checklist alone for htmx, the page of the task for everybody else."""
    if not wants_fragment(request):
        return SeeOther(address_of(request, task, "#checklist"))
    items = list(task.checklist.all())
    task.checklist_count, task.checklist_done_count = len(items), sum(item.is_done for item in items)
    context = {
        "task": task,
        "base": address_of(request, task),
        "items": items,
        "may_work": True,
        "checklist_form": form or ChecklistForm(auto_id="item_%s"),
    }
    return render(request, "projects/task/_checklist.html", context, status=status)


@project_access(WORK)
@require_POST
def add(request: HttpRequest, number: str) -> HttpResponse:
    task = find(request, number)
    must_work_on(request, task)
    form = ChecklistForm(request.POST, auto_id="item_%s")
    if form.is_valid() and form.carry_out(
        lambda: services.add_item(task=task, text=form.cleaned_data["text"], by=request.user)
    ):
        return _answer(request, task)
    if wants_fragment(request):
        return _answer(request, task, form, status=422)
    return show(request, task, status=422, checklist_form=form)


@project_access(WORK)
@require_POST
def check(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """`done` says what the item shall be, so that two who tick at once do not undo each other."""
    task = find(request, number)
    services.check_item(item=_item(task, pk), is_done=request.POST.get("done") == "1", by=request.user)
    return _answer(request, task)


@project_access(WORK)
@require_POST
def remove(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    task = find(request, number)
    services.remove_item(item=_item(task, pk), by=request.user)
    return _answer(request, task)
