"""Published documents: what readers see, and confirm."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from documents.models import Document
from documents.selectors import reading
from projects.permissions import Perm
from projects.views.base import project_access


def _published(request: HttpRequest):
    return reading.published(request.project, request.user, request.perms_here, request.roles_here)


@project_access(Perm.READ_PUBLISHED)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "documents/published/list.html", {"rows": _published(request)})


@project_access(Perm.READ_PUBLISHED)
@require_safe
def read(request: HttpRequest, number: str) -> HttpResponse:
    shown = _published(request).filter(document__number=Document.number_of(number) or 0).first()
    if shown is None:
        raise Http404
    return render(request, "documents/published/detail.html", {"document": shown.document, "revision": shown})
