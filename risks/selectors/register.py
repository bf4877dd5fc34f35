"""The register as its list, its heat map, its exports and its panels read it: filters, order, levels in words, figures.

A page finds the numbers of its fifty rows in one index and reads only these rows, whatever the size of the register.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, TextChoices
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.addresses import address
from projects.models import Project
from risks import levels, profiles
from risks.flows import RiskStatus
from risks.levels import Criteria
from risks.models import AcceptanceState, Asset, Edition, RatingKind, Risk, RiskAsset
from risks.models.risk import EDITIONS
from risks.profiles import Discipline

from . import risk as risks

UNRATED, ABOVE, NOBODY, ME, GONE = "none", "above", "none", "me", "gone"
RISKS_ONLY = "risks"
"""Every discipline but opportunities, which have a heat map of their own."""
EVERY = "all"
MOST_CATEGORIES = 300


class State(TextChoices):
    """What a risk asks for beside its status, as filters and exports say it."""

    AGAIN = "again", gettext_lazy("To look at again")
    ACCEPTANCE = "acceptance", gettext_lazy("Acceptance no longer holds")
    OVERDUE = "overdue", gettext_lazy("Review overdue")


BADGES = {
    RiskStatus.DRAFT: ("open", "pencil"),
    RiskStatus.IDENTIFIED: ("open", "list-search"),
    RiskStatus.ASSESSED: ("prog", ""),
    RiskStatus.TREATING: ("prog", "progress"),
    RiskStatus.ACCEPTED: ("done", "signature"),
    RiskStatus.CLOSED: ("open", "archive"),
}

SORTS: dict[str, tuple[Any, ...]] = {
    "level": (F("current_level").asc(nulls_last=True), "number"),
    "number": ("number",),
    "title": (Lower("title"), "number"),
    "owner": (Lower("owner__name"), "number"),
    "category": ("category", "number"),
    "status": ("status", "number"),
    "inherent": (F("inherent_level").asc(nulls_last=True), "number"),
    "expected": (F("expected_level").asc(nulls_last=True), "number"),
    "review": (F("review_on").asc(nulls_last=True), "number"),
    "updated": ("updated_at", "number"),
}
HIGHEST_FIRST = (F("current_level").desc(nulls_last=True), "number")


# ---- levels in words ----------------------------------------------------------------------------------------------


class Mark(NamedTuple):
    """A rating of a risk as pages show it. Likelihood, consequence and `number` count from 1, `level` from 0.

    An opportunity is on the positive scale (`is_gain`): high is wished for, and never above a threshold.
    """

    kind: str
    label: str
    likelihood: int
    consequence: int
    level: int
    number: int
    name: str
    tone: int
    is_above: bool
    is_gain: bool = False


class Scales:
    """The editions of a project's criteria, so that a level is named as it was called when it was rated. One query."""

    def __init__(self, project: Project) -> None:
        self._editions = {
            one.pk: one for one in Edition.objects.filter(project=project).defer("method").order_by("-number")
        }
        self._parsed: dict[int, Criteria] = {}
        self.in_force: Edition | None = next(iter(self._editions.values()), None)

    @property
    def now(self) -> Criteria | None:
        """The criteria in force."""
        return self.criteria(self.in_force.pk) if self.in_force is not None else None

    def edition(self, pk: int | None) -> Edition | None:
        return self._editions.get(pk) if pk else None

    def criteria(self, pk: int) -> Criteria:
        if pk not in self._parsed:
            self._parsed[pk] = self._editions[pk].criteria
        return self._parsed[pk]

    def of(self, risk: Risk, kind: str = RatingKind.CURRENT) -> Criteria | None:
        """The criteria that the last rating of a kind was made by; those in force where there is none."""
        made_by = getattr(risk, f"{EDITIONS[kind]}_id") or risk.edition_id
        return self.criteria(made_by) if made_by in self._editions else self.now

    def mark(self, risk: Risk, kind: str) -> Mark | None:
        """The last rating of a kind, None where there is none. No query."""
        level = getattr(risk, f"{kind}_level")
        criteria = self.of(risk, kind)
        if level is None or criteria is None:
            return None
        return self.marked(
            criteria, kind, getattr(risk, f"{kind}_likelihood"), getattr(risk, f"{kind}_consequence"), level,
            is_gain=risk.is_opportunity,
        )  # fmt: skip

    @staticmethod
    def marked(
        criteria: Criteria, kind: str, likelihood: int, consequence: int, level: int, *, is_gain: bool = False
    ) -> Mark:
        # Stored under another edition: a level that these criteria do not have is shown by its number alone.
        known = level < len(criteria.levels)
        return Mark(
            kind, str(RatingKind(kind).label), likelihood, consequence, level, level + 1,
            criteria.levels[level].name if known else _("Level %(n)s") % {"n": level + 1},
            levels.tone(min(level, len(criteria.levels) - 1), len(criteria.levels)),
            not is_gain and not criteria.is_acceptable(level), is_gain,
        )  # fmt: skip


