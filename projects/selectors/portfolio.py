"""All projects a person reads, side by side: how far, against the plan, what is late, what comes next.

`readable_by(person)` finds the projects, `choose` filters and sorts them, `Chosen.lines` tells of some of them all that a
page, a workbook or a report prints. The number of queries depends neither on projects nor on tasks: what a project's row
and its stored outline hold is not looked up again, and only the lines that are shown are told in full.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import (
    Count,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import svg
from core.prepared import Prepared
from core.templatetags.ui import against_plan
from projects import awaiting, discretion, outline, progress
from projects.addresses import address
from projects.awaiting import Awaited
from projects.forecast import pace
from projects.models import JournalEntry, Project, Task
from projects.models.project import ProjectStatus
from projects.outline import NextStep
from projects.permissions import Perm, Role, perms_of
from projects.selectors import standing as standings
from projects.selectors.forecast import Kept, kept_of
from projects.selectors.standing import Standing, any_may

PAGE = 50
LATE_POINTS = 10
LATE_WEEKS = 2
MOST_CHANGES = 100
"""So many changes are counted for a line; more are "100 and more"."""


# --- the projects -----------------------------------------------------------------------------------------------------


class Client(NamedTuple):
    name: str
    slug: str


class Consultant(NamedTuple):
    """The consultant in charge."""

    pk: int
    name: str


class Reading(NamedTuple):
    """A project as lists of many print it: what they need of the row, and nothing of what a record can do."""

    pk: int
    name: str
    slug: str
    status: str
    start_on: dt.date
    target_on: dt.date | None
    effort_minutes: int
    effort_minutes_done: int
    days_sold: Decimal | None
    days_used: Decimal | None
    plan_days: list[int]
    organization: Client
    consultant: Consultant | None
    roles: frozenset[Role]

    @property
    def address(self) -> dict[str, str]:
        return {"org": self.organization.slug, "project": self.slug}

    @property
    def progress_percent(self) -> int:
        return progress.percent(self.effort_minutes_done, self.effort_minutes)

    def get_status_display(self) -> str:
        return str(ProjectStatus(self.status).label)


def readable_by(user: Any) -> list[Reading]:
    """Every project a person reads, by client; two queries."""
    return readable(standings.of(user))


OWN = (
    "pk", "name", "slug", "status", "start_on", "target_on", "effort_minutes", "effort_minutes_done",
    "days_sold", "days_used",
)  # fmt: skip
OTHERS = (
    "organization__name", "organization__slug", "consultant_id", "consultant__name", "consultant__email",
    "organization_id",
)  # fmt: skip


def readable(standing: Standing) -> list[Reading]:
    """Every project that these roles open, by client; one query."""
    nobody: frozenset[Role] = frozenset()
    projects, organizations = keys_of(standing)
    if not (projects or organizations):
        return []
    found = []
    for row in READABLE(projects=projects, organizations=organizations):
        drawn, client, slug, consultant, name, email, organization = row[len(OWN) :]
        here, there = standing.projects.get(row[0], nobody), standing.organizations.get(organization, nobody)
        found.append(
            Reading(
                *row[: len(OWN)],
                parsed(drawn),
                Client(client, slug),
                Consultant(consultant, name or email) if consultant else None,
                here | there if here and there else here or there,
            )
        )
    found.sort(key=lambda one: (one.organization.name.casefold(), one.name.casefold(), one.pk))
    return found


@lru_cache(maxsize=8192)
def parsed(text: str) -> Any:
    """A stored plan, read once for as long as it stays the same. Whoever gets it changes nothing in it."""
    return json.loads(text)


def keys_of(standing: Standing) -> tuple[list[int], list[int]]:
    """The projects and the organizations that these roles let read."""
    return (
        [pk for pk, roles in standing.projects.items() if any_may([roles], Perm.VIEW_PROJECT)],
        [pk for pk, roles in standing.organizations.items() if any_may([roles], Perm.VIEW_PROJECT)],
    )


def opened_by(projects: list[int], organizations: list[int]) -> QuerySet[Project]:
    """The projects of these keys: the roles are known, so the grants are not joined once more."""
    return Project.objects.filter(
        Q(pk__in=projects) | Q(organization__in=organizations), organization__is_active=True
    ).order_by()


READABLE = Prepared(
    lambda projects, organizations: (
        opened_by(projects, organizations)
        .annotate(plan=Cast("plan_days", TextField()))
        .values_list(*OWN, "plan", *OTHERS)
    )
)


# --- what is late -----------------------------------------------------------------------------------------------------


class Ages(NamedTuple):
    """Overdue tasks by how long, in calendar days: up to 7, 8 to 21, more (5 and 15 days of a five-day week)."""

    week: int
    three_weeks: int
    longer: int

    @property
    def total(self) -> int:
        return sum(self)


NONE_LATE = Ages(0, 0, 0)


def overdue_ages(projects: Sequence[int], today: dt.date) -> dict[int, Ages]:
    """Open tasks past their date by age, for each project that has any; one query over the index `task_list` alone.

    `is_open__in`, because SQLite seeks in an index for a comparison, not for a bare truth value.
    """
    if not projects:
        return {}
    week, three_weeks = today - dt.timedelta(days=7), today - dt.timedelta(days=21)
    rows = OVERDUE(projects=list(projects), today=today, week=week, three_weeks=three_weeks)
    return {pk: Ages(week, every - week - longer, longer) for pk, every, week, longer in rows}


OVERDUE = Prepared(
    lambda projects, today, week, three_weeks: (
        Task.objects.filter(project__in=projects, is_open__in=[True], due_on__lt=today)
        .order_by()
        .values_list("project_id")
        .annotate(
            all=Count("*"),
            week=Count("due_on", filter=Q(due_on__gte=week)),
            longer=Count("due_on", filter=Q(due_on__lt=three_weeks)),
        )
    )
)


# --- choosing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """What stands above the list, over everything that passes the filters."""

    projects: int
    behind: int
    overdue: int
    longest: int
    done: int
    late: int


@dataclass(slots=True)
class Row:
    """What the list is filtered and sorted by, before the lines of one page are told."""

    project: Reading
    percent: int
    planned: int
    ages: Ages
    last_day: int | None
    target: int | None

    @property
    def behind(self) -> int:
        return self.planned - self.percent

    @property
    def overdue(self) -> int:
        return self.ages.total

    @property
    def days_late(self) -> int | None:
        """Calendar days between the target and the forecast; None without one of them."""
        return None if self.last_day is None or self.target is None else self.last_day - self.target

    @property
    def is_late(self) -> bool:
        return self.last_day is not None and self.target is not None and self.last_day > self.target


def _name_of_consultant(row: Row) -> tuple[bool, str]:
    who = row.project.consultant
    return who is None, who.name.casefold() if who else ""


SORTS: dict[str, Callable[[Row], Any]] = {
    "client": lambda row: (row.project.organization.name.casefold(), row.project.name.casefold()),
    "progress": attrgetter("percent"),
    "behind": attrgetter("behind"),
    "overdue": lambda row: (row.ages.total, row.ages.longer),
    "forecast": lambda row: -pace.NEVER if row.days_late is None else row.days_late,
    "target": lambda row: row.project.target_on or dt.date.max,
    "consultant": _name_of_consultant,
    "days": lambda row: (row.project.days_used or 0) / row.project.days_sold if row.project.days_sold else -1,
}
STATES = ("behind", "overdue", "late", *ProjectStatus.values)
NOBODY = "none"
"""Stands for "no consultant in charge" in the address."""


@dataclass
class Chosen:
    """The projects that pass the filters, in order, with what they were sorted by."""

    rows: list[Row]
    figures: Figures
    has_any: bool
    consultants: list[Consultant]
    today: dt.date
    person: Any = None
    is_grouped: bool = False

    def lines(self, rows: Sequence[Row] | None = None) -> list[Line]:
        """Some of the rows (all, if none are named) as a page prints them; one query, and one for each awaiting app."""
        return _told(self.rows if rows is None else rows, self.today, self.person)


def choose(
    projects: Sequence[Reading], *, today: dt.date, person: Any = None, q: str = "", state: str = "",
    consultant: str = "", sort: str = "", group: str = "",
) -> Chosen:  # fmt: skip
    """Filters and sorts projects (by client already); one query, over an index alone.

    `person`: whose "since I last looked" the lines tell; nobody's otherwise. `group="consultant"` keeps the projects of
    one consultant together, whatever they are sorted by.
    """
    word = q.casefold()
    wanted = [
        one
        for one in projects
        if (one.status == state if state in ProjectStatus.values else one.status != ProjectStatus.CLOSED)
        and (not consultant or consultant == (str(one.consultant.pk) if one.consultant else NOBODY))
        and (word in one.name.casefold() or word in one.organization.name.casefold())
    ]
    late = overdue_ages([one.pk for one in wanted], today)
    rows = [_row(one, late.get(one.pk, NONE_LATE), today) for one in wanted]
    figures = Figures(
        projects=len(rows),
        behind=sum(row.behind >= LATE_POINTS for row in rows),
        overdue=sum(row.ages.total for row in rows),
        longest=sum(row.ages.longer for row in rows),
        done=sum(one.effort_minutes_done for one in wanted) * 100 // (sum(one.effort_minutes for one in wanted) or 1),
        late=sum(row.is_late for row in rows),
    )
    if state == "behind":
        rows = [row for row in rows if row.behind > 0]
    elif state == "overdue":
        rows = [row for row in rows if row.ages.total]
    elif state == "late":
        rows = [row for row in rows if row.is_late]
    name = sort.removeprefix("-")
    if name in SORTS:
        rows.sort(key=SORTS[name], reverse=sort.startswith("-"))
    else:  # what needs attention first
        rows.sort(key=lambda row: (-max(row.behind, 0), -row.ages.total))
    if group == "consultant":
        rows.sort(key=_name_of_consultant)
    consultants = sorted({one.consultant for one in projects if one.consultant}, key=lambda one: one.name.casefold())
    has_any = bool(wanted) or (bool(q or state or consultant) and bool(projects))
    return Chosen(rows, figures, has_any, consultants, today, person, group == "consultant")


def _row(one: Reading, ages: Ages, today: dt.date) -> Row:
    """Days are counted from the start of the project, as the stored plan counts them."""
    percent, day = one.progress_percent, (today - one.start_on).days
    is_closed = one.status == ProjectStatus.CLOSED
    return Row(
        one,
        percent,
        outline.planned_on(day, one.plan_days),
        ages,
        None if is_closed else pace.last_day(one.plan_days, percent, day),
        (one.target_on - one.start_on).days if one.target_on else None,
    )


# --- telling ----------------------------------------------------------------------------------------------------------


class Forecast(NamedTuple):
    """When the work will be done at the pace so far; `ends_on` is None where no end is in sight."""

    ends_on: dt.date | None
    kind: str
    words: str


def _plain(days: Decimal | None) -> str:
    return f"{(days or Decimal(0)).normalize():f}"


class Days(NamedTuple):
    """Consulting days as entered in the project's settings."""

    sold: Decimal | None
    used: Decimal | None

    @property
    def words(self) -> str:
        """ "43.5 of 80", as far as entered."""
        if self.sold is None:
            return _plain(self.used)
        return _("%(used)s of %(sold)s") % {"used": _plain(self.used), "sold": _plain(self.sold)}

    @property
    def percent(self) -> int | None:
        return int(100 * (self.used or 0) / self.sold) if self.sold else None

    @property
    def is_over(self) -> bool:
        return self.sold is not None and self.used is not None and self.used > self.sold


