"""What digests and signatures are computed over: the documented canonical form (docs/signatures.md)."""

from __future__ import annotations

import hashlib
from typing import Any

from approvals.models import Content, Signature
from core import canonical


def content_digest(snapshot: str, document: str) -> str:
    """SHA-256 over both halves of a frozen content: the canonical JSON text and the document people read."""
    return canonical.digest(
        {
            "document": hashlib.sha256(document.encode()).hexdigest(),
            "snapshot": hashlib.sha256(snapshot.encode()).hexdigest(),
        }
    )


def holds(content: Content) -> bool:
    return content_digest(content.snapshot, content.document) == content.digest


def plain(signature: Signature) -> dict[str, Any]:
    """A signature as its hash covers it, named as in the export."""
    return {
        "organization": signature.organization_id,
        "project": signature.project_id,
        "approval": signature.approval_id,
        "approver": signature.approver_id,
        "signer": signature.signer_id,
        "signer_name": signature.signer_name,
        "signer_role": signature.signer_role,
        "on_behalf_of": signature.on_behalf_of,
        "meaning": signature.meaning,
        "decision": str(signature.decision),
        "comment": signature.comment,
        "signed_at": signature.signed_at,
        "digest": signature.digest,
        "method": signature.method,
        "address": signature.address or "",
    }


def signature_hash(signature: Signature) -> str:
    return canonical.digest(plain(signature))
