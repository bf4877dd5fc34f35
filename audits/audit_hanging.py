"""What programmes and audits hang into the others: navigation, step 3.2, approvals, evidence, search, reminders, words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from approvals import gating
from approvals.selectors import approval as approvals
from core import dates
from pdca.models import Clause, Match
from projects import access
from projects.addresses import address
from projects.evidencing import Target
from projects.gates import Criterion
from projects.models import Project
from projects.permissions import Perm

from .flows import DONE_AUDITS, FROZEN_AUDITS, AuditStatus, ProgrammeStatus
from .models import WRITERS, Audit, AuditMember, Covered, Programme, ProgrammeLine, TeamRole
from .selectors import audit as selectors
from .selectors import programme as programmes
from .services import audit as services
from .services import programme as programme_services

STEP = "internal-audit"
MOST_IN_STEP = 5

VERBS = {
    "programme.created": _("began"),
    "programme.changed": _("changed"),
    "programme.redrafted": _("put back to draft, after a change,"),
    "programme.approved": _("keeps an edition of"),
    "programme.close": _("closed"),
    "programme.reopen": _("reopened"),
    "programme.line_added": _("added a line to"),
    "programme.line_changed": _("changed a line of"),
    "programme.line_removed": _("removed a line from"),
    "audit.created": _("planned"),
    "audit.changed": _("changed"),
    "audit.plan": _("settled the plan of"),
    "audit.redraft": _("put back to draft"),
    "audit.start": _("began"),
    "audit.report": _("finished the work on site of"),
    "audit.resume": _("went back to the work on site of"),
    "audit.issued": _("issued the report of"),
    "audit.close": _("closed"),
    "audit.cancel": _("cancelled"),
    "audit.member_added": _("added somebody to the team of"),
    "audit.member_changed": _("changed a role in the team of"),
    "audit.member_removed": _("took somebody out of the team of"),
    "audit.auditee_added": _("added an auditee to"),
    "audit.auditee_removed": _("took out an auditee of"),
    "audit.independence_justified": _("justified in writing who audits their own work in"),
    "audit.session_added": _("added a session to"),
    "audit.session_changed": _("changed a session of"),
    "audit.session_removed": _("removed a session from"),
    "audit.attendance_noted": _("noted who attended"),
    "audit.evidence_added": _("added evidence to"),
    "audit.evidence_withdrawn": _("withdrew evidence from"),
}
FACTS = {
    "about": _("about"),
    "as": _("as"),
    "attended": _("attended"),
    "auditees": _("auditees"),
    "auditors": _("auditors"),
    "how_often": _("how often"),
    "justification": _("justification"),
    "lead": _("lead auditor"),
    "line": _("line"),
    "places": _("processes and sites"),
    "programme_lines": _("lines of the programme"),
    "reasons": _("reasons"),
    "session": _("session"),
    "when": _("when"),
    "who": _("who"),
}


def hang() -> None:
    """Everything at once; the app's `ready` calls it."""
    from approvals import subjects
    from core import nav
    from projects import demo, evidencing, gates, journal_words, reminders, workspace

    from . import demo as own_demo
    from .subject import PROGRAMME

    def only_invited(request: Any) -> bool:
        return Perm.VIEW_AUDITS not in request.perms_here

    nav.register("project", nav.NavItem(
        "audited", _("Audits"), "clipboard-check", "audits:audit-list", Perm.READ_AUDITED, 57, key_press="u",
        also="../findings/", shown=only_invited,
    ))  # fmt: skip
    nav.register("project", nav.NavItem(
        "audits", _("Audits"), "clipboard-check", "audits:audit-list", Perm.VIEW_AUDITS, 57, key_press="u",
        also="../findings/",
    ))  # fmt: skip
    subjects.register(PROGRAMME)
    workspace.hang(step=STEP, panel=workspace.Panel(
        "audits", _("Internal audit"), "audits/_step_panel.html", of_step, Perm.VIEW_AUDITS, 20
    ))  # fmt: skip
    gates.hang(programme_gate, step=STEP)
    gates.hang(coverage_gate, step=STEP)
    evidencing.targets.register(AUDIT)
    for source in sources(reminders.Source):
        reminders.register(source)
    search()
    demo.chapters.append(own_demo.tell)
    journal_words.GROUPS |= {"programme": _("Audit programme"), "audit": _("Audit")}
    journal_words.VERBS |= VERBS
    journal_words.FACTS |= {name: words for name, words in FACTS.items() if name not in journal_words.FACTS}
    journal_words.ADDRESSES |= {
        "audits.audit": ("audits:audit-detail", lambda label: label.split(" ", 1)[0]),
        "audits.programme": ("audits:programme-detail", lambda label: label.split(" ", 1)[0]),
    }


