"""A project's home with the wheel, its overview and its settings."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import FormView, TemplateView

from core import nav, svg
from projects import discretion, journal_words, progress
from projects.forms.project import ProjectForm
from projects.models import JournalEntry
from projects.permissions import Perm
from projects.selectors import forecast
from projects.selectors import project as selectors
from projects.selectors.step import outline_of
from projects.services import settings as services

from .base import ProjectView, SeeOther, project_access, shown

# The column beside the wheel is as high as the wheel: overdue tasks and journal, or the overdue tasks alone.
JOURNAL_LINES, OVERDUE_BESIDE_JOURNAL, OVERDUE_ALONE = 3, 3, 6


@require_safe
@project_access((Perm.VIEW_PROJECT, Perm.VIEW_OWN_WORK))
def home(request: HttpRequest) -> HttpResponse:
    """The wheel as the menu, what waits, what comes next. Who only has own tasks here is led to them."""
    if Perm.VIEW_PROJECT not in request.perms_here:
        if not (own := nav.address("portal:my-work")):
            raise PermissionDenied
        return redirect(own)
    project = request.project
    today = selectors.today_in(project)
    outline = outline_of(project, today)
    pressure = selectors.pressure_on(project, today)
    milestones = selectors.milestones_of(outline)
    points = selectors.curve_of(outline, selectors.zone_of(project))
    told, most_overdue = [], OVERDUE_ALONE
    if Perm.VIEW_JOURNAL in request.perms_here:
        most_overdue = OVERDUE_BESIDE_JOURNAL
        entries = JournalEntry.objects.filter(project=project).exclude(action__in=journal_words.CONSEQUENCES)
        entries = discretion.for_reader(entries, project, request.user)
        told = journal_words.tell(entries.order_by("-seq")[:JOURNAL_LINES], project)
    coming = next((m for m in milestones if m.on >= today), None)
    address = reverse("projects:step-list", kwargs=project.address)
    return render(
        request,
        "projects/project/home.html",
        {
            "project": project,
            "today": today,
            "standards": selectors.standards_of(project),
            "outline": outline,
            "wheel": selectors.wheel_of(outline, address),
            "segments": selectors.segments_of(outline),
            "health": selectors.health_of(project.progress_percent, outline.planned),
            "pressure": pressure,
            "overdue": selectors.overdue_tasks(project, today, most_overdue) if pressure.overdue else [],
            "next_tasks": selectors.next_tasks(project, today),
            "coming": coming,
            "coming_words": selectors.days_to(coming.on, today) if coming else "",
            "target_words": selectors.days_to(project.target_on, today) if project.target_on else "",
            "milestones": milestones,
            "curve": svg.curve(points, today, id="curve"),
            "curve_narrow": svg.curve(points, today, id="curve-narrow", size="narrow"),
            "figures": selectors.figures_of(points, today),
            "curve_rule": progress.CURVE_RULE,
            "rule": progress.RULE,
            "told": told,
            "kept": forecast.kept_of(project.forecast),
        },
    )


class Overview(ProjectView, TemplateView):
    """Planned against actual, overdue by age, the next seven days, who has what."""

    needs = Perm.VIEW_PROJECT
    template_name = "projects/project/overview.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        project = self.project
        today = selectors.today_in(project)
        outline = outline_of(project, today)
        loads = selectors.loads_of(project, today)
        ages = selectors.ages_of(project, today)
        late = selectors.overdue_by_step(project, today)
        return super().get_context_data(
            today=today,
            outline=outline,
            table=selectors.planned_table(outline, late),
            health=selectors.health_of(project.progress_percent, outline.planned),
            ages=ages,
            overdue_count=sum(age.count for age in ages),
            age_bars=selectors.age_bars(ages),
            week=selectors.by_day(selectors.tasks_of_week(project, today)),
            week_end=selectors.week_ahead(today),
            people=[load for load in loads if load.is_person],
            roles=[load for load in loads if not load.is_person],
            rule=progress.RULE,
            **kwargs,
        )


class Settings(ProjectView, FormView):
    """Name, dates, size, working week, holidays, manager, standards."""

    needs = Perm.MANAGE_PROJECT
    template_name = "projects/project/settings.html"
    form_class = ProjectForm
    http_method_names = ["get", "head", "post", "options"]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "project": self.project}

    def form_valid(self, form: ProjectForm) -> HttpResponse:
        values = form.cleaned_data

        def save() -> Any:
            return services.change(
                project=self.project,
                by=self.request.user,
                version=values["version"],
                values={name: values[name] for name in services.EDITABLE},
                standards=values["standards"],
            )

        if not form.carry_out(save):
            return self.form_invalid(form)
        shown(self.request, _("The settings are saved."))
        return SeeOther(reverse("projects:project-settings", kwargs=self.project.address))

    def form_invalid(self, form: ProjectForm) -> HttpResponse:
        context = self.get_context_data(form=form, conflict=form.differences())
        form.take_over()
        return self.render_to_response(context, status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["superseded"] = context["form"].superseded()
        context["noted"] = selectors.consulting_noted(self.project)
        return context
