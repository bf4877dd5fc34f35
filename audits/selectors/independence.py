"""The facts behind independence: what each auditor owns, wrote, approved, does or answers for, in a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _

from approvals.models import Decision, Signature
from audits import independence
from audits.independence import About, Conflict, Fact, Judge
from audits.models import JUDGES, Audit, SessionKind
from audits.selectors import clauses as clause_selectors
from documents.models import Document, DocumentClause, Revision
from documents.models.document import Kind
from improvement.models import Action, Nonconformity
from pdca.models import Clause
from projects import access
from projects.models import PlanActivity, Project, Task
from projects.models.plan import ActivityStatus
from projects.models.task import TaskStatus
from projects.permissions import Role
from risks.models import Asset, Risk, RiskAsset, SoaEntry, Treatment

SIGNED_SUBJECTS = {
    "mandate": ("hs:5.1", "hs:5.3"), "scope": ("hs:4.3",), "risk_criteria": ("hs:6.1",), "soa": ("hs:6.1",),
    "risk_acceptance": ("hs:6.1",),
}  # fmt: skip
"""What else is signed, and the rows of the structure it belongs to."""

SHARED_ROLES = frozenset({Role.AUDITOR, Role.STAFF, Role.CERTIFICATION_AUDITOR})
"""Roles from which nobody's own work follows: auditing is not audited here, staff do what tasks say."""

AUDITABLE = (SessionKind.AUDIT,)


def place(*names: str | None) -> frozenset[str]:
    return frozenset(name.casefold().strip() for name in names if name and name.strip())


# ---- facts --------------------------------------------------------------------------------------------------------


def facts(project: Project, people: Iterable[int]) -> list[Fact]:
    """Everything that ties these people to what can be audited. The same number of queries whatever there is."""
    people = sorted(set(people))
    if not people:
        return []
    return [
        *_documents(project, people),
        *_signatures(project, people),
        *_risks(project, people),
        *_controls(project, people),
        *_nonconformities(project, people),
        *_tasks(project, people),
        *_roles(project, people),
    ]


def _documents(project: Project, people: list[int]) -> Iterable[Fact]:
    """Owner, author and approver of documents. Four queries."""
    ties: dict[tuple[int, int], set[str]] = defaultdict(set)
    owned = Document.objects.filter(project=project, owner__in=people, withdrawn_at__isnull=True)
    for pk, owner in owned.values_list("pk", "owner_id"):
        ties[pk, owner].add("owner")
    written = Revision.objects.filter(Q(created_by__in=people) | Q(edited_by__in=people), project=project).order_by()
    for pk, one, other in written.values_list("document_id", "created_by_id", "edited_by_id").distinct():
        for person in {one, other} & set(people):
            ties[pk, person].add("author")
    signed = Signature.objects.filter(project=project, signer__in=people, approval__subject_kind="document")
    signed = signed.exclude(decision=Decision.REJECTED).order_by()
    for pk, person in signed.values_list("approval__subject_id", "signer_id").distinct():
        ties[pk, person].add("approver")
    if not ties:
        return
    named = {
        one.pk: one
        for one in Document.objects.filter(project=project, pk__in={pk for pk, _person in ties})
        .only("number", "code", "title", "kind", "project_id")
        .prefetch_related(None)
    }
    serves: dict[int, set[str]] = defaultdict(set)
    for link in DocumentClause.objects.filter(document__in=list(named)).select_related("clause__standard"):
        serves[link.document_id] |= clause_selectors.keys_of(link.clause)
    words = {"owner": _("owns %(thing)s"), "author": _("wrote %(thing)s"), "approver": _("approved %(thing)s")}
    for (pk, person), sorts in ties.items():
        if (document := named.get(pk)) is None:
            continue
        places = place(document.title) if document.kind == Kind.PROCESS else independence.NONE
        for sort in sorted(sorts):
            says = words[sort] % {"thing": f"{document.code} {document.title}"}
            yield Fact(person, f"document:{pk}:{sort}", says, frozenset(serves[pk]), places)


def _signatures(project: Project, people: list[int]) -> Iterable[Fact]:
    """What else they approved: mandate, scope, criteria, statements. One query."""
    signed = Signature.objects.filter(project=project, signer__in=people, approval__subject_kind__in=SIGNED_SUBJECTS)
    signed = signed.exclude(decision=Decision.REJECTED).order_by("approval__subject_kind", "approval__subject_id")
    columns = ("signer_id", "approval__subject_kind", "approval__subject_id", "approval__title")
    for person, kind, pk, title in signed.values_list(*columns).distinct():
        says = _("approved %(thing)s") % {"thing": title}
        yield Fact(person, f"{kind}:{pk}:approver", says, frozenset(SIGNED_SUBJECTS[kind]))


