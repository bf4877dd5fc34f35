"""The statements of the demo: Annex A answered, approved and moved on since at Alpenblick; the actions begun at Seefeld."""

from __future__ import annotations

from typing import Any

from approvals.selectors import approval as approvals
from approvals.services import decision
from approvals.services import request as requests
from pdca.models import Standard
from projects.demo import Chapter
from projects.demo.clock import shifted
from projects.models import PlanActivity

from .models import Reason, Soa
from .selectors import soa as selectors
from .services import soa as services

SET = "iso-27001-2022-annex-a"
EXCLUDED = {
    "A.8.4": "No source code is written or kept here: all software is bought as a product.",
    "A.8.25": "No software is developed; changes of the ERP are ordered from its maker and accepted under A.8.32.",
    "A.8.27": "Systems are bought and run as their makers design them; no architecture of our own.",
    "A.8.28": "No software is written, neither here nor to our order.",
    "A.8.30": "No development is given to others; the interfaces of the ERP are standard products.",
    "A.8.33": "There is no test system with data of our own; the maker tests with invented data.",
    "A.7.6": "There are no areas in which work as such is secret; the server room is covered by A.7.2 and A.7.3.",
    "A.8.11": "Personal data is not handed on for tests or analysis, so there is nothing to mask.",
}
REASONS: dict[str, tuple[str, ...]] = {
    Reason.LEGAL: ("A.5.31", "A.5.32", "A.5.33", "A.5.34", "A.6.1", "A.8.10"),
    Reason.CONTRACTUAL: ("A.5.14", "A.5.19", "A.5.20", "A.5.22", "A.6.6", "A.5.29", "A.5.30"),
    Reason.INTERESTED_PARTY: ("A.5.5", "A.5.29", "A.5.35"),
    Reason.BUSINESS: ("A.5.9", "A.5.37", "A.7.13", "A.8.6", "A.8.13", "A.8.14"),
    Reason.RISK_TREATMENT: ("A.5.15", "A.5.17", "A.5.23", "A.6.3", "A.7.11", "A.8.5", "A.8.7", "A.8.8", "A.8.22"),
}
JUSTIFIED = {
    "A.5.34": "Patient data on returned goods and personal files: Swiss data protection act, and the GDPR for buyers in the EU.",
    "A.8.13": "The ERP has to be back within 8 hours; yesterday's data is the most that may be lost.",
    "A.8.22": "The sterilizers and fillers are old systems on the same network as the offices: they are set apart.",
    "A.7.11": "Chur has one supply line; a power cut stops the clean rooms.",
    "A.5.20": "Hospitals ask for it in their contracts since 2025.",
}
IMPLEMENTED = (
    "A.5.1 A.5.2 A.5.4 A.5.5 A.5.10 A.5.11 A.5.16 A.5.31 A.5.32 A.6.1 A.6.2 A.6.4 A.6.5 A.6.6 A.7.1 A.7.2 A.7.3 A.7.5 A.7.8 "
    "A.7.12 A.7.13 A.8.1 A.8.7 A.8.13 A.8.15 A.8.17 A.8.20"
)
IN_PROGRESS = (
    "A.5.9 A.5.12 A.5.15 A.5.18 A.5.19 A.5.24 A.5.29 A.5.33 A.5.34 A.6.3 A.6.8 A.7.4 A.7.10 A.8.2 A.8.5 A.8.8 A.8.22"
)
PLANNED = (
    "A.5.7 A.5.13 A.5.14 A.5.17 A.5.20 A.5.22 A.5.23 A.5.25 A.5.26 A.5.30 A.5.37 A.6.7 A.7.11 A.7.14 A.8.9 A.8.10 A.8.14 A.8.16 "
    "A.8.23 A.8.24"
)
OWNERS = {"A.5": "manager", "A.6": "hr", "A.7": "processowner", "A.8": "riskowner"}


