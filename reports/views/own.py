"""A person's own reports, over all their projects: asked for, made before their eyes, kept, taken away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import files
from core.access_check import signed_in
from core.htmx import asks_by_itself
from projects.selectors import standing
from projects.views.base import SeeOther, answer
from reports.forms.parameters import ParametersForm
from reports.models import Report
from reports.models.report import KEEP_DAYS
from reports.selectors import own as selectors
from reports.selectors import report as reports
from reports.services import own as services

ROWS = 25
WHO = "everybody sees their own reports; those of others are not found"


def _home() -> str:
    return reverse("reports:own-list")


def _find(request: HttpRequest, mark: str) -> Report:
    found = selectors.of(request.user).filter(mark=mark.upper()).first()
    if found is None:
        raise Http404
    return found


def _show(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, f"reports/own/{template}", {"home": _home(), **context}, status=status)


def _under_way(request: HttpRequest) -> dict[str, Any]:
    jobs = selectors.under_way(request.user)
    return {"jobs": jobs, "is_live": any(job.is_live for job in jobs)}


@signed_in(WHO)
@require_safe
def own_list(request: HttpRequest) -> HttpResponse:
    held = standing.of(request.user)
    readable = selectors.readable_ids(held)
    page = Paginator(selectors.of(request.user).filter(removed_at=None), ROWS).get_page(request.GET.get("page"))
    for report in page:
        report.closed = selectors.closed_in(report, readable)
    return _show(
        request, "list.html", page=page, kinds=selectors.kinds_of() if readable else [], keep_days=KEEP_DAYS,
        **_under_way(request),
    )  # fmt: skip


@signed_in(WHO)
@require_safe
@asks_by_itself
def under_way(request: HttpRequest) -> HttpResponse:
    """What is being made: the part of the list that an open page asks for again and again."""
    return _show(request, "_under_way.html", **_under_way(request))


@signed_in("the person's own roles say whether there is anything to report")
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, kind: str) -> HttpResponse:
    found = next((one for one in selectors.kinds_of() if one.slug == kind), None)
    if found is None:
        raise Http404
    if not selectors.may_have(request.user, found):
        raise PermissionDenied(_("There is no project yet that you may read."))
    form_class = found.form or ParametersForm
    form = form_class(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid() and form.carry_out(
        lambda: services.ask(
            kind=found, by=request.user, language=form.cleaned_data["language"], parameters=form.cleaned_data
        )
    ):  # fmt: skip
        if not form.result.is_new:
            messages.info(request, _("This report is being made already; here it is."))
        return SeeOther(f"{_home()}#under-way")
    return _show(request, "ask.html", 422 if request.method == "POST" else 200, kind=found, form=form)


def _detail(request: HttpRequest, report: Report, status: int = 200) -> HttpResponse:
    is_whole = reports.is_whole(report) if report.is_kept else None
    why = ""
    try:
        services.check_open(report, request.user)
    except services.NotOpen as refusal:
        why = refusal.as_text
    return _show(request, "detail.html", status, report=report, is_whole=is_whole, why_closed=why)


@signed_in(WHO)
@require_safe
def detail(request: HttpRequest, mark: str) -> HttpResponse:
    """Everything about one report; its bytes are hashed anew before the page says that they are whole."""
    return _detail(request, _find(request, mark))


@signed_in(WHO)
@require_safe
def download(request: HttpRequest, mark: str) -> HttpResponse:
    """The PDF, if every project in it is still open to its person; otherwise its page says why not."""
    report = _find(request, mark)
    try:
        services.check_open(report, request.user)
        if not report.is_kept:
            raise FileNotFoundError
        return files.attachment(
            sha256=report.sha256, name=report.file_name, content_type="application/pdf", **report.place
        )
    except services.NotOpen:
        return _detail(request, report, 403)
    except FileNotFoundError:
        return _detail(request, report, 410)


@signed_in(WHO)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, mark: str) -> HttpResponse:
    report = _find(request, mark)
    if not report.is_kept:
        return SeeOther(report.get_absolute_url())
    if request.method == "POST":
        done = _("The report was removed.")
        return answer(request, lambda: services.remove(report=report, by=request.user), back=_home(), done=done)
    return _show(request, "remove.html", report=report)
