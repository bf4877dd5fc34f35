"""Two complete tenants that know nothing of each other, with everybody who could try an address.

Every text of a tenant carries its canary word, so that one word found in an answer is a leak proved.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from PIL import Image

from accounts.models import Organization, User
from approvals import subjects
from approvals.models import Approval
from approvals.services import certified
from approvals.services import decision as decisions
from approvals.services import request as requests
from context.models import ScopeItem
from context.services import mandate as mandates
from context.services import scope as scopes
from core import files
from documents import listing
from documents.models import Distribution, Document, Picture, Revision
from documents.services import document as documents
from documents.services import reading as readings
from documents.services import revision as revisions
from documents.services import starter as starters
from jobs.models import Job, JobState
from notifications.models import Notice
from notifications.services import feed as feeds
from pdca.models import Standard
from projects import journal
from projects.models import (
    ChecklistItem,
    Invitation,
    PlanActivity,
    PlanStep,
    Project,
    ProjectStandard,
    Task,
    TaskComment,
    TaskDependency,
)
from projects.permissions import Role
from projects.services import team
from projects.services.evidence import add_file
from reports.models import Report
from tests.factories.projects import (
    grant,
    join,
    make_firm,
    make_full_project,
    make_organization,
    make_project,
    make_task,
    make_user,
)
from tests.helpers import audit_worlds, finding_worlds, improvement_worlds, risk_worlds, schedule_worlds


@dataclass
class Target:
    """A project with real things in it: what the addresses of a probe are built from."""

    organization: Organization
    project: Project
    objects: dict[str, Any] = field(default_factory=dict)

    @property
    def slugs(self) -> dict[str, str]:
        return {"org": self.organization.slug, "project": self.project.slug}


@dataclass
class World:
    """One client with two projects, its firm and its people."""

    canary: str
    organization: Organization
    firm: Organization
    first: Target
    second: Target
    people: dict[str, User] = field(default_factory=dict)
    """Who tries: named by the role held in the first project, or by what is special about them."""

    @property
    def project(self) -> Project:
        return self.first.project


def make_world(canary: str) -> World:
    word = canary.lower()
    firm = make_firm(f"firm-{word}", name=f"Firm {canary}")
    organization = make_organization(
        f"client-{word}", name=f"Client {canary}", country="CH", region="ZH", headcount=120
    )
    founder = make_user(f"founder@{word}.example", name=f"Founder {canary}")
    project = make_full_project(
        organization, by=founder, name=f"Project {canary}", slug="ims", holiday_country="CH", holiday_region="ZH"
    )
    other = make_project(organization, "second", name=f"Second {canary}")
    world = World(canary, organization, firm, Target(organization, project), Target(organization, other))
    world.people["founder"] = founder
    _people(world, word)
    for target in (world.first, world.second):
        _plan_texts(target.project, canary)
        target.objects = _things(target.project, world)
    return world


def _people(world: World, word: str) -> None:
    def person(name: str, **fields: Any) -> User:
        found = make_user(f"{name}@{word}.example", name=f"{name} {world.canary}", **fields)
        world.people[name] = found
        return found

    first, organization = world.first.project, world.organization
    grant(world.people["founder"], Role.CLIENT_ADMIN, organization)
    team.engage(firm=world.firm, client=organization, by=None, is_set_up=True)
    for role in Role:
        holder = person(role.value)
        if role == Role.CONSULTANT:
            join(holder, world.firm)
        else:
            grant(holder, role, organization if role == Role.CLIENT_ADMIN else first)
    join(person("firm_colleague"), world.firm)
    grant(person("organization_manager"), Role.PROJECT_MANAGER, organization)
    grant(person("organization_management"), Role.TOP_MANAGEMENT, organization)
    grant(person("other_project"), Role.PROJECT_MANAGER, world.second.project)
    yesterday = timezone.now() - dt.timedelta(days=1)
    grant(person("expired"), Role.PROJECT_MANAGER, first, expires_at=yesterday)
    grant(person("disabled", is_active=False), Role.PROJECT_MANAGER, first)
    person("no_role")
    person("superuser", is_superuser=True, is_staff=True)
    person("operator", is_staff=True)
    for project in (first, world.second.project):
        Project.objects.filter(pk=project.pk).update(manager=world.people["project_manager"])


def _plan_texts(project: Project, canary: str) -> None:
    """The canary in every text of the plan."""
    for step in PlanStep.objects.filter(project=project):
        PlanStep.objects.filter(pk=step.pk).update(
            title=f"{step.title[:150]} {canary}", objective=f"{step.objective} {canary}", deliverables=[canary]
        )
    for activity in PlanActivity.objects.filter(project=project):
        PlanActivity.objects.filter(pk=activity.pk).update(
            title=f"{activity.title[:150]} {canary}", purpose=canary, inputs=[canary], outputs=[canary]
        )
    for task in Task.objects.filter(project=project):
        Task.objects.filter(pk=task.pk).update(title=f"{task.title[:150]} {canary}")


def _things(project: Project, world: World) -> dict[str, Any]:
    """One of everything that an address can name, with the canary in its words."""
    canary, manager = world.canary, world.people["project_manager"]
    owned = {"organization": world.organization, "project": project}
    today = timezone.localdate()
    activity = PlanActivity.objects.filter(project=project).select_related("step").earliest("pk")
    task = make_task(project, f"Task of staff {canary}", description=f"Words {canary}", activity=activity,
                     assignee=world.people["staff"], due_on=today + dt.timedelta(days=3))  # fmt: skip
    earlier = make_task(project, f"Task of the manager {canary}", assignee=manager, blocked_reason=canary, status="blocked",
              due_on=today)  # fmt: skip
    make_task(project, f"Done {canary}", assignee=manager, status="done", completed_by=manager,
              completed_at=timezone.now())  # fmt: skip
    role_task = make_task(project, f"Task of a role {canary}", assignee_role=Role.STAFF)
    TaskDependency.objects.create(**owned, task=task, predecessor=earlier)
    item = ChecklistItem.objects.create(**owned, task=task, text=f"Item {canary}", position=1)
    comment = TaskComment.objects.create(**owned, task=task, author=manager, text=f"Said {canary}")
    shown = files.of_bytes(f"Evidence {canary}\n".encode(), f"shown-{canary}.txt")
    evidence = add_file(record=task, upload=shown, by=world.people["consultant"], title=f"Shown {canary}")
    Task.objects.filter(pk=task.pk).update(checklist_count=1, comment_count=1, evidence_count=1)
    token = f"token-{canary}-{project.slug}"
    invitation = Invitation.objects.create(
        organization=world.organization, project=project, email=f"guest@{canary.lower()}.example",
        name=f"Guest {canary}", role=Role.AUDITOR, message=f"Welcome {canary}", token_sha256=team.digest(token),
        invited_by=manager, expires_at=timezone.now() + dt.timedelta(days=10),
    )  # fmt: skip
    with journal.change(project, by=manager, reason=f"Reason {canary}") as log:
        log(task, "task.changed", {"title": [canary, canary]})
    notice = Notice.objects.create(
        person=world.people["staff"], organization=world.organization, project=project, kind="assigned",
        title=f"Notice {canary}", text=f"Text {canary}", path=task.get_absolute_url(), key=f"notice-{canary}-{project.pk}",
    )  # fmt: skip
    report, report_job = _report(project, manager, canary)
    own_report = _own_report(project, world.people["consultant"], canary)
    approval, approved = _approvals(project, world)
    _mandate(project, world)
    document, revision, draft, picture, distribution = _documents(project, world)
    scope_item = _scope(project, world)
    risky = risk_worlds.things(project, world)
    scheduled = schedule_worlds.things(project, world)
    whole = world.people["organization_manager"]
    guest = make_user(f"helper-{project.slug}@{canary.lower()}.example", name=f"Helper {canary}")
    return {
        "step": activity.step,
        "activity": activity,
        "task": task,
        "role_task": role_task,
        "predecessor": earlier,
        "item": item,
        "comment": comment,
        "evidence": evidence,
        "document": document,
        "revision": revision,
        "draft": draft,
        "picture": picture,
        "policy": _policy(project, world),
        "paper": _paper(project, document.created_by, canary),
        "reader": world.people["organization_management"],
        "mandatory": _mandatory(project),
        "distribution": distribution,
        "invitation": invitation,
        "token": token,
        "notice": notice,
        "approval": approval,
        "approved": approved,
        "scope_item": scope_item,
        **risky,
        **scheduled,
        **audit_worlds.things(project, world),
        **improvement_worlds.things(
            project, canary, world.people["project_manager" if project.slug == "ims" else "organization_manager"]
        ),
        **finding_worlds.things(project, world),
        "report": report,
        "report_job": report_job,
        "own_report": own_report,
        "job": _failed_job(project, manager, canary),
        "list_job": _list_job(project, manager, canary),
        "feed_work": feeds.secret_of(feeds.renew(person=guest, project=None, by=guest)),
        "feed_project": feeds.secret_of(feeds.renew(person=whole, project=project, by=whole)),
        "person": guest,
        "grant": grant(guest, Role.STAFF, project),
        "organization_grant": grant(guest, Role.AUDITOR, world.organization) if project.slug == "ims" else None,
    }


def _failed_job(project: Project, person: User, canary: str) -> Job:
    """Work that failed, with the tenant's words in all that its own people see of it."""
    now = timezone.now()
    return Job.objects.create(
        kind="nightly", key=f"failed:{canary}:{project.pk}", subject=f"Job {canary}", organization=project.organization,
        project=project, actor=person, parameters={"of": canary}, state=JobState.FAILED, reason=f"Reason {canary}",
        detail="Traceback\nOSError: disk is full", progress=f"Half of {canary}", attempts=5, not_before=now, finished_at=now,
    )  # fmt: skip


