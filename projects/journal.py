"""How every change is written: in one transaction with its journal entry.

    with journal.change(project, by=user, reason="...") as log:
        task.save()
        log(task, "task.completed", {"status": ["open", "done"]})

`change` opens the transaction and locks the end of the organization's chain first. That one lock is what puts the writers
of an organization in a row: counters, numbers and the chain are right on SQLite and on PostgreSQL alike, and no two
writers can lock each other out. Keep the block short: no mail, no PDF, no network inside.

The chain: each entry's hash covers its canonical form (core.canonical) and the hash before it; the head row carries the
last number, the last hash and the seal of the installation's key over both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.functional import Promise

from accounts.models import Organization
from core import canonical, sealing

from .events import entries_written
from .models import JournalEntry, JournalHead, Project
from .models.journal import ActorKind

GENESIS = "0" * 64


@dataclass
class Log:
    """Collects the entries of one change; calling it adds one."""

    organization: Organization
    project: Project | None
    by: Any
    kind: str
    actor_name: str
    reason: str
    at: dt.datetime
    head: JournalHead
    entries: list[JournalEntry] = field(default_factory=list)

    def __call__(
        self,
        target: models.Model | None,
        action: str,
        changes: dict[str, Any] | None = None,
        *,
        reason: str | None = None,
        label: str = "",
    ) -> JournalEntry:
        """Adds one entry: `action` such as "task.completed", `changes` as {field: [from, to]} or facts."""
        project = self.project if self.project is not None else getattr(target, "project", None)
        entry = JournalEntry(
            organization=self.organization,
            project=project,
            at=self.at,
            actor=self.by,
            actor_name=self.actor_name,
            actor_kind=self.kind,
            action=action,
            target_kind=target._meta.label_lower if target is not None else "",
            target_id=target.pk if target is not None else None,
            target_label=(label or str(target or ""))[:250],
            changes=canonical.plain(_words(changes or {})),
            reason=self.reason if reason is None else reason,
        )
        self.entries.append(entry)
        return entry

    def mark(self, record: models.Model) -> models.Model:
        """Puts the author and the reason on a record with history, just before it is saved."""
        record._history_user = self.by
        record._change_reason = self.reason
        return record


_open: ContextVar[dict[tuple[str, int], Log] | None] = ContextVar("open_changes", default=None)


@contextmanager
def change(
    scope: Organization | Project, *, by: Any, reason: str = "", kind: str = ActorKind.PERSON, job: str = ""
) -> Iterator[Log]:
    """One change by a person (`by`) or by scheduled work (`by=None`, `job` names it). A change within one joins it."""
    project = scope if isinstance(scope, Project) else None
    organization_id = scope.organization_id if project is not None else scope.pk
    key = (connection.alias, organization_id)
    running = _open.get() or {}
    if outer := running.get(key):
        inner = Log(
            outer.organization, project or outer.project, outer.by, outer.kind, outer.actor_name,
            reason.strip() or outer.reason, outer.at, outer.head, outer.entries,
        )  # fmt: skip
        with transaction.atomic(savepoint=False):
            yield inner
        return
    with transaction.atomic():
        head = lock(organization_id)
        log = Log(
            organization=project.organization if project is not None else scope,
            project=project,
            by=by,
            kind=kind if by is not None else ActorKind.JOB,
            actor_name=(str(by) if by is not None else job or "scheduled work")[:120],
            reason=reason.strip(),
            at=timezone.now(),
            head=head,
        )
        token = _open.set({**running, key: log})
        try:
            yield log
        finally:
            _open.reset(token)
        append(head, log.entries)


def lock(organization_id: int) -> JournalHead:
    """Locks the end of an organization's chain until the transaction ends."""
    heads = JournalHead.objects.select_for_update()
    head = heads.filter(pk=organization_id).first()
    if head is None:
        JournalHead.objects.bulk_create([JournalHead(organization_id=organization_id)], ignore_conflicts=True)
        head = heads.get(pk=organization_id)
    return head


def content(entry: JournalEntry) -> dict[str, Any]:
    """What an entry's hash covers, named as in the export."""
    return {
        "organization": entry.organization_id,
        "project": entry.project_id,
        "seq": entry.seq,
        "at": entry.at,
        "actor": entry.actor_id,
        "actor_name": entry.actor_name,
        "actor_kind": str(entry.actor_kind),
        "action": entry.action,
        "target_kind": entry.target_kind,
        "target_id": entry.target_id,
        "target_label": entry.target_label,
        "changes": entry.changes,
        "reason": entry.reason,
        "previous_hash": entry.previous_hash,
    }


def sealed_text(organization_id: int, seq: int, last_hash: str) -> str:
    """The text under the head's seal."""
    return f"ims2-journal:{organization_id}:{seq}:{last_hash}"


def append(head: JournalHead, entries: list[JournalEntry]) -> None:
    """Chains the entries to a locked head and seals it; no more than two statements."""
    if not entries:
        return
    for entry in entries:
        head.seq += 1
        entry.seq, entry.previous_hash = head.seq, head.hash
        entry.hash = head.hash = canonical.digest(content(entry))
    JournalEntry.objects.bulk_create(entries)
    JournalHead.objects.filter(pk=head.pk).update(
        seq=head.seq,
        hash=head.hash,
        seal=sealing.seal(sealed_text(head.pk, head.seq, head.hash)),
        key_id=sealing.key_id(),
    )
    transaction.on_commit(lambda: entries_written.send(JournalEntry, entries=entries))


def _words(value: Any) -> Any:
    """Records and lazy texts as the words a reader sees."""
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, dict):
        return {str(k): _words(v) for k, v in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(str(_words(v)) for v in value)
    if isinstance(value, list | tuple):
        return [_words(v) for v in value]
    return value


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """{field: [from, to]} of what differs between two sets of values."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