def _risks(project: Project, people: list[int]) -> Iterable[Fact]:
    """Risks, treatments and assets they answer for. Four queries."""
    own = _("owns %(thing)s")
    assets = Asset.objects.filter(project=project, owner__in=people, retired_at__isnull=True)
    for asset in assets.only("number", "name", "owner_id"):
        yield Fact(asset.owner_id, f"asset:{asset.pk}:owner", own % {"thing": asset}, places=place(asset.name))
    risks = {
        one.pk: one
        for one in Risk.objects.filter(project=project, owner__in=people, is_open__in=[True]).only(
            "number", "title", "owner_id"
        )
    }
    treatments = list(
        Treatment.objects.filter(project=project, owner__in=people)
        .exclude(status="cancelled")
        .only("number", "title", "owner_id", "risk_id")
    )
    where: dict[int, set[str]] = defaultdict(set)
    wanted = {*risks, *(one.risk_id for one in treatments)}
    for risk, name in RiskAsset.objects.filter(risk__in=wanted).values_list("risk_id", "asset__name"):
        where[risk] |= place(name)
    row = frozenset({"hs:6.1"})
    for risk in risks.values():
        yield Fact(risk.owner_id, f"risk:{risk.pk}:owner", own % {"thing": risk}, row, frozenset(where[risk.pk]))
    for one in treatments:
        says = _("is responsible for %(thing)s") % {"thing": one}
        yield Fact(one.owner_id, f"treatment:{one.pk}:owner", says, row, frozenset(where[one.risk_id]))


def _controls(project: Project, people: list[int]) -> Iterable[Fact]:
    """Controls they answer for: planned by 6.1.3, put into effect by 8.3 of the standard they belong to. Two queries."""
    rows = list(
        SoaEntry.objects.filter(project=project, owner__in=people)
        .exclude(is_applicable=False)
        .values_list("pk", "owner_id", "ref", "title", "soa__standard__requirements_id")
    )
    if not rows:
        return
    of: dict[str, set[str]] = defaultdict(set)
    wanted = Clause.objects.filter(standard__slug__in={row[-1] for row in rows if row[-1]}, ref__in=["6.1.3", "8.3"])
    for clause in wanted.select_related("standard"):
        of[clause.standard.slug] |= clause_selectors.keys_of(clause)
    counted: dict[tuple[int, str], list[str]] = defaultdict(list)
    for _pk, owner, ref, _title, standard in rows:
        counted[owner, standard or ""].append(ref)
    for (owner, standard), refs in counted.items():
        shown = ", ".join(refs[:5]) + (" …" if len(refs) > 5 else "")
        says = _("owns the controls %(refs)s") % {"refs": shown}
        yield Fact(owner, f"soa:{standard}:owner", says, frozenset(of[standard]) or frozenset({"hs:6.1"}))


def _nonconformities(project: Project, people: list[int]) -> Iterable[Fact]:
    """Nonconformities they own, and corrective actions they carry out. Four queries."""
    owned = list(
        Nonconformity.objects.filter(project=project, owner__in=people)
        .exclude(status="refused")
        .only("number", "title", "owner_id", "process", "site")
        .prefetch_related("clause_links__clause__standard")
    )
    actions = list(
        Action.objects.filter(Q(task__assignee__in=people) | Q(task__completed_by__in=people), project=project)
        .select_related("task", "round__nonconformity")
        .prefetch_related("round__nonconformity__clause_links__clause__standard")
    )

    def about(one: Nonconformity) -> tuple[frozenset[str], frozenset[str]]:
        return clause_selectors.keys(link.clause for link in one.clause_links.all()), place(one.process, one.site)

    for one in owned:
        yield Fact(one.owner_id, f"nonconformity:{one.pk}:owner", _("owns %(thing)s") % {"thing": one}, *about(one))
    for action in actions:
        found = action.round.nonconformity
        for person in {action.task.assignee_id, action.task.completed_by_id} & set(people):
            says = _("does %(task)s, a corrective action of %(thing)s") % {"task": action.task.label, "thing": found}
            yield Fact(person, f"action:{action.pk}:doer", says, *about(found))


