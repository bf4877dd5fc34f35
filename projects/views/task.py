"""One task: shown, written, changed, moved; and new ones by pasting or from the method's suggestions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import dates, once
from core.htmx import respond
from core.rules import RuleBroken
from projects import flows, journal_words, schedule_words
from projects.forms.comment import ChecklistForm, CommentForm
from projects.forms.task import HoursForm, PredecessorForm, ReasonForm, TaskEditForm, TaskForm
from projects.forms.task_many import PasteForm, SuggestionsForm
from projects.models import PlanActivity, Task
from projects.permissions import Perm
from projects.selectors import hold as holds
from projects.selectors import task as tasks
from projects.selectors import task_history
from projects.services import schedule, task_schedule
from projects.services import task as services

from .base import SeeOther, answer, project_access
from .seen import Shown, see_first
from .task_list import READ


def find(request: HttpRequest, number: str) -> Task:
    """The task of an address, if this person may see it; otherwise it does not exist for them."""
    visible = tasks.of(request.project, request.user, request.roles_here, request.perms_here)
    task = tasks.find(visible, number)
    if task is None:
        raise Http404
    task.project = request.project
    return task


def must_work_on(request: HttpRequest, task: Task) -> None:
    """Turns away who sees the task but does not work on it."""
    is_own = tasks.is_own(task, request.user, request.roles_here)
    if not (Perm.MANAGE_TASKS in request.perms_here or (Perm.WORK_ON_TASKS in request.perms_here and is_own)):
        raise PermissionDenied


def address_of(request: HttpRequest, task: Task, part: str = "") -> str:
    return reverse("projects:task-detail", kwargs={**request.project.address, "number": task.label}) + part


def back_to(request: HttpRequest, otherwise: str) -> str:
    """Where the form said to go afterwards, if that is a place here."""
    wanted = request.POST.get("next", "")
    is_here = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_here and len(wanted) < 1000 else otherwise


# ---- shown ------------------------------------------------------------------------------------------------------


@project_access(READ)
@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    task = find(request, number)
    if number != task.label:
        return HttpResponseRedirect(address_of(request, task))
    return show(request, task)


def show(request: HttpRequest, task: Task, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page of a task; `forms` are those that came back with something to mend."""
    perms = request.perms_here
    sees_all = tasks.sees_all(perms)
    is_own = tasks.is_own(task, request.user, request.roles_here)
    may_manage = Perm.MANAGE_TASKS in perms
    may_work = may_manage or (Perm.WORK_ON_TASKS in perms and is_own)
    may_comment = Perm.WORK_ON_TASKS in perms and (sees_all or is_own)
    tab = request.GET.get("tab", "") if sees_all and request.method == "GET" else ""
    context: dict[str, Any] = {
        "project": request.project,
        "task": task,
        "base": address_of(request, task),
        "today": dates.today(),
        "is_own": is_own,
        "may_manage": may_manage,
        "may_work": may_work,
        "may_comment": may_comment,
        "sees_all": sees_all,
        "status_badge": tasks.BADGES[task.status],
        "priority_icon": tasks.PRIORITY_ICONS[task.priority],
        "held": holds.of_step(request.project, task.activity.step_id) if task.is_open and task.activity_id else [],
        "on_task": tab != "history",
        "on_history": tab == "history",
    }
    if context["on_history"]:
        context["history"] = task_history.history_of(task)
        if Perm.VIEW_JOURNAL in perms:
            context["journal"] = journal_words.tell(task_history.journal_of(task), request.project)
        return respond(request, "projects/task/history.html", context, status=status)
    around = tasks.detail(task)
    people = tasks.people_to_tell(task, perms) if may_comment else {}
    offers = tasks.moves_for(task.status, perms, is_own=is_own)
    context |= {
        "around": around,
        "comments": [(said, tasks.marked(said)) for said in around.comments],
        "offers": [(offer, f"{context['base']}move/{offer.name}/") for offer in offers],
        "main_offer": next(((o, f"{context['base']}move/{o.name}/") for o in offers if o.is_main), None),
        "checklist_form": ChecklistForm(auto_id="item_%s") if may_work else None,
        "comment_form": CommentForm(people=people, auto_id="comment_%s") if may_comment else None,
        "hours_form": HoursForm(auto_id="hours_%s") if may_work else None,
        "predecessor_form": PredecessorForm(auto_id="predecessor_%s") if may_manage else None,
    }
    context |= forms
    page = "projects/task/detail.html" if sees_all else "projects/task/contributor.html"
    return respond(request, page, context, status=status)


