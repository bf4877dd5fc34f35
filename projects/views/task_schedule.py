"""A task in the schedule: when it is done, whether its dates stay, what is left. A change is shown before it is saved."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import View

from core.rules import RuleBroken
from projects.forms.task import TaskDatesForm
from projects.models import Task
from projects.permissions import Perm
from projects.selectors import project as project_selectors
from projects.selectors import schedule as selectors
from projects.services import schedule, task_schedule

from .base import ProjectView
from .dates import DatesForms
from .task import find


class OneTask(ProjectView, View):
    @cached_property
    def task(self) -> Task:
        return find(self.request, self.kwargs["number"])

    def page(self, status: int = 200, **context: Any) -> HttpResponse:
        facts, circle = None, ""
        try:
            with schedule.circle_named():
                facts = selectors.facts_of_task(self.task, selectors.reckoned(self.project))
        except RuleBroken as refusal:
            circle = refusal.as_text
        may_edit = Perm.MANAGE_TASKS in self.request.perms_here and self.task.is_open
        if may_edit:
            context.setdefault("form", TaskDatesForm(task=self.task))
        here = {
            "project": self.project,
            "perms_here": self.request.perms_here,
            "task": self.task,
            "today": project_selectors.today_in(self.project),
            "facts": facts,
            "circle": circle,
            "may_edit": may_edit,
        }
        return render(self.request, "projects/task/schedule.html", here | context, status=status)


class TaskSchedule(OneTask):
    """What the network says about a task, and the form of its dates."""

    needs = Perm.VIEW_PROJECT
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page()


class TaskDates(DatesForms, OneTask):
    needs = Perm.MANAGE_TASKS
    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page()

    @property
    def record(self) -> Task:
        return self.task

    @property
    def back(self) -> str:
        return reverse("projects:task-schedule", kwargs={**self.project.address, "number": self.task.label})

    @property
    def saved(self) -> str:
        return _("The dates of %(task)s are saved.") % {"task": self.task.label}

    def bound(self, request: HttpRequest) -> TaskDatesForm:
        return TaskDatesForm(request.POST, task=self.task)

    def change(self, values: dict[str, Any]) -> schedule.Change:
        return task_schedule.dating(self.task, values)

    def save(self, **values: Any) -> Any:
        return task_schedule.set_dates(task=self.task, by=self.request.user, **values)
