"""New days for a bar of the chart: what they mean first, then saved, or refused with the reason."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View

from core.htmx import respond, wants_fragment
from core.rules import RuleBroken
from projects import schedule_words
from projects.forms.schedule import DragForm, RedateForm, StepMoveForm
from projects.models import PlanMilestone, Task
from projects.permissions import Perm
from projects.schedule.plan import Span
from projects.selectors import milestone as milestones
from projects.selectors import project as project_selectors
from projects.services import milestone as milestone_services
from projects.services import schedule as services
from projects.services import step_schedule, task_schedule

from .activity import OneActivity
from .base import ProjectView, SeeOther, shown
from .gate import OneStep
from .seen import Shown, see_first
from .task import find


class Redate(ProjectView, View):
    """The chart shows the answer in a dialog, and is told by 204 that it was saved; without a script it is a page."""

    http_method_names = ["get", "head", "post", "options"]

    record: Any
    """What is dated: it has a version."""
    title: str
    address: str
    form_page: str
    was: Span
    saved: str
    changed_meanwhile: str
    note: Any = gettext_lazy("These dates are then set by hand: they stay when the plan moves.")

    def permit(self) -> None:
        """Raises RuleBroken where the bar has to stay."""
        raise NotImplementedError

    def change(self, span: Span) -> services.Change:
        """The change as the schedule tries it out."""
        raise NotImplementedError

    def save(self, span: Span, version: int, reason: str) -> Any:
        raise NotImplementedError

    @property
    def chart(self) -> str:
        return reverse("projects:schedule", kwargs=self.project.address)

    def answer(self, status: int = 200, **context: Any) -> HttpResponse:
        here = {
            "project": self.project,
            "perms_here": self.request.perms_here,
            "title": self.title,
            "subtitle": f"{self.name} {self.record.title}",
            "address": self.address,
            "form_page": self.form_page,
            "back": self.chart,
            "today": project_selectors.today_in(self.project),
            "was": self.was,
        }
        page, fragment = "projects/schedule/redate.html", "projects/schedule/_redate.html"
        return respond(self.request, page, here | context, fragment=fragment, status=status)

    def proposal(self, span: Span, form: RedateForm, told: schedule_words.Told, **more: Any) -> HttpResponse:
        days = max(self.project.calendar.between(*span), 1)
        return self.answer(now=span, days=days, form=form, told=told, note=self.note, **more)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.propose(request.GET)

    def propose(self, data: QueryDict) -> HttpResponse:
        """What the days mean that a bar was dropped at."""
        dragged = DragForm(data)
        if not dragged.is_valid():
            return self.answer(422, refusal=self.unreadable)
        if not dragged.is_of(self.was):
            return self.answer(409, refusal=self.changed_meanwhile)
        span = dragged.span
        try:
            self.permit()
            told = schedule_words.told(services.what_if(self.project, self.change(span)))
        except RuleBroken as refusal:
            return self.answer(422, refusal=refusal.as_text)
        first = span._asdict() | {"version": self.record.version, "seen": told.token}
        return self.proposal(span, RedateForm(initial=first), told)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = RedateForm(request.POST)
        if not form.is_valid():
            return self.answer(422, refusal=self.unreadable)
        cleaned = form.cleaned_data
        span = Span(cleaned["starts_on"], cleaned["ends_on"])

        def save() -> Any:
            self.permit()
            if cleaned["version"] == self.record.version:
                change = self.change(span)
                see_first(cleaned["seen"], lambda: services.what_if(self.project, change))
            return self.save(span, cleaned["version"], cleaned["reason"])

        try:
            saved = form.carry_out(save)
        except Shown as first:
            form.data = form.data.copy()
            form.data["seen"] = first.told.token
            return self.proposal(span, form, first.told, is_news=True)
        if not saved:
            if form.conflict is not None:
                return self.answer(409, refusal=self.changed_meanwhile)
            said = [str(text) for errors in form.errors.values() for text in errors]
            return self.answer(422, refusal=" ".join(said))
        shown(request, self.saved)
        return HttpResponse(status=204) if wants_fragment(request) else SeeOther(self.chart)

    @property
    def unreadable(self) -> str:
        return _("These days cannot be read. Choose them in the form.")


class ActivityRedate(OneActivity, Redate):
    needs = Perm.EDIT_PLAN

    @property
    def record(self) -> Any:
        return self.activity

    @property
    def name(self) -> str:
        return self.activity.number

    @property
    def title(self) -> str:
        return _("New dates of activity %(number)s") % {"number": self.name}

    @property
    def address(self) -> str:
        return self.address_of("activity-redate")

    @property
    def form_page(self) -> str:
        return self.address_of("activity-schedule")

    @property
    def was(self) -> Span:
        return Span(self.activity.starts_on, self.activity.ends_on)

    def permit(self) -> None:
        services.permit_move(self.activity)

    def values(self, span: Span) -> dict[str, Any]:
        return {"starts_on": span.starts_on, "ends_on": span.ends_on, "dates_are_manual": True}

    def change(self, span: Span) -> services.Change:
        return services.dating(self.activity, self.values(span))

    def save(self, span: Span, version: int, reason: str) -> Any:
        by, values = self.request.user, self.values(span)
        return services.set_dates(activity=self.activity, by=by, version=version, values=values, reason=reason)

    @property
    def saved(self) -> str:
        return _("The dates of activity %(number)s are saved.") % {"number": self.name}

    @property
    def changed_meanwhile(self) -> str:
        return _(
            "Activity %(number)s was changed by somebody else meanwhile. Look where it lies now, and move it again."
        ) % {"number": self.name}


class TaskRedate(Redate):
    needs = Perm.MANAGE_TASKS

    @cached_property
    def record(self) -> Task:
        return find(self.request, self.kwargs["number"])

    @property
    def name(self) -> str:
        return self.record.label

    @property
    def title(self) -> str:
        return _("New dates of %(task)s") % {"task": self.name}

    def of_task(self, name: str) -> str:
        return reverse(f"projects:{name}", kwargs={**self.project.address, "number": self.name})

    @property
    def address(self) -> str:
        return self.of_task("task-redate")

    @property
    def form_page(self) -> str:
        return self.of_task("task-schedule")

    @property
    def was(self) -> Span:
        return Span(self.record.starts_on or self.record.due_on, self.record.due_on)

    def permit(self) -> None:
        task_schedule.permit_move(self.record)

    def values(self, span: Span) -> dict[str, Any]:
        is_one_day = self.record.starts_on is None and span.starts_on == span.ends_on
        starts_on = None if is_one_day else span.starts_on
        return {"starts_on": starts_on, "due_on": span.ends_on, "dates_are_manual": True}

    def change(self, span: Span) -> services.Change:
        return task_schedule.dating(self.record, self.values(span))

    def save(self, span: Span, version: int, reason: str) -> Any:
        by, values = self.request.user, self.values(span)
        return task_schedule.set_dates(task=self.record, by=by, version=version, values=values, reason=reason)

    @property
    def saved(self) -> str:
        return _("The dates of %(task)s are saved.") % {"task": self.name}

    @property
    def changed_meanwhile(self) -> str:
        return _("%(task)s was changed by somebody else meanwhile. Look where it lies now, and move it again.") % {
            "task": self.name
        }


class StepRedate(OneStep, Redate):
    """A step is moved as a whole: where it is dropped says by how many working days. Without days it asks for them."""

    needs = Perm.EDIT_PLAN

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "starts_on" not in request.GET:
            return self.answer(choose=StepMoveForm(initial={"starts_on": self.was.starts_on}))
        data = request.GET.copy()
        data.setdefault("ends_on", data["starts_on"])  # its length is that of its activities
        return self.propose(data)

    @property
    def record(self) -> Any:
        return self.step

    @property
    def name(self) -> str:
        return self.step.number

    @property
    def title(self) -> str:
        return _("New dates of step %(number)s") % {"number": self.name}

    @property
    def address(self) -> str:
        return self.address_of("step-redate")

    @property
    def form_page(self) -> str:
        return self.address_of("step-detail")

    @property
    def was(self) -> Span:
        return Span(self.step.starts_on, self.step.ends_on)

    def permit(self) -> None:
        step_schedule.permit_move(self.step)

    def days(self, span: Span) -> int:
        return step_schedule.days_to(self.step, span.starts_on)

    def change(self, span: Span) -> services.Change:
        return step_schedule.moving(self.step, self.days(span))

    def proposal(self, span: Span, form: RedateForm, told: schedule_words.Told, **more: Any) -> HttpResponse:
        return super().proposal(step_schedule.span_after(self.step, self.days(span)), form, told, **more)

    @property
    def note(self) -> str:
        n = len(step_schedule.open_activities(self.step))
        said = ngettext(
            "%(n)s open activity moves and is then set by hand; what is done stays, what has begun ends at another time.",
            "%(n)s open activities move and are then set by hand; what is done stays, what has begun ends at another time.",
            n,
        )
        return said % {"n": n}

    def save(self, span: Span, version: int, reason: str) -> Any:
        return step_schedule.move(
            step=self.step, by=self.request.user, version=version, days=self.days(span), reason=reason
        )

    @property
    def saved(self) -> str:
        return _("The dates of step %(number)s are saved.") % {"number": self.name}

    @property
    def changed_meanwhile(self) -> str:
        return _(
            "Step %(number)s was changed by somebody else meanwhile. Look where it lies now, and move it again."
        ) % {"number": self.name}


class MilestoneRedate(Redate):
    """The mark of a milestone is moved: its date is then agreed and stays."""

    needs = Perm.EDIT_PLAN
    note = gettext_lazy("The date is then agreed: it stays when the plan moves.")

    @cached_property
    def record(self) -> PlanMilestone:
        found = milestones.of_number(self.project, self.kwargs["number"])
        if found is None:
            raise Http404(_("This project has no such milestone."))
        found.project = self.project
        return found

    @property
    def name(self) -> str:
        return self.record.label

    @property
    def title(self) -> str:
        return _("New date of milestone %(number)s") % {"number": self.name}

    @property
    def address(self) -> str:
        return reverse("projects:milestone-redate", kwargs={**self.project.address, "number": self.name})

    @property
    def form_page(self) -> str:
        return reverse("projects:milestone-edit", kwargs={**self.project.address, "pk": self.record.pk})

    @property
    def was(self) -> Span:
        return Span(self.record.on, self.record.on)

    def permit(self) -> None:
        milestone_services.permit_move(self.record)

    def change(self, span: Span) -> services.Change:
        return milestone_services.dating(self.record, span.ends_on)

    def proposal(self, span: Span, form: RedateForm, told: schedule_words.Told, **more: Any) -> HttpResponse:
        return self.answer(now=span, days=None, form=form, told=told, note=self.note, **more)

    def save(self, span: Span, version: int, reason: str) -> Any:
        values = {"on": span.ends_on, "is_fixed": True}
        return milestone_services.edit(
            milestone=self.record, by=self.request.user, version=version, values=values, reason=reason
        )

    @property
    def saved(self) -> str:
        return _("The date of milestone %(number)s is saved.") % {"number": self.name}

    @property
    def changed_meanwhile(self) -> str:
        return _(
            "Milestone %(number)s was changed by somebody else meanwhile. Look where it lies now, and move it again."
        ) % {"number": self.name}
