"""The record of tailoring, as an auditor reads it and the project manager signs it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from projects.permissions import Perm
from projects.selectors import tailoring_record as selectors
from projects.views.base import project_access


@project_access(Perm.VIEW_PROJECT)
@require_safe
def detail(request: HttpRequest) -> HttpResponse:
    record = selectors.record_of(request.project)
    context = {"project": request.project, "record": record, "language": request.organization.language}
    return render(request, "context/tailoring/detail.html", context)
