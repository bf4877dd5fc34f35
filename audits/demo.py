"""The audits of the demo: a programme that top management approved, an audit that is over, one under way, one planned."""

from __future__ import annotations

import datetime as dt
from typing import Any

from approvals.selectors import approval as approvals
from approvals.services import decision
from approvals.services import request as requests
from core import dates
from pdca.models import Clause, Standard
from projects import journal
from projects.demo import Chapter
from projects.demo.clock import shifted

from .models import Audit, AuditKind, Programme, ProgrammeLine
from .selectors import independence
from .selectors import programme as selectors
from .selectors.frequency import places_of
from .services import access, agenda, team
from .services import audit as services
from .services import programme as programmes

OBJECTIVES = (
    "Find out before the certification body does whether the integrated system conforms to its standards and works in "
    "daily business; look at every requirement at least once, and twice where the risks are high."
)
QUALITY, SECURITY, CONTINUITY = "iso-9001-2026", "iso-27001-2022", "iso-22301-2019"
LINES: list[dict[str, Any]] = [
    {"place": "Release of lots", "every_months": 6, "first": 60, "standards": (QUALITY,),
     "clauses": ("8.5", "8.6", "8.7", "9.1", "7.5"),
     "reason": "Two of the highest risks lie here, and the seal test was missed once: twice a year."},
    {"place": "Purchasing and supplier control", "every_months": 12, "first": 40, "standards": (QUALITY,),
     "clauses": ("8.4",), "reason": "The sterilization service is the one source: its failure stops deliveries in three days."},
    {"place": "Operation of the IT services", "every_months": 6, "first": 130, "standards": (SECURITY, CONTINUITY),
     "reason": "Ransomware is the highest risk of all, and the ERP was down for two days last spring: twice a year."},
    {"place": "Complaints and returns", "every_months": 12, "first": 240, "standards": (QUALITY,),
     "clauses": ("8.2", "9.1", "10"), "reason": "Medium risk and no nonconformity in two years: once a year."},
    {"subject": "Leadership, planning and improvement", "every_months": 12, "first": 100,
     "standards": (QUALITY, SECURITY, CONTINUITY), "clauses": ("4", "5", "6", "7", "9", "10"),
     "reason": "Asked for by every standard each year; the management review follows it."},
]  # fmt: skip
FIRST, SECOND, THIRD = 0, 4, 1


def tell(chapter: Chapter) -> None:
    if chapter.project.organization.slug != "alpenblick":
        return
    story = chapter.story
    day = story.days_ago(136)

    def at(days: int, step: Any, /, **more: Any) -> None:
        story.add(story.moment(shifted(day, days), 8, 17), step, chapter=chapter, day=day, **more)

    at(9, _programme)  # once the processes and sites of the scope are listed: the coverage counts by them
    at(10, _ask)
    at(12, _sign)
    at(13, _plan, line=FIRST, after=24, title="Release of lots", sessions=FIRST_AGENDA)
    at(14, _settle)
    for after, name in ((24, "start"), (26, "report")):
        at(after, _move, name=name)
    at(31, _issue)
    at(50, _move, name="close")
    at(70, _plan, line=SECOND, after=94, title="Leadership, planning and improvement", sessions=SECOND_AGENDA)
    at(72, _settle)
    at(94, _move, name="start")
    at(90, _plan, line=THIRD, after=108, title="Sterilization service", sessions=(), kind="supplier", method="remote")
    story.add(story.moment(story.days_ago(5), 9, 12), _invite, chapter=chapter)


