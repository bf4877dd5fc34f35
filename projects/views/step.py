"""The plan as a tree, and the workspace of one step."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core import together
from projects import progress
from projects.addresses import address
from projects.permissions import Perm, Role
from projects.selectors import gate as gates
from projects.selectors import hold as holds
from projects.selectors import project as project_selectors
from projects.selectors import step as selectors

from .base import ProjectView


class StepTree(ProjectView, TemplateView):
    needs = Perm.VIEW_PROJECT
    template_name = "projects/step/list.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = project_selectors.today_in(self.project)
        role = self.request.GET.get("role", "")
        role = role if role in Role.values else ""
        states = dict(selectors.STATUS_CHOICES)
        status = self.request.GET.get("status", "")
        status = status if status in states else ""
        tree = selectors.tree_of(self.project, today, role=role, status=status)
        chosen = []
        if role:
            chosen.append({"name": "role", "value": role, "label": _("Role"), "text": Role(role).label})
        if status:
            chosen.append({"name": "status", "value": status, "label": _("Status"), "text": states[status]})
        everything = not role and not status
        shown = self.request.GET.get("show", "")
        return super().get_context_data(
            today=today,
            outline=tree,
            roles=[(r.value, r.label) for r in Role],
            states=selectors.STATUS_CHOICES,
            role=role,
            status=status,
            chosen=chosen,
            open_all=shown == "all" or not everything,
            open_step=tree.current.step.pk if tree.current and everything and shown != "none" else None,
            found=sum(len(line.activities) for line in tree.steps),
            rule=progress.RULE,
            **kwargs,
        )


class StepWorkspace(ProjectView, TemplateView):
    needs = Perm.VIEW_PROJECT
    template_name = "projects/step/detail.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The panels and the gate ask much alike: see core.together."""
        with together.asking():
            return self.gathered(**kwargs)

    def gathered(self, **kwargs: Any) -> dict[str, Any]:
        perms = self.request.perms_here
        today = project_selectors.today_in(self.project)
        found = selectors.workspace_of(
            self.project,
            self.kwargs["number"],
            today,
            user=self.request.user,
            perms=perms,
            with_journal=Perm.VIEW_JOURNAL in perms,
        )
        if found is None:
            raise Http404(_("This project's plan has no step of that number."))
        step = found.step
        gate = gates.of_step(step, found.criteria)
        return super().get_context_data(
            today=today,
            work=found,
            panels=[
                render_to_string(panel.template, {**context, "panel": panel, "step": step}, self.request)
                for panel, context in found.panels
            ],
            line=found.line,
            step=step,
            gate=gate,
            held=holds.of_step(self.project, step.pk, found.steps),
            gate_url=address("projects:gate", **self.project.address, number=(found.host or step).number),
            may_decide=bool({Perm.CLOSE_GATES, Perm.OVERRIDE_GATES} & perms)
            and step.is_applicable
            and not step.is_merged,
            may_say=Perm.COMPLETE_ACTIVITIES in perms and step.is_applicable,
            approver=Role(step.approval_by).label if step.approval_by in Role.values else step.approval_by,
            rule=progress.RULE,
            **kwargs,
        )