def tell(chapter: Chapter) -> None:
    story = chapter.story
    match chapter.project.organization.slug:
        case "alpenblick":
            criteria = PlanActivity.objects.get(project=chapter.project, number="1.7.2").ends_on
            first = max(shifted(criteria, 6), story.days_ago(60))
            first = min(first, story.days_ago(7))
            days = (_begin, _deviate, _schedule, _ask, _sign)
            for at, what in enumerate(days):
                story.add(story.moment(shifted(first, at), 9 + at, 11 + at), what, chapter=chapter)
            story.add(story.moment(story.days_ago(1), 9, 11), _move_on, chapter=chapter)
        case "seefeld":
            story.add(story.moment(story.days_ago(3), 13, 15), _begin_actions, chapter=chapter)


def _soa(chapter: Chapter) -> Soa:
    return selectors.one(chapter.project, SET)


def _answer(chapter: Chapter, ref: str, by: Any, **values: Any) -> None:
    entry = selectors.entry(_soa(chapter), ref)
    services.answer(entry=entry, by=by, version=entry.version, values=values)


def _begin(*, chapter: Chapter) -> None:
    """What is alike, theme by theme: applicable as the baseline, with an owner."""
    manager = chapter.people["manager"]
    soa = services.begin(project=chapter.project, by=manager, standard=Standard.objects.get(slug=SET))
    rows = selectors.computed(soa).rows
    for prefix, owner in OWNERS.items():
        refs = [row.number for row in rows if row.number.startswith(f"{prefix}.")]
        values = {"is_applicable": True, "reasons": [Reason.BASELINE], "owner": chapter.people[owner]}
        services.answer_many(soa=soa, by=manager, refs=refs, values=values)


def _deviate(*, chapter: Chapter) -> None:
    """Only deviations are typed: what is left out, and what has another reason."""
    manager = chapter.people["manager"]
    for ref, why in EXCLUDED.items():
        _answer(chapter, ref, manager, is_applicable=False, justification=why)
    found: dict[str, list[str]] = {}
    for reason, refs in REASONS.items():
        for ref in refs:
            found.setdefault(ref, []).append(reason)
    for ref, reasons in found.items():
        _answer(chapter, ref, manager, reasons=reasons, justification=JUSTIFIED.get(ref, ""))


def _schedule(*, chapter: Chapter) -> None:
    """How far each one is, and until when."""
    soa, manager, story = _soa(chapter), chapter.people["manager"], chapter.story
    for refs, values in (
        (IMPLEMENTED, {"status": "implemented"}),
        (IN_PROGRESS, {"status": "in_progress", "target_on": story.days_ahead(30)}),
        (PLANNED, {"status": "planned", "target_on": story.days_ahead(75)}),
    ):
        services.answer_many(soa=soa, by=manager, refs=refs.split(), values=values)


def _ask(*, chapter: Chapter) -> None:
    requests.ask(
        kind=selectors.KIND, project=chapter.project, pk=_soa(chapter).pk, by=chapter.people["manager"],
        steps=[requests.Planned([chapter.people["management"]])],
        note="The eight exclusions are about software development, which we do not do.",
    )  # fmt: skip


def _sign(*, chapter: Chapter) -> None:
    asked = approvals.standing_of(selectors.KIND, _soa(chapter)).asked
    if asked is None:
        return
    decision.decide(
        approval=asked, by=chapter.people["management"], decision="approved", digest=asked.content.digest,
        proof=decision.Proof("password", "192.0.2.14"),
    )  # fmt: skip


def _move_on(*, chapter: Chapter) -> None:
    """Since then: two controls further, one justified anew."""
    _answer(chapter, "A.8.8", chapter.people["riskowner"], status="implemented")
    _answer(chapter, "A.6.3", chapter.people["manager"], status="implemented")
    _answer(
        chapter, "A.8.11", chapter.people["manager"], is_applicable=True, reasons=[Reason.LEGAL], status="planned",
        justification="The new quality statistics go to hospitals: names are masked before they leave.",
        target_on=chapter.story.days_ahead(45),
    )  # fmt: skip


def _begin_actions(*, chapter: Chapter) -> None:
    services.begin_actions(project=chapter.project, by=chapter.people["manager"])
