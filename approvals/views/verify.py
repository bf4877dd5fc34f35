"""Open to anybody: is this PDF an approved document of this installation, and is it still in force? Nothing else."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import throttle
from approvals.selectors import certified
from core.access_check import public

MOST_BYTES = 40 * 1024 * 1024
TRIES, WITHIN_SECONDS = 30, 15 * 60


@public(
    "tells whoever holds an approved document whether it is genuine and in force; who has no such file learns nothing"
)
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    if not throttle.may(request, "verify-pdf", most=TRIES, within_seconds=WITHIN_SECONDS):
        return _page(request, 429, error=_("Too many files in a short time. Wait a quarter of an hour and try again."))
    file = request.FILES.get("file")
    if file is None:
        return _page(request, 422, error=_("Choose the PDF that should be checked."))
    if file.size > MOST_BYTES:
        return _page(request, 422, error=_("This file is larger than 40 MB: no approved document is."))
    if file.size == 0:
        return _page(request, 422, error=_("This file is empty."))
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return _page(request, found=certified.of(digest.hexdigest()), sha256=digest.hexdigest(), is_checked=True)


def _page(request: HttpRequest, status: int = 200, **context: object) -> HttpResponse:
    return render(request, "approvals/verify.html", context, status=status)