def _list_job(project: Project, person: User, canary: str) -> Job:
    """A master list of documents that was made."""
    now = timezone.now()
    data, _rows = listing.workbook(project, {}, [], user=person)
    sha256 = files.store(data, organization_id=project.organization_id, folder=listing.FOLDER)
    return Job.objects.create(
        kind=listing.JOB, key=f"list:{canary}:{project.pk}", subject=f"List {canary}", project=project, actor=person,
        organization=project.organization, state=JobState.DONE, result={"sha256": sha256}, not_before=now, finished_at=now,
    )  # fmt: skip


def _report(project: Project, person: User, canary: str) -> tuple[Report, Job]:
    """A kept report, and one that is being made."""
    data = f"%PDF-1.7 {canary} %%EOF".encode()
    now = timezone.now()
    report = Report.objects.create(
        organization=project.organization, project=project, person=person, kind="status", mark=f"{project.pk:04}-{canary[:4].upper()}",
        title=f"Report {canary}", language="en", parameters_in_words=[["Of", canary]], size_bytes=len(data), pages=1,
        sha256=files.store(data, organization_id=project.organization_id, folder="reports"), made_at=now,
        keep_until=now + dt.timedelta(days=9),
    )  # fmt: skip
    job = Job.objects.create(
        key=f"report {canary} {project.pk}", kind="report", organization=project.organization, project=project,
        actor=person, subject=f"Report {canary}", not_before=now, parameters={"kind": "status", "language": "en"},
    )  # fmt: skip
    return report, job


