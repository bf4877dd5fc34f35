"""The panel that a record's own page embeds.   {% load approvals %} {% approval_panel "policy" policy %}"""

from __future__ import annotations

from typing import Any

from django import template

from approvals.selectors import panel as selectors

register = template.Library()


@register.inclusion_tag("approvals/_panel.html", takes_context=True)
def approval_panel(context: template.Context, kind: str, record: Any) -> dict[str, Any]:
    """How a record stands towards its approvals, with the buttons this person may press. Four queries at most."""
    return {"panel": selectors.of(kind, record, context["request"])}
