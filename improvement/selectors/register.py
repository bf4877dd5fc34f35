"""The register of nonconformities as its list, its workbook and its panels read it: filters, order, phases, figures.

A page finds the numbers of its fifty rows in one index and reads only these, whatever the size of the register.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    When,
)
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from improvement.flows import Status
from improvement.grading import Scale
from improvement.models import Action, Cause, Nonconformity, NonconformityClause, Round
from projects.models import Project

NOBODY, ME, GONE, EVERY, UNGRADED = "none", "me", "gone", "all", "none"
MOST_OFFERED = 300


class Asks(TextChoices):
    """What a nonconformity asks for beside its state, as filters and exports say it."""

    OVERDUE = "overdue", gettext_lazy("Overdue")
    VERIFY = "verify", gettext_lazy("To be verified by me")
    AGAIN = "again", gettext_lazy("Happened before")
    ROUNDS = "rounds", gettext_lazy("Was not effective once")
    CONFIDENTIAL = "confidential", gettext_lazy("Confidential")


class Phase(TextChoices):
    """What comes next, and by when: the days of a round."""

    CONTAIN = "contain", gettext_lazy("Correction")
    ANALYSE = "analyse", gettext_lazy("Cause and plan")
    ACT = "act", gettext_lazy("Corrective action")
    VERIFY = "verify", gettext_lazy("Check of effectiveness")


PHASE_OF = {
    Status.ACCEPTED: Phase.CONTAIN,
    Status.CONTAINED: Phase.ANALYSE,
    Status.ANALYSED: Phase.ANALYSE,
    Status.PLANNED: Phase.ACT,
    Status.IMPLEMENTED: Phase.VERIFY,
    Status.VERIFYING: Phase.VERIFY,
}
STATES_OF = {phase: [str(s) for s, one in PHASE_OF.items() if one == phase] for phase in Phase}
DUE_FIELD = {Phase.CONTAIN: "correction_due_on", Phase.ANALYSE: "analysis_due_on", Phase.VERIFY: "check_on"}

SORTS: dict[str, tuple[Any, ...]] = {
    "number": ("number",),
    "title": (Lower("title"), "number"),
    "state": ("life", "number"),
    "grade": ("grade", "number"),
    "owner": (Lower("owner__name"), "number"),
    "due": (F("next_on").asc(nulls_last=True), "number"),
    "age": ("-detected_on", "number"),
    "process": (Lower("process"), "number"),
    "updated": ("updated_at", "number"),
}


def open_tasks_due(rounds: QuerySet[Round] | None = None) -> QuerySet[Action]:
    """The tasks that are still to be done in the round in work of an outer nonconformity."""
    return Action.objects.filter(round__nonconformity=OuterRef("pk"), round__verdict="", task__is_open=True)


def with_next(rows: QuerySet[Nonconformity]) -> QuerySet[Nonconformity]:
    """Adds `next_on`, the day the present phase is due, to each row."""
    current = Round.objects.filter(nonconformity=OuterRef("pk"), verdict="")
    first = open_tasks_due().order_by().values("round__nonconformity").annotate(first=Min("task__due_on"))
    whens = [
        When(status__in=STATES_OF[phase], then=Subquery(current.values(name)[:1])) for phase, name in DUE_FIELD.items()
    ]
    return rows.annotate(
        next_on=Case(
            *whens, When(status__in=STATES_OF[Phase.ACT], then=Subquery(first.values("first")[:1])), default=None
        )
    )


def late(phase: Phase, today: dt.date) -> Q:
    """Open ones whose present phase is overdue."""
    inside = Q(status__in=STATES_OF[phase])
    if phase == Phase.ACT:
        return inside & Q(Exists(open_tasks_due().filter(task__due_on__lt=today)))
    due = {f"{DUE_FIELD[phase]}__lt": today}
    return inside & Q(Exists(Round.objects.filter(nonconformity=OuterRef("pk"), verdict="", **due)))


def overdue(today: dt.date) -> Q:
    found = Q(pk__in=[])
    for phase in Phase:
        found |= late(phase, today)
    return found


# ---- narrowing and order -----------------------------------------------------------------------------------------


def narrowed(
    rows: QuerySet[Nonconformity],
    wanted: dict[str, Any],
    *,
    today: dt.date,
    user: Any = None,
    people: Iterable[int] = (),
) -> QuerySet[Nonconformity]:
    """Applies the filters of the list (`forms.register.RegisterFilter.wanted`)."""
    state = wanted.get("state", "")
    if state in Status.values:
        rows = rows.filter(status=state)
    elif state != EVERY:
        rows = rows.filter(is_open__in=[True])  # asked so that every database uses its index
    if source := wanted.get("source"):
        rows = rows.filter(source=source)
    if grade := wanted.get("grade"):
        rows = rows.filter(grade="" if grade == UNGRADED else grade)
    if owner := wanted.get("owner"):
        rows = of_owner(rows, owner, user, people)
    if asks := wanted.get("asks"):
        rows = rows.filter(_asking(asks, today, user))
    if phase := wanted.get("phase"):
        rows = rows.filter(late(Phase(phase), today))
    if process := wanted.get("process"):
        rows = rows.filter(process__iexact=process)
    if site := wanted.get("site"):
        rows = rows.filter(site__iexact=site)
    if cause := wanted.get("cause"):
        # Of any round: what was found once counts in the statistics.
        rooted = Cause.objects.filter(round__nonconformity=OuterRef("pk"), is_root=True, category=cause)
        rows = rows.filter(Exists(rooted))
    if clause := wanted.get("clause"):
        rows = rows.filter(Exists(NonconformityClause.objects.filter(nonconformity=OuterRef("pk"), clause=clause)))
    if since := wanted.get("since"):
        rows = rows.filter(detected_on__gte=since)
    if until := wanted.get("until"):
        rows = rows.filter(detected_on__lte=until)
    if text := wanted.get("q"):
        matches = Q(title__icontains=text) | Q(description__icontains=text) | Q(process__icontains=text)
        matches |= Q(place__icontains=text) | Q(site__icontains=text) | Q(evidence__icontains=text)
        if (
            text.upper().startswith(f"{Nonconformity.PREFIX}-")
            and (number := Nonconformity.number_of(text)) is not None
        ):
            matches |= Q(number=number)
        rows = rows.filter(matches)
    return rows


def of_owner(rows: Any, owner: str, user: Any, people: Iterable[int]) -> Any:
    """The rows of one owner, by key; or "me", "none", or "gone": of somebody who has left the project."""
    if owner == NOBODY:
        return rows.filter(owner__isnull=True)
    if owner == GONE:
        return rows.filter(owner__isnull=False).exclude(owner__in=list(people))
    return rows.filter(owner=(user and user.pk) if owner == ME else owner)


def _asking(asks: str, today: dt.date, user: Any) -> Q:
    if asks == Asks.OVERDUE:
        return overdue(today)
    if asks == Asks.VERIFY:
        mine = Round.objects.filter(nonconformity=OuterRef("pk"), verdict="", verifier=user and user.pk)
        return Q(status__in=STATES_OF[Phase.VERIFY]) & Q(Exists(mine))
    if asks == Asks.AGAIN:
        return Q(recurrence_of__isnull=False)
    if asks == Asks.ROUNDS:
        return Q(Exists(Round.objects.filter(nonconformity=OuterRef("pk"), verdict="not_effective")))
    return Q(is_confidential=True)


def in_order(rows: QuerySet[Nonconformity], sort: str = "") -> QuerySet[Nonconformity]:
    """The newest first; or by one of SORTS, "-" the other way round. Of equals the first stays the first."""
    name = sort.removeprefix("-")
    if name not in SORTS:
        return rows.order_by("-number")
    if name == "due":
        rows = with_next(rows)
    if name == "state":
        places = [When(status=status, then=n) for n, status in enumerate(Status)]
        rows = rows.annotate(life=Case(*places, output_field=IntegerField()))
    first, *equals = SORTS[name]
    return rows.order_by(_backwards(first) if sort.startswith("-") else first, *equals)


def _backwards(column: Any) -> Any:
    if isinstance(column, str):
        return column.removeprefix("-") if column.startswith("-") else f"-{column}"
    if getattr(column, "nulls_last", None):
        return F(column.expression.name).desc(nulls_last=True)
    return column.desc()


# ---- rows ---------------------------------------------------------------------------------------------------------


def rows_of(project: Project, numbers: QuerySet, sort: str = "") -> QuerySet[Nonconformity]:
    """Those of a page of numbers, with owner and next date, in the order of the list. One query, that of the numbers with it."""
    rows = with_next(Nonconformity.objects.filter(project=project, number__in=numbers)).select_related("owner")
    return in_order(rows, sort)


class Due(NamedTuple):
    """What comes next of one that is open, and by when; `on` None: nobody has said it."""

    phase: str
    on: dt.date | None


def dues_of(rows: Iterable[Nonconformity]) -> dict[int, Due]:
    """What comes next of each open one, by its id. Two queries at most; none for rows that carry `with_next`."""
    rows = [row for row in rows if Status(row.status) in PHASE_OF]
    if not rows:
        return {}
    words, wanted = _phase_words(), {row.pk: PHASE_OF[Status(row.status)] for row in rows}
    if all(hasattr(row, "next_on") for row in rows):
        return {row.pk: Due(words[wanted[row.pk]], row.next_on) for row in rows}
    rounds = {
        one["nonconformity_id"]: one
        for one in Round.objects.filter(nonconformity__in=wanted, verdict="").values(
            "nonconformity_id", "correction_due_on", "analysis_due_on", "check_on"
        )
    }
    acting = [pk for pk, phase in wanted.items() if phase == Phase.ACT]
    first: dict[int, dt.date] = {}
    if acting:
        tasks = Action.objects.filter(round__nonconformity__in=acting, round__verdict="", task__is_open=True)
        first = dict(
            tasks.order_by().values("round__nonconformity").annotate(first=Min("task__due_on"))
            .values_list("round__nonconformity", "first")
        )  # fmt: skip
    return {
        pk: Due(words[phase], first.get(pk) if phase == Phase.ACT else rounds.get(pk, {}).get(DUE_FIELD[phase]))
        for pk, phase in wanted.items()
    }


class Work(Protocol):
    """A task of a corrective action, as far as its day counts."""

    is_open: bool
    due_on: dt.date | None


def due_in(status: str, current: Any, tasks: Iterable[Work], words: Mapping[str, str] | None = None) -> Due | None:
    """The same of one whose round and actions are loaded; `tasks` are those of its corrective actions. No query.

    `words`: those of the phases, for who asks of many.
    """
    phase = PHASE_OF.get(status)
    if phase is None:
        return None
    said = (words or _phase_words())[phase]
    if phase == Phase.ACT:
        days = [task.due_on for task in tasks if task.is_open and task.due_on]
        return Due(said, min(days, default=None))
    return Due(said, None if current.verdict else getattr(current, DUE_FIELD[phase]))


def _phase_words() -> dict[str, str]:
    return {phase: str(phase.label) for phase in Phase}


# ---- figures -----------------------------------------------------------------------------------------------------


class Figures(NamedTuple):
    """How the register stands: open ones by state, what is overdue in which phase, and who is missing."""

    total: int
    open: int
    reported: int
    verifying: int
    nobody: int
    grave: int
    late: dict[str, int]

    @property
    def overdue(self) -> int:
        return sum(self.late.values())


def figures(rows: QuerySet[Nonconformity], scale: Scale, today: dt.date) -> Figures:
    """The figures of the rows somebody sees. One query."""
    is_open = Q(is_open=True)
    grave = [grade.key for grade in scale.grades if grade.is_grave]
    counted = rows.order_by().aggregate(
        total=Count("pk"),
        open=Count("pk", filter=is_open),
        reported=Count("pk", filter=Q(status=Status.REPORTED)),
        verifying=Count("pk", filter=Q(status__in=STATES_OF[Phase.VERIFY])),
        nobody=Count("pk", filter=is_open & Q(owner__isnull=True)),
        grave=Count("pk", filter=is_open & Q(grade__in=grave)),
        **{f"late_{phase}": Count("pk", filter=late(phase, today)) for phase in Phase},
    )
    by_phase = {str(phase): counted.pop(f"late_{phase}") for phase in Phase}
    return Figures(**counted, late=by_phase)


def count_in(counted: Figures, wanted: dict[str, Any]) -> int | None:
    """How many rows filters leave over, where the figures have counted them already; None where they have not."""
    asked = [(name, str(value)) for name, value in wanted.items() if name != "sort"]
    known = {
        ("asks", str(Asks.OVERDUE)): counted.overdue, ("owner", NOBODY): counted.nobody, ("state", EVERY): counted.total,
        ("state", str(Status.REPORTED)): counted.reported,
        **{("phase", phase): count for phase, count in counted.late.items()},
    }  # fmt: skip
    if not asked:
        return counted.open
    return known.get(asked[0]) if len(asked) == 1 else None


# ---- what filters offer ------------------------------------------------------------------------------------------


def clauses_used(seen: QuerySet[Nonconformity]) -> list[tuple[str, str]]:
    """(id, "ISO 9001:2026 10.2") of clauses that were not met by those somebody sees. One query."""
    inside = seen.order_by().values("pk")
    links = NonconformityClause.objects.filter(nonconformity__in=inside).order_by(
        "clause__standard__code", "clause__position"
    )
    rows = links.values_list("clause_id", "clause__standard__code", "clause__ref").distinct()[:MOST_OFFERED]
    return [(str(pk), f"{code} {ref}") for pk, code, ref in rows]


def processes_used(seen: QuerySet[Nonconformity]) -> list[str]:
    """The processes that those somebody sees name. One query."""
    rows = seen.select_related(None).exclude(process="").order_by("process")
    return list(rows.values_list("process", flat=True).distinct()[:MOST_OFFERED])


def clauses_of(project: Project) -> dict[int, list[str]]:
    """The clauses of each nonconformity of a project, in words, by its id. One query."""
    found: dict[int, list[str]] = defaultdict(list)
    links = NonconformityClause.objects.filter(nonconformity__project=project).order_by(
        "clause__standard__code", "clause__position"
    )
    for pk, code, ref in links.values_list("nonconformity_id", "clause__standard__code", "clause__ref"):
        found[pk].append(f"{code} {ref}")
    return found
