"""Asking for a decision, taking the question back, and voiding it when its subject moved on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals import subjects
from approvals.models import Approval, ApprovalStatus, Approver, Content, Step
from approvals.selectors import delegation
from core import canonical, dates
from core.rules import RuleBroken
from projects import access, journal, telling
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Role, perms_of

from . import record, turn

MOST_STEPS, MOST_APPROVERS = 10, 20
CLAUSE = "7.5.3"


@dataclass(frozen=True)
class Planned:
    """A step as asked for: who decides in it, and how many of them are needed (0: all)."""

    people: Sequence[Any]
    needed: int = 0
    label: str = ""


def ask(
    *,
    kind: str,
    project: Project,
    pk: int,
    steps: Sequence[Planned],
    by: Any,
    due_on: dt.date | None = None,
    is_in_sequence: bool = True,
    note: str = "",
) -> Approval:
    """Freezes the content of a subject and asks the named people to decide. Raises RuleBroken, NotPermitted.

    A subject whose record says who decides (`planned`) asks them, and `steps` does not count.
    """
    subject = subjects.of(kind)
    with journal.change(project, by=by) as log:
        if not access.can(by, subject.request_perm, project):
            raise NotPermitted(_("You may not ask for this decision."))
        found = subject.load(project, pk)
        if found is None:
            raise RuleBroken(_("This record is not part of the project."))
        if not subject.may_ask(found, by):
            raise NotPermitted(_("You may not ask for this decision."))
        if wanting := subject.obstacles(found):
            raise RuleBroken(_("It cannot be decided on yet: %(what)s") % {"what": " ".join(wanting)})
        if Approval.objects.filter(subject_kind=kind, subject_id=pk, status=ApprovalStatus.OPEN).exists():
            raise RuleBroken(_("A decision is awaited already. Withdraw that request first."))
        if subject.planned is not None:
            steps, is_in_sequence = subject.planned(found, by), True
        roles = _check(project, subject, found, steps, by, due_on)
        content = freeze(project, subject, found)
        number = (Approval.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0) + 1
        approval = Approval.objects.create(
            organization_id=project.organization_id, project=project, number=number, content=content,
            subject_kind=kind, subject_id=pk, title=content.title, meaning=subject.meaning(found)[:300], note=note,
            due_on=due_on, is_in_sequence=is_in_sequence, created_by=by,
        )  # fmt: skip
        for position, planned in enumerate(steps, start=1):
            step = Step.objects.create(
                approval=approval, position=position, label=planned.label, needed=planned.needed or len(planned.people)
            )
            Approver.objects.bulk_create(
                Approver(
                    organization_id=project.organization_id, project=project, step=step, person=person,
                    name=str(person)[:120], role=roles[person.pk],
                )
                for person in planned.people
            )  # fmt: skip
        log(
            approval, "approval.requested",
            {
                "content": content.digest, "deciders": [str(p) for s in steps for p in s.people],
                "needed": [planned.needed or len(planned.people) for planned in steps], "due_on": due_on,
            },
        )  # fmt: skip
        subject.asked(found, approval, log)
        tell(approval, [one.person for one in turn.keep(approval, log.at)], by=by)
    return approval


def freeze(project: Project, subject: subjects.Subject, found: Any) -> Content:
    snapshot, document = canonical.text(subject.snapshot(found)), subject.document(found)
    return Content.objects.create(
        organization_id=project.organization_id, project=project, subject_kind=subject.kind, subject_id=found.pk,
        title=subject.title(found)[:250], snapshot=snapshot, document=document,
        digest=record.content_digest(snapshot, document), frozen_at=timezone.now(),
    )  # fmt: skip


def _check(
    project: Project, subject: subjects.Subject, found: Any, steps: Sequence[Planned], by: Any, due_on: dt.date | None
) -> dict[int, Role]:
    """The role each approver acts in; raises RuleBroken for a way that cannot lead to a decision."""
    people = [person for planned in steps for person in planned.people]
    place_of = {person.pk: position for position, one in enumerate(steps, start=1) for person in one.people}
    if not people or any(not planned.people for planned in steps):
        raise RuleBroken(_("Name at least one person for each step."))
    if len(steps) > MOST_STEPS or len(people) > MOST_APPROVERS:
        raise RuleBroken(
            _("A request has at most %(steps)s steps and %(people)s people.")
            % {"steps": MOST_STEPS, "people": MOST_APPROVERS}
        )
    if len({person.pk for person in people}) != len(people):
        raise RuleBroken(_("Each person decides once: somebody is named twice."))
    if any(planned.needed > len(planned.people) for planned in steps):
        raise RuleBroken(_("A step cannot need more approvals than it has people."))
    if due_on and due_on < dates.today(project.organization.time_zone):
        raise RuleBroken(_("The day to decide until has passed."))
    barred = set() if subject.is_signed_by_author else subject.authors(found) | {by.pk}
    roles: dict[int, Role] = {}
    for person in people:
        if person.pk in barred:
            raise RuleBroken(
                _("%(person)s wrote or asks for this, so somebody else has to decide.") % {"person": person}, CLAUSE
            )
        held = access.roles_of(person, project)
        needed = subject.perm_to_decide(found, place_of[person.pk])
        able = [role for role in Role if role in held and needed in perms_of([role])]
        if not able:
            raise RuleBroken(_("%(person)s holds no role that decides on this here.") % {"person": person})
        roles[person.pk] = able[0]
    return roles


def tell(approval: Approval, people: Sequence[Any], *, by: Any) -> None:
    """Says whose decision is awaited, to them and to who decides for them today."""
    if not people:
        return
    people = [*people, *(one.delegate for one in delegation.deputies_of(people, approval.project))]
    telling.tell(
        telling.Event(
            "decision", people=people, by=by, subject=approval, project=approval.project, key=f"approval:{approval.pk}"
        )
    )


def withdraw(*, approval: Approval, by: Any, reason: str) -> Approval:
    """Takes the question back: who asked may, and who may ask. Raises RuleBroken, NotPermitted."""
    subject = subjects.of(approval.subject_kind)
    with journal.change(approval.project, by=by, reason=reason) as log:
        fresh = Approval.objects.get(pk=approval.pk)
        if not access.can(by, subject.request_perm, approval.project):
            raise NotPermitted(_("You may not withdraw this request."))
        if not log.reason:
            raise RuleBroken(_("Say why the request is withdrawn."))
        if not fresh.is_open:
            raise RuleBroken(_("It is decided already: “%(state)s”.") % {"state": fresh.get_status_display()})
        close(fresh, ApprovalStatus.WITHDRAWN, log.reason, log)
    return fresh


def changed(*, kind: str, record: Any, by: Any) -> Approval | None:
    """To be called inside the change of a subject: an open request about other words than today's is void."""
    subject = subjects.of(kind)
    approval = (
        Approval.objects.filter(subject_kind=kind, subject_id=record.pk, status=ApprovalStatus.OPEN)
        .select_related("content", "project__organization")
        .first()
    )
    if approval is None or approval.content.snapshot == canonical.text(subject.snapshot(record)):
        return None
    with journal.change(approval.project, by=by) as log:
        who = by if by is not None else _("Scheduled work")
        reason = _("%(person)s changed it after the decision had been asked for.") % {"person": who}
        close(approval, ApprovalStatus.VOID, reason, log)
    return approval


def close(approval: Approval, status: ApprovalStatus, reason: str, log: journal.Log) -> None:
    """Ends a request without an approval, tells its subject, writes the journal. Inside the caller's change."""
    approval.status, approval.ended_at, approval.ended_because = status, log.at, reason
    approval.version += 1
    approval.save(update_fields=["status", "ended_at", "ended_because", "version", "updated_at"])
    turn.keep(approval, log.at)
    log(approval, f"approval.{status}", {"status": ["open", str(status)]}, reason=reason)
    subject = subjects.of(approval.subject_kind)
    if (found := subject.load(approval.project, approval.subject_id)) is not None:
        subject.ended(found, approval, log)
