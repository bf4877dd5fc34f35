"""How ready the organization is, and what moves it most."""

from __future__ import annotations

from typing import Any

from django.views.generic import TemplateView

from projects import readiness
from projects.permissions import Perm
from projects.selectors import project as project_selectors
from projects.selectors import readiness as selectors

from .base import ProjectView


class ReadinessPage(ProjectView, TemplateView):
    needs = Perm.VIEW_PROJECT
    template_name = "projects/readiness/detail.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = project_selectors.today_in(self.project)
        found = selectors.of_project(self.project, today)
        shown = found.next_five
        return super().get_context_data(
            found=found,
            now=[thing for thing in shown if thing.item.can_begin],
            later=[thing for thing in shown if not thing.item.can_begin],
            rest=found.things[len(shown) :],
            rule=readiness.RULE,
            today=today,
            **kwargs,
        )
