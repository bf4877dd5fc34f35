"""Says how the database is used, where the choice depends on the machine."""

from __future__ import annotations

import sqlite3
from typing import Any

from django.conf import settings
from django.core.checks import Info, register


@register()
def journal_mode_of_sqlite(app_configs: Any, **kwargs: Any) -> list[Info]:
    if not settings.IS_SQLITE:
        return []
    why = {
        "WAL": "it has no longer the fault that could damage a database in WAL mode",
        "TRUNCATE": "versions before 3.51.3 (3.50.7, 3.44.6) can damage a database in WAL mode",
    }[settings.SQLITE_JOURNAL_MODE]
    return [
        Info(
            f"SQLite {sqlite3.sqlite_version} keeps its journal in {settings.SQLITE_JOURNAL_MODE} mode: {why}.",
            id="core.I001",
        )
    ]
