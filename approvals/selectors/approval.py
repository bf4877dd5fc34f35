"""Approvals as pages read them: the list, one with everything around it, and how a record stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Prefetch, Q, QuerySet

from approvals import differences, subjects
from approvals.differences import Differences
from approvals.models import Approval, ApprovalStatus, Approver, Content, Decision, Signature, Step
from core import canonical, together
from projects.models import Project
from projects.permissions import Perm, Role

from . import delegation


def of(project: Project) -> QuerySet[Approval]:
    """The approvals of a project, with what a row shows."""
    return Approval.objects.filter(project=project).select_related("created_by")


def narrowed(rows: QuerySet[Approval], *, status: str = "", kind: str = "", text: str = "") -> QuerySet[Approval]:
    """What the filters of the list leave over."""
    if status:
        rows = rows.filter(status=status)
    if kind:
        rows = rows.filter(subject_kind=kind)
    if text:
        number = Approval.number_of(text)
        rows = rows.filter(
            Q(title__icontains=text) | Q(note__icontains=text) | Q(number=number if number is not None else -1)
        )
    return rows


ORDERS = {
    "": ("-number",), "number": ("number",), "-number": ("-number",), "title": ("title", "-number"),
    "-title": ("-title", "-number"), "due": ("due_on", "-number"), "-due": ("-due_on", "-number"),
    "status": ("status", "-number"), "-status": ("-status", "-number"),
}  # fmt: skip


def waiting_for(rows: Sequence[Approval]) -> dict[int, list[str]]:
    """Whose decision each of these awaits, by its id. One query."""
    found: dict[int, list[str]] = {}
    waiting = Approver.objects.filter(step__approval__in=[row.pk for row in rows], awaited_since__isnull=False)
    for approval, name in waiting.order_by("pk").values_list("step__approval_id", "name"):
        found.setdefault(approval, []).append(name)
    return found


def one(project: Project, number: str) -> Approval | None:
    """An approval by the number people say aloud, with its content and the people around it. Four queries."""
    wanted = Approval.number_of(number)
    if wanted is None:
        return None
    approvers = Approver.objects.select_related("signature", "person")
    steps = Step.objects.prefetch_related(Prefetch("approvers", approvers))
    found = (
        Approval.objects.filter(project=project, number=wanted)
        .select_related("content", "created_by")
        .prefetch_related(Prefetch("steps", steps))
        .first()
    )
    if found is not None:
        found.project = project  # with its organization, which the page has loaded
    return found


# ---- who decides -------------------------------------------------------------------------------------------------


class Decider(NamedTuple):
    """One approver as a line of the page; `state` is signed, rejected, turn, later or spared."""

    name: str
    role: str
    state: str
    is_me: bool
    signature: Signature | None
    deputy: str = ""


class Stage(NamedTuple):
    """A step as a heading and its lines; `needed` of them have to approve."""

    label: str
    needed: int
    needs_all: bool
    deciders: list[Decider]


def stages(approval: Approval, user: Any) -> list[Stage]:
    """The way of a request, step by step. One query, for deputies."""
    everybody = [approver for step in approval.steps.all() for approver in step.approvers.all()]
    deputies: dict[int, str] = {}
    if approval.is_open:
        for held in delegation.deputies_of([one.person_id for one in everybody], approval.project):
            deputies[held.person_id] = str(held.delegate)
    found = []
    for step in approval.steps.all():
        lines = [
            Decider(
                approver.name, str(Role(approver.role).label), _state(approver, approval), approver.person_id == user.pk,
                getattr(approver, "signature", None), deputies.get(approver.person_id, ""),
            )
            for approver in step.approvers.all()
        ]  # fmt: skip
        found.append(Stage(step.label, step.needed, step.needed == len(lines), lines))
    return found


def _state(approver: Approver, approval: Approval) -> str:
    if signature := getattr(approver, "signature", None):
        return "rejected" if signature.decision == Decision.REJECTED else "signed"
    if approver.awaited_since is not None:
        return "turn"
    return "later" if approval.is_open else "spared"


class Seat(NamedTuple):
    """For whom this person may decide now: themselves (`behalf` is "") or somebody they stand in for."""

    approver: Approver
    behalf: str

    @property
    def role(self) -> str:
        return str(Role(self.approver.role).label)


def seat_of(approval: Approval, user: Any) -> Seat | None:
    """The seat this person can decide in at this moment, or None. At most one query; the service asks everything again."""
    everybody = [approver for step in approval.steps.all() for approver in step.approvers.all()]
    signed = {one.signature.signer_id for one in everybody if hasattr(one, "signature")}
    waiting = [one for one in everybody if one.awaited_since is not None and not hasattr(one, "signature")]
    if not approval.is_open or not waiting or user.pk in signed:
        return None
    if user.pk == approval.created_by_id and approval.subject_kind not in subjects.signed_by_author():
        return None
    own = next((one for one in waiting if one.person_id == user.pk), None)
    if own is not None:
        return Seat(own, "")
    behalf = delegation.held_by(user, approval.project)
    return next((Seat(one, behalf[one.person_id]) for one in waiting if one.person_id in behalf), None)


# ---- what changed ------------------------------------------------------------------------------------------------


def edition_before(approval: Approval) -> Approval | None:
    """The approved edition that stood, or stands, before this request."""
    same = Approval.objects.filter(
        subject_kind=approval.subject_kind, subject_id=approval.subject_id, edition__isnull=False
    ).exclude(pk=approval.pk)
    if approval.edition is not None:
        same = same.filter(edition__lt=approval.edition)
    elif not approval.is_open:
        same = same.filter(number__lt=approval.number)
    return same.select_related("content").order_by("-edition").first()


def changes_since(approval: Approval, before: Approval | None) -> Differences | None:
    """What this request changes in the edition before; None for a first edition."""
    if before is None:
        return None
    return differences.between(before.content.snapshot, approval.content.snapshot, labels_of(approval.subject_kind))


def labels_of(kind: str) -> dict[str, Any]:
    try:
        return subjects.of(kind).labels
    except KeyError:
        return {}


def kind_label(kind: str) -> str:
    """What is decided on, in a word; the kind itself where its app is gone."""
    try:
        return str(subjects.of(kind).label)
    except KeyError:
        return kind


def subject_url(approval: Approval, perms: frozenset[Perm]) -> str:
    """Where the record itself lies, or "" when it is gone or not for who holds `perms`."""
    try:
        subject = subjects.of(approval.subject_kind)
    except KeyError:
        return ""
    if subject.opened_by not in perms:
        return ""
    record = subject.load(approval.project, approval.subject_id)
    return subject.url(record) if record is not None else ""


# ---- how a record stands -----------------------------------------------------------------------------------------


@dataclass
class Standing:
    """How a record stands: what is in force, what is asked, what was refused last, where the working copy differs.

    `ahead` is an edition that is approved exactly as the record stands and whose day has not come yet.
    """

    in_force: Approval | None = None
    asked: Approval | None = None
    last: Approval | None = None
    ahead: Approval | None = None
    differences: Differences = field(default_factory=Differences)
    waiting: list[str] = field(default_factory=list)

    @cached_property
    def reservations(self) -> list[Signature]:
        """The signatures under what is approved that were given with reservations. One query, when a page shows them."""
        approved = self.in_force or self.ahead
        if approved is None:
            return []
        return list(approved.signatures.filter(decision=Decision.RESERVED).order_by("signed_at", "pk"))

    @property
    def differs(self) -> int:
        """In how many places the working copy differs from the edition in force."""
        return self.differences.places

    @property
    def is_approved(self) -> bool:
        """An edition is in force and the working copy is exactly that."""
        return self.in_force is not None and not self.differs

    @property
    def is_stale(self) -> bool:
        return self.in_force is not None and self.differs > 0 and self.ahead is None

    @property
    def refused(self) -> Approval | None:
        """The request before, where it ended without an approval and nothing newer stands."""
        last = self.last
        return last if last is not None and last.status in _REFUSED and self.asked is None else None


_REFUSED = (ApprovalStatus.REJECTED, ApprovalStatus.VOID, ApprovalStatus.WITHDRAWN)


MOST = 50


class Requests(NamedTuple):
    """What was asked about one record, the newest first, at most MOST; None where nobody has loaded it yet."""

    rows: list[Approval]
    waiting: dict[int, list[str]] | None = None


def load_together(project: Project, kinds: Iterable[str]) -> None:
    """Loads what was asked about all records of some kinds in a project, for the standings that are asked for next.

    Three queries at most, instead of three for each record. See core.together.
    """
    rows: dict[tuple[str, int], list[Approval]] = {}
    asked = Approval.objects.filter(project=project, subject_kind__in=kinds)
    for row in asked.order_by("-number"):
        row.project = project
        some = rows.setdefault((row.subject_kind, row.subject_id), [])
        if len(some) < MOST or row.is_in_force:
            some.append(row)
    every = [row for some in rows.values() for row in some]
    editions = [row for row in every if row.edition is not None]
    read = [one for one in editions if one.is_in_force] + [
        newest for some in rows.values() if (newest := next((one for one in some if one.edition is not None), None))
    ]
    contents = Content.objects.defer("document").in_bulk({row.content_id for row in read})
    for row in read:
        row.content = contents[row.content_id]
    waiting = waiting_for(is_open) if (is_open := [row for row in every if row.is_open]) else {}
    together.keep((load_together, project.pk), {key: Requests(some, waiting) for key, some in rows.items()})
    together.keep((load_together, project.pk, "kinds"), frozenset(kinds))


def _requests(kind: str, record: Any) -> Requests:
    """One query, or none where `load_together` was here before."""
    if kind in (together.kept((load_together, record.project.pk, "kinds")) or ()):
        return together.kept((load_together, record.project.pk)).get((kind, record.pk), Requests([], {}))
    rows = Approval.objects.filter(subject_kind=kind, subject_id=record.pk).select_related("project__organization")
    return Requests(list(rows.order_by("-number")[:MOST]))


@together.once
def standing_of(kind: str, record: Any) -> Standing:
    """How a record stands towards its approvals. Three queries at most, and what its snapshot takes."""
    rows, waiting = _requests(kind, record)
    found = Standing(last=rows[0] if rows else None)
    found.asked = next((row for row in rows if row.is_open), None)
    found.in_force = next((row for row in rows if row.is_in_force), None) or _in_force(kind, record, rows)
    if found.asked is not None:
        found.waiting = (waiting_for([found.asked]) if waiting is None else waiting).get(found.asked.pk, [])
    subject = subjects.of(kind)
    now = canonical.text(subject.snapshot(record)) if rows else ""
    newest = next((row for row in rows if row.edition is not None), None)
    if newest is not None and not newest.is_in_force and subject.waits(record) and newest.content.snapshot == now:
        found.ahead = newest
    if found.in_force is not None and now != found.in_force.content.snapshot:
        found.differences = differences.between(found.in_force.content.snapshot, now, subject.labels)
    return found


def _in_force(kind: str, record: Any, rows: list[Approval]) -> Approval | None:
    """The edition in force of a record with very many requests since."""
    if len(rows) < MOST:
        return None
    return Approval.objects.filter(subject_kind=kind, subject_id=record.pk, is_in_force=True).first()


def edition_in_force(kind: str, record: Any) -> Approval | None:
    """The edition in force of a record, with what was signed. One query, or none after `load_together`."""
    rows = Approval.objects.filter(subject_kind=kind, subject_id=record.pk, is_in_force=True).select_related("content")
    if together.kept((load_together, record.project.pk)) is None:
        return rows.first()
    return next((row for row in _requests(kind, record).rows if row.is_in_force), None)


def approved_edition(kind: str, pk: int) -> Approval | None:
    """The edition in force of a record, whatever its working copy says; for gates and documents. One query."""
    return Approval.objects.filter(subject_kind=kind, subject_id=pk, is_in_force=True).select_related("project").first()


def is_overdue(approval: Approval, today: dt.date) -> bool:
    return approval.is_open and approval.due_on is not None and approval.due_on < today
