"""The agenda of an audit: shown, written, and as a calendar to take along."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits import calendar
from audits.flows import AT_WORK
from audits.forms.audit import SessionEditForm, SessionForm
from audits.models import Audit
from audits.selectors import audit as selectors
from audits.selectors import clauses as clause_selectors
from audits.selectors import frequency
from audits.services import agenda as services
from core import once
from projects.permissions import Perm
from projects.views.base import SeeOther, answer, project_access, shown

from .audit import READERS, found, head_of


@project_access(READERS)
@require_safe
def show(request: HttpRequest, number: str) -> HttpResponse:
    audit = found(request, number)
    context = head_of(request, audit) | {"days": selectors.agenda_of(audit)}
    context["notes_attendance"] = context["may_write"] and audit.status in AT_WORK and bool(context["days"])
    return render(request, "audits/audit/agenda.html", context)


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_POST
def attendance(request: HttpRequest, number: str) -> HttpResponse:
    """Who of the auditees was there: ticked on the day, printed by the report."""
    audit = found(request, number)
    ticked = [int(text) for text in request.POST.getlist("attended") if text.isdecimal() and len(text) < 12]
    return answer(
        request, lambda: services.note_attendance(audit=audit, by=request.user, attended=ticked), back=_home(audit),
        done=_("The attendance is noted."),
    )  # fmt: skip


@project_access(READERS)
@require_safe
def ics(request: HttpRequest, number: str) -> HttpResponse:
    """The agenda as a file that every calendar program takes."""
    audit = found(request, number)
    return HttpResponse(
        calendar.agenda(audit, selectors.agenda_of(audit)), content_type="text/calendar; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{audit.label}.ics"', "Cache-Control": "private, no-store",
        },
    )  # fmt: skip


def _home(audit: Audit) -> str:
    return reverse("audits:audit-agenda", kwargs={**audit.project.address, "number": audit.label})


def _offered(audit: Audit) -> dict[str, Any]:
    """What the form of a session chooses from. Six queries."""
    covered = {one.standard_id for one in clause_selectors.of_audit(audit)}
    own = list(audit.items.all())
    return {
        "places": own or frequency.places_of(audit.project),
        "clauses": [one for one in clause_selectors.offered(audit.project) if one.standard_id in covered],
        "team": selectors.team_of(audit), "asked": list(audit.auditees.all()),
    }  # fmt: skip


def _page(request: HttpRequest, audit: Audit, form: Any, **more: Any) -> HttpResponse:
    context = head_of(request, audit) | {
        "form": form,
        "session": None,
        "back": _home(audit),
        "conflict": [],
        "saved_at": None,
        **more,
    }
    return render(request, "audits/audit/session.html", context, status=422 if form.is_bound else 200)


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, number: str) -> HttpResponse:
    """A new session; it is offered for right after the last one."""
    audit = found(request, number)
    shared = _offered(audit)
    if request.method == "POST":
        form = SessionForm(request.POST, **shared)
        if form.is_valid() and form.carry_out(lambda: _added(request, audit, form)):
            shown(request, _("The session is in the agenda."))
            return SeeOther(form.result)
        return _page(request, audit, form)
    last = audit.sessions.order_by("-day", "-ends_at").first()
    begins = last.ends_at if last is not None else dt.time(9)
    ends = (dt.datetime.combine(dt.date.min, begins) + dt.timedelta(hours=1)).time()
    first = {
        "kind": "audit" if last is not None else "opening", "day": last.day if last is not None else audit.starts_on,
        "starts_at": begins, "ends_at": ends if ends > begins else dt.time(23, 59),
        "auditors": [str(one.pk) for one in shared["team"]] if last is None else [],
    }  # fmt: skip
    return _page(request, audit, SessionForm(initial=first, **shared))


def _added(request: HttpRequest, audit: Audit, form: SessionForm) -> str:
    return once.carry_out(
        form.cleaned_data["once"], person=request.user, address=lambda made: _home(audit),
        change=lambda: services.add(audit=audit, by=request.user, **form.chosen),
    )  # fmt: skip


def _session(request: HttpRequest, number: str, pk: int) -> Any:
    session = selectors.session(found(request, number), pk)
    if session is None:
        raise Http404
    return session


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    session = _session(request, number, pk)
    audit = session.audit
    shared = _offered(audit)
    if session.item is not None and session.item not in shared["places"]:
        shared["places"].append(session.item)
    if request.method != "POST":
        return _page(
            request, audit, SessionEditForm(initial=SessionEditForm.initial_of(session), **shared), session=session
        )
    form = SessionEditForm(request.POST, **shared)
    if form.is_valid() and form.carry_out(
        lambda: services.change(session=session, by=request.user, version=form.cleaned_data["version"], **form.chosen)
    ):
        shown(request)
        return SeeOther(_home(audit))
    conflict = form.conflict_rows()
    form.take_over()
    saved_at = form.conflict.updated_at if form.conflict is not None else None
    return _page(request, audit, form, session=session, conflict=conflict, saved_at=saved_at)


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_POST
def remove(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    session = _session(request, number, pk)
    return answer(request, lambda: services.remove(session=session, by=request.user), back=_home(session.audit))
