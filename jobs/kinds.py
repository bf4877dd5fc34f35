"""The sorts of work there are. An app registers its own in `apps.py`:

    kinds.register(Kind("report", _("Report"), work=pressing.work, effect=pressing.keep, may=rights.may(Perm.VIEW_PROJECT)))

`work(run)` does what takes long and writes nothing of the business; what it returns goes to `effect(run, made)`, which
runs in one transaction with the job's end and returns the job's result ({"url": …} leads to what was made). A job whose
worker dies begins again, so `work` may run twice and `effect` takes effect once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.queues import LONG
from core.rules import RuleBroken

from .models import Job


class UnknownKind(RuleBroken):
    """No app does this sort of work: the row is older than the version of the program, or newer."""


@dataclass(frozen=True)
class Kind:
    """`may(job)` is asked when the job runs and again before its effect: rights are those of that moment.

    `queue` is "jobs" for what takes seconds to minutes, "celery" for quick work of the schedule.
    `announces` says whether its person is told of the end. After `most_seconds` an attempt is given up for good.
    """

    name: str
    title: Any
    work: Callable[[Any], Any]
    may: Callable[[Job], bool]
    effect: Callable[[Any, Any], dict[str, Any] | None] | None = None
    queue: str = LONG
    announces: bool = False
    icon: str = "settings"
    most_seconds: int = 600


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Adds a sort of work; one with the same name is replaced."""
    _kinds[kind.name] = kind


def of(name: str) -> Kind:
    """The kind of that name. Raises UnknownKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(
            _("This version of the program does not know the work “%(kind)s”.") % {"kind": name}
        ) from None


def every() -> list[Kind]:
    return [*_kinds.values()]


def queue_of(name: str) -> str:
    """Where work of that name is waited for; unknown work too has to be taken up, to fail in words."""
    return _kinds[name].queue if name in _kinds else LONG


def title_of(name: str) -> str:
    """The name people read; the technical one where no app knows the work any more."""
    return str(_kinds[name].title) if name in _kinds else name


def icon_of(name: str) -> str:
    return _kinds[name].icon if name in _kinds else "settings"
