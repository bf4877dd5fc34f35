"""The report of an audit: read, written, and handed to the signature of its lead."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audits import report_hanging, rights
from audits.flows import AT_WORK
from audits.forms.report import ReportForm
from audits.selectors import audit as audits
from audits.selectors import report as selectors
from audits.services import report as services
from core import together
from projects.permissions import Perm
from projects.views.base import SeeOther, project_access, shown

from .audit import READERS, found, head_of


@project_access(READERS)
@require_safe
def show(request: HttpRequest, number: str) -> HttpResponse:
    """The report as it is, or will be, signed. Raises Http404 before it is issued, for who does not see the work."""
    audit = found(request, number)
    if not report_hanging.shows(audit, request):
        raise Http404
    with together.asking():
        context = head_of(request, audit) | {
            "report": getattr(audit, "report", None), "facts": selectors.facts(audit),
            "writes": audit.status in AT_WORK and rights.may_conduct(request.user, audit, request.perms_here),
        }  # fmt: skip
        return render(request, "audits/report/show.html", context)


@project_access(Perm.CONDUCT_AUDITS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    if request.method == "POST":  # what is written is asked anew
        return _edit(request, number)
    with together.asking():
        return _edit(request, number)


def _edit(request: HttpRequest, number: str) -> HttpResponse:
    audit = found(request, number)
    if not rights.may_conduct(request.user, audit, request.perms_here):
        raise PermissionDenied
    links = audits.standards_of(audit)
    back = reverse("audits:report", kwargs={**request.project.address, "number": audit.label})
    conflict: list[dict[str, str]] = []
    if request.method == "POST":
        form = ReportForm(request.POST, conclusions=links)
        if form.is_valid() and form.carry_out(
            lambda: services.write(
                audit=audit, by=request.user, version=form.cleaned_data["version"], values=form.values,
                conclusions=form.conclusions,
            )
        ):  # fmt: skip
            shown(request, _("The report is saved."))
            return SeeOther(back)
        conflict = form.conflict_rows()
        form.take_over()
    else:
        form = ReportForm(conclusions=links)
        form.initial = form.initial_of(getattr(audit, "report", None), audit)
    context = head_of(request, audit) | {
        "form": form, "facts": selectors.facts(audit), "back": back, "conflict": conflict,
        "saved_at": form.conflict.updated_at if form.conflict is not None else None,
    }  # fmt: skip
    return render(request, "audits/report/form.html", context, status=422 if form.is_bound else 200)
