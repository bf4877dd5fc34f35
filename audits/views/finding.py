"""Findings: noted, listed, shown, changed, answered, moved, raised."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits import finding_sheet, rights
from audits.flows import AT_WORK, FINDING, FROZEN_AUDITS, NC_GRADES
from audits.forms.finding import BulkForm, NoteForm, ReasonForm, RecordForm, RegisterFilter, ResponseForm
from audits.models import Audit, ChecklistLine, Finding
from audits.selectors import checklist as checklists
from audits.selectors import finding as selectors
from audits.services import finding as services
from core import dates, once
from core.htmx import respond as respond_with
from pdca.models import Standard
from projects import journal_words
from projects.addresses import address
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, answer, project_access, shown

from .checklist import audit_here, place

PAGE = 50
STORY = 12
READERS = (Perm.VIEW_AUDITS, Perm.CONDUCT_AUDITS, Perm.RESPOND_TO_FINDINGS, Perm.READ_AUDITED)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def found(request: HttpRequest, number: str) -> Finding:
    """The finding of this address, if this person sees it. Raises Http404."""
    finding = selectors.one(request.project, number, request.user, request.perms_here)
    if finding is None:
        raise Http404
    return finding


def conducted(request: HttpRequest, number: str) -> Finding:
    """The same for the auditors of its audit. Raises Http404, PermissionDenied."""
    finding = found(request, number)
    if not rights.may_conduct(request.user, finding.audit, request.perms_here):
        raise PermissionDenied
    return finding


# ---- the register ------------------------------------------------------------------------------------------------


def _narrowed(request: HttpRequest) -> tuple[RegisterFilter, Any, Any]:
    """The filters as the address says them, the findings they leave over in their order, and all this person sees."""
    project, today = request.project, dates.today(request.organization.time_zone)
    standards = list(Standard.objects.filter(pk__in=project.chosen_standards.values("standard")).order_by("code"))
    chosen = RegisterFilter(request.GET, people=people_of(project), standards=standards)
    every = selectors.visible(project, request.user, request.perms_here)
    rows = selectors.narrowed(every, chosen.wanted, today=today, user=request.user)
    return chosen, selectors.with_clauses(selectors.in_order(rows, chosen.wanted.get("sort", ""))), every


@project_access(READERS)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    chosen, rows, every = _narrowed(request)
    today = dates.today(request.organization.time_zone)
    rows = selectors.openable(rows, request.project, request.user, request.perms_here)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page", "")[:9])
    context: dict[str, Any] = {
        "project": request.project, "filter": chosen, "chosen": chosen.chosen, "page": page, "today": today,
        "rows": selectors.dressed(page.object_list), "figures": selectors.figures(every, today),
        "query": request.GET.urlencode(), "may_import": Perm.CONDUCT_AUDITS in request.perms_here,
        "bulk": BulkForm(people=chosen.people) if Perm.CONDUCT_AUDITS in request.perms_here else None,
        "most_at_once": services.MOST_AT_ONCE,
    }  # fmt: skip
    return respond_with(request, "audits/finding/list.html", context)


@project_access(Perm.CONDUCT_AUDITS)
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Changes the chosen ones, or all that match the filters of the address: all of them or none."""
    chosen, rows, _every = _narrowed(request)
    query = request.GET.urlencode()
    back = address("audits:finding-list", **request.project.address) + (f"?{query}" if query else "")
    numbers = {n for text in request.POST.getlist("chosen") if (n := Finding.number_of(text)) is not None}
    if request.POST.get("all_matching"):
        numbers = set(rows.values_list("number", flat=True)[: services.MOST_AT_ONCE + 1])
    if not numbers:
        messages.error(request, _("Nothing was chosen. Tick the rows that should change."))
        return SeeOther(back)
    form = BulkForm(request.POST, people=chosen.people)
    if form.is_valid() and form.carry_out(
        lambda: services.change_many(project=request.project, by=request.user, numbers=numbers, values=form.values())
    ):
        n = form.result
        said = ngettext("%(n)s finding changed.", "%(n)s findings changed.", n) % {"n": n}
        messages.success(request, said if n else _("Nothing had to change: they were like that already."))
        return SeeOther(back)
    for name, errors in form.errors.items():
        label = "" if name == "__all__" else f"{form.fields[name].label}: "
        messages.error(request, label + " ".join(str(error) for error in errors))
    return SeeOther(back)


