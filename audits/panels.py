"""What the page of an audit shows beside its plan: the checklist, the findings, the report hang their panels in here.

    panels.append(of_checklist)     # (audit, request) -> {"template": "…", "context": {…}}, or None for nothing

A panel stands in the main column, in the order of hanging. Its template sees the page's context and its own `context`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from audits.models import Audit

panels: list[Callable[[Audit, HttpRequest], dict[str, Any] | None]] = []


def of(audit: Audit, request: HttpRequest) -> list[dict[str, Any]]:
    """The panels for this audit and person, those that have nothing to show left out."""
    return [found for one in panels if (found := one(audit, request))]