@dataclass(slots=True)
class Line:
    """A project as a list shows it; everything a template prints stands here."""

    project: Reading
    url: str
    percent: int
    planned: int
    ages: Ages
    forecast: Forecast | None
    phases: list[tuple[str, int]]
    next_step: NextStep | None
    last_at: dt.datetime | None
    last_text: str
    days: Days | None = None
    awaited: list[Awaited] = field(default_factory=list)
    seen_at: dt.datetime | None = None
    changed: int | None = None
    """Entries of others since the person looked; None where they never did, or may not read the journal."""
    changes_url: str = ""
    kept: Kept | None = None
    """The latest kept forecast, from the stored row."""

    @property
    def overdue(self) -> int:
        return self.ages.total

    @property
    def behind(self) -> int:
        """Points behind the plan; negative when ahead."""
        return self.planned - self.percent

    @property
    def state(self) -> tuple[str, str]:
        """Kind and words of a badge: done, paused, late, behind, on plan."""
        if self.project.status != ProjectStatus.RUNNING:
            return "open", self.project.get_status_display()
        words, kind = against_plan(self.percent, self.planned)
        if self.behind >= LATE_POINTS:
            kind = "late"
        return kind, words[:1].upper() + words[1:]

    @property
    def kind(self) -> str:
        return self.state[0]

    @property
    def words(self) -> str:
        return self.state[1]

    @property
    def wheel(self) -> SafeString:
        """The wheel in small: the phases' progress."""
        return svg.small_wheel(tuple(percent for _title, percent in self.phases), self.phase_words)

    @property
    def phase_words(self) -> str:
        return ", ".join(f"{title} {percent} %" for title, percent in self.phases)


