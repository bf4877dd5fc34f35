"""The master list to take along, and how its codes look."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import files
from core.htmx import respond, wants_fragment
from core.rules import RuleBroken
from documents import listing
from documents.forms.document import NumberingForm, examples
from documents.numbering import DEFAULT
from documents.services import document as services
from jobs.models import Job
from jobs.models.job import JobState
from projects.addresses import address
from projects.permissions import Perm
from projects.views.base import SeeOther, project_access, shown

from .document import filter_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@project_access(Perm.VIEW_DOCUMENTS)
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Has the list, as it is filtered in the address, made as a spreadsheet."""
    chosen = filter_of(request, request.GET)
    job = listing.ask(
        project=request.project, by=request.user, wanted=chosen.wanted, language=get_language() or "en",
        said=[f"{one['label']}: {one['text']}" for one in chosen.chosen],
    )  # fmt: skip
    return SeeOther(job.get_absolute_url())


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    job = Job.objects.filter(project=request.project, kind=listing.JOB, state=JobState.DONE, pk=pk).first()
    if job is None:
        raise Http404
    project = request.project
    try:
        return files.attachment(
            organization_id=project.organization_id, sha256=job.result.get("sha256", ""), folder=listing.FOLDER,
            name=f"documents-{project.organization.slug}-{project.slug}.xlsx", content_type=XLSX,
        )  # fmt: skip
    except FileNotFoundError:
        messages.info(request, _("This list was kept for a week and is gone. Have a new one made."))
        return HttpResponseRedirect(address("documents:document-list", **project.address))


@project_access(Perm.MANAGE_DOCUMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def numbering(request: HttpRequest) -> HttpResponse:
    """The pattern of the codes; the examples of what is typed come from the same address."""
    project = request.project
    now = getattr(project, "numbering", None)
    pattern = now.pattern if now is not None else DEFAULT
    typed = request.GET.get("pattern", "")[:60]
    form = NumberingForm(request.POST or None, initial={"pattern": typed or pattern})
    if request.method == "POST" and form.is_valid() and form.carry_out(
        lambda: services.set_numbering(project=project, by=request.user, pattern=form.cleaned_data["pattern"])
    ):  # fmt: skip
        shown(request, _("New documents get their code by this pattern."))
        return SeeOther(address("documents:document-list", **project.address))
    said: dict[str, Any] = {"examples": [], "why_not": ""}
    try:
        said["examples"] = examples(str(form["pattern"].value() or ""), project.organization.slug)
    except RuleBroken as refusal:
        said["why_not"] = refusal.as_text
    if request.method != "POST" and wants_fragment(request):
        return respond(request, "documents/document/_examples.html", said)
    context = {
        "project": project, "form": form, "back": address("documents:document-list", **project.address), **said,
    }  # fmt: skip
    return render(
        request, "documents/document/numbering.html", context, status=422 if request.method == "POST" else 200
    )
