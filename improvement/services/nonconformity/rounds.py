"""The work of a round: correction and its day, extent, criterion, and who will verify."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core import dates
from core.rules import refused
from improvement.models import Nonconformity, Round
from projects import access, journal

from .common import fresh, said, same, unjudged

WORK = ("correction", "correction_due_on", "analysis_due_on", "extent", "criterion", "check_on", "verifier")


def work(*, record: Nonconformity, by: Any, version: int, values: dict[str, Any]) -> Round:
    """Saves part of the newest round that a person saw as `version`; `values`: some of WORK.

    The check lies after the last action's due date, and its verifier is neither the owner nor a doer. Raises StaleRecord,
    RuleBroken, NotPermitted.
    """
    with journal.change(record.project, by=by) as log:
        found = fresh(record, by)
        current = unjudged(found)
        same(current.version, version, current, found.label)
        values = {name: value for name, value in values.items() if name in WORK}
        for name in ("correction", "extent", "criterion"):
            if name in values:
                values[name] = str(values[name] or "").strip()
        for name, value in values.items():
            setattr(current, name, value)
        _check_round(found, current)
        before = Round.objects.get(pk=current.pk)
        changes = journal.differences({name: getattr(before, name) for name in values}, values)
        if not changes:
            return current
        current.version += 1
        log.mark(current).save()
        log(found, "nonconformity.worked", said(found, changes))
    return current


def _check_round(record: Nonconformity, current: Round) -> None:
    if current.check_on:
        dues = [day for day in current.actions.values_list("task__due_on", flat=True) if day]
        if dues and current.check_on <= max(dues):
            says = _("The check comes after the last corrective action, which is due on %(day)s.")
            raise refused("check_on", says % {"day": max(dues).isoformat()})
        if current.implemented_at is not None:
            done_on = dates.day_of(current.implemented_at, record.project.organization.time_zone)
            if current.check_on <= done_on:
                says = _("The check comes after the action was implemented, which was on %(day)s.")
                raise refused("check_on", says % {"day": done_on.isoformat()})
    if current.verifier_id is None:
        return
    if not access.people_of(record.project).filter(pk=current.verifier_id).exists():
        raise refused("verifier", _("%(person)s does not belong to this project.") % {"person": current.verifier})
    if because := not_independent(record, current, current.verifier_id):
        raise refused("verifier", because)


def not_independent(record: Nonconformity, current: Round, person: int) -> str:
    """Why this person cannot judge the effectiveness, or "". One query. (ISO 19011:2018, 5.4.4: nobody checks own work)"""
    if person == record.owner_id:
        return _("Who owns the nonconformity does not verify it.")
    doers = current.actions.values_list("task__assignee_id", "task__completed_by_id")
    if any(person in pair for pair in doers):
        return _("Who does a corrective action does not verify it.")
    return ""
