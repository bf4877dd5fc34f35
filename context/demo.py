"""The mandates of the demo: released at Alpenblick, waiting for a signature at two other clients.

And the scopes: approved at Alpenblick, a draft in somebody's own words at Seefeld, at the beginning at Bergkristall.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from approvals.selectors import approval as approvals
from approvals.services import decision
from approvals.services import request as requests
from context.models import ScopeKind
from projects.demo import Chapter, cast
from projects.demo.clock import shifted
from projects.models import PlanActivity
from projects.permissions import Role

from .selectors import mandate as selectors
from .selectors import scope as scopes
from .services import mandate as services
from .services import scope as scope_services

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


ISMS, BCMS, QMS = "iso-27001-2022", "iso-22301-2019", "iso-9001-2026"

ALPENBLICK_SCOPE: list[dict[str, Any]] = [
    {"kind": "unit", "name": "Production", "description": "Injection moulding, assembly and packing in three shifts."},
    {"kind": "unit", "name": "Logistics", "description": "Goods in, warehouse, dispatch."},
    {"kind": "unit", "name": "Sales and customer service"},
    {"kind": "unit", "name": "Information technology"},
    {"kind": "unit", "name": "Human resources and finance", "description": "As far as they serve the units above."},
    {
        "kind": "unit", "name": "Alpenblick Dental GmbH", "is_included": False,
        "justification": "A company of its own in Konstanz with its own management, certified to ISO 13485. It shares neither "
        "staff nor systems with us since the separation of the ERP.",
    },
    {"kind": "product", "name": "Sterile packaging for medical devices"},
    {"kind": "product", "name": "Contract assembly of infusion sets"},
    {"kind": "product", "name": "Consignment stock for hospital groups", "standards": [QMS, BCMS]},
    {"kind": "process", "name": "From order to delivery"},
    {"kind": "process", "name": "Purchasing and supplier control"},
    {"kind": "process", "name": "Release of lots"},
    {"kind": "process", "name": "Complaints and returns"},
    {"kind": "process", "name": "Operation of the IT services"},
    {"kind": "system", "name": "ERP with warehouse terminals", "description": "Two servers in Zug, a warm copy with the hosting partner."},
    {"kind": "system", "name": "Office network and 140 workplaces"},
    {"kind": "system", "name": "Controls of the moulding machines", "description": "A network of its own, without a way to the internet.",
     "standards": [ISMS, BCMS]},
    {
        "kind": "system", "name": "Public web shop for spare parts", "is_included": False, "standards": [ISMS],
        "justification": "Run by the manufacturer of the machines under its own name and certificate; we only link to it and "
        "store no data of its customers.",
    },
    {"kind": "site", "name": "Zug, Industriestrasse 40", "description": "Head office, halls 1 and 2, server room."},
    {"kind": "site", "name": "Baar, Warehouse", "description": "Two floors of a shared building; the limit is our own lockable stairwell."},
    {"kind": "site", "name": "Work from home", "description": "Sales, IT and administration, up to two days a week.", "standards": [ISMS]},
    {"kind": "interface", "name": "Hosting of the warm copy", "party": "Rechenzentrum Zentralschweiz AG",
     "description": "Contract with recovery within 8 hours and a test twice a year."},
    {"kind": "interface", "name": "Sterilization", "party": "Steriplan AG",
     "description": "Outsourced process; validation and release of each lot stay with us."},
    {"kind": "interface", "name": "Payroll", "party": "Alpenblick Holding",
     "description": "Service agreement; data leaves encrypted once a month."},
    {
        "kind": "requirement", "name": "8.3 Design and development of products and services", "standards": [QMS],
        "justification": "Customers own the design of all products and hand over released drawings. We change neither shape nor "
        "material, so conformity does not depend on design work of ours.",
    },
]  # fmt: skip

SEEFELD_SCOPE: list[dict[str, Any]] = [
    {"kind": "unit", "name": "Transshipment hall"},
    {"kind": "unit", "name": "Fleet and dispatching"},
    {"kind": "unit", "name": "Workshop", "description": "Maintenance of our own vehicles."},
    {"kind": "product", "name": "General cargo within 24 hours"},
    {"kind": "product", "name": "Storage of packed goods"},
    {"kind": "process", "name": "Loading and securing"},
    {"kind": "process", "name": "Planning of tours"},
    {"kind": "site", "name": "Seefeld, freight terminal", "description": "Hall, yard, fuel station and office building."},
    {
        "kind": "site", "name": "Parking area Nord", "is_included": False,
        "justification": "Let to the municipality since March; none of our vehicles and people are there.",
    },
    {"kind": "system", "name": "Transport management system"},
    {"kind": "interface", "name": "Subcontracted tours", "party": "Eleven hauliers",
     "description": "Bound by the driver handbook; their safety record is looked at every quarter."},
]  # fmt: skip

SEEFELD_WORDS = (
    "Seefeld Logistik moves and stores packed goods for industry and trade in Switzerland and to southern Germany. The "
    "integrated management system for quality, environment and occupational health and safety covers everything that happens "
    "at the freight terminal in Seefeld and on our own vehicles.\n\nHauliers who drive for us are bound by the driver handbook."
)

BERGKRISTALL_SCOPE: list[dict[str, Any]] = [
    {"kind": "product", "name": "Practice software as a service"},
    {"kind": "unit", "name": "Development"},
    {"kind": "unit", "name": "Operations and support"},
    {"kind": "site", "name": "Chur, Bahnhofstrasse"},
]


def tell(chapter: Chapter) -> None:
    """Adds the mandate and the scope to the story of the clients that have one."""
    _scopes(chapter)
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


def _scopes(chapter: Chapter) -> None:
    story, people = chapter.story, chapter.people
    match chapter.project.organization.slug:
        case "alpenblick":
            ends = dict(
                PlanActivity.objects.filter(project=chapter.project, number__in=("1.5.3", "1.5.4")).values_list(
                    "number", "ends_on"
                )
            )
            written, signed = shifted(ends["1.5.3"], 2), shifted(ends["1.5.4"], 3)
            story.add(story.moment(written, 8, 11), _list_items, chapter=chapter, items=ALPENBLICK_SCOPE)
            story.add(
                story.moment(written, 13, 16), _ask_for_scope, chapter=chapter, decider=people["management"],
                due_on=signed + dt.timedelta(days=4),
            )  # fmt: skip
            story.add(story.moment(signed, 16, 18), _sign_scope, chapter=chapter, decider=people["management"])
        case "seefeld":
            story.add(story.moment(story.days_ago(12), 8, 11), _list_items, chapter=chapter, items=SEEFELD_SCOPE[:-1])
            story.add(story.moment(story.days_ago(8), 13, 15), _put_in_words, chapter=chapter, words=SEEFELD_WORDS)
            story.add(story.moment(story.days_ago(2), 16, 18), _list_items, chapter=chapter, items=SEEFELD_SCOPE[-1:])
        case "bergkristall":
            story.add(story.moment(story.days_ago(4), 8, 11), _list_items, chapter=chapter, items=BERGKRISTALL_SCOPE)


def _list_items(*, chapter: Chapter, items: list[dict[str, Any]]) -> None:
    for facts in items:
        values = {name: value for name, value in facts.items() if name != "kind"}
        scope_services.add_item(
            project=chapter.project, by=chapter.people["manager"], kind=ScopeKind(facts["kind"]), values=values
        )


def _put_in_words(*, chapter: Chapter, words: str) -> None:
    scope = scopes.of_project(chapter.project)
    scope_services.write(
        project=chapter.project, by=chapter.people["manager"], version=scope.version, statement=words,
        seen=scopes.paper_of(scope).seen,
    )  # fmt: skip


def _ask_for_scope(*, chapter: Chapter, decider: Any, due_on: dt.date) -> None:
    requests.ask(
        kind=scope_services.KIND, project=chapter.project, pk=scopes.of_project(chapter.project).pk,
        by=chapter.people["manager"], due_on=due_on, steps=[requests.Planned([decider])],
    )  # fmt: skip


def _sign_scope(*, chapter: Chapter, decider: Any) -> None:
    asked = approvals.standing_of(scope_services.KIND, scopes.of_project(chapter.project)).asked
    decision.decide(
        approval=asked, by=decider, decision="approved", digest=asked.content.digest, comment="",
        proof=decision.Proof("password", "192.0.2.14"),
    )  # fmt: skip
