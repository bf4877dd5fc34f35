"""Writing down which bytes are the signed document of which approval."""

from __future__ import annotations

import datetime as dt
from typing import Any

from approvals.models import Approval, CertifiedPdf
from projects import journal

FOLDER = "approved"


def keep(
    *, approval: Approval, sha256: str, size_bytes: int, pages: int, is_sealed: bool, made_at: dt.datetime, by: Any
) -> CertifiedPdf:
    """Notes a signed document whose bytes are stored already; noted twice it is one."""
    with journal.change(approval.project, by=by, job="signed document") as log:
        known = CertifiedPdf.objects.filter(sha256=sha256).first()
        if known is not None:
            return known
        made = CertifiedPdf.objects.create(
            organization_id=approval.organization_id, project=approval.project, approval=approval, sha256=sha256,
            size_bytes=size_bytes, pages=pages, is_sealed=is_sealed, made_at=made_at,
        )  # fmt: skip
        log(approval, "approval.certified", {"sha256": sha256, "pages": pages})
    return made
