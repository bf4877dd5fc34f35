"""Whose name stands above a mail: the organization's where it speaks of one, the program's where of several."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from accounts.models import Organization
from accounts.selectors.brand import FOLDER

SHOWN = ("image/png", "image/jpeg", "image/gif")
"""What mail programs show; with another type of logo the name stands there."""


class Brand(NamedTuple):
    name: str
    pictures: tuple[dict[str, Any], ...] = ()


PROGRAM = Brand("IMS2")


def brands(organizations: Iterable[int]) -> dict[int, Brand]:
    """Name and logo of organizations, by key; one query."""
    rows = Organization.objects.filter(pk__among=set(organizations)).order_by()
    return {
        pk: Brand(name, _logo(pk, *logo))
        for pk, name, *logo in rows.values_list("pk", "name", "logo_sha256", "logo_type")
    }


def _logo(organization_id: int, sha256: str, content_type: str) -> tuple[dict[str, Any], ...]:
    if not sha256 or content_type not in SHOWN:
        return ()
    return ({"cid": "logo", "type": content_type, "sha256": sha256, "organization": organization_id, "folder": FOLDER},)