@project_access(READERS)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The register as it is filtered in the address, as a spreadsheet."""
    chosen, rows, _every = _narrowed(request)
    said = [f"{one['label']}: {one['text']}" for one in chosen.chosen]
    name = f"findings-{request.organization.slug}-{request.project.slug}.xlsx"
    return HttpResponse(
        finding_sheet.workbook(request.project, rows.select_related("item", "line")[: finding_sheet.MOST_ROWS], said), content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )  # fmt: skip


# ---- noting ------------------------------------------------------------------------------------------------------


def _line(audit: Audit, asked: str) -> ChecklistLine | None:
    if not asked.isdecimal() or len(asked) > 12:
        return None
    return checklists.one(audit, int(asked))


@project_access(Perm.CONDUCT_AUDITS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, number: str) -> HttpResponse:
    """A finding; `?line=` names the line of the checklist it is noted at, which fills most of it in."""
    audit = audit_here(request, number)
    rights.permit_conduct(audit, request.user)
    line = _line(audit, request.GET.get("line", ""))
    shared = {"audit": audit, "people": people_of(request.project)}
    if request.method == "POST":
        form = NoteForm(request.POST, **shared)
        if form.is_valid() and form.carry_out(lambda: _noted(request, audit, line, form)):
            shown(request, _("The finding is noted."))
            return SeeOther(form.result)
    else:
        form = NoteForm(initial=NoteForm.initial_of(line) if line else {}, **shared)
    context = {
        "project": request.project, "audit": audit, "line": line, "form": form, "is_at_work": audit.status in AT_WORK,
        "back": f"{place(request, audit)}?line={line.pk}" if line else place(request, audit),
    }  # fmt: skip
    return render(request, "audits/finding/new.html", context, status=422 if form.is_bound else 200)


def _noted(request: HttpRequest, audit: Audit, line: ChecklistLine | None, form: NoteForm) -> str:
    return once.carry_out(
        form.cleaned_data["once"], person=request.user, address=lambda made: made.get_absolute_url(),
        change=lambda: services.note(
            audit=audit, by=request.user, values=form.values, clauses=form.named, line=line
        ),
    )  # fmt: skip


# ---- one ---------------------------------------------------------------------------------------------------------


@project_access(READERS)
@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    finding = found(request, number)
    if number != finding.label:
        return HttpResponseRedirect(finding.get_absolute_url())
    return show(request, finding)


def show(request: HttpRequest, finding: Finding, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page; `forms` are those that came back with something to mend."""
    perms, audit = request.perms_here, finding.audit
    may_conduct = rights.may_conduct(request.user, audit, perms)
    may_respond = services.may_respond(request.user, finding, perms)
    base = finding.get_absolute_url()
    offers = [
        (offer, f"{base}move/{offer.name}/")
        for offer in FINDING.possible(finding.status, perms)
        if (may_respond if offer.needs == Perm.RESPOND_TO_FINDINGS else may_conduct)
    ]
    is_answering = may_respond and finding.status == "open"
    told = []
    if Perm.VIEW_JOURNAL in perms:
        told = journal_words.tell(selectors.journal_of(finding)[:STORY], request.project)
    context: dict[str, Any] = {
        "project": request.project, "audit": audit, "finding": finding, "base": base, "told": told, "offers": offers,
        "today": dates.today(request.organization.time_zone), "badge": selectors.BADGES[finding.status],
        "grade_badge": selectors.GRADES[finding.grade], "life": selectors.LIFE, "at": selectors.place(finding.status),
        "later": selectors.later_of(finding, request.user, perms), "may_conduct": may_conduct,
        "may_edit": may_conduct and finding.status in services.CHANGEABLE and audit.status not in FROZEN_AUDITS,
        "may_raise": may_conduct and finding.is_open and finding.grade in NC_GRADES and not finding.nonconformity_id,
        "clauses": finding.clause_links.select_related("clause__standard"),
        "follow_ups": finding.follow_ups.select_related("audit", "noted_by").order_by("audit__number"),
        "response": ResponseForm(initial={"version": finding.version, "response": finding.response})
        if is_answering else None,
        "sees_line": may_conduct and finding.line_id,
    }  # fmt: skip
    return render(request, "audits/finding/detail.html", context | forms, status=status)