def _own_report(project: Project, person: User, canary: str) -> Report:
    """A report over all that one person reads: nobody else's."""
    data = f"%PDF-1.7 own {canary} {project.pk} %%EOF".encode()
    now = timezone.now()
    return Report.objects.create(
        is_personal=True, person=person, kind="portfolio", mark=f"{project.pk:04}-OWN-{canary[:4].upper()}",
        title=f"Own {canary}", language="en", parameters={"projects": [project.pk]}, size_bytes=len(data), pages=1,
        sha256=files.store(data, organization_id=person.pk, folder="portfolios"), made_at=now,
        keep_until=now + dt.timedelta(days=9),
    )  # fmt: skip


def _approvals(project: Project, world: World) -> tuple[Approval, Approval]:
    """A decision that is awaited, and one that was signed; on a subject that only the worlds have."""
    subjects.register(
        subjects.Subject(
            "world", "World", load=lambda project, pk: Task.objects.filter(project=project, pk=pk).first(),
            title=lambda task: task.title, snapshot=lambda task: {"title": task.title, "text": task.description},
            document=lambda task: f"<h1>{task.title}</h1><p>{task.description}</p>", authors=lambda task: set(),
            meaning=lambda task: f"I approve {task.title}", url=lambda task: task.get_absolute_url(),
        )
    )  # fmt: skip
    canary, manager, decider = world.canary, world.people["project_manager"], world.people["organization_management"]
    asker = manager if project.slug == "ims" else world.people["organization_manager"]
    found = []
    for title in ("Awaited", "Signed"):
        task = make_task(project, f"{title} {canary}", description=f"Words {canary}")
        approval = requests.ask(
            kind="world", project=project, pk=task.pk, by=asker, note=f"Note {canary}",
            steps=[requests.Planned([decider])], due_on=timezone.localdate() + dt.timedelta(days=5),
        )  # fmt: skip
        found.append(approval)
    decisions.decide(
        approval=found[1], by=decider, decision="approved", digest=found[1].content.digest, comment=f"Comment {canary}",
        proof=decisions.Proof("password", "192.0.2.7"),
    )  # fmt: skip
    found[1].refresh_from_db()
    data = f"%PDF-1.7 signed {canary} {project.pk} %%EOF".encode()
    certified.keep(
        approval=found[1], size_bytes=len(data), pages=1, is_sealed=False, made_at=timezone.now(), by=decider,
        sha256=files.store(data, organization_id=project.organization_id, folder=certified.FOLDER),
    )  # fmt: skip
    return found[0], found[1]