def _tasks(project: Project, people: list[int]) -> Iterable[Fact]:
    """The work of the plan they do, activity by activity. One query."""
    tasks = Task.objects.filter(Q(assignee__in=people) | Q(completed_by__in=people), project=project)
    tasks = tasks.exclude(status=TaskStatus.CANCELLED).exclude(activity__isnull=True).order_by("activity__number")
    done: dict[tuple[int, int], tuple[str, list[str], set[str]]] = {}
    columns = ("number", "assignee_id", "completed_by_id", "activity_id", "activity__number", "activity__title",
               "activity__hs_clauses")  # fmt: skip
    for number, one, other, activity, at, title, rows in tasks.values_list(*columns):
        for person in {one, other} & set(people):
            seen = done.setdefault((person, activity), (f"{at} {title}", rows or [], set()))
            seen[2].add(f"{Task.PREFIX}-{number:03d}")
    for (person, activity), (name, rows, labels) in done.items():
        shown = ", ".join(sorted(labels)[:3]) + (" …" if len(labels) > 3 else "")
        says = _("does %(tasks)s of activity %(activity)s") % {"tasks": shown, "activity": name}
        yield Fact(person, f"activity:{activity}:doer", says, frozenset(f"hs:{row}" for row in rows))


def _roles(project: Project, people: list[int]) -> Iterable[Fact]:
    """Who alone holds a role answers for the activities of that role. Two queries for each role that names somebody alone."""
    alone: dict[str, int] = {}
    for role, holders in access.holders_by_role(project).items():
        if role not in SHARED_ROLES and len(holders) == 1 and (person := next(iter(holders))) in people:
            alone[role] = person
    if not alone:
        return
    activities = PlanActivity.objects.filter(project=project, responsible__in=list(alone))
    activities = activities.exclude(status=ActivityStatus.EXCLUDED).order_by("number")
    for pk, number, title, role, rows in activities.values_list("pk", "number", "title", "responsible", "hs_clauses"):
        says = _("is responsible as %(role)s for activity %(activity)s") % {
            "role": Role(role).label, "activity": f"{number} {title}",
        }  # fmt: skip
        yield Fact(alone[role], f"activity:{pk}:responsible", says, frozenset(f"hs:{row}" for row in rows or []))


# ---- what is audited ----------------------------------------------------------------------------------------------


@dataclass
class Standing:
    """How independent the team of an audit is."""

    conflicts: list[Conflict] = field(default_factory=list)

    @property
    def unsettled(self) -> list[Conflict]:
        return [one for one in self.conflicts if not one.is_settled]

    @property
    def is_settled(self) -> bool:
        return not self.unsettled

    def of_member(self, member: int) -> list[Conflict]:
        return [one for one in self.conflicts if one.member == member]


def of_audit(audit: Audit) -> Standing:
    """Who of the team would judge their own work, in which session and why. The same number of queries always."""
    members = list(audit.members.filter(role__in=JUDGES, person__isnull=False).select_related("person"))
    if not members:
        return Standing()
    sessions, sits = about_of(audit)
    judges = [
        Judge(one.pk, one.person_id, one.name, frozenset(sits[one.pk]) if one.pk in sits else None) for one in members
    ]
    justified: dict[int, set[str]] = defaultdict(set)
    for override in audit.overrides.all():
        justified[override.member_id] |= set(override.reasons)
    known = facts(audit.project, [one.person_id for one in members])
    return Standing(
        independence.conflicts(judges, sessions, known, {key: frozenset(some) for key, some in justified.items()})
    )


def about_of(audit: Audit) -> tuple[list[About], dict[int, set[int]]]:
    """What each session is about, and who sits where; the audit as a whole as long as there is no agenda. Six queries."""
    criteria = clause_selectors.of_audit(audit)
    everything = clause_selectors.keys(criteria)
    places = place(*audit.item_links.values_list("name", flat=True))
    sessions = list(
        audit.sessions.filter(kind__in=AUDITABLE).prefetch_related("clause_links__clause__standard", "auditor_links")
    )
    if not sessions:
        return [About(None, audit.title, everything, places)], {}
    found, sits = [], defaultdict(set)
    for session in sessions:
        own = clause_selectors.keys(link.clause for link in session.clause_links.all())
        where = place(session.subject) or places
        found.append(About(session.pk, session.title, own or everything, where))
        auditors = list(session.auditor_links.all())
        for link in auditors:
            sits[link.member_id].add(session.pk)
        if not auditors:
            for member in audit.members.all():
                sits[member.pk].add(session.pk)
    for member in audit.members.all():
        sits.setdefault(member.pk, set())
    return found, sits
