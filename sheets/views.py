"""Spreadsheets in: the file, its columns, the dry run, then all of it or nothing.

An app answers at its own addresses, with its own permission, and hands on to these:

    @project_access(Perm.MANAGE_NONCONFORMITIES)
    @require_safe
    def check(request, pk):
        return views.check(DESK, request, pk)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.once import carry_out
from core.rules import RuleBroken
from projects.flow import NotPermitted
from projects.views.base import SeeOther, shown

from . import selectors, services
from .desk import Desk
from .forms import FIELD, MappingForm, SheetForm
from .models import ImportState, SheetImport
from .plan import Action, Plan
from .selectors import address

PAGE = 50


def found(desk: Desk, request: HttpRequest, pk: int) -> SheetImport:
    """The import of this address. Raises Http404."""
    record = selectors.one(desk, request.project, pk)
    if record is None:
        raise Http404
    return record


def _shared(desk: Desk, request: HttpRequest, record: SheetImport | None = None) -> dict[str, Any]:
    begin = reverse(f"{desk.names}:import-begin", kwargs=request.project.address)
    context = {"project": request.project, "crumbs": desk.crumbs, "begin_url": begin}
    if record is None:
        return context
    return context | {
        "record": record, "kind": desk.way(record).label, "another_url": f"{begin}?kind={record.kind}",
        **{f"{page}_url": address(desk, page, record) for page in ("mapping", "check", "run", "drop")},
    }  # fmt: skip


def begin(desk: Desk, request: HttpRequest, form: Any, change: Callable[[], SheetImport], **more: Any) -> HttpResponse:
    """A file is chosen; imports that were begun and are still open. `change` begins the import of a valid `form`.

    `more` is what the page shows beside: cancel (an address), exports ((label, address) of what may be changed and come back).
    """
    if request.method == "POST" and form.is_valid():
        made: list[str] = []
        if form.carry_out(lambda: made.append(
            carry_out(form.cleaned_data["once"], person=request.user, change=change, address=lambda one: one.get_absolute_url())
        )):  # fmt: skip
            return SeeOther(made[0])
    open_ones = [
        (one, address(desk, "mapping", one), desk.way(one).label) for one in selectors.of(desk, request.project)
    ]
    context = _shared(desk, request) | {"form": form, "open": open_ones, "at": 1} | more
    return render(request, "sheets/begin.html", context, status=422 if request.method == "POST" else 200)


def mapping(desk: Desk, request: HttpRequest, pk: int, form_class: type[MappingForm] = MappingForm) -> HttpResponse:
    """Which sheet, which row is the header, which column is what; guessed, corrected by hand."""
    record = found(desk, request, pk)
    if not record.is_open:
        return HttpResponseRedirect(address(desk, "check", record))
    data = request.POST if request.method == "POST" else request.GET
    context = _shared(desk, request, record) | {"at": 2}
    row = data.get("header_row", "")
    try:
        page = selectors.mapping_page(
            desk, record, data.get("sheet", "")[:120], int(row) if row.isdecimal() and len(row) < 8 else None
        )
    except RuleBroken as refusal:
        return render(request, "sheets/mapping.html", {**context, "why_not": refusal.as_text})
    sheet_form = SheetForm(
        sheets=[(one.name, _("%(sheet)s (hidden)") % {"sheet": one.name} if one.is_hidden else one.name) for one in page.sheets],
        initial={"sheet": page.sheet.name, "header_row": page.header_row},
    )  # fmt: skip
    initial = {FIELD + name: str(at) for name, at in page.guessed.items()} | record.options | {
        "sheet": page.sheet.name, "header_row": page.header_row, "version": record.version,
    }  # fmt: skip
    form = form_class(
        request.POST if request.method == "POST" else None, record=record, way=desk.way(record), initial=initial,
        headings=[(one.at, one.text) for one in page.headings],
    )  # fmt: skip
    if request.method == "POST" and form.is_valid() and form.carry_out(
        lambda: services.say(
            desk, record=record, by=request.user, version=form.cleaned_data["version"], sheet=page.sheet.name,
            header_row=page.header_row, columns=form.mapped, options=form.chosen_options,
        )
    ):  # fmt: skip
        return SeeOther(address(desk, "check", record))
    if form.conflict is not None:
        form.take_over()
    context |= {"page": page, "sheet_form": sheet_form, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "sheets/mapping.html", context, status=status)


def check(desk: Desk, request: HttpRequest, pk: int) -> HttpResponse:
    """The dry run, row by row; afterwards what the import did."""
    record = found(desk, request, pk)
    if not record.is_open:
        context = _shared(desk, request, record) | {
            "at": 4, "register_url": desk.way(record).home(record), "is_done": record.state == ImportState.DONE,
        }  # fmt: skip
        return render(request, "sheets/done.html", context)
    return _checked(desk, request, record)


def _checked(desk: Desk, request: HttpRequest, record: SheetImport, why_not: str = "") -> HttpResponse:
    context = _shared(desk, request, record) | {"at": 3, "why_not": why_not}
    status = 422 if why_not else 200
    try:
        plan = selectors.plan(desk, record)
    except RuleBroken as refusal:
        return render(request, "sheets/check.html", {**context, "why_not": why_not or refusal.as_text}, status=status)
    context |= _shown(request, plan)
    return render(request, "sheets/check.html", context, status=status)


def _shown(request: HttpRequest, plan: Plan) -> dict[str, Any]:
    """A page of the plan: refused rows come first, unless one sort was chosen."""
    counts = plan.counts
    chosen = request.GET.get("show", "")
    chosen = chosen if chosen in Action.values else (str(Action.REFUSED) if counts[Action.REFUSED] else "")
    if request.GET.get("show") == "all":
        chosen = ""
    lines = plan.of(chosen) if chosen else plan.lines
    return {
        "plan": plan,
        "counts": [(action, action.label, counts[action]) for action in Action],
        "chosen": chosen,
        "page": Paginator(lines, PAGE).get_page(request.GET.get("page", "")[:9]),
        "refused": counts[Action.REFUSED],
        "writes": counts[Action.CREATE] + counts[Action.CHANGE],
        "digest": plan.digest,
    }


def run(desk: Desk, request: HttpRequest, pk: int) -> HttpResponse:
    """All or nothing; many rows are the work of a job. What changed since the check is checked again."""
    record = found(desk, request, pk)
    digest = request.POST.get("digest", "")[:128]
    writes = request.POST.get("writes", "")
    if not record.is_open:
        return SeeOther(address(desk, "check", record))
    if writes.isdecimal() and len(writes) < 6 and int(writes) > services.AT_ONCE:
        job = services.ask(desk, record=record, by=request.user, digest=digest, language=get_language() or "en")
        return SeeOther(job.get_absolute_url())
    try:
        services.run(desk, record=record, by=request.user, digest=digest)
    except NotPermitted:
        raise
    except RuleBroken as refusal:
        return _checked(desk, request, record, refusal.as_text)
    shown(request, _("Imported."))
    return SeeOther(address(desk, "check", record))


def drop(desk: Desk, request: HttpRequest, pk: int) -> HttpResponse:
    """Gives an import up."""
    record = found(desk, request, pk)
    if record.is_open:
        services.drop(desk, record=record, by=request.user)
        shown(request, _("The import was given up; nothing was written."))
    return SeeOther(reverse(f"{desk.names}:import-begin", kwargs=request.project.address))