# ---- written and changed ----------------------------------------------------------------------------------------


@project_access(Perm.MANAGE_TASKS)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    around = tasks.surroundings(request.project)
    if request.method == "POST":
        form = TaskForm(request.POST, around=around)
        if form.is_valid() and form.carry_out(
            lambda: once.carry_out(
                form.cleaned_data["once"],
                person=request.user,
                change=lambda: services.create(project=request.project, by=request.user, **form.values()),
                address=lambda task: address_of(request, task),
            )
        ):
            messages.success(request, _("The task was added."))
            if "another" in request.POST:
                return SeeOther(f"{request.path}?activity={form.cleaned_data['activity']}")
            return SeeOther(back_to(request, form.result))
        return respond(request, "projects/task/form.html", _form_context(request, form), status=422)
    place = around.place(request.GET.get("activity", ""))
    first: dict[str, Any] = {}
    if place is not None and place.is_applicable:
        activity = PlanActivity.objects.get(pk=place.pk)
        first = {"activity": place.number, "who": f"r:{activity.responsible}", "due_on": activity.ends_on}
    return respond(request, "projects/task/form.html", _form_context(request, TaskForm(initial=first, around=around)))


def _form_context(request: HttpRequest, form: Any, task: Task | None = None) -> dict[str, Any]:
    base = reverse("projects:task-list", kwargs=request.project.address)
    return {
        "project": request.project,
        "form": form,
        "task": task,
        "back": address_of(request, task) if task else base,
        "next": request.POST.get("next", ""),
        "draft": f"task-{request.project.pk}-{task.label if task else 'new'}",
        "has_more": bool(set(form.errors) & {"starts_on", "effort_hours_planned", "recurrence", "recurs_until"})
        or bool(task and (task.recurrence or task.starts_on)),
    }


