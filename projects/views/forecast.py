"""When the work will be done: the distribution, its drivers, and what slipped since last week."""

from __future__ import annotations

from typing import Any

from django.views.generic import TemplateView

from projects import forecast as package
from projects.layout import Cycle
from projects.permissions import Perm
from projects.selectors import forecast as selectors
from projects.selectors import project as project_selectors

from .base import ProjectView


class ForecastPage(ProjectView, TemplateView):
    needs = Perm.VIEW_PROJECT
    template_name = "projects/forecast/detail.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = project_selectors.today_in(self.project)
        circle, found, since = "", None, None
        try:
            found = selectors.of_project(self.project, today)
        except Cycle as error:
            circle = str(error)
        if found is not None:
            since = selectors.since_last_week(found)
        return super().get_context_data(
            today=today,
            found=found,
            circle=circle,
            since=since,
            wide=selectors.picture(found) if found else "",
            narrow=selectors.picture(found, "narrow") if found else "",
            days=selectors.table_of(found) if found else [],
            assumptions=package.ASSUMPTIONS,
            is_done=found is None and not circle and bool(self.project.activity_count),
            **kwargs,
        )
