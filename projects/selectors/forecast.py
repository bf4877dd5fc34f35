"""The forecast of a project: its network, what finished projects of the firm took, and what the runs gave as dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import day_words, svg
from projects import access
from projects.forecast import estimates, play, slippage
from projects.forecast.estimates import Estimate
from projects.forecast.slippage import Known, Slip
from projects.models import (
    Absence,
    ForecastSnapshot,
    KitVersion,
    OrganizationGroupGrant,
    PlanActivity,
    Project,
    ProjectGroupGrant,
    Task,
)
from projects.models.plan import ActivityStatus
from projects.models.project import ProjectStatus
from projects.models.schedule import MilestoneKind
from projects.permissions import Role
from projects.schedule import Axis, schedule
from projects.schedule.network import Network
from projects.schedule.plan import ACTIVITY, MilestoneRow, network_of
from projects.selectors import schedule as schedules
from projects.selectors import took

MOST_PROJECTS = 30
"""So many finished projects are learned from, the latest ones."""
WEEK = dt.timedelta(days=7)


# ---- what finished projects took -------------------------------------------------------------------------------------


def firms_of(project: Project) -> set[int]:
    """The teams of the consulting firms that are engaged for a project; two queries."""
    consults = Q(permission__codename=Role.CONSULTANT.codename)
    at_project = ProjectGroupGrant.objects.filter(consults, content_object=project)
    at_client = OrganizationGroupGrant.objects.filter(consults, content_object_id=project.organization_id)
    return {*at_project.values_list("group_id", flat=True), *at_client.values_list("group_id", flat=True)}


def finished_with(project: Project) -> list[Project]:
    """Closed projects of the same firm (or, without a firm, of the same organization), the latest first."""
    firms = firms_of(project)
    consults = {"permission__codename": Role.CONSULTANT.codename, "group__in": firms}
    theirs = (
        Q(organization__in=OrganizationGroupGrant.objects.filter(**consults).values("content_object"))
        | Q(pk__in=ProjectGroupGrant.objects.filter(**consults).values("content_object"))
        if firms
        else Q(organization_id=project.organization_id)
    )
    closed = Project.objects.filter(theirs, status=ProjectStatus.CLOSED).exclude(pk=project.pk)
    return list(closed.order_by("-updated_at", "-pk")[:MOST_PROJECTS])


def ratios_for(project: Project) -> dict[str, list[float]]:
    """Actual to planned working days of each activity of the method, one figure for each finished project it is known of.

    Nothing else leaves those projects: no name, no date, no word. Five queries.
    """
    projects = finished_with(project)
    if len(projects) < estimates.LEAST_PROJECTS:
        return {}
    found: dict[str, list[float]] = {}
    for by_activity in took.ratios_of(projects).values():
        for key, ratio in by_activity.items():
            if not key.startswith("own "):
                found.setdefault(key, []).append(ratio)
    return {code: some for code, some in found.items() if len(some) >= estimates.LEAST_PROJECTS}


def shares_of_kit(project: Project) -> dict[str, list[int]]:
    """What the kit knows from which a project was started: three shares in percent by code, or by title where an activity
    is the kit's own. One query, none without a kit."""
    if project.kit_id is None:
        return {}
    content = KitVersion.objects.values_list("content", flat=True).get(pk=project.kit_id)
    activities = (one for step in content["steps"] for one in step["activities"])
    return {one["code"] or one["title"]: one["took"] for one in activities if one.get("took")}


