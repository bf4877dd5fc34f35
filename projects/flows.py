"""The lives of a task and of an activity, as tables."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.flows import Flow, move

from .permissions import Perm


def predecessors_are_done(task: Any, by: Any) -> str | None:
    if getattr(task, "waits", True) is False:  # annotated by the service, so that nothing has to be asked
        return None
    waiting = [
        link.predecessor.label
        for link in task.predecessor_links.filter(predecessor__is_open=True)
        .exclude(kind="ss")  # both only begin together
        .select_related("predecessor")
        .order_by("predecessor__number")
    ]
    if not waiting:
        return None
    return _("%(task)s cannot be completed: it depends on %(others)s, which is not done yet. Finish that first.") % {
        "task": task.label,
        "others": ", ".join(waiting),
    }


def activity_is_included(task: Any, by: Any) -> str | None:
    if task.activity_id and not task.activity.is_applicable:
        return _("%(task)s belongs to activity %(activity)s, which is excluded. Include the activity again first.") % {
            "task": task.label,
            "activity": task.activity.number,
        }
    return None


def tasks_are_closed(activity: Any, by: Any) -> str | None:
    if not activity.task_open_count:
        return None
    return _(
        "Activity %(number)s cannot be completed: %(count)s of its tasks are open. Complete or cancel them first."
    ) % {"number": activity.number, "count": activity.task_open_count}


def nothing_holds_it_back(activity: Any, by: Any) -> str | None:
    """Nothing of what follows a real decision of the method begins or ends before it is taken, or let through."""
    from .selectors import hold  # the hooks of the apps above are asked there

    return hold.refusal(activity.project, activity.step_id, activity.number)


def activity_can_be_completed(activity: Any, by: Any) -> str | None:
    return tasks_are_closed(activity, by) or nothing_holds_it_back(activity, by)


OPEN, IN_PROGRESS, BLOCKED, DONE, CANCELLED = "open", "in_progress", "blocked", "done", "cancelled"

TASK = Flow(
    move("complete", {OPEN, IN_PROGRESS, BLOCKED}, DONE, needs=Perm.WORK_ON_TASKS, label=gettext_lazy("Complete"),
         guard=predecessors_are_done, icon="check", is_main=True),
    move("start", {OPEN}, IN_PROGRESS, needs=Perm.WORK_ON_TASKS, label=gettext_lazy("Start"), icon="player-play"),
    move("resume", {BLOCKED}, IN_PROGRESS, needs=Perm.WORK_ON_TASKS, label=gettext_lazy("Resume"), icon="player-play"),
    move("pause", {IN_PROGRESS}, OPEN, needs=Perm.WORK_ON_TASKS, label=gettext_lazy("Put back"), icon="player-pause"),
    move("block", {OPEN, IN_PROGRESS}, BLOCKED, needs=Perm.WORK_ON_TASKS, label=gettext_lazy("Mark as blocked"),
         asks_reason=True, icon="ban"),
    move("reopen", {DONE, CANCELLED}, OPEN, needs=Perm.WORK_ON_TASKS, label=gettext_lazy("Reopen"),
         guard=activity_is_included, icon="refresh"),
    move("cancel", {OPEN, IN_PROGRESS, BLOCKED}, CANCELLED, needs=Perm.MANAGE_TASKS, label=gettext_lazy("Cancel task"),
         asks_reason=True, icon="x"),
)  # fmt: skip

PLANNED, EXCLUDED = "planned", "excluded"

ACTIVITY = Flow(
    move("complete", {PLANNED, IN_PROGRESS}, DONE, needs=Perm.COMPLETE_ACTIVITIES,
         label=gettext_lazy("Complete activity"), guard=activity_can_be_completed, icon="check", is_main=True),
    move("start", {PLANNED}, IN_PROGRESS, needs=Perm.COMPLETE_ACTIVITIES, label=gettext_lazy("Start"),
         guard=nothing_holds_it_back, icon="player-play"),
    move("reopen", {DONE}, IN_PROGRESS, needs=Perm.COMPLETE_ACTIVITIES, label=gettext_lazy("Reopen"), asks_reason=True,
         icon="refresh"),
    move("exclude", {PLANNED, IN_PROGRESS}, EXCLUDED, needs=Perm.EDIT_PLAN, label=gettext_lazy("Exclude"),
         asks_reason=True, clause="IMS2 step 1.1", icon="ban"),
    move("include", {EXCLUDED}, PLANNED, needs=Perm.EDIT_PLAN, label=gettext_lazy("Include again"), icon="plus"),
)  # fmt: skip