# ---- narrowing and order ------------------------------------------------------------------------------------------


def narrowed(
    rows: QuerySet[Risk],
    wanted: dict[str, Any],
    *,
    today: dt.date,
    user: Any = None,
    edition: Edition | None = None,
    people: Iterable[int] = (),
) -> QuerySet[Risk]:
    """Applies the filters of the list (`forms.register.RiskFilter.wanted`).

    `edition` is the one in force, `people` the keys of those who belong to the project: "owner has left" asks for them.
    """
    rows = _of_status(rows, wanted.get("status", ""))
    if wanted.get("discipline") == RISKS_ONLY:
        rows = rows.exclude(discipline=Discipline.OPPORTUNITY)
    elif discipline := wanted.get("discipline"):
        rows = rows.filter(discipline=discipline)
    if category := wanted.get("category"):
        rows = rows.filter(category=category)
    if owner := wanted.get("owner"):
        rows = of_owner(rows, owner, user, people)
    if level := wanted.get("level"):
        rows = rows.filter(_level(level, edition))
    if state := wanted.get("state"):
        rows = rows.filter(_state(state, today, edition))
    if asset := wanted.get("asset"):
        rows = rows.filter(Exists(_threatening(asset)))
    if wanted.get("cell"):
        kind, likelihood, consequence = wanted["cell"]
        rows = rows.filter(**{f"{kind}_likelihood": likelihood, f"{kind}_consequence": consequence})
    if text := wanted.get("q"):
        matches = Q(title__icontains=text) | Q(category__icontains=text) | Q(cause__icontains=text)
        matches |= Q(event__icontains=text) | Q(outcome__icontains=text)
        if text.upper().startswith(f"{Risk.PREFIX}-") and (number := Risk.number_of(text)) is not None:
            matches |= Q(number=number)
        rows = rows.filter(matches)
    return rows


def of_owner(rows: Any, owner: str, user: Any, people: Iterable[int]) -> Any:
    """The rows of one owner, by key; or "me", "none", or "gone": of somebody who is not among `people` any more."""
    if owner == NOBODY:
        return rows.filter(owner__isnull=True)
    if owner == GONE:
        return rows.filter(owner__isnull=False).exclude(owner__in=list(people))
    return rows.filter(owner=(user and user.pk) if owner == ME else owner)


def _of_status(rows: QuerySet[Risk], status: str) -> QuerySet[Risk]:
    """Of one status; "" for all open ones, "all" for every one."""
    if status == EVERY:
        return rows
    if status in RiskStatus.values:
        return rows.filter(status=status)
    return still_open(rows)


def still_open(rows: QuerySet[Risk]) -> QuerySet[Risk]:
    """The open ones, asked so that every database uses its index ("= 1", never a bare column)."""
    return rows.filter(is_open__in=[True])


def _level(level: str, edition: Edition | None) -> Q:
    if level == UNRATED:
        return Q(current_level__isnull=True)
    return above(edition) if level == ABOVE else Q(current_level=int(level))


def above(edition: Edition | None) -> Q:
    """A condition: the current level lies above the threshold of the edition in force; never of an opportunity."""
    if edition is None:
        return Q(pk__in=[])
    return Q(current_level__gt=edition.criteria.threshold) & ~Q(discipline=Discipline.OPPORTUNITY)


def _state(state: str, today: dt.date, edition: Edition | None) -> Q:
    if state == State.AGAIN:
        return risks.to_look_at(edition)
    if state == State.ACCEPTANCE:
        return Q(acceptance_state=AcceptanceState.STALE)
    return Q(review_on__lt=today, is_open=True)


def _threatening(text: str) -> QuerySet[RiskAsset]:
    found = RiskAsset.objects.filter(risk=OuterRef("pk"))
    matches = Q(asset__name__icontains=text)
    if text.upper().startswith(f"{Asset.PREFIX}-") and (number := Asset.number_of(text)) is not None:
        matches |= Q(asset__number=number)
    return found.filter(matches)


