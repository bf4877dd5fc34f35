"""Words and dates as reports print them.

{% load printed %} · {{ task.due_on|day }} · {{ today|long_day }} · {{ entry.at|moment }} · {% state line.state %}
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pdca import titles
from reports.selectors.lines import long_day_format, short_day_format

register = template.Library()


@register.filter
def day(value: dt.date | None) -> str:
    """A date in a table: 3 Nov 2026, 03.11.2026, 3 nov. 2026; a dash where there is none."""
    return date_format(value, short_day_format()) if value else "–"


@register.filter
def long_day(value: dt.date | None) -> str:
    """A date in a sentence: 3 November 2026, 3. November 2026."""
    return date_format(value, long_day_format()) if value else "–"


@register.filter
def moment(value: dt.datetime) -> str:
    """A moment on the clock it carries, to the second: an extract is held against the chain."""
    return f"{date_format(value.date(), short_day_format())} {value:%H:%M:%S}"


@register.filter
def plain(value: Decimal) -> str:
    """A number of days or hours with as many decimals as it needs, at most two."""
    return number_format(value.quantize(Decimal("0.01")).normalize() + 0)


@register.filter
def of_method(title: str) -> str:
    """A stored title in the reader's language where it is one of the method's, else as it was typed."""
    return titles.said(title, title)


@register.simple_tag
def state(given: Any) -> SafeString:
    """A state: its word with a mark whose colour repeats it."""
    return format_html('<span class="state {}">{}</span>', given.kind, given.label)
