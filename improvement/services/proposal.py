"""Proposals for improvement: made by anybody, assessed, accepted as work or refused with a reason. (IMS2 4.2.1; 10.1)"""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from core.flows import Move
from core.rules import RuleBroken, StaleRecord, refused
from improvement import telling
from improvement.flows import IMPROVEMENT, PROPOSAL, ProposalStatus
from improvement.models import Nonconformity, Proposal, ProposalTask
from improvement.models.proposal import STEPS
from improvement.selectors import place as places
from projects import access, flow, journal
from projects.flow import NotPermitted
from projects.models import Project, Task
from projects.permissions import Perm
from projects.services import task as tasks

KIND = "proposal"
PROPOSED = ("title", "description", "gain", "process", "nonconformity")
EDITABLE = (*PROPOSED, "owner")
LINES = ("title", "process")


def may_work(user: Any, record: Proposal, held: frozenset[Perm] | None = None) -> bool:
    """Who manages nonconformities and improvement, and the owner."""
    held = access.perms_in(user, record.project) if held is None else held
    if Perm.MANAGE_NONCONFORMITIES in held:
        return True
    return Perm.WORK_ON_NONCONFORMITIES in held and record.owner_id == user.pk


def may_edit(user: Any, record: Proposal, held: frozenset[Perm] | None = None) -> bool:
    """Who works on it; and who made it, as long as nobody has judged it."""
    held = access.perms_in(user, record.project) if held is None else held
    is_fresh = record.status == ProposalStatus.PROPOSED and record.assessed_at is None
    return may_work(user, record, held) or (
        is_fresh and record.created_by_id == user.pk and Perm.REPORT_NONCONFORMITY in held
    )


def _fresh(record: Proposal) -> Proposal:
    return Proposal.objects.select_related("project__organization", "owner", "created_by").get(pk=record.pk)


def propose(*, project: Project, by: Any, values: dict[str, Any]) -> Proposal:
    """What somebody of the project would do better; `values`: some of PROPOSED, the title at least. Raises RuleBroken, NotPermitted."""
    with journal.change(project, by=by) as log:
        if Perm.REPORT_NONCONFORMITY not in access.perms_in(by, project):
            raise NotPermitted(_("You may not report to this project."))
        values = _checked(project, {name: value for name, value in values.items() if name in PROPOSED})
        number = (Proposal.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0) + 1
        record = Proposal(
            organization_id=project.organization_id,
            project=project,
            number=number,
            created_by=by,
            edited_by=by,
            **values,
        )
        log.mark(record).save()
        log(record, "proposal.made", {"title": record.title})
        telling.proposed(record, by)
    return record


def change(*, record: Proposal, by: Any, version: int, values: dict[str, Any]) -> Proposal:
    """Saves the words of a proposal that a person saw as `version`. Raises StaleRecord, RuleBroken, NotPermitted."""
    with journal.change(record.project, by=by) as log:
        found = _fresh(record)
        if not may_edit(by, found):
            raise NotPermitted(_("%(record)s is not yours to change.") % {"record": found.label})
        _same(found, version)
        values = {name: value for name, value in values.items() if name in EDITABLE}
        if not access.can(by, Perm.MANAGE_NONCONFORMITIES, found):
            values.pop("owner", None)
        if values.get("owner", found.owner) is None and found.status in (ProposalStatus.ACCEPTED, ProposalStatus.DONE):
            raise refused("owner", _("An accepted proposal keeps an owner."))
        values = _checked(found.project, {"title": found.title} | values)
        _save(found, values, "proposal.changed", by, log)
    return found


def assess(
    *, record: Proposal, by: Any, version: int, benefit: int, effort: int, assessment: str, owner: Any = None
) -> Proposal:
    """Gives a proposal its marks, 1 to 5 each, with the reason; the first time it moves to “assessed”. Raises as `change`."""
    with journal.change(record.project, by=by) as log:
        found = _fresh(record)
        if not access.can(by, Perm.MANAGE_NONCONFORMITIES, found):
            raise NotPermitted(_("You may not assess proposals."))
        _same(found, version)
        if found.status not in (ProposalStatus.PROPOSED, ProposalStatus.ASSESSED):
            raise RuleBroken(_("%(record)s is decided: take it up again first.") % {"record": found.label}, IMPROVEMENT)
        for name, mark in (("benefit", benefit), ("effort", effort)):
            if not isinstance(mark, int) or not 1 <= mark <= STEPS:
                raise refused(name, _("Give a mark from 1 to %(most)s.") % {"most": STEPS})
        values = {"benefit": benefit, "effort": effort, "assessment": assessment.strip()[:4_000]}
        if owner is not None:
            values["owner"] = owner
        values = _checked(found.project, {"title": found.title} | values)
        found.assessed_by, found.assessed_at = by, log.at
        _save(found, values, "proposal.assessed", by, log, is_always=found.status == ProposalStatus.PROPOSED)
        if found.status == ProposalStatus.PROPOSED:
            found = move(record=found, name="assess", by=by)
    return found


