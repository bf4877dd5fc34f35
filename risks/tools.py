"""What the register's menu offers beside its own: exports, imports and reports hang themselves in here.

    tools.append(Tool(_("Export as XLSX"), "file-spreadsheet", "risks:export-risks", Perm.VIEW_RISKS, keeps_filters=True))

A tool whose address does not exist, or that this person may not use, is left out.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpRequest

from core.nav import address
from projects.permissions import Perm


class Tool(NamedTuple):
    """One line of the menu; `keeps_filters` hands it the query string of the list."""

    label: Any
    icon: str
    url_name: str
    perm: Perm
    keeps_filters: bool = False
    url: str = ""


tools: list[Tool] = []


def of(request: HttpRequest) -> list[Tool]:
    """The tools for this person, with their addresses."""
    found = [
        one._replace(url=address(one.url_name, **request.project.address))
        for one in tools
        if one.perm in request.perms_here
    ]
    return [one for one in found if one.url]
