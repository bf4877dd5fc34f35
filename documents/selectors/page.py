"""A document's own page: its revisions, who approved them, what it serves, who reads it, and the obvious next step."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from approvals.models import Signature
from approvals.selectors.panel import Panel
from core import nav
from core.templatetags.ui import short_date
from documents.flows import ON_ITS_WAY, RevisionStatus
from documents.models import Document, Reading, Revision
from documents.selectors.document import served_of
from projects import journal_words
from projects.models import JournalEntry
from projects.permissions import Perm

STORY = 12


@dataclass
class Page:
    """Everything around a document, in a number of queries that does not grow with it."""

    document: Document
    revisions: list[Revision]
    effective: Revision | None = None
    ahead: Revision | None = None
    answers: list[Any] = field(default_factory=list)
    served: list[tuple[str, list[Any]]] = field(default_factory=list)
    children: list[Document] = field(default_factory=list)
    audiences: list[Any] = field(default_factory=list)
    asked: int = 0
    confirmed: int = 0
    overdue: int = 0

    @property
    def percent(self) -> int:
        return 100 * self.confirmed // self.asked if self.asked else 0

    @property
    def newest(self) -> Revision | None:
        return self.ahead or self.effective


def of(document: Document, today: dt.date) -> Page:
    """Loads the page of a document. Seven queries; the text of the newest revision is an eighth where it is asked for."""
    revisions = list(document.revisions.select_related("created_by", "edited_by").defer("body").order_by("-number"))
    page = Page(document, revisions)
    signers = _signers(document)
    for one in revisions:
        one.document, one.project = document, document.project
        one.approved_by = signers.get(one.approved_at, [])
        one.ended_on = one.ended_at.date() if one.ended_at and one.effective_on else None
        if one.status == RevisionStatus.EFFECTIVE:
            page.effective = one
        elif one.status in ON_ITS_WAY:
            page.ahead = one
    document._current = page.newest
    page.answers = [one.group or one.item for one in document.answers.select_related("group", "item").order_by("pk")]
    by_standard: dict[str, list[Any]] = {}
    for one in served_of(document):
        by_standard.setdefault(one.clause.standard.code, []).append(one.clause)
    page.served = list(by_standard.items())
    page.children = list(document.children.order_by("code").only("number", "code", "title", "parent", "withdrawn_at"))
    for child in page.children:
        child.project = document.project
    page.audiences = list(document.distribution.select_related("person"))
    counted = Reading.objects.filter(document=document).aggregate(
        asked=Count("pk"), done=Count("confirmed"),
        overdue=Count("pk", filter=Q(confirmed__isnull=True, due_on__lt=today)),
    )  # fmt: skip
    page.asked, page.confirmed, page.overdue = counted["asked"], counted["done"], counted["overdue"]
    return page


def _signers(document: Document) -> dict[dt.datetime | None, list[str]]:
    """Who approved, by the moment of the approval: that moment stands on the revision too. One query."""
    found: dict[dt.datetime | None, list[str]] = {}
    signatures = Signature.objects.filter(
        approval__subject_kind="document", approval__subject_id=document.pk, approval__edition__isnull=False
    ).order_by("signed_at", "pk")
    for at, name in signatures.values_list("approval__ended_at", "signer_name"):
        found.setdefault(at, []).append(name)
    return found


def story_of(document: Document, perms: frozenset[Perm]) -> list[Any]:
    """The latest lines of the journal about a document, for who may read the journal. One query."""
    if Perm.VIEW_JOURNAL not in perms:
        return []
    entries = JournalEntry.objects.filter(
        project=document.project, target_kind="documents.document", target_id=document.pk
    ).order_by("-seq")
    return journal_words.tell(entries[:STORY], document.project)


# ---- what comes next --------------------------------------------------------------------------------------------


class Step(NamedTuple):
    """What comes next, in a sentence, with the button that does it (`url` empty: nothing for this person to press)."""

    text: str
    label: str = ""
    url: str = ""
    icon: str = ""
    is_post: bool = False
    also_label: str = ""
    also_url: str = ""
    at: int = 0


def life() -> list[str]:
    """The stations of a revision, for the picture above the page."""
    return [_("Draft"), _("In review"), _("Approved"), _("In effect")]


def step_of(page: Page, panel: Panel | None, *, may_write: bool, may_manage: bool, today: dt.date) -> Step | None:
    """The obvious next step of a document for who looks at it; None for one that is withdrawn."""
    document = page.document
    if document.is_withdrawn:
        return None
    if page.ahead is not None:
        return _of_ahead(page.ahead, panel, may_write=may_write, may_manage=may_manage, today=today)
    if page.effective is None:
        text = _("There is no revision yet: this document is only a line in the register.")
        if not may_write:
            return Step(text)
        return Step(text, _("Begin the first revision"), of_document("document-content", document), "pencil")
    start = of_document("document-start", document) if may_write else ""
    content = of_document("document-content", document) if may_write else ""
    if document.next_review_on and document.next_review_on <= today and may_write:
        return Step(
            _("Its review is due: read it again, then say that it is still suitable or start a new revision."),
            _("Reviewed, still suitable"), of_document("document-reviewed", document), "checks",
            also_label=_("Start a new revision") if content else "", also_url=content, at=5,
        )  # fmt: skip
    text = _("Revision %(n)s has been in effect since %(day)s.") % {
        "n": page.effective.number, "day": short_date(page.effective.effective_on, today),
    }  # fmt: skip
    return Step(text, _("Start a new revision") if start else "", content, "file-plus", at=5)


def _of_ahead(
    ahead: Revision, panel: Panel | None, *, may_write: bool, may_manage: bool, today: dt.date
) -> Step:  # fmt: skip
    document = ahead.document
    edit = (of_revision("revision-edit", ahead) or ahead.get_absolute_url()) if may_write else ""
    if ahead.status == RevisionStatus.DRAFT:
        if not ahead.has_content:
            return Step(
                _("Revision %(n)s is a draft without content.") % {"n": ahead.number}, _("Write it") if edit else "",
                edit, "pencil", at=1,
            )  # fmt: skip
        if document.needs_approval:
            ask = panel.ask_url if panel is not None else ""
            return Step(
                _("Revision %(n)s is a draft. When it is ready, ask for approval.") % {"n": ahead.number},
                _("Ask for approval") if ask else "", ask, "send",
                also_label=_("Write on") if edit else "", also_url=edit, at=1,
            )  # fmt: skip
        register = of_revision("revision-register", ahead) if may_write else ""
        return Step(
            _("Revision %(n)s is ready. Nobody has to approve it: put it into effect when it is complete.")
            % {"n": ahead.number},
            _("Put into effect") if register else "", register, "circle-check", is_post=True,
            also_label=_("Write on") if edit else "", also_url=edit, at=1,
        )  # fmt: skip
    if ahead.status == RevisionStatus.IN_REVIEW:
        waiting = panel.waiting if panel is not None else ""
        text = _("Revision %(n)s awaits the decision of %(people)s.") % {"n": ahead.number, "people": waiting or "–"}
        if panel is not None and panel.may_decide:
            return Step(text, _("Read and decide"), panel.approval_url, "signature", at=2)
        return Step(text, at=2)
    text = _("Revision %(n)s is approved and takes effect on %(day)s.") % {
        "n": ahead.number, "day": short_date(ahead.planned_on, today) if ahead.planned_on else "–",
    }  # fmt: skip
    now = of_revision("revision-effect", ahead) if may_manage else ""
    return Step(text, _("Put into effect now") if now else "", now, "circle-check", is_post=True, at=3)


def of_document(name: str, document: Document) -> str:
    """An address of a document, or "" where no part of the program answers it."""
    return nav.address(f"documents:{name}", **document.project.address, number=document.label)


def of_revision(name: str, revision: Revision) -> str:
    """An address of a revision, or "" where no part of the program answers it."""
    return nav.address(
        f"documents:{name}", **revision.project.address, number=revision.document.label, revision=revision.number
    )
