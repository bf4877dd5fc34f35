"""Evidence of any record: handed in or cited, downloaded, withdrawn. Whose record it is, its target says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import files, once
from core.htmx import respond, wants_fragment
from core.rules import RuleBroken
from projects import evidencing
from projects.evidencing import Target
from projects.flow import NotPermitted
from projects.forms.evidence import CiteForm, EvidenceForm, SearchForm, WithdrawForm
from projects.models import Evidence
from projects.selectors import evidence as selectors
from projects.services import evidence as services

from .base import SeeOther, project_access
from .task_list import READ

PANEL = "projects/evidence/_panel.html"


def panel(request: HttpRequest, record: Any, *, form: Any = None, cite_form: Any = None, **more: Any) -> dict[str, Any]:
    """The context of the component; `form` and `cite_form` are those that came back with something to mend."""
    shown = selectors.panel(request, record)
    search = SearchForm(request.GET if "q" in request.GET else None, auto_id="evidence_%s")
    context = {"panel": shown, "project": request.project, "form": None, "search": None, "cite_form": cite_form, **more}
    if shown.add_url:
        context["form"] = form or EvidenceForm(auto_id="evidence_%s")
        context["search"] = search if evidencing.citable.every() else None
        if context["search"] and search.is_valid():
            context |= {"found": selectors.citable(request, search.cleaned_data["q"]), "was_asked": True}
    return context


def _target(request: HttpRequest, kind: str, pk: int) -> tuple[Target, Any]:
    """The record of an address, if this person may see it; otherwise it does not exist for them."""
    try:
        target = evidencing.targets.of(kind)
    except KeyError:
        raise Http404 from None
    record = target.load(request.project, pk)
    if record is None or not target.may_see(record, request.user):
        raise Http404
    return target, record


def _evidence(request: HttpRequest, pk: int) -> tuple[Evidence, Target, Any]:
    """A piece of evidence whose record this person may see, with that record."""
    found = selectors.find(request.project, pk)
    if found is None:
        raise Http404
    found.project = request.project
    return found, *_target(request, found.target_kind, found.target_id)


# ---- added ------------------------------------------------------------------------------------------------------


@project_access(READ)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, kind: str, target: int) -> HttpResponse:
    """The panel on a page of its own, with what was looked for; POST adds a file, a link or a citation."""
    sort, record = _target(request, kind, target)
    if request.method == "POST" and "application/json" in request.headers.get("Accept", ""):
        return _said(request, sort, record)
    if not sort.may_add(record, request.user):
        raise PermissionDenied
    if request.method != "POST":
        context = panel(request, record, is_open=True)
        return respond(
            request, "projects/evidence/record.html", context | {"back": sort.url(record)},
            fragment="projects/evidence/_found.html",
        )  # fmt: skip
    is_citation = "cited" in request.POST
    form = CiteForm(request.POST) if is_citation else EvidenceForm(request.POST, request.FILES, auto_id="evidence_%s")
    back = f"{sort.url(record)}#evidence"
    if form.is_valid() and form.carry_out(
        lambda: once.carry_out(
            form.cleaned_data["once"], person=request.user, change=_change(request, record, form), address=lambda made: back
        )
    ):  # fmt: skip
        messages.success(request, _("The evidence was added."))
        if not wants_fragment(request):
            return SeeOther(form.result)
        return render(request, PANEL, panel(request, record, is_fresh=True))
    wrong = {"cite_form": form} if is_citation else {"form": form}
    context = panel(request, record, is_open=True, **wrong) | {"back": sort.url(record)}
    return respond(request, "projects/evidence/record.html", context, fragment=PANEL, status=422)


def _said(request: HttpRequest, sort: Target, record: Any) -> JsonResponse:
    """The answer to a page that sends a file by itself, and again when an answer was lost: 200 when it is kept, however
    often it was sent with the same one-time key; 403 or 422 with a sentence."""
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse({"error": str(next(iter(form.errors.values()))[0])}, status=422)
    try:
        once.carry_out(
            form.cleaned_data["once"], person=request.user, change=_change(request, record, form),
            address=lambda made: f"{sort.url(record)}#evidence",
        )  # fmt: skip
    except NotPermitted as refusal:
        return JsonResponse({"error": refusal.as_text}, status=403)
    except RuleBroken as refusal:
        return JsonResponse({"error": refusal.as_text}, status=422)
    return JsonResponse({"kept": True})


def _change(request: HttpRequest, record: Any, form: Any) -> Callable[[], Evidence]:
    data, by = form.cleaned_data, request.user
    if isinstance(form, CiteForm):
        kind, pk = data["cited"]
        return lambda: services.cite(record=record, kind=kind, pk=pk, by=by)
    if data["file"]:
        return lambda: services.add_file(record=record, upload=data["file"], title=data["title"], by=by)
    return lambda: services.add_link(record=record, link=data["link"], title=data["title"], by=by)


# ---- read -------------------------------------------------------------------------------------------------------


@project_access(READ)
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as it was handed in: always as a download, never shown by the browser."""
    found, sort, record = _evidence(request, pk)
    if not found.is_file or (found.withdrawn_at and not sort.may_manage(record, request.user)):
        raise Http404
    try:
        return files.attachment(
            organization_id=found.organization_id, sha256=found.sha256, name=found.file_name,
            content_type=found.file_type,
        )  # fmt: skip
    except FileNotFoundError:
        return render(request, "projects/evidence/file_missing.html", _about(request, found, sort, record), status=410)


def _about(request: HttpRequest, found: Evidence, sort: Target, record: Any) -> dict[str, Any]:
    return {"project": request.project, "evidence": found, "label": sort.label(record), "back": sort.url(record)}


# ---- withdrawn --------------------------------------------------------------------------------------------------


@project_access(READ)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found, sort, record = _evidence(request, pk)
    if not services.may_withdraw(found, record, request.user):
        raise PermissionDenied
    form = WithdrawForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carry_out(
            lambda: services.withdraw(evidence=found, reason=form.cleaned_data["reason"], by=request.user)
        )
    ):
        messages.success(request, _("The evidence was withdrawn."))
        return SeeOther(f"{sort.url(record)}#evidence")
    context = _about(request, found, sort, record) | {"form": form}
    return render(request, "projects/evidence/withdraw.html", context, status=422 if request.method == "POST" else 200)
