"""The work of a round: correction, extent and criterion; causes; corrective actions; the verdict."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core import once
from core.rules import RuleBroken
from improvement.forms.nonconformity import ActionForm, CauseForm, CauseWordsForm, JudgeForm, WorkForm
from improvement.models import Nonconformity
from improvement.selectors import nonconformity as selectors
from improvement.services import nonconformity as services
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, project_access, shown

from .nonconformity import found, show, workable


@project_access(Perm.WORK_ON_NONCONFORMITIES)
@require_POST
def save(request: HttpRequest, number: str) -> HttpResponse:
    """Saves what the page says of the newest round."""
    record = workable(request, number)
    form = WorkForm(request.POST, people=people_of(request.project), status=record.status)
    if form.is_valid() and form.carry_out(
        lambda: services.work(
            record=record, by=request.user, version=form.cleaned_data["version"], values=form.values
        )
    ):  # fmt: skip
        shown(request)
        return SeeOther(f"{record.get_absolute_url()}#work")
    conflict = form.conflict_rows()
    form.take_over()
    return show(
        request, record, status=422, work=form, conflict=conflict,
        saved_at=form.conflict.updated_at if form.conflict is not None else None,
    )  # fmt: skip


@project_access(Perm.WORK_ON_NONCONFORMITIES)
@require_POST
def add_cause(request: HttpRequest, number: str) -> HttpResponse:
    record = workable(request, number)
    form = CauseForm(request.POST, auto_id="cause_%s")
    where = f"{record.get_absolute_url()}#causes"
    if form.is_valid() and form.carry_out(
        lambda: once.carry_out(
            form.cleaned_data["once"], person=request.user, address=lambda made: where,
            change=lambda: services.add_cause(
                record=record, by=request.user, text=form.cleaned_data["text"], parent=form.cleaned_data["parent"],
                category=form.cleaned_data["category"], is_root=form.cleaned_data["is_root"],
            ),
        )
    ):  # fmt: skip
        return SeeOther(where)
    return show(request, record, status=422, cause=form)


@project_access(Perm.WORK_ON_NONCONFORMITIES)
@require_POST
def change_cause(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Marks a cause as root (`root=1` or `root=0`), says it in other words (`text`, `category`), or removes it (`remove`)."""
    record = workable(request, number)
    if "text" in request.POST:
        form = CauseWordsForm(request.POST)
        if not form.is_valid():
            return show(request, record, status=422, cause_words=form)
        said = form.cleaned_data
        _try(request, lambda: services.change_cause(record=record, by=request.user, pk=pk, **said))
    elif "remove" in request.POST:
        _try(request, lambda: services.remove_cause(record=record, by=request.user, pk=pk))
    else:
        is_root = request.POST.get("root") == "1"
        _try(request, lambda: services.mark_root(record=record, by=request.user, pk=pk, is_root=is_root))
    return SeeOther(f"{record.get_absolute_url()}#causes")


@project_access(Perm.WORK_ON_NONCONFORMITIES)
@require_POST
def add_action(request: HttpRequest, number: str) -> HttpResponse:
    record = workable(request, number)
    form = ActionForm(request.POST, project=request.project, people=people_of(request.project))
    where = f"{record.get_absolute_url()}#actions"
    if form.is_valid() and form.carry_out(
        lambda: once.carry_out(
            form.cleaned_data["once"], person=request.user, address=lambda made: where, change=lambda: _act(record, request, form)
        )
    ):  # fmt: skip
        return SeeOther(where)
    return show(request, record, status=422, action=form)


def _act(record: Nonconformity, request: HttpRequest, form: ActionForm) -> Any:
    if task := form.cleaned_data["task"]:
        return services.link_action(record=record, by=request.user, task=task)
    return services.add_action(record=record, by=request.user, values=form.values)


@project_access(Perm.WORK_ON_NONCONFORMITIES)
@require_POST
def drop_action(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Takes a task out of the corrective actions; it stays in the plan."""
    record = workable(request, number)
    _try(request, lambda: services.drop_action(record=record, by=request.user, pk=pk))
    return SeeOther(f"{record.get_absolute_url()}#actions")


@project_access(Perm.WORK_ON_NONCONFORMITIES)
@require_POST
def link(request: HttpRequest, number: str) -> HttpResponse:
    """Says that this happened before: as the one named in `earlier`, or, with nothing, that it did not."""
    record = workable(request, number)
    text = request.POST.get("earlier", "")[:20]
    earlier = selectors.one(request.project, text, request.user, request.perms_here) if text else None
    if text and earlier is None:
        messages.error(request, _("There is no nonconformity of this number here."))
    else:
        values = {"recurrence_of": earlier}
        _try(request, lambda: services.change(record=record, by=request.user, version=record.version, values=values))
    return SeeOther(f"{record.get_absolute_url()}#alike")


@project_access(Perm.WORK_ON_NONCONFORMITIES)
@require_POST
def judge(request: HttpRequest, number: str) -> HttpResponse:
    """The verdict of the person named for it."""
    record = found(request, number)
    if record.round.verifier_id != request.user.pk:
        raise PermissionDenied
    form = JudgeForm(request.POST, auto_id="judge_%s")
    if form.is_valid() and form.carry_out(
        lambda: services.judge(record=record, by=request.user, **form.cleaned_data)
    ):  # fmt: skip
        messages.success(request, _("The verdict is recorded."))
        return SeeOther(record.get_absolute_url())
    return show(request, record, status=422, judge=form)


def _try(request: HttpRequest, change: Any) -> None:
    try:
        change()
    except RuleBroken as refusal:
        if type(refusal) is not RuleBroken:
            raise
        messages.error(request, refusal.as_text)
