"""The treatment plan and a treatment's own page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import dates, once
from core.htmx import respond
from projects.addresses import address
from projects.models import Task
from projects.permissions import Perm
from projects.selectors import task as tasks
from projects.views.base import SeeOther, answer, project_access, shown
from risks import treatment_sheet
from risks.forms.treatment import ActionForm, CancelForm, LinkForm, TreatmentEditForm, TreatmentFilter, TreatmentForm
from risks.models import Risk, Treatment
from risks.selectors import criteria
from risks.selectors import risk as risks
from risks.selectors import treatment as selectors
from risks.services import risk as risk_services
from risks.services import treatment as services

PAGE = 50
WRITERS = (Perm.MANAGE_RISKS, Perm.WRITE_OWN_RISKS)


def found(request: HttpRequest, number: str) -> Treatment:
    """The treatment of this address. Raises Http404."""
    treatment = selectors.one(request.project, number)
    if treatment is None:
        raise Http404
    return treatment


def writable(request: HttpRequest, number: str) -> Treatment:
    """The treatment of this address, for who may write it. Raises Http404, PermissionDenied."""
    treatment = found(request, number)
    if not services.may_write(request.user, treatment, request.perms_here):
        raise PermissionDenied
    return treatment


def _home(request: HttpRequest) -> str:
    return address("risks:treatment-list", **request.project.address)


@project_access(Perm.VIEW_RISKS)
@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    project, today = request.project, dates.today(request.organization.time_zone)
    chosen = TreatmentFilter(request.GET, people=tasks.people_of(project))
    rows = selectors.narrowed(selectors.of(project), chosen.wanted, today=today, user=request.user)
    page = Paginator(selectors.in_order(rows, chosen.wanted.get("sort", "")), PAGE).get_page(
        request.GET.get("page", "")[:9]
    )
    context: dict[str, Any] = {
        "project": project,
        "filter": chosen,
        "chosen": chosen.chosen,
        "today": today,
        "page": page,
        "rows": selectors.dressed(page.object_list, project),
        "totals": selectors.totals(rows, today),
        "query": request.GET.urlencode(),
    }
    if not page.paginator.count:
        context["has_any"] = selectors.of(project).exists()
    return respond(request, "risks/treatment/list.html", context)


@project_access(Perm.VIEW_RISKS)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The plan as it is filtered in the address, as a spreadsheet."""
    project, today = request.project, dates.today(request.organization.time_zone)
    chosen = TreatmentFilter(request.GET, people=tasks.people_of(project))
    rows = selectors.narrowed(selectors.of(project), chosen.wanted, today=today, user=request.user)
    rows = selectors.in_order(rows, chosen.wanted.get("sort", ""))[: treatment_sheet.MOST_ROWS]
    name = f"treatments-{project.organization.slug}-{project.slug}.xlsx"
    return HttpResponse(
        treatment_sheet.workbook(selectors.dressed(rows, project)),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@project_access(Perm.VIEW_RISKS)
@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    treatment = found(request, number)
    if number != treatment.label:
        return HttpResponseRedirect(treatment.get_absolute_url())
    return render(request, "risks/treatment/detail.html", _context(request, treatment))


def _context(request: HttpRequest, treatment: Treatment, **forms: Any) -> dict[str, Any]:
    """The page of a treatment; who may write it gets the forms of its actions."""
    is_live = treatment.status != "cancelled" and treatment.risk.is_open
    may_write = is_live and services.may_write(request.user, treatment, request.perms_here)
    context: dict[str, Any] = {
        "project": request.project,
        "treatment": treatment,
        "risk": treatment.risk,
        "page": selectors.page_of(treatment, request.perms_here),
        "badge": (*selectors.BADGES[treatment.status], treatment.get_status_display()),
        "today": dates.today(request.organization.time_zone),
        "may_write": may_write,
        "may_cancel": is_live and risk_services.may_write(request.user, treatment.risk, request.perms_here),
    }
    if may_write:
        around = forms.get("around") or tasks.surroundings(request.project)
        free = selectors.free_tasks(request.project)
        context |= {
            "free": free,
            "action_form": forms.get("action_form") or ActionForm(around=around, treatment=treatment),
            "link_form": forms.get("link_form") or LinkForm(tasks=free),
        }
    return context


# ---- writing ----------------------------------------------------------------------------------------------------


@project_access(WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def treat(request: HttpRequest, number: str) -> HttpResponse:
    """A new treatment of a risk."""
    risk = risks.one(request.project, number)
    if risk is None:
        raise Http404
    if not risk_services.may_write(request.user, risk, request.perms_here):
        raise PermissionDenied
    shared = _shared(request, risk)
    if request.method == "POST":
        form = TreatmentForm(request.POST, **shared)
        if form.is_valid() and form.carry_out(lambda: _create(request, risk, form)):
            shown(request, _("The treatment is decided. Now its actions."))
            return SeeOther(form.result)
    else:
        initial = {
            "owner": str(risk.owner_id or request.user.pk),
            "option": "pursue" if risk.is_opportunity else "modify",
        }
        form = TreatmentForm(initial=initial, **shared)
    return _form(request, form, risk, None)


def _create(request: HttpRequest, risk: Risk, form: TreatmentForm) -> str:
    return once.carry_out(
        form.cleaned_data["once"],
        person=request.user,
        change=lambda: services.create(
            risk=risk, by=request.user, values=form.values, controls=form.chosen_controls, expected=form.expected
        ),
        address=lambda made: made.get_absolute_url(),
    )


@project_access(WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    treatment = writable(request, number)
    risk = treatment.risk
    may_decide = risk_services.may_write(request.user, risk, request.perms_here)
    shared = _shared(request, risk) | {"treatment": treatment, "may_decide": may_decide}
    if request.method == "POST":
        form = TreatmentEditForm(request.POST, **shared)
        if form.is_valid() and form.carry_out(
            lambda: services.change(
                treatment=treatment, by=request.user, version=form.cleaned_data["version"], values=form.values,
                controls=form.chosen_controls, expected=form.expected,
            )
        ):  # fmt: skip
            shown(request)
            return SeeOther(treatment.get_absolute_url())
    else:
        form = TreatmentEditForm(initial=TreatmentEditForm.initial_of(treatment), **shared)
    return _form(request, form, risk, treatment)


def _shared(request: HttpRequest, risk: Risk) -> dict[str, Any]:
    edition = criteria.in_force(request.project)
    return {
        "risk": risk,
        "people": tasks.people_of(request.project),
        "entries": selectors.controls_of(request.project),
        "criteria": edition.criteria if edition is not None else None,
    }


def _form(request: HttpRequest, form: Any, risk: Risk, treatment: Treatment | None) -> HttpResponse:
    conflict = form.conflict_rows() if treatment is not None and form.is_bound else []
    theirs = form.conflict
    context = {
        "project": request.project,
        "form": form,
        "risk": risk,
        "treatment": treatment,
        "back": (treatment or risk).get_absolute_url(),
        "current": selectors.tone_of(
            risk.edition if risk.edition_id else None, risk.current_level, risk.is_opportunity
        ),
        "conflict": conflict,
        "editor": theirs.edited_by if theirs is not None else None,
        "saved_at": theirs.updated_at if theirs is not None else None,
    }
    if treatment is not None:
        form.take_over()
    return render(request, "risks/treatment/form.html", context, status=422 if form.is_bound else 200)


@project_access(WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    treatment = found(request, number)
    if not risk_services.may_write(request.user, treatment.risk, request.perms_here):
        raise PermissionDenied
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and form.carry_out(
        lambda: services.cancel(treatment=treatment, by=request.user, reason=form.cleaned_data["reason"])
    ):  # fmt: skip
        shown(request, _("%(treatment)s is cancelled.") % {"treatment": treatment.label})
        return SeeOther(treatment.get_absolute_url())
    context = {"project": request.project, "treatment": treatment, "form": form, "back": treatment.get_absolute_url()}
    return render(request, "risks/treatment/cancel.html", context, status=422 if form.is_bound else 200)


# ---- actions ----------------------------------------------------------------------------------------------------


@project_access(WRITERS)
@require_POST
def task_add(request: HttpRequest, number: str) -> HttpResponse:
    """A new task of the plan as an action of the treatment."""
    treatment = writable(request, number)
    around = tasks.surroundings(request.project)
    form = ActionForm(request.POST, around=around, treatment=treatment)
    if form.is_valid() and form.carry_out(
        lambda: once.carry_out(
            form.cleaned_data["once"], person=request.user, address=lambda made: f"{treatment.get_absolute_url()}#actions",
            change=lambda: services.add_task(
                treatment=treatment, by=request.user, title=form.cleaned_data["title"], **form.values
            ),
        )
    ):  # fmt: skip
        shown(request, _("The action is a task of the plan now."))
        return SeeOther(form.result)
    context = _context(request, treatment, action_form=form, around=around)
    return render(request, "risks/treatment/detail.html", context, status=422)


@project_access(WRITERS)
@require_POST
def task_link(request: HttpRequest, number: str) -> HttpResponse:
    """A task that exists as an action of the treatment."""
    treatment = writable(request, number)
    form = LinkForm(request.POST, tasks=[])
    if form.is_valid():
        task = _task(request, form.cleaned_data["task"])
        if task is None:
            form.add_error("task", _("No task of this project has this number."))
        elif form.carry_out(lambda: services.link_task(treatment=treatment, by=request.user, task=task)):
            shown(request, _("%(task)s is an action of this treatment.") % {"task": task.label})
            return SeeOther(f"{treatment.get_absolute_url()}#actions")
    return render(request, "risks/treatment/detail.html", _context(request, treatment, link_form=form), status=422)


@project_access(WRITERS)
@require_POST
def task_unlink(request: HttpRequest, number: str) -> HttpResponse:
    """Takes an action out of the treatment; the task stays in the plan."""
    treatment = writable(request, number)
    task = _task(request, request.POST.get("task", "")[:20])
    if task is None:
        raise Http404
    return answer(
        request, lambda: services.unlink_task(treatment=treatment, by=request.user, task=task),
        back=f"{treatment.get_absolute_url()}#actions",
        done=_("%(task)s is no action of this treatment any more; it stays in the plan.") % {"task": task.label},
    )  # fmt: skip


def _task(request: HttpRequest, number: str) -> Task | None:
    return selectors.task_of(request.project, number)