def away_from(project: Project, open_ones: Iterable[PlanActivity], axis: Axis, today: dt.date) -> dict[int, set[int]]:
    """The working days, by activity, on which nobody is there who works on it: who has its open tasks, else who holds its
    role. One query, and two more where somebody is away."""
    off: dict[int, set[int]] = {}
    rows = Absence.objects.filter(organization_id=project.organization_id, last_on__gte=today)
    for person, first, last in rows.order_by("pk").values_list("person_id", "first_on", "last_on"):
        off.setdefault(person, set()).update(axis.days_off(max(first, today), last))
    if not off:
        return {}
    people: dict[int, set[int]] = {}
    tasks = Task.objects.filter(project=project, is_open=True, activity__isnull=False, assignee__isnull=False)
    for activity, person in tasks.order_by().values_list("activity_id", "assignee_id").distinct():
        people.setdefault(activity, set()).add(person)
    holders = access.holders_by_role(project)
    found = {}
    for one in open_ones:
        theirs = people.get(one.pk) or holders.get(one.responsible, set())
        if theirs and (days := set.intersection(*(off.get(person, set()) for person in theirs))):
            found[one.pk] = days
    return found


# ---- the plan as a network -------------------------------------------------------------------------------------------


def number_of(key: Any) -> int:
    """What names the luck of a node: the id of an activity; steps, which draw nothing, have numbers of their own."""
    return key[1] if key[0] == ACTIVITY else -2 - key[1]


@dataclass(frozen=True)
class Sources:
    """A plan ready to be played."""

    project: Project
    today: dt.date
    axis: Axis
    network: Network
    activities: dict[int, PlanActivity]
    estimates: dict[Hashable, Estimate]
    away: dict[Hashable, set[int]] = field(default_factory=dict)
    stage_2: MilestoneRow | None = None
    """The second stage of the certification audit, where a milestone says on which day it was agreed."""

    @property
    def target_on(self) -> dt.date | None:
        """The day that the chance is measured against."""
        return self.stage_2.on if self.stage_2 is not None else self.project.target_on

    @property
    def target_name(self) -> str:
        return self.stage_2.title if self.stage_2 is not None else _("certification audit, as the settings plan it")

    @cached_property
    def game(self) -> Any:
        numbers = {node.key: number_of(node.key) for node in self.network.nodes}
        return play.playable(self.network, self.estimates, numbers, self.away)

    @cached_property
    def digest(self) -> str:
        calendar = [self.axis.day(index) for index in range(0, 601, 20)]
        return play.digest_of(self.game, target=self.target_on, calendar=calendar)

    @property
    def seed(self) -> int:
        return play.seed_of(self.project.pk)

    @property
    def is_done(self) -> bool:
        return all(one.status == ActivityStatus.DONE for one in self.activities.values())


def sources_of(project: Project, today: dt.date) -> Sources | None:
    """The network of a project's activities today with what is left of each; None for a plan without any. Eleven queries.

    Raises Cycle for pieces of the plan that wait for each other.
    """
    # Milestones are days that follow from the work; here the work itself is asked for.
    loaded = schedules.load(project, with_tasks=False)
    stage_2 = next(
        (one for one in loaded.milestones.values() if one.kind == MilestoneKind.STAGE_2 and one.is_fixed), None
    )
    plan = replace(loaded, milestones={})
    network = network_of(plan, today)
    rows = PlanActivity.objects.filter(project=project).exclude(status=ActivityStatus.EXCLUDED).order_by("pk")
    activities = {one.pk: one for one in rows}
    if not activities:
        return None
    ratios, shares = ratios_for(project), shares_of_kit(project)
    left: dict[Hashable, Estimate] = {}
    for one in activities.values():
        one.project = project
        if one.status != ActivityStatus.DONE:
            kit = shares.get(one.code or one.title, ())
            left[ACTIVITY, one.pk] = left_of(one, ratios.get(one.code, ()), kit)
    open_ones = [one for one in activities.values() if (ACTIVITY, one.pk) in left]
    away = {(ACTIVITY, pk): days for pk, days in away_from(project, open_ones, plan.axis, today).items()}
    return Sources(project, today, plan.axis, network, activities, left, away, stage_2)


