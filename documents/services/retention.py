"""How long documents are kept, and what becomes of them then: due, decided, destroyed with proof. Clauses 7.5.3.1 and 7.5.3.2.

The time of a record runs from the day it was registered, that of every other document from its withdrawal. Destroying
takes the uploaded files out of the storage at once (or within the hour, should the machine fail in between); their names
and SHA-256 stay. What was written here is part of the signed history and is never destroyed.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import dates, files
from core.rules import RuleBroken, StaleRecord
from documents.flows import RevisionStatus
from documents.models import Disposition, Document, Outcome, Revision
from projects import access, journal, sweeps
from projects.flow import NotPermitted
from projects.permissions import Perm
from projects.selectors.evidence import citing

CLAUSE, CITED = "7.5.3", "documents.revision"


def due_of(document: Document) -> dt.date | None:
    """The day a document's time is over as things stand; None while it does not run or is over for good."""
    if document.disposed_at is not None or not document.retention_years:
        return None
    begins = document.withdrawn_at.date() if document.withdrawn_at else None
    if begins is None and not document.needs_approval:
        begins = (
            document.revisions.filter(status=RevisionStatus.EFFECTIVE).values_list("effective_on", flat=True).first()
        )
    if begins is None:
        return None
    due = dates.plus_months(begins, 12 * document.retention_years)
    longer = document.dispositions.filter(outcome=Outcome.EXTENDED).values_list("keep_until", flat=True).first()
    return max(due, longer) if longer else due


def reckon(document: Document) -> None:
    """Keeps `dispose_on` true; inside every change that moves it, before the document is saved."""
    document.dispose_on = due_of(document)


def decide(
    *,
    document: Document,
    by: Any,
    version: int,
    outcome: str,
    reason: str,
    place: str = "",
    keep_until: dt.date | None = None,
) -> Disposition:
    """Decides what becomes of a document that a person saw as `version`. Raises StaleRecord, RuleBroken, NotPermitted."""
    with journal.change(document.project, by=by, reason=reason) as log:
        fresh = Document.objects.select_related("project__organization").get(pk=document.pk)
        if not access.can(by, Perm.MANAGE_DOCUMENTS, fresh.project):
            raise NotPermitted(_("You may not decide what becomes of documents of this project."))
        if fresh.version != version:
            raise StaleRecord(_("The document was changed by somebody else in the meantime. Look at it again."), fresh)
        today = dates.today(fresh.project.organization.time_zone)
        _check(fresh, today, outcome, log.reason, place.strip(), keep_until)
        proof = _files(fresh) if outcome == Outcome.DESTROYED else []
        found = Disposition.objects.create(
            organization_id=fresh.organization_id, project=fresh.project, document=fresh, outcome=outcome,
            reason=log.reason[:500], place=place.strip(), keep_until=keep_until, due_on=fresh.dispose_on, proof=proof,
            decided_by=by, decided_name=str(by)[:120], decided_at=log.at,
        )  # fmt: skip
        if outcome == Outcome.EXTENDED:
            fresh.dispose_on = keep_until
        else:
            _end(fresh, outcome, log)
        fresh.version += 1
        log.mark(fresh).save()
        log(
            fresh, f"document.{outcome}",
            {"files": proof, "place": found.place, "keep_until": keep_until, "due_on": found.due_on},
        )  # fmt: skip
        if proof:
            transaction.on_commit(lambda: erase(found))
    return found


def _check(
    document: Document, today: dt.date, outcome: str, reason: str, place: str, keep_until: dt.date | None
) -> None:
    if outcome not in Outcome.values:
        raise RuleBroken(_("Choose what becomes of the document."))
    if not reason:
        raise RuleBroken(_("Say why: the decision is proved by it later."), CLAUSE)
    if document.disposed_at is not None:
        raise RuleBroken(_("It was decided already what becomes of %(document)s.") % {"document": document.code})
    if document.dispose_on is None:
        raise RuleBroken(
            _(
                "The time of %(document)s does not run: it needs a retention time, and a record in effect or a withdrawal."
            )
            % {"document": document.code}
        )
    if outcome == Outcome.EXTENDED:
        if keep_until is None or keep_until <= max(today, document.dispose_on):
            raise RuleBroken(_("Say until when it is kept: a day after the one it has now."))
        return
    if document.dispose_on > today:
        raise RuleBroken(
            _("%(document)s has to be kept until %(day)s.") % {"document": document.code, "day": f"{document.dispose_on:%Y-%m-%d}"},
            CLAUSE,
        )  # fmt: skip
    if outcome == Outcome.DESTROYED and citing(CITED, document.revisions.values_list("pk", flat=True)).exists():
        raise RuleBroken(
            _("%(document)s is cited as evidence of other records: hand it over, or keep it.")
            % {"document": document.code}
        )
    if outcome == Outcome.ARCHIVED and not place:
        raise RuleBroken(_("Say where it is kept now, so that somebody finds it."))
    if outcome == Outcome.DESTROYED and document.revisions.filter(source="authored").exclude(body="").exists():
        raise RuleBroken(
            _("What was written here is part of the signed history and cannot be destroyed: hand it over, or keep it.")
        )


def _files(document: Document) -> list[dict[str, Any]]:
    rows = document.revisions.exclude(sha256="").order_by("number")
    return [
        {"revision": row.number, "file": row.file_name, "sha256": row.sha256, "size_bytes": row.size_bytes}
        for row in rows
    ]


def _end(document: Document, outcome: str, log: journal.Log) -> None:
    """The document's life is over: nothing of it is in effect, nobody is asked about it."""
    for revision in document.revisions.filter(status__in=("draft", "approved", "effective")):
        revision.status, revision.ended_at = RevisionStatus.WITHDRAWN, log.at
        revision.version += 1
        log.mark(revision).save()
    if document.withdrawn_at is None:
        document.withdrawn_at, document.withdrawn_because = log.at, log.reason[:500]
    document.disposed_at, document.disposed_as, document.dispose_on = log.at, outcome, None
    document.readings.all().delete()


def erase(disposition: Disposition) -> int:
    """Takes the destroyed files out of the storage, but for those that another record names. Twice does no harm."""
    erased = 0
    for one in disposition.proof:
        if not sweeps.is_named(disposition.organization_id, one["sha256"]):
            erased += files.discard(organization_id=disposition.organization_id, sha256=one["sha256"])
    return erased


def erase_left(since: dt.datetime) -> int:
    """The same for decisions whose erasing a crash may have cut short. For the schedule."""
    rows = Disposition.objects.filter(outcome=Outcome.DESTROYED, decided_at__gte=since)
    return sum(erase(one) for one in rows.iterator(200))


def is_destroyed(revision: Revision) -> bool:
    return bool(revision.sha256) and revision.document.disposed_as == Outcome.DESTROYED
