"""Treatments as the treatment plan, a treatment's page and the panels read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Lower
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from core import together
from core.templatetags.ui import short_date
from projects import journal_words
from projects.addresses import address
from projects.models import JournalEntry, PlanActivity, Project, Task
from projects.permissions import Perm
from risks import levels
from risks.flows import TreatmentStatus, treatment_status
from risks.models import Edition, Option, Rating, RatingKind, Risk, SoaEntry, Treatment, TreatmentTask
from risks.models.treatment import WITHOUT_ACTION
from risks.profiles import Discipline

OPEN = (TreatmentStatus.PLANNED, TreatmentStatus.IN_PROGRESS)
BADGES = {
    TreatmentStatus.PLANNED: ("open", ""), TreatmentStatus.IN_PROGRESS: ("prog", ""), TreatmentStatus.DONE: ("done", ""),
    TreatmentStatus.CANCELLED: ("open", "ban"),
}  # fmt: skip
ACTIVITIES = ("2.3", "1.7.7")
"""Where a new action belongs unless somebody says otherwise: the first activity of step 2.3, or 1.7.7."""
STORY = 20
MOST_OFFERED = 300


def of(project: Project) -> QuerySet[Treatment]:
    """The treatments of a project with what a row names."""
    return Treatment.objects.filter(project=project).select_related("owner", "risk")


def one(project: Project, number: str) -> Treatment | None:
    """A treatment by the number people say aloud ("TR-003"), with its risk. One query."""
    wanted = Treatment.number_of(number)
    if wanted is None:
        return None
    found = (
        Treatment.objects.filter(project=project, number=wanted)
        .select_related("owner", "risk__owner", "created_by", "edited_by")
        .first()
    )
    if found is not None:
        found.project = found.risk.project = project
    return found


# ---- the treatment plan -----------------------------------------------------------------------------------------

SORTS: dict[str, tuple[Any, ...]] = {
    "number": ("number",),
    "title": (Lower("title"), "number"),
    "risk": ("risk__number", "number"),
    "owner": (Lower("owner__name"), "number"),
    "due": (F("due_on").asc(nulls_last=True), "number"),
    "cost": (F("cost").asc(nulls_first=True), "number"),
    "status": ("status", "number"),
}


def narrowed(
    rows: QuerySet[Treatment], wanted: dict[str, Any], *, today: dt.date, user: Any = None
) -> QuerySet[Treatment]:
    """Applies the filters of the list (cleaned values of forms.treatment.TreatmentFilter)."""
    status = wanted.get("status", "")
    if status == "":
        rows = rows.exclude(status=TreatmentStatus.CANCELLED)
    elif status == "open":
        rows = rows.filter(status__in=OPEN)
    elif status != "all":
        rows = rows.filter(status=status)
    if option := wanted.get("option"):
        rows = rows.filter(option=option)
    if discipline := wanted.get("discipline"):
        rows = rows.filter(risk__discipline=discipline)
    if owner := wanted.get("owner"):
        who = {"none": None, "me": user and user.pk}.get(owner, owner)
        rows = rows.filter(owner=who) if who else rows.filter(owner__isnull=True)
    if due := wanted.get("due"):
        rows = rows.filter(late(today) if due == "overdue" else Q(due_on__isnull=True))
    if risk := wanted.get("risk"):
        rows = rows.filter(risk__number=Risk.number_of(risk))
    if text := wanted.get("q"):
        matches = Q(title__icontains=text) | Q(description__icontains=text) | Q(risk__title__icontains=text)
        upper = text.upper()
        if upper.startswith("TR-") and (number := Treatment.number_of(text)) is not None:
            matches |= Q(number=number)
        elif upper.startswith("R-") and (number := Risk.number_of(text)) is not None:
            matches |= Q(risk__number=number)
        rows = rows.filter(matches)
    return rows


def late(today: dt.date) -> Q:
    """A condition: its day has passed and it is not done."""
    return Q(due_on__lt=today, status__in=OPEN)


def in_order(rows: QuerySet[Treatment], sort: str = "") -> QuerySet[Treatment]:
    """By number, or by one of SORTS; "-" the other way round."""
    name = sort.removeprefix("-")
    columns = SORTS.get(name, SORTS["number"])
    if sort.startswith("-") and name in SORTS:
        columns = tuple(_backwards(column) for column in columns)
    return rows.order_by(*columns)


def _backwards(column: Any) -> Any:
    if isinstance(column, str):
        return f"-{column}"
    if isinstance(column, Lower):
        return column.desc()
    return F(column.expression.name).desc(nulls_last=True)


class Totals(NamedTuple):
    """What the rows of a list come to, all pages together."""

    count: int
    cost: int
    effort_days: Decimal
    done: int
    late: int

    @property
    def percent(self) -> int:
        return 100 * self.done // self.count if self.count else 0


def totals(rows: QuerySet[Treatment], today: dt.date) -> Totals:
    """Sums over a list; cancelled treatments cost nothing. One query."""
    live = ~Q(status=TreatmentStatus.CANCELLED)
    found = rows.order_by().aggregate(
        n=Count("pk", filter=live), cost=Sum("cost", filter=live), effort=Sum("effort_days", filter=live),
        done=Count("pk", filter=Q(status=TreatmentStatus.DONE)), late=Count("pk", filter=late(today)),
    )  # fmt: skip
    return Totals(found["n"], found["cost"] or 0, found["effort"] or Decimal(0), found["done"], found["late"])


def progress_of(treatments: Iterable[Treatment]) -> dict[int, tuple[int, int]]:
    """(done, all) of the actions of each treatment; cancelled ones do not count. One query."""
    counted = (
        TreatmentTask.objects.filter(treatment__in=[one.pk for one in treatments])
        .exclude(task__status="cancelled")
        .order_by()
        .values_list("treatment_id")
        .annotate(done=Count("pk", filter=Q(task__status="done")), n=Count("pk"))
    )
    return {pk: (done, n) for pk, done, n in counted}


def dressed(treatments: Iterable[Treatment], project: Project) -> list[Treatment]:
    """Puts on each row what the template prints: addresses, words, badge, progress. One query."""
    treatments = list(treatments)
    progress, options, states = progress_of(treatments), dict(Option.choices), dict(TreatmentStatus.choices)
    for one in treatments:
        one.done, one.actions = progress.get(one.pk, (0, 0))
        one.percent = 100 * one.done // one.actions if one.actions else 0
        one.href = address("risks:treatment-detail", **project.address, number=one.label)
        one.risk_href = address("risks:risk-detail", **project.address, number=one.risk.label)
        one.option_word = short_option(options[one.option])
        one.badge = (*BADGES[one.status], states[one.status])
        one.is_closed = one.status not in OPEN
    return treatments


def short_option(label: Any) -> str:
    """ "Modify" of "Modify: reduce it by controls"."""
    return str(label).partition(":")[0]


# ---- one treatment ----------------------------------------------------------------------------------------------


class Outlook(NamedTuple):
    """A rating as a badge: "3 × 4", the level, its colour as a class."""

    marks: str
    level: str
    tone: str


class Choice(NamedTuple):
    number: int
    name: str


@dataclass
class Page:
    """A treatment with everything around it."""

    treatment: Treatment
    actions: list[Task]
    controls: list[SoaEntry]
    current: Outlook | None = None
    expected: Outlook | None = None
    is_own_expectation: bool = False
    told: list[Any] = field(default_factory=list)

    @property
    def counted(self) -> list[Task]:
        return [task for task in self.actions if task.status != "cancelled"]

    @property
    def done(self) -> int:
        return sum(task.status == "done" for task in self.counted)

    @property
    def percent(self) -> int:
        return 100 * self.done // len(self.counted) if self.counted else 0

    @property
    def excluded(self) -> list[SoaEntry]:
        """Controls it relies on that the statement excludes: an auditor sees the contradiction first."""
        return [entry for entry in self.controls if entry.is_applicable is False]


def page_of(treatment: Treatment, perms: frozenset[Perm]) -> Page:
    """Five queries."""
    project = treatment.project
    actions = list(
        Task.objects.filter(treatment_link__treatment=treatment)
        .select_related("assignee", "activity")
        .order_by("number")
    )
    for task in actions:
        task.project = project
    controls = list(
        SoaEntry.objects.filter(treatment_links__treatment=treatment).select_related("soa").order_by("soa", "position")
    )
    for entry in controls:
        entry.project = entry.soa.project = project
    found = Page(treatment, actions, controls)
    last = last_ratings([treatment.risk])
    is_gain = treatment.risk.is_opportunity
    found.current = outlook(last.get((treatment.risk_id, RatingKind.CURRENT)), is_gain)
    if (expected := last.get((treatment.risk_id, RatingKind.EXPECTED))) is not None:
        found.expected = outlook(expected, is_gain)
        found.is_own_expectation = expected.treatment_id == treatment.pk
    if Perm.VIEW_JOURNAL in perms:
        entries = JournalEntry.objects.filter(
            project=project, target_kind="risks.treatment", target_id=treatment.pk
        ).order_by("-seq")
        found.told = journal_words.tell(entries[:STORY], project)
    return found


def last_ratings(risks: Iterable[Risk]) -> dict[tuple[int, str], Rating]:
    """The last current and expected rating of each risk, with edition and treatment, by (risk, kind). One query."""
    rows = (
        Rating.objects.filter(risk__in=[risk.pk for risk in risks], kind__in=[RatingKind.CURRENT, RatingKind.EXPECTED])
        .select_related("edition", "treatment")
        .order_by("risk_id", "kind", "-rated_at", "-pk")
    )
    found: dict[tuple[int, str], Rating] = {}
    for rating in rows:
        found.setdefault((rating.risk_id, rating.kind), rating)
    return found


def outlook(rating: Rating | None, is_gain: bool) -> Outlook | None:
    if rating is None:
        return None
    tone = tone_class(rating.level, len(rating.edition.criteria.levels), is_gain)
    return Outlook(f"{rating.likelihood} × {rating.consequence}", rating.level_name, tone)


def tone_class(level: int, count: int, is_gain: bool) -> str:
    """The class that colours a level: risks on one scale, opportunities on the other."""
    return f"{'gain' if is_gain else 'tone'}-{levels.tone(level, count)}"


def tone_of(edition: Edition | None, level: int | None, is_gain: bool) -> tuple[str, str] | None:
    """Name and colour of a level of a risk by its edition; None where there is none."""
    if edition is None or level is None:
        return None
    names = edition.criteria.levels
    if level >= len(names):
        return None
    return names[level].name, tone_class(level, len(names), is_gain)


# ---- what forms choose from -------------------------------------------------------------------------------------


class ControlGroup(NamedTuple):
    """The controls of one theme of one statement."""

    set: str
    theme: str
    entries: list[SoaEntry]


def controls_of(project: Project) -> list[SoaEntry]:
    """Every control of the project's statements, in their order. One query."""
    return list(
        SoaEntry.objects.filter(project=project)
        .select_related("soa")
        .only("ref", "title", "theme", "is_applicable", "position", "soa__name", "project_id")
        .order_by("soa__name", "soa_id", "position")
    )


