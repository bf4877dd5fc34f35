"""Audits: listed, planned, shown, changed, moved; and the coverage of the project."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audits import audit_sheet, panels, pictures
from audits.flows import AUDIT, FROZEN_AUDITS
from audits.forms.audit import AuditEditForm, AuditFilter, AuditForm, FromLineForm
from audits.forms.programme import ReasonForm
from audits.models import Audit, ProgrammeLine
from audits.selectors import audit as selectors
from audits.selectors import clauses as clause_selectors
from audits.selectors import coverage as coverages
from audits.selectors import frequency
from audits.selectors import programme as programmes
from audits.services import audit as services
from core import once
from core.htmx import respond
from core.rules import RuleBroken
from documents.models import Document
from pdca.models import Standard
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, project_access, shown

from .programme import story_of, today_of

PAGE = 50
MOST_DOCUMENTS = 300
READERS = (Perm.VIEW_AUDITS, Perm.READ_AUDITED)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def found(request: HttpRequest, number: str) -> Audit:
    """The audit of this address, if this person sees it. Raises Http404."""
    audit = selectors.one(request.project, number, request.user, request.perms_here)
    if audit is None:
        raise Http404
    return audit


def may_write(request: HttpRequest, audit: Audit) -> bool:
    """Whether this person plans the audit and nothing of it is frozen."""
    return Perm.MANAGE_AUDIT_PROGRAMME in request.perms_here and audit.status not in FROZEN_AUDITS


# ---- the list -----------------------------------------------------------------------------------------------------


def _chosen(request: HttpRequest) -> AuditFilter:
    """The filters that the address asks for. Three queries."""
    standards = Standard.objects.filter(pk__in=request.project.chosen_standards.values("standard")).order_by("code")
    return AuditFilter(
        request.GET, people=people_of(request.project), standards=list(standards.values_list("pk", "code")),
        years=selectors.years_of(request.project),
    )  # fmt: skip


def _rows(request: HttpRequest, chosen: AuditFilter) -> Any:
    seen = selectors.visible(request.project, request.user, request.perms_here)
    rows = selectors.narrowed(seen, chosen.wanted, user=request.user)
    rows = selectors.counted(rows, sees_all=selectors.sees_work(request.perms_here))
    return selectors.in_order(rows, chosen.wanted.get("sort", ""))


@project_access(READERS)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    project, today = request.project, today_of(request)
    chosen = _chosen(request)
    page = Paginator(_rows(request, chosen), PAGE).get_page(request.GET.get("page", "")[:9])
    sees_all = Perm.VIEW_AUDITS in request.perms_here
    context: dict[str, Any] = {
        "project": project, "filter": chosen, "chosen": chosen.chosen, "page": page, "today": today,
        "rows": selectors.dressed(page.object_list, project), "query": request.GET.urlencode(),
        "may_plan": Perm.MANAGE_AUDIT_PROGRAMME in request.perms_here,
        "figures": selectors.figures(project, today) if sees_all else None,
    }  # fmt: skip
    if not context["rows"]:
        context["has_any"] = selectors.visible(project, request.user, request.perms_here).exists()
    return respond(request, "audits/audit/list.html", context)


@project_access(READERS)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is filtered in the address, as a spreadsheet."""
    chosen = _chosen(request)
    said = [f"{one['label']}: {one['text']}" for one in chosen.chosen]
    name = f"audits-{request.organization.slug}-{request.project.slug}.xlsx"
    return HttpResponse(
        audit_sheet.workbook(request.project, _rows(request, chosen)[: audit_sheet.MOST_ROWS], said), content_type=XLSX,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )  # fmt: skip


@project_access(Perm.VIEW_AUDITS)
@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """What was audited where, over all programmes."""
    grid = coverages.of_project(request.project, today_of(request))
    context = {
        "project": request.project, "grid": grid, "picture": pictures.coverage_svg(grid),
        "legend": pictures.legend(grid), "table": pictures.table(grid), "names": pictures.names(grid),
    }  # fmt: skip
    return render(request, "audits/coverage.html", context)


# ---- planning -----------------------------------------------------------------------------------------------------


def _offered(request: HttpRequest) -> dict[str, Any]:
    """What the form chooses from. Four queries."""
    project = request.project
    papers = Document.objects.filter(project=project, withdrawn_at__isnull=True).order_by("code")
    return {
        "places": frequency.places_of(project), "clauses": clause_selectors.offered(project),
        "documents": list(papers.only("code", "title", "project_id")[:MOST_DOCUMENTS]),
        "programme_lines": list(programmes.open_lines(project)),
    }  # fmt: skip


