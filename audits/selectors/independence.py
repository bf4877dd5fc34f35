"""The facts behind independence: what each auditor owns, wrote, approved, does or answers for, in a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from approvals.models import Decision, Signature
from audits import independence
from audits.independence import About, Conflict, Fact, Judge
from audits.models import JUDGES, Audit, SessionKind
from audits.selectors import audit as audits
from audits.selectors import clauses as clause_selectors
from documents.models import Document, Revision
from documents.models.document import Kind
from improvement.models import Action, Nonconformity
from projects import access
from projects.models import PlanActivity, Project, Task
from projects.models.plan import ActivityStatus
from projects.models.task import TaskStatus
from projects.permissions import Role
from risks.models import Asset, Risk, SoaEntry, Treatment

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
    """Everything that ties these people to what can be audited, people and registers asked all at once: three queries."""
    people = sorted(set(people))
    if not people:
        return []
    ties = _ties(project, people)
    return [
        *_documents(ties),
        *_signatures(ties),
        *_records(ties),
        *_controls(ties),
        *_activities(project, people),
    ]


class Tie(NamedTuple):
    """What one register says of one person and one record; a record of several clauses or places gives several rows."""

    kind: str
    sort: str
    person: int
    record: int
    number: int
    code: str = ""
    title: str = ""
    place: str | None = ""
    site: str | None = ""
    task: int = 0
    standard: str | None = ""
    ref: str | None = ""
    hs: str | None = ""
    match: str | None = ""

    @property
    def clauses(self) -> frozenset[str]:
        return clause_selectors.keys_by(self.standard, self.ref, self.hs, self.match) if self.ref else independence.NONE


DEFAULTS = {
    "record": F("pk"),
    "number": F("number"),
    **{name: Value(value) for name, value in Tie._field_defaults.items()},
}
CLAUSE = {"standard": "clause__standard__slug", "ref": "clause__ref", "hs": "clause__hs", "match": "clause__match"}


def _arm(rows: QuerySet, kind: str | F, sort: str, person: F | Value, **columns: Any) -> QuerySet:
    """Rows of one register in the columns of a Tie; `sort` is how the person stands to them."""
    own = {name: F(value) if isinstance(value, str) else value for name, value in columns.items()}
    kind = Value(kind) if isinstance(kind, str) else kind
    found = {"kind": kind, "sort": Value(sort), "person": person} | DEFAULTS | own
    return rows.order_by().values_list(*(found[name] for name in Tie._fields))


def _ties(project: Project, people: list[int]) -> list[Tie]:
    """What the registers of documents, signatures, risks, controls and nonconformities say of these people. One query."""
    here = Q(project=project)
    signed = Signature.objects.filter(here).exclude(decision=Decision.REJECTED)
    revisions = Revision.objects.filter(here)
    assets = Asset.objects.filter(here, owner__in=people, retired_at__isnull=True)
    open_risks = Risk.objects.filter(here, owner__in=people, is_open__in=[True])
    treatments = Treatment.objects.filter(here, owner__in=people).exclude(status="cancelled")
    controls = SoaEntry.objects.filter(here, owner__in=people).exclude(is_applicable=False)
    wrong = Nonconformity.objects.filter(here, owner__in=people).exclude(status="refused")
    actions = Action.objects.filter(here)
    of_document, of_revision = _about_a_document(""), _about_a_document("document__")
    of_control = {"number": "position", "code": "ref", "place": "soa__standard__requirements_id"}
    asks = "soa__standard__requirements__clauses__"
    of_wrong = _about_a_nonconformity("")
    of_action = _about_a_nonconformity("round__nonconformity__") | {"task": "task__number"}
    own = Document.objects.filter(here, owner__in=people, withdrawn_at__isnull=True)
    arms = [
        _arm(own, "document", "owner", F("owner_id"), **of_document),
        _arm(revisions.filter(created_by__in=people), "document", "author", F("created_by_id"), **of_revision),
        _arm(revisions.filter(edited_by__in=people), "document", "author", F("edited_by_id"), **of_revision),
        # What was signed is named by kind and key alone: a document is found by them, for each person.
        *(_arm(Document.objects.filter(here, pk__in=signed.filter(signer=person, approval__subject_kind="document").values(
            "approval__subject_id")), "document", "approver", Value(person), **of_document) for person in people),
        _arm(signed.filter(signer__in=people, approval__subject_kind__in=SIGNED_SUBJECTS), F("approval__subject_kind"),
             "approver", F("signer_id"), record="approval__subject_id", number=Value(0), title="approval__title"),
        _arm(assets, "asset", "owner", F("owner_id"), title="name", place="name"),
        _arm(open_risks, "risk", "owner", F("owner_id"), title="title", place="asset_links__asset__name"),
        _arm(treatments, "treatment", "owner", F("owner_id"), title="title", place="risk__asset_links__asset__name"),
        _arm(controls, "control", "owner", F("owner_id"), **of_control),
        _arm(controls.filter(**{f"{asks}ref__in": [PLANNED, EFFECTED]}), "control", "owner", F("owner_id"), **of_control,
             standard="soa__standard__requirements_id", ref=f"{asks}ref", hs=f"{asks}hs", match=f"{asks}match"),
        _arm(wrong, "nonconformity", "owner", F("owner_id"), **of_wrong),
        _arm(actions.filter(task__assignee__in=people), "action", "doer", F("task__assignee_id"), **of_action),
        _arm(actions.filter(task__completed_by__in=people), "action", "doer", F("task__completed_by_id"), **of_action),
    ]  # fmt: skip
    found = {Tie(*row) for row in arms[0].union(*arms[1:])}
    return sorted(
        found, key=lambda one: (KINDS.get(one.kind, 0), one.kind, one.number, one.record, one.person, one.sort)
    )


PLANNED, EFFECTED = "6.1.3", "8.3"
"""Where the standard that a catalogue of controls belongs to has them planned, and put into effect."""


def _about_a_document(to: str) -> dict[str, Any]:
    """The columns of a document and the clauses it serves; a process is a place, too."""
    where = Case(When(**{f"{to}kind": Kind.PROCESS}, then=F(f"{to}title")), default=Value(""))
    clause = {name: f"{to}served__{column}" for name, column in CLAUSE.items()}
    return {
        "record": f"{to}pk",
        "number": Value(0),
        "code": f"{to}code",
        "title": f"{to}title",
        "place": where,
    } | clause


def _about_a_nonconformity(to: str) -> dict[str, Any]:
    """The columns of a nonconformity and its clauses; of a confidential one the number alone is said."""
    said = Case(When(**{f"{to}is_confidential": True}, then=Value("")), default=F(f"{to}title"))
    clause = {name: f"{to}clause_links__{column}" for name, column in CLAUSE.items()}
    return {"number": f"{to}number", "title": said, "place": f"{to}process", "site": f"{to}site"} | clause


def _grouped(ties: Iterable[Tie]) -> Iterable[tuple[Tie, list[Tie]]]:
    """The rows of one record and one person together, under the first of them."""
    found: dict[tuple, list[Tie]] = {}
    for one in ties:
        found.setdefault((one.kind, one.sort, one.person, one.record), []).append(one)
    return [(rows[0], rows) for rows in found.values()]


def _documents(ties: Iterable[Tie]) -> Iterable[Fact]:
    """Owner, author and approver of documents, with the clauses they serve."""
    words = {"owner": _("owns %(thing)s"), "author": _("wrote %(thing)s"), "approver": _("approved %(thing)s")}
    for one, rows in _grouped(one for one in ties if one.kind == "document"):
        serves = independence.NONE.union(*(row.clauses for row in rows))
        says = words[one.sort] % {"thing": f"{one.code} {one.title}"}
        yield Fact(one.person, f"document:{one.record}:{one.sort}", says, serves, place(one.place))


def _signatures(ties: Iterable[Tie]) -> Iterable[Fact]:
    """What else they approved: mandate, scope, criteria, statements."""
    for one in ties:
        if one.kind in SIGNED_SUBJECTS:
            says = _("approved %(thing)s") % {"thing": one.title}
            yield Fact(one.person, f"{one.kind}:{one.record}:approver", says, frozenset(SIGNED_SUBJECTS[one.kind]))


PLACED = {"asset": Asset, "risk": Risk, "treatment": Treatment, "nonconformity": Nonconformity, "action": Nonconformity}
KINDS = {kind: at for at, kind in enumerate(PLACED, start=1)}
"""The records that say themselves where they belong, and in which order they are told."""


def _records(ties: Iterable[Tie]) -> Iterable[Fact]:
    """Assets, risks, treatments and nonconformities they answer for, and the corrective actions they do."""
    words = {"treatment": _("is responsible for %(thing)s"),
             "action": _("does %(task)s, a corrective action of %(thing)s")}  # fmt: skip
    for one, rows in _grouped(one for one in ties if one.kind in PLACED):
        thing = f"{PLACED[one.kind].named(one.number)} {one.title}".strip()
        says = words.get(one.kind, _("owns %(thing)s")) % {"thing": thing, "task": Task.named(one.task)}
        about = frozenset({"hs:6.1"}) if one.kind in ("risk", "treatment") else frozenset()
        for row in rows:
            about |= row.clauses
        places = place(*(row.place for row in rows), *(row.site for row in rows))
        yield Fact(one.person, f"{one.kind}:{one.record}:{one.sort}", says, about, places)


def _controls(ties: Iterable[Tie]) -> Iterable[Fact]:
    """Controls they answer for, all of one standard together."""
    counted: dict[tuple[int, str], dict[str, None]] = defaultdict(dict)
    about: dict[str, frozenset[str]] = defaultdict(frozenset)
    for one in (one for one in ties if one.kind == "control"):
        counted[one.person, one.place or ""][one.code] = None
        about[one.place or ""] |= one.clauses
    for (owner, standard), refs in counted.items():
        shown = ", ".join([*refs][:5]) + (" …" if len(refs) > 5 else "")
        says = _("owns the controls %(refs)s") % {"refs": shown}
        yield Fact(owner, f"soa:{standard}:owner", says, about[standard] or frozenset({"hs:6.1"}))


def _activities(project: Project, people: list[int]) -> Iterable[Fact]:
    """The work of the plan: activities whose tasks they do, and those of a role that one of them holds alone. Two queries."""
    alone: dict[str, int] = {}
    for role, holders in access.holders_by_role(project).items():
        if role not in SHARED_ROLES and len(holders) == 1 and (person := next(iter(holders))) in people:
            alone[role] = person
    columns = ("pk", "number", "title", "hs_clauses")
    tasks = Task.objects.filter(Q(assignee__in=people) | Q(completed_by__in=people), project=project)
    tasks = tasks.exclude(status=TaskStatus.CANCELLED).exclude(activity__isnull=True).order_by()
    activities = PlanActivity.objects.filter(project=project, responsible__in=[*alone]).order_by()
    done = tasks.values_list(
        *(F(f"activity__{name}") for name in columns), F("number"), F("assignee_id"), F("completed_by_id"), Value("")
    )
    responsible = activities.exclude(status=ActivityStatus.EXCLUDED).values_list(
        *(F(name) for name in columns), Value(0), Value(0), Value(0), F("responsible")
    )
    named: dict[int, tuple[str, frozenset[str]]] = {}
    labels: dict[tuple[int, int], set[str]] = defaultdict(set)
    roles: dict[int, str] = {}
    for pk, at, title, rows, number, one, other, role in sorted(
        done.union(responsible, all=True), key=lambda row: row[1]
    ):
        named[pk] = (f"{at} {title}", frozenset(f"hs:{row}" for row in rows or []))
        if role:
            roles[pk] = role
        for person in {one, other} & set(people):
            labels[person, pk].add(Task.named(number))
    for (person, pk), some in labels.items():
        shown = ", ".join(sorted(some)[:3]) + (" …" if len(some) > 3 else "")
        says = _("does %(tasks)s of activity %(activity)s") % {"tasks": shown, "activity": named[pk][0]}
        yield Fact(person, f"activity:{pk}:doer", says, named[pk][1])
    for pk, role in roles.items():
        says = _("is responsible as %(role)s for activity %(activity)s") % {
            "role": Role(role).label, "activity": named[pk][0],
        }  # fmt: skip
        yield Fact(alone[role], f"activity:{pk}:responsible", says, named[pk][1])


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
    members = [one for one in audits.members_of(audit) if one.role in JUDGES and one.person_id]
    if not members:
        return Standing()
    sessions, sits = about_of(audit, [one.pk for one in members])
    judges = [
        Judge(one.pk, one.person_id, one.name, frozenset(sits[one.pk]) if one.pk in sits else None) for one in members
    ]
    justified: dict[int, set[str]] = defaultdict(set)
    for override in audits.overrides_of(audit):
        justified[override.member_id] |= set(override.reasons)
    known = facts(audit.project, [one.person_id for one in members])
    return Standing(
        independence.conflicts(judges, sessions, known, {key: frozenset(some) for key, some in justified.items()})
    )


def about_of(audit: Audit, members: Iterable[int]) -> tuple[list[About], dict[int, set[int]]]:
    """What each session is about, and in which of them each of these members sits; the audit as a whole as long as there
    is no agenda. Three queries."""
    everything = clause_selectors.keys(clause_selectors.of_audit(audit))
    places = place(*audit.item_links.values_list("name", flat=True))
    sessions = audit.sessions.filter(kind__in=AUDITABLE).order_by("day", "starts_at", "pk")
    columns = ("pk", "title", "subject", "auditor_links__member", *(f"clause_links__{one}" for one in CLAUSE.values()))
    named: dict[int, tuple[str, str]] = {}
    own: dict[int, frozenset[str]] = defaultdict(frozenset)
    sitting: dict[int, set[int]] = defaultdict(set)
    for pk, title, subject, member, *clause in sessions.values_list(*columns):
        named[pk] = (title, subject)
        own[pk] |= clause_selectors.keys_by(*clause) if clause[1] else independence.NONE
        sitting[pk] |= {member} - {None}
    if not named:
        return [About(None, audit.title, everything, places)], {}
    found, sits = [], {member: set() for member in members}
    for pk, (title, subject) in named.items():
        found.append(About(pk, title, own[pk] or everything, place(subject) or places))
        for member in (sitting[pk] or set(sits)) & set(sits):
            sits[member].add(pk)
    return found, sits
