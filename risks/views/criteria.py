"""The risk criteria: read as the document that is signed, begun from a starter, and written."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.rules import RuleBroken
from projects import journal_words
from projects.addresses import address
from projects.models import JournalEntry
from projects.permissions import Perm
from projects.views.base import SeeOther, project_access, shown
from risks import starters
from risks.forms.criteria import CriteriaForm
from risks.selectors import criteria as selectors
from risks.services import criteria as services

STORY = 6


@project_access(Perm.VIEW_PROJECT)
@require_safe
def detail(request: HttpRequest) -> HttpResponse:
    project = request.project
    record = selectors.of_project(project)
    context: dict[str, Any] = {"project": project, "record": record}
    if record is None:
        context["starters"] = starters.every(get_language() or "en")
    else:
        told = []
        if Perm.VIEW_JOURNAL in request.perms_here:
            entries = JournalEntry.objects.filter(
                project=project, target_kind="risks.riskcriteria", target_id=record.pk
            ).order_by("-seq")
            told = journal_words.tell(entries[:STORY], project)
        context |= {**selectors.context_of(record), "warnings": selectors.warnings(record.criteria), "told": told}
    return render(request, "risks/criteria/detail.html", context)


@project_access(Perm.MANAGE_RISKS)
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """The first criteria from a starter; who comes second is led to those of the first."""
    project = request.project
    try:
        services.begin(
            project=project, by=request.user, starter=request.POST.get("starter", ""), language=get_language() or "en"
        )
        shown(request, _("The criteria are there: make them your own, then ask for approval."))
    except RuleBroken as refusal:
        messages.error(request, refusal.as_text)
    return SeeOther(address("risks:criteria", **project.address))


@project_access(Perm.MANAGE_RISKS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """Everything on one page; "other sizes" comes back with everything typed, and saves nothing."""
    project = request.project
    home = address("risks:criteria", **project.address)
    record = selectors.of_project(project)
    if record is None:
        return redirect(home)
    data = request.POST if request.method == "POST" else None
    is_sizing = data is not None and "resize" in data
    form = CriteriaForm(data, record=record)
    if data is not None and not is_sizing and form.is_valid() and form.carry_out(lambda: services.write(
        project=project, by=request.user, version=form.cleaned_data["version"], method=form.cleaned_data["method"],
        content=form.content,
    )):  # fmt: skip
        shown(request, _("The criteria are saved."))
        return SeeOther(home)
    conflict = form.differences({name: str(label) for name, label in selectors.LABELS.items()})
    context = {
        "project": project,
        "form": form,
        "conflict": conflict,
        "editor": form.conflict.edited_by if conflict else None,
        "changed_at": form.conflict.updated_at if conflict else None,
        "is_sizing": is_sizing,
        "home": home,
    }
    form.take_over()
    return render(
        request, "risks/criteria/edit.html", context, status=422 if data is not None and not is_sizing else 200
    )
