"""The life of a nonconformity: correction first, then the cause, then the action, then proof that it worked; and the life of
a proposal for improvement.

    reported → accepted → contained → analysed → planned → implemented → verifying → closed
        ↓                                                                    |          |
     refused          a new round begins at accepted  ←──── not effective ───┘          |
                                          ↑_______________ reopened ____________________|

(ISO 9001:2026, ISO 14001:2026, ISO 45001:2018 and ISO/IEC 27001:2022, 10.2; IMS2 4.1)

    proposed → assessed → accepted → done
        ↓          ↓          (taken up again from refused and done)
      refused ← ───┘

(ISO 9001:2026, 10.3 and ISO/IEC 27001:2022, 10.1; IMS2 4.2.1)
"""

from __future__ import annotations

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import dates
from core.flows import Flow, move
from projects.permissions import Perm


class Status(TextChoices):
    REPORTED = "reported", gettext_lazy("Reported")
    REFUSED = "refused", gettext_lazy("Refused")
    ACCEPTED = "accepted", gettext_lazy("Accepted")
    CONTAINED = "contained", gettext_lazy("Contained")
    ANALYSED = "analysed", gettext_lazy("Cause known")
    PLANNED = "planned", gettext_lazy("Action planned")
    IMPLEMENTED = "implemented", gettext_lazy("Action implemented")
    VERIFYING = "verifying", gettext_lazy("Being verified")
    CLOSED = "closed", gettext_lazy("Closed")


CLAUSE = "10.2"
OPEN = tuple(status for status in Status if status not in (Status.REFUSED, Status.CLOSED))


def has_owner_and_grade(record: Any, by: Any) -> str | None:
    if record.owner_id is None:
        return _("Name an owner first: somebody has to answer for it.")
    return None if record.grade else _("Grade it first: how grave is it?")


def correction_is_said(record: Any, by: Any) -> str | None:
    if record.round.correction:
        return None
    return _("Say what was done to contain it: the correction comes before the analysis.")


def root_cause_is_known(record: Any, by: Any) -> str | None:
    current = record.round
    if not current.extent:
        return _("Say whether it exists elsewhere, or could.")
    if not current.causes.filter(is_root=True).exists():
        return _("Mark at least one cause as the root.")
    return None


def plan_is_whole(record: Any, by: Any) -> str | None:
    current = record.round
    if not current.actions.exists():
        return _("Add at least one corrective action.")
    if not (current.criterion and current.check_on and current.verifier_id):
        return _("Say by what effectiveness is judged, when, and by whom.")
    return None


def implemented_in_time(record: Any, by: Any) -> str | None:
    if refusal := actions_are_done(record, by):
        return refusal
    check_on = record.round.check_on
    if check_on is not None and check_on <= dates.today(record.project.organization.time_zone):
        says = _(
            "The check of effectiveness is planned for %(day)s: it comes after the action is implemented. Choose a later day."
        )
        return says % {"day": check_on.isoformat()}
    return None


def actions_are_done(record: Any, by: Any) -> str | None:
    left = [
        action.task.label
        for action in record.round.actions.filter(task__is_open=True).select_related("task").order_by("task__number")
    ]
    if not left:
        return None
    return _("%(tasks)s is not done yet: every corrective action comes first.") % {"tasks": ", ".join(left)}


def judged_effective(record: Any, by: Any) -> str | None:
    if record.round.verdict == "effective":
        return actions_are_done(record, by)
    return _("Nobody has judged yet that the action was effective.")


