"""What a risk's page shows beside the register's own: others hang their panels in here.

    panels.append(of_treatments)     # in apps.py; (risk, request) -> {"template": "…", "context": {…}}, or None for nothing

A panel stands in the main column, in the order of hanging. Its template sees the page's context and its own `context`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from risks.models import Risk

panels: list[Callable[[Risk, HttpRequest], dict[str, Any] | None]] = []


def of(risk: Risk, request: HttpRequest) -> list[dict[str, Any]]:
    """The panels for this risk and person, those that have nothing to show left out."""
    return [found for one in panels if (found := one(risk, request))]
