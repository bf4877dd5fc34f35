"""Reports of a project: asked for, made before one's eyes, kept, taken away, checked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from core import files
from core.htmx import asks_by_itself
from jobs import ledger
from jobs.models import Job
from projects import access
from projects.permissions import Perm
from projects.views.base import SeeOther, answer, project_access
from reports import kinds
from reports.forms.parameters import ParametersForm
from reports.forms.report import RemoveForm, VerifyForm
from reports.models import Report
from reports.selectors import report as selectors
from reports.services import report as services

READ = Perm.VIEW_PROJECT
ROWS = 25


def _show(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    here = {"project": request.project, "perms_here": request.perms_here}
    return render(request, f"reports/report/{template}", {**here, **context}, status=status)


def _home(request: HttpRequest) -> str:
    return reverse("reports:report-list", kwargs=request.project.address)


def _find(request: HttpRequest, mark: str) -> Report:
    found = selectors.of(request.project, request.perms_here).filter(mark=mark.upper()).first()
    if found is None:
        raise Http404
    found.project = request.project
    return found


def _filtered(request: HttpRequest) -> tuple[Any, dict[str, str], list[dict[str, str]]]:
    """The kept reports that the query asks for, what was chosen, and that in words."""
    rows = selectors.of(request.project, request.perms_here).filter(removed_at=None)
    chosen, said = {"kind": request.GET.get("kind", ""), "person": request.GET.get("person", "")}, []
    if chosen["kind"] in selectors.slugs(request.perms_here):
        rows = rows.filter(kind=chosen["kind"])
        said.append(
            {"name": "kind", "value": chosen["kind"], "label": _("Report"), "text": kinds.title_of(chosen["kind"])}
        )
    if chosen["person"].isdecimal() and len(chosen["person"]) < 18:
        rows = rows.filter(person=int(chosen["person"]))
        who = User.objects.filter(pk__in=_makers(request).values("person"), pk=int(chosen["person"])).first()
        said.append({"name": "person", "value": chosen["person"], "label": _("Made for"), "text": str(who or "–")})
    return rows, chosen, said


def _makers(request: HttpRequest) -> Any:
    return selectors.of(request.project, request.perms_here).filter(removed_at=None).order_by()


def _under_way(request: HttpRequest) -> dict[str, Any]:
    jobs = selectors.under_way(request.project, request.perms_here, request.user)
    return {"jobs": jobs, "is_live": any(job.is_live for job in jobs)}


@project_access(READ)
@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    rows, chosen, said = _filtered(request)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    for report in page:
        report.project = request.project
        report.may_remove = services.may_remove(report, request.user, request.perms_here)
    return _show(
        request, "list.html", page=page, chosen=chosen, said=said, kinds=kinds.for_perms(request.perms_here),
        **_under_way(request),
        people=User.objects.filter(pk__in=_makers(request).values("person")).only("pk", "name", "email").order_by("name"),
        keep_days=selectors.keep_days(request.organization), home=_home(request),
    )  # fmt: skip


@project_access(READ)
@require_safe
@asks_by_itself
def under_way(request: HttpRequest) -> HttpResponse:
    """What is being made: the part of the list that an open page asks for again and again."""
    jobs = _under_way(request)
    return _show(request, "_under_way.html", home=_home(request), **jobs)


@project_access(READ)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, kind: str) -> HttpResponse:
    """The parameters of a report, and the asking; a page that leads here fills some in behind the question mark."""
    found = next((one for one in kinds.every() if one.slug == kind and one.scope == "project"), None)
    if found is None:
        raise Http404
    if found.perm not in request.perms_here:
        raise PermissionDenied
    form_class = found.form or ParametersForm
    form = form_class(request.POST or None, project=request.project, by=request.user, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid() and form.carry_out(
        lambda: services.ask(
            kind=found, by=request.user, project=request.project, language=form.cleaned_data["language"],
            parameters=form.cleaned_data,
        )
    ):  # fmt: skip
        if not form.result.is_new:
            messages.info(request, _("This report is being made already; here it is."))
        return SeeOther(f"{_home(request)}#under-way")
    status = 422 if request.method == "POST" else 200
    return _show(request, "ask.html", status, kind=found, form=form, home=_home(request))


def _job(request: HttpRequest, pk: int) -> Job:
    """A report's job in this project: the person's own, or anybody's for who manages the project."""
    found = Job.objects.filter(project=request.project, kind=selectors.JOB, pk=pk).first()
    if found is None or found.parameters.get("kind") not in selectors.slugs(request.perms_here):
        raise Http404
    if found.actor_id != request.user.pk and Perm.MANAGE_PROJECT not in request.perms_here:
        raise PermissionDenied
    return found


@project_access(READ)
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    return answer(request, lambda: ledger.cancel(job), back=f"{_home(request)}#under-way")


@project_access(READ)
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    return answer(request, lambda: ledger.again(job), back=f"{_home(request)}#under-way")


@project_access(READ)
@require_safe
def detail(request: HttpRequest, mark: str) -> HttpResponse:
    """Everything about one report; its bytes are hashed anew before the page says that they are whole."""
    report = _find(request, mark)
    return _show(
        request, "detail.html", report=report, home=_home(request),
        is_whole=selectors.is_whole(report) if report.is_kept else None,
        may_remove=services.may_remove(report, request.user, request.perms_here),
    )  # fmt: skip


@project_access(READ)
@require_safe
def download(request: HttpRequest, mark: str) -> HttpResponse:
    """The PDF. The rights are those of now: `_find` sees the kinds this person may read here, no others."""
    report = _find(request, mark)
    try:
        if not report.is_kept:
            raise FileNotFoundError
        return files.attachment(
            sha256=report.sha256, name=report.file_name, content_type="application/pdf", **report.place
        )  # fmt: skip
    except FileNotFoundError:
        return _show(request, "detail.html", 410, report=report, home=_home(request), is_whole=None, may_remove=False)


@project_access(READ)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, mark: str) -> HttpResponse:
    report = _find(request, mark)
    if not services.may_remove(report, request.user, access.perms_in(request.user, request.project)):
        raise PermissionDenied
    form = RemoveForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carry_out(lambda: services.remove(report=report, by=request.user, reason=form.cleaned_data["reason"]))
    ):
        messages.success(request, _("The report was removed."))
        return SeeOther(_home(request))
    status = 422 if request.method == "POST" else 200
    return _show(request, "remove.html", status, report=report, form=form, home=_home(request))


@project_access(READ)
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Says which report a PDF is, by its SHA-256; the file is not kept."""
    form = VerifyForm(request.POST or None, request.FILES or None)
    sha256, found, is_answered = "", None, False
    if request.method == "POST" and form.is_valid():
        among = selectors.of(request.project, request.perms_here)
        sha256, found = selectors.by_content(form.cleaned_data["file"], among)
        is_answered = True
        if found:
            found.project = request.project
    status = 422 if request.method == "POST" and not is_answered else 200
    return _show(
        request, "verify.html", status, form=form, found=found, sha256=sha256, is_answered=is_answered,
        home=_home(request),
    )  # fmt: skip