def grouped(entries: Iterable[SoaEntry]) -> list[ControlGroup]:
    """By statement and theme, as they come."""
    groups: dict[tuple[int, str], ControlGroup] = {}
    for entry in entries:
        key = (entry.soa_id, entry.theme)
        groups.setdefault(key, ControlGroup(entry.soa.name, entry.theme or _("Controls"), [])).entries.append(entry)
    return list(groups.values())


def free_tasks(project: Project) -> list[Task]:
    """Tasks of the plan that belong to no treatment and are not cancelled, the newest first. One query."""
    rows = Task.objects.filter(project=project, treatment_link__isnull=True).exclude(status="cancelled")
    return list(rows.order_by("-is_open", "-number").only("number", "title", "status", "project_id")[:MOST_OFFERED])


def default_activity(places: Iterable[PlanActivity]) -> str:
    """The number of the activity that new actions belong to, among those that apply; "" where neither is there."""
    numbers = [place.number for place in places if place.is_applicable]
    for wanted in ACTIVITIES:
        for number in numbers:
            if number == wanted or number.startswith(f"{wanted}."):
                return number
    return ""


# ---- panels -----------------------------------------------------------------------------------------------------


def of_risk(risk: Risk) -> list[Treatment]:
    """The treatments of a risk for its page, dressed. Two queries."""
    found = list(risk.treatments.select_related("owner").order_by("number"))
    for one in found:
        one.risk, one.project = risk, risk.project
    return dressed(found, risk.project)