RELEASE, ORDERS, COMPLAINTS, HEAD_OFFICE = (
    "Release of lots", "From order to delivery", "Complaints and returns", "Zug, Industriestrasse 40",
)  # fmt: skip
FIRST_AGENDA = (
    ("opening", "", 0, 9, 0, 30, "Meeting room Säntis"),
    ("audit", "Shift handover and first tests", 0, 9, 30, 120, "Clean room 2", RELEASE),
    ("audit", "Release and labelling", 0, 13, 0, 90, "Packaging line", RELEASE),
    ("closing", "", 0, 15, 30, 45, "Meeting room Säntis"),
)
SECOND_AGENDA = (
    ("opening", "", 0, 8, 30, 30, "Meeting room Säntis"),
    ("audit", "Policy, roles and resources", 0, 9, 0, 90, "Office of the management", HEAD_OFFICE),
    ("audit", "Objectives and how they are followed up", 0, 10, 45, 75, "Meeting room Säntis", ORDERS),
    ("audit", "Management review and improvement", 1, 9, 0, 120, "Video call", COMPLAINTS),
    ("closing", "", 1, 11, 30, 45, "Video call"),
)
STAGE_1_AGENDA = (
    ("opening", "", 0, 9, 0, 30, "Video call"),
    ("audit", "Scope, policy and documented information", 0, 9, 30, 120, "Video call", HEAD_OFFICE),
    (
        "audit",
        "Risks, Statement of Applicability and continuity plans",
        0,
        13,
        0,
        120,
        "Video call",
        "Operation of the IT services",
    ),
    ("audit", "Internal audits and management review", 0, 15, 15, 60, "Video call", HEAD_OFFICE),
    ("closing", "", 0, 16, 30, 30, "Video call"),
)
BODY = "SQC Certification Ltd"


def _programme(*, chapter: Chapter, day: dt.date) -> None:
    """The programme and its lines; each audits the quality standard's part that fits, and the others whole."""
    people, project = chapter.people, chapter.project
    programme = programmes.create(
        project=project, by=people["manager"],
        values={
            "title": "Audit programme of the integrated system", "starts_on": day,
            "ends_on": dates.plus_months(day, 24) - dt.timedelta(days=1), "owner": people["manager"],
            "objectives": OBJECTIVES,
            "risks": "Auditors are few, and two of them work in what they know best: independence is checked for each audit.",
            "resources": "Two internal auditors with 14 days a year, one external expert for sterilization; on site where "
            "things are made, remotely for suppliers.",
        },
    )  # fmt: skip
    places = {one.name: one for one in places_of(project)}
    for facts in LINES:
        standards = list(Standard.objects.filter(slug__in=facts["standards"]).order_by("code"))
        refs, name = facts.get("clauses", ()), facts.get("place", "")
        programmes.add_line(
            programme=programme, by=people["manager"], standards=standards,
            clauses=Clause.objects.filter(standard__in=standards, ref__in=refs),
            values={
                "item": places.get(name), "subject": facts.get("subject", name), "reason": facts["reason"],
                "every_months": facts["every_months"], "first_on": shifted(day, facts["first"]),
            },
        )  # fmt: skip


def _found(chapter: Chapter) -> Programme:
    return selectors.load(chapter.project, Programme.objects.filter(project=chapter.project).latest("number").pk)


def _ask(*, chapter: Chapter, day: dt.date) -> None:
    requests.ask(
        kind=programmes.KIND, project=chapter.project, pk=_found(chapter).pk, by=chapter.people["manager"],
        steps=[requests.Planned([chapter.people["management"]])], due_on=shifted(day, 12),
    )  # fmt: skip


def _sign(*, chapter: Chapter, day: dt.date) -> None:
    asked = approvals.standing_of(programmes.KIND, _found(chapter)).asked
    decision.decide(
        approval=asked, by=chapter.people["management"], decision="approved", digest=asked.content.digest, comment="",
        proof=decision.Proof("password", "192.0.2.14"),
    )  # fmt: skip


def _plan(
    *, chapter: Chapter, day: dt.date, line: int, after: int, title: str, sessions: Any, **more: Any
) -> None:  # fmt: skip
    """An audit from a line of the programme, with its team, its auditees and its agenda."""
    people, project = chapter.people, chapter.project
    found = ProgrammeLine.objects.select_related("programme", "item", "project__organization").filter(project=project)
    first = shifted(day, after)
    last = first + dt.timedelta(days=max((one[2] for one in sessions), default=0))
    audit = services.create_from_line(
        line=found.order_by("position")[line], by=people["manager"], lead=people["auditor"],
        values={"title": title, "objectives": OBJECTIVES, "starts_on": first, "ends_on": last, **more},
    )  # fmt: skip
    asked = [
        team.add_auditee(audit=audit, by=people["manager"], person=people[local], function=function)
        for local, function in (("processowner", "Head of production"), ("staff", "Shift leader"))
    ]
    if more.get("kind") == "supplier":
        team.add_member(audit=audit, by=people["manager"], role="expert", name="Dr Ruth Amsler", company="SteriCheck")
    places = {one.name: one for one in places_of(project)}
    about = {places[one[7]] for one in sessions if len(one) > 7 and one[7] in places}
    if about and not audit.item_links.exists():
        audit = services.change(audit=audit, by=people["manager"], version=audit.version, values={}, items=about)
    _agenda(audit, people["manager"], sessions, places, auditees=[one.pk for one in asked])


