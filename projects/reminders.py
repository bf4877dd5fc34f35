"""What has an owner and a date hangs itself in here, and then nobody forgets it.

An app registers its sort of record in its `apps.py`:

    reminders.register(Source("risk", _("Risk"), _("Risks"), rows=open_risks, prefix="R", home="risks:risk-list"))

The engine (`notifications.reminding`) asks for the rows of hundreds of people at once, by the columns named here; the
calendar feeds and "my work" may ask the same. A source says what is still to be done; who is reminded, when and by which
way is not its business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet


@dataclass(frozen=True)
class Source:
    """A sort of record with an owner and a date, all of them in projects.

    `rows()` gives the records that are still to be done: nothing closed, nothing excluded. `owner`, `role`, `due`, `number`
    and `title` name the columns; `role=""` where a record cannot belong to a role. `version` and `changed` tell calendars
    that a date is a newer one. A record lies at the address `home` of its project, followed by its number as people say it
    (`prefix`-012).
    """

    kind: str
    label: Any
    plural: Any
    rows: Callable[[], QuerySet]
    prefix: str
    home: str
    owner: str = "assignee_id"
    role: str = "assignee_role"
    due: str = "due_on"
    number: str = "number"
    title: str = "title"
    version: str = "version"
    changed: str = "updated_at"


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Adds a sort of record; one with the same kind is replaced."""
    _sources[source.kind] = source


def every() -> list[Source]:
    return [*_sources.values()]


def of(kind: str) -> Source:
    """The source of that kind. Raises KeyError."""
    return _sources[kind]