def left_of(activity: PlanActivity, ratios: Sequence[float] = (), kit: Sequence[int] = ()) -> Estimate:
    """What is left of an activity that is not done: what somebody said, else the share that its tasks leave open."""
    days = max(activity.duration_days, 1)
    whole = estimates.of_plan(days, ratios, kit)
    if activity.remaining_days is not None:
        return whole.left(1 - activity.remaining_days / days)
    if activity.started_on is None and not activity.effort_minutes_done:
        return whole
    return whole.left(activity.effort_minutes_done / activity.effort_minutes if activity.effort_minutes else 0.0)


# ---- what the runs gave ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Driver:
    """An activity that drives the spread of the end."""

    activity: PlanActivity
    criticality: float
    spread_days: float
    sensitivity: float
    correlation: float

    @property
    def criticality_percent(self) -> int:
        return round(100 * self.criticality)

    @property
    def sensitivity_percent(self) -> int:
        return round(100 * self.sensitivity)

    @property
    def says(self) -> str:
        """Where it stands, in a word or a date."""
        if self.activity.status == ActivityStatus.IN_PROGRESS or self.activity.effort_minutes_done:
            return _("%(percent)s percent done") % {"percent": self.activity.progress_percent}
        return _("planned from %(day)s") % {"day": day_words.long(self.activity.starts_on)}


SLIPS: dict[str, Any] = {
    "finished": (gettext_lazy("took longer than expected"), gettext_lazy("was finished sooner than expected")),
    "added": (gettext_lazy("came into the plan"), gettext_lazy("came into the plan")),
    "longer": (gettext_lazy("takes longer than thought"), gettext_lazy("takes longer, but may begin sooner")),
    "shorter": (
        gettext_lazy("less was done than the week allowed"),
        gettext_lazy("less of it is left than was expected"),
    ),
    "waiting": (gettext_lazy("could have been worked on, and was not"), gettext_lazy("may begin sooner")),
}
"""What a slip says, when it moved the end later and when it moved it earlier."""


def signed(days: float) -> str:
    """+3.5 or −2.0, with the decimal mark of the language in force."""
    return ("+" if days > 0 else "\N{MINUS SIGN}") + floatformat(abs(days), 1)


@dataclass(frozen=True)
class Told:
    """A slip with its activity."""

    activity: PlanActivity
    slip: Slip

    @property
    def words(self) -> str:
        return str(SLIPS[self.slip.kind][self.slip.days < 0])

    @property
    def days_words(self) -> str:
        return signed(self.slip.days)


@dataclass
class Forecast:
    """The day on which all work is done, as a distribution."""

    sources: Sources
    digest: str
    first: int
    counts: Sequence[int]
    runs: int
    mean: float
    drivers: list[Driver]

    def day(self, days: int) -> dt.date:
        """The last day of work that needed so many working days from the project's start."""
        return self.sources.axis.last_day(days)

    def percentile(self, share: float) -> int:
        """The least number of working days that sufficed in this share (0 to 1) of the runs."""
        needed, reached = share * self.runs, 0
        for k, count in enumerate(self.counts):
            reached += count
            if reached >= needed:
                return self.first + k
        return self.first + len(self.counts) - 1

    @cached_property
    def p50_on(self) -> dt.date:
        return self.day(self.percentile(0.5))

    @cached_property
    def p80_on(self) -> dt.date:
        return self.day(self.percentile(0.8))

    @property
    def p50_words(self) -> str:
        return day_words.long(self.p50_on)

    @property
    def p80_words(self) -> str:
        return day_words.long(self.p80_on)

    @property
    def kind(self) -> str:
        return kind_of(self.chance_percent)

    @cached_property
    def first_on(self) -> dt.date:
        return self.day(self.percentile(0.02))

    @cached_property
    def last_on(self) -> dt.date:
        return self.day(self.percentile(0.98))

    @property
    def target_on(self) -> dt.date | None:
        return self.sources.target_on

    @property
    def target_name(self) -> str:
        """What the chance is measured against, in words."""
        return self.sources.target_name

    @cached_property
    def chance_percent(self) -> int | None:
        """The share of runs whose work was done before the day of the audit, rounded down but for 100."""
        if self.target_on is None:
            return None
        last = self.sources.axis.start(self.target_on)  # all days before the audit may be worked
        met = sum(self.counts[: max(last - self.first + 1, 0)])
        return 100 if met == self.runs else int(100 * met / self.runs)

    @cached_property
    def ends(self) -> list[tuple[dt.date, int]]:
        """How many runs ended on each day."""
        return [(self.day(self.first + k), count) for k, count in enumerate(self.counts)]

    @cached_property
    def learned_from(self) -> int:
        """How many activities are estimated from what finished projects took."""
        return sum(one.projects > 0 for one in self.sources.estimates.values())

    @cached_property
    def learned_from_kit(self) -> int:
        """How many activities are estimated from what the kit knows."""
        return sum(one.is_of_kit for one in self.sources.estimates.values())

    @cached_property
    def held_up(self) -> int:
        """How many activities stand still on days on which nobody who works on them is there."""
        return len(self.sources.away)


