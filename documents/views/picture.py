"""Pictures of a document's text: handed in from the editor, given out as privately as the text itself."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from core import files
from documents.forms.revision import PictureForm
from documents.selectors import revision as selectors
from documents.services import revision as services
from projects.permissions import Perm
from projects.views.base import project_access

from .document import found
from .revision import WRITE, must_write


@project_access(WRITE)
@require_POST
def add(request: HttpRequest, number: str) -> HttpResponse:
    """Keeps a picture and answers with the list of them; the browser is told what to write where the cursor stands."""
    document = found(request, number)
    must_write(request, document)
    form = PictureForm({}, request.FILES)
    is_kept = form.is_valid() and form.carry_out(
        lambda: services.add_picture(document=document, upload=form.cleaned_data["picture"], by=request.user)
    )
    context = {
        "document": document, "pictures": selectors.pictures(document), "project": request.project,
        "picture_form": PictureForm() if is_kept else form,
    }  # fmt: skip
    # 200 in both cases: htmx shows no answer that says it failed, and the list brings its own sentence about that.
    answer = render(request, "documents/revision/_pictures.html", context)
    if is_kept:
        answer["HX-Trigger-After-Swap"] = json.dumps({"picture:kept": {"text": form.result.as_text}})
    return answer


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def show(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The picture, for the page whose text names it. Opened by itself it is a download."""
    document = found(request, number)
    picture = document.pictures.filter(pk=pk).first()
    if picture is None:
        raise Http404
    try:
        return files.attachment(
            organization_id=picture.organization_id, sha256=picture.sha256, name=picture.name,
            content_type=picture.file_type,
        )  # fmt: skip
    except FileNotFoundError as lost:
        raise Http404 from lost
