"""Milestones of the plan: the list and the form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django.views.generic import View

from core.htmx import respond
from projects import access, schedule_words, workbook
from projects.forms.schedule import MilestoneFilter, MilestoneForm
from projects.models import PlanMilestone, Project
from projects.permissions import Perm
from projects.schedule.plan import MILESTONE
from projects.selectors import activity as activities
from projects.selectors import milestone as selectors
from projects.selectors import project as project_selectors
from projects.selectors import schedule as schedules
from projects.services import milestone as services

from .base import ProjectView, SeeOther, answer, project_access, shown

PAGE = 50
MOST_ROWS = 5_000


class Page(ProjectView, View):
    needs = Perm.EDIT_PLAN

    def page(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        here = {
            "project": self.project,
            "perms_here": self.request.perms_here,
            "today": project_selectors.today_in(self.project),
        }
        return render(self.request, f"projects/schedule/{template}", here | context, status=status)

    @property
    def back(self) -> str:
        return reverse("projects:milestone-list", kwargs=self.project.address)


class MilestoneList(Page):
    needs = Perm.VIEW_PROJECT
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form, rows = asked(request)
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        dress(self.project, page.object_list)
        context = {
            "project": self.project,
            "perms_here": request.perms_here,
            "today": project_selectors.today_in(self.project),
            "page": page,
            "rows": page.object_list,
            "filter": form,
            "chosen": form.chosen,
            "query": request.GET.urlencode(),
        }
        return respond(request, "projects/schedule/milestones.html", context)


def asked(request: HttpRequest) -> tuple[MilestoneFilter, QuerySet[PlanMilestone]]:
    """The filter of the query string, and the milestones it leaves in their order."""
    project = request.project
    form = MilestoneFilter(request.GET, people=access.people_of(project))
    today = project_selectors.today_in(project)
    rows = selectors.searched(selectors.of(project), form.wanted, today, request.user)
    return form, selectors.in_order(rows, form.wanted.get("sort", ""))


def dress(project: Project, rows: Iterable[PlanMilestone]) -> None:
    """Puts on each what the schedule says of it: `warnings` and `slack` (its float, in working days)."""
    warnings: dict[int, list[str]] = {}
    found = schedules.reckoned_or_none(project) if rows else None
    for key, text in schedule_words.contradictions(found) if found else ():
        if key[0] == MILESTONE:
            warnings.setdefault(key[1], []).append(text)
    for row in rows:
        row.warnings = warnings.get(row.pk, [])
        row.slack = found.float_of((MILESTONE, row.pk)) if found and not row.reached_on else None


COLUMNS = [
    (gettext_lazy("No."), 10), (gettext_lazy("Milestone"), 50), (gettext_lazy("Kind"), 30), (gettext_lazy("Owner"), 26),
    (gettext_lazy("Date"), 12), (gettext_lazy("Agreed"), 10), (gettext_lazy("Follows"), 12),
    (gettext_lazy("Working days after it"), 12), (gettext_lazy("Float"), 8), (gettext_lazy("Reached on"), 12),
    (gettext_lazy("In danger because"), 60),
]  # fmt: skip


@require_safe
@project_access(Perm.VIEW_PROJECT)
def export(request: HttpRequest) -> HttpResponse:
    """The milestones of the filtered list as a workbook."""
    rows = list(asked(request)[1][:MOST_ROWS])
    dress(request.project, rows)
    lines = (
        (
            one.label, one.title, one.get_kind_display(), str(one.owner or ""), one.on, _("yes") if one.is_fixed else "",
            one.activity.number if one.activity else "", one.lag_days or "", one.slack, one.reached_on,
            "; ".join(map(str, one.warnings)),
        )
        for one in rows
    )  # fmt: skip
    return workbook.answer("milestones", _("Milestones"), COLUMNS, lines, request.project)


class MilestoneDetail(Page):
    """Where reminders and calendars lead by the number people say: the milestone's place in the list."""

    needs = Perm.VIEW_PROJECT
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = selectors.of_number(self.project, self.kwargs["number"])
        if found is None:
            raise Http404(_("This project has no such milestone."))
        found.project = self.project
        return HttpResponseRedirect(f"{self.back}?q={found.label}#milestone-{found.pk}")


class MilestoneForms(Page):
    http_method_names = ["get", "head", "post", "options"]
    milestone: PlanMilestone | None = None

    def form(self, *data: Any) -> MilestoneForm:
        choices = schedules.activities_for(self.project)
        return MilestoneForm(*data, project=self.project, choices=choices, milestone=self.milestone)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page("milestone.html", form=self.form(), milestone=self.milestone)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if form.is_valid():
            values = dict(form.cleaned_data)
            version = values.pop("version")
            number = values.pop("activity")
            values["activity"] = activities.of_number(self.project, number) if number else None
            if form.carry_out(lambda: self.save(values, version)):
                shown(request, _("The milestone is saved."))
                return SeeOther(self.back)
        stale = form.conflict
        if stale is not None:
            form.data = form.data.copy()
            form.data["version"] = str(stale.version)
        return self.page("milestone.html", 422, form=form, milestone=self.milestone, stale=stale)

    def save(self, values: dict[str, Any], version: int | None) -> Any:
        raise NotImplementedError


class MilestoneAdd(MilestoneForms):
    def save(self, values: dict[str, Any], version: int | None) -> Any:
        return services.add(project=self.project, by=self.request.user, **values)


class MilestoneEdit(MilestoneForms):
    @cached_property
    def milestone(self) -> PlanMilestone:
        found = selectors.of(self.project).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404(_("This project has no such milestone."))
        found.project = self.project
        return found

    def save(self, values: dict[str, Any], version: int | None) -> Any:
        return services.edit(milestone=self.milestone, by=self.request.user, version=version or 0, values=values)


class MilestoneRemove(MilestoneEdit):
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        done = _("“%(title)s” is taken out of the plan.") % {"title": self.milestone.title}
        return answer(
            request, lambda: services.remove(milestone=self.milestone, by=request.user), back=self.back, done=done
        )