def of_project(project: Project, today: dt.date) -> Forecast | None:
    """The forecast of a project today: as it was kept, if the plan is in the same state, otherwise played anew.

    None for a plan without activities, or where all is done.
    """
    sources = sources_of(project, today)
    if sources is None or sources.is_done:
        return None
    kept = ForecastSnapshot.objects.filter(project=project, digest=sources.digest).order_by("-on").first()
    return kept_as(sources, kept) if kept is not None else play_it(sources)


def kept_as(sources: Sources, kept: ForecastSnapshot) -> Forecast:
    known = sources.activities
    drivers = [
        Driver(known[one["activity"]], *(one[name] for name in DRIVER))
        for one in kept.drivers
        if one["activity"] in known
    ]
    ends = kept.ends
    return Forecast(sources, kept.digest, ends["first"], ends["counts"], ends["runs"], ends["mean"], drivers)


DRIVER = ("criticality", "spread_days", "sensitivity", "correlation")


def play_it(sources: Sources) -> Forecast:
    from projects.forecast.montecarlo import simulate  # numpy is loaded where it is needed, not with every page

    outcome = simulate(sources.game, seed=sources.seed)
    numbers = [node.key for node in sources.game.nodes]
    drivers = [
        Driver(sources.activities[numbers[one.at]], *(round(getattr(one, name), 4) for name in DRIVER))
        for one in outcome.drivers
        if numbers[one.at] in sources.activities
    ]
    return Forecast(sources, sources.digest, outcome.first, outcome.counts, outcome.runs, outcome.mean, drivers)


def inputs_of(sources: Sources) -> dict[str, list[Any]]:
    """What is known of each activity today, as a snapshot keeps it."""
    found = {}
    for node in sources.game.nodes:
        if (one := sources.activities.get(node.key)) is not None:
            found[str(node.key)] = list(slippage.rounded(slippage.known_of(node, one.number)))
    return found


@dataclass(frozen=True)
class Share:
    """By which day how many of a hundred runs were done: a line of the table beside the picture."""

    percent: int
    on: dt.date


def table_of(found: Forecast) -> list[Share]:
    return [Share(percent, found.day(found.percentile(percent / 100))) for percent in (5, 10, 25, 50, 75, 80, 90, 95)]


@dataclass(frozen=True)
class Kept:
    """What lists show of the latest kept forecast."""

    on: dt.date
    p50_on: dt.date
    p80_on: dt.date
    chance_percent: int | None
    target_on: dt.date | None = None

    @property
    def kind(self) -> str:
        return kind_of(self.chance_percent)


def kind_of(chance: int | None) -> str:
    """How the chance to meet the audit's date is coloured."""
    if chance is None:
        return ""
    return "done" if chance >= LIKELY else "risk" if chance >= UNLIKELY else "late"


