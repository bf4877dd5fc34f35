"""What happened to the levels of a project's risks: ratings, closings and reopenings, in their order."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from projects.models import JournalEntry, Project
from risks.models import Rating, RatingKind, Risk
from risks.trends import CLOSED, RATED, REOPENED, Event

MOVES = {"risk.close": CLOSED, "risk.reopen": REOPENED}


def events(project: Project, rows: QuerySet[Risk], zone: str) -> list[Event]:
    """The events of `rows` by local day of `zone`. Three queries.

    Ratings are never changed, and neither is the journal, which tells when a risk was closed and reopened.
    """
    wanted = set(rows.order_by().values_list("pk", flat=True))
    found = [
        (at, risk, RATED, level)
        for risk, at, level in Rating.objects.filter(project=project, kind=RatingKind.CURRENT)
        .order_by("rated_at", "pk")
        .values_list("risk_id", "rated_at", "level_name")
        if risk in wanted
    ]
    told = JournalEntry.objects.filter(project=project, target_kind="risks.risk", action__in=MOVES).order_by("seq")
    found += [
        (at, risk, MOVES[action], "")
        for risk, at, action in told.values_list("target_id", "at", "action")
        if risk in wanted
    ]
    found.sort(key=lambda event: event[0])
    local = ZoneInfo(zone)
    return [Event(at.astimezone(local).date(), risk, what, level) for at, risk, what, level in found]
