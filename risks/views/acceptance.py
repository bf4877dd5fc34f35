"""Accepting residual risks: what waits, what was asked, what holds until when."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from approvals.selectors import panel as panels
from core import dates, once
from core.htmx import respond
from projects.addresses import address
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, project_access, shown
from risks.forms.acceptance import AcceptanceEditForm, AcceptanceForm, ReasonForm
from risks.models import Acceptance
from risks.selectors import acceptance as selectors
from risks.services import acceptance as services

PAGE = 50


def found(request: HttpRequest, number: str) -> Acceptance:
    """The acceptance of this address. Raises Http404."""
    acceptance = selectors.one(request.project, number)
    if acceptance is None:
        raise Http404
    return acceptance


@project_access(Perm.VIEW_RISKS)
@require_safe
def acceptance_list(request: HttpRequest) -> HttpResponse:
    """`?show=` asked, force, soon (ends within sixty days), ended, all; without it what is not over."""
    project, today = request.project, dates.today(request.organization.time_zone)
    show = request.GET.get("show", "")
    show = show if show in selectors.FILTERS else ""
    rows = selectors.narrowed(selectors.of(project), show, today).order_by("-number")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page", "")[:9])
    may_draw_up = Perm.MANAGE_RISKS in request.perms_here
    home = address("risks:acceptance-list", **project.address)
    labels = (
        ("", _("Not over")), ("asked", _("Awaiting a decision")), ("force", _("In force")), ("soon", _("Ends soon")),
        ("ended", _("Ended")), ("all", _("All")),
    )  # fmt: skip
    context = {
        "project": project,
        "today": today,
        "page": page,
        "rows": selectors.dressed(page.object_list, project, today),
        "views": [(label, f"{home}?show={key}" if key else home, key == show) for key, label in labels],
        "show": show,
        "waiting": selectors.waiting(project, today),
        "may_draw_up": may_draw_up,
    }
    return respond(request, "risks/acceptance/list.html", context)


@project_access(Perm.MANAGE_RISKS)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """First whose risks (`?owner=`), then which of them, until when."""
    project, today = request.project, dates.today(request.organization.time_zone)
    home = address("risks:acceptance-list", **project.address)
    wanted = request.GET.get("owner", "")[:12]
    owner = people_of(project).get(int(wanted)) if wanted.isdecimal() else None
    context: dict[str, Any] = {"project": project, "back": home, "today": today, "owner": owner}
    if owner is None or owner.pk == request.user.pk:
        context |= {"waiting": selectors.waiting(project, today), "is_own": owner is not None}
        return render(request, "risks/acceptance/create.html", context, status=422 if request.method == "POST" else 200)
    rows = selectors.offered(project, owner, today)
    if request.method == "POST":
        form = AcceptanceForm(request.POST, rows=rows)
        if form.is_valid() and form.carry_out(
            lambda: once.carry_out(
                form.cleaned_data["once"], person=request.user, address=lambda made: made.get_absolute_url(),
                change=lambda: services.draw_up(
                    project=project, by=request.user, owner=owner, numbers=form.cleaned_data["risks"],
                    accepted_until=form.cleaned_data["accepted_until"], note=form.cleaned_data["note"],
                ),
            )
        ):  # fmt: skip
            shown(request, _("The acceptance is drawn up. Now ask for the signatures."))
            return SeeOther(form.result)
    else:
        ready = [row for row in rows if not row.is_for_nobody]
        form = AcceptanceForm(
            rows=rows,
            initial={
                "risks": [row.risk.number for row in ready],
                "accepted_until": services.valid_until(ready, today),
            },
        )
    context |= {"form": form, "acceptance": None}
    return render(request, "risks/acceptance/form.html", context, status=422 if form.is_bound else 200)


@project_access(Perm.MANAGE_RISKS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    acceptance = found(request, number)
    here = selectors.rows_of(acceptance)
    known = {row.risk.pk for row in here}
    today = dates.today(request.organization.time_zone)
    more = [row for row in selectors.offered(request.project, acceptance.owner, today) if row.risk.pk not in known]
    rows = sorted([*here, *more], key=lambda row: row.risk.number)
    conflict: list[dict[str, str]] = []
    if request.method == "POST":
        form = AcceptanceEditForm(request.POST, rows=rows)
        if form.is_valid() and form.carry_out(
            lambda: services.change(
                acceptance=acceptance, by=request.user, version=form.cleaned_data["version"],
                numbers=form.cleaned_data["risks"], accepted_until=form.cleaned_data["accepted_until"],
                note=form.cleaned_data["note"],
            )
        ):  # fmt: skip
            shown(request)
            return SeeOther(acceptance.get_absolute_url())
        conflict = form.conflict_rows()
        form.take_over()
    else:
        form = AcceptanceEditForm(rows=rows, initial=AcceptanceEditForm.initial_of(acceptance))
    context = {
        "project": request.project, "acceptance": acceptance, "owner": acceptance.owner, "form": form, "today": today,
        "back": acceptance.get_absolute_url(), "conflict": conflict,
        "saved_at": form.conflict.updated_at if form.conflict is not None else None,
    }  # fmt: skip
    return render(request, "risks/acceptance/form.html", context, status=422 if form.is_bound else 200)


@project_access(Perm.VIEW_RISKS)
@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    acceptance = found(request, number)
    if number != acceptance.label:
        return HttpResponseRedirect(acceptance.get_absolute_url())
    today = dates.today(request.organization.time_zone)
    rows = selectors.rows_of(acceptance)
    state = selectors.state_of(acceptance, rows, today)
    is_unsigned = state.key in ("draft", "asked")
    is_holding = any(row.accepted.is_holding for row in rows)
    may_manage = Perm.MANAGE_RISKS in request.perms_here
    context = {
        "project": request.project,
        "acceptance": acceptance,
        "rows": rows,
        "state": state,
        "today": today,
        "panel": panels.of(services.KIND, acceptance, request) if is_unsigned else None,
        "signed": None if is_unsigned else selectors.signed(acceptance),
        "told": selectors.story_of(acceptance, request.perms_here),
        "may_change": may_manage and is_unsigned and acceptance.owner_id != request.user.pk,
        "may_give_up": may_manage and state.key == "draft",
        "may_revoke": is_holding and services.may_revoke(request.user, acceptance, request.perms_here),
    }
    return render(request, "risks/acceptance/detail.html", context)


@project_access(Perm.MANAGE_RISKS)
@require_safe
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Leads to where decisions are asked for; who signs is said by the acceptance itself."""
    acceptance = found(request, number)
    return HttpResponseRedirect(
        reverse(
            "approvals:approval-ask", kwargs={**request.project.address, "kind": services.KIND, "pk": acceptance.pk}
        )
    )


