"""What an outsider needs to recompute the signatures under one approval, without this installation (docs/signatures.md).

The export carries the frozen content, every signature as its hash covers it, the journal's entry that names it, the sealed
end of the chain, and a seal of the installation over all of it: the public key alone tells whether a letter was moved.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from core import canonical, sealing
from projects import journal
from projects.models import JournalEntry, JournalHead

from .models import Approval, Signature
from .services import record
from .verifying import KIND, SIGNED

EXPORT = "ims2-signatures"


def entries_of(signatures: list[Signature]) -> dict[int, JournalEntry]:
    """The journal's entry of each signature, by the signature's id. One query."""
    if not signatures:
        return {}
    found: dict[int, JournalEntry] = {}
    rows = JournalEntry.objects.filter(
        organization=signatures[0].organization_id, target_kind=KIND, action=SIGNED,
        target_id__in=[one.pk for one in signatures],
    )  # fmt: skip
    hashes = {one.pk: one.record_hash for one in signatures}
    for entry in rows.order_by("seq"):
        if entry.changes.get("signature") == hashes[entry.target_id]:
            found.setdefault(entry.target_id, entry)
    return found


def sealed_text(body: dict[str, Any]) -> str:
    """The text under the seal of an export."""
    return f"{EXPORT}:{canonical.digest(body)}"


def export(approval: Approval) -> dict[str, Any]:
    """Everything about the signatures of one approval, ready for JSON. Three queries."""
    signatures = list(approval.signatures.order_by("signed_at", "pk"))
    entries = entries_of(signatures)
    head = JournalHead.objects.filter(pk=approval.organization_id).first()
    content = approval.content
    body = {
        "kind": EXPORT,
        "version": 1,
        "exported_at": timezone.now(),
        "organization": {"id": approval.organization_id, "name": approval.project.organization.name},
        "project": {"id": approval.project_id, "name": approval.project.name},
        "approval": {
            "id": approval.pk,
            "number": approval.label,
            "title": approval.title,
            "meaning": approval.meaning,
            "status": str(approval.status),
            "edition": approval.edition,
            "is_in_force": approval.is_in_force,
        },
        "content": {
            "subject_kind": content.subject_kind,
            "subject_id": content.subject_id,
            "frozen_at": content.frozen_at,
            "snapshot": content.snapshot,
            "document": content.document,
            "digest": content.digest,
        },
        "signatures": [
            {"id": one.pk, "record": record.plain(one), "record_hash": one.record_hash} for one in signatures
        ],
        "journal": {
            "entries": [{**journal.content(entry), "hash": entry.hash} for _pk, entry in sorted(entries.items())],
            "head": {"seq": head.seq, "hash": head.hash, "seal": head.seal, "key_id": head.key_id} if head else None,
        },
        "public_key": sealing.public_key_pem(),
        "key_id": sealing.key_id(),
    }
    plain = canonical.plain(body)
    return {**plain, "seal": sealing.seal(sealed_text(plain))}
