"""Tags for pages of the risks.

{% load risks %}  {% risk_tabs as tabs %} · {% level_badge mark %} · {% risk_panel one %}
"""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.templatetags.ui import icon_svg
from risks import tabs, tools

register = template.Library()


@register.simple_tag(takes_context=True)
def risk_tabs(context: Any) -> list[tabs.Tab]:
    """The tabs of the page that is shown."""
    return tabs.of(context["request"])


@register.simple_tag(takes_context=True)
def risk_tools(context: Any) -> list[tools.Tool]:
    """What the register's menu offers this person (risks.tools)."""
    return tools.of(context["request"])


@register.simple_tag
def level_badge(mark: Any, missing: Any = "") -> SafeString:
    """A level of risk: colour, number and name (selectors.register.Mark); `missing` or "Not rated" where there is none.

    The number counts from 1, the mildest; the tone is one of six of risks.css, of an opportunity one of register.css.
    """
    if mark is None:
        return format_html(
            '<span class="level level-none">{}{}</span>', icon_svg("circle-dashed"), missing or _("Not rated")
        )
    tone = f"{'gain' if mark.is_gain else 'tone'}-{mark.tone}"
    return format_html('<span class="level {}"><b class="num">{}</b>{}</span>', tone, mark.number, mark.name)


@register.simple_tag(takes_context=True)
def risk_panel(context: Any, one: dict[str, Any]) -> SafeString:
    """A panel of risks.risk_panels, drawn with the page's context and its own."""
    with context.push(**one["context"]):
        return template.loader.get_template(one["template"]).template.render(context)
