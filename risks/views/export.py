"""Spreadsheets out: the registers as they are filtered in the address."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import files
from jobs.models import Job
from jobs.models.job import JobState
from projects.addresses import address
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, project_access
from risks import exporting
from risks.forms.asset import AssetFilter
from risks.models import ImportKind
from risks.selectors import register as lists
from sheets.exporting import XLSX, headers

from .register import filter_of


@project_access(Perm.VIEW_RISKS)
@require_http_methods(["GET", "HEAD", "POST"])
def risks(request: HttpRequest) -> HttpResponse:
    """The register of risks: at once, or by a job where it is long."""
    return _export(request, ImportKind.RISKS, filter_of(request, request.GET, lists.Scales(request.project)))


@project_access(Perm.VIEW_RISKS)
@require_http_methods(["GET", "HEAD", "POST"])
def assets(request: HttpRequest) -> HttpResponse:
    """The inventory of assets: at once, or by a job where it is long."""
    return _export(request, ImportKind.ASSETS, AssetFilter(request.GET, people=people_of(request.project)))


def _export(request: HttpRequest, kind: ImportKind, chosen: Any) -> HttpResponse:
    project, wanted = request.project, chosen.wanted
    said = [f"{one['label']}: {one['text']}" for one in chosen.chosen]
    if request.method == "POST":
        job = exporting.ask(
            project=project, by=request.user, kind=kind, wanted=wanted, language=get_language() or "en", said=said
        )
        return SeeOther(job.get_absolute_url())
    count = exporting.rows_of(project, kind, wanted, user=request.user).order_by().count()
    if count > exporting.AT_ONCE:
        context = {"project": project, "count": count, "said": said, "title": exporting.TITLES[kind],
                   "crumbs": "risks/risk/_crumbs.html", "query": request.GET.urlencode()}  # fmt: skip
        return render(request, "sheets/export.html", context)
    data, _rows = exporting.workbook(project, kind, wanted, said, user=request.user)
    return HttpResponse(
        data, content_type=XLSX, headers=headers(exporting.file_name(project, kind))
    )  # fmt: skip


@project_access(Perm.VIEW_RISKS)
@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """What a job wrote."""
    project = request.project
    job = Job.objects.filter(project=project, kind=exporting.JOB, state=JobState.DONE, pk=pk).first()
    if job is None:
        raise Http404
    try:
        return files.attachment(
            organization_id=project.organization_id, sha256=job.result.get("sha256", ""), folder=exporting.FOLDER,
            name=exporting.file_name(project, job.parameters.get("kind", ImportKind.RISKS)), content_type=XLSX,
        )  # fmt: skip
    except FileNotFoundError:
        messages.info(request, _("This list was kept for a week and is gone. Have a new one made."))
        return HttpResponseRedirect(address("risks:risk-list", **project.address))
