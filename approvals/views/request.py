"""Asking for a decision, taking the question back, and the list of a project's approvals."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any

import xlsxwriter
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals import subjects
from approvals.forms.request import ApprovalFilter, RequestForm, WithdrawForm
from approvals.selectors import approval as selectors
from approvals.selectors import candidate, delegation
from approvals.services import request as services
from core import dates, once
from core.htmx import respond
from core.rules import RuleBroken
from projects.permissions import Perm
from projects.views.base import SeeOther, answer, project_access

PAGE = 50
MOST_ROWS = 20_000


def may_ask(request: HttpRequest, kind: str) -> bool:
    """Whether who asks for this page may ask for (and withdraw) decisions of that kind here."""
    try:
        return subjects.of(kind).request_perm in request.perms_here
    except KeyError:
        return False


@project_access(Perm.VIEW_PROJECT)
@require_safe
def approval_list(request: HttpRequest) -> HttpResponse:
    kinds = subjects.every()
    chosen = ApprovalFilter(request.GET, kinds=kinds)
    rows = _filtered(request, chosen)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page", "")[:9])
    waiting = selectors.waiting_for([row for row in page.object_list if row.is_open])
    for row in page.object_list:
        row.project = request.project
        row.kind_label = selectors.kind_label(row.subject_kind)
        row.waiting = waiting.get(row.pk, [])
    context = {
        "project": request.project,
        "page": page,
        "filter": chosen,
        "chosen": chosen.chosen,
        "today": dates.today(),
        "query": request.GET.urlencode(),
        "deputies": (
            delegation.of_organization(request.organization.pk)[:50]
            if Perm.MANAGE_PROJECT in request.perms_here
            else []
        ),
        "has_any": page.paginator.count > 0 or selectors.of(request.project).exists(),
    }
    return respond(request, "approvals/approval/list.html", context)


def _filtered(request: HttpRequest, chosen: ApprovalFilter) -> Any:
    wanted = chosen.wanted
    rows = selectors.narrowed(
        selectors.of(request.project),
        status=wanted.get("status", ""), kind=wanted.get("kind", ""), text=wanted.get("q", ""),
    )  # fmt: skip
    return rows.order_by(*selectors.ORDERS.get(wanted.get("sort", ""), selectors.ORDERS[""]))


COLUMNS = (
    (lambda: _("Number"), 9), (lambda: _("Title"), 60), (lambda: _("What"), 24), (lambda: _("State"), 22),
    (lambda: _("Edition"), 9), (lambda: _("In force"), 9), (lambda: _("Asked by"), 26), (lambda: _("Asked on"), 12),
    (lambda: _("Decide until"), 12), (lambda: _("Waits for"), 40), (lambda: _("Ended because"), 50),
)  # fmt: skip


@project_access(Perm.VIEW_PROJECT)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list as a spreadsheet; every text is written as text, so that nothing is run as a formula. (T49)"""
    rows = list(_filtered(request, ApprovalFilter(request.GET, kinds=subjects.every()))[:MOST_ROWS])
    waiting = selectors.waiting_for([row for row in rows if row.is_open])
    out = BytesIO()
    plain = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": True,
    }
    book = xlsxwriter.Workbook(out, plain)
    sheet = book.add_worksheet(_("Approvals")[:31])
    bold, day = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "yyyy-mm-dd"})
    for column, (title, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title(), bold)
    sheet.freeze_panes(1, 0)
    for at, row in enumerate(rows, start=1):
        texts = {
            0: row.label, 1: row.title, 2: selectors.kind_label(row.subject_kind), 3: str(row.get_status_display()),
            5: _("yes") if row.is_in_force else "", 6: str(row.created_by or ""),
            9: ", ".join(waiting.get(row.pk, [])), 10: row.ended_because,
        }  # fmt: skip
        for column in range(len(COLUMNS)):
            if column == 4 and row.edition is not None:
                sheet.write_number(at, column, row.edition)
            elif column in (7, 8):
                when = row.created_at.date() if column == 7 else row.due_on
                if when:
                    sheet.write_datetime(at, column, dt.datetime.combine(when, dt.time.min), day)
            elif text := texts.get(column, ""):
                sheet.write_string(at, column, text[:32_000])
    sheet.autofilter(0, 0, max(len(rows), 1), len(COLUMNS) - 1)
    book.close()
    project = request.project
    return HttpResponse(
        out.getvalue(),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={
            "Content-Disposition": f'attachment; filename="approvals-{project.organization.slug}-{project.slug}.xlsx"'
        },
    )


@project_access(Perm.VIEW_PROJECT)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The form that asks for a decision on a record; what still stands in the way is listed first."""
    try:
        subject = subjects.of(kind)
    except KeyError:
        raise Http404 from None
    project = request.project
    record = subject.load(project, pk)
    if record is None:
        raise Http404
    if not may_ask(request, kind):
        raise PermissionDenied
    obstacles = subject.obstacles(record)
    planned = None
    if subject.planned is not None and not obstacles:
        try:
            planned = subject.planned(record, request.user)
        except RuleBroken as refusal:
            obstacles = [subjects.Obstacle(refusal.as_text)]
    candidates = candidate.of(project, subject, record, request.user) if subject.planned is None else []
    today = dates.today(project.organization.time_zone)
    form = RequestForm(
        request.POST if request.method == "POST" else None, candidates=candidates, today=today, planned=planned
    )
    if form.is_bound and form.is_valid() and form.carry_out(
        lambda: once.carry_out(
            form.cleaned_data["once"], person=request.user, address=lambda approval: approval.get_absolute_url(),
            change=lambda: services.ask(
                kind=kind, project=project, pk=pk, steps=form.steps(), by=request.user,
                due_on=form.cleaned_data["due_on"], is_in_sequence=form.in_sequence, note=form.cleaned_data["note"],
            ),
        )
    ):  # fmt: skip
        messages.success(request, _("The decision is asked for. Whoever decides has been told."))
        return SeeOther(form.result)
    context = {
        "project": project,
        "subject": subject,
        "kind": subject.label,
        "record": record,
        "title": subject.title(record),
        "meaning": subject.meaning(record),
        "subject_url": subject.url(record),
        "obstacles": obstacles,
        "notes": subject.notes(record),
        "planned": planned,
        "standing": selectors.standing_of(kind, record),
        "form": form,
        "today": today,
    }
    return render(request, "approvals/approval/ask.html", context, status=422 if form.is_bound else 200)


@project_access(Perm.VIEW_PROJECT)
@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    approval = selectors.one(request.project, number)
    if approval is None:
        raise Http404
    form = WithdrawForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    return answer(
        request,
        lambda: services.withdraw(approval=approval, by=request.user, reason=reason),
        back=approval.get_absolute_url(),
        done=_("The request is withdrawn."),
    )
