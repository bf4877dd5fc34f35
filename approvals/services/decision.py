"""Deciding: one signature by one person over one frozen content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals import hooks, subjects
from approvals.models import Approval, ApprovalStatus, Approver, Decision, Signature, Step
from approvals.selectors import delegation
from core import canonical
from core.rules import RuleBroken
from projects import access, journal
from projects.flow import NotPermitted
from projects.permissions import Perm, Role, perms_of

from . import force, record, request, turn


@dataclass(frozen=True)
class Proof:
    """How the signer showed a moment ago who they are: `method` such as "password" or "password, TOTP"."""

    method: str
    address: str | None = None


CLAUSE = "7.5.3"


def decide(*, approval: Approval, by: Any, decision: str, digest: str, proof: Proof, comment: str = "") -> Signature:
    """Signs the decision of one approver (or of their delegate). `digest` is the content the person was shown.

    Under the organization's lock the request is read again, so of any number of people deciding in the same instant
    each decision counts once and at most one edition comes into force. Raises RuleBroken, NotPermitted.
    """
    comment = comment.strip()
    with journal.change(approval.project, by=by, reason=comment) as log:
        fresh = Approval.objects.select_related("content", "project__organization").get(pk=approval.pk)
        if not fresh.is_open:
            raise RuleBroken(
                _("There is nothing to decide any more: “%(state)s”. %(why)s")
                % {"state": fresh.get_status_display(), "why": fresh.ended_because}
            )
        if digest != fresh.content.digest or not record.holds(fresh.content):
            raise RuleBroken(_("What you were shown is not what is to be decided. Open the page again."))
        if decision not in Decision.values:
            raise RuleBroken(_("Choose a decision."))
        if decision != Decision.APPROVED and not comment:
            raise RuleBroken(
                _("Say what your reservations are.") if decision == Decision.RESERVED else _("Say why you reject it.")
            )
        subject = subjects.of(fresh.subject_kind)
        found = subject.load(fresh.project, fresh.subject_id)
        if found is None or fresh.content.snapshot != canonical.text(subject.snapshot(found)):
            raise RuleBroken(_("It was changed since the decision was asked for, so the request no longer holds."))
        approver, step, behalf = _seat(fresh, by)
        _segregated(fresh, subject, found, by)
        role = _role_of(by, fresh, subject.perm_to_decide(found, step.position), approver, behalf)
        signature = Signature(
            organization_id=fresh.organization_id, project=fresh.project, approval=fresh, approver=approver, signer=by,
            signer_name=str(by)[:120], signer_role=str(role.label), on_behalf_of=behalf[:120], meaning=fresh.meaning,
            decision=decision, comment=comment, signed_at=timezone.now(), digest=fresh.content.digest,
            method=proof.method[:60], address=_as_stored(proof.address),
        )  # fmt: skip
        signature.record_hash = record.signature_hash(signature)
        signature.save(force_insert=True)
        log(
            signature, "approval.signed",
            {
                "approval": fresh.label, "decision": str(decision), "content": signature.digest,
                "signature": signature.record_hash, "on_behalf_of": behalf,
            },
            label=str(fresh),
        )  # fmt: skip
        _conclude(fresh, step, subject, found, log)
    return signature


def _as_stored(address: str | None) -> str | None:
    """An address in the one spelling the database gives back: the signature's hash covers it."""
    return Signature._meta.get_field("address").get_prep_value(address or None)


def _seat(approval: Approval, by: Any) -> tuple[Approver, Step, str]:
    """The approver this person is, or stands in for, in a step whose turn it is; and on whose behalf ("": their own)."""
    if Signature.objects.filter(approval=approval, signer=by).exists():
        # Also for somebody else: two signatures of one person are not four eyes.
        raise RuleBroken(_("You have decided on this already."))
    behalf = delegation.held_by(by, approval.project) | {by.pk: ""}
    seats = [(one, step) for step in turn.open_steps(approval) for one in step.waiting if one.person_id in behalf]
    if seats:
        approver, step = next((seat for seat in seats if seat[0].person_id == by.pk), seats[0])
        return approver, step, behalf[approver.person_id]
    asked = Approver.objects.filter(step__approval=approval, person__in=behalf)
    if asked.filter(signature__isnull=False).exists():
        raise RuleBroken(_("The decision was made already, by the other one of you two."))
    if asked.exists():
        raise RuleBroken(_("It is not your turn: this step is decided already, or the one before is not yet."))
    raise NotPermitted(_("You are not among those who decide on this."))


def _segregated(approval: Approval, subject: subjects.Subject, found: Any, by: Any) -> None:
    """Nobody decides on what they wrote, last edited or asked for, superusers included; but see `is_signed_by_author`."""
    if subject.is_signed_by_author:
        return
    if by.pk in subject.authors(found) or by.pk == approval.created_by_id:
        raise RuleBroken(_("You wrote or asked for this, so somebody else has to decide."), CLAUSE)


def _role_of(by: Any, approval: Approval, deciding: Perm, approver: Approver, behalf: str) -> Role:
    """The role the signer acts in; who left, was removed or is inactive holds none."""
    held = access.roles_of(by, approval.project)
    needed = Perm.VIEW_PROJECT if behalf else deciding
    if not by.is_active or needed not in access.perms_in(by, approval.project):
        raise NotPermitted(_("You no longer hold a role that decides on this."))
    if behalf:
        giver = access.perms_in(approver.person, approval.project)
        if deciding not in giver:
            raise RuleBroken(_("%(person)s no longer decides here, so nobody can in their place.") % {"person": behalf})
    if approver.role in held or behalf:
        return Role(approver.role)
    return next(role for role in Role if role in held and deciding in perms_of([role]))


def _conclude(approval: Approval, step: Step, subject: subjects.Subject, found: Any, log: journal.Log) -> None:
    """After a signature: rejected as soon as a step cannot be won, approved as soon as all are."""
    decisions = list(Signature.objects.filter(approver__step=step).values_list("decision", flat=True))
    possible = step.approvers.count() - decisions.count(Decision.REJECTED)
    if possible < step.needed:
        request.close(approval, ApprovalStatus.REJECTED, log.reason, log)
    elif turn.open_steps(approval):
        request.tell(approval, [one.person for one in turn.keep(approval, log.at)], by=log.by)
    else:
        _approve(approval, subject, found, log)


def _approve(approval: Approval, subject: subjects.Subject, found: Any, log: journal.Log) -> None:
    same = Approval.objects.filter(subject_kind=approval.subject_kind, subject_id=approval.subject_id)
    last = same.aggregate(last=Max("edition"))["last"] or 0
    approval.status, approval.edition = ApprovalStatus.APPROVED, last + 1
    approval.ended_at = log.at
    approval.version += 1
    approval.save(update_fields=["status", "edition", "ended_at", "version", "updated_at"])
    if not subject.waits(found):
        force.begin(approval)
    turn.keep(approval, log.at)
    log(approval, "approval.approved", {"status": ["open", "approved"], "edition": approval.edition})
    subject.approved(found, approval, log)
    for follow in hooks.approved:
        follow(approval, log.by)
