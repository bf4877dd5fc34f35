"""Keeping the inventory of what is at risk. A change that matters asks for a new look at the risks that point to it."""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from core.rules import RuleBroken, StaleRecord
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Perm
from risks.models import Asset, AssetKind, Risk

EDITABLE = ("kind", "name", "description", "owner", "confidentiality", "integrity", "availability")
MATTERS = ("kind", "name", "description", "confidentiality", "integrity", "availability")
"""What of an asset a rating was made on."""


def may_write(user: Any, asset: Asset, held: frozenset[Perm] | None = None) -> bool:
    """Who manages risks, and the owner of the asset."""
    held = access.perms_in(user, asset.project) if held is None else held
    return Perm.MANAGE_RISKS in held or (Perm.WRITE_OWN_RISKS in held and asset.owner_id == user.pk)


def create(*, project: Project, by: Any, values: dict[str, Any]) -> Asset:
    """Adds an asset, process or activity; `values`: some of EDITABLE, kind and name at least. Raises RuleBroken, NotPermitted."""
    return create_many(project=project, by=by, rows=[values])[0]


def create_many(*, project: Project, by: Any, rows: list[dict[str, Any]]) -> list[Asset]:
    """Adds assets in the order given, numbered without a gap. Who does not manage risks becomes their owner."""
    with journal.change(project, by=by) as log:
        held = access.perms_in(by, project)
        if Perm.WRITE_OWN_RISKS not in held and Perm.MANAGE_RISKS not in held:
            raise NotPermitted(_("You may not add assets to this project."))
        if Perm.MANAGE_RISKS not in held:
            rows = [values | {"owner": by} for values in rows]
        for values in rows:
            check(values)
        check_people(project, [values.get("owner") for values in rows])
        last = Asset.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
        found = []
        for number, values in enumerate(rows, start=last + 1):
            asset = Asset(
                organization_id=project.organization_id, project=project, number=number, created_by=by, **values
            )
            log.mark(asset).save()
            log(asset, "asset.created", {"kind": asset.kind, "name": asset.name})
            found.append(asset)
    return found


def change(*, asset: Asset, by: Any, version: int, values: dict[str, Any]) -> Asset:
    """Saves what a person saw as `version`. Raises StaleRecord when somebody saved first, RuleBroken, NotPermitted."""
    with journal.change(asset.project, by=by) as log:
        fresh = _fresh(asset, by)
        if fresh.version != version:
            raise StaleRecord(
                _("%(asset)s was changed by somebody else while you were typing. Your text is kept below.")
                % {"asset": fresh.label},
                fresh,
            )
        values = {name: value for name, value in values.items() if name in EDITABLE}
        check({name: getattr(fresh, name) for name in EDITABLE} | values)
        check_people(fresh.project, [values.get("owner")])
        before = {name: getattr(fresh, name) for name in values}
        changes = journal.differences(before, values)
        if not changes:
            return fresh
        for name, value in values.items():
            setattr(fresh, name, value)
        fresh.version += 1
        log.mark(fresh).save()
        log(fresh, "asset.changed", changes)
        if set(changes) & set(MATTERS):
            touch(Risk.objects.filter(asset_links__asset=fresh), _("%(asset)s was changed") % {"asset": fresh}, log)
    return fresh


def retire(*, asset: Asset, by: Any, reason: str) -> Asset:
    """Takes an asset out of the inventory; it stays in the risks that named it, and they are looked at again."""
    with journal.change(asset.project, by=by, reason=reason) as log:
        fresh = _fresh(asset, by)
        if not log.reason:
            raise RuleBroken(_("Say why it is not needed any more."))
        if fresh.is_retired:
            return fresh
        fresh.retired_at, fresh.retired_because = log.at, log.reason[:500]
        fresh.version += 1
        log.mark(fresh).save()
        log(fresh, "asset.retired", {})
        touch(Risk.objects.filter(asset_links__asset=fresh), _("%(asset)s was retired") % {"asset": fresh}, log)
    return fresh


def touch(risks: Any, because: str, log: journal.Log) -> int:
    """Marks open, rated risks as to be looked at again. Within a change."""
    return risks.filter(is_open=True, rated_at__isnull=False).update(
        links_changed_at=log.at, links_changed_by=because[:250]
    )


def _fresh(asset: Asset, by: Any) -> Asset:
    fresh = Asset.objects.select_related("project__organization", "owner").get(pk=asset.pk)
    if not may_write(by, fresh):
        raise NotPermitted(_("%(asset)s is not yours to change.") % {"asset": fresh.label})
    return fresh


def check(values: dict[str, Any]) -> None:
    """Raises RuleBroken for a name or kind that cannot be."""
    if values.get("kind") not in AssetKind.values:
        raise RuleBroken(_("Choose what kind of asset it is."))
    name = " ".join(str(values.get("name") or "").split())
    if not name or len(name) > 200:
        raise RuleBroken(_("An asset needs a name of at most 200 characters."))
    values["name"] = name


def check_people(project: Project, people: list[Any]) -> None:
    """Raises RuleBroken for an owner who does not belong to the project. One query."""
    wanted = {person.pk: person for person in people if person is not None}
    if not wanted:
        return
    here = set(access.people_of(project).filter(pk__in=wanted).values_list("pk", flat=True))
    for pk, person in wanted.items():
        if pk not in here:
            raise RuleBroken(_("%(person)s does not belong to this project.") % {"person": person})
