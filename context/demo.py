"""The mandates of the demo: released at Alpenblick, waiting for a signature at two other clients."""

from __future__ import annotations

import datetime as dt
from typing import Any

from approvals.selectors import approval as approvals
from approvals.services import decision
from approvals.services import request as requests
from projects.demo import Chapter, cast
from projects.demo.clock import shifted
from projects.models import PlanActivity
from projects.permissions import Role

from .selectors import mandate as selectors
from .services import mandate as services

RESERVATION = "Released on condition that production is not interrupted in December."

ALPENBLICK: dict[str, Any] = {
    "motives": (
        "Two hospital groups ask for ISO 27001 in their next tender, and our largest distributor audits business "
        "continuity from next year on. We were without ERP for two days last spring: 61 orders went out late.\n\n"
        "Quality, security and continuity are run today by three people with three sets of rules. One system for all "
        "three costs less than three projects one after the other."
    ),
    "benefits": (
        "Access to tenders worth about CHF 3.4 million a year.\n\n"
        "One audit instead of three: about 14 auditor days less in each certification cycle.\n\n"
        "ERP back within 8 hours, tested twice a year."
    ),
    "resources": (
        "A room for the project on Tuesdays and Thursdays, the document management system that is licensed already, "
        "and two days of training for each process owner."
    ),
    "risks": (
        "The move to hall 2 in autumn takes the time of the same people: no workshops in those four weeks.\n\n"
        "The ISO 13485 manual could be duplicated: every new procedure is checked against it first.\n\n"
        "One consultant knows everything: her colleague takes part once a month."
    ),
    "currency": "CHF",
    "budget": [
        ("Consulting, 80 days", 136_000), ("Certification, stages 1 and 2", 31_500), ("Training of auditors and owners", 18_400),
        ("Backup power for the server room", 21_900), ("Tools and licences", 9_800), ("Contingency, 10 percent", 21_760),
    ],
    "team": [
        ("manager", "Project manager", 60), ("processowner", "Processes and production", 25),
        ("riskowner", "Risk and information security", 30), ("documents", "Documents", 40), ("hr", "Training and awareness", 15),
        ("management", "Sponsor", 5),
    ],
}  # fmt: skip

SEEFELD: dict[str, Any] = {
    "motives": (
        "Three of our five largest customers ask for ISO 14001 and 45001 in their framework contracts from next year "
        "on. The insurer raises our premium by a fifth unless accidents in the transshipment hall go down."
    ),
    "benefits": "Contracts worth CHF 6 million a year are kept.\n\nA quarter fewer days lost to accidents within two years.",
    "resources": "The time of the shift leaders, and the meeting room beside the hall in the afternoon.",
    "risks": "Peak season from October on: no audits and no training in those weeks.",
    "currency": "CHF",
    "budget": [
        ("Certification, three standards", 38_000), ("Load securing and first aid courses", 24_600),
        ("Protective equipment and markings", 17_200), ("Contingency", 8_000),
    ],
    "team": [
        ("manager", "Project manager", 50), ("processowner", "Transshipment hall", 20), ("consultant", "Method and templates", 40),
    ],
}  # fmt: skip

RHONETAL: dict[str, Any] = {
    "motives": (
        "The inspectorate found our occupational health rules scattered over four sites. The board wants one system "
        "before the new filling line starts."
    ),
    "benefits": "One set of rules for four sites; the certificate that two customers ask for.",
    "resources": "A deputy for the head of production while the project runs.",
    "risks": "The budget was drawn up before the filling line was decided: the training costs more than planned.",
    "currency": "CHF",
    "budget": [
        ("Consulting, 60 days", 102_000), ("Certification, stages 1 and 2", 34_000), ("Training at four sites", 52_500),
    ],
    "team": [("manager", "Project manager", 80), ("consultant", "Method and reviews", 25)],
}  # fmt: skip


def tell(chapter: Chapter) -> None:
    """Adds the mandate to the story of the clients that have one."""
    match chapter.project.organization.slug:
        case "alpenblick":
            _alpenblick(chapter)
        case "seefeld":
            _waiting(chapter, SEEFELD, chapter.people["management"], asked_days_ago=3, days_left=4)
        case "rhonetal":
            born = chapter.story.moment(chapter.story.days_ago(30))
            boss = cast.join({"management": "Alain Perret"}, "rhonetal.example", born)["management"]
            chapter.story.add(
                born, cast.come_in, person=boss, role=Role.TOP_MANAGEMENT, scope=chapter.project,
                by=chapter.people["manager"],
            )  # fmt: skip
            _waiting(chapter, RHONETAL, boss, asked_days_ago=11, days_left=-4)


def _alpenblick(chapter: Chapter) -> None:
    """Written while step 1.4 was worked on, released where the plan wants it: activity 1.4.5."""
    story, people = chapter.story, chapter.people
    ends = dict(
        PlanActivity.objects.filter(project=chapter.project, number__in=("1.4.4", "1.4.5")).values_list(
            "number", "ends_on"
        )
    )
    written, signed = shifted(ends["1.4.4"], 2), shifted(ends["1.4.5"], 3)
    story.add(story.moment(written, 8, 11), _write, chapter=chapter, facts=ALPENBLICK)
    story.add(
        story.moment(written, 13, 16), _ask, chapter=chapter, decider=people["management"],
        due_on=signed + dt.timedelta(days=4),
        note="Please look at the contingency first: the backup power has been decided since the last steering committee.",
    )  # fmt: skip
    story.add(story.moment(signed, 16, 18), _sign, chapter=chapter, decider=people["management"])


def _waiting(chapter: Chapter, facts: dict[str, Any], decider: Any, *, asked_days_ago: int, days_left: int) -> None:
    story = chapter.story
    day = story.days_ago(asked_days_ago)
    story.add(story.moment(day, 8, 11), _write, chapter=chapter, facts=facts)
    story.add(
        story.moment(day, 13, 16), _ask, chapter=chapter, decider=decider,
        due_on=story.days_ahead(days_left) if days_left > 0 else story.days_ago(-days_left), note="",
    )  # fmt: skip


def _write(*, chapter: Chapter, facts: dict[str, Any]) -> None:
    people = chapter.people
    budget = [{"what": what, "amount": amount} for what, amount in facts["budget"]]
    team = [
        {"name": str(people[local]), "person": people[local].pk, "role": role, "share": share}
        for local, role, share in facts["team"]
    ]
    services.write(
        project=chapter.project, by=people["manager"], version=0, values={**facts, "budget": budget, "team": team}
    )


def _ask(*, chapter: Chapter, decider: Any, due_on: dt.date, note: str) -> None:
    mandate = selectors.of_project(chapter.project)
    requests.ask(
        kind=services.KIND, project=chapter.project, pk=mandate.pk, by=chapter.people["manager"], due_on=due_on, note=note,
        steps=[requests.Planned([decider])],
    )  # fmt: skip


def _sign(*, chapter: Chapter, decider: Any) -> None:
    mandate = selectors.of_project(chapter.project)
    asked = approvals.standing_of(services.KIND, mandate).asked
    decision.decide(
        approval=asked, by=decider, decision="reserved", digest=asked.content.digest, comment=RESERVATION,
        proof=decision.Proof("password", "192.0.2.14"),
    )  # fmt: skip
