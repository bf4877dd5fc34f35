"""Tags for pages of audits.

{% load audits %}  {% audit_tabs as tabs %} · {% audit_pages audit as pages %}
"""

from __future__ import annotations

from typing import Any

from django import template

from audits import tabs

register = template.Library()


@register.simple_tag(takes_context=True)
def audit_tabs(context: Any) -> list[tabs.Tab]:
    """The tabs of the registers: audits, findings, programmes."""
    return tabs.of(context["request"])


@register.simple_tag(takes_context=True)
def audit_pages(context: Any, audit: Any) -> list[tabs.Tab]:
    """The tabs of one audit: its plan, its team, its agenda, and what other parts hang up."""
    return tabs.of_audit(context["request"], audit)