NOTHING = Q()


class _CountOf(Subquery):
    """How many rows a query has that is limited and looks at the row outside: a plain count would walk them all."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def _told(rows: Sequence[Row], today: dt.date, person: Any) -> list[Line]:
    if not rows:
        return []
    keys = [row.project.pk for row in rows]
    if person is None:
        facts = {row[0]: (*row[1:], None, None) for row in FACTS(projects=keys)}
    else:
        held = [(row.project.pk, perms_of(row.project.roles)) for row in rows]
        hidden = discretion.unseen(((pk, perms) for pk, perms in held if Perm.VIEW_JOURNAL in perms), person)
        found = _facts_for(keys, person.pk, hidden) if hidden else FACTS_FOR(projects=keys, person=person.pk)
        facts = {row[0]: row[1:] for row in found}
    waits = awaiting.of(keys)
    lines = []
    for row in rows:
        one = row.project
        perms = perms_of(one.roles)
        text, kept, last_at, last_text, seen_at, changed = facts[one.pk]
        drawn = parsed(text)
        line = Line(
            one,
            address("projects:project-home", **one.address),
            row.percent,
            row.planned,
            row.ages,
            forecast_of(row),
            [(title, percent) for title, percent in drawn.get("phases", ())],
            outline.next_step(drawn, one.start_on, today),
            last_at,
            last_text or "",
            awaited=waits.get(one.pk, []),
            kept=kept_of(parsed(kept)),
        )
        if Perm.MANAGE_PROJECT in perms and (one.days_sold is not None or one.days_used is not None):
            line.days = Days(one.days_sold, one.days_used)
        if person is not None and Perm.VIEW_JOURNAL in perms:
            line.seen_at, line.changed = seen_at, changed if seen_at else None
            line.changes_url = address("projects:changes", **one.address)
        lines.append(line)
    return lines


def _facts(projects: list[int]) -> QuerySet:
    """What the row of a project does not say: outline, last activity of a person."""
    return (
        Project.objects.filter(pk__in=projects)
        .order_by()
        .annotate(
            drawn=Cast("outline", TextField()),
            kept=Cast("forecast", TextField()),
            last_at=Subquery(BY_PEOPLE.values("at")[:1]),
            last_name=Subquery(BY_PEOPLE.values("actor_name")[:1]),
        )
        .values_list("pk", "drawn", "kept", "last_at", "last_name")
    )


def _facts_for(projects: list[int], person: int, hidden: Q = NOTHING) -> QuerySet:
    """The same, and how much others have written since the person looked, but for what is `hidden` from them."""
    others = BY_PEOPLE.order_by().exclude(actor=person).filter(seq__gt=OuterRef("seen__seq"))
    if hidden:
        others = others.exclude(hidden)
    return (
        _facts(projects)
        .annotate(
            seen=FilteredRelation("seen_by", condition=Q(seen_by__person=person)),
            seen_at=F("seen__at"),
            changed=_CountOf(others.annotate(one=Value(1)).values("one")[:MOST_CHANGES]),
        )
        .values_list("pk", "drawn", "kept", "last_at", "last_name", "seen_at", "changed")
    )


BY_PEOPLE = JournalEntry.objects.filter(project=OuterRef("pk"), actor__isnull=False).order_by("-seq")
FACTS, FACTS_FOR = Prepared(_facts), Prepared(_facts_for)


def forecast_of(row: Row) -> Forecast | None:
    """The forecast against the target in words; None where there is nothing left to foresee."""
    if row.last_day is None:
        return None
    if row.last_day >= pace.NEVER:
        return Forecast(None, "late", _("no end in sight"))
    ends_on = row.project.start_on + dt.timedelta(days=row.last_day)
    if row.days_late is None:
        return Forecast(ends_on, "", "")
    if row.days_late <= 0:
        return Forecast(ends_on, "done", _("in time"))
    weeks = -(-row.days_late // 7)
    return Forecast(
        ends_on,
        "late" if weeks > LATE_WEEKS else "risk",
        ngettext("%(n)s week late", "%(n)s weeks late", weeks) % {"n": weeks},
    )


# --- a page -----------------------------------------------------------------------------------------------------------


@dataclass
class Portfolio:
    """One page of the list."""

    chosen: Chosen
    page: Page
    lines: list[Line]

    @property
    def figures(self) -> Figures:
        return self.chosen.figures

    @property
    def has_any(self) -> bool:
        return self.chosen.has_any

    @cached_property
    def shows(self) -> dict[str, bool]:
        """Which of the columns that not everybody fills in have anything to say."""
        return {
            "days": any(line.days for line in self.lines),
            "awaited": awaiting.is_known(),
            "changes": any(line.changes_url for line in self.lines),
        }

    @property
    def groups(self) -> list[tuple[Consultant | None, list[Line]]]:
        """The lines under their consultants where the list is grouped, else all under nobody's name."""
        if not self.chosen.is_grouped:
            return [(None, self.lines)]
        found: dict[Consultant | None, list[Line]] = {}
        for line in self.lines:
            found.setdefault(line.project.consultant, []).append(line)
        return list(found.items())


def of(projects: Sequence[Reading], *, page: Any = 1, size: int = PAGE, **asked: Any) -> Portfolio:
    """One page of the portfolio; the number of queries depends neither on projects nor on tasks."""
    chosen = choose(projects, **asked)
    shown = Paginator(chosen.rows, size).get_page(page)
    return Portfolio(chosen, shown, chosen.lines(list(shown)))
