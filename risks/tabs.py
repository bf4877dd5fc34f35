"""The tabs on top of every page of the risks: register, heat map, workshop, treatments, acceptances, assets, criteria.

    context["tabs"] = tabs.of(request)        # {% include "risks/_tabs.html" %}

A tab whose address does not exist, or that this person may not open, is left out.
"""

from __future__ import annotations

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
    ("risks:risk-list", _("Register"), "list", Perm.VIEW_RISKS),
    ("risks:heat", _("Heat map"), "grid-dots", Perm.VIEW_RISKS),
    ("risks:workshop", _("Workshop"), "keyboard", Perm.WRITE_OWN_RISKS),
    ("risks:treatment-list", _("Treatments"), "list-check", Perm.VIEW_RISKS),
    ("risks:acceptance-list", _("Acceptances"), "signature", Perm.VIEW_RISKS),
    ("risks:asset-list", _("Assets"), "stack-2", Perm.VIEW_RISKS),
    ("risks:criteria", _("Criteria"), "adjustments-horizontal", Perm.VIEW_PROJECT),
)


def of(request: HttpRequest) -> list[Tab]:
    """The tabs for this person, the one of this page marked: the longest address that this one begins with."""
    found = []
    for name, label, icon, perm in EVERY:
        url = address(name, **request.project.address) if perm in request.perms_here else ""
        if url:
            found.append((label, icon, url))
    here = max((url for *_rest, url in found if request.path.startswith(url)), key=len, default="")
    return [Tab(label, icon, url, url == here) for label, icon, url in found]
