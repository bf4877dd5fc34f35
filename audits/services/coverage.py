"""What the finished audits covered, and when each line of a programme is due next; kept in the change of an audit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Max

from audits.flows import DONE_AUDITS
from audits.models import Audit, Covered, ProgrammeLine, Result, SessionKind
from audits.selectors import clauses as clause_selectors
from core import dates
from projects import journal


def cover(audit: Audit, log: journal.Log) -> int:
    """Writes which clauses this audit covered where; what was not sampled is not covered. Returns how many. In a change.

    The agenda says what was audited where; without one, every clause of the criteria at every process and site of the
    audit. Where there is a checklist, a clause counts only if at least one of its lines was sampled.
    """
    uncover(audit)
    criteria = {one.pk for one in clause_selectors.of_audit(audit)}
    if audit.lines.exists():
        sampled = audit.lines.exclude(result__in=[Result.NONE, Result.NOT_SAMPLED])
        criteria &= set(sampled.values_list("clause_links__clause_id", flat=True))
    places = [item for item in audit.item_links.values_list("item_id", flat=True) if item] or [None]
    where: dict[int, set[int | None]] = defaultdict(set)
    sessions = list(audit.sessions.filter(kind=SessionKind.AUDIT).prefetch_related("clause_links"))
    for session in sessions:
        chosen = [link.clause_id for link in session.clause_links.all()]
        own = {one.pk for one in clause_selectors.whole([], chosen)} if chosen else criteria
        for clause in own & criteria:
            where[clause] |= {session.item_id} if session.item_id else set(places)
    if not sessions:
        where = {clause: set(places) for clause in criteria}
    day = audit.ends_on or log.at.date()
    rows = [
        Covered(
            organization_id=audit.organization_id, project=audit.project, audit=audit, clause_id=clause, item_id=item,
            day=day,
        )
        for clause in sorted(where)
        for item in sorted(where[clause], key=lambda one: one or 0)
    ]  # fmt: skip
    Covered.objects.bulk_create(rows)
    return len(rows)


def uncover(audit: Audit) -> None:
    """Takes back what an audit covered: its work goes on. In a change."""
    Covered.objects.filter(audit=audit).delete()


def follow_audit(audit: Audit) -> None:
    """The lines that an audit takes up, after it moved or its lines changed. In a change."""
    follow_lines(ProgrammeLine.objects.filter(audit_links__audit=audit).select_related("programme"))


def follow_lines(lines: Iterable[ProgrammeLine], *, is_open: bool | None = None) -> None:
    """Stores when each of these lines was audited last and is due next. One query to read, one for each that changed.

    A line is due first on `first_on`, then so many months after its last audit; after the end of its programme, or when
    that is closed, it is not due any more. `is_open` tells of a programme that is just being moved.
    """
    lines = list(lines)
    done = dict(
        ProgrammeLine.objects.filter(pk__in=[one.pk for one in lines], audit_links__audit__status__in=DONE_AUDITS)
        .order_by()
        .values_list("pk")
        .annotate(last=Max("audit_links__audit__ends_on"))
    )
    for line in lines:
        last = done.get(line.pk)
        due = line.first_on if last is None else dates.plus_months(last, line.every_months)
        is_running = line.programme.is_open if is_open is None else is_open
        if not is_running or due > line.programme.ends_on:
            due = None
        if (line.last_on, line.next_on) != (last, due):
            line.last_on, line.next_on = last, due
            ProgrammeLine.objects.filter(pk=line.pk).update(last_on=last, next_on=due)
