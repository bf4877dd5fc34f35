"""The risk assessment and the treatment plan on paper. (IMS2 1.7; ISO 31000:2018, 6.4 to 6.7; ISO/IEC 27001:2022, 8.2 and 8.3)"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.rules import RuleBroken
from projects.models import Project
from reports.kinds import MOST_ROWS, Asked
from risks import levels, pictures, profiles
from risks.flows import TreatmentStatus
from risks.models import Rating, RatingKind, Risk, RiskAsset, Treatment, TreatmentTask
from risks.models.treatment import Option
from risks.profiles import Discipline
from risks.selectors import criteria as criteria_of
from risks.selectors import heat
from risks.selectors import register as lists
from risks.selectors import risk as selectors
from risks.selectors import treatment as treatments

from .lines import cover_facts, said_day, sentence_left_out

TOP = 10


class Mark(NamedTuple):
    """A rating in print: "4 × 5", the level, its tone; of an opportunity on the positive scale."""

    marks: str
    level: str
    tone: int
    is_gain: bool = False


class Row(NamedTuple):
    """A risk in the register."""

    label: str
    title: str
    discipline: str
    owner: str
    inherent: Mark | None
    current: Mark | None
    expected: Mark | None
    status: str
    review_on: dt.date | None
    is_overdue: bool


class Group(NamedTuple):
    """The risks of one level, the worst level first."""

    title: str
    tone: int | None
    rows: list[Row]


class Told(NamedTuple):
    """A rating with its reason, as a top risk tells it."""

    kind: str
    mark: Mark
    on: dt.date
    by: str
    reason: str


class Top(NamedTuple):
    """One of the highest risks, told in full."""

    row: Row
    parts: list[tuple[str, str]]
    assets: str
    ratings: list[Told]
    treatments: list[str]


class Look(NamedTuple):
    """A risk that asks for a new look, and why."""

    row: Row
    why: str


def assessment(asked: Asked) -> dict[str, Any]:
    """All that the risk assessment report prints. Raises RuleBroken before there are approved criteria."""
    project = asked.project
    edition = criteria_of.in_force(project)
    if edition is None:
        raise RuleBroken(_("There is no risk assessment to print yet: the risk criteria are not approved (step 1.7)."))
    scales = lists.Scales(project)
    discipline = asked.parameters.get("discipline") or ""
    everything = Risk.objects.filter(project=project)
    open_ones = lists.still_open(everything)
    if discipline:
        open_ones = open_ones.filter(discipline=discipline)
    counted = open_ones.aggregate(
        total=Count("pk"),
        gains=Count("pk", filter=Q(discipline=Discipline.OPPORTUNITY)),
        above=Count("pk", filter=lists.above(edition)),
        unrated=Count("pk", filter=Q(current_level__isnull=True)),
    )
    total = counted["total"]
    found = list(open_ones.select_related("owner").order_by(*lists.HIGHEST_FIRST)[:MOST_ROWS])
    rows = {risk.pk: _row(risk, scales, asked.today) for risk in found}
    criteria = edition.criteria
    gains = [risk for risk in found if risk.is_opportunity]
    threats = [risk for risk in found if not risk.is_opportunity]
    looks = [
        Look(rows[risk.pk], _why(risk, edition, asked.today)) for risk in found if _why(risk, edition, asked.today)
    ]
    return {
        "project": project,
        "edition": edition,
        "approved_on": edition.approved_at.date(),
        "method": edition.method,
        "criteria": criteria,
        "matrix": [
            (grade.number, grade.name, [(cell.name, cell.tone) for cell in grade.cells])
            for grade in criteria_of.rows_of(criteria)
        ],
        "levels": [
            (one, levels.AcceptedBy(one.accepted_by).label, levels.tone(n, len(criteria.levels)))
            for n, one in enumerate(criteria.levels)
        ][::-1],
        "threshold": criteria.levels[criteria.threshold].name,
        "maps": _maps(heat.on_side(open_ones, False), edition) if discipline != Discipline.OPPORTUNITY else [],
        "legend": pictures.legend(criteria),
        **counted,
        "threats": total - counted["gains"],
        "groups": _groups(threats, rows, scales),
        "gain_maps": _maps(heat.on_side(open_ones, True), edition, is_gain=True) if gains else [],
        "gain_rows": [rows[risk.pk] for risk in gains],
        "top": _top(project, [risk for risk in threats if risk.current_level is not None][:TOP], rows, scales),
        "looks": looks,
        "cover_facts": [
            (_("Criteria"), _("Edition %(n)s, approved on %(on)s") % {"n": edition.number, "on": said_day(edition.approved_at.date())}),
            *cover_facts(project),
        ],
        "left_out": _left_out(everything, total, discipline),
    }  # fmt: skip


def _mark(risk: Risk, kind: str, scales: lists.Scales) -> Mark | None:
    mark = scales.mark(risk, kind)
    if mark is None:
        return None
    return Mark(f"{mark.likelihood} × {mark.consequence}", mark.name, mark.tone, mark.is_gain)


def _row(risk: Risk, scales: lists.Scales, today: dt.date) -> Row:
    return Row(
        risk.label, risk.title, str(risk.get_discipline_display()), str(risk.owner or "–"),
        *(_mark(risk, kind, scales) for kind in (RatingKind.INHERENT, RatingKind.CURRENT, RatingKind.EXPECTED)),
        str(risk.get_status_display()), risk.review_on, risk.review_on is not None and risk.review_on < today,
    )  # fmt: skip


def _maps(rows: Any, edition: Any, *, is_gain: bool = False) -> list[tuple[str, int, Any]]:
    """(kind, how many are rated, picture) of the three heat maps of risks, or of opportunities."""
    counted = heat.counted(rows, edition)
    side = "gain" if is_gain else "map"
    return [
        (
            str(kind.label), counted[kind].rated,
            pictures.heat_svg(edition.criteria, counted[kind].cells, kind, is_gain=is_gain, id=f"{side}-{kind}"),
        )
        for kind in RatingKind
    ]  # fmt: skip


def _groups(found: list[Risk], rows: dict[int, Row], scales: lists.Scales) -> list[Group]:
    by_level: dict[tuple[int, str, int | None], list[Row]] = {}
    for risk in found:
        mark = scales.mark(risk, RatingKind.CURRENT)
        key = (mark.level, mark.name, mark.tone) if mark is not None else (-1, str(_("Not rated yet")), None)
        by_level.setdefault(key, []).append(rows[risk.pk])
    return [
        Group(name, tone, members)
        for (_level, name, tone), members in sorted(by_level.items(), key=lambda one: -one[0][0])
    ]


def _why(risk: Risk, edition: Any, today: dt.date) -> str:
    """Why a risk asks for a new look, in a sentence; "" when it does not."""
    why = selectors.why_to_look_at(risk, edition)
    if why == "criteria":
        return _("It was rated by an older edition of the criteria.")
    if why == "links":
        return risk.links_changed_by
    if risk.stale_because:
        return _("Its acceptance does not hold any more: %(why)s") % {"why": risk.stale_because}
    if risk.review_on is not None and risk.review_on < today:
        return _("Its review was due on %(day)s.") % {"day": said_day(risk.review_on)}
    return ""


def _top(project: Project, found: list[Risk], rows: dict[int, Row], scales: lists.Scales) -> list[Top]:
    keys = [risk.pk for risk in found]
    last: dict[int, dict[str, Rating]] = defaultdict(dict)
    for rating in Rating.objects.filter(risk__in=keys).select_related("edition").order_by("-rated_at", "-pk"):
        last[rating.risk_id].setdefault(rating.kind, rating)
    linked: dict[int, list[str]] = defaultdict(list)
    for link in RiskAsset.objects.filter(risk__in=keys).select_related("asset").order_by("asset__number"):
        linked[link.risk_id].append(str(link.asset))
    decided: dict[int, list[str]] = defaultdict(list)
    for one in Treatment.objects.filter(risk__in=keys).exclude(status=TreatmentStatus.CANCELLED).order_by("number"):
        decided[one.risk_id].append(treatments.in_a_line(one))
    return [
        Top(
            rows[risk.pk], _parts(risk), ", ".join(linked[risk.pk]),
            [_told(last[risk.pk][kind]) for kind in RatingKind.values if kind in last[risk.pk]], decided[risk.pk],
        )
        for risk in found
    ]  # fmt: skip


def _parts(risk: Risk) -> list[tuple[str, str]]:
    profile = profiles.of(risk.discipline)
    said = [
        (str(profile.cause), risk.cause), (str(profile.event), risk.event), (str(profile.outcome), risk.outcome),
        (_("Existing controls"), risk.existing_controls), *profiles.told(risk.discipline, risk.facts),
    ]  # fmt: skip
    return [(label, text) for label, text in said if text]


def _told(rating: Rating) -> Told:
    mark = Mark(
        f"{rating.likelihood} × {rating.consequence}", rating.level_name,
        levels.tone(rating.level, len(rating.edition.criteria.levels)),
    )  # fmt: skip
    return Told(str(RatingKind(rating.kind).label), mark, rating.rated_at.date(), rating.rated_by_name, rating.reason)


def _left_out(everything: Any, total: int, discipline: str) -> list[str]:
    said = []
    if total > MOST_ROWS:
        said.append(sentence_left_out(total - MOST_ROWS, _("Risks")))
        said.append(_("The whole register is there as XLSX, on the page Risks."))
    closed = everything.filter(is_open=False).count()
    if closed:
        words = ngettext("%(n)s closed risk is not listed.", "%(n)s closed risks are not listed.", closed)
        said.append(words % {"n": closed})
    others = everything.count() - total - closed
    if discipline and others > 0:
        words = ngettext(
            "%(n)s risk of another discipline is not listed.",
            "%(n)s risks of other disciplines are not listed.",
            others,
        )
        said.append(words % {"n": others})
    return said


# ---- the treatment plan -------------------------------------------------------------------------------------------


class Action(NamedTuple):
    """A task of a treatment."""

    label: str
    title: str
    who: str
    due_on: dt.date | None
    status: str


class Line(NamedTuple):
    """A treatment in the plan."""

    label: str
    title: str
    option: str
    description: str
    who: str
    cost: int | None
    effort: Decimal | None
    due_on: dt.date | None
    is_late: bool
    status: str
    actions: list[Action]


class Treated(NamedTuple):
    """A risk with what is done about it."""

    label: str
    title: str
    owner: str
    current: Mark | None
    expected: Mark | None
    acceptance: str
    lines: list[Line]


def treatment_plan(asked: Asked) -> dict[str, Any]:
    """All that the treatment plan prints: by risk, the highest first; then risks above the threshold without a decision."""
    project, today = asked.project, asked.today
    scales = lists.Scales(project)
    discipline = asked.parameters.get("discipline") or ""
    everything = Treatment.objects.filter(project=project)
    chosen = everything.exclude(status=TreatmentStatus.CANCELLED)
    undecided = treatments.undecided(project).select_related("owner")
    if discipline:
        chosen, undecided = chosen.filter(risk__discipline=discipline), undecided.filter(discipline=discipline)
    total = chosen.count()
    found = list(
        chosen.select_related("owner", "risk__owner").order_by("-risk__current_level", "risk__number", "number")[
            :MOST_ROWS
        ]
    )
    actions: dict[int, list[Action]] = defaultdict(list)
    for link in (
        TreatmentTask.objects.filter(treatment__in=[one.pk for one in found])
        .select_related("task__assignee")
        .order_by("task__number")
    ):
        task = link.task
        actions[link.treatment_id].append(
            Action(task.label, task.title, str(task.assignee or "–"), task.due_on, str(task.get_status_display()))
        )
    grouped: dict[int, Treated] = {}
    for one in found:
        risk = one.risk
        if risk.pk not in grouped:
            grouped[risk.pk] = Treated(
                risk.label, risk.title, str(risk.owner or "–"), _mark(risk, RatingKind.CURRENT, scales),
                _mark(risk, RatingKind.EXPECTED, scales), _acceptance(risk), [],
            )  # fmt: skip
        is_late = one.due_on is not None and one.due_on < today and one.status != TreatmentStatus.DONE
        grouped[risk.pk].lines.append(
            Line(
                one.label, one.title, treatments.short_option(Option(one.option).label), one.description,
                str(one.owner or "–"), one.cost, one.effort_days, one.due_on, is_late, str(one.get_status_display()),
                actions[one.pk],
            )
        )  # fmt: skip
    left = list(undecided[: MOST_ROWS + 1])
    return {
        "project": project,
        "treated": list(grouped.values()),
        "totals": treatments.totals(chosen, today),
        "total": total,
        "undecided": [(_row(risk, scales, today)) for risk in left[:MOST_ROWS]],
        "cover_facts": cover_facts(project),
        "left_out": _plan_left_out(everything, total, discipline, len(left)),
    }


def _acceptance(risk: Risk) -> str:
    if not risk.acceptance_state:
        return _("not accepted yet")
    said = str(risk.get_acceptance_state_display())
    return f"{said}, {said_day(risk.accepted_until)}" if risk.accepted_until else said


def _plan_left_out(everything: Any, total: int, discipline: str, undecided: int) -> list[str]:
    said = []
    if total > MOST_ROWS:
        said.append(sentence_left_out(total - MOST_ROWS, _("Treatments")))
    if undecided > MOST_ROWS:
        said.append(_("More than %(most)s risks are without a decision; only these are listed.") % {"most": MOST_ROWS})
    cancelled = everything.filter(status=TreatmentStatus.CANCELLED).count()
    if cancelled:
        words = ngettext(
            "%(n)s cancelled treatment is not listed.", "%(n)s cancelled treatments are not listed.", cancelled
        )
        said.append(words % {"n": cancelled})
    others = everything.count() - total - cancelled
    if discipline and others > 0:
        words = ngettext(
            "%(n)s treatment of a risk of another discipline is not listed.",
            "%(n)s treatments of risks of other disciplines are not listed.", others,
        )  # fmt: skip
        said.append(words % {"n": others})
    return said
