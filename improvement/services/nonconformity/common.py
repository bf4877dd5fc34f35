"""What all phases share: who works on a nonconformity, what the journal says of it, and its rounds."""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from core.rules import RuleBroken, StaleRecord
from improvement.flows import CLAUSE
from improvement.models import Nonconformity, Round
from projects import access, journal
from projects.flow import NotPermitted
from projects.permissions import Perm

KIND = "nonconformity"
WORDS = frozenset(
    ("title", "description", "place", "process", "site", "requirement", "evidence", "suspicion", "detected_by", "correction",
     "extent", "criterion", "cause", "note", "origin", "clauses")
)  # fmt: skip
"""What a confidential record keeps from the journal."""


def may_work(user: Any, record: Nonconformity, held: frozenset[Perm] | None = None) -> bool:
    """Who manages nonconformities, and the owner."""
    held = access.perms_in(user, record.project) if held is None else held
    if Perm.MANAGE_NONCONFORMITIES in held:
        return True
    return Perm.WORK_ON_NONCONFORMITIES in held and record.owner_id == user.pk


def said(record: Nonconformity, changes: dict[str, Any], was_confidential: bool = False) -> dict[str, Any]:
    """What the journal tells of a change: of a confidential record which words changed, and not the words.

    Pages leave entries about it out for who may not see it (projects.discretion); the words themselves stand in the
    record's own history, so that the chain, which nobody can change, never says them.
    """
    if not (record.is_confidential or was_confidential):
        return changes
    return {name: _("confidential") if name in WORDS else value for name, value in changes.items()}


def fresh(record: Nonconformity, by: Any) -> Nonconformity:
    found = Nonconformity.objects.select_related("project__organization", "owner").get(pk=record.pk)
    if not may_work(by, found):
        raise NotPermitted(_("%(record)s is not yours to work on.") % {"record": found.label})
    return found


def unjudged(record: Nonconformity) -> Round:
    """The newest round, which can still be worked on. Raises RuleBroken when it was judged or all is closed."""
    if not record.is_open:
        raise RuleBroken(_("%(record)s is closed: reopen it first.") % {"record": record.label}, CLAUSE)
    if record.round.verdict:
        raise RuleBroken(_("This round was judged: what was judged stays as it was."), CLAUSE)
    return record.round


def begin_round(record: Nonconformity, log: journal.Log) -> Round:
    last = record.rounds.aggregate(last=Max("number"))["last"] or 0
    begun = Round(
        organization_id=record.organization_id, project=record.project, nonconformity=record, number=last + 1,
        begun_at=log.at,
    )  # fmt: skip
    log.mark(begun).save()
    record._round = begun
    return begun


def same(now: int, seen: int, current: Any, label: str) -> None:
    if now != seen:
        says = _("%(record)s was changed by somebody else while you were typing. Your text is kept below.")
        raise StaleRecord(says % {"record": label}, current)
