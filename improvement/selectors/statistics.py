"""What the register teaches: ageing, Pareto by clause, process, cause and source, times, recurrence. (9.1.3; IMS2 4.1 and 4.2)"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from statistics import median
from typing import Any, NamedTuple

from django.db.models import Count, FloatField, Func, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from improvement.flows import Status
from improvement.models import Category, Cause, Nonconformity, NonconformityClause, Source, Verdict

AGES = (30, 60, 90, 180)
"""Where the buckets of ageing end, in days."""


class Slice(NamedTuple):
    """One row of a Pareto: what, how many, and the filter of the register that lists them."""

    label: str
    count: int
    query: str


class Bucket(NamedTuple):
    label: str
    count: int
    first: int
    last: int | None


class Times(NamedTuple):
    """Days in the middle (half took longer), and of how many; None where there is none yet."""

    contain_days: float | None
    contained: int
    close_days: float | None
    closed: int

    @property
    def said_contain(self) -> str:
        return _said_days(self.contain_days)

    @property
    def said_close(self) -> str:
        return _said_days(self.close_days)


class Recurrence(NamedTuple):
    """How many of those that count happened before, or came back after a round."""

    total: int
    again: int
    not_effective: int
    judged: int

    @property
    def percent(self) -> int:
        return round(100 * self.again / self.total) if self.total else 0

    @property
    def effective_percent(self) -> int | None:
        """How many of the judged rounds were effective; None before any was judged."""
        return round(100 * (self.judged - self.not_effective) / self.judged) if self.judged else None


class Statistics(NamedTuple):
    total: int
    ages: list[Bucket]
    by_clause: list[Slice]
    by_process: list[Slice]
    by_cause: list[Slice]
    by_source: list[Slice]
    times: Times
    recurrence: Recurrence

    @property
    def paretos(self) -> list[tuple[str, Any, list[Slice]]]:
        """(key, title, rows), in the order of the page."""
        return [
            ("clause", _("By clause"), self.by_clause),
            ("process", _("By process"), self.by_process),
            ("cause", _("By root cause"), self.by_cause),
            ("source", _("By source"), self.by_source),
        ]


def _said_days(days: float | None) -> str:
    if days is None:
        return "–"
    rounded = round(days, 1) if days < 10 else round(days)
    text = f"{rounded:g}"
    return ngettext("%(n)s day", "%(n)s days", 1 if rounded == 1 else 2) % {"n": text}


class Days(Func):
    """How many days lie between two moments, the later one first; worked out by the database, so that no row travels."""

    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template, joined = "(JULIANDAY(%(expressions)s))", ") - JULIANDAY("
        return super().as_sql(compiler, connection, template=template, arg_joiner=joined, **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "(EXTRACT(EPOCH FROM (%(expressions)s)) / 86400)::double precision"
        return super().as_sql(compiler, connection, template=template, arg_joiner=" - ", **more)


def of(rows: QuerySet[Nonconformity], today: dt.date) -> Statistics:
    """The statistics of the rows somebody sees, refused ones left out. Five queries, however many rows."""
    counted = rows.exclude(status=Status.REFUSED).order_by()
    inside = counted.values("pk")
    buckets = list(_buckets())
    figures = counted.aggregate(
        total=Count("pk"), again=Count("recurrence_of"),
        **{f"age_{first}": Count("pk", filter=_aged(first, last, today)) for first, last in buckets},
    )  # fmt: skip
    by_process, by_source = _processes_and_sources(counted)
    times, verdicts = _times_and_verdicts(counted)
    judged = sum(verdicts.values())
    return Statistics(
        figures["total"], [_bucket(first, last, figures[f"age_{first}"]) for first, last in buckets],
        _clauses(inside), by_process, _causes(inside), by_source, times,
        Recurrence(figures["total"], figures["again"], verdicts[Verdict.NOT_EFFECTIVE], judged),
    )  # fmt: skip


def _buckets() -> Iterator[tuple[int, int | None]]:
    """The first and the last day of each bucket of ageing; the last one is open."""
    first = 0
    for last in AGES:
        yield first, last
        first = last + 1
    yield first, None


def _aged(first: int, last: int | None, today: dt.date) -> Q:
    """Open ones that were found so many days ago."""
    found = Q(is_open=True, detected_on__lte=today - dt.timedelta(days=first))
    return found if last is None else found & Q(detected_on__gte=today - dt.timedelta(days=last))


def _bucket(first: int, last: int | None, count: int) -> Bucket:
    if last is None:
        return Bucket(_("more than %(n)s days") % {"n": AGES[-1]}, count, first, last)
    return Bucket(_("%(first)s to %(last)s days") % {"first": first, "last": last}, count, first, last)


def _clauses(inside: QuerySet) -> list[Slice]:
    links = NonconformityClause.objects.filter(nonconformity__in=inside).order_by()
    rows = (
        links.values("clause", "clause__standard__code", "clause__ref", "clause__title")
        .annotate(n=Count("pk")).order_by("-n", "clause__standard__code", "clause__position")
    )  # fmt: skip
    return [
        Slice(f"{row['clause__standard__code']} {row['clause__ref']} {row['clause__title']}", row["n"], f"clause={row['clause']}")
        for row in rows
    ]  # fmt: skip


def _processes_and_sources(rows: QuerySet[Nonconformity]) -> tuple[list[Slice], list[Slice]]:
    """One query. One bar for a process, however its letters are written."""
    names: dict[str, str] = {}
    processes: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    counted = rows.values("process", "source").annotate(n=Count("pk")).order_by("process", "source")
    for text, source, n in counted.values_list("process", "source", "n"):
        sources[source] += n
        if text:
            names.setdefault(text.casefold(), text)
            processes[text.casefold()] += n
    words = dict(Source.choices)
    by_source = [Slice(str(words.get(source, source)), n, _asked("source", source)) for source, n in sources.items()]
    by_process = sorted(processes.items(), key=lambda one: (-one[1], one[0]))
    return (
        [Slice(names[key], n, _asked("process", names[key])) for key, n in by_process],
        sorted(by_source, key=lambda one: (-one.count, one.label)),
    )


def _causes(inside: QuerySet) -> list[Slice]:
    rows = Cause.objects.filter(is_root=True, round__nonconformity__in=inside).order_by()
    counted = rows.values("category").annotate(n=Count("round__nonconformity", distinct=True))
    words = dict(Category.choices)
    found = [
        Slice(str(words.get(row["category"], _("Without a category"))), row["n"], _asked("cause", row["category"]))
        for row in counted
    ]
    return sorted(found, key=lambda one: (-one.count, one.label))


def _asked(name: str, value: str) -> str:
    from urllib.parse import urlencode

    return urlencode({name: value}) if value else ""


def _times_and_verdicts(counted: QuerySet[Nonconformity]) -> tuple[Times, Counter[str]]:
    """How long the first correction and the closing took, and how rounds were judged. One query: a few numbers for each round."""
    contain, close, verdicts = [], [], Counter()
    rounds = counted.values_list(
        "rounds__number", "rounds__verdict", Days("rounds__contained_at", "created_at"), Days("closed_at", "created_at")
    )
    for number, verdict, contained, closed in rounds:
        if verdict:
            verdicts[verdict] += 1
        if number == 1:
            contain.append(contained)
            close.append(closed)
    contain, close = ([days for days in found if days is not None] for found in (contain, close))
    return Times(
        median(contain) if contain else None, len(contain), median(close) if close else None, len(close)
    ), verdicts  # fmt: skip


WORDS = {
    "contain": gettext_lazy("Time to contain"),
    "close": gettext_lazy("Time to close"),
    "recurrence": gettext_lazy("Recurrence rate"),
    "effective": gettext_lazy("Effective at the first check"),
}
