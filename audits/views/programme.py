"""The audit programme: its list, its page with the coverage, its lines, its moves."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits import pictures
from audits.flows import PROGRAMME
from audits.forms.programme import LineEditForm, LineForm, ProgrammeEditForm, ProgrammeForm, ReasonForm
from audits.models import Programme, ProgrammeLine
from audits.selectors import clauses as clause_selectors
from audits.selectors import coverage, frequency
from audits.selectors import programme as selectors
from audits.services import programme as services
from core import dates, once
from core.htmx import respond
from projects import journal_words
from projects.models import JournalEntry
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, answer, project_access, shown

PAGE = 50
STORY = 8


def found(request: HttpRequest, number: str) -> Programme:
    """The programme of this address. Raises Http404."""
    programme = selectors.one(request.project, number)
    if programme is None:
        raise Http404
    return programme


def found_line(request: HttpRequest, number: str, pk: int) -> ProgrammeLine:
    line = selectors.line(found(request, number), pk)
    if line is None:
        raise Http404
    return line


def today_of(request: HttpRequest) -> dt.date:
    return dates.today(request.organization.time_zone)


def story_of(request: HttpRequest, kind: str, pk: int, most: int = STORY) -> list[Any]:
    """The latest lines of the journal about a record, for who may read it. One query."""
    if Perm.VIEW_JOURNAL not in request.perms_here:
        return []
    entries = JournalEntry.objects.filter(project=request.project, target_kind=kind, target_id=pk).order_by("-seq")
    return journal_words.tell(entries[:most], request.project)


@project_access(Perm.VIEW_AUDITS)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    project, today = request.project, today_of(request)
    page = Paginator(selectors.of(project), PAGE).get_page(request.GET.get("page", "")[:9])
    context = {
        "project": project, "page": page, "rows": selectors.dressed(page.object_list, project, today), "today": today,
        "may_manage": Perm.MANAGE_AUDIT_PROGRAMME in request.perms_here,
    }  # fmt: skip
    return respond(request, "audits/programme/list.html", context)


@project_access(Perm.VIEW_AUDITS)
@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    programme = found(request, number)
    if number != programme.label:
        return HttpResponseRedirect(programme.get_absolute_url())
    perms, today = request.perms_here, today_of(request)
    may_manage = Perm.MANAGE_AUDIT_PROGRAMME in perms
    tab = "coverage" if request.GET.get("tab") == "coverage" else "lines"
    context: dict[str, Any] = {
        "project": request.project, "programme": programme, "is_coverage": tab == "coverage", "is_lines": tab == "lines", "today": today,
        "badge": selectors.BADGES[programme.status], "may_manage": may_manage,
        "may_write": may_manage and programme.is_open, "base": programme.get_absolute_url(),
        "offers": [
            (offer, f"{programme.get_absolute_url()}move/{offer.name}/")
            for offer in PROGRAMME.possible(programme.status, perms)
        ],
        "told": story_of(request, "audits.programme", programme.pk),
    }  # fmt: skip
    if tab == "coverage":
        grid = coverage.of_project(request.project, today, programme)
        context |= {
            "grid": grid, "others": coverage.others_of(programme), "picture": pictures.coverage_svg(grid),
            "legend": pictures.legend(grid), "table": pictures.table(grid), "names": pictures.names(grid),
        }  # fmt: skip
    else:
        context["lines"] = selectors.lines_of(programme)
    return render(request, "audits/programme/detail.html", context)


# ---- the programme ------------------------------------------------------------------------------------------------


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    people = people_of(request.project)
    if request.method == "POST":
        form = ProgrammeForm(request.POST, people=people)
        if form.is_valid() and form.carry_out(lambda: _made(request, form)):
            shown(request, _("The programme is there: now say what is audited how often."))
            return SeeOther(form.result)
    else:
        today = today_of(request)
        first = {
            "title": _("Audit programme %(year)s") % {"year": today.year}, "starts_on": today,
            "ends_on": dates.plus_months(today, 12) - dt.timedelta(days=1), "owner": str(request.user.pk),
        }  # fmt: skip
        form = ProgrammeForm(initial=first, people=people)
    back = reverse("audits:programme-list", kwargs=request.project.address)
    context = {"project": request.project, "form": form, "programme": None, "back": back}
    return render(request, "audits/programme/form.html", context, status=422 if form.is_bound else 200)


def _made(request: HttpRequest, form: ProgrammeForm) -> str:
    return once.carry_out(
        form.cleaned_data["once"], person=request.user, address=lambda made: made.get_absolute_url(),
        change=lambda: services.create(project=request.project, by=request.user, values=form.values),
    )  # fmt: skip


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    programme = found(request, number)
    shared: dict[str, Any] = {"people": people_of(request.project), "programme": programme}
    conflict: list[dict[str, str]] = []
    if request.method == "POST":
        form = ProgrammeEditForm(request.POST, **shared)
        if form.is_valid() and form.carry_out(
            lambda: services.change(
                programme=programme, by=request.user, version=form.cleaned_data["version"], values=form.values
            )
        ):
            shown(request)
            return SeeOther(programme.get_absolute_url())
        conflict = form.conflict_rows()
        form.take_over()
    else:
        form = ProgrammeEditForm(initial=ProgrammeEditForm.initial_of(programme), **shared)
    context = {
        "project": request.project, "form": form, "programme": programme, "back": programme.get_absolute_url(),
        "conflict": conflict, "saved_at": form.conflict.updated_at if form.conflict is not None else None,
    }  # fmt: skip
    return render(request, "audits/programme/form.html", context, status=422 if form.is_bound else 200)


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, number: str, move: str) -> HttpResponse:
    programme = found(request, number)
    if move not in PROGRAMME:
        raise Http404
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.carry_out(
        lambda: services.move(programme=programme, name=move, by=request.user, reason=form.cleaned_data["reason"])
    ):  # fmt: skip
        return SeeOther(programme.get_absolute_url())
    context = {
        "project": request.project, "programme": programme, "form": form, "step": PROGRAMME[move],
        "back": programme.get_absolute_url(), "record": programme,
    }  # fmt: skip
    return render(request, "audits/move.html", context, status=422 if request.method == "POST" else 200)


# ---- its lines ----------------------------------------------------------------------------------------------------


def _line_page(request: HttpRequest, form: Any, programme: Programme, *, rows: Any = None, **more: Any) -> HttpResponse:
    rows = frequency.proposals(request.project, today_of(request)) if rows is None else rows
    context = {
        "project": request.project, "programme": programme, "form": form, "line": None, "conflict": [], "saved_at": None,
        "back": programme.get_absolute_url(), "proposals": rows, **more,
    }  # fmt: skip
    return render(request, "audits/programme/line.html", context, status=422 if form.is_bound else 200)


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def line_add(request: HttpRequest, number: str) -> HttpResponse:
    """A new line; `?item=` fills in what is proposed for that process or site."""
    programme, project = found(request, number), request.project
    shared = {"places": frequency.places_of(project), "clauses": clause_selectors.offered(project)}
    if request.method == "POST":
        form = LineForm(request.POST, **shared)
        if form.is_valid() and form.carry_out(lambda: _added(request, programme, form)):
            shown(request, _("The line is in the programme."))
            return SeeOther(form.result)
        return _line_page(request, form, programme)
    rows = frequency.proposals(project, today_of(request))
    first: dict[str, Any] = {
        "first_on": programme.ends_on, "standards": [str(pk) for pk in {one.standard_id for one in shared["clauses"]}],
        "every_months": 12,
    }  # fmt: skip
    wanted = request.GET.get("item", "")
    if proposal := next((proposal for item, _basis, proposal in rows if str(item.pk) == wanted), None):
        due = dates.plus_months(programme.starts_on, proposal.every)
        first |= {"item": wanted, "every_months": int(proposal.every), "reason": proposal.reason,
                  "first_on": min(due, programme.ends_on)}  # fmt: skip
    return _line_page(request, LineForm(initial=first, **shared), programme, rows=rows)


def _added(request: HttpRequest, programme: Programme, form: LineForm) -> str:
    values = form.values | {"basis": _basis(request, form.values["item"])}
    return once.carry_out(
        form.cleaned_data["once"], person=request.user, address=lambda made: programme.get_absolute_url(),
        change=lambda: services.add_line(
            programme=programme, by=request.user, values=values, standards=form.chosen_standards,
            clauses=form.chosen_clauses,
        ),
    )  # fmt: skip


def _basis(request: HttpRequest, item: Any) -> dict[str, Any]:
    """What is known of the place today, kept beside what was decided."""
    return frequency.bases(request.project, today_of(request), [item])[item.pk].plain if item is not None else {}


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def line_edit(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    line = found_line(request, number, pk)
    project, programme = request.project, line.programme
    shared = {"places": frequency.places_of(project), "clauses": clause_selectors.offered(project), "line": line}
    if request.method != "POST":
        return _line_page(request, LineEditForm(initial=LineEditForm.initial_of(line), **shared), programme, line=line)
    form = LineEditForm(request.POST, **shared)
    if form.is_valid() and form.carry_out(
        lambda: services.change_line(
            line=line, by=request.user, version=form.cleaned_data["version"], values=form.values,
            standards=form.chosen_standards, clauses=form.chosen_clauses,
        )
    ):  # fmt: skip
        shown(request)
        return SeeOther(programme.get_absolute_url())
    conflict = form.conflict_rows()
    form.take_over()
    saved_at = form.conflict.updated_at if form.conflict is not None else None
    return _line_page(request, form, programme, line=line, conflict=conflict, saved_at=saved_at)


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_POST
def line_remove(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    line = found_line(request, number, pk)
    return answer(
        request, lambda: services.remove_line(line=line, by=request.user), back=line.programme.get_absolute_url(),
        done=_("The line is out of the programme."),
    )  # fmt: skip