def _mandate(project: Project, world: World) -> None:
    """A mandate with the canary in every word that people write."""
    canary = world.canary
    by = world.people["project_manager" if project.slug == "ims" else "organization_manager"]
    texts = {name: f"{name} {canary}" for name in ("motives", "benefits", "resources", "risks")}
    mandates.write(
        project=project, by=by, version=0,
        values={
            **texts, "currency": "CHF", "budget": [{"what": f"Cost {canary}", "amount": "1"}],
            "team": [{"name": f"Member {canary}", "role": canary, "share": 10, "person": by.pk}],
        },
    )  # fmt: skip


def _policy(project: Project, world: World) -> Document:
    """A policy drafted from a model, with its checklist; the second project gets a standard for it."""
    by = world.people["project_manager" if project.slug == "ims" else "organization_manager"]
    if not project.chosen_standards.exists():
        project.standards.add(Standard.objects.get(slug="iso-9001-2026"))
    return starters.create(project=project, by=by, slug="quality-policy", language="en", title=f"Policy {world.canary}")


def _documents(project: Project, world: World) -> tuple[Document, Revision, Revision, Picture, Distribution]:
    """A procedure in effect that everybody is asked to read, with a picture and its next draft."""
    canary, decider = world.canary, world.people["organization_management"]
    by = world.people["project_manager" if project.slug == "ims" else "organization_manager"]
    values = {"title": f"Procedure {canary}", "kind": "procedure", "tags": canary}
    document = documents.create(project=project, by=by, values=values)
    png = io.BytesIO()
    Image.new("RGB", (2, 2), "red").save(png, "PNG")
    picture = revisions.add_picture(document=document, upload=files.of_bytes(png.getvalue(), f"p-{canary}.png"), by=by)
    body = f"# Heading {canary}\n\nWords {canary}\n\n![Shows {canary}](picture:{picture.pk})"
    texts = {"body": body, "change_summary": f"Summary {canary}"}
    revision = revisions.start(document=document, by=by, values=texts)
    asked = requests.ask(
        kind="document", project=project, pk=document.pk, by=by, steps=[requests.Planned([decider])]
    )  # fmt: skip
    decisions.decide(
        approval=asked, by=decider, decision="approved", digest=asked.content.digest, proof=decisions.Proof("password")
    )
    revision.refresh_from_db()
    distribution = readings.give(document=document, by=by, audience="everybody")
    draft = revisions.start(document=document, by=by, values={"change_summary": f"Draft {canary}"})
    return document, revision, draft, picture, distribution


def _paper(project: Project, by: User, canary: str) -> Document:
    """A record that was handed in as a file, published to everybody."""
    document = documents.create(project=project, by=by, values={"title": f"Minutes {canary}", "kind": "record"})
    draft = revisions.start(document=document, by=by, source="file")
    handed_in = files.of_bytes(f"Minutes {canary}\n".encode(), f"minutes-{canary}.txt")
    revisions.register(revision=revisions.put_file(revision=draft, upload=handed_in, by=by), by=by)
    readings.give(document=document, by=by, audience="everybody", asks=False)
    return document


def _mandatory(project: Project) -> str:
    """A row of the mandatory documents; the project gets a standard that asks for it where it has none."""
    if not project.chosen_standards.exists():
        ProjectStandard.objects.create(project=project, standard=Standard.objects.get(slug="iso-9001-2026"))
    return "policy"


def _scope(project: Project, world: World) -> ScopeItem:
    """A scope with the canary in every word that people write."""
    canary = world.canary
    by = world.people["project_manager" if project.slug == "ims" else "organization_manager"]
    values = {"name": f"Interface {canary}", "party": f"Party {canary}", "description": f"About {canary}"}
    scopes.add_item(project=project, by=by, kind="interface", values=values)
    return scopes.add_item(
        project=project, by=by, kind="site",
        values={
            "name": f"Site {canary}", "description": f"Place {canary}", "is_included": False,
            "justification": f"Why {canary}",
        },
    )  # fmt: skip
