"""A revision: read, written, handed in, compared."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from documents.selectors import document as selectors
from projects.permissions import Perm
from projects.views.base import project_access

from .document import found


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def detail(request: HttpRequest, number: str, revision: int) -> HttpResponse:
    document = found(request, number)
    shown = selectors.revision(document, revision)
    if shown is None:
        raise Http404
    return render(request, "documents/revision/detail.html", {"document": document, "revision": shown})
