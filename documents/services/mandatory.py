"""Saying which document is a piece of mandatory documented information, and taking that back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from documents.models import Answer, Document
from pdca.models import MandatoryDocument, MergeGroup
from projects import journal

from . import document as documents


def link(
    *, document: Document, by: Any, groups: Iterable[MergeGroup] = (), items: Iterable[MandatoryDocument] = ()
) -> Document:
    """The document is these too; what it was already stays. Raises RuleBroken, NotPermitted."""
    with journal.change(document.project, by=by):
        fresh, had_groups, had_items = _as_it_is(document)
        return documents.change(
            document=fresh, by=by, version=fresh.version, values={}, groups={*had_groups, *groups},
            items={*had_items, *items},
        )  # fmt: skip


def unlink(
    *, document: Document, by: Any, groups: Iterable[MergeGroup] = (), items: Iterable[MandatoryDocument] = ()
) -> Document:
    """The document is not these any more; what else it is stays. Raises RuleBroken, NotPermitted."""
    with journal.change(document.project, by=by):
        fresh, had_groups, had_items = _as_it_is(document)
        return documents.change(
            document=fresh, by=by, version=fresh.version, values={}, groups=had_groups - set(groups),
            items=had_items - set(items),
        )  # fmt: skip


def _as_it_is(document: Document) -> tuple[Document, set[MergeGroup], set[MandatoryDocument]]:
    """The document with all it answers, read under the lock: nobody's link is lost to somebody else's."""
    fresh = Document.objects.select_related("project__organization").get(pk=document.pk)
    answers = Answer.objects.filter(Q(group__isnull=False) | Q(item__isnull=False), document=fresh)
    rows = list(answers.select_related("group", "item"))
    return fresh, {one.group for one in rows if one.group_id}, {one.item for one in rows if one.item_id}
