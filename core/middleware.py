"""What every answer carries, and one line in the log for every request."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from core.logs import request_id

log = logging.getLogger("ims2.request")
QUIET = ("/static/", "/healthz", "/readyz")

Next = Callable[[HttpRequest], HttpResponse]


class RequestLog:
    """Numbers the request and writes one line when it is answered.

    The line names the pattern of the address and never the address itself: keys of invitations and password links
    stand in addresses.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = secrets.token_hex(6)
        mark = request_id.set(request.id)
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request.id
            if not request.path_info.startswith(QUIET) or response.status_code >= 500:
                self.write(request, response, round((time.perf_counter() - began) * 1000))
            return response
        finally:
            request_id.reset(mark)

    def write(self, request: HttpRequest, response: HttpResponse, milliseconds: int) -> None:
        user = getattr(request, "_cached_user", None)  # looked at only if somebody loaded it: logging asks no query
        log.info(
            "request",
            extra={
                "method": request.method,
                "route": route_of(request),
                "status": response.status_code,
                "ms": milliseconds,
                "actor": getattr(user, "pk", None),
            },
        )


def route_of(request: Any) -> str:
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else "(no such address)"


class Headers:
    """Headers that Django does not set itself, on every answer, static files too (T42)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault(
            "Permissions-Policy",
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=(), "
            "publickey-credentials-create=(self), publickey-credentials-get=(self)",
        )
        return response


class NoStore:
    """No copy of a page stays in a cache, neither the browser's nor one on the way.

    Stands behind the middleware that serves static files, so that those may be kept.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "no-store"
        return response
