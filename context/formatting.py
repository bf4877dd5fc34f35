"""Amounts as people read them."""

from __future__ import annotations

from decimal import Decimal

from django.utils import formats


def money(amount: Decimal | str) -> str:
    """With two decimals and grouped thousands, in the language of the reader: 42,000.00."""
    return formats.number_format(Decimal(amount), decimal_pos=2, use_l10n=True, force_grouping=True)