# ---- evidence -----------------------------------------------------------------------------------------------------


def may_see(audit: Audit, user: Any) -> bool:
    held = access.perms_in(user, audit.project)
    return selectors.visible(audit.project, user, held).filter(pk=audit.pk).exists()


def may_add(audit: Audit, user: Any) -> bool:
    """The team and who plans audits, until the report is issued."""
    if audit.status in FROZEN_AUDITS:
        return False
    if services.may_plan(user, audit):
        return True
    return access.can(user, Perm.CONDUCT_AUDITS, audit) and (
        audit.members.filter(person=user.pk, role__in=WRITERS).exists()
    )


AUDIT = Target(
    "audits.audit", load=selectors.load, may_see=may_see, may_add=may_add,
    may_manage=lambda audit, user: audit.status not in FROZEN_AUDITS and services.may_plan(user, audit),
    url=lambda audit: audit.get_absolute_url(), count=services.count_evidence,
)  # fmt: skip


# ---- reminders ----------------------------------------------------------------------------------------------------


def audits_ahead() -> Any:
    """The lead auditors of audits that have not begun, with the day they begin."""
    leads = AuditMember.objects.filter(role=TeamRole.LEAD, person__isnull=False)
    return leads.filter(audit__status__in=[AuditStatus.DRAFT, AuditStatus.PLANNED], audit__starts_on__isnull=False)


def reports_due() -> Any:
    """The lead auditors who still owe a report, with its day."""
    leads = AuditMember.objects.filter(role=TeamRole.LEAD, person__isnull=False)
    return leads.filter(
        audit__status__in=[AuditStatus.IN_PROGRESS, AuditStatus.REPORTED], audit__report_due_on__isnull=False
    )


def lines_due() -> Any:
    """Lines of running programmes that fall due, for who manages the programme."""
    return ProgrammeLine.objects.filter(
        next_on__isnull=False, programme__is_open=True, programme__owner__isnull=False
    )  # fmt: skip


def sources(source: Any) -> list[Any]:
    of_audit = {
        "prefix": Audit.PREFIX, "home": "audits:audit-list", "owner": "person_id", "role": "", "number": "audit__number",
        "title": "audit__title", "version": "audit__version", "changed": "audit__updated_at",
    }  # fmt: skip
    return [
        source("audit", _("Audit"), _("Audits"), rows=audits_ahead, due="audit__starts_on", **of_audit),
        source("audit-report", _("Audit report"), _("Audit reports"), rows=reports_due, due="audit__report_due_on", **of_audit),
        source(
            "audit-line", _("Audit due by the programme"), _("Audits due by the programme"), rows=lines_due,
            prefix=Programme.PREFIX, home="audits:programme-list", owner="programme__owner_id", role="", due="next_on",
            number="programme__number", title="subject",
        ),
    ]  # fmt: skip


# ---- search -------------------------------------------------------------------------------------------------------


