"""One address for the page and for its fragment: htmx asks with a header, everybody else gets the whole page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page (not for a boosted page, not for one from its history)."""
    details = getattr(request, "htmx", None)
    return bool(details) and not details.boosted and not details.history_restore_request


def respond(
    request: HttpRequest, page: str, context: dict[str, Any], *, fragment: str = "", status: int = 200
) -> HttpResponse:
    """Renders `page`, or only its `fragment` (a template or `page#partial`) when htmx asks; varies by HX-Request."""
    template = fragment if fragment and wants_fragment(request) else page
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
