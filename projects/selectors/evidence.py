"""Evidence as a page lists it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.template.defaultfilters import filesizeformat

from core.templatetags.ui import short_date
from projects.models import TaskEvidence

ICONS = {"pdf": "file-type-pdf", "png": "photo", "jpg": "photo", "jpeg": "photo", "webp": "photo",
         "xlsx": "file-spreadsheet", "ods": "file-spreadsheet", "csv": "file-spreadsheet"}  # fmt: skip


def described(evidence: Iterable[TaskEvidence], base: str) -> list[dict[str, Any]]:
    """Rows for a list: address, icon and one line of facts. No query: `added_by` is loaded."""
    rows = []
    for one in evidence:
        about = one.file_name if one.is_file else urlsplit(one.link).netloc
        facts = [about if about != one.title else "", filesizeformat(one.size_bytes) if one.is_file else "",
                 str(one.added_by), short_date(one.added_at.date())]  # fmt: skip
        rows.append(
            {
                "evidence": one,
                "href": f"{base}evidence/{one.pk}/" if one.is_file else one.link,
                "icon": ICONS.get(one.file_name.rpartition(".")[2], "file-text") if one.is_file else "link",
                "sub": ", ".join(fact for fact in facts if fact),
                "is_link": not one.is_file,
            }
        )
    return rows
