"""The demo's calendar: a story told in the order of its days, each written as if it were that day."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch
from zoneinfo import ZoneInfo

from django.utils import timezone

from core.dates import WorkingCalendar

ZONE = ZoneInfo("Europe/Zurich")
CALENDAR = WorkingCalendar("1111100", "CH", "ZH")


@contextmanager
def as_if(moment: dt.datetime) -> Iterator[None]:
    """What is written inside bears `moment` as its time; no mail is written, for it would be months late."""
    with patch("django.utils.timezone.now", return_value=moment), patch("core.outbox.write", return_value=None):
        yield


def at(day: dt.date, hour: int = 9, minute: int = 0) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def shifted(day: dt.date, working_days: int) -> dt.date:
    """`day` moved by working days, in either direction."""
    if working_days >= 0:
        return CALENDAR.add(CALENDAR.on_or_after(day), working_days)
    for _k in range(-working_days):
        day = CALENDAR.on_or_before(day - dt.timedelta(days=1))
    return day


class Story:
    """Events with their moment; `tell` plays them in order and leaves out what has not happened yet.

    An event may add later ones while it is told, so the journal of the demo runs forward in time like any other.
    """

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)  # noqa: S311  a story, not a secret
        self.now = timezone.now()
        self.today = timezone.localdate(timezone=ZONE)
        self.told_until: dt.datetime | None = None
        self._events: list[tuple[dt.datetime, int, Callable[[], object]]] = []
        self._places = itertools.count()

    def moment(self, day: dt.date, first: int = 8, last: int = 17) -> dt.datetime:
        """A moment in the working hours of `day`."""
        return at(day, self.chance.randrange(first, last), self.chance.randrange(60))

    def add(self, moment: dt.datetime, event: Callable[..., object], **arguments: object) -> bool:
        """Puts an event into the story; False when it lies ahead and so will not be told."""
        if moment >= self.now:
            return False
        heapq.heappush(self._events, (moment, next(self._places), lambda: event(**arguments)))
        return True

    def days_ago(self, days: int) -> dt.date:
        """The working day on or before that many days ago."""
        return CALENDAR.on_or_before(self.today - dt.timedelta(days=days))

    def days_ahead(self, days: int) -> dt.date:
        return CALENDAR.on_or_after(self.today + dt.timedelta(days=days))

    def tell(self) -> None:
        """Plays all events, oldest first, those too that come up on the way."""
        while self._events:
            moment, _place, event = heapq.heappop(self._events)
            self.told_until = max(self.told_until, moment) if self.told_until else moment
            with as_if(self.told_until):
                event()
