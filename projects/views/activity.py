"""An activity: its page, its moves, its form, and one of the organization's own."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView

from core import nav, once
from projects import flows, progress
from projects.forms.activity import ActivityForm, AddActivityForm, ReasonForm
from projects.models import PlanActivity
from projects.models.plan import ActivityStatus
from projects.permissions import Perm, Role
from projects.selectors import activity as selectors
from projects.selectors import hold as holds
from projects.selectors import project as project_selectors
from projects.selectors import step as step_selectors
from projects.services import plan as services

from .base import ProjectView, SeeOther, answer, shown

DONE = {
    "start": gettext_lazy("Activity %(number)s is started."),
    "complete": gettext_lazy("Activity %(number)s is completed."),
    "reopen": gettext_lazy("Activity %(number)s is open again."),
    "exclude": gettext_lazy("Activity %(number)s is excluded from the plan."),
    "include": gettext_lazy("Activity %(number)s is part of the plan again."),
}


class OneActivity(ProjectView):
    """Finds the activity of the address in this project."""

    @cached_property
    def activity(self) -> PlanActivity:
        found = selectors.of_number(self.project, self.kwargs["number"])
        if found is None:
            raise Http404(_("This project's plan has no activity of that number."))
        return found

    @property
    def is_responsible(self) -> bool:
        """The person carries the activity's role, or runs the plan; from what the request has loaded."""
        return self.activity.responsible in self.request.roles_here or Perm.EDIT_PLAN in self.request.perms_here

    def address_of(self, name: str, **more: str) -> str:
        return reverse(f"projects:{name}", kwargs={**self.project.address, "number": self.activity.number, **more})


class ActivityPage(OneActivity, TemplateView):
    needs = Perm.VIEW_PROJECT
    template_name = "projects/activity/detail.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        activity, perms = self.activity, self.request.perms_here
        today = project_selectors.today_in(self.project)
        tasks = selectors.tasks_of(activity)
        is_open = activity.status in (ActivityStatus.PLANNED, ActivityStatus.IN_PROGRESS)
        held = holds.of_step(self.project, activity.step_id) if is_open else []
        moves = []
        for move in selectors.moves_for(activity, perms, self.is_responsible):
            if held and move.needs == Perm.COMPLETE_ACTIVITIES:
                continue  # the page says what it waits for
            moves.append(
                {
                    "url": self.address_of("activity-move", move=move.name),
                    "label": move.label,
                    "icon": move.icon,
                    "asks": move.asks_reason,
                    "kind": "primary" if move.is_main and not activity.task_open_count else "secondary",
                    "is_main": move.is_main,
                }
            )
        return super().get_context_data(
            today=today,
            activity=activity,
            step=activity.step,
            tone=(activity.step.phase.number - 1) % 4 + 1,
            line=selectors.line_of(activity, today),
            planned=progress.planned_percent(
                [(activity.starts_on, activity.ends_on, activity.effort_minutes or 1)], today
            ),
            moves=moves,
            tasks=[(line, selectors.task_state(line.task)) for line in tasks],
            create_task=nav.address("projects:task-create", **self.project.address)
            if Perm.MANAGE_TASKS in perms and activity.is_applicable
            else "",
            held=held,
            history=selectors.history_of(activity),
            told=selectors.story_of(activity) if Perm.VIEW_JOURNAL in perms else [],
            approver=Role(activity.approval_by).label if activity.approval_by in Role.values else activity.approval_by,
            rule=progress.RULE,
            **kwargs,
        )


