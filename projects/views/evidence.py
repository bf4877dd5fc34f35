"""Evidence of a task: handed in, downloaded, withdrawn."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import files, once
from projects.forms.evidence import EvidenceForm, WithdrawForm
from projects.models import Task, TaskEvidence
from projects.permissions import Perm
from projects.services import evidence as services

from .base import SeeOther, project_access
from .task import READ, address_of, find, must_work_on, show

WORK = (Perm.WORK_ON_TASKS, Perm.MANAGE_TASKS)


def _evidence(task: Task, pk: int) -> TaskEvidence:
    found = TaskEvidence.objects.select_related("added_by").filter(task=task, pk=pk).first()
    if found is None:
        raise Http404
    found.task, found.project = task, task.project
    return found


@project_access(WORK)
@require_POST
def add(request: HttpRequest, number: str) -> HttpResponse:
    task = find(request, number)
    must_work_on(request, task)
    form = EvidenceForm(request.POST, request.FILES, auto_id="evidence_%s")
    if form.is_valid():
        data = form.cleaned_data
        title = data["title"]

        def change() -> TaskEvidence:
            if data["file"]:
                return services.add_file(task=task, upload=data["file"], title=title, by=request.user)
            return services.add_link(task=task, link=data["link"], title=title, by=request.user)

        if form.carry_out(
            lambda: once.carry_out(
                data["once"], person=request.user, change=change,
                address=lambda made: address_of(request, task, "#evidence"),
            )
        ):  # fmt: skip
            messages.success(request, _("The evidence was added."))
            return SeeOther(form.result)
    return show(request, task, status=422, evidence_form=form)


@project_access(READ)
@require_safe
def download(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The file as it was handed in: always as a download, never shown by the browser."""
    task = find(request, number)
    found = _evidence(task, pk)
    if not found.is_file or (found.withdrawn_at and Perm.MANAGE_TASKS not in request.perms_here):
        raise Http404
    try:
        return files.attachment(
            organization_id=found.organization_id, sha256=found.sha256, name=found.file_name,
            content_type=found.file_type,
        )  # fmt: skip
    except FileNotFoundError:
        return render(
            request, "projects/task/file_missing.html", {"project": request.project, "task": task, "evidence": found},
            status=410,
        )  # fmt: skip


@project_access(WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    task = find(request, number)
    found = _evidence(task, pk)
    if not services.may_withdraw(found, request.user):
        raise PermissionDenied
    form = WithdrawForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carry_out(
            lambda: services.withdraw(evidence=found, reason=form.cleaned_data["reason"], by=request.user)
        )
    ):
        messages.success(request, _("The evidence was withdrawn."))
        return SeeOther(address_of(request, task, "#evidence"))
    context = {
        "project": request.project, "task": task, "evidence": found, "form": form, "back": address_of(request, task),
    }  # fmt: skip
    return render(request, "projects/task/withdraw.html", context, status=422 if request.method == "POST" else 200)
