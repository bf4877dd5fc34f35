"""Auditors of a certification body: invited, listed, ended; and the evidence by clause that they come for."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audits.forms.access import InviteForm
from audits.models import Audit
from audits.selectors import access as selectors
from audits.selectors import evidence as evidences
from audits.services import access as services
from projects.permissions import Perm
from projects.views.base import SeeOther, answer, project_access, shown

from .audit import READERS, found, head_of


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_safe
def show(request: HttpRequest, number: str) -> HttpResponse:
    return page(request, found(request, number))


def page(request: HttpRequest, audit: Audit, form: InviteForm | None = None) -> HttpResponse:
    """The page; `form` is the invitation that came back with something to mend."""
    context = head_of(request, audit)
    invites = services.may_invite(request.user, request.project, request.perms_here)
    context |= {
        "guests": selectors.guests(audit, context["today"]), "may_invite": invites,
        "form": (form or InviteForm(initial={"ends_on": audit.ends_on})) if invites else None,
    }  # fmt: skip
    return render(request, "audits/audit/access.html", context, status=422 if form else 200)


def _home(audit: Audit) -> str:
    return reverse("audits:audit-access", kwargs={**audit.project.address, "number": audit.label})


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_POST
def invite(request: HttpRequest, number: str) -> HttpResponse:
    audit, form = found(request, number), InviteForm(request.POST)
    if form.is_valid() and form.carry_out(
        lambda: services.invite(audit=audit, by=request.user, **form.cleaned_data)
    ):  # fmt: skip
        shown(request, _("%(email)s is invited to this audit.") % {"email": form.result.email})
        return SeeOther(_home(audit))
    return page(request, audit, form)


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_POST
def end(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    audit = found(request, number)
    opened = audit.accesses.filter(pk=pk).first()
    if opened is None:
        raise Http404
    opened.project = audit.project
    return answer(
        request, lambda: services.end(opened=opened, by=request.user), back=_home(audit),
        done=_("%(email)s reads this audit no more.") % {"email": opened.email},
    )  # fmt: skip


@project_access(READERS)
@require_safe
def evidence(request: HttpRequest, number: str) -> HttpResponse:
    """For each clause of the criteria what there is to see; `gaps` leaves those with nothing to show for themselves."""
    audit = found(request, number)
    lines = evidences.of(audit, evidences.Reader(request.user, request.perms_here, request.roles_here))
    gaps = [one for one in lines if not one.is_shown]
    only_gaps = request.GET.get("gaps") == "1"
    context: dict[str, Any] = head_of(request, audit) | {
        "lines": gaps if only_gaps else lines, "total": len(lines), "gaps": len(gaps), "only_gaps": only_gaps,
    }  # fmt: skip
    return render(request, "audits/audit/evidence.html", context)
