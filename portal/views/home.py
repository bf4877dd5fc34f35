"""Where a person begins: the page that answers what they came for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core.access_check import public
from portal.selectors import standing
from projects import access
from projects.permissions import Perm


@require_safe
@public("sends everybody to their own start page, and who is not signed in to the sign-in page")
def home(request: HttpRequest) -> HttpResponse:
    """Consultants and readers of several projects: portfolio; of one: its home; staff: their work."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    here = standing.here(request)
    if here.is_nobody:
        return render(request, "portal/nobody.html", {"page_class": "narrow"})
    if here.reads_much or not here.reads:
        found = [] if not here.reads else list(_readable(request))
        if len(found) == 1 and not here.may_start:
            return redirect(found[0].get_absolute_url())
        return redirect("portal:portfolio" if here.reads_much else "portal:my-work")
    first = _readable(request).first()
    return redirect(first.get_absolute_url() if first else reverse("portal:my-work"))


def _readable(request: HttpRequest):
    return access.projects_with(request.user, Perm.VIEW_PROJECT).select_related("organization")[:2]