class ActivityMove(OneActivity, FormView):
    """Makes a move of the flow. Where a reason is asked, the form says first what the move means."""

    needs = (Perm.COMPLETE_ACTIVITIES, Perm.EDIT_PLAN)
    form_class = ReasonForm
    template_name = "projects/activity/move.html"
    http_method_names = ["get", "head", "post", "options"]

    def enter(self, request: HttpRequest) -> None:
        super().enter(request)
        if self.kwargs["move"] not in flows.ACTIVITY:
            raise Http404(_("There is no such move."))
        self.move = flows.ACTIVITY[self.kwargs["move"]]
        if self.move.needs not in request.perms_here:
            raise PermissionDenied
        if self.move.needs == Perm.COMPLETE_ACTIVITIES and not self.is_responsible:
            raise PermissionDenied

    def get_form_kwargs(self) -> dict[str, Any]:
        labels = {"exclude": _("Why this activity does not apply here"), "reopen": _("Why it is opened again")}
        return {
            **super().get_form_kwargs(),
            "is_required": self.move.asks_reason,
            "skips": self.activity.approval_of if self.move.name == "exclude" else "",
            "label": labels.get(self.move.name, ""),
            "hint": _("Stands in the record of tailoring: an auditor reads it there.")
            if self.move.name == "exclude"
            else _("Kept in the journal."),
        }

    def make(self, **said: str) -> Any:
        return services.move(activity=self.activity, name=self.move.name, by=self.request.user, **said)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.move.asks_reason:
            return super().post(request, *args, **kwargs)
        done = str(DONE[self.move.name]) % {"number": self.activity.number}
        return answer(request, self.make, back=self.address_of("activity-detail"), done=done)

    def form_valid(self, form: ReasonForm) -> HttpResponse:
        if not form.carry_out(lambda: self.make(**form.cleaned_data)):
            return self.form_invalid(form)
        shown(self.request, str(DONE[self.move.name]) % {"number": self.activity.number})
        return SeeOther(self.address_of("activity-detail"))

    def form_invalid(self, form: ReasonForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        activity = self.activity
        return super().get_context_data(
            activity=activity,
            step=activity.step,
            move=self.move,
            is_possible=activity.status in self.move.sources,
            means=selectors.exclusion_means(activity) if self.move.name == "exclude" else None,
            **kwargs,
        )


class ActivityEdit(OneActivity, FormView):
    needs = Perm.EDIT_PLAN
    form_class = ActivityForm
    template_name = "projects/activity/form.html"
    http_method_names = ["get", "head", "post", "options"]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "activity": self.activity}

    def form_valid(self, form: ActivityForm) -> HttpResponse:
        values = dict(form.cleaned_data)
        version, reason = values.pop("version"), values.pop("reason")

        def save() -> PlanActivity:
            return services.edit(
                activity=self.activity, by=self.request.user, version=version, values=values, reason=reason
            )

        if not form.carry_out(save):
            return self.form_invalid(form)
        shown(self.request, _("Activity %(number)s is saved.") % {"number": self.activity.number})
        return SeeOther(self.address_of("activity-detail"))

    def form_invalid(self, form: ActivityForm) -> HttpResponse:
        context = self.get_context_data(form=form, conflict=said_differences(form), stale=form.conflict)
        form.take_over()
        return self.render_to_response(context, status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(activity=self.activity, step=self.activity.step, **kwargs)


def said_differences(form: ActivityForm) -> list[dict[str, Any]]:
    """Both texts of each field that differs, choices in words."""
    rows = form.differences()
    for row in rows:
        if row["field"] == "responsible":
            row["mine"], row["theirs"] = (Role(row[side]).label for side in ("mine", "theirs"))
    return rows


class ActivityAdd(ProjectView, FormView):
    """An activity of the organization's own in a step."""

    needs = Perm.EDIT_PLAN
    form_class = AddActivityForm
    template_name = "projects/activity/add.html"
    http_method_names = ["get", "head", "post", "options"]

    @cached_property
    def step(self) -> Any:
        found = step_selectors.of_number(self.project, self.kwargs["number"])
        if found is None:
            raise Http404(_("This project's plan has no step of that number."))
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "step": self.step}

    def form_valid(self, form: AddActivityForm) -> HttpResponse:
        values = dict(form.cleaned_data)
        key = values.pop("once")

        def address(made: PlanActivity) -> str:
            shown(self.request, _("Activity %(number)s is added.") % {"number": made.number})
            return reverse("projects:activity-detail", kwargs={**self.project.address, "number": made.number})

        def add() -> str:
            return once.carry_out(
                key,
                person=self.request.user,
                change=lambda: services.add_activity(step=self.step, by=self.request.user, **values),
                address=address,
            )

        return SeeOther(form.result) if form.carry_out(add) else self.form_invalid(form)

    def form_invalid(self, form: AddActivityForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            step=self.step,
            next_number=services.next_number(self.step),
            is_excluded=not self.step.is_applicable,
            **kwargs,
        )