NONCONFORMITY = Flow(
    move("accept", {Status.REPORTED}, Status.ACCEPTED, needs=Perm.MANAGE_NONCONFORMITIES, label=gettext_lazy("Accept"),
         guard=has_owner_and_grade, clause=CLAUSE, icon="check", is_main=True),
    move("refuse", {Status.REPORTED}, Status.REFUSED, needs=Perm.MANAGE_NONCONFORMITIES, label=gettext_lazy("Refuse"),
         asks_reason=True, icon="x"),
    move("contain", {Status.ACCEPTED}, Status.CONTAINED, needs=Perm.WORK_ON_NONCONFORMITIES,
         label=gettext_lazy("It is contained"), guard=correction_is_said, clause=f"{CLAUSE} a", icon="shield-check",
         is_main=True),
    move("analyse", {Status.CONTAINED}, Status.ANALYSED, needs=Perm.WORK_ON_NONCONFORMITIES,
         label=gettext_lazy("The cause is known"), guard=root_cause_is_known, clause=f"{CLAUSE} b", icon="search",
         is_main=True),
    move("plan", {Status.ANALYSED}, Status.PLANNED, needs=Perm.WORK_ON_NONCONFORMITIES,
         label=gettext_lazy("The action is planned"), guard=plan_is_whole, clause=f"{CLAUSE} c", icon="list-check",
         is_main=True),
    move("implement", {Status.PLANNED}, Status.IMPLEMENTED, needs=Perm.WORK_ON_NONCONFORMITIES,
         label=gettext_lazy("The action is implemented"), guard=implemented_in_time, clause=f"{CLAUSE} c", icon="checks",
         is_main=True),
    move("verify", {Status.IMPLEMENTED}, Status.VERIFYING, needs=Perm.WORK_ON_NONCONFORMITIES,
         label=gettext_lazy("Put to the check of effectiveness"), clause=f"{CLAUSE} d", icon="eye", is_main=True),
    move("close", {Status.VERIFYING}, Status.CLOSED, needs=Perm.MANAGE_NONCONFORMITIES, label=gettext_lazy("Close"),
         guard=judged_effective, clause=f"{CLAUSE} d", icon="archive", is_main=True),
    move("reopen", {Status.CLOSED, Status.REFUSED}, Status.ACCEPTED, needs=Perm.MANAGE_NONCONFORMITIES,
         label=gettext_lazy("Reopen"), guard=has_owner_and_grade, asks_reason=True, clause=CLAUSE, icon="refresh"),
)  # fmt: skip


# ---- proposals ---------------------------------------------------------------------------------------------------


class ProposalStatus(TextChoices):
    PROPOSED = "proposed", gettext_lazy("Proposed")
    ASSESSED = "assessed", gettext_lazy("Assessed")
    ACCEPTED = "accepted", gettext_lazy("Accepted")
    REFUSED = "refused", gettext_lazy("Refused")
    DONE = "done", gettext_lazy("Done")


IMPROVEMENT = "10.1"


def marks_are_given(record: Any, by: Any) -> str | None:
    if record.benefit is not None and record.effort is not None:
        return None
    return _("Give it marks for benefit and effort first.")


def becomes_work(record: Any, by: Any) -> str | None:
    if record.owner_id is None:
        return _("Name an owner first: somebody has to carry it out.")
    if record.steps.exists():
        return None
    return _("Add at least one task first: what is accepted becomes work.")


def work_is_done(record: Any, by: Any) -> str | None:
    steps = record.steps.filter(task__is_open=True).select_related("task").order_by("task__number")
    left = [step.task.label for step in steps]
    if not left:
        return None
    return _("%(tasks)s is not done yet: every task comes first.") % {"tasks": ", ".join(left)}


PROPOSAL = Flow(
    move("assess", {ProposalStatus.PROPOSED}, ProposalStatus.ASSESSED, needs=Perm.MANAGE_NONCONFORMITIES,
         label=gettext_lazy("It is assessed"), guard=marks_are_given, clause=IMPROVEMENT, icon="scale", is_main=True),
    move("accept", {ProposalStatus.ASSESSED}, ProposalStatus.ACCEPTED, needs=Perm.MANAGE_NONCONFORMITIES,
         label=gettext_lazy("Accept"), guard=becomes_work, clause=IMPROVEMENT, icon="check", is_main=True),
    move("refuse", {ProposalStatus.PROPOSED, ProposalStatus.ASSESSED}, ProposalStatus.REFUSED,
         needs=Perm.MANAGE_NONCONFORMITIES, label=gettext_lazy("Refuse"), asks_reason=True, icon="x"),
    move("finish", {ProposalStatus.ACCEPTED}, ProposalStatus.DONE, needs=Perm.WORK_ON_NONCONFORMITIES,
         label=gettext_lazy("It is done"), guard=work_is_done, clause=IMPROVEMENT, icon="checks", is_main=True),
    move("reopen", {ProposalStatus.REFUSED, ProposalStatus.DONE}, ProposalStatus.PROPOSED,
         needs=Perm.MANAGE_NONCONFORMITIES, label=gettext_lazy("Take up again"), asks_reason=True, icon="refresh"),
)  # fmt: skip
