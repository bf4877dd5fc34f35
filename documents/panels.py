"""What the register hangs into the plan: how far the documents are, in the steps that make them (2.2 and 2.3)."""

from __future__ import annotations

from typing import Any

from core import dates
from documents.selectors import register as lists
from projects.addresses import address
from projects.permissions import Perm

MANAGEMENT, PROCEDURES = "document-management", "design-of-controls-and-procedures"


def of_management(step: Any, user: Any, perms: frozenset) -> dict[str, Any]:
    """All documents by where they stand. Two queries."""
    return _context(step, perms, "", "")


def of_procedures(step: Any, user: Any, perms: frozenset) -> dict[str, Any]:
    """Procedures, process descriptions, work instructions and forms. Two queries."""
    only = [str(kind) for kind in lists.PROCEDURAL]
    return _context(step, perms, f"kind={lists.PROCEDURAL_KEY}", "?kind=procedure", kind__in=only)


def _context(step: Any, perms: frozenset, query: str, begin: str, **only: Any) -> dict[str, Any]:
    project = step.project
    home = address("documents:document-list", **project.address)
    found = lists.figures(project, dates.today(project.organization.time_zone), **only)
    may_register = Perm.MANAGE_DOCUMENTS in perms or Perm.WRITE_OWN_DOCUMENTS in perms
    states = [
        (lists.State.EFFECTIVE, found.effective), (lists.State.APPROVED, found.approved),
        (lists.State.IN_REVIEW, found.in_review), (lists.State.DRAFT, found.draft), (lists.State.MISSING, found.missing),
    ]  # fmt: skip
    more = f"&{query}" if query else ""
    return {
        "figures": found,
        "home": home + (f"?{query}" if query else ""),
        "new": address("documents:document-create", **project.address) + begin if may_register else "",
        "states": [
            (*lists.BADGES[state], str(state.label), count, f"{home}?state={state.value}{more}")
            for state, count in states
            if count
        ],
        "overdue": f"{home}?review=overdue{more}" if found.overdue else "",
    }