@together.once
def above_threshold(project: Project) -> Q:
    """A condition over risks: the current level lies above the threshold of the edition it was rated by. One query."""
    found = Q(pk__in=[])
    for edition in Edition.objects.filter(project=project):
        found |= Q(edition=edition, current_level__gt=edition.criteria.threshold)
    return found


class Figures(NamedTuple):
    """How far treatment is: risks above the threshold, those without a decision, treatments by state."""

    above: int
    undecided: int
    planned: int
    in_progress: int
    done: int
    late: int

    @property
    def total(self) -> int:
        return self.planned + self.in_progress + self.done

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


def undecided(project: Project) -> QuerySet[Risk]:
    """Open risks above the threshold for which no treatment was decided (a cancelled one decides nothing)."""
    rows = Risk.objects.filter(above_threshold(project), project=project, is_open=True).exclude(
        discipline="opportunity"
    )
    decided = Treatment.objects.exclude(status=TreatmentStatus.CANCELLED).filter(project=project)
    return rows.exclude(pk__in=decided.values("risk_id")).order_by("number")


def figures(project: Project, today: dt.date) -> Figures:
    """Three queries."""
    above = above_threshold(project)
    decided = Treatment.objects.filter(risk=OuterRef("pk")).exclude(status=TreatmentStatus.CANCELLED)
    risks = (
        Risk.objects.filter(project=project, is_open=True)
        .exclude(discipline=Discipline.OPPORTUNITY)
        .order_by()
        .aggregate(above=Count("pk", filter=above), undecided=Count("pk", filter=above & ~Exists(decided)))
    )
    states = {
        str(state): Count("pk", filter=Q(status=state))
        for state in TreatmentStatus
        if state != TreatmentStatus.CANCELLED
    }
    found = Treatment.objects.filter(project=project).order_by()
    return Figures(**risks, **found.aggregate(**states, late=Count("pk", filter=late(today))))


