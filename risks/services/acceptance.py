"""Accepting what is left of risks: drawn up by one person, signed by the risk owner, above the threshold by top management too.

(IMS2 1.7.8; ISO/IEC 27001:2022, 6.1.3 f; ISO 31000:2018, 6.5.3)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.models import Approval
from approvals.services import request as approvals
from core import dates
from core.rules import RuleBroken, StaleRecord, refused
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Perm
from risks.flows import BY_ITSELF, RiskStatus
from risks.models import Acceptance, AcceptanceState, AcceptedRisk, Risk
from risks.selectors import acceptance as selectors

from . import asset as assets
from . import frozen, rating

KIND = frozen.KIND
MOST_RISKS = 500
LONGEST_NOTE = 2_000


def draw_up(
    *, project: Project, by: Any, owner: Any, numbers: Iterable[int], accepted_until: dt.date, note: str = ""
) -> Acceptance:
    """Puts risks of one owner together to be accepted until a day. Raises RuleBroken, NotPermitted.

    Who draws it up does not sign it: the owner of the risks cannot draw up their own.
    """
    with journal.change(project, by=by) as log:
        _permit(project, by)
        if owner.pk == by.pk:
            raise refused(
                "owner",
                _(
                    "You would sign this yourself, so somebody else has to draw it up: the consultant or project manager."
                ),
            )
        assets.check_people(project, [owner])
        chosen = _chosen(project, owner, numbers)
        number = (Acceptance.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0) + 1
        acceptance = Acceptance(
            organization_id=project.organization_id, project=project, number=number, owner=owner, created_by=by,
            accepted_until=_day(project, accepted_until), note=_note(note),
        )  # fmt: skip
        log.mark(acceptance).save()
        _put(acceptance, chosen)
        log(acceptance, "acceptance.drawn_up", {"owner": owner, "risks": _listed(chosen)})
    return acceptance


def change(
    *, acceptance: Acceptance, by: Any, version: int, numbers: Iterable[int], accepted_until: dt.date, note: str = ""
) -> Acceptance:
    """Changes one that was not signed; an open request about it is void. Raises StaleRecord, RuleBroken, NotPermitted."""
    with journal.change(acceptance.project, by=by) as log:
        found = _fresh(acceptance)
        _permit(found.project, by)
        if found.version != version:
            raise StaleRecord(
                _("%(acceptance)s was changed by somebody else while you were typing. Your text is kept below.")
                % {"acceptance": found.label},
                found,
            )
        _is_unsigned(found)
        if found.owner_id == by.pk:
            raise RuleBroken(_("You are asked to sign this, so somebody else has to change it."))
        before = {
            "accepted_until": found.accepted_until, "note": found.note,
            "risks": _listed(row.risk for row in found.rows.select_related("risk").order_by("risk__number")),
        }  # fmt: skip
        here = set(found.rows.values_list("risk__number", flat=True))
        chosen = _chosen(found.project, found.owner, numbers, also=here)
        after = {
            "accepted_until": _day(found.project, accepted_until), "note": _note(note),
            "risks": _listed(chosen),
        }  # fmt: skip
        if not (changes := journal.differences(before, after)):
            return found
        gone = [row.risk for row in found.rows.exclude(risk__in=chosen).select_related("risk")]
        found.accepted_until, found.note = after["accepted_until"], after["note"]
        found.version += 1
        log.mark(found).save()
        log(found, "acceptance.changed", changes)
        found.rows.filter(risk__in=gone).delete()
        _put(found, chosen)
        approvals.changed(kind=KIND, record=found, by=by)
        for risk in gone:
            _unask(risk, log)
    return found


def give_up(*, acceptance: Acceptance, by: Any, reason: str) -> Acceptance:
    """Gives up what was drawn up and not signed. Raises RuleBroken while a decision is awaited, NotPermitted."""
    with journal.change(acceptance.project, by=by, reason=reason) as log:
        found = _fresh(acceptance)
        _permit(found.project, by)
        _is_unsigned(found)
        if selectors.open_request(found) is not None:
            raise RuleBroken(_("A decision is awaited. Withdraw that request first."))
        if not log.reason:
            raise RuleBroken(_("Say why it is given up."))
        _close(found, log.reason, log)
        log(found, "acceptance.given_up", {})
    return found


def revoke(*, acceptance: Acceptance, by: Any, reason: str) -> Acceptance:
    """Takes an acceptance back: its risks are treated again. By its owner or top management. Raises RuleBroken, NotPermitted."""
    with journal.change(acceptance.project, by=by, reason=reason) as log:
        found = _fresh(acceptance)
        if not may_revoke(by, found):
            raise NotPermitted(
                _("Only %(owner)s or top management takes this acceptance back.") % {"owner": found.owner}
            )
        if found.accepted_at is None:
            raise RuleBroken(_("Nothing was accepted yet. Withdraw the request instead."))
        if not log.reason:
            raise RuleBroken(_("Say why it is taken back."))
        holding = [row.risk for row in _held(found)]
        if not holding:
            raise RuleBroken(_("It holds for no risk any more, so there is nothing to take back."))
        because = _("%(person)s took the acceptance back: %(why)s") % {"person": by, "why": log.reason}
        for risk in holding:
            _end(risk, because, log)
        log(found, "acceptance.revoked", {"risks": _listed(holding)})
    return _fresh(acceptance)


def valid_until(rows: Iterable[selectors.Row], today: dt.date) -> dt.date:
    """What is proposed: the review interval of the highest level among the rows; a year where none is rated. Pure."""
    rated = [(row.rating.level, row.level.review_months) for row in rows if row.rating and row.level]
    return rating.months_later(today, max(rated)[1] if rated else 12)


def may_revoke(user: Any, acceptance: Acceptance, held: frozenset[Perm] | None = None) -> bool:
    """The owner who signed it, as long as they may accept risks, and top management."""
    held = access.perms_in(user, acceptance.project) if held is None else held
    return Perm.DECIDE in held or (Perm.ACCEPT_RISKS in held and acceptance.owner_id == user.pk)


def expire(now: dt.datetime | None = None) -> int:
    """Ends what was accepted until a day that has passed where the organization is; how many risks. Twice does no harm."""
    now = now or timezone.now()
    done = 0
    latest = (now + dt.timedelta(hours=14)).date()
    projects = selectors.expired(latest).order_by().values_list("project_id", flat=True).distinct()
    for project in Project.objects.filter(pk__in=list(projects)).select_related("organization"):
        today = dates.today(project.organization.time_zone)
        with journal.change(project, by=None, job="end of acceptances") as log:
            rows = selectors.expired(today).filter(project=project).select_related("project__organization", "owner")
            for risk in rows.order_by("number"):
                _end(risk, _("It was accepted until %(day)s.") % {"day": risk.accepted_until.isoformat()}, log)
                done += 1
    return done


# ---- what the approval brings (subject.py) ----------------------------------------------------------------------


def asked(acceptance: Acceptance, approval: Approval, log: journal.Log) -> None:
    """The request is out: the register shows which risks it is about. One that holds still holds."""
    for row in acceptance.rows.select_related("risk__project__organization", "risk__owner"):
        risk = row.risk
        if risk.acceptance_state != AcceptanceState.ACCEPTED:
            risk.acceptance_state = AcceptanceState.ASKED
            _save(risk, log)


def approved(acceptance: Acceptance, approval: Approval, log: journal.Log) -> None:
    """The last signature: every row holds, an older acceptance of the same risk gives way."""
    acceptance.accepted_at = log.at
    acceptance.version += 1
    log.mark(acceptance).save()
    for row in acceptance.rows.select_related("risk__project__organization", "risk__owner"):
        risk = row.risk
        frozen.lapse(risk, _("%(acceptance)s took its place.") % {"acceptance": acceptance.label}, log)
        row.is_holding = True
        row.save(update_fields=["is_holding"])
        before = risk.status
        risk.acceptance_state, risk.stale_because = AcceptanceState.ACCEPTED, ""
        risk.accepted_until = acceptance.accepted_until
        if RiskStatus.ACCEPTED in BY_ITSELF[risk.status]:
            risk.status = RiskStatus.ACCEPTED
        _save(risk, log)
        changes = {"accepted_until": acceptance.accepted_until, "acceptance": acceptance.label}
        log(risk, "risk.accepted", changes | ({"status": [before, risk.status]} if before != risk.status else {}))


def ended(acceptance: Acceptance, approval: Approval, log: journal.Log) -> None:
    """Refused, withdrawn or void: the risks wait again."""
    for row in acceptance.rows.select_related("risk__project__organization", "risk__owner"):
        _unask(row.risk, log)


# ---- within a change --------------------------------------------------------------------------------------------


def _end(risk: Risk, because: str, log: journal.Log) -> None:
    rating.unsettle(risk, because, log)
    _save(risk, log)
    frozen.moved_on(risk, log.by)


def _save(risk: Risk, log: journal.Log) -> None:
    risk.version += 1
    log.mark(risk).save()


def _unask(risk: Risk, log: journal.Log) -> None:
    if risk.acceptance_state == AcceptanceState.ASKED:
        risk.acceptance_state = AcceptanceState.STALE if risk.stale_because else AcceptanceState.NONE
        _save(risk, log)


def _close(acceptance: Acceptance, because: str, log: journal.Log) -> None:
    acceptance.ended_at, acceptance.ended_because = log.at, because[:500]
    acceptance.version += 1
    log.mark(acceptance).save()


def _held(acceptance: Acceptance) -> list[AcceptedRisk]:
    rows = acceptance.rows.filter(is_holding=True).select_related("risk__project__organization", "risk__owner")
    return list(rows.order_by("risk__number"))


def _listed(risks: Iterable[Risk]) -> str:
    """The risks as the journal names them; a list of two would read there as "from, to"."""
    return ", ".join(risk.label for risk in risks)


def _put(acceptance: Acceptance, risks: list[Risk]) -> None:
    there = set(acceptance.rows.values_list("risk_id", flat=True))
    AcceptedRisk.objects.bulk_create(
        AcceptedRisk(
            organization_id=acceptance.organization_id,
            project_id=acceptance.project_id,
            acceptance=acceptance,
            risk=risk,
        )
        for risk in risks
        if risk.pk not in there
    )


def _chosen(project: Project, owner: Any, numbers: Iterable[int], also: set[int] = frozenset()) -> list[Risk]:
    """The risks as they stand under the lock. Raises RuleBroken for one that cannot be accepted now."""
    wanted = set(numbers)
    if not wanted:
        raise refused("risks", _("Tick the risks that are to be accepted."))
    if len(wanted) > MOST_RISKS:
        raise refused("risks", _("Put at most %(n)s risks into one acceptance.") % {"n": MOST_RISKS})
    today = dates.today(project.organization.time_zone)
    rows = selectors.acceptable(project, today).filter(owner=owner, number__in=wanted)
    if also:
        rows = rows | Risk.objects.filter(project=project, number__in=wanted & also)
    found = list(rows.order_by("number").distinct())
    if missing := sorted(wanted - {risk.number for risk in found}):
        raise refused(
            "risks",
            _("%(risk)s cannot be accepted by %(owner)s now: look at the list again.")
            % {"risk": f"{Risk.PREFIX}-{missing[0]:03d}", "owner": owner},
        )
    return found


def _fresh(acceptance: Acceptance) -> Acceptance:
    return Acceptance.objects.select_related("project__organization", "owner").get(pk=acceptance.pk)


def _permit(project: Project, by: Any) -> None:
    if not access.can(by, Perm.MANAGE_RISKS, project):
        raise NotPermitted(_("You may not draw up acceptances in this project."))


def _is_unsigned(acceptance: Acceptance) -> None:
    if acceptance.accepted_at is not None:
        raise RuleBroken(_("%(acceptance)s was signed: it stays as it is.") % {"acceptance": acceptance.label})
    if acceptance.ended_at is not None:
        raise RuleBroken(_("%(acceptance)s was given up.") % {"acceptance": acceptance.label})


def _day(project: Project, day: dt.date) -> dt.date:
    if day <= dates.today(project.organization.time_zone):
        raise refused("accepted_until", _("An acceptance ends on a day to come."))
    return day


def _note(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST_NOTE:
        raise refused("note", _("Use at most %(n)s characters.") % {"n": LONGEST_NOTE})
    return text
