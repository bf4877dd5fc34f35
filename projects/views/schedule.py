"""An activity in the schedule: its dates and links; and the plan brought up to date. A change is shown before it is saved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import View

from core.rules import RuleBroken
from projects import schedule_words
from projects.forms.schedule import DatesForm, DragForm, LinkForm, UpdateForm
from projects.models import PlanActivity
from projects.permissions import Perm
from projects.schedule.consequence import Consequence
from projects.selectors import activity as activities
from projects.selectors import project as project_selectors
from projects.selectors import schedule as selectors
from projects.services import schedule as services

from .activity import OneActivity
from .base import ProjectView, SeeOther, answer, shown
from .dates import DatesForms
from .seen import Shown, see_first


class Page(OneActivity, View):
    needs = Perm.VIEW_PROJECT

    def page(self, status: int = 200, **context: Any) -> HttpResponse:
        perms, project = self.request.perms_here, self.project
        may_edit = Perm.EDIT_PLAN in perms and self.activity.is_applicable
        facts, circle = None, ""
        try:
            with services.circle_named():
                found = selectors.reckoned(project)
            facts = selectors.facts_of(self.activity, found)
        except RuleBroken as refusal:
            circle = refusal.as_text
        if may_edit:
            context.setdefault("form", DatesForm(activity=self.activity))
            context.setdefault("link_form", LinkForm(choices=self.choices))
        here = {
            "project": project,
            "perms_here": perms,
            "activity": self.activity,
            "step": self.activity.step,
            "today": project_selectors.today_in(project),
            "facts": facts,
            "circle": circle,
            "may_edit": may_edit,
        }
        return render(self.request, "projects/schedule/activity.html", here | context, status=status)

    @cached_property
    def choices(self) -> list[tuple[str, str]]:
        return selectors.predecessors_for(self.activity)

    @property
    def back(self) -> str:
        return self.address_of("activity-schedule")

    def other(self, number: str) -> PlanActivity:
        found = activities.of_number(self.project, number)
        if found is None:
            raise Http404(_("This project's plan has no activity of that number."))
        return found


class ActivitySchedule(Page):
    """What the network says about an activity, and the form of its dates."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page()


class ActivityDates(DatesForms, Page):
    needs = Perm.EDIT_PLAN
    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """With days in the address (a bar that was dragged) the form holds them, and says what they move."""
        dragged = DragForm(request.GET)
        if not dragged.is_valid():
            return self.page()
        values = dragged.cleaned_data | {"dates_are_manual": True}
        try:
            told = schedule_words.told(services.what_if(self.project, services.dating(self.activity, values)))
        except RuleBroken as refusal:
            messages.error(request, refusal.as_text)
            return self.page()
        form = DatesForm(activity=self.activity, initial=values | {"seen": told.token})
        return self.page(form=form, told=told)

    @property
    def record(self) -> PlanActivity:
        return self.activity

    @property
    def saved(self) -> str:
        return _("The dates of activity %(number)s are saved.") % {"number": self.activity.number}

    def bound(self, request: HttpRequest) -> DatesForm:
        return DatesForm(request.POST, activity=self.activity)

    def change(self, values: dict[str, Any]) -> services.Change:
        return services.dating(self.activity, values)

    def save(self, **values: Any) -> Any:
        return services.set_dates(activity=self.activity, by=self.request.user, **values)


class ActivityLinkAdd(Page):
    needs = Perm.EDIT_PLAN
    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = LinkForm(request.POST, choices=self.choices)
        if not form.is_valid():
            return self.page(422, link_form=form)
        cleaned = form.cleaned_data
        other = self.other(cleaned["predecessor"])
        how = {"kind": cleaned["kind"], "lag_days": cleaned["lag_days"]}

        def save() -> Consequence:
            if other.pk != self.activity.pk:
                change = services.linking(self.activity, other, **how)
                see_first(cleaned["seen"], lambda: services.what_if(self.project, change))
            return services.link(activity=self.activity, predecessor=other, by=request.user, **how)

        try:
            if not form.carry_out(save):
                return self.page(422, link_form=form)
        except Shown as first:
            form.data = form.data.copy()
            form.data["seen"] = first.told.token
            return self.page(link_form=form, told_of_link=first.told)
        shown(
            request,
            _("Activity %(number)s waits for %(other)s.") % {"number": self.activity.number, "other": other.number},
        )
        return SeeOther(self.back)


class ActivityLinkRemove(Page):
    """Takes a link away; what that would move is asked for first, on a page of its own."""

    needs = Perm.EDIT_PLAN
    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        other = self.other(self.kwargs["other"])
        told = schedule_words.told(services.what_if(self.project, services.unlinking(self.activity, other)))
        return self.page(told_of_removal=told, removed=other)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        other = self.other(self.kwargs["other"])
        done = _("Activity %(number)s no longer waits for %(other)s.") % {
            "number": self.activity.number,
            "other": other.number,
        }

        def remove() -> Any:
            return services.unlink(activity=self.activity, predecessor=other, by=request.user)

        return answer(request, remove, back=self.back, done=done)


class Update(ProjectView, View):
    """Brings every date up to date with what is done and late; shows it first."""

    needs = Perm.EDIT_PLAN
    http_method_names = ["get", "head", "post", "options"]

    def page(self, form: UpdateForm, told: schedule_words.Told | None, status: int = 200) -> HttpResponse:
        context = {
            "project": self.project,
            "perms_here": self.request.perms_here,
            "form": form,
            "told": told,
            "today": project_selectors.today_in(self.project),
        }
        return render(self.request, "projects/schedule/update.html", context, status=status)

    def told(self, move_overdue: bool) -> schedule_words.Told:
        return schedule_words.told(services.what_if(self.project, move_overdue=move_overdue), is_change=False)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        move_overdue = request.GET.get("move_overdue") == "on"
        form = UpdateForm(initial={"move_overdue": move_overdue})
        try:
            told = self.told(move_overdue)
        except RuleBroken as refusal:
            form = UpdateForm({})
            form.is_valid()
            form.add_error(None, refusal.as_text)
            return self.page(form, None)
        form.initial["seen"] = told.token
        return self.page(form, told)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = UpdateForm(request.POST)
        if not form.is_valid():
            return self.page(form, None, 422)
        cleaned = form.cleaned_data

        def save() -> Consequence:
            told = self.told(cleaned["move_overdue"])
            if told.moves and told.token != cleaned["seen"]:
                raise Shown(told)
            return services.reschedule(
                project=self.project, by=request.user, reason=cleaned["reason"], move_overdue=cleaned["move_overdue"]
            )

        try:
            if not form.carry_out(save):
                return self.page(form, None, 422)
        except Shown as first:
            form.data = form.data.copy()
            form.data["seen"] = first.told.token
            return self.page(form, first.told)
        shown(request, _("The plan is up to date."))
        return SeeOther(reverse("projects:schedule", kwargs=self.project.address))
