"""Why a record was to change, for its own page.   {% load pointing %} {% changed_because "risks" risk %}"""

from __future__ import annotations

from typing import Any

from django import template

from projects import pointing

register = template.Library()


@register.inclusion_tag("projects/_changed_because.html", takes_context=True)
def changed_because(context: template.Context, key: str, record: Any) -> dict[str, Any]:
    """What decided elsewhere that the record has to change, for who may know of it; nothing where there is none."""
    request = context["request"]
    return {"reasons": pointing.reasons(key, record, request.user, request.perms_here)}
