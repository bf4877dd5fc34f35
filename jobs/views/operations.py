"""How the installation is, for whoever runs it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.access_check import operators_only
from core.htmx import asks_by_itself
from jobs.selectors import operations as selectors

REASON = "figures of the whole installation, without words of any tenant"


@operators_only(REASON)
@require_safe
def operations(request: HttpRequest) -> HttpResponse:
    context = selectors.figures() | {"sizes": selectors.sizes(), "versions": selectors.versions()}
    return render(request, "jobs/operations.html", context)


@asks_by_itself
@operators_only(REASON)
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """The live part of the page, asked for every ten seconds."""
    return render(request, "jobs/_figures.html", selectors.figures())