def _line(request: HttpRequest) -> ProgrammeLine | None:
    """The line of the programme that the address names. Raises Http404 for one that is not there."""
    asked = request.GET.get("line", "")
    if not asked:
        return None
    line = (
        programmes.open_lines(request.project).filter(pk=asked).first()
        if asked.isdecimal() and len(asked) < 12
        else None
    )
    if line is None:
        raise Http404
    line.project = request.project
    return line


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new audit; `?line=` names the line of a programme that it does, which then knows most of it."""
    line = _line(request)
    if line is not None:
        return _from_line(request, line)
    shared = _offered(request) | {"people": people_of(request.project)}
    if request.method == "POST":
        form = AuditForm(request.POST, **shared)
        if form.is_valid() and form.carry_out(
            lambda: _made(
                request, form, lambda: services.create(project=request.project, by=request.user, **form.chosen)
            )
        ):
            shown(request, _("The audit is planned as a draft: now its team and its agenda."))
            return SeeOther(form.result)
    else:
        form = AuditForm(initial={"standards": sorted({str(one.standard_id) for one in shared["clauses"]})}, **shared)
    context = {
        "project": request.project, "form": form, "audit": None,
        "back": reverse("audits:audit-list", kwargs=request.project.address),
        "lines": programmes.open_lines(request.project)[:12] if not form.is_bound else [], "today": today_of(request),
    }  # fmt: skip
    return render(request, "audits/audit/form.html", context, status=422 if form.is_bound else 200)


def _from_line(request: HttpRequest, line: ProgrammeLine) -> HttpResponse:
    people = people_of(request.project)
    if request.method == "POST":
        form = FromLineForm(request.POST, people=people)
        if form.is_valid() and form.carry_out(
            lambda: _made(
                request, form,
                lambda: services.create_from_line(line=line, by=request.user, values=form.values, lead=form.leader),
            )
        ):  # fmt: skip
            shown(request, _("The audit is planned as a draft: now its team and its agenda."))
            return SeeOther(form.result)
    else:
        lead = str(request.user.pk) if Perm.CONDUCT_AUDITS in request.perms_here else ""
        first = {
            "title": line.subject, "starts_on": line.next_on, "lead": lead, "objectives": line.programme.objectives,
        }  # fmt: skip
        form = FromLineForm(initial=first, people=people)
    line.criteria = programmes.criteria_of(line)
    context = {
        "project": request.project, "form": form, "line": line, "back": line.programme.get_absolute_url(),
        "today": today_of(request),
    }  # fmt: skip
    return render(request, "audits/audit/from_line.html", context, status=422 if form.is_bound else 200)


def _made(request: HttpRequest, form: Any, change: Any) -> str:
    """Plans it once, however often the form is sent; returns where it is."""
    return once.carry_out(
        form.cleaned_data["once"], person=request.user, change=change, address=lambda made: made.get_absolute_url()
    )


# ---- one ----------------------------------------------------------------------------------------------------------


@project_access(READERS)
@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    audit = found(request, number)
    if number != audit.label:
        return HttpResponseRedirect(audit.get_absolute_url())
    base = audit.get_absolute_url()
    context = head_of(request, audit) | {
        "page": selectors.page_of(audit, sees_all=selectors.sees_work(request.perms_here)),
        "offers": [(offer, f"{base}move/{offer.name}/") for offer in AUDIT.possible(audit.status, request.perms_here)],
        "life": selectors.LIFE, "at": selectors.place(audit.status), "panels": panels.of(audit, request),
        "told": story_of(request, "audits.audit", audit.pk),
    }  # fmt: skip
    return render(request, "audits/audit/detail.html", context)


def head_of(request: HttpRequest, audit: Audit) -> dict[str, Any]:
    """What every page of an audit needs."""
    selectors.dress(audit, request.project)
    return {
        "project": request.project, "audit": audit, "record": audit, "today": today_of(request),
        "base": audit.get_absolute_url(), "may_write": may_write(request, audit),
    }  # fmt: skip


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    audit = found(request, number)
    shared, conflict = _offered(request), []
    _keep_chosen(audit, shared)
    if request.method == "POST":
        form = AuditEditForm(request.POST, **shared)
        if form.is_valid() and form.carry_out(
            lambda: services.change(
                audit=audit, by=request.user, version=form.cleaned_data["version"], **form.chosen
            )
        ):  # fmt: skip
            shown(request)
            return SeeOther(audit.get_absolute_url())
        conflict = form.conflict_rows()
        form.take_over()
    else:
        form = AuditEditForm(initial=AuditEditForm.initial_of(audit), **shared)
    context = {
        "project": request.project, "form": form, "audit": audit, "back": audit.get_absolute_url(),
        "conflict": conflict, "saved_at": form.conflict.updated_at if form.conflict is not None else None,
    }  # fmt: skip
    return render(request, "audits/audit/form.html", context, status=422 if form.is_bound else 200)


def _keep_chosen(audit: Audit, shared: dict[str, Any]) -> None:
    """What the audit names already is offered too, whatever has become of it since. Three queries."""
    for name, rows in (
        ("places", audit.items.all()), ("documents", audit.documents.all()),
        ("programme_lines", ProgrammeLine.objects.filter(audit_links__audit=audit)),
    ):  # fmt: skip
        known = {one.pk for one in shared[name]}
        shared[name] = [*shared[name], *(one for one in rows if one.pk not in known)]


@project_access((Perm.MANAGE_AUDIT_PROGRAMME, Perm.CONDUCT_AUDITS))
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, number: str, move: str) -> HttpResponse:
    """Moves it along; what asks a reason shows a page for it first."""
    audit = found(request, number)
    if move not in AUDIT:
        raise Http404
    step = AUDIT[move]
    if step.needs not in request.perms_here:
        raise PermissionDenied
    back = audit.get_absolute_url()
    if not step.asks_reason:
        if request.method != "POST":
            return HttpResponseRedirect(back)
        try:
            services.move(audit=audit, name=move, by=request.user)
        except RuleBroken as refusal:
            if type(refusal) is not RuleBroken:
                raise
            messages.error(request, refusal.as_text)
        return SeeOther(back)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.carry_out(
        lambda: services.move(audit=audit, name=move, by=request.user, reason=form.cleaned_data["reason"])
    ):  # fmt: skip
        return SeeOther(back)
    context = {"project": request.project, "record": audit, "form": form, "step": step, "back": back}
    return render(request, "audits/move.html", context, status=422 if request.method == "POST" else 200)
