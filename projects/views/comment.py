"""Comments on a task."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core import once
from projects.forms.comment import CommentForm
from projects.permissions import Perm
from projects.selectors import task as tasks
from projects.services import task as services

from .base import SeeOther, project_access
from .task import address_of, find, show


@project_access(Perm.WORK_ON_TASKS)
@require_POST
def add(request: HttpRequest, number: str) -> HttpResponse:
    task = find(request, number)
    is_own = tasks.is_own(task, request.user, request.roles_here)
    if not (tasks.sees_all(request.perms_here) or is_own):
        raise PermissionDenied
    form = CommentForm(request.POST, people=tasks.people_to_tell(task, request.perms_here), auto_id="comment_%s")
    if form.is_valid() and form.carry_out(
        lambda: once.carry_out(
            form.cleaned_data["once"],
            person=request.user,
            change=lambda: services.comment(task=task, by=request.user, text=form.full_text()),
            address=lambda said: address_of(request, task, f"#comment-{said.pk}"),
        )
    ):
        messages.success(request, _("Your comment was added."))
        return SeeOther(form.result)
    return show(request, task, status=422, comment_form=form)
