"""The tabs on top of the registers, and those of one audit.

    tabs.pages.append(tabs.Page("audits:checklist", _("Checklist"), "checklist", order=40))     # in a hanging module

A tab whose address does not exist, or that this person may not open, is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.nav import address
from projects.permissions import Perm


class Tab(NamedTuple):
    label: Any
    icon: str
    url: str
    is_here: bool


EVERY: tuple[tuple[str, Any, str, Perm], ...] = (
    ("audits:audit-list", _("Audits"), "clipboard-check", Perm.VIEW_AUDITS),
    ("audits:finding-list", _("Findings"), "search", Perm.RESPOND_TO_FINDINGS),
    ("audits:programme-list", _("Programmes"), "calendar-stats", Perm.VIEW_AUDITS),
    ("audits:coverage", _("Coverage"), "grid-dots", Perm.VIEW_AUDITS),
)


class Page(NamedTuple):
    """A page of one audit; `shows(audit, request)` says whether this person finds it there."""

    url_name: str
    label: Any
    icon: str
    order: int
    shows: Callable[[Any, HttpRequest], bool] = lambda audit, request: True


pages: list[Page] = [
    Page("audits:audit-detail", _("Plan"), "clipboard-list", 10),
    Page("audits:audit-team", _("Team"), "users", 20),
    Page("audits:audit-agenda", _("Agenda"), "calendar-time", 30),
]


def of(request: HttpRequest) -> list[Tab]:
    """The tabs for this person, the one of this page marked: the longest address that this one begins with."""
    found = []
    for name, label, icon, perm in EVERY:
        url = address(name, **request.project.address) if perm in request.perms_here else ""
        if url:
            found.append((label, icon, url))
    return _marked(request, found)


def of_audit(request: HttpRequest, audit: Any) -> list[Tab]:
    """The tabs of one audit, in their order."""
    found = []
    for page in sorted(pages, key=lambda page: page.order):
        url = address(page.url_name, **request.project.address, number=audit.label)
        if url and page.shows(audit, request):
            found.append((page.label, page.icon, url))
    return _marked(request, found)


def _marked(request: HttpRequest, found: list[tuple[Any, str, str]]) -> list[Tab]:
    here = max((url for *_rest, url in found if request.path.startswith(url)), key=len, default="")
    return [Tab(label, icon, url, url == here) for label, icon, url in found]
