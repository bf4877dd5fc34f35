"""One address for the page and for its fragment: htmx asks with a header, everybody else gets the whole page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page (not for a boosted page, not for one from its history)."""
    details = getattr(request, "htmx", None)
    return bool(details) and not details.boosted and not details.history_restore_request


def asks_by_itself(view: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a view that an open page asks again and again: this is no sign that anybody is there, and keeps no
    session alive (T37). A class says `asks_by_itself = True`."""
    view.asks_by_itself = True
    return view


def is_asked_by_itself(view: Callable[..., Any] | None) -> bool:
    """Whether the view (or the class behind it) is asked by open pages and not by people."""
    return bool(
        getattr(view, "asks_by_itself", False) or getattr(getattr(view, "view_class", None), "asks_by_itself", False)
    )


def respond(
    request: HttpRequest, page: str, context: dict[str, Any], *, fragment: str = "", status: int = 200
) -> HttpResponse:
    """Renders `page`, or only its `fragment` (a template or `page#partial`) when htmx asks; varies by HX-Request."""
    template = fragment if fragment and wants_fragment(request) else page
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
