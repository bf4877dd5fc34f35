"""The sentences of digests. Each is made once for a language and a set of numbers, and then taken from memory."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache, wraps
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import day_words
from notifications.models import Why

MOST = 20_000


def _spoken(function: Any) -> Any:
    """Speaks the language named first, and remembers what it said."""

    @lru_cache(maxsize=MOST)
    @wraps(function)
    def spoken(language: str, *values: Any) -> str:
        with translation.override(language):
            return function(*values)

    return spoken


def _day(day: dt.date) -> str:
    return day_words.full(day, with_year=False)


day = _spoken(_day)


@_spoken
def when(due: dt.date, today: dt.date, late: int) -> str:
    """When it is due, as people say it: today, tomorrow, in 7 days, so many working days late."""
    if due < today:
        if late == 0:
            return _("was due %(day)s") % {"day": _day(due)}
        return ngettext(
            "%(n)s working day late, was due %(day)s", "%(n)s working days late, was due %(day)s", late
        ) % {"n": late, "day": _day(due)}  # fmt: skip
    ahead = (due - today).days
    if ahead == 0:
        return _("due today")
    if ahead == 1:
        return _("due tomorrow, %(day)s") % {"day": _day(due)}
    return ngettext("due in %(n)s day, %(day)s", "due in %(n)s days, %(day)s", ahead) % {"n": ahead, "day": _day(due)}


@_spoken
def in_inbox(count: int, late: int) -> str:
    """One line of the inbox for a morning in a project: how much, and how much of it is late."""
    said = ngettext("%(n)s reminder this morning", "%(n)s reminders this morning", count) % {"n": count}
    if not late:
        return said
    return f"{said}, " + (_("late") if count == 1 else ngettext("%(n)s late", "%(n)s late", late) % {"n": late})


@_spoken
def why(reason: str, owner: str) -> str:
    """What stands after the date when it is not simply one's own: " · your role", " · escalated to you, Anna Muster"."""
    if reason == Why.ROLE:
        return " · " + _("for your role, nobody is named yet")
    if reason == Why.LEAD:
        if owner:
            return " · " + _("assigned to %(name)s, who has left") % {"name": owner}
        return " · " + _("nobody does this yet")
    if reason in (Why.MANAGER, Why.MANAGEMENT):
        return " · " + (
            _("escalated to you, assigned to %(name)s") % {"name": owner} if owner else _("escalated to you")
        )
    return ""


def _counts(late: int, today: int, soon: int, news: int) -> str:
    words = []
    if late:
        words.append(ngettext("%(n)s late", "%(n)s late", late) % {"n": late})
    if today:
        words.append(ngettext("%(n)s due today", "%(n)s due today", today) % {"n": today})
    if soon:
        words.append(ngettext("%(n)s due soon", "%(n)s due soon", soon) % {"n": soon})
    if news:
        words.append(ngettext("%(n)s piece of news", "%(n)s pieces of news", news) % {"n": news})
    return ", ".join(words)


@_spoken
def subject(late: int, today: int, soon: int, news: int) -> str:
    return _("Your work: %(counts)s") % {"counts": _counts(late, today, soon, news)}


@_spoken
def title(day: dt.date, late: int, today: int, soon: int, news: int) -> str:
    return _("%(day)s: %(counts)s") % {"day": _day(day), "counts": _counts(late, today, soon, news)}


@_spoken
def greeting(name: str) -> str:
    return _("Hello %(name)s,") % {"name": name} if name else _("Hello,")


@_spoken
def more(count: int) -> str:
    return ngettext("and %(n)s more: my work", "and %(n)s more: my work", count) % {"n": count}


# --- The weekly summary ----------------------------------------------------------------------------


@_spoken
def week_subject(monday: dt.date, projects: int, late: int) -> str:
    words = ngettext("%(n)s project", "%(n)s projects", projects) % {"n": projects}
    if late:
        words += ", " + ngettext("%(n)s late", "%(n)s late", late) % {"n": late}
    return _("The week from %(day)s: %(counts)s") % {"day": day_words.long(monday, with_year=False), "counts": words}


@_spoken
def week_progress(percent: int, planned: int) -> str:
    values = {"percent": percent, "planned": planned, "n": abs(planned - percent)}
    if planned > percent:
        return _("%(percent)s %% done, %(planned)s %% planned: %(n)s points behind") % values
    if planned < percent:
        return _("%(percent)s %% done, %(planned)s %% planned: %(n)s points ahead") % values
    return _("%(percent)s %% done, as planned") % values


@_spoken
def week_done(done: int) -> str:
    return ngettext("%(n)s task done last week", "%(n)s tasks done last week", done) % {"n": done}


@_spoken
def week_late(late: int) -> str:
    return ngettext("%(n)s overdue", "%(n)s overdue", late) % {"n": late} if late else _("Nothing is overdue")


@_spoken
def week_escalated(to_manager: int, to_management: int) -> str:
    """Of what is late: how much has climbed, by how far."""
    words = []
    if to_manager:
        words.append(_("%(n)s with the project manager") % {"n": to_manager})
    if to_management:
        words.append(_("%(n)s with top management") % {"n": to_management})
    return _("Escalated: %(counts)s") % {"counts": ", ".join(words)} if words else ""


@_spoken
def week_awaited(count: int) -> str:
    return ngettext("%(n)s decision awaited", "%(n)s decisions awaited", count) % {"n": count} if count else ""


@_spoken
def week_next(name: str, due: dt.date) -> str:
    return _("Next: %(name)s, until %(day)s") % {"name": name, "day": _day(due)}


@_spoken
def more_projects(count: int) -> str:
    return ngettext("and %(n)s more project", "and %(n)s more projects", count) % {"n": count}