@project_access(Perm.CONDUCT_AUDITS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    finding = conducted(request, number)
    shared = {"audit": finding.audit, "people": people_of(request.project)}
    conflict: list[dict[str, str]] = []
    if request.method == "POST":
        form = RecordForm(request.POST, **shared)
        if form.is_valid() and form.carry_out(
            lambda: services.change(
                finding=finding, by=request.user, version=form.cleaned_data["version"], values=form.values,
                clauses=form.named,
            )
        ):  # fmt: skip
            shown(request)
            return SeeOther(finding.get_absolute_url())
        conflict = form.conflict_rows()
        form.take_over()
    else:
        form = RecordForm(initial=RecordForm.initial_of(finding), **shared)
    context = {
        "project": request.project, "audit": finding.audit, "finding": finding, "form": form, "conflict": conflict,
        "saved_at": form.conflict.updated_at if form.conflict is not None else None,
    }  # fmt: skip
    return render(request, "audits/finding/edit.html", context, status=422 if form.is_bound else 200)


@project_access(Perm.RESPOND_TO_FINDINGS)
@require_POST
def respond(request: HttpRequest, number: str) -> HttpResponse:
    """Keeps the auditee's response, and sends it where the button says so."""
    finding = found(request, number)
    form = ResponseForm(request.POST)

    def change() -> Finding:
        kept = services.respond(
            finding=finding, by=request.user, version=form.cleaned_data["version"],
            response=form.cleaned_data["response"],
        )  # fmt: skip
        return services.move(finding=kept, name="answer", by=request.user) if "send" in request.POST else kept

    if form.is_valid() and form.carry_out(change):
        shown(request, _("The response is sent.") if "send" in request.POST else "")
        return SeeOther(finding.get_absolute_url())
    conflict = [
        {"label": str(row["label"]), "mine": row["mine"], "theirs": row["theirs"] or "–"} for row in form.differences()
    ]
    form.take_over()
    return show(request, finding, status=422, response=form, conflict=conflict)


@project_access((Perm.CONDUCT_AUDITS, Perm.RESPOND_TO_FINDINGS))
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, number: str, move: str) -> HttpResponse:
    """Moves it along; returning, withdrawing and reopening ask a reason first."""
    finding = found(request, number)
    if move not in FINDING:
        raise Http404
    step = FINDING[move]
    if not step.asks_reason:
        if request.method != "POST":
            return HttpResponseRedirect(finding.get_absolute_url())
        return answer(
            request, lambda: services.move(finding=finding, name=move, by=request.user), back=finding.get_absolute_url()
        )
    if not rights.may_conduct(request.user, finding.audit, request.perms_here):
        raise PermissionDenied
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and form.carry_out(
        lambda: services.move(finding=finding, name=move, by=request.user, reason=form.cleaned_data["reason"])
    ):  # fmt: skip
        return SeeOther(finding.get_absolute_url())
    context = {"project": request.project, "audit": finding.audit, "finding": finding, "form": form, "step": step}
    return render(request, "audits/finding/move.html", context, status=422 if form.is_bound else 200)


@project_access(Perm.CONDUCT_AUDITS)
@require_POST
def raise_nonconformity(request: HttpRequest, number: str) -> HttpResponse:
    """Raises the nonconformity of this finding."""
    finding = conducted(request, number)
    return answer(
        request, lambda: services.raise_nonconformity(finding=finding, by=request.user),
        back=finding.get_absolute_url(), done=_("The nonconformity is raised: its work goes on there."),
    )  # fmt: skip
