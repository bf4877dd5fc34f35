"""Marks of the published method: where an item comes from, how a clause meets the structure.

{% origin step.origin %} · {% match clause.match %} · {% structure_row "6.1" %} · {{ days|person_days }}
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from django import template
from django.template.defaultfilters import floatformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.templatetags.ui import badge, icon_svg
from pdca.models import Match, Origin
from pdca.models.standards import STRUCTURE_SLUG

register = template.Library()

ORIGIN_ICONS = {Origin.SEED: "book", Origin.PUBLIC: "world", Origin.DERIVED: "pencil"}
MATCH_BADGES = {
    Match.IDENTICAL: ("done", "checks"),
    Match.EXTENDED: ("prog", "circle-plus"),
    Match.SPECIFIC: ("open", "pin"),
}


def origin_words(origin: str) -> str:
    """What an origin means, in one sentence."""
    return {
        Origin.SEED: _("Named, or plainly described, in the published CCQM white paper."),
        Origin.PUBLIC: _("A heading or topic also seen in another public source."),
        Origin.DERIVED: _("Ours, from the harmonized structure and implementation practice."),
    }[Origin(origin)]


@lru_cache(maxsize=32)
def _origin(origin: str, language: str) -> SafeString:
    kind = Origin(origin)
    return format_html(
        '<span class="chip origin" title="{}">{}{}</span>',
        origin_words(origin),
        icon_svg(ORIGIN_ICONS[kind]),
        kind.label,
    )


@register.simple_tag
def origin(value: str) -> SafeString:
    """The mark of a step or activity: icon and word, the meaning on hovering."""
    return _origin(str(value), get_language() or "en")


@register.filter
def origin_meaning(value: str) -> str:
    return origin_words(value)


@lru_cache(maxsize=1)
def _structure() -> str:
    return reverse("pdca:standard-detail", kwargs={"slug": STRUCTURE_SLUG})


@register.simple_tag
def structure_row(ref: str) -> str:
    """The address of a row of the harmonized structure."""
    return f"{_structure()}#clause-{ref}"


@register.filter
def person_days(value: Decimal) -> str:
    """Effort in words: "1 person-day", "1.5 person-days"."""
    shown = floatformat(value, "-1")
    return _("1 person-day") if value == 1 else _("%(days)s person-days") % {"days": shown}


@register.simple_tag
def match(value: str) -> SafeString:
    """How a clause meets its row of the structure: icon, word, colour."""
    kind, mark = MATCH_BADGES[Match(value)]
    return badge(kind, Match(value).label, mark)
