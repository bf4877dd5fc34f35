"""Setting an organization's reminder rules, and forgetting reminders of long ago."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Organization
from core.rules import RuleBroken, StaleRecord
from notifications.models import Reminder, ReminderRule
from notifications.reminding.rules import DEFAULT, FURTHEST_DAYS, Rule
from projects import journal, reminders

MOST_TIMES = 6
KEPT_DAYS = 120
AT_ONCE = 5000


def set_rule(*, organization: Organization, kind: str, version: int, by: Any, rule: Rule) -> ReminderRule:
    """Sets when records of a kind are reminded in an organization; `version` is the one the person saw, 0 for none yet.

    Raises StaleRecord when somebody saved first, RuleBroken for numbers that make no sense.
    """
    before = tuple(sorted(set(rule.before_days), reverse=True))
    if len(before) > MOST_TIMES or any(not 0 <= days <= FURTHEST_DAYS for days in before):
        raise RuleBroken(
            _("Up to %(times)s reminders before the date, none more than %(days)s days ahead.")
            % {"times": MOST_TIMES, "days": FURTHEST_DAYS}
        )
    if rule.escalate_manager_after and 0 < rule.escalate_management_after < rule.escalate_manager_after:
        raise RuleBroken(_("Top management hears of it after the project manager, not before."))
    with journal.change(organization, by=by) as log:
        row = ReminderRule.objects.select_for_update().filter(organization=organization, kind=kind).first()
        if (row.version if row else 0) != version:
            raise StaleRecord(_("The rule was changed by somebody else meanwhile. Your numbers are kept below."), row)
        was = row.rule if row else DEFAULT
        row = row or ReminderRule(organization=organization, kind=kind, version=0)
        row.before_days, row.is_active = list(before), rule.is_active
        row.every_working_days = rule.every_working_days
        row.escalate_manager_after = rule.escalate_manager_after
        row.escalate_management_after = rule.escalate_management_after
        changes = journal.differences(vars(was), vars(row.rule))
        if not changes:
            return row
        row.version += 1
        row.save()
        log(organization, "reminders.changed", changes, label=str(reminders.of(kind).plural))
    return row


def forget_old(today: dt.date) -> int:
    """Reminders of more than KEPT_DAYS days ago; they lie in the order of their dates."""
    before, gone = today - dt.timedelta(days=KEPT_DAYS), 0
    while rows := list(Reminder.objects.order_by("pk").values_list("pk", "on")[:AT_ONCE]):
        old = [pk for pk, on in rows if on < before]
        if old:
            gone += Reminder.objects.filter(pk__in=old).delete()[0]
        if len(old) < len(rows):
            break
    return gone
