"""Nightly tidying of what a crash or a lost connection may leave behind."""

from __future__ import annotations

import logging
from collections.abc import Callable

from core import files, once
from projects.services import evidence

log = logging.getLogger(__name__)

#: Who else names stored evidence files: each answers (organization_id, sha256) for its own rows.
named: list[Callable[[int, str], bool]] = [evidence.is_named]

#: What upper apps tidy up in the same night; each returns what it removed, by name.
also: list[Callable[[], dict[str, int]]] = []


def is_named(organization_id: int, sha256: str) -> bool:
    """Whether any record of this organization names a stored evidence file."""
    return any(asked(organization_id, sha256) for asked in named)


def sweep() -> dict[str, int]:
    """Removes stored files that no evidence names (older than a day), used keys of forms (older than a week), and what
    upper apps hung up here."""
    swept = {"files": files.sweep(is_named), "form_keys": once.forget_old()}
    for tidy in also:
        try:
            swept |= tidy()
        except Exception:  # one app's fault must not keep the others' nights from being tidied
            log.exception("sweep: %s failed", tidy.__module__)
    if any(swept.values()):
        log.info("sweep: %s", ", ".join(f"{count} {name}" for name, count in swept.items() if count))
    return swept
