"""What is due to be destroyed, handed over or kept longer, and the decision about one document."""

from __future__ import annotations

import datetime as dt

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import dates
from documents.forms.retention import DisposeForm
from documents.selectors import retention as selectors
from documents.services import retention as services
from projects.permissions import Perm
from projects.views.base import SeeOther, project_access, shown

from .document import found

PAGE = 50


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """`?show=` due (over or within ninety days), all (whose time runs), decided."""
    project, today = request.project, dates.today(request.organization.time_zone)
    show = request.GET.get("show", "")
    soon = today + dt.timedelta(days=selectors.SOON_DAYS)
    running = selectors.due(project, until=None if show == "all" else soon)
    rows = selectors.decided(project) if show == "decided" else running
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        (row.document if show == "decided" else row).project = project
    context = {
        "project": project, "page": page, "show": show if show in ("all", "decided") else "", "today": today,
        "due": selectors.due(project, until=today).count(), "soon_days": selectors.SOON_DAYS,
        "may_decide": Perm.MANAGE_DOCUMENTS in request.perms_here,
    }  # fmt: skip
    return render(request, "documents/retention/list.html", context)


@project_access(Perm.MANAGE_DOCUMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def dispose(request: HttpRequest, number: str) -> HttpResponse:
    document = found(request, number)
    form = DisposeForm(request.POST if request.method == "POST" else None, document=document)
    if request.method == "POST" and form.is_valid() and form.carry_out(
        lambda: services.decide(document=document, by=request.user, **form.values)
    ):  # fmt: skip
        shown(request, _("It is decided: %(what)s.") % {"what": form.result.get_outcome_display()})
        return SeeOther(document.get_absolute_url())
    form.take_over()
    context = {
        "project": request.project, "document": document, "form": form, "back": document.get_absolute_url(),
        "today": dates.today(request.organization.time_zone), "files": document.revisions.exclude(sha256="").order_by("number"),
    }  # fmt: skip
    return render(request, "documents/retention/dispose.html", context, status=422 if request.method == "POST" else 200)
