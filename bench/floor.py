"""The floor of a page: the same template and the same data, already in memory. Only benchmarks have this address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from django.http import HttpRequest, HttpResponse
from django.template.backends.django import Template
from django.urls import include, path

from core.access_check import signed_in

kept: dict[str, Any] = {}


def keep(get: Callable[[], Any]) -> None:
    """Answers a page once and remembers template and data; what was read from the database stays read."""
    original = Template.render
    kept.clear()

    def remember(self: Template, context: Any = None, request: Any = None) -> str:
        if request is not None and not kept:  # the page itself; widgets of its forms follow
            kept.update(template=self, context=dict(context or {}), request=request)
        return original(self, context, request)

    with patch.object(Template, "render", remember):
        get()
    if not kept.get("request"):
        raise RuntimeError("The page was not rendered from a template.")


@signed_in("benchmarks only: in no installation's addresses")
def floor(request: HttpRequest) -> HttpResponse:
    for name in ("project", "organization", "roles_here", "perms_here", "role_label"):
        if hasattr(kept["request"], name):
            setattr(request, name, getattr(kept["request"], name))
    return HttpResponse(kept["template"].render(kept["context"], request))


urlpatterns = [path("bench/floor/", floor), path("", include("ims2.urls"))]
