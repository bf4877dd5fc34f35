"""Filters of the mandate's pages.   {% load context_tags %} {{ line.amount|money }}"""

from __future__ import annotations

from decimal import Decimal

from django import template

from context import formatting

register = template.Library()


@register.filter
def money(amount: Decimal | str) -> str:
    return formatting.money(amount)