LIKELY, UNLIKELY = 80, 50
"""Percent: from LIKELY on the date is safe enough, below UNLIKELY it will sooner be missed."""


def kept_of(stored: dict[str, Any]) -> Kept | None:
    """What `Project.forecast` says; None where nothing was kept yet. No query."""
    if not stored:
        return None
    days = (dt.date.fromisoformat(stored[name]) for name in ("on", "p50", "p80"))
    target = stored.get("target")
    return Kept(*days, stored.get("chance"), dt.date.fromisoformat(target) if target else None)


def picture(found: Forecast, size: str = "wide") -> Any:
    """The distribution with its days, the same for the page and for reports."""
    marks = [svg.DayMark(found.p50_on, _("P50")), svg.DayMark(found.p80_on, _("P80"))]
    desc = _("In one of two cases the work is done by %(p50)s, in four of five by %(p80)s.") % {
        "p50": day_words.long(found.p50_on), "p80": day_words.long(found.p80_on),
    }  # fmt: skip
    if found.target_on:
        marks.append(svg.DayMark(found.target_on, _("Audit"), "late"))
        desc += " " + _("The audit is planned for %(day)s: %(chance)s percent of the runs are done before.") % {
            "day": day_words.long(found.target_on), "chance": found.chance_percent,
        }  # fmt: skip
    shown = [(day, count) for day, count in found.ends if found.first_on <= day <= found.last_on]
    return svg.spread(
        shown, marks, id=f"spread-{size}", size=size, title=_("When the work will be done, in %(runs)s runs")
        % {"runs": found.runs}, desc=desc,
    )  # fmt: skip


# ---- since last week -------------------------------------------------------------------------------------------------


@dataclass
class Since:
    """What moved the forecast since an earlier day."""

    snapshot: ForecastSnapshot
    total: float
    slips: list[Told]
    gone: list[str]

    @property
    def is_still(self) -> bool:
        return abs(self.total) < 0.05

    @property
    def gain(self) -> float:
        return -self.total

    @property
    def rest(self) -> float:
        return self.total - sum(one.slip.days for one in self.slips)

    @property
    def has_rest(self) -> bool:
        return abs(self.rest) >= 0.5

    @property
    def rest_words(self) -> str:
        return signed(self.rest)


def week_before(project: Project, today: dt.date) -> ForecastSnapshot | None:
    """The forecast to compare with: of a week ago, or the nearest one before that, or the oldest of this week."""
    rows = ForecastSnapshot.objects.filter(project=project, on__lt=today).exclude(inputs={})
    return rows.filter(on__lte=today - WEEK).order_by("-on").first() or rows.order_by("on").first()


def since_last_week(now: Forecast) -> Since | None:
    """What slipped it since last week, told by activity; None while there is nothing to compare with."""
    sources = now.sources
    then = week_before(sources.project, sources.today)
    if then is None:
        return None
    if then.digest == now.digest:
        return Since(then, 0.0, [], [])
    known = {int(pk): Known(*values) for pk, values in then.inputs.items()}
    game = sources.game
    floats, begins_now = _float_of(sources)
    told = slippage.tell(
        game, known, then.ends["mean"], seed=sources.seed, activities=sources.activities, floats=floats,
        begins_now=begins_now,
    )  # fmt: skip
    slips = [Told(sources.activities[slip.key], slip) for slip in told.slips]
    gone = [values[0] for pk, values in known.items() if pk not in sources.activities]
    return Since(then, told.total, slips, gone)


def _float_of(sources: Sources) -> tuple[list[int], list[int]]:
    """The float of each node with the likely durations, and the places of those that can be worked on today."""
    likely = sources.estimates
    durations = [max(round(likely[node.key].likely), 1) if node.key in likely else 0 for node in sources.network.nodes]
    found, now = schedule(sources.network, durations), sources.network.now or 0
    begins = [at for at, start in enumerate(found.early_start) if start <= now]
    return found.total_float, begins
