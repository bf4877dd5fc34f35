"""Findings of earlier audits, looked at again by this one."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from audits import rights
from audits.flows import FROZEN_AUDITS
from audits.forms.finding import FollowUpForm
from audits.models import Audit
from audits.selectors import finding as selectors
from audits.services import follow_up as services
from core import dates
from projects.permissions import Perm
from projects.views.base import SeeOther, project_access, shown

from .checklist import audit_here, place


@project_access(Perm.CONDUCT_AUDITS)
@require_safe
def earlier(request: HttpRequest, number: str) -> HttpResponse:
    return show(request, audit_here(request, number))


def show(request: HttpRequest, audit: Audit, *, wrong: tuple[int, FollowUpForm] | None = None) -> HttpResponse:
    """The page; `wrong` is the note that came back with something to mend, with the key of its finding."""
    may_write = rights.may_conduct(request.user, audit, request.perms_here) and audit.status not in FROZEN_AUDITS
    rows = []
    for one in selectors.earlier_of(audit):
        pk, noted = one.finding.pk, one.follow_up
        initial = {"version": noted.version, "result": noted.result, "note": noted.note} if noted else {}
        form = wrong[1] if wrong and wrong[0] == pk else FollowUpForm(initial=initial, auto_id=f"follow_{pk}_%s")
        rows.append((one, form if may_write else None))
    context = {
        "project": request.project, "audit": audit, "rows": rows, "may_write": may_write,
        "today": dates.today(request.organization.time_zone), "base": place(request, audit, "earlier"),
    }  # fmt: skip
    return render(request, "audits/finding/earlier.html", context, status=422 if wrong else 200)


@project_access(Perm.CONDUCT_AUDITS)
@require_POST
def note(request: HttpRequest, number: str, finding: str) -> HttpResponse:
    """Notes what is seen now."""
    audit = audit_here(request, number)
    rights.permit_conduct(audit, request.user)
    found = selectors.one(request.project, finding, request.user, request.perms_here)
    if found is None:
        raise Http404
    form = FollowUpForm(request.POST, auto_id=f"follow_{found.pk}_%s")
    if form.is_valid() and form.carry_out(
        lambda: services.note(audit=audit, finding=found, by=request.user, **form.cleaned_data)
    ):
        shown(request)
        return SeeOther(f"{place(request, audit, 'earlier')}#{found.label}")
    if form.conflict is not None:
        form.data = form.data.copy()
        form.data["version"] = str(form.conflict.version)
    return show(request, audit, wrong=(found.pk, form))