def _agenda(audit: Audit, by: Any, sessions: Any, places: dict[str, Any], auditees: Any = ()) -> None:
    for kind, name, offset, hour, minute, minutes, place, *about in sessions:
        begins = dt.datetime.combine(audit.starts_on + dt.timedelta(days=offset), dt.time(hour, minute))
        agenda.add(
            audit=audit, by=by, auditors=[audit.members.get(role="lead").pk], auditees=auditees,
            values={
                "kind": kind, "title": name, "day": begins.date(), "starts_at": begins.time(),
                "ends_at": (begins + dt.timedelta(minutes=minutes)).time(), "place": place,
                "item": places.get(about[0]) if about else None,
            },
        )  # fmt: skip


def _invite(*, chapter: Chapter) -> None:
    """Stage 1 of the certification body: planned by the manager, read by its auditor until some days after it."""
    people, project, story = chapter.people, chapter.project, chapter.story
    manager, day = people["manager"], shifted(story.today, 15)
    places = {one.name: one for one in places_of(project)}
    standards = list(Standard.objects.filter(slug__in=(QUALITY, SECURITY, CONTINUITY)).order_by("code"))
    audit = services.create(
        project=project, by=manager, standards=standards,
        items=[places[name] for name in (HEAD_OFFICE, "Operation of the IT services") if name in places],
        values={
            "title": "Certification, stage 1", "kind": AuditKind.STAGE_1, "method": "remote", "starts_on": day, "ends_on": day,
            "objectives": "See whether the system is described and understood, and whether stage 2 can be planned.",
            "scope": "Documented information of the integrated system, its scope, its risks, its internal audits.",
        },
    )  # fmt: skip
    lead = str(people["certifier"])
    team.add_member(audit=audit, by=manager, role="lead", name=lead, company=BODY)
    team.add_auditee(audit=audit, by=manager, person=people["management"], function="Top management")
    _agenda(audit, manager, STAGE_1_AGENDA, places, auditees=[one.pk for one in audit.auditees.all()])
    services.move(audit=audit, name="plan", by=manager)
    access.invite(
        audit=audit, by=manager, email=people["certifier"].email, ends_on=day + dt.timedelta(days=14),
    )  # fmt: skip


def _latest(chapter: Chapter) -> Audit:
    rows = Audit.objects.select_related("project__organization").filter(project=chapter.project)
    return rows.filter(kind=AuditKind.INTERNAL).latest("number")


def _settle(*, chapter: Chapter, day: dt.date) -> None:
    services.move(audit=_latest(chapter), name="plan", by=chapter.people["manager"])


def _move(*, chapter: Chapter, day: dt.date, name: str) -> None:
    audit = _latest(chapter)
    if name == "start":
        _justify(chapter, audit)
    services.move(audit=audit, name=name, by=chapter.people["auditor"])


def _justify(chapter: Chapter, audit: Audit) -> None:
    """Where the auditor is tied to what is audited, the manager says why it is done all the same."""
    for member in {conflict.member for conflict in independence.of_audit(audit).unsettled}:
        team.justify(
            member=audit.members.get(pk=member), by=chapter.people["manager"],
            justification="The only trained auditor who is free in these weeks. The consultant sits in the sessions "
            "concerned and reads the findings before the report.",
        )  # fmt: skip


def _issue(*, chapter: Chapter, day: dt.date) -> None:
    auditor = chapter.people["auditor"]
    with journal.change(chapter.project, by=auditor) as log:
        services.issue(audit=_latest(chapter), by=auditor, log=log)
