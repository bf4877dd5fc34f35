"""A document as something that can be decided on (approvals/subjects.py): its revision on its way is put to the decision."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from approvals.subjects import Obstacle, Subject
from projects.permissions import Perm

from .flows import RevisionStatus
from .models import Document, Revision
from .selectors import document as selectors
from .selectors import reading
from .services import revision as services
from .services.document import may_write

KIND = "document"
obstacles_also: list[Any] = []
"""What other parts want before a decision, such as unfilled placeholders: each takes (document, revision), gives Obstacles."""
notes_also: list[Any] = []
"""What other parts want said before a decision, without forbidding it: each takes (document, revision), gives sentences."""


def obstacles(document: Document) -> list[Obstacle]:
    """What has to be there before anybody can approve it, each with the place where it is mended."""
    revision = selectors.current(document)
    if not document.needs_approval:
        return [
            Obstacle(_("Records and external documents are registered, not approved."), document.get_absolute_url())
        ]
    if revision is None or revision.status not in (RevisionStatus.DRAFT, RevisionStatus.IN_REVIEW):
        return [Obstacle(_("There is no draft: start a new revision first."), document.get_absolute_url())]
    found = []
    if not revision.has_content:
        found.append(
            Obstacle(_("The draft is empty: write it, choose a file or give a link."), revision.get_absolute_url())
        )
    if revision.number > 1 and not revision.change_summary:
        found.append(Obstacle(_("Say in a line what this revision changes."), revision.get_absolute_url()))
    for more in obstacles_also:
        found += more(document, revision)
    return found


def notes(document: Document) -> list[str]:
    """What a person should know who asks for the decision."""
    revision = selectors.current(document)
    if revision is None:
        return []
    return [*(note for more in notes_also for note in more(document, revision)), *_readers(revision)]


def _readers(revision: Revision) -> list[str]:
    """What taking effect would mean for those who read the document before."""
    if revision.number == 1:
        return []
    if not revision.is_material:
        return [_("An editorial change: whoever confirmed the revision before does not confirm again.")]
    lapse = reading.would_lapse(revision)
    if not lapse:
        return []
    return [
        ngettext(
            "A material change: %(n)s acknowledgement lapses when it takes effect, and that person is asked again.",
            "A material change: %(n)s acknowledgements lapse when it takes effect, and those people are asked again.",
            lapse,
        )
        % {"n": lapse}
    ]


def asked(document: Document, approval: Any, log: Any) -> None:
    revision = selectors.current(document)
    revision.project = document.project
    services.move(revision, RevisionStatus.IN_REVIEW, log)


def approved(document: Document, approval: Any, log: Any) -> None:
    """The revision is approved; without a later day it takes effect in the same transaction."""
    revision = selectors.current(document)
    revision.project = document.project
    revision.approved_at = log.at
    services.move(revision, RevisionStatus.APPROVED, log)
    services.take_effect_if_due(revision, log)


def ended(document: Document, approval: Any, log: Any) -> None:
    """Refused, withdrawn or void: back to draft, with the reason on top."""
    revision = selectors.current(document)
    if revision is None or revision.status != RevisionStatus.IN_REVIEW:
        return
    revision.project = document.project
    revision.returned_because = approval.ended_because
    services.move(revision, RevisionStatus.DRAFT, log)


SUBJECT = Subject(
    KIND,
    gettext_lazy("Document"),
    load=selectors.load,
    title=lambda document: str(document),
    snapshot=selectors.snapshot,
    document=selectors.paper,
    authors=selectors.authors,
    meaning=selectors.meaning,
    url=lambda document: document.get_absolute_url(),
    request_perm=Perm.WRITE_OWN_DOCUMENTS,
    opened_by=Perm.VIEW_DOCUMENTS,
    approver_perm=Perm.APPROVE_DOCUMENTS,
    decided_by=selectors.decided_by,
    may_ask=lambda document, by: may_write(by, document),
    waits=selectors.waits,
    obstacles=obstacles,
    notes=notes,
    asked=asked,
    approved=approved,
    ended=ended,
    labels=selectors.LABELS,
)
