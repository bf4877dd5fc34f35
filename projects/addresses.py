"""Addresses by the hundred: a list of fifty rows with three addresses each must not resolve a name for each one."""

from __future__ import annotations

from functools import lru_cache

from django.urls import get_script_prefix, reverse


@lru_cache(maxsize=256)
def _pattern(name: str, prefix: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """The address as the pieces before, between and after its values, which stand in the order of `keys`."""
    rest = reverse(name, kwargs={key: f"value-of-{key}" for key in keys})
    pieces = []
    for key in keys:
        piece, _value, rest = rest.partition(f"value-of-{key}")
        pieces.append(piece)
    return (*pieces, rest)


def address(name: str, **values: str) -> str:
    """`reverse(name, kwargs=values)` for slugs and numbers, which need no quoting, given in the address's order."""
    pieces = _pattern(name, get_script_prefix(), tuple(values))
    return "".join(part for pair in zip(pieces, values.values(), strict=False) for part in pair) + pieces[-1]
