"""One text for one content: what digests, chains and signatures are computed over.

Canonical JSON: UTF-8, keys sorted, no white space, text in Unicode form NFC, moments in UTC with microseconds and a Z,
dates as YYYY-MM-DD, decimals as their plain text. Floats are refused: they have no single text.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import unicodedata
from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    """`value` made of dicts, lists, text, integers, booleans and None only. Raises TypeError for anything else."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", str(value))
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    raise TypeError(f"{type(value).__name__} has no canonical form.")


def text(value: Any) -> str:
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: Any) -> str:
    """SHA-256 over the canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(text(value).encode()).hexdigest()
