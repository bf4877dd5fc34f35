"""What the app hangs into the others: evidence, reminders, search, the steps 4.1 and 4.2, the journal's words."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, CharField, F, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects import access
from projects.addresses import address
from projects.evidencing import Target
from projects.permissions import Perm

from .flows import ProposalStatus, Status
from .models import Nonconformity, Proposal, Round
from .selectors import nonconformity as selectors
from .selectors import proposal as proposals
from .selectors.register import STATES_OF, Phase
from .services import nonconformity as services
from .services import proposal as proposal_services

# ---- reminders ----------------------------------------------------------------------------------------------------


def _in_phase(phase: Phase) -> Any:
    rows = Round.objects.filter(verdict="", nonconformity__is_open=True, nonconformity__status__in=STATES_OF[phase])
    return _titled(rows)


def _titled(rows: Any) -> Any:
    """With the title as reminders say it: a confidential one is told by its number alone, since others hear what is late."""
    hidden = When(nonconformity__is_confidential=True, then=Value(str(_("confidential"))))
    return rows.annotate(told=Case(hidden, default=F("nonconformity__title"), output_field=CharField()))


def corrections_due() -> Any:
    """Rounds whose correction somebody still owes."""
    return _in_phase(Phase.CONTAIN).filter(correction_due_on__isnull=False, nonconformity__owner__isnull=False)


def analyses_due() -> Any:
    """Rounds whose cause and plan somebody still owes."""
    return _in_phase(Phase.ANALYSE).filter(analysis_due_on__isnull=False, nonconformity__owner__isnull=False)


def checks_due() -> Any:
    """Rounds whose effectiveness is still to be judged by somebody."""
    rows = Round.objects.filter(check_on__isnull=False, verdict="", nonconformity__is_open=True, verifier__isnull=False)
    return _titled(rows)


def remind() -> None:
    """What has an owner and a day: the correction, the cause, the check. Corrective actions are tasks, and reminded as such."""
    from projects import reminders

    shared = {
        "prefix": Nonconformity.PREFIX, "home": "improvement:nonconformity-list", "role": "",
        "number": "nonconformity__number", "title": "told",
    }  # fmt: skip
    owner = "nonconformity__owner_id"
    reminders.register(reminders.Source(
        "correction", gettext_lazy("Correction of a nonconformity"), gettext_lazy("Corrections of nonconformities"),
        rows=corrections_due, owner=owner, due="correction_due_on", **shared,
    ))  # fmt: skip
    reminders.register(reminders.Source(
        "analysis", gettext_lazy("Cause of a nonconformity"), gettext_lazy("Causes of nonconformities"),
        rows=analyses_due, owner=owner, due="analysis_due_on", **shared,
    ))  # fmt: skip
    reminders.register(reminders.Source(
        "verification", gettext_lazy("Check of effectiveness"), gettext_lazy("Checks of effectiveness"),
        rows=checks_due, owner="verifier_id", due="check_on", **shared,
    ))  # fmt: skip


# ---- evidence -----------------------------------------------------------------------------------------------------


def may_see(record: Nonconformity, user: Any) -> bool:
    perms = access.perms_in(user, record.project)
    return selectors.visible(record.project, user, perms).filter(pk=record.pk).exists()


def may_add(record: Nonconformity, user: Any) -> bool:
    """Who works on it, and who reported it while it is open."""
    if services.may_work(user, record):
        return True
    return record.is_open and record.created_by_id == user.pk and access.can(user, Perm.REPORT_NONCONFORMITY, record)


def may_see_proposal(record: Proposal, user: Any) -> bool:
    perms = access.perms_in(user, record.project)
    return proposals.visible(record.project, user, perms).filter(pk=record.pk).exists()


def may_add_to_proposal(record: Proposal, user: Any) -> bool:
    """Who works on it, and who made it while it is open."""
    if proposal_services.may_work(user, record):
        return True
    return record.is_open and record.created_by_id == user.pk and access.can(user, Perm.REPORT_NONCONFORMITY, record)


TARGET = Target(
    "improvement.nonconformity",
    load=selectors.load,
    may_see=may_see,
    may_add=may_add,
    may_manage=lambda record, user: services.may_work(user, record),
    url=lambda record: record.get_absolute_url(),
    count=services.count_evidence,
    label=lambda record: _("Evidence of %(record)s") % {"record": record.label},
    is_confidential=lambda record: record.is_confidential,
)
PROPOSAL_TARGET = Target(
    "improvement.proposal",
    load=proposals.load,
    may_see=may_see_proposal,
    may_add=may_add_to_proposal,
    may_manage=lambda record, user: proposal_services.may_work(user, record),
    url=lambda record: record.get_absolute_url(),
    label=lambda record: _("Evidence of %(record)s") % {"record": record.label},
)


# ---- search -------------------------------------------------------------------------------------------------------


def search() -> None:
    """Nonconformities and proposals as they are found; a confidential one is not."""
    from search import kinds

    kinds.register_group("nonconformities", gettext_lazy("Nonconformities"), 46)
    kinds.register(kinds.Kind(
        "nonconformity", "nonconformities", "improvement.Nonconformity", icon="alert-triangle",
        rows=lambda: Nonconformity.objects.filter(is_confidential=False).select_related("project"),
        draft=lambda one: kinds.Draft(
            one.title, label=one.label, organization_id=one.organization_id, project_id=one.project_id,
            state=one.status, is_closed=not one.is_open,
            texts=[one.description, one.place, one.process, one.site, one.requirement, one.evidence, one.suspicion],
        ),
        address=lambda hit: address(
            "improvement:nonconformity-detail", org=hit.org, project=hit.project, number=hit.label
        ),
        reach=kinds.InProject(Perm.VIEW_NONCONFORMITIES),
        badges=lambda: {str(status): (selectors.badge(status)[0], status.label) for status in Status},
    ))  # fmt: skip
    kinds.register_group("improvements", gettext_lazy("Improvement proposals"), 47)
    kinds.register(kinds.Kind(
        "proposal", "improvements", "improvement.Proposal", icon="bulb",
        rows=lambda: Proposal.objects.select_related("project"),
        draft=lambda one: kinds.Draft(
            one.title, label=one.label, organization_id=one.organization_id, project_id=one.project_id,
            state=one.status, is_closed=not one.is_open, texts=[one.description, one.gain, one.process, one.result],
        ),
        address=lambda hit: address("improvement:proposal-detail", org=hit.org, project=hit.project, number=hit.label),
        reach=kinds.InProject(Perm.VIEW_NONCONFORMITIES),
        badges=lambda: {str(status): (proposals.badge(status)[0], status.label) for status in ProposalStatus},
    ))  # fmt: skip


# ---- the journal's words ------------------------------------------------------------------------------------------

VERBS = {
    "nonconformity.reported": gettext_lazy("reported"),
    "nonconformity.changed": gettext_lazy("changed"),
    "nonconformity.accept": gettext_lazy("accepted"),
    "nonconformity.refuse": gettext_lazy("refused"),
    "nonconformity.contain": gettext_lazy("contained"),
    "nonconformity.analyse": gettext_lazy("found the cause of"),
    "nonconformity.plan": gettext_lazy("planned the action on"),
    "nonconformity.implement": gettext_lazy("implemented the action on"),
    "nonconformity.verify": gettext_lazy("put to the check"),
    "nonconformity.close": gettext_lazy("closed"),
    "nonconformity.reopen": gettext_lazy("reopened"),
    "nonconformity.worked": gettext_lazy("worked on"),
    "nonconformity.cause_added": gettext_lazy("added a cause to"),
    "nonconformity.cause_changed": gettext_lazy("said a cause in other words of"),
    "nonconformity.cause_marked": gettext_lazy("marked a root cause of"),
    "nonconformity.cause_removed": gettext_lazy("removed a cause from"),
    "nonconformity.action_added": gettext_lazy("added a corrective action to"),
    "nonconformity.action_dropped": gettext_lazy("took a corrective action out of"),
    "nonconformity.judged": gettext_lazy("judged the effectiveness of"),
    "nonconformity.new_round": gettext_lazy("began a new round of"),
    "nonconformity.evidence_added": gettext_lazy("added evidence to"),
    "nonconformity.evidence_withdrawn": gettext_lazy("withdrew evidence from"),
    "nonconformities.imported": gettext_lazy("imported the spreadsheet"),
    "grades.changed": gettext_lazy("changed the"),
    "proposal.made": gettext_lazy("proposed"),
    "proposal.changed": gettext_lazy("changed"),
    "proposal.assessed": gettext_lazy("weighed benefit and effort of"),
    "proposal.assess": gettext_lazy("assessed"),
    "proposal.accept": gettext_lazy("accepted"),
    "proposal.refuse": gettext_lazy("refused"),
    "proposal.finish": gettext_lazy("carried out"),
    "proposal.reopen": gettext_lazy("took up again"),
    "proposal.task_added": gettext_lazy("added a task to"),
    "proposal.evidence_added": gettext_lazy("added evidence to"),
    "proposal.evidence_withdrawn": gettext_lazy("withdrew evidence from"),
}
FACTS = {
    "analysis_due_on": gettext_lazy("cause and action known until"),
    "benefit": gettext_lazy("benefit"),
    "category": gettext_lazy("category"),
    "cause": gettext_lazy("cause"),
    "check_on": gettext_lazy("checked on"),
    "clauses": gettext_lazy("clauses"),
    "correction": gettext_lazy("correction"),
    "correction_due_on": gettext_lazy("contained until"),
    "criterion": gettext_lazy("criterion of effectiveness"),
    "detected_by": gettext_lazy("found by"),
    "detected_on": gettext_lazy("found on"),
    "effort": gettext_lazy("effort"),
    "evidence": gettext_lazy("objective evidence"),
    "extent": gettext_lazy("does it exist elsewhere"),
    "gain": gettext_lazy("what it would bring"),
    "grade": gettext_lazy("grade"),
    "grades": gettext_lazy("grades"),
    "is_confidential": gettext_lazy("confidential"),
    "origin": gettext_lazy("raised from"),
    "place": gettext_lazy("where"),
    "process": gettext_lazy("process"),
    "recurrence_of": gettext_lazy("happened before as"),
    "requirement": gettext_lazy("requirement that was not met"),
    "root": gettext_lazy("root cause"),
    "round": gettext_lazy("round"),
    "site": gettext_lazy("site"),
    "suspicion": gettext_lazy("suspected cause"),
    "verdict": gettext_lazy("verdict"),
    "verifier": gettext_lazy("verified by"),
}


def words() -> None:
    """The journal's sentences about nonconformities and proposals."""
    from projects import journal_words

    journal_words.GROUPS |= {
        "nonconformity": gettext_lazy("Nonconformity"),
        "nonconformities": gettext_lazy("Nonconformities"),
        "grades": gettext_lazy("Grades of nonconformities"),
        "proposal": gettext_lazy("Improvement proposal"),
    }
    journal_words.VERBS |= VERBS
    for key, word in FACTS.items():
        journal_words.FACTS.setdefault(key, word)
    journal_words.ADDRESSES |= {
        "improvement.nonconformity": ("improvement:nonconformity-detail", _number),
        "improvement.proposal": ("improvement:proposal-detail", _number),
    }


def _number(label: str) -> str:
    return label.split(" ", 1)[0]
