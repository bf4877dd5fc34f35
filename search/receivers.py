"""After a change: the journal says what was touched, and the entries of those records follow at once.

Runs after the commit, in the request. What fails here is logged and mended by night; the change itself stands.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db.models import Q

from search import kinds
from search.kinds import Kind
from search.services import entries as services

log = logging.getLogger(__name__)


def touched(kind: Kind, written: list[Any]) -> tuple[Q | None, list[int]]:
    """Which records of a kind the journal entries speak of, as a filter and as the ids they name."""
    ids = sorted({
        entry.target_id for entry in written
        if entry.target_kind == kind.target_kind and entry.target_id and entry.action not in kind.same_after
    })  # fmt: skip
    which = Q(pk__in=ids) if ids else None
    for entry in written:
        if (more := kind.also(entry)) is not None:
            which = more if which is None else which | more
    return which, ids


def follow(sender: Any, entries: list[Any], **kwargs: Any) -> None:
    """Receives projects.events.entries_written. A new project's plan is put off: its start must not wait for it."""
    for project in {entry.project_id for entry in entries if entry.action == "project.started"}:
        put_off(project)
    for kind in kinds.every():
        try:
            which, ids = touched(kind, entries)
            if which is not None:
                services.refresh(kind, which, ids)
        except Exception:  # a search that lags behind must not undo what a person has done: said aloud, mended by night
            log.exception("search: entries of kind %s could not follow a change", kind.key)


def put_off(project: int) -> None:
    from search.tasks import catch_up

    try:
        services.put_off(project)
        catch_up.apply_async(retry=False)
    except Exception:  # any database's and any broker's own: the sweep a minute later does it, or the night
        log.exception("search: nobody could be told of project %s", project)


def follow_person(person: Any) -> None:
    """A person's name has changed, or there is a new one (accounts.hooks.person_changed)."""
    try:
        services.refresh(kinds.of("person"), Q(pk=person.pk))
    except Exception:  # as above
        log.exception("search: the entry of a person could not follow a change")


def fill_published() -> None:
    """A catalogue was loaded (pdca.hooks.loaded)."""
    for kind in kinds.every():
        if isinstance(kind.reach, kinds.Everybody):
            services.fill(kind)
