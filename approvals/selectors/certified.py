"""Whether a file is an approved document of this installation."""

from __future__ import annotations

from approvals.models import CertifiedPdf


def of(sha256: str) -> CertifiedPdf | None:
    """The approved document with exactly these bytes, or None. One query."""
    return (
        CertifiedPdf.objects.filter(sha256=sha256).select_related("approval__project", "approval__organization").first()
    )