def accept(*, record: Proposal, by: Any, owner: Any, task: dict[str, Any] | None = None) -> Proposal:
    """Accepts a proposal: it gets its owner, and the work that carries it out; `task` as services.task.create takes it.

    Raises RuleBroken for a state or a guard, NotPermitted.
    """
    with journal.change(record.project, by=by) as log:
        found = _fresh(record)
        if not access.can(by, Perm.MANAGE_NONCONFORMITIES, found):
            raise NotPermitted(_("You may not accept proposals."))
        if owner is not None and owner.pk != found.owner_id:
            values = _checked(found.project, {"title": found.title, "owner": owner})
            _save(found, values, "proposal.changed", by, log)
        if task is not None:
            add_step(record=found, by=by, values=task)
        return move(record=_fresh(found), name="accept", by=by)


def add_step(*, record: Proposal, by: Any, values: dict[str, Any]) -> ProposalTask:
    """A new task that carries the proposal out."""
    with journal.change(record.project, by=by) as log:
        found = _workable(record, by)
        return _take(found, tasks.create(project=found.project, by=by, **values), log)


def link_step(*, record: Proposal, by: Any, task: Task) -> ProposalTask:
    """A task that exists carries the proposal out."""
    with journal.change(record.project, by=by) as log:
        found = _workable(record, by)
        if task.project_id != found.project_id:
            raise RuleBroken(_("The task has to be one of this project."))
        if ProposalTask.objects.filter(task=task).exists():
            raise RuleBroken(_("%(task)s carries a proposal out already.") % {"task": task.label})
        return _take(found, task, log)


def _workable(record: Proposal, by: Any) -> Proposal:
    found = _fresh(record)
    if not may_work(by, found):
        raise NotPermitted(_("%(record)s is not yours to work on.") % {"record": found.label})
    if found.status not in (ProposalStatus.ASSESSED, ProposalStatus.ACCEPTED):
        raise RuleBroken(_("Tasks belong to a proposal that is assessed or accepted."), IMPROVEMENT)
    return found


def _take(record: Proposal, task: Task, log: journal.Log) -> ProposalTask:
    step = ProposalTask.objects.create(
        organization_id=record.organization_id, project=record.project, proposal=record, task=task
    )
    log(record, "proposal.task_added", {"task": str(task)})
    return step


def move(*, record: Proposal, name: str, by: Any, reason: str = "", result: str = "") -> Proposal:
    """Moves a proposal along its flow; finishing wants `result`: what came of it. Raises RuleBroken, NotPermitted."""
    result = result.strip()[:4_000]
    if name == "finish" and not result:
        raise refused("result", _("Say what came of it: that is the evidence of the improvement."))

    def then(found: Proposal, step: Move, before: str, log: journal.Log) -> None:
        found.is_open = step.target not in (ProposalStatus.REFUSED, ProposalStatus.DONE)
        if step.name in ("accept", "refuse"):
            found.decided_at = log.at
        if step.name == "refuse":
            found.refused_because, found.closed_at = log.reason[:500], log.at
        elif step.name == "finish":
            found.result, found.closed_at = result, log.at
        elif step.name == "reopen":
            found.refused_because, found.closed_at, found.decided_at = "", None, None
        telling.decided(found, step.name, by)

    return flow.move(
        record, name, by=by, flow=PROPOSAL, kind=KIND, reason=reason, then=then,
        is_own=lambda found, person, roles: may_work(person, found),
        fields=("is_open", "decided_at", "closed_at", "refused_because", "result"),
    )  # fmt: skip


# ---- checks ------------------------------------------------------------------------------------------------------


def _save(
    record: Proposal, values: dict[str, Any], action: str, by: Any, log: journal.Log, *, is_always: bool = False
) -> None:
    told = {name: value for name, value in values.items() if name != "process_item"}
    changes = journal.differences({name: getattr(record, name) for name in told}, told)
    if not changes and not is_always:
        return
    for name, value in values.items():
        setattr(record, name, value)
    record.edited_by = by
    record.version += 1
    log.mark(record).save()
    log(record, action, changes)


def _checked(project: Project, values: dict[str, Any]) -> dict[str, Any]:
    for name in ("title", "description", "gain", "process"):
        if name in values:
            text = str(values[name] or "").strip()
            values[name] = " ".join(text.split()) if name in LINES else text
            most = Proposal._meta.get_field(name).max_length
            if len(values[name]) > most:
                raise refused(name, _("Use at most %(n)s characters.") % {"n": most})
    if not values.get("title"):
        raise refused("title", _("Say in a few words what could be better."))
    if (owner := values.get("owner")) is not None and not access.people_of(project).filter(pk=owner.pk).exists():
        raise refused("owner", _("%(person)s does not belong to this project.") % {"person": owner})
    origin = values.get("nonconformity")
    if origin is not None and not Nonconformity.objects.filter(project=project, pk=origin.pk).exists():
        raise refused("nonconformity", _("Choose a nonconformity of this project."))
    if "process" in values:
        values["process_item"] = places.item_of(project, "process", values["process"])
    return values


def _same(record: Proposal, seen: int) -> None:
    if record.version != seen:
        says = _("%(record)s was changed by somebody else while you were typing. Your text is kept below.")
        raise StaleRecord(says % {"record": record.label}, record)