@project_access(Perm.MANAGE_TASKS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    task = find(request, number)
    around = tasks.surroundings(request.project)
    if request.method == "POST":
        form = TaskEditForm(request.POST, around=around, task=task)
        if form.is_valid() and form.carry_out(
            lambda: services.edit(
                task=task, by=request.user, version=form.cleaned_data["version"], values=form.values()
            )
        ):
            messages.success(request, _("Saved."))
            return SeeOther(address_of(request, task))
        context = _form_context(request, form, task)
        if form.conflict is not None:
            context |= {"conflict": form.conflict_rows(), "saved_by": task_history.last_author(form.conflict)}
            form.take_over()
        return respond(request, "projects/task/form.html", context, status=422)
    form = TaskEditForm(initial=TaskEditForm.initial_of(task), around=around, task=task)
    return respond(request, "projects/task/form.html", _form_context(request, form, task))


@project_access(Perm.MANAGE_TASKS)
@require_http_methods(["GET", "HEAD", "POST"])
def paste(request: HttpRequest) -> HttpResponse:
    """Many tasks from lines: first shown as they were understood, then added all at once or not at all."""
    around = tasks.surroundings(request.project)
    context: dict[str, Any] = {
        "project": request.project,
        "back": reverse("projects:task-list", kwargs=request.project.address),
    }
    if request.method != "POST":
        place = around.place(request.GET.get("activity", ""))
        form = PasteForm(initial={"activity": place.number if place else ""}, around=around)
        return respond(request, "projects/task/paste.html", context | {"form": form})
    form = PasteForm(request.POST, around=around)
    is_fine = form.is_valid()
    if is_fine and not form.wrong and request.POST.get("do") == "add":
        count = len(form.read)
        if form.carry_out(
            lambda: once.carry_out(
                form.cleaned_data["once"],
                person=request.user,
                change=lambda: services.create_many(project=request.project, by=request.user, rows=form.rows()),
                address=lambda made: context["back"],
            )
        ):
            messages.success(request, ngettext("%(n)s task added.", "%(n)s tasks added.", count) % {"n": count})
            return SeeOther(form.result)
        is_fine = False
    is_mending = not is_fine or (form.wrong and request.POST.get("do") == "add")
    return respond(
        request, "projects/task/paste.html", context | {"form": form, "is_preview": True},
        status=422 if is_mending else 200,
    )  # fmt: skip


@project_access(Perm.MANAGE_TASKS)
@require_http_methods(["GET", "HEAD", "POST"])
def suggestions(request: HttpRequest) -> HttpResponse:
    """The tasks that the method suggests for an activity and the plan does not have yet."""
    activity = (
        PlanActivity.objects.select_related("step")
        .filter(project=request.project, number=request.GET.get("activity", "").replace("\x00", ""))
        .first()
    )
    if activity is None:
        raise Http404
    activity.project = request.project
    known, offered = tasks.suggestions_for(activity)
    where = reverse("projects:activity-detail", kwargs={**request.project.address, "number": activity.number})
    if request.method == "POST":
        form = SuggestionsForm(request.POST, suggestions=known)
        if form.is_valid() and form.carry_out(
            lambda: once.carry_out(
                form.cleaned_data["once"],
                person=request.user,
                change=lambda: services.take_suggestions(
                    activity=activity, by=request.user,
                    titles=[one.title for one in offered if one.pk in form.cleaned_data["chosen"]],
                ),
                address=lambda made: where,
            )
        ):  # fmt: skip
            count = len(form.cleaned_data["chosen"])
            messages.success(request, ngettext("%(n)s task added.", "%(n)s tasks added.", count) % {"n": count})
            return SeeOther(form.result)
        status = 422
        taken = set(request.POST.getlist("chosen"))
        for one in offered:
            one.is_chosen = str(one.pk) in taken
    else:
        form, status = SuggestionsForm(suggestions=offered), 200
    context = {"project": request.project, "activity": activity, "form": form, "offered": offered, "back": where}
    return respond(request, "projects/task/suggestions.html", context, status=status)


# ---- moved ------------------------------------------------------------------------------------------------------


@project_access((Perm.WORK_ON_TASKS, Perm.MANAGE_TASKS))
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, number: str, move: str) -> HttpResponse:
    """Moves a task; a move that needs a reason asks for it on a page of its own, so that dragging works too."""
    if move not in flows.TASK:
        raise Http404
    step = flows.TASK[move]
    form = ReasonForm(request.POST if request.POST.get("reason") is not None else None)
    if request.method != "POST" or (step.asks_reason and not form.is_valid()):
        return _ask_why(request, find(request, number), step, form)
    known = Task.number_of(number)
    if known is None:
        raise Http404
    task = Task(project=request.project, number=known)
    visible = tasks.of(request.project, request.user, request.roles_here, request.perms_here)
    said = {
        "complete": _("%(task)s is done."),
        "start": _("%(task)s is in progress."),
        "block": _("%(task)s is marked as blocked."),
        "resume": _("%(task)s is in progress again."),
        "pause": _("%(task)s was put back."),
        "reopen": _("%(task)s is open again."),
        "cancel": _("%(task)s was cancelled."),
    }[move] % {"task": task.label}
    reason = form.cleaned_data["reason"] if step.asks_reason else ""
    try:
        return answer(
            request,
            lambda: services.move(
                task=task, name=move, by=request.user, reason=reason, among=visible.filter(number=known)
            ),
            back=back_to(request, address_of(request, task)),
            done=said,
        )
    except Task.DoesNotExist:
        raise Http404 from None