def in_a_line(treatment: Treatment) -> str:
    """ "TR-003 Two-factor sign-in, until 4 Dec", for lists of treatments inside others."""
    text = f"{treatment.label} {Truncator(treatment.title).chars(90)}"
    return f"{text}, {short_date(treatment.due_on)}" if treatment.due_on else text


def task_of(project: Project, number: str) -> Task | None:
    """A task of the project by the number people say aloud. One query."""
    wanted = Task.number_of(number)
    return Task.objects.filter(project=project, number=wanted).first() if wanted is not None else None


def astray() -> dict[int, list[int]]:
    """Treatments whose status is not what their tasks say, by project: what a crash left behind. One query."""
    rows = (
        TreatmentTask.objects.exclude(treatment__status=TreatmentStatus.CANCELLED)
        .order_by("treatment_id")
        .values_list("treatment_id", "treatment__project_id", "treatment__number", "treatment__status",
                     "treatment__option", "task__status")
    )  # fmt: skip
    seen: dict[int, tuple[int, int, str, str, list[str]]] = {}
    for pk, project, number, status, option, task in rows.iterator(2_000):
        seen.setdefault(pk, (project, number, status, option, []))[4].append(task)
    found: dict[int, list[int]] = {}
    for project, number, status, option, states in seen.values():
        if status != by_tasks(option, states):
            found.setdefault(project, []).append(number)
    return found


def by_tasks(option: str, statuses: list[str]) -> TreatmentStatus:
    """Where a treatment stands by its tasks; knowingly doing nothing is done once it is decided. Pure."""
    if option in WITHOUT_ACTION and all(status == "cancelled" for status in statuses):
        return TreatmentStatus.DONE
    return treatment_status(statuses)
