"""The mandate: read as the document that is signed, and written."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from context.forms.mandate import MandateForm
from context.selectors import mandate as selectors
from context.services import mandate as services
from projects import journal_words
from projects.addresses import address
from projects.models import JournalEntry
from projects.permissions import Perm
from projects.views.base import SeeOther, project_access, shown

STORY = 6


@project_access(Perm.VIEW_PROJECT)
@require_safe
def detail(request: HttpRequest) -> HttpResponse:
    project = request.project
    found = selectors.of_project(project)
    context: dict[str, Any] = {"project": project, "mandate": found}
    if found is not None:
        told = []
        if Perm.VIEW_JOURNAL in request.perms_here:
            entries = JournalEntry.objects.filter(
                project=project, target_kind="context.mandate", target_id=found.pk
            ).order_by("-seq")
            told = journal_words.tell(entries[:STORY], project)
        context |= {"paper": selectors.paper_of(found), "told": told}
    return render(request, "context/mandate/detail.html", context)


@project_access(Perm.MANAGE_PROJECT)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """Everything on one page; "more rows" comes back with everything typed and some empty rows, and saves nothing."""
    project = request.project
    data, more = (request.POST, request.POST.get("more", "")) if request.method == "POST" else (None, "")
    form = MandateForm(data, project=project, mandate=selectors.of_project(project), more=more)
    home = address("context:mandate", **project.address)
    if data is not None and not more and form.is_valid() and form.carry_out(lambda: services.write(
        project=project, by=request.user, version=form.cleaned_data["version"], values=form.values
    )):  # fmt: skip
        shown(request, _("The mandate is saved."))
        return SeeOther(home)
    conflict = form.differences()
    context = {
        "project": project,
        "form": form,
        "conflict": conflict,
        "editor": form.conflict.edited_by if conflict else None,
        "changed_at": form.conflict.updated_at if conflict else None,
        "more": more,
        "home": home,
    }
    form.take_over()
    return render(request, "context/mandate/edit.html", context, status=422 if data is not None and not more else 200)
