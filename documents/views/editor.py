"""Writing a draft: text with a preview beside it, or a file, or a link; two people's saves are merged and never lost."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from documents.forms.revision import PictureForm, RevisionForm
from documents.models import Revision, Source
from documents.selectors import revision as selectors
from documents.services import revision as services
from projects.views.base import SeeOther, project_access, shown

from .revision import WRITE, must_write, one, to


@project_access(WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str, revision: int) -> HttpResponse:
    """The editor. `do` says which button was pressed: "preview" and "picture" come back with everything typed, unsaved."""
    draft = one(request, number, revision)
    must_write(request, draft.document)
    if request.method != "POST":
        return _show(request, draft, RevisionForm(revision=draft, source=_source(request.GET.get("as"), draft)))
    source, do = _source(request.POST.get("source"), draft), request.POST.get("do", "")
    form = RevisionForm(request.POST, request.FILES, revision=draft, source=source)
    if do == "preview":
        return _show(request, draft, form)
    if do == "picture":
        return _with_picture(request, draft, form)
    if not form.is_valid():
        return _show(request, draft, form, status=422)
    if form.carry_out(lambda: services.save(
        revision=draft, by=request.user, version=form.cleaned_data["version"], values=form.values, source=source,
        upload=form.cleaned_data.get("file"),
    )):  # fmt: skip
        shown(request, _("The draft is saved."))
        return SeeOther(to(draft, "edit" if do == "on" else "detail"))
    conflict = None
    if form.conflict is not None:
        conflict = selectors.conflict(form.conflict, form.cleaned_data["version"], form.mine, form.other_fields)
        if source == form.conflict.source == Source.AUTHORED:
            form.carry_on_with(conflict.merged.text)
        else:
            form.take_over()
    return _show(request, draft, form, status=422, conflict=conflict)


def _source(wanted: str | None, draft: Revision) -> str:
    return wanted if wanted in Source.values else draft.source


def _with_picture(request: HttpRequest, draft: Revision, form: RevisionForm) -> HttpResponse:
    """Without a script: keeps the picture and writes it at the end of the text, which is not saved by that."""
    sent = PictureForm({}, request.FILES)
    if not sent.is_valid() or not sent.carry_out(
        lambda: services.add_picture(document=draft.document, upload=sent.cleaned_data["picture"], by=request.user)
    ):
        return _show(request, draft, form, status=422, picture_form=sent)
    form.data = form.data.copy()
    form.data["body"] = f"{form.mine.rstrip()}\n\n{sent.result.as_text}\n".lstrip()
    return _show(request, draft, form)


def _show(
    request: HttpRequest, draft: Revision, form: RevisionForm, *, status: int = 200, conflict: Any = None,
    picture_form: PictureForm | None = None,
) -> HttpResponse:  # fmt: skip
    document = draft.document
    context: dict[str, Any] = {
        "project": request.project, "document": document, "revision": draft, "form": form, "conflict": conflict,
        "lapse": selectors.would_lapse(document), "home": to(draft), "source": form.source,
        "is_another_source": form.source != draft.source and draft.has_content,
    }  # fmt: skip
    if form.source == Source.AUTHORED:
        context |= {
            "written": selectors.shown(draft, form.mine), "pictures": selectors.pictures(document),
            "picture_form": picture_form or PictureForm(),
        }  # fmt: skip
    return render(request, "documents/revision/edit.html", context, status=status)


@project_access(WRITE)
@require_POST
def preview(request: HttpRequest, number: str, revision: int) -> HttpResponse:
    """What is being typed, as it will be read; nothing is saved."""
    draft = one(request, number, revision)
    must_write(request, draft.document)
    form = RevisionForm(request.POST, revision=draft, source=Source.AUTHORED)
    return render(request, "documents/revision/_preview.html", {"written": selectors.shown(draft, form.mine)})
