"""Workload, the curve of effort, and the calendar of closures and absences."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from core.svg import CurvePoint, curve
from core.svg.load import LoadCell, LoadRow, load
from core.templatetags.ui import short_date
from projects import access
from projects.forms.schedule import AbsenceForm, CapacityForm, ClosureForm
from projects.permissions import Perm
from projects.schedule.workload import RULE
from projects.selectors import earned as earned_selectors
from projects.selectors import project as project_selectors
from projects.selectors import workload as selectors
from projects.services import calendar as services

from .base import SeeOther, answer, shown
from .milestone import Page


class Workload(Page):
    """Everybody's weeks; people's hours a week are set here."""

    needs = Perm.VIEW_TEAM
    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.drawn()

    def drawn(self, form: CapacityForm | None = None, status: int = 200) -> HttpResponse:
        today = project_selectors.today_in(self.project)
        rows = selectors.workload(self.project, today)
        busy = [row for row in rows if row.load.hours or row.hours_per_week is not None]
        said = _("%(load)s of %(capacity)s hours")
        picture = ""
        if busy:
            picture = load(
                [
                    LoadRow(
                        row.person.name,
                        [
                            LoadCell(
                                week.load,
                                week.capacity,
                                f"{row.person.name}, {short_date(week.monday)}: "
                                + said % {"load": f"{week.load:.0f}", "capacity": f"{week.capacity:.0f}"},
                            )
                            for week in row.weeks
                        ],
                    )
                    for row in busy
                ],
                [week.monday for week in busy[0].weeks],
                title=_("Hours of work by person and week"),
                desc=_("Weeks with more work than fits are hatched; the table below says the same."),
            )
        if Perm.EDIT_PLAN in self.request.perms_here and form is None:
            form = CapacityForm(people=[row.person for row in rows])
        return self.page(
            "workload.html",
            status,
            rows=busy,
            idle=[row for row in rows if row not in busy],
            over=[row for row in busy if row.load.over],
            mondays=[week.monday for week in rows[0].weeks] if rows else [],
            picture=picture,
            unassigned=selectors.unassigned_hours(self.project),
            form=form,
            rule=RULE,
        )

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if Perm.EDIT_PLAN not in request.perms_here:
            raise PermissionDenied
        form = CapacityForm(request.POST, people=list(access.people_of(self.project).order_by("name", "pk")))
        if form.is_valid() and form.carry_out(
            lambda: services.set_capacity(project=self.project, by=request.user, **form.cleaned_data)
        ):
            shown(request)
            return SeeOther(request.path)
        return self.drawn(form, 422)


class Curve(Page):
    needs = Perm.VIEW_PROJECT
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        today = project_selectors.today_in(self.project)
        found = earned_selectors.earned(self.project, today)
        total = found.standing.total or 1

        def share(value: float | None) -> float | None:
            return None if value is None else round(100 * value / total, 1)

        points = [CurvePoint(p.on, share(p.planned), share(p.earned), share(p.spent)) for p in found.points]
        title = _("Planned value, earned value and booked effort, in percent of all planned person-days")
        pictures = [curve(points, today, id=f"effort-{size}", size=size, title=title) for size in ("broad", "narrow")]
        every = max(len(found.points) // 14, 1)
        table = [
            point
            for at, point in enumerate(found.points)
            if at % every == 0 or point.on == today or at == len(found.points) - 1
        ]
        return self.page("curve.html", found=found, wide=pictures[0], narrow=pictures[1], table=table)


class Calendar(Page):
    """Closures of the organization, and who is away. Everybody may enter their own absences."""

    needs = (Perm.VIEW_PROJECT, Perm.VIEW_OWN_WORK)
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.drawn()

    @cached_property
    def people(self) -> list[Any]:
        """For whom this person may enter absences."""
        perms = self.request.perms_here
        if Perm.EDIT_PLAN in perms:
            return list(access.people_of(self.project).order_by("name", "pk"))
        return [self.request.user] if Perm.WORK_ON_TASKS in perms else []

    @property
    def back(self) -> str:
        return reverse("projects:schedule-calendar", kwargs=self.project.address)

    def drawn(self, status: int = 200, **forms: Any) -> HttpResponse:
        perms, today = self.request.perms_here, project_selectors.today_in(self.project)
        person = None if Perm.EDIT_PLAN in perms else self.request.user
        if self.people:
            forms.setdefault("absence_form", AbsenceForm(people=self.people, initial={"person": self.request.user.pk}))
        if Perm.MANAGE_PROJECT in perms:
            forms.setdefault("closure_form", ClosureForm())
        calendar = self.project.calendar
        return self.page(
            "calendar.html",
            status,
            closures=list(selectors.closures_of(self.project)),
            absences=list(selectors.absences_of(self.project, from_on=today, person=person)),
            sees_all=person is None,
            week=calendar.week,
            **forms,
        )


class ClosureAdd(Calendar):
    needs = Perm.MANAGE_PROJECT
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = ClosureForm(request.POST)
        if form.is_valid() and form.carry_out(
            lambda: services.close(project=self.project, by=request.user, **form.cleaned_data)
        ):
            shown(request, _("Saved. Dates move when the plan is brought up to date."))
            return SeeOther(self.back)
        return self.drawn(422, closure_form=form)


class ClosureRemove(Calendar):
    needs = Perm.MANAGE_PROJECT
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = selectors.closures_of(self.project).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return answer(
            request,
            lambda: services.open_again(project=self.project, closure=found, by=request.user),
            back=self.back,
            done=_("The closure is taken away."),
        )


class AbsenceAdd(Calendar):
    needs = (Perm.EDIT_PLAN, Perm.WORK_ON_TASKS)
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = AbsenceForm(request.POST, people=self.people)
        if form.is_valid() and form.carry_out(
            lambda: services.be_away(project=self.project, by=request.user, **form.cleaned_data)
        ):
            shown(request, _("Saved. Dates move when the plan is brought up to date."))
            return SeeOther(self.back)
        return self.drawn(422, absence_form=form)


class AbsenceRemove(Calendar):
    needs = (Perm.EDIT_PLAN, Perm.WORK_ON_TASKS)
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        everybody = Perm.EDIT_PLAN in request.perms_here
        rows = selectors.absences_of(
            self.project, from_on=self.project.start_on, person=None if everybody else request.user
        )
        found = rows.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return answer(
            request,
            lambda: services.be_back(project=self.project, absence=found, by=request.user),
            back=self.back,
            done=_("The absence is taken away."),
        )
