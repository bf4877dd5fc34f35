"""The PDF of a revision: asked for by who may read it, noted when it is made."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken
from documents.models import Revision, RevisionPdf, Source
from documents.selectors import revision as selectors
from jobs import ledger
from jobs.models import Job

from .revision import _read


def ask(*, revision: Revision, by: Any) -> Job:
    """Has the PDF made by a worker: the job that is under way already, or a new one. Raises RuleBroken."""
    if revision.source != Source.AUTHORED:
        raise RuleBroken(_("Only a text that is written here is printed. Download the file, or follow the link."))
    key = selectors.printed_key(revision)
    return ledger.ask(
        kind=selectors.JOB, key=selectors.job_key(revision, key, by), by=by, project=revision.project,
        subject=f"{revision.document.code} {revision.document.title} r{revision.number}",
        parameters={"revision": revision.pk},
    )  # fmt: skip


def keep(
    *, revision: Revision, key: str, sha256: str, size_bytes: int, pages: int, made_at: dt.datetime
) -> RevisionPdf:
    """Notes which bytes are the PDF of a revision; they are stored already. The one before is swept.

    Derived from the record and made again at any time, so it has no line in the journal. One that says what is so now is
    not replaced by one that was begun earlier and took longer.
    """
    known = RevisionPdf.objects.filter(revision=revision).first()
    if known is not None and known.key != key and known.key == selectors.printed_key(_read(revision)):
        return known
    made, _is_new = RevisionPdf.objects.update_or_create(
        revision=revision,
        defaults={
            "organization_id": revision.organization_id, "project_id": revision.project_id, "key": key, "sha256": sha256,
            "size_bytes": size_bytes, "pages": pages, "made_at": made_at,
        },
    )  # fmt: skip
    return made
