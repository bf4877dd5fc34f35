"""Baselines: taken, named, compared, approved as the yardstick."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from core.htmx import respond
from projects import workbook
from projects.forms.schedule import BaselineFilter, BaselineForm
from projects.models import Baseline
from projects.permissions import Perm
from projects.selectors import baseline as selectors
from projects.selectors import project as project_selectors
from projects.services import baseline as services

from .base import SeeOther, answer, project_access, shown
from .milestone import MOST_ROWS, PAGE
from .milestone import Page as SchedulePage


class Page(SchedulePage):
    @property
    def back(self) -> str:
        return reverse("projects:baseline-list", kwargs=self.project.address)

    @cached_property
    def baseline(self) -> Baseline:
        found = selectors.of(self.project).filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404(_("This project has no baseline of that number."))
        found.project = self.project
        return found


class BaselineList(Page):
    needs = Perm.VIEW_PROJECT
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = BaselineForm() if Perm.EDIT_PLAN in request.perms_here else None
        return respond(request, "projects/schedule/baselines.html", listed(request, form))


def listed(request: HttpRequest, form: BaselineForm | None) -> dict[str, Any]:
    """The context of the list: what its query string asks for, and the form that takes a baseline."""
    project, narrow = request.project, BaselineFilter(request.GET)
    rows = selectors.in_order(selectors.searched(selectors.of(project), narrow.wanted), narrow.wanted.get("sort", ""))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.project = project
    return {
        "project": project, "perms_here": request.perms_here, "today": project_selectors.today_in(project), "page": page,
        "rows": page.object_list, "filter": narrow, "chosen": narrow.chosen, "query": request.GET.urlencode(), "form": form,
    }  # fmt: skip


COLUMNS = [
    (gettext_lazy("No."), 8), (gettext_lazy("Name"), 40), (gettext_lazy("Why it was taken"), 60),
    (gettext_lazy("Taken (UTC)"), 20), (gettext_lazy("By"), 26), (gettext_lazy("End of the plan"), 14),
    (gettext_lazy("State"), 20), (gettext_lazy("Approved (UTC)"), 20), (gettext_lazy("Approved by"), 26),
]  # fmt: skip


@require_safe
@project_access(Perm.VIEW_PROJECT)
def export(request: HttpRequest) -> HttpResponse:
    """The baselines of the filtered list as a workbook."""
    wanted = BaselineFilter(request.GET).wanted
    rows = selectors.in_order(selectors.searched(selectors.of(request.project), wanted), wanted.get("sort", ""))
    lines = (
        (
            one.number, one.name, one.note, _moment(one.taken_at), str(one.taken_by or ""), one.ends_on,
            _("Yardstick") if one.is_yardstick else _("Approved earlier") if one.approved_at else _("Not approved"),
            _moment(one.approved_at), str(one.approved_by or ""),
        )
        for one in rows[:MOST_ROWS]
    )  # fmt: skip
    return workbook.answer("baselines", _("Baselines"), COLUMNS, lines, request.project)


def _moment(at: dt.datetime | None) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M}" if at else ""


class BaselineTake(Page):
    needs = Perm.EDIT_PLAN
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = BaselineForm(request.POST)
        if form.is_valid() and form.carry_out(
            lambda: services.take(project=self.project, by=request.user, **form.cleaned_data)
        ):
            shown(request, _("Baseline %(number)s is taken.") % {"number": form.result.number})
            return SeeOther(self.back)
        return respond(request, "projects/schedule/baselines.html", listed(request, form), status=422)


class BaselineDetail(Page):
    """A baseline against the plan of today, or against another one: `?with=2`, `?rows=activities`."""

    needs = Perm.VIEW_PROJECT
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        offered = list(selectors.of(self.project).exclude(pk=self.baseline.pk))
        asked = request.GET.get("with", "")
        other = next((row for row in offered if str(row.number) == asked), None)
        with_activities = request.GET.get("rows") == "activities"
        rows = selectors.compare(
            self.baseline, other=other, with_activities=with_activities, calendar=self.project.calendar
        )
        return self.page(
            "baseline.html",
            baseline=self.baseline,
            offered=offered,
            other=other,
            rows=rows,
            with_activities=with_activities,
            form=BaselineForm(initial={"name": self.baseline.name, "note": self.baseline.note}),
        )


class BaselineRename(Page):
    needs = Perm.EDIT_PLAN
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = BaselineForm(request.POST)
        back = self.baseline.get_absolute_url()
        if not form.is_valid():
            return answer(
                request, lambda: services.rename(baseline=self.baseline, by=request.user, name="", note=""), back=back
            )
        return answer(
            request,
            lambda: services.rename(baseline=self.baseline, by=request.user, **form.cleaned_data),
            back=back,
            done=_("Saved."),
        )


class BaselineApprove(Page):
    needs = Perm.MANAGE_PROJECT
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        done = _("Baseline %(number)s is the yardstick now.") % {"number": self.baseline.number}
        return answer(
            request, lambda: services.approve(baseline=self.baseline, by=request.user),
            back=self.baseline.get_absolute_url(), done=done,
        )  # fmt: skip


class BaselineRemove(Page):
    needs = Perm.EDIT_PLAN
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        done = _("Baseline %(number)s is removed.") % {"number": self.baseline.number}
        return answer(
            request, lambda: services.remove(baseline=self.baseline, by=request.user), back=self.back, done=done
        )
