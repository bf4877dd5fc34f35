"""Acceptances: what is left of which risk, who has to sign it, and how long it holds. (IMS2 1.7.8; ISO/IEC 27001:2022, 6.1.3 f)

The residual risk of a row is the expected rating where a treatment that still stands gives one, else the current rating.
A snapshot holds no words of a language, so that whoever signs in French signs what was asked in German.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from approvals.models import Approval, ApprovalStatus
from core import together
from core.templatetags.ui import short_date
from projects import access, journal_words
from projects.addresses import address
from projects.models import JournalEntry, Project
from projects.permissions import Perm, roles_with
from risks import levels
from risks.flows import TreatmentStatus
from risks.levels import AcceptedBy, Level
from risks.models import (
    Acceptance,
    AcceptanceState,
    AcceptedRisk,
    Rating,
    RatingKind,
    Risk,
    SoaEntry,
    Treatment,
    TreatmentTask,
)
from risks.models.treatment import Option
from risks.profiles import Discipline

from .treatment import last_ratings, short_option

KIND = "risk_acceptance"
SOON_DAYS = 60
"""An acceptance that ends within so many days can be put to a decision again."""
STORY = 20
LABELS = {
    "owner": gettext_lazy("Risk owner"),
    "accepted_until": gettext_lazy("Valid until"),
    "note": gettext_lazy("Note"),
    "risks": gettext_lazy("Residual risks"),
    "title": gettext_lazy("Title"),
    "state": gettext_lazy("State"),
    "rating": gettext_lazy("Rated as"),
    "likelihood": gettext_lazy("Likelihood"),
    "consequence": gettext_lazy("Consequence"),
    "level": gettext_lazy("Level"),
    "edition": gettext_lazy("Edition of the criteria"),
    "treatments": gettext_lazy("Treatments"),
}


# ---- rows -------------------------------------------------------------------------------------------------------


@dataclass
class Measure:
    """A treatment as the acceptance names it: its option, actions, controls and day."""

    treatment: Treatment
    actions: list[str] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)

    @property
    def option(self) -> str:
        return short_option(Option(self.treatment.option).label)

    @property
    def line(self) -> str:
        """All of it without a word of any language, for the snapshot."""
        one = self.treatment
        parts = [f"{one.label} {one.option}: {one.title}"]
        if one.description:
            parts.append(one.description)
        parts += [f"- {action}" for action in self.actions]
        parts += [f"+ {control}" for control in self.controls]
        if one.due_on:
            parts.append(f"> {one.due_on.isoformat()}")
        return "\n".join(parts)


@dataclass
class Row:
    """A risk of an acceptance with what is left of it; `rating` is None for one that is not rated."""

    risk: Risk
    rating: Rating | None
    measures: list[Measure] = field(default_factory=list)
    accepted: AcceptedRisk | None = None

    @property
    def level(self) -> Level | None:
        if self.rating is None:
            return None
        found = self.rating.edition.criteria.levels
        return found[self.rating.level] if self.rating.level < len(found) else None

    @property
    def level_name(self) -> str:
        return self.rating.level_name if self.rating is not None else ""

    @property
    def tone(self) -> int:
        return levels.tone(self.rating.level, len(self.rating.edition.criteria.levels)) if self.rating else 0

    @property
    def marks(self) -> str:
        return f"{self.rating.likelihood} × {self.rating.consequence}" if self.rating is not None else ""

    @property
    def is_expected(self) -> bool:
        return self.rating is not None and self.rating.kind == RatingKind.EXPECTED

    @property
    def is_above(self) -> bool:
        """Whether it lies above the threshold of the edition it was rated by."""
        return self.rating is not None and not self.rating.edition.criteria.is_acceptable(self.rating.level)

    @property
    def needs_top_management(self) -> bool:
        return self.is_above or (self.level is not None and self.level.accepted_by == AcceptedBy.TOP_MANAGEMENT)

    @property
    def is_for_nobody(self) -> bool:
        return self.level is not None and self.level.accepted_by == AcceptedBy.NOBODY

    @property
    def plain(self) -> dict[str, Any]:
        """The row as it is frozen."""
        risk, rating = self.risk, self.rating
        found: dict[str, Any] = {
            "number": risk.label, "title": risk.title, "state": "open" if risk.is_open else "closed",
            "treatments": "\n".join(measure.line for measure in self.measures),
        }  # fmt: skip
        if rating is not None:
            scales = rating.edition.criteria
            found |= {
                "rating": str(rating.kind), "level": rating.level_name, "edition": rating.edition.number,
                "likelihood": f"{rating.likelihood} {scales.likelihood[rating.likelihood - 1].name}",
                "consequence": f"{rating.consequence} {scales.consequence[rating.consequence - 1].name}",
            }  # fmt: skip
        return found


def residual(current: Rating | None, expected: Rating | None) -> Rating | None:
    """What is left: the expected rating unless its treatment was cancelled, else the current one. Pure."""
    if expected is not None and (expected.treatment is None or expected.treatment.status != TreatmentStatus.CANCELLED):
        return expected
    return current


def rows_for(risks: Iterable[Risk]) -> list[Row]:
    """Each risk with its residual rating and the treatments that stand. Four queries."""
    risks = list(risks)
    last = last_ratings(risks)
    measures = measures_of(risks)
    return [
        Row(
            risk, residual(last.get((risk.pk, RatingKind.CURRENT)), last.get((risk.pk, RatingKind.EXPECTED))),
            measures.get(risk.pk, []),
        )
        for risk in risks
    ]  # fmt: skip


def measures_of(risks: Iterable[Risk]) -> dict[int, list[Measure]]:
    """The treatments that stand, by risk; cancelled ones and cancelled actions are no measures. Three queries."""
    risks = list(risks)
    rows = Treatment.objects.filter(risk__in=[risk.pk for risk in risks]).exclude(status=TreatmentStatus.CANCELLED)
    found: dict[int, Measure] = {one.pk: Measure(one) for one in rows.select_related("owner").order_by("number")}
    links = TreatmentTask.objects.filter(treatment__in=found).exclude(task__status="cancelled")
    for link in links.select_related("task").order_by("task__number"):
        found[link.treatment_id].actions.append(str(link.task))
    entries = (
        SoaEntry.objects.filter(treatment_links__treatment__in=found)
        .order_by("soa_id", "position")
        .values_list("treatment_links__treatment_id", "ref", "title")
    )
    for pk, ref, title in entries:
        found[pk].controls.append(f"{ref} {title}")
    by_risk: dict[int, list[Measure]] = {}
    projects = {risk.pk: risk.project for risk in risks}
    for measure in found.values():
        measure.treatment.project = projects[measure.treatment.risk_id]  # its address needs no query
        by_risk.setdefault(measure.treatment.risk_id, []).append(measure)
    return by_risk


def rows_of(acceptance: Acceptance) -> list[Row]:
    """The rows of an acceptance as they stand now. Five queries."""
    links = list(acceptance.rows.select_related("risk__owner").order_by("risk__number"))
    for link in links:
        link.risk.project = acceptance.project
    found = rows_for([link.risk for link in links])
    for row, link in zip(found, links, strict=True):
        row.accepted = link
    return found


# ---- for the approval -------------------------------------------------------------------------------------------


def one(project: Project, number: str) -> Acceptance | None:
    """An acceptance by the number people say aloud ("RA-001"). One query."""
    wanted = Acceptance.number_of(number)
    return _found(Acceptance.objects.filter(project=project, number=wanted), project) if wanted is not None else None


def load(project: Project, pk: int) -> Acceptance | None:
    return _found(Acceptance.objects.filter(project=project, pk=pk), project)


def _found(rows: QuerySet[Acceptance], project: Project) -> Acceptance | None:
    found = rows.select_related("owner", "created_by").first()
    if found is not None:
        found.project = project
    return found


def title(acceptance: Acceptance) -> str:
    return _("%(label)s Residual risks of %(owner)s") % {"label": acceptance.label, "owner": acceptance.owner}


def snapshot(acceptance: Acceptance) -> dict[str, Any]:
    """What is signed: every risk with its level and treatments, the day it holds until."""
    return {
        "owner": str(acceptance.owner),
        "accepted_until": acceptance.accepted_until,
        "note": acceptance.note,
        "risks": [row.plain for row in rows_of(acceptance)],
    }


def paper(acceptance: Acceptance) -> str:
    """The same as people read it, whole in itself."""
    rows = rows_of(acceptance)
    return render_to_string(
        "risks/acceptance/document.html",
        {"acceptance": acceptance, "rows": rows, "above": [r for r in rows if r.is_above]},
    )


def authors(acceptance: Acceptance) -> set[int]:
    """Who drew it up or changed it: none of them signs it."""
    edited = set(acceptance.history.filter(accepted_at__isnull=True).values_list("history_user_id", flat=True))
    return ({acceptance.created_by_id} | edited) - {None}


def meaning(acceptance: Acceptance) -> str:
    return _("I accept these residual risks and the treatments named here until %(day)s.") % {
        "day": acceptance.accepted_until.isoformat()
    }


# ---- who decides ------------------------------------------------------------------------------------------------


def top_management(project: Project) -> list[Any]:
    """Everybody whose role decides here. One query."""
    return list(access.people_as(project, roles_with(Perm.DECIDE)).order_by("name", "pk"))


def accepts(acceptance: Acceptance) -> bool:
    """Whether the risk owner may still sign acceptances. One query."""
    return acceptance.owner.is_active and Perm.ACCEPT_RISKS in access.perms_in(acceptance.owner, acceptance.project)


# ---- lists ------------------------------------------------------------------------------------------------------


class State(NamedTuple):
    """How an acceptance stands, as a badge."""

    key: str
    kind: str
    label: str
    icon: str


def states() -> dict[str, State]:
    return {
        one.key: one
        for one in (
            State("draft", "open", _("Drawn up"), "pencil"),
            State("asked", "prog", _("Awaiting a decision"), "signature"),
            State("soon", "risk", _("Ends soon"), "clock"),
            State("partly", "risk", _("Holds in part"), "alert-triangle"),
            State("holds", "done", _("In force"), ""),
            State("ended", "open", _("Ended"), "archive"),
            State("dropped", "open", _("Given up"), "ban"),
        )
    }


def of(project: Project) -> QuerySet[Acceptance]:
    """The acceptances of a project with what a row says: owner, how many risks, how many hold, whether a decision is awaited."""
    open_requests = Approval.objects.filter(subject_kind=KIND, subject_id=OuterRef("pk"), status=ApprovalStatus.OPEN)
    return (
        Acceptance.objects.filter(project=project)
        .select_related("owner")
        .annotate(
            risk_count=Count("rows"), holding=Count("rows", filter=Q(rows__is_holding=True)),
            is_asked=Exists(open_requests),
        )
    )  # fmt: skip


def key_of(acceptance: Acceptance, *, is_asked: bool, risk_count: int, holding: int, today: dt.date) -> str:
    """The key of its State. Pure."""
    if acceptance.accepted_at is None:
        return "dropped" if acceptance.ended_at else "asked" if is_asked else "draft"
    if not holding or acceptance.accepted_until < today:
        return "ended"
    if holding < risk_count:
        return "partly"
    return "soon" if acceptance.accepted_until <= today + dt.timedelta(days=SOON_DAYS) else "holds"


FILTERS = {
    "": ("draft", "asked", "soon", "partly", "holds"),
    "asked": ("asked",),
    "force": ("holds", "soon", "partly"),
    "soon": ("soon",),
    "ended": ("ended", "dropped"),
    "all": ("draft", "asked", "soon", "partly", "holds", "ended", "dropped"),
}
"""What `?show=` leaves over."""


def narrowed(rows: QuerySet[Acceptance], show: str, today: dt.date) -> QuerySet[Acceptance]:
    """The acceptances that `?show=` asks for."""
    over = Q(ended_at__isnull=False) | Q(accepted_at__isnull=False, accepted_until__lt=today)
    force = Q(accepted_at__isnull=False) & ~over
    match show:
        case "all":
            return rows
        case "asked":
            return rows.filter(is_asked=True)
        case "force":
            return rows.filter(force)
        case "soon":
            return rows.filter(force, accepted_until__lte=today + dt.timedelta(days=SOON_DAYS))
        case "ended":
            return rows.filter(over)
    return rows.exclude(over)


def dressed(acceptances: Iterable[Acceptance], project: Project, today: dt.date) -> list[Acceptance]:
    """Puts on each row what the template prints. No query."""
    known, found = states(), list(acceptances)
    for one in found:
        one.href = address("risks:acceptance-detail", **project.address, number=one.label)
        one.state = known[
            key_of(one, is_asked=one.is_asked, risk_count=one.risk_count, holding=one.holding, today=today)
        ]
    return found


def acceptable(project: Project, today: dt.date) -> QuerySet[Risk]:
    """Rated open risks with an owner that wait to be put to a decision: not accepted, or not for long any more.

    Opportunities are pursued or not; nothing of them is left to be accepted.
    """
    soon = today + dt.timedelta(days=SOON_DAYS)
    return (
        Risk.objects.filter(project=project, is_open=True, current_level__isnull=False, owner__isnull=False)
        .exclude(discipline=Discipline.OPPORTUNITY)
        .exclude(acceptance_state=AcceptanceState.ASKED)
        .exclude(acceptance_state=AcceptanceState.ACCEPTED, accepted_until__gt=soon)
    )


class Waiting(NamedTuple):
    """A risk owner with what waits to be put to a decision."""

    owner: Any
    count: int
    stale: int
    soon: int
    url: str

    @property
    def text(self) -> str:
        said = [ngettext("%(n)s risk", "%(n)s risks", self.count) % {"n": self.count}]
        if self.stale:
            said.append(
                ngettext("%(n)s acceptance holds no longer", "%(n)s acceptances hold no longer", self.stale)
                % {"n": self.stale}
            )
        if self.soon:
            said.append(_("%(n)s end soon") % {"n": self.soon})
        return ", ".join(said)


def waiting(project: Project, today: dt.date) -> list[Waiting]:
    """By owner, the most risks first. Two queries."""
    counted = list(
        acceptable(project, today)
        .order_by()
        .values_list("owner_id")
        .annotate(
            n=Count("pk"), stale=Count("pk", filter=Q(acceptance_state=AcceptanceState.STALE)),
            soon=Count("pk", filter=Q(acceptance_state=AcceptanceState.ACCEPTED)),
        )
    )  # fmt: skip
    people = User.objects.in_bulk([row[0] for row in counted])
    home = address("risks:acceptance-create", **project.address)
    rows = [Waiting(people[pk], n, stale, soon, f"{home}?owner={pk}") for pk, n, stale, soon in counted]
    return sorted(rows, key=lambda row: (-row.count, str(row.owner)))


def offered(project: Project, owner: Any, today: dt.date) -> list[Row]:
    """What the risk owner could be asked to accept, each with its residual level. Five queries."""
    found = list(acceptable(project, today).filter(owner=owner).select_related("owner").order_by("number"))
    for risk in found:
        risk.project = project
    return rows_for(found)


# ---- one acceptance ---------------------------------------------------------------------------------------------


def state_of(acceptance: Acceptance, rows: list[Row], today: dt.date) -> State:
    """How it stands. One query while it is not accepted."""
    is_asked = acceptance.accepted_at is None and open_request(acceptance) is not None
    holding = sum(row.accepted.is_holding for row in rows if row.accepted)
    return states()[key_of(acceptance, is_asked=is_asked, risk_count=len(rows), holding=holding, today=today)]


def open_request(acceptance: Acceptance) -> Approval | None:
    return Approval.objects.filter(subject_kind=KIND, subject_id=acceptance.pk, status=ApprovalStatus.OPEN).first()


def signed(acceptance: Acceptance) -> Approval | None:
    """The approval that was signed, whatever became of it. One query."""
    rows = Approval.objects.filter(subject_kind=KIND, subject_id=acceptance.pk, edition__isnull=False)
    return rows.select_related("content").order_by("-edition").first()


def story_of(acceptance: Acceptance, perms: frozenset[Perm]) -> list[Any]:
    if Perm.VIEW_JOURNAL not in perms:
        return []
    entries = JournalEntry.objects.filter(
        project=acceptance.project, target_kind="risks.acceptance", target_id=acceptance.pk
    ).order_by("-seq")
    return journal_words.tell(entries[:STORY], acceptance.project)


# ---- figures, panels, reminders ---------------------------------------------------------------------------------


class Figures(NamedTuple):
    """How far acceptance is among the open risks of a project, opportunities left out."""

    total: int
    rated: int
    accepted: int
    asked: int
    stale: int

    @property
    def left(self) -> int:
        return self.total - self.accepted

    @property
    def percent(self) -> int:
        return 100 * self.accepted // self.total if self.total else 0


@together.once
def figures(project: Project) -> Figures:
    """One query."""
    state = "acceptance_state"
    found = (
        Risk.objects.filter(project=project, is_open=True)
        .exclude(discipline=Discipline.OPPORTUNITY)
        .order_by()
        .aggregate(
            total=Count("pk"), rated=Count("pk", filter=Q(current_level__isnull=False)),
            accepted=Count("pk", filter=Q(**{state: AcceptanceState.ACCEPTED})),
            asked=Count("pk", filter=Q(**{state: AcceptanceState.ASKED})),
            stale=Count("pk", filter=Q(**{state: AcceptanceState.STALE})),
        )
    )  # fmt: skip
    return Figures(**found)


def ending() -> QuerySet[Acceptance]:
    """Acceptances in force, for reminders and calendars: whose day comes."""
    return Acceptance.objects.filter(accepted_at__isnull=False, ended_at__isnull=True)


def treatments_due() -> QuerySet[Treatment]:
    """Treatments that are not done and have a day."""
    open_states = [TreatmentStatus.PLANNED, TreatmentStatus.IN_PROGRESS]
    return Treatment.objects.filter(status__in=open_states, due_on__isnull=False, risk__is_open=True)


def expired(today: dt.date) -> QuerySet[Risk]:
    """Risks whose acceptance ran out before `today`, wherever they are."""
    return Risk.objects.filter(acceptance_state=AcceptanceState.ACCEPTED, accepted_until__lt=today)


class Line(NamedTuple):
    """How a risk stands towards its acceptance, in a line of its page."""

    kind: str
    label: str
    icon: str
    text: str
    number: str
    url: str


def line_of(risk: Risk) -> Line | None:
    """The acceptance of a risk for its page; None while nothing was asked or accepted. One query."""
    if risk.acceptance_state == AcceptanceState.NONE:
        return None
    last = risk.acceptances.select_related("acceptance").order_by(F("is_holding").desc(), "-acceptance__number").first()
    number = last.acceptance.label if last else ""
    url = address("risks:acceptance-detail", **risk.project.address, number=number) if last else ""
    match risk.acceptance_state:
        case AcceptanceState.ACCEPTED:
            until = short_date(risk.accepted_until) if risk.accepted_until else ""
            return Line("done", _("Accepted"), "", _("until %(day)s") % {"day": until}, number, url)
        case AcceptanceState.ASKED:
            return Line("prog", _("Acceptance asked for"), "signature", "", number, url)
    return Line("late", _("Acceptance no longer holds"), "alert-triangle", risk.stale_because, number, url)