@project_access(Perm.MANAGE_RISKS)
@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: HttpRequest, number: str) -> HttpResponse:
    acceptance = found(request, number)
    return _reason(
        request, acceptance, services.give_up, _("%(label)s is given up.") % {"label": acceptance.label},
        "risks/acceptance/give_up.html",
    )  # fmt: skip


@project_access((Perm.ACCEPT_RISKS, Perm.DECIDE))
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, number: str) -> HttpResponse:
    acceptance = found(request, number)
    if not services.may_revoke(request.user, acceptance, request.perms_here):
        raise PermissionDenied
    done = _("%(label)s is taken back; its risks are treated again.") % {"label": acceptance.label}
    return _reason(request, acceptance, services.revoke, done, "risks/acceptance/revoke.html")


def _reason(request: HttpRequest, acceptance: Acceptance, service: Any, done: str, template: str) -> HttpResponse:
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and form.carry_out(
        lambda: service(acceptance=acceptance, by=request.user, reason=form.cleaned_data["reason"])
    ):  # fmt: skip
        shown(request, done)
        return SeeOther(acceptance.get_absolute_url())
    context = {
        "project": request.project,
        "acceptance": acceptance,
        "form": form,
        "back": acceptance.get_absolute_url(),
    }
    return render(request, template, context, status=422 if form.is_bound else 200)
