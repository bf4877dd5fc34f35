"""Identifying risks and opportunities, changing them, moving them along. Ratings: services.rating."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from core.flows import Move
from core.rules import RuleBroken, StaleRecord, refused
from projects import access, flow, journal
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Perm
from risks import profiles
from risks.flows import RISK, RiskStatus
from risks.models import AcceptanceState, Asset, LevelChange, Rating, RatingKind, Risk, RiskAsset
from risks.profiles import Discipline

from . import asset as assets
from . import frozen

TEXTS = ("title", "cause", "event", "outcome", "category", "existing_controls")
EDITABLE = (*TEXTS, "discipline", "owner", "facts", "review_on")
BULK = ("owner", "category", "review_on")
MOST_AT_ONCE = 500


def may_write(user: Any, risk: Risk, held: frozenset[Perm] | None = None) -> bool:
    """Whether this person writes and rates a risk: who manages risks, and its owner."""
    held = access.perms_in(user, risk.project) if held is None else held
    return Perm.MANAGE_RISKS in held or (Perm.WRITE_OWN_RISKS in held and risk.owner_id == user.pk)


def permit(risk: Risk, by: Any) -> None:
    """Raises NotPermitted unless `by` may write this risk."""
    if not may_write(by, risk):
        raise NotPermitted(_("%(risk)s is not yours to change.") % {"risk": risk.label})


def fresh(risk: Risk, by: Any) -> Risk:
    """The risk read again under the lock, for who may write it. Raises NotPermitted."""
    found = Risk.objects.select_related("project__organization", "owner").get(pk=risk.pk)
    permit(found, by)
    return found


def create(*, project: Project, by: Any, values: dict[str, Any], assets: Iterable[Asset] = ()) -> Risk:
    """Takes up a risk or an opportunity; with an owner it is identified, without one a draft.

    `values`: some of EDITABLE, the title at least. Who does not manage risks becomes its owner. Raises RuleBroken,
    NotPermitted.
    """
    with journal.change(project, by=by) as log:
        held = access.perms_in(by, project)
        if Perm.MANAGE_RISKS not in held:
            if Perm.WRITE_OWN_RISKS not in held:
                raise NotPermitted(_("You may not add risks to this project."))
            values = values | {"owner": by}
        values = checked(project, None, values)
        number = (Risk.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0) + 1
        risk = Risk(
            organization_id=project.organization_id, project=project, number=number, created_by=by, edited_by=by,
            status=RiskStatus.IDENTIFIED if values.get("owner") else RiskStatus.DRAFT, **values,
        )  # fmt: skip
        log.mark(risk).save()
        _point_to(risk, assets)
        log(risk, "risk.created", {"title": risk.title, "discipline": risk.discipline})
    return risk


def change(*, risk: Risk, by: Any, version: int, values: dict[str, Any], assets: Iterable[Asset] | None = None) -> Risk:
    """Saves what a person saw as `version`; None leaves the links to assets as they are.

    Raises StaleRecord when somebody saved first, RuleBroken, NotPermitted.
    """
    with journal.change(risk.project, by=by) as log:
        found = fresh(risk, by)
        if found.version != version:
            raise StaleRecord(
                _("%(risk)s was changed by somebody else while you were typing. Your text is kept below.")
                % {"risk": found.label},
                found,
            )
        held = access.perms_in(by, found.project)
        if Perm.MANAGE_RISKS not in held:
            values = values | {"owner": found.owner}
        values = checked(found.project, found, values)
        before = {name: getattr(found, name) for name in values}
        changes: dict[str, Any] = journal.differences(before, values)
        if assets is not None:
            old = sorted(str(link.asset) for link in found.asset_links.select_related("asset"))
            _point_to(found, assets)
            new = sorted(str(link.asset) for link in found.asset_links.select_related("asset"))
            if old != new:
                changes["assets"] = [old, new]
                if found.is_open and found.rated_at is not None:
                    found.links_changed_at, found.links_changed_by = log.at, _("Its assets were changed")
        if changes:
            _save(found, values, changes, by, log)
    return found


def change_many(*, project: Project, by: Any, numbers: Iterable[int], values: dict[str, Any]) -> int:
    """Sets owner, category or next review (BULK) of many risks at once; how many changed. All or nothing."""
    wanted = sorted(set(numbers))
    if len(wanted) > MOST_AT_ONCE:
        raise RuleBroken(_("Change at most %(n)s risks at once.") % {"n": MOST_AT_ONCE})
    values = {name: value for name, value in values.items() if name in BULK}
    with journal.change(project, by=by) as log:
        if not access.can(by, Perm.MANAGE_RISKS, project):
            raise NotPermitted(_("You may not change many risks at once."))
        values = checked(project, None, values, is_part=True)
        done = 0
        rows = Risk.objects.filter(project=project, number__in=wanted, is_open=True).order_by("number")
        for risk in rows.select_related("project__organization", "owner"):
            changes = journal.differences({name: getattr(risk, name) for name in values}, values)
            if "owner" in values and values["owner"] is None and risk.status != RiskStatus.DRAFT:
                raise RuleBroken(_("%(risk)s has left draft: it keeps an owner.") % {"risk": risk.label})
            if changes:
                _save(risk, values, changes, by, log)
                done += 1
    return done


def move(*, risk: Risk, name: str, by: Any, reason: str = "") -> Risk:
    """Moves a risk along its flow (risks.flows.RISK). Raises RuleBroken, NotPermitted."""
    with journal.change(risk.project, by=by, reason=reason):
        moved = flow.move(
            risk, name, by=by, flow=RISK, kind="risk", reason=reason, then=_moved,
            fields=("is_open", "closed_at", "review_on", "acceptance_state", "accepted_until", "stale_because"),
            is_own=lambda record, person, roles: may_write(person, record),
        )  # fmt: skip
        frozen.moved_on(moved, by)
    return moved


def _moved(risk: Risk, step: Move, before: str, log: journal.Log) -> None:
    if not may_write(log.by, risk):
        raise NotPermitted(_("%(risk)s is not yours to change.") % {"risk": risk.label})
    was_open, risk.is_open = risk.is_open, step.target != RiskStatus.CLOSED
    risk.closed_at = None if risk.is_open else log.at
    if was_open != risk.is_open:
        last = Rating.objects.filter(risk=risk, kind=RatingKind.CURRENT).order_by("-rated_at", "-pk").first()
        called = last.level_name if last is not None else ""
        came_to(risk, *((called, "") if was_open else ("", called)), log)
    if not risk.is_open and risk.acceptance_state == AcceptanceState.ACCEPTED:
        risk.acceptance_state, risk.stale_because = AcceptanceState.STALE, _("The risk was closed.")
        risk.accepted_until = None
        frozen.lapse(risk, risk.stale_because, log)
    if step.name == "reopen":
        risk.status = RiskStatus.IDENTIFIED if risk.owner_id else RiskStatus.DRAFT


def came_to(risk: Risk, before: str, after: str, log: journal.Log) -> None:
    """Keeps for the trend that an open risk went from one level to another; empty: it was not rated, or is closed."""
    if before != after:
        LevelChange.objects.create(
            organization_id=risk.organization_id, project=risk.project, risk=risk, at=log.at, before=before, after=after
        )


def reviewed(*, risk: Risk, by: Any, note: str, next_on: dt.date | None) -> Risk:
    """Confirms that a risk was looked at and its rating still holds; the note is the evidence."""
    with journal.change(risk.project, by=by, reason=note) as log:
        found = fresh(risk, by)
        if not log.reason:
            raise RuleBroken(_("Say in a line what was looked at."))
        found.review_on, found.links_changed_at, found.links_changed_by = next_on, None, ""
        found.edited_by = by
        found.version += 1
        log.mark(found).save()
        log(found, "risk.reviewed", {"next": next_on})
    return found


def _save(risk: Risk, values: dict[str, Any], changes: dict[str, Any], by: Any, log: journal.Log) -> None:
    for name, value in values.items():
        setattr(risk, name, value)
    if risk.owner_id is None and risk.status != RiskStatus.DRAFT:
        raise refused("owner", _("A risk that has left draft keeps an owner."))
    if risk.owner_id and risk.status == RiskStatus.DRAFT:
        risk.status = RiskStatus.ASSESSED if risk.current_level is not None else RiskStatus.IDENTIFIED
        changes["status"] = [RiskStatus.DRAFT, risk.status]
    risk.edited_by = by
    risk.version += 1
    log.mark(risk).save()
    log(risk, "risk.changed", changes)
    frozen.moved_on(risk, by)


def checked(project: Project, risk: Risk | None, values: dict[str, Any], *, is_part: bool = False) -> dict[str, Any]:
    """The values as they are stored. Raises RuleBroken with the field that is wrong. `is_part`: no title is needed."""
    values = {name: value for name, value in values.items() if name in EDITABLE}
    for name in TEXTS:
        if name in values:
            text = str(values[name] or "").strip()
            values[name] = " ".join(text.split()) if name in ("title", "category") else text
            most = Risk._meta.get_field(name).max_length
            if len(values[name]) > most:
                raise refused(name, _("Use at most %(n)s characters.") % {"n": most})
    if not is_part and not values.get("title", risk.title if risk else ""):
        raise refused("title", _("Name the risk in a few words."))
    if values.get("discipline", Discipline.GENERAL) not in Discipline.values:
        raise refused("discipline", _("Choose a discipline."))
    discipline = values.get("discipline", risk.discipline if risk else Discipline.GENERAL)
    if "facts" in values or (risk and "discipline" in values):
        values["facts"] = profiles.checked(discipline, values.get("facts", risk.facts if risk else {}) or {})
    if (owner := values.get("owner")) is not None:
        assets.check_people(project, [owner])
    return values


def _point_to(risk: Risk, chosen: Iterable[Asset]) -> None:
    wanted = {asset.pk for asset in chosen}
    known = set(Asset.objects.filter(project_id=risk.project_id, pk__in=wanted).values_list("pk", flat=True))
    if wanted - known:
        raise refused("assets", _("Choose assets of this project."))
    risk.asset_links.exclude(asset__in=wanted).delete()
    has = set(risk.asset_links.values_list("asset_id", flat=True))
    RiskAsset.objects.bulk_create(RiskAsset(risk=risk, asset_id=pk) for pk in sorted(wanted - has))
