"""The floor of a page: the same template and the same data, already in memory. Only benchmarks have this address."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import include, path

from core.access_check import signed_in

kept: dict[str, Any] = {}


def keep(answer: TemplateResponse) -> None:
    """Remembers template and data of an answered page; what it read from the database stays read."""
    context = dict(answer.context_data)
    kept.update(template=answer.template_name, context=context, request=answer._request)


@signed_in("benchmarks only: in no installation's addresses")
def floor(request: HttpRequest) -> HttpResponse:
    for name in ("project", "organization", "roles_here", "perms_here", "role_label"):
        if hasattr(kept["request"], name):
            setattr(request, name, getattr(kept["request"], name))
    return TemplateResponse(request, kept["template"], kept["context"])


urlpatterns = [path("bench/floor/", floor), path("", include("ims2.urls"))]
