"""The evidence of a record, for the record's own page.   {% load evidence %} {% evidence_panel task %}"""

from __future__ import annotations

from typing import Any

from django import template

from projects.views import evidence as views

register = template.Library()


@register.inclusion_tag("projects/evidence/_panel.html", takes_context=True)
def evidence_panel(context: template.Context, record: Any) -> dict[str, Any]:
    """What shows that it was done, with the forms this person may use. Three queries at most (selectors.evidence)."""
    return views.panel(context["request"], record)
