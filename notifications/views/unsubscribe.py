"""Stopping a sort of mail from the mail itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.access_check import public
from notifications import unsubscribing


# Without the CSRF token on purpose: mail programs POST here by themselves (RFC 8058), with no page of ours before it and
# no cookie. The signed token in the address is the proof, and all it can do is stop one sort of mail.
@csrf_exempt
@public("the signed link of a mail stops that mail without signing in")
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET only asks, for scanners of mail open every link in advance; POST stops, however often it comes."""
    found = unsubscribing.read(token)
    if found is None:
        return render(request, "notifications/unsubscribe.html", {"situation": "unknown"}, status=404)
    person, what = found
    with translation.override(person.language):
        if request.method == "POST":
            unsubscribing.stop(person, what)
            situation = "stopped"
        else:
            situation = "asked" if getattr(person, unsubscribing.WHAT[what][0]) else "stopped"
        context = {"situation": situation, "name": unsubscribing.WHAT[what][1]}
        return render(request, "notifications/unsubscribe.html", context)
