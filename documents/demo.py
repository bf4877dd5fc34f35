"""The documents of the demo: a register half-way at Alpenblick, one that has just begun at Seefeld."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from approvals.selectors import approval as approvals
from approvals.services import decision
from approvals.services import request as requests
from core import dates
from pdca.models import Clause, MergeGroup
from projects.demo import Chapter
from projects.permissions import Role

from .models import Document, Revision
from .services import document as documents
from .services import reading, revision, starter

HINTS = {
    "alpenblick": {
        "{{scope}}": "development, production and distribution of sterile disposables at both sites in Zürich and Chur",
        "{{objectives}}": "fewer than 8 complaints a year, ERP back within 8 hours, no incident with patient data",
    },
    "seefeld": {
        "{{scope}}": "transport, storage and transshipment at the terminal, drivers and night shift included",
        "{{objectives}}": "a quarter fewer days lost to accidents within two years",
        "{{role:hr}}": "Human resources",
        "{{role:document_controller}}": "Project manager",
    },
}
"""What the texts say where other registers have no value yet."""


@dataclass(frozen=True)
class Paper:
    """One document of a story. `days_ago`: when it was registered; the decision follows a week later.

    `state` is where it stands today: missing, draft, asked, planned (approved for a later day), effective or withdrawn.
    `model` is a starter; otherwise `body` or `link` is its content.
    """

    title: str
    kind: str
    owner: str
    state: str
    days_ago: int
    model: str = ""
    body: str = ""
    link: str = ""
    refs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tags: str = ""
    classification: str = "internal"
    months: int | None = 12
    under: str = ""
    decider: str = "processowner"
    writer: str = "documents"
    to: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    retention: int | None = None


ORDERS = (
    "## Purpose\n\nFrom the order to the delivery note: who does what, and what must never be skipped.\n\n## Steps\n\n"
    "| Step | Who | Record |\n|---|---|---|\n| Check the order against price list and stock | Sales | Order in the ERP |\n"
    "| Release the batch | Quality | Release form |\n| Pick and pack | Warehouse | Packing list |\n"
    "| Hand over to the carrier | Warehouse | Delivery note |\n\n## If the ERP is down\n\nOrders are taken on the paper form "
    "F-001 and entered within a day of the restart. Batches are not released without the release form."
)
INCIDENTS = (
    "## What is an incident\n\nEverything that harms, or could have harmed, people, information, products or delivery.\n\n"
    "## What you do\n\n1. Make safe what can be made safe.\n2. Tell your line manager or dial 444, at any hour.\n"
    "3. Write it into the incident form on the same day.\n\nNobody is blamed for reporting."
)
ERP_PLAN = (
    "## What this plan is for\n\nThe ERP is back within 8 hours, with at most 15 minutes of data lost.\n\n"
    "## First hour\n\n- The IT on-call decides whether the plan is started.\n- Warehouse and sales change to paper forms.\n\n"
    "## To be written\n\nContacts of the hosting partner; the order in which interfaces are started again."
)
NIGHT_SHIFT = (
    "## Before the shift\n\nLook at the forklifts, the emergency exits and the light in the hall.\n\n"
    "## During the shift\n\n- Nobody works alone on the ramp.\n- High-visibility vests are worn everywhere.\n\n"
    "## After an accident\n\nFirst aid, 144, the shift leader; nothing is moved before the shift leader has seen it."
)

ALPENBLICK = (
    Paper(
        "Integrated management policy", "policy", "management", "effective", 126, model="integrated-policy",
        writer="consultant", decider="management", classification="public", tags="IMS", to=("everybody",),
        readers=("manager", "documents", "processowner", "riskowner", "hr", "staff"),
    ),
    Paper(
        "Information security policy", "policy", "riskowner", "effective", 76, model="information-security-policy",
        writer="riskowner", decider="management", to=("everybody",), readers=("manager", "hr"), tags="IT, security",
        under="Integrated management policy",
    ),
    Paper(
        "Password rules", "policy", "riskowner", "withdrawn", 140, decider="management", months=24, tags="IT",
        link="https://dms.alpenblick.example/it/password-rules",
    ),
    Paper(
        "Control of documented information", "procedure", "documents", "effective", 118, under="Integrated management policy",
        model="document-control-procedure", to=("process_owner", "risk_owner"), readers=("processowner",),
    ),
    Paper(
        "Internal audit", "procedure", "manager", "planned", 20, model="internal-audit-procedure", under="Integrated management policy",
        decider="processowner", tags="audit",
    ),
    Paper(
        "Corrective action", "procedure", "documents", "asked", 16, model="corrective-action-procedure",
        under="Integrated management policy",
    ),
    Paper(
        "Supplier evaluation", "procedure", "processowner", "missing", 34, refs=("8.4",), groups=("supplier-evaluation",),
        tags="purchasing",
    ),
    Paper(
        "From order to delivery", "process", "processowner", "effective", 152, body=ORDERS, refs=("4.4", "8.1"),
        groups=("process-documentation",), decider="manager", months=4, to=("staff",), readers=("staff",),
    ),
    Paper(
        "Reporting incidents", "instruction", "hr", "effective", 62, body=INCIDENTS, refs=("8.4", "10.2"),
        groups=("incident-records",), to=("everybody",), readers=("manager", "processowner", "documents", "staff"),
        under="Information security policy", tags="security, emergency",
    ),
    Paper(
        "Paper form for orders", "form", "processowner", "effective", 90, refs=("8.1",), months=24, decider="manager",
        link="https://dms.alpenblick.example/forms/orders.pdf", under="From order to delivery", tags="ERP",
    ),
    Paper(
        "Continuity plan for the ERP", "plan", "riskowner", "draft", 12, body=ERP_PLAN, refs=("8.4",),
        groups=("continuity-plans",), classification="confidential", tags="ERP, emergency", writer="riskowner",
    ),
    Paper(
        "Quality manual to ISO 13485", "manual", "documents", "effective", 170, refs=("4.4",), decider="manager",
        link="https://dms.alpenblick.example/iso13485/manual", months=12, tags="ISO 13485",
    ),
    Paper(
        "Minutes of the kick-off", "record", "manager", "effective", 195, writer="manager", months=None, retention=10,
        link="https://dms.alpenblick.example/ims/kick-off-minutes.pdf",
    ),
    Paper(
        "Guidance of the supervisory authority on sterile products", "external", "documents", "effective", 150,
        link="https://authority.example/guidance/sterile-products", months=12, classification="public",
    ),
)  # fmt: skip

SEEFELD = (
    Paper(
        "Occupational health and safety policy", "policy", "management", "draft", 9, model="ohs-policy",
        writer="consultant", decider="management", classification="public",
    ),
    Paper(
        "Working safely at night in the transshipment hall", "instruction", "processowner", "effective", 30,
        body=NIGHT_SHIFT, refs=("8.1",), groups=("operational-control",), writer="manager", to=("staff",),
        readers=("staff",), tags="hall",
    ),
    Paper(
        "Emergency plan of the hall", "plan", "processowner", "effective", 41, refs=("8.2",), groups=("emergency-plan",),
        writer="manager", link="https://files.seefeld.example/emergency-plan-hall.pdf", to=("everybody",),
        readers=("staff", "processowner"), months=6,
    ),
    Paper(
        "Drivers' handbook of 2019", "manual", "manager", "withdrawn", 44, writer="manager",
        link="https://files.seefeld.example/drivers-2019.pdf",
    ),
    Paper("Legal register", "record", "manager", "missing", 25, groups=("compliance-obligations",), months=6),
    Paper("Environmental aspects", "process", "processowner", "missing", 25, refs=("6.1.2",)),
    Paper(
        "Corrective action", "procedure", "manager", "draft", 6, model="corrective-action-procedure", writer="manager",
    ),
    Paper("Control of documented information", "procedure", "manager", "missing", 25, refs=("7.5",)),
    Paper("Inspection of lifting gear", "record", "processowner", "effective", 33, writer="manager", retention=5,
          months=None, link="https://files.seefeld.example/lifting-gear.pdf"),
    Paper("Rules of the accident insurer for forklifts", "external", "processowner", "effective", 28, writer="manager",
          link="https://insurer.example/forklifts"),
)  # fmt: skip


def tell(chapter: Chapter) -> None:
    """Adds the register to the story of the clients that have one."""
    papers = {"alpenblick": ALPENBLICK, "seefeld": SEEFELD}.get(chapter.project.organization.slug, ())
    for paper in sorted(papers, key=lambda one: -one.days_ago):
        story = chapter.story
        story.add(story.moment(story.days_ago(paper.days_ago), 8, 11), _register, chapter=chapter, paper=paper)


def _register(*, chapter: Chapter, paper: Paper) -> None:
    """A line of the register with its first draft, and what follows on later days."""
    project, people = chapter.project, chapter.people
    by = people.get(paper.writer) or people["manager"]
    editor = people.get("documents") or people["manager"]
    document = _written(chapter, paper, by if paper.model else editor)
    documents.change(
        document=document, by=editor, version=document.version, values={
            "owner": people[paper.owner], "classification": paper.classification, "tags": paper.tags,
            "review_months": paper.months, "retention_years": paper.retention,
            "parent": Document.objects.filter(project=project, title=paper.under).first() if paper.under else None,
        },
    )  # fmt: skip
    for audience in paper.to:
        if audience == "everybody":
            reading.give(document=document, by=editor, audience="everybody")
        else:
            reading.give(document=document, by=editor, audience="role", role=Role(audience))
    if paper.state in ("missing", "draft"):
        return
    story = chapter.story
    draft = Revision.objects.select_related("project__organization", "document").get(document=document)
    if not document.needs_approval:
        revision.register(revision=draft, by=editor)
        return
    day = story.days_ago(max(paper.days_ago - 3, 2))
    story.add(story.moment(day, 11, 14), _ask, chapter=chapter, paper=paper, document=document, by=by)


def _written(chapter: Chapter, paper: Paper, by: Any) -> Document:
    project = chapter.project
    if paper.model:
        document = starter.create(
            project=project, by=by, slug=paper.model, language="en", title=paper.title,
            owner=chapter.people[paper.owner],
        )  # fmt: skip
        draft = Revision.objects.get(document=document)
        body = draft.body
        for mark, words in HINTS[project.organization.slug].items():
            body = body.replace(mark, words)
        _save(draft, document, by, {"body": body})
        return document
    refs = [*paper.refs, *(f"{ref}.1" for ref in paper.refs)]
    document = documents.create(
        project=project, by=by, values={"title": paper.title, "kind": paper.kind},
        clauses=Clause.objects.filter(standard__in=project.chosen_standards.values("standard"), ref__in=refs),
        groups=MergeGroup.objects.filter(slug__in=paper.groups),
    )  # fmt: skip
    if paper.state != "missing":
        document.project = project
        values = {"link": paper.link} if paper.link else {"body": paper.body}
        revision.start(
            document=document, by=by, source="link" if paper.link else "authored",
            values=values | {"change_summary": "First edition"},
        )  # fmt: skip
    return document


def _save(draft: Revision, document: Document, by: Any, values: dict[str, Any]) -> None:
    draft.document, draft.project = document, document.project
    revision.save(revision=draft, by=by, version=draft.version, values=values)


def _ask(*, chapter: Chapter, paper: Paper, document: Document, by: Any) -> None:
    story, project = chapter.story, chapter.project
    today = dates.today(project.organization.time_zone)
    editor = chapter.people.get("documents") or chapter.people["manager"]
    decider = chapter.people[paper.decider]
    if paper.state == "planned":
        draft = Revision.objects.get(document=document)
        _save(draft, document, editor, {"planned_on": story.days_ahead(9)})
    requests.ask(
        kind=documents.KIND, project=project, pk=document.pk, by=editor if by == editor else chapter.people["manager"],
        steps=[requests.Planned([decider])], due_on=today + dt.timedelta(days=10),
    )  # fmt: skip
    if paper.state != "asked":
        day = story.days_ago(max(paper.days_ago - 7, 1))
        story.add(story.moment(day, 14, 17), _sign, chapter=chapter, paper=paper, document=document, decider=decider)


def _sign(*, chapter: Chapter, paper: Paper, document: Document, decider: Any) -> None:
    story = chapter.story
    asked = approvals.standing_of(documents.KIND, document).asked
    decision.decide(
        approval=asked, by=decider, decision="approved", digest=asked.content.digest,
        proof=decision.Proof("password", "192.0.2.14"),
    )  # fmt: skip
    if paper.state == "withdrawn":
        story.add(
            story.moment(story.days_ago(max(paper.days_ago - 80, 5))), _withdraw, chapter=chapter, document=document
        )
    for place, reader in enumerate(paper.readers):
        day = story.days_ago(max(paper.days_ago - 9 - 2 * place, 1))
        story.add(story.moment(day, 8, 17), _confirm, document=document, person=chapter.people[reader])
    if document.title == "Information security policy":
        story.add(story.moment(story.days_ago(8), 9, 11), _revise, chapter=chapter, document=document)
    if document.title == "Control of documented information":
        story.add(story.moment(story.days_ago(50), 9, 10), _mend, chapter=chapter, document=document, decider=decider)


def _confirm(*, document: Document, person: Any) -> None:
    latest = Revision.objects.select_related("project__organization", "document").get(
        document=document, status="effective"
    )
    reading.acknowledge(revision=latest, by=person)


def _withdraw(*, chapter: Chapter, document: Document) -> None:
    by = chapter.people.get("documents") or chapter.people["manager"]
    fresh = Document.objects.select_related("project__organization").get(pk=document.pk)
    documents.withdraw(document=fresh, by=by, reason="Nobody works by it any more; newer documents say it better.")


def _revise(*, chapter: Chapter, document: Document) -> None:
    """A second revision that is being written: one paragraph more."""
    by = chapter.people["riskowner"]
    document.project = chapter.project
    started = revision.start(document=document, by=by)
    more = "## Artificial intelligence\n\nPatient data and designs are never typed into services that nobody here has approved."
    _save(started, document, by, {
        "body": f"{started.body.rstrip()}\n\n{more}\n", "change_summary": "Rules for services with artificial intelligence",
    })  # fmt: skip


def _mend(*, chapter: Chapter, document: Document, decider: Any) -> None:
    """An editorial second revision: what people confirmed of the first still counts."""
    by = chapter.people["documents"]
    document.project = chapter.project
    started = revision.start(document=document, by=by)
    _save(started, document, by, {
        "body": started.body.replace("intranet", "document portal") + "\n", "is_material": False,
        "change_summary": "The portal has a new name",
    })  # fmt: skip
    requests.ask(
        kind=documents.KIND, project=chapter.project, pk=document.pk, by=by, steps=[requests.Planned([decider])],
    )  # fmt: skip
    asked = approvals.standing_of(documents.KIND, document).asked
    decision.decide(
        approval=asked, by=decider, decision="approved", digest=asked.content.digest,
        proof=decision.Proof("password", "192.0.2.14"),
    )  # fmt: skip