def search() -> None:
    from search import kinds

    kinds.register_group("audits", _("Audits"), 44)
    kinds.register(kinds.Kind(
        "audit", "audits", "audits.Audit", icon="clipboard-check",
        rows=lambda: Audit.objects.select_related("project"),
        draft=lambda one: kinds.Draft(
            one.title, label=one.label, organization_id=one.organization_id, project_id=one.project_id, state=one.status,
            is_closed=not one.is_open, texts=[one.scope, one.objectives],
        ),
        address=lambda hit: address("audits:audit-detail", org=hit.org, project=hit.project, number=hit.label),
        reach=kinds.InProject(Perm.VIEW_AUDITS),
        badges=lambda: {str(status): ("plain", status.label) for status in AuditStatus},
        same_after=frozenset({"checklist.generated", "checklist.assigned"}),
    ))  # fmt: skip
    kinds.register(kinds.Kind(
        "programme", "audits", "audits.Programme", icon="calendar-stats",
        rows=lambda: Programme.objects.select_related("project").prefetch_related("lines"),
        draft=lambda one: kinds.Draft(
            one.title, label=one.label, organization_id=one.organization_id, project_id=one.project_id, state=one.status,
            is_closed=not one.is_open,
            texts=[one.objectives, one.risks, one.resources, *(line.subject for line in one.lines.all())],
        ),
        address=lambda hit: address("audits:programme-detail", org=hit.org, project=hit.project, number=hit.label),
        reach=kinds.InProject(Perm.VIEW_AUDITS),
        badges=lambda: {str(status): ("plain", status.label) for status in ProgrammeStatus},
    ))  # fmt: skip


# ---- step 3.2 -----------------------------------------------------------------------------------------------------


def _current(project: Project) -> Programme | None:
    return programmes.current(project, dates.today(project.organization.time_zone))


_is_approved = gating.approved(
    programme_services.KIND, of_project=_current, label=_("The audit programme is approved")
)  # fmt: skip


def programme_gate(step: Any) -> Iterable[Criterion]:
    """Top management has approved the programme that runs; and nothing of it is overdue. (9.2.2)"""
    home = address("audits:programme-list", **step.project.address)
    for criterion in _is_approved(step):
        yield Criterion(criterion.label, criterion.is_met, criterion.reason, criterion.url or home)
    today = dates.today(step.project.organization.time_zone)
    late = ProgrammeLine.objects.filter(project=step.project, programme__is_open=True, next_on__lt=today).count()
    words = ngettext("%(n)s line of the programme is overdue", "%(n)s lines of the programme are overdue", late)
    yield Criterion(
        _("No audit of the programme is overdue"), is_met=not late, reason=words % {"n": late} if late else "", url=home
    )


def coverage_gate(step: Any) -> Iterable[Criterion]:
    """Every requirement of every standard was audited once before the certification body comes. One query."""
    project = step.project
    leaves = Clause.objects.filter(standard__in=project.chosen_standards.values("standard"), is_leaf=True)
    covered = Covered.objects.filter(project=project, clause=OuterRef("pk")).order_by()
    rows = list(leaves.values_list("hs", "match", Exists(covered)))
    shared = {hs for hs, match, was_seen in rows if was_seen and match == Match.IDENTICAL}
    never = sum(not was_seen and not (match == Match.IDENTICAL and hs in shared) for hs, match, was_seen in rows)
    reason = ""
    if not rows:
        reason = _("The project has no standard yet")
    elif never:
        words = ngettext("%(n)s clause was never audited", "%(n)s clauses were never audited", never)
        reason = words % {"n": never}
    yield Criterion(
        _("Every requirement was audited at least once"), is_met=bool(rows) and not never, reason=reason,
        url=address("audits:coverage", **project.address),
    )  # fmt: skip


def of_step(step: Any, user: Any, perms: frozenset) -> dict[str, Any]:
    """Programme, what falls due, and the audits under way, in the workspace of step 3.2."""
    project = step.project
    today = dates.today(project.organization.time_zone)
    programme = programmes.current(project, today)
    context: dict[str, Any] = {
        "programme": programme, "today": today, "home": address("audits:audit-list", **project.address),
        "coverage": address("audits:coverage", **project.address), "figures": selectors.figures(project, today),
        "may_manage": Perm.MANAGE_AUDIT_PROGRAMME in perms,
        "new": address("audits:programme-create", **project.address),
        "audits": selectors.dressed(
            selectors.of(project).exclude(status__in=[*DONE_AUDITS, AuditStatus.CANCELLED]).order_by("starts_on", "number")[
                :MOST_IN_STEP
            ],
            project,
        ),
    }  # fmt: skip
    if programme is not None:
        context["standing"] = approvals.standing_of(programme_services.KIND, programme)
        context["lines"] = list(
            programme.lines.filter(next_on__isnull=False).order_by("next_on", "position")[:MOST_IN_STEP]
        )
    return context
