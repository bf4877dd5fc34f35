"""The document register and a document's own page."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from documents.models import Document
from documents.selectors import document as selectors
from projects.permissions import Perm
from projects.views.base import project_access


def found(request: HttpRequest, number: str) -> Document:
    """The document of this address. Raises Http404."""
    document = selectors.one(request.project, number)
    if document is None:
        raise Http404
    return document


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    return render(request, "documents/document/list.html", {"rows": selectors.of(request.project)})


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    return render(request, "documents/document/detail.html", {"document": found(request, number)})
