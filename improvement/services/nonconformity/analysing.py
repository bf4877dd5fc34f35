"""The causes of a nonconformity: why after why, and which of them are the root."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken, refused
from improvement.models import Category, Cause, Nonconformity
from projects import journal

from .common import fresh, said, unjudged

MOST_CAUSES, DEEPEST = 60, 8


def add_cause(
    *, record: Nonconformity, by: Any, text: str, parent: int | None = None, category: str = "", is_root: bool = False
) -> Cause:
    """Answers "why?": of the nonconformity, or of the cause `parent`. Raises RuleBroken, NotPermitted."""
    with journal.change(record.project, by=by) as log:
        found = fresh(record, by)
        current, text = unjudged(found), " ".join(text.split())
        if not text or len(text) > 500:
            raise refused("text", _("Say the cause in at most 500 characters."))
        if category and category not in Category.values:
            raise refused("category", _("Choose one of the categories."))
        causes = {cause.pk: cause for cause in current.causes.all()}
        if len(causes) >= MOST_CAUSES:
            raise RuleBroken(_("At most %(n)s causes: sum some up.") % {"n": MOST_CAUSES})
        depth, above = 1, parent
        while above is not None:
            if above not in causes:
                raise RuleBroken(_("Somebody has removed the cause above in the meantime."))
            above, depth = causes[above].parent_id, depth + 1
        if depth > DEEPEST:
            raise RuleBroken(_("Ask “why?” at most eight times."))
        cause = Cause.objects.create(
            organization_id=found.organization_id, project=found.project, round=current, parent_id=parent, text=text,
            category=category or (causes[parent].category if parent else ""), is_root=is_root,
        )  # fmt: skip
        log(found, "nonconformity.cause_added", said(found, {"cause": text, "root": is_root}))
    return cause


def mark_root(*, record: Nonconformity, by: Any, pk: int, is_root: bool) -> None:
    """Marks a cause of the newest round as a root, or takes the mark away."""
    with journal.change(record.project, by=by) as log:
        found = fresh(record, by)
        unjudged(found)
        cause = _cause(found, pk)
        if cause.is_root != is_root:
            cause.is_root = is_root
            cause.save(update_fields=["is_root"])
            log(found, "nonconformity.cause_marked", said(found, {"cause": cause.text, "root": [not is_root, is_root]}))


def change_cause(*, record: Nonconformity, by: Any, pk: int, text: str, category: str) -> None:
    """Says a cause of the newest round in other words, or puts it under another category."""
    with journal.change(record.project, by=by) as log:
        found = fresh(record, by)
        unjudged(found)
        cause, text = _cause(found, pk), " ".join(text.split())
        if not text or len(text) > 500:
            raise refused("text", _("Say the cause in at most 500 characters."))
        if category and category not in Category.values:
            raise refused("category", _("Choose one of the categories."))
        changes = journal.differences(
            {"cause": cause.text, "category": cause.category}, {"cause": text, "category": category}
        )
        if changes:
            cause.text, cause.category = text, category
            cause.save(update_fields=["text", "category"])
            log(found, "nonconformity.cause_changed", said(found, changes))


def remove_cause(*, record: Nonconformity, by: Any, pk: int) -> None:
    """Takes a cause without further answers out of the newest round."""
    with journal.change(record.project, by=by) as log:
        found = fresh(record, by)
        unjudged(found)
        cause = _cause(found, pk)
        if cause.children.exists():
            raise RuleBroken(_("Remove the answers below it first."))
        log(found, "nonconformity.cause_removed", said(found, {"cause": cause.text}))
        cause.delete()


def _cause(record: Nonconformity, pk: int) -> Cause:
    cause = record.round.causes.filter(pk=pk).first()
    if cause is None:
        raise RuleBroken(_("Somebody has removed this cause in the meantime."))
    return cause
