"""How an organization looks: its logo and its colour, for reports, mails and its pages."""

from __future__ import annotations

import logging

from accounts.models import Organization
from core import files

log = logging.getLogger(__name__)

DEFAULT_COLOR = "#2457e0"
FOLDER = "logos"


def color_of(organization: Organization | None) -> str:
    """The organization's colour as #rrggbb, dark enough for white text on it; the product's own where none is set."""
    return (organization.brand_color if organization is not None else "") or DEFAULT_COLOR


def logo_of(organization: Organization | None) -> tuple[bytes, str] | None:
    """The logo's bytes (at most some 100 KB) and type, or None: no logo, or the storage has lost it."""
    if organization is None or not organization.logo_sha256:
        return None
    try:
        with files.opened(organization_id=organization.pk, sha256=organization.logo_sha256, folder=FOLDER) as stored:
            return stored.read(), organization.logo_type
    except FileNotFoundError:
        log.error("The logo of organization %s is missing in the storage.", organization.pk)
        return None


def is_named(organization_id: int, sha256: str) -> bool:
    """Whether an organization has a stored logo in use: the sweep asks."""
    return Organization.objects.filter(pk=organization_id, logo_sha256=sha256).exists()