def in_order(rows: QuerySet[Risk], sort: str = "") -> QuerySet[Risk]:
    """The highest current level first, unrated ones last; or by one of SORTS, "-" the other way round."""
    name = sort.removeprefix("-")
    if name not in SORTS:
        return rows.order_by(*HIGHEST_FIRST)
    first, *equals = SORTS[name]  # of equals the first one stays the first, either way
    return rows.order_by(_backwards(first) if sort.startswith("-") else first, *equals)


def _backwards(column: Any) -> Any:
    if isinstance(column, str):
        return f"-{column}"
    if getattr(column, "nulls_last", None):
        return F(column.expression.name).desc(nulls_last=True)
    return column.desc()


# ---- rows ---------------------------------------------------------------------------------------------------------


def rows_of(project: Project, numbers: list[int]) -> list[Risk]:
    """These risks with their owners, in the order of their numbers here. One query."""
    found = {one.number: one for one in risks.of(project).filter(number__in=numbers)}
    return [found[number] for number in numbers if number in found]


class Flag(NamedTuple):
    """What a row calls for, as a badge."""

    kind: str
    label: str
    icon: str


def flags_of(risk: Risk, edition: Edition | None, people: Iterable[int] | None = None) -> list[Flag]:
    """What a risk asks for beside its status. `people`: the keys of those who belong to the project. No query."""
    found = []
    if risks.why_to_look_at(risk, edition):
        found.append(Flag("risk", str(State.AGAIN.label), "refresh-alert"))
    if risk.acceptance_state == AcceptanceState.STALE and risk.is_open:
        found.append(Flag("late", str(State.ACCEPTANCE.label), "signature"))
    if people is not None and risk.is_open and risk.owner_id and risk.owner_id not in people:
        found.append(Flag("late", _("Owner has left"), "user-x"))
    return found


def dressed(rows: Iterable[Risk], project: Project, scales: Scales, people: Iterable[int] | None = None) -> list[Risk]:
    """Puts on each row what the template prints: address, words, levels, badges. No query."""
    rows = list(rows)
    words, statuses = dict(Discipline.choices), dict(RiskStatus.choices)
    slugs = project.address
    for risk in rows:
        risk.href = address("risks:risk-detail", **slugs, number=risk.label)
        risk.discipline_word, risk.discipline_icon = words[risk.discipline], profiles.of(risk.discipline).icon
        kind, icon = BADGES[RiskStatus(risk.status)]
        risk.standing = Flag(kind, str(statuses[risk.status]), icon)
        risk.inherent, risk.current, risk.expected = (scales.mark(risk, one) for one in RatingKind.values)
        risk.flags = flags_of(risk, scales.in_force, people)
    return rows


def categories_of(project: Project) -> list[str]:
    """The categories that risks of the project have, read from one index. One query."""
    rows = Risk.objects.filter(project=project).exclude(category="").order_by("category")
    return list(rows.values_list("category", flat=True).distinct()[:MOST_CATEGORIES])


# ---- figures ------------------------------------------------------------------------------------------------------


class Figures(NamedTuple):
    """How the register stands: open risks, and which of them ask for something."""

    open: int
    unrated: int
    above: int
    again: int
    nobody: int
    overdue: int
    # Without an owner or without a current rating.
    incomplete: int

    @property
    def is_complete(self) -> bool:
        """There is a risk, and every open one has an owner and a current rating."""
        return bool(self.open) and not self.incomplete


def figures(project: Project, edition: Edition | None, today: dt.date) -> Figures:
    """The figures of a project's open risks. One query."""
    again = Q(rated_at__isnull=False, links_changed_at__isnull=False) | risks.rated_by_older(edition)
    return Figures(
        **still_open(Risk.objects.filter(project=project)).aggregate(
            open=Count("pk"),
            unrated=Count("pk", filter=Q(current_level__isnull=True)),
            above=Count("pk", filter=above(edition) if edition is not None else Q(pk__isnull=True)),
            again=Count("pk", filter=again),
            nobody=Count("pk", filter=Q(owner__isnull=True)),
            overdue=Count("pk", filter=Q(review_on__lt=today)),
            incomplete=Count("pk", filter=Q(owner__isnull=True) | Q(current_level__isnull=True)),
        )
    )
