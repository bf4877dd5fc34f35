"""The register of the demo: two dozen risks and opportunities of every discipline at Alpenblick, first drafts at Seefeld."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from projects.demo import Chapter
from projects.demo.clock import shifted
from projects.models import PlanActivity

from .models import Asset, Risk
from .selectors import criteria
from .services import asset as assets
from .services import rating
from .services import risk as risks

Marks = dict[str, int]


@dataclass(frozen=True)
class Thing:
    """An asset, process or activity; `cia` where somebody has said how much depends on it."""

    name: str
    kind: str
    owner: str
    text: str = ""
    cia: tuple[int | None, int | None, int | None] = (None, None, None)


@dataclass(frozen=True)
class Line:
    """A risk of the story. `day` counts working days from the signature of the criteria; ratings follow in that week.

    `inherent` and `current` are a likelihood with the marks of what it touches.
    """

    title: str
    discipline: str
    category: str
    owner: str
    day: int
    cause: str
    event: str
    outcome: str
    controls: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    things: tuple[str, ...] = ()
    inherent: tuple[int, Marks] | None = None
    current: tuple[int, Marks] | None = None
    why: str = ""


THINGS = (
    Thing("From order to delivery", "process", "processowner", "Orders, picking, packing, dispatch; 140 orders a day.",
    (2, 3, 3)),
    Thing("Sterile production, clean room ISO 7", "process", "processowner", "Two lines in Chur, three shifts.", (1, 4, 4)),
    Thing("Design and development of disposables", "process", "manager", "Design files and validation records.", (4, 4, 2)),
    Thing("ERP", "software", "riskowner", "Hosted by a partner in Zürich; orders, stock, batches.", (3, 4, 4)),
    Thing("Batch and device history records", "information", "documents", "Kept fifteen years, paper until 2021.", (2, 4, 3)),
    Thing("Customer and complaint data", "information", "riskowner", "Names of patients in some complaints.", (4, 3, 2)),
    Thing("Ethylene oxide sterilizer", "equipment", "processowner", "One chamber in Chur, serviced twice a year.", (1, 3, 4)),
    Thing("Site Zürich: office and warehouse", "site", "manager", "Rented; high-bay racking, four forklifts."),
    Thing("Site Chur: production", "site", "processowner", "Owned; gas store and waste water treatment."),
    Thing("Qualified people in production", "people", "hr", "Eleven of forty may release a batch."),
    Thing("Suppliers of sterile packaging film", "service", "processowner", "One approved supplier for the pouch film."),
)  # fmt: skip

ALPENBLICK = (
    Line(
        "Phishing opens a mailbox with complaint data", "information_security", "IT", "riskowner", 1,
        "Staff are in a hurry and trust a known sender.", "A password is typed into a false sign-in page.",
        "Strangers read complaints with names of patients; the authority has to be told within 72 hours.",
        "Second factor for administrators; awareness sessions since spring.",
        {"threat": "Phishing by organized crime", "vulnerability": "No second factor for most mailboxes",
        "properties": ["confidentiality"]},
        ("Customer and complaint data",), (5, {"law": 4, "reputation": 4}), (4, {"law": 4, "reputation": 3}),
        "Two of 180 fell for the test mail in March; the real ones come every week.",
    ),
    Line(
        "Ransomware stops the ERP", "information_security", "IT", "riskowner", 1,
        "Servers are patched late, administrators work with one account.", "Malware encrypts the ERP and its backups.",
        "No orders, no batch release; customers are not delivered for days.",
        "Daily backup at the hosting partner, kept for 30 days.",
        {"threat": "Ransomware", "vulnerability": "Backups can be reached from the same network",
        "properties": ["integrity", "availability"]},
        ("ERP", "From order to delivery"), (4, {"money": 4, "service": 5}), (3, {"money": 4, "service": 4}),
        "The restore test in autumn took nineteen hours.",
    ),
    Line(
        "A leaver keeps access to the design files", "information_security", "People", "hr", 2,
        "HR tells IT about leavers by e-mail, sometimes late.", "A former engineer downloads drawings.",
        "A competitor brings out a copy before the patent is granted.",
        "Accounts end with the last working day, where IT knows.",
        {"threat": "Former employee", "vulnerability": "No joint list of joiners and leavers",
        "properties": ["confidentiality"]},
        ("Design and development of disposables",), (3, {"money": 4}), (2, {"money": 4}),
    ),
    Line(
        "The hosting partner fails for longer than agreed", "continuity", "Suppliers", "riskowner", 2,
        "Everything runs in one data centre.", "Power or cooling fails there for more than a day.",
        "Orders are taken on paper, stock figures are wrong for a week.",
        "Contract with 8 hours recovery; paper forms are ready.",
        {"activity": "Taking and picking orders",
        "impact_over_time": "After 4 hours the phones ring, after a day hospitals order elsewhere.",
         "mtpd_hours": 24, "rto_hours": 8, "mbco": "Emergency orders of hospitals within the day"},
        ("ERP", "From order to delivery"), (3, {"service": 4, "money": 3}), (2, {"service": 4, "money": 3}),
        "The partner has shown its second site; we have not seen it tried.",
    ),
    Line(
        "The only sterilizer breaks down", "continuity", "Production", "processowner", 2,
        "One chamber, spare parts come from abroad.", "Pump or control fails in the middle of a cycle.",
        "No sterile goods for weeks, the batch in the chamber is lost.",
        "Service contract, two visits a year; stock for nine days.",
        {"activity": "Sterilizing finished goods", "impact_over_time": "Nine days of stock, then no deliveries.",
         "mtpd_hours": 360, "rto_hours": 240, "mbco": "The four products for intensive care"},
        ("Ethylene oxide sterilizer", "Sterile production, clean room ISO 7"), (3, {"money": 5, "service": 5}),
        (2, {"money": 4, "service": 5}), "The contract steriliser in Basel takes one load a week, from the third week on.",
    ),
    Line(
        "Pouch film does not arrive", "general", "Suppliers", "processowner", 3,
        "One approved supplier, made in one plant.", "The plant stops, or the film fails the incoming test.",
        "Packaging stands still after three weeks.", "Six weeks of stock; second supplier under evaluation.",
        {}, ("Suppliers of sterile packaging film",), (3, {"service": 4, "money": 3}), (3, {"service": 3, "money": 3}),
    ),
    Line(
        "A batch is released without a complete record", "general", "Production", "processowner", 3,
        "Release on paper, eleven people may sign.", "A test result is missing when the batch is released.",
        "Recall; patients could be harmed.", "Four-eyes release, checklist F-014.",
        {}, ("Sterile production, clean room ISO 7", "Batch and device history records"), (3, {"people": 5, "law": 5}),
        (1, {"people": 5, "law": 5}), "No such case in six years; two near misses were found at the second pair of eyes.",
    ),
    Line(
        "Too few people may release a batch", "general", "People", "hr", 3,
        "Qualification takes a year, three of eleven retire until 2028.", "Holidays and illness fall together.",
        "Batches wait, overtime, mistakes.", "Plan of deputies.",
        {}, ("Qualified people in production",), (4, {"service": 3, "people": 3}), (3, {"service": 3, "people": 2}),
    ),
    Line(
        "The new MDR guidance needs more clinical data", "general", "Law", "manager", 4,
        "Guidance changes every year.", "The notified body asks for data that we do not have.",
        "Two products lose their certificate for months.", "Regulatory watch once a quarter.",
        {}, ("Design and development of disposables",), (3, {"law": 4, "money": 4}), (3, {"law": 3, "money": 4}),
    ),
    Line(
        "Exchange rate eats the margin of exports", "general", "Money", "management", 4,
        "Costs in francs, sales in euros.", "The euro falls by a tenth within a year.",
        "The result of the year is halved.", "Half of a year's sales is hedged.",
        {}, (), (4, {"money": 4}), (4, {"money": 2}),
    ),
    Line(
        "Ethylene oxide escapes from the gas store", "environment", "Sites", "processowner", 4,
        "Ageing seals, cylinders are changed by hand.", "A fitting leaks at night.",
        "Fine, loss of the permit, neighbours complain.", "Gas detector with alarm, ventilation, yearly inspection.",
        {"aspect": "Storage and use of ethylene oxide", "impact": "Toxic gas in air, harm to people nearby",
        "condition": "emergency",
         "life_cycle": "production", "influence": "direct"},
        ("Ethylene oxide sterilizer", "Site Chur: production"), (3, {"environment": 5, "people": 5}),
        (1, {"environment": 5, "people": 5}),
        "Detector tested every month, no alarm since 2022.",
    ),
    Line(
        "Single-use plastics fill the waste stream of customers", "environment", "Products", "manager", 5,
        "Products are made for one use.", "Hospitals prefer suppliers who take packaging back.",
        "Tenders are lost to greener competitors.", "Packaging reduced by 12 % since 2020.",
        {"aspect": "Packaging and products after use", "impact": "Plastic waste, burned with energy recovery",
        "condition": "normal",
         "life_cycle": "end_of_life", "influence": "indirect"},
        ("Design and development of disposables",), (4, {"environment": 3, "money": 2}), (4, {"environment": 2, "money": 2}),
    ),
    Line(
        "Solvent reaches the waste water", "environment", "Sites", "processowner", 5,
        "Cleaning baths are emptied by hand.", "A bath is emptied into the wrong drain.",
        "The treatment plant of Chur is disturbed.",
        "Drain is locked, two keys.",
        {"aspect": "Cleaning with isopropanol", "impact": "Load on the public treatment plant", "condition": "abnormal",
         "life_cycle": "production", "influence": "direct"},
        ("Site Chur: production",), (3, {"environment": 3, "law": 3}), (2, {"environment": 3, "law": 2}),
    ),
    Line(
        "Forklift meets pedestrian in the warehouse", "ohs", "Sites", "processowner", 5,
        "Narrow aisles, visitors do not know the ways.", "Somebody steps out between two racks.",
        "Accident insurance, investigation, stoppage.",
        "Marked ways, blue light on two of four forklifts.",
        {"hazard": "Moving forklifts", "harm": "Crushed limbs, death", "exposed": "Twelve warehouse staff, drivers, visitors",
         "hierarchy": ["engineering", "administrative", "ppe"]},
        ("Site Zürich: office and warehouse",), (4, {"people": 5}),
        (3, {"people": 4}), "Three near misses were reported this year.",
    ),
    Line(
        "Burns and poisoning when cylinders are changed", "ohs", "Production", "processowner", 6,
        "Cylinders are changed by hand every nine days.", "Gas escapes while a cylinder is disconnected.",
        "Serious harm, production stops.",
        "Breathing protection, two people, work permit.",
        {"hazard": "Ethylene oxide", "harm": "Poisoning, burns, cancer after long exposure", "exposed": "Four trained people",
         "hierarchy": ["administrative", "ppe"]},
        ("Ethylene oxide sterilizer",), (3, {"people": 5}), (2, {"people": 5}),
    ),
    Line(
        "Back pain in packing", "ohs", "Production", "hr", 6,
        "Standing work, cartons up to 18 kg.", "Load and posture over months.", "Absence, turnover of staff.",
        "Lifting aids on one of two lines, rotation every two hours.",
        {"hazard": "Lifting and standing", "harm": "Disorders of the back", "exposed": "Nineteen people in packing",
         "hierarchy": ["engineering", "administrative"]},
        ("Sterile production, clean room ISO 7",), (5, {"people": 3}), (4, {"people": 2}),
    ),
    Line(
        "Old batch records on paper are lost in a fire", "records", "Records", "documents", 6,
        "Paper until 2021 lies in one archive room.", "Fire or water in the basement.",
        "Recalls of old batches cannot be narrowed down.",
        "Smoke detector, fire doors.",
        {"records": "Device history records 2008 to 2021", "properties": ["authenticity", "usability"],
         "requirement": "Fifteen years by the medical devices ordinance"},
        ("Batch and device history records", "Site Zürich: office and warehouse"), (2, {"law": 4}), (2, {"law": 4}),
        "Not insured, not copied.",
    ),
    Line(
        "Electronic signatures cannot be proved later", "records", "Records", "documents", 7,
        "Certificates of the signing service end after three years.", "An authority doubts the signature of an old record.",
        "Records do not count as evidence.", "Export with time stamp since last year.",
        {"records": "Signed release forms", "properties": ["authenticity", "reliability"],
        "requirement": "Medical devices ordinance, GxP"},
        ("Batch and device history records",), (3, {"law": 3}), (2, {"law": 3}),
    ),
    Line(
        "Complaint data are kept longer than allowed", "records", "Records", "documents", 7,
        "Nobody deletes in the complaint system.", "A person asks for their data, or the authority for the rule.",
        "Fine and bad press.", "", {"records": "Complaints since 2014", "properties": ["usability"],
        "requirement": "Data protection act"},
        ("Customer and complaint data",), (4, {"law": 3, "reputation": 2}), None,
    ),
    Line(
        "Certified security opens the hospital tenders", "opportunity", "Market", "management", 7,
        "Hospitals ask for ISO/IEC 27001 since this year.", "We are certified before our two competitors.",
        "Access to tenders of four university hospitals.", "",
        {"benefit": "Four tenders a year, each about two per cent of sales", "pursuit": "pursued"},
        (), (3, {"money": 3, "reputation": 3}),
        (4, {"money": 4, "reputation": 3}), "Three tenders named the certificate as a condition.",
    ),
    Line(
        "Take packaging back together with the wholesaler", "opportunity", "Products", "manager", 8,
        "The wholesaler drives back empty.", "Cartons and trays are collected and used again.",
        "Less waste, lower cost, a word in tenders.", "",
        {"benefit": "About 14 tonnes of cardboard a year", "pursuit": "undecided"}, ("From order to delivery",),
        None, (3, {"environment": 2, "money": 2}),
    ),
    Line(
        "Power fails at the site in Chur", "continuity", "Sites", "riskowner", 8,
        "One feed, no generator.", "A storm cuts the line for a day.",
        "Clean room loses pressure, the batch is blocked.", "Emergency light, battery for the controls.",
        {"activity": "Clean room and sterilizer", "impact_over_time": "After 20 minutes the pressure is lost.",
        "mtpd_hours": 12, "rto_hours": 12},
        ("Site Chur: production", "Sterile production, clean room ISO 7"), (3, {"service": 4, "money": 4}),
        (3, {"service": 4, "money": 4}),
        "Offers for a generator are being compared.",
    ),
    Line(
        "Fax orders are read wrongly", "general", "Sales", "processowner", 8,
        "Two customers still order by fax.", "A figure is misread.", "Wrong delivery.", "Orders are confirmed by phone.",
        {}, ("From order to delivery",), (4, {"service": 2}), (2, {"service": 1}),
    ),
    Line(
        "Artificial intelligence writes customer letters unseen", "information_security", "IT", "", 9,
        "Staff try tools at home.", "Confidential text is pasted into a public service.",
        "Data of customers leave the house.", "",
        {"threat": "Careless use", "properties": ["confidentiality"]}, ("Customer and complaint data",),
    ),
)  # fmt: skip

SEEFELD = (
    Line("Driver falls asleep on the night run", "ohs", "Drivers", "processowner", 0, "Shifts change at short notice.",
         "A lorry leaves the road.", "Death or injury, damage, loss of the licence.", "Rest times in the tachograph.",
         {"hazard": "Fatigue", "harm": "Death, serious injury", "exposed": "28 night drivers"}),
    Line("Diesel runs into the ground at the pump", "environment", "Hall", "processowner", 0, "The seal of the pump is old.",
         "A tank leaks over a weekend.", "Soil has to be dug out.", "",
         {"aspect": "Storage of diesel", "impact": "Soil and ground water", "condition": "emergency", "influence": "direct"}),
    Line("Load shifts in transshipment", "ohs", "Hall", "", 1, "Courses on load securing have expired.",
    "Pallets fall from the ramp.", ""),
    Line("One customer makes a third of the sales", "general", "Market", "management", 1, "",
    "The contract is not renewed.", ""),
    Line("Electric lorries for the city", "opportunity", "Fleet", "manager", 2, "The city subsidizes chargers.", "", ""),
)  # fmt: skip
SEEFELD_THINGS = (Thing("Transshipment hall", "site", "processowner"), Thing("Night runs", "activity", "processowner"))


def tell(chapter: Chapter) -> None:
    """Adds the register to the story of the clients that have one."""
    story, project = chapter.story, chapter.project
    match project.organization.slug:
        case "alpenblick":
            ends = PlanActivity.objects.get(project=project, number="1.7.2").ends_on
            signed = shifted(min(shifted(ends, -3), story.days_ago(12)), 3)
            story.add(story.moment(shifted(signed, 1), 8, 9), _list, chapter=chapter, things=THINGS)
            for line in ALPENBLICK:
                day = shifted(signed, line.day)
                story.add(story.moment(day, 9, 12), _write, chapter=chapter, line=line)
                story.add(story.moment(shifted(day, 1), 8, 11), _judge, chapter=chapter, line=line, kind="inherent")
                story.add(story.moment(shifted(day, 1), 13, 17), _judge, chapter=chapter, line=line, kind="current")
            _afterwards(chapter, signed)
        case "seefeld":
            story.add(story.moment(story.days_ago(4), 8, 9), _list, chapter=chapter, things=SEEFELD_THINGS)
            for line in SEEFELD:
                story.add(story.moment(story.days_ago(4 - line.day), 13, 17), _write, chapter=chapter, line=line)


def _afterwards(chapter: Chapter, signed: dt.date) -> None:
    """What became of some of them: one closed, one rated again, a review, and an asset that has changed since."""
    story = chapter.story
    story.add(story.moment(shifted(signed, 20), 14, 16), _close, chapter=chapter)
    story.add(story.moment(story.days_ago(24), 9, 11), _again, chapter=chapter)
    story.add(story.moment(story.days_ago(17), 9, 11), _review, chapter=chapter)
    story.add(story.moment(story.days_ago(8), 15, 17), _change, chapter=chapter)


def _list(*, chapter: Chapter, things: tuple[Thing, ...]) -> None:
    rows = [
        {"name": one.name, "kind": one.kind, "owner": chapter.people[one.owner], "description": one.text}
        | dict(zip(("confidentiality", "integrity", "availability"), one.cia, strict=True))
        for one in things
    ]
    assets.create_many(project=chapter.project, by=chapter.people["manager"], rows=rows)


def _write(*, chapter: Chapter, line: Line) -> None:
    project, people = chapter.project, chapter.people
    values = {
        "title": line.title, "discipline": line.discipline, "category": line.category, "cause": line.cause,
        "event": line.event, "outcome": line.outcome, "existing_controls": line.controls, "facts": line.facts,
        "owner": people[line.owner] if line.owner else None,
    }  # fmt: skip
    named = Asset.objects.filter(project=project, name__in=line.things)
    risks.create(project=project, by=people["manager"], values=values, assets=named)


def _judge(*, chapter: Chapter, line: Line, kind: str) -> None:
    """Rated by its owner, where the criteria are signed and somebody has judged it."""
    judged = line.inherent if kind == "inherent" else line.current
    if judged is None or criteria.in_force(chapter.project) is None:
        return
    likelihood, marks = judged
    why = line.why if kind == "current" else ""
    rating.rate(
        risk=_found(chapter, line.title), by=chapter.people[line.owner], kind=kind, likelihood=likelihood, marks=marks,
        reason=why,
    )  # fmt: skip


def _found(chapter: Chapter, title: str) -> Risk:
    return Risk.objects.select_related("project__organization").get(project=chapter.project, title=title)


def _close(*, chapter: Chapter) -> None:
    risk = _found(chapter, "Fax orders are read wrongly")
    risks.move(
        risk=risk, name="close", by=chapter.people["processowner"], reason="Both customers order in the portal now."
    )


def _again(*, chapter: Chapter) -> None:
    rating.rate(
        risk=_found(chapter, "Phishing opens a mailbox with complaint data"), by=chapter.people["riskowner"], kind="current",
        likelihood=3, marks={"law": 4, "reputation": 3},
        reason="The second factor is switched on for all mailboxes with complaint data.",
    )  # fmt: skip


def _review(*, chapter: Chapter) -> None:
    risk = _found(chapter, "Exchange rate eats the margin of exports")
    risks.reviewed(
        risk=risk, by=chapter.people["management"], note="Looked at with the bank: hedging continues as it is.",
        next_on=chapter.story.days_ahead(180),
    )  # fmt: skip


def _change(*, chapter: Chapter) -> None:
    asset = Asset.objects.select_related("project__organization").get(project=chapter.project, name="ERP")
    text = (
        "Hosted by a partner in Zürich; orders, stock, batches. From January on in its new data centre in Winterthur."
    )
    assets.change(
        asset=asset, by=chapter.people["riskowner"], version=asset.version, values={"description": text},
    )  # fmt: skip