def _ask_why(request: HttpRequest, task: Task, step: Any, form: ReasonForm) -> HttpResponse:
    """The page that asks for the reason of a move, or to press its button once more."""
    must_work_on(request, task)
    context = {
        "project": request.project,
        "task": task,
        "move": step,
        "form": form,
        "next": request.POST.get("next", ""),
        "back": address_of(request, task),
    }
    return respond(request, "projects/task/move.html", context, status=422 if form.is_bound else 200)


@project_access((Perm.WORK_ON_TASKS, Perm.MANAGE_TASKS))
@require_POST
def hours(request: HttpRequest, number: str) -> HttpResponse:
    task = find(request, number)
    must_work_on(request, task)
    form = HoursForm(request.POST, auto_id="hours_%s")
    if form.is_valid() and form.carry_out(
        lambda: once.carry_out(
            form.cleaned_data["once"],
            person=request.user,
            change=lambda: services.add_hours(task=task, hours=form.cleaned_data["hours"], by=request.user),
            address=lambda changed: address_of(request, changed),
        )
    ):
        messages.success(request, _("Hours added."))
        return SeeOther(form.result)
    return show(request, task, status=422, hours_form=form)


# ---- dependencies -----------------------------------------------------------------------------------------------


@project_access(Perm.MANAGE_TASKS)
@require_POST
def add_predecessor(request: HttpRequest, number: str) -> HttpResponse:
    """Lets a task wait for another one; what that moves is shown first, on the same page."""
    task = find(request, number)
    form = PredecessorForm(request.POST, auto_id="predecessor_%s")
    if not form.is_valid():
        return show(request, task, status=422, predecessor_form=form)
    cleaned = form.cleaned_data
    other = Task.objects.filter(project=request.project, number=cleaned["number"]).first()
    if other is None:
        form.add_error("number", _("There is no task with this number in the project."))
        return show(request, task, status=422, predecessor_form=form)
    other.project = request.project
    how = {"kind": cleaned["kind"], "lag_days": cleaned["lag_days"]}

    def save() -> Any:
        if other.pk != task.pk:
            change = task_schedule.linking(task, other, **how)
            see_first(cleaned["seen"], lambda: schedule.what_if(request.project, change))
        return task_schedule.link(task=task, predecessor=other, by=request.user, **how)

    try:
        if not form.carry_out(save):
            return show(request, task, status=422, predecessor_form=form)
    except Shown as first:
        form.data = form.data.copy()
        form.data["seen"] = first.told.token
        return show(request, task, predecessor_form=form, told_of_link=first.told)
    messages.success(request, _("%(task)s waits for %(other)s.") % {"task": task.label, "other": other.label})
    return SeeOther(address_of(request, task, "#depends"))


@project_access(Perm.MANAGE_TASKS)
@require_http_methods(["GET", "HEAD", "POST"])
def remove_predecessor(request: HttpRequest, number: str, other: str) -> HttpResponse:
    """Takes a link away; asked by GET it says first what that moves."""
    task, earlier = find(request, number), find(request, other)
    if request.method != "POST":
        try:
            found = schedule.what_if(request.project, task_schedule.unlinking(task, earlier))
        except RuleBroken as refusal:
            messages.error(request, refusal.as_text)
            return show(request, task)
        return show(request, task, told_of_removal=schedule_words.told(found), removed=earlier)
    return answer(
        request,
        lambda: task_schedule.unlink(task=task, predecessor=earlier, by=request.user),
        back=address_of(request, task, "#depends"),
        done=_("%(task)s no longer waits for %(other)s.") % {"task": task.label, "other": earlier.label},
    )
