"""The only way a status changes: `move` asks, guards, saves and writes the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.flows import Flow, Move
from core.rules import RuleBroken

from . import journal
from .access import roles_of
from .permissions import Perm, Role, perms_of


class NotPermitted(RuleBroken):
    """The person may not make this move: a view answers 403."""


IsOwn = Callable[[Any, Any, frozenset[Role]], bool]


def permit(record: Any, step: Move, *, by: Any, is_own: IsOwn | None) -> None:
    """Raises NotPermitted unless `by` holds the move's permission (on own records, where `is_own` is given)."""
    roles = roles_of(by, record.project)
    held = perms_of(roles)
    if step.needs not in held or (is_own and Perm.MANAGE_TASKS not in held and not is_own(record, by, roles)):
        raise NotPermitted(_("You may not do this: “%(move)s” on %(record)s.") % {"move": step.label, "record": record})


def move(
    record: Any,
    name: str,
    *,
    by: Any,
    flow: Flow,
    kind: str,
    reason: str = "",
    is_own: IsOwn | None = None,
    then: Callable[[Any, Move, str, journal.Log], None] | None = None,
    fields: tuple[str, ...] = (),
    among: QuerySet | None = None,
) -> Any:
    """Moves `record` along its flow and returns it as saved.

    The row is read again under the organization's lock, so of two people who press the same button one moves and the
    other is told what is so now. `then` changes more fields (named in `fields`) before the save. `among` finds the one
    row instead of the primary key: for a caller who has not read it yet, or who annotates what a guard asks.
    Raises RuleBroken for a wrong state, a missing reason or a guard, NotPermitted for a missing permission.
    """
    if name not in flow:
        raise RuleBroken(_("There is no move “%(move)s” here.") % {"move": name})
    step = flow[name]
    with journal.change(record.project, by=by, reason=reason) as log:
        rows = type(record)._default_manager.filter(pk=record.pk) if among is None else among
        fresh = rows.select_related("project__organization").get()
        permit(fresh, step, by=by, is_own=is_own)
        if fresh.status not in step.sources:
            raise RuleBroken(
                _("%(record)s is “%(state)s” by now, so “%(move)s” is no longer possible.")
                % {"record": fresh, "state": fresh.get_status_display(), "move": step.label},
                step.clause,
            )
        if step.asks_reason and not log.reason:
            raise RuleBroken(_("Say why: “%(move)s” needs a reason.") % {"move": step.label}, step.clause)
        if step.guard and (refusal := step.guard(fresh, by)):
            raise RuleBroken(refusal, step.clause)
        before = fresh.status
        fresh.status = step.target
        if then:
            then(fresh, step, before, log)
        fresh.version += 1
        log.mark(fresh).save(update_fields=["status", "version", "updated_at", *fields])
        log(fresh, f"{kind}.{name}", {"status": [before, fresh.status]})
    return fresh
