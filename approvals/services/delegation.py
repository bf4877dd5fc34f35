"""Letting somebody decide in one's place for a time, and ending that."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organization
from approvals.models import Delegation
from core import dates
from core.rules import RuleBroken
from projects import access, journal, telling
from projects.flow import NotPermitted
from projects.permissions import Perm

LONGEST = dt.timedelta(days=366)


def give(
    *,
    organization: Organization,
    person: Any,
    delegate: Any,
    starts_on: dt.date,
    ends_on: dt.date,
    reason: str,
    by: Any,
) -> Delegation:
    """Lets `delegate` decide for `person` from one day to another. Only people themselves give their decisions away.

    Both hold a role in the organization; two delegations of one person do not overlap. Raises RuleBroken, NotPermitted.
    """
    reason = reason.strip()
    with journal.change(organization, by=by, reason=reason) as log:
        if by.pk != person.pk:
            raise NotPermitted(_("Only the person themselves lets somebody decide in their place."))
        if not access.organizations_with(person, Perm.VIEW_ORGANIZATION).filter(pk=organization.pk).exists() and not (
            access.people_of(organization).filter(pk=person.pk).exists()
        ):
            raise NotPermitted(_("You hold no role in this organization."))
        if delegate.pk == person.pk:
            raise RuleBroken(_("Choose somebody else than yourself."))
        if not access.people_of(organization).filter(pk=delegate.pk).exists():
            raise RuleBroken(_("%(person)s holds no role in this organization.") % {"person": delegate})
        if not reason:
            raise RuleBroken(_("Say why: it stands beside every decision made in your place."))
        if ends_on < starts_on:
            raise RuleBroken(_("The last day lies before the first."))
        if ends_on < dates.today(organization.time_zone):
            raise RuleBroken(_("This time has passed already."))
        if ends_on - starts_on > LONGEST:
            raise RuleBroken(_("A year is the most. Whoever decides for longer should hold the role themselves."))
        overlapping = (
            Delegation.objects.filter(
                organization=organization, person=person, ended_at=None, starts_on__lte=ends_on, ends_on__gte=starts_on
            )
            .select_related("delegate")
            .first()
        )
        if overlapping is not None:
            raise RuleBroken(
                _("In this time %(person)s decides for you already. End that first.") % {"person": overlapping.delegate}
            )
        made = Delegation.objects.create(
            organization=organization, person=person, delegate=delegate, starts_on=starts_on, ends_on=ends_on,
            reason=reason,
        )  # fmt: skip
        log(
            made, "delegation.given", {"delegate": str(delegate), "starts_on": starts_on, "until": ends_on},
            label=str(person),
        )  # fmt: skip
        telling.tell(
            telling.Event(
                "delegated", people=[delegate], by=by, subject=made, organization=organization, key=str(made.pk)
            )
        )
    return made


def end(*, delegation: Delegation, by: Any) -> Delegation:
    """Ends a delegation today: the person themselves, or who looks after the organization's people."""
    with journal.change(delegation.organization, by=by) as log:
        fresh = Delegation.objects.select_related("organization", "person", "delegate").get(pk=delegation.pk)
        if by.pk != fresh.person_id and not access.can(by, Perm.MANAGE_ORGANIZATION, fresh.organization):
            raise NotPermitted(_("You may not end this delegation."))
        if fresh.ended_at is not None:
            raise RuleBroken(_("It has ended already."))
        fresh.ended_at = timezone.now()
        fresh.save(update_fields=["ended_at"])
        log(fresh, "delegation.ended", {"delegate": str(fresh.delegate)}, label=str(fresh.person))
    return fresh
