"""Nightly tidying of what a crash or a lost connection may leave behind."""

from __future__ import annotations

import logging

from core import files, once
from projects.services import evidence

log = logging.getLogger(__name__)


def sweep() -> dict[str, int]:
    """Removes stored files that no evidence names (older than a day) and used keys of forms (older than a week)."""
    swept = {"files": files.sweep(evidence.is_named), "form_keys": once.forget_old()}
    if any(swept.values()):
        log.info("sweep: %s files without a record, %s used form keys", swept["files"], swept["form_keys"])
    return swept
