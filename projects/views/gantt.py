"""The schedule as a picture: the Gantt chart with its table, a page of rows at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import View

from core.htmx import respond
from core.rules import RuleBroken
from core.svg.gantt import Bar, Name, gantt, head, names
from projects.addresses import address
from projects.forms.schedule import GanttForm
from projects.models import Project
from projects.permissions import Perm
from projects.schedule.consequence import stored_certification
from projects.schedule.plan import ACTIVITY, MILESTONE, STEP, TASK, Key, Reckoned
from projects.selectors import baseline as baselines
from projects.selectors import gantt as selectors
from projects.selectors import project as project_selectors
from projects.selectors import schedule as schedules
from projects.services import schedule as services

from .base import ProjectView


class Schedule(ProjectView, View):
    needs = Perm.VIEW_PROJECT
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        project = self.project
        context: dict[str, Any] = {
            "project": project,
            "perms_here": request.perms_here,
            "today": project_selectors.today_in(project),
            "form": self.wanted,
        }
        try:
            with services.circle_named():
                context |= self.drawn(schedules.reckoned(project), context["today"])
        except RuleBroken as refusal:
            context["circle"] = refusal.as_text
        fragment = "" if "circle" in context else "projects/schedule/_rows.html"
        return respond(request, "projects/schedule/gantt.html", context, fragment=fragment)

    @cached_property
    def wanted(self) -> dict[str, Any]:
        form = GanttForm(self.request.GET)
        form.is_valid()
        found = {name: form.cleaned_data.get(name) for name in form.fields}
        return found | {
            "zoom": found["zoom"] or "months",
            "level": found["level"] or "steps",
            "zooms": form.fields["zoom"].choices,
            "levels": form.fields["level"].choices,
            "opened": self.request.GET.getlist("open"),
            "shut": self.request.GET.getlist("shut"),
        }

    def drawn(self, found: Reckoned, today: Any) -> dict[str, Any]:
        wanted, project = self.wanted, self.project
        offered = list(baselines.of(project))
        chosen = next((b for b in offered if b.number == wanted["baseline"]), None)
        if chosen is None and wanted["baseline"] is None:
            chosen = next((b for b in offered if b.is_yardstick), None)
        perms = self.request.perms_here
        rows = selectors.lines(
            project,
            found,
            level=wanted["level"],
            opened=self.request.GET.getlist("open"),
            shut=self.request.GET.getlist("shut"),
            ghosts=selectors.ghosts_of(chosen),
            today=today,
            address=addresses(project, may_edit=Perm.EDIT_PLAN in perms),
            only_critical=bool(wanted["critical"]),
            held=[kind for kind, perm in MOVERS.items() if perm in perms],
        )
        page = Paginator(rows, selectors.ROWS).get_page(self.request.GET.get("page"))
        shown = list(page.object_list)
        frame = selectors.frame_of(rows, found, wanted["zoom"], today)
        bars = [self.bar(line) for line in shown]
        off = selectors.days_off(found, frame)
        part = {"id": f"gantt-{page.number}", "with_head": False}
        return {
            "page": page,
            "pages": self.pages(page),
            "lines": shown,
            "names": names(bars, self.names(shown), **part | {"id": f"gantt-names-{page.number}"}),
            "chart": gantt(bars, frame, today=today, desc=selectors.said(shown), has_ground=False, **part),
            "head": head(frame, today=today, off=off, with_ground=selectors.ROWS),
            "frame": frame,
            "working_days": selectors.working_days(found, frame),
            "today_at": round(frame.x(today)) if frame.first <= today <= frame.last else 0,
            "baselines": offered,
            "baseline": chosen,
            "warnings": selectors.warnings(found),
            "ends_on": found.ends_on,
            "certification_on": found.certification_on,
            "stored_on": stored_certification(found.plan),
        }

    def pages(self, page: Page) -> list[tuple[int, str, int]]:
        """Each page of rows: its number, its address, how many rows. A script fetches those that come into view."""
        query = self.request.GET.copy()
        found = []
        for number in page.paginator.page_range:
            query["page"] = str(number)
            rows = page.paginator.page(number)
            found.append((number, f"?{query.urlencode()}", rows.end_index() - rows.start_index() + 1))
        return found

    def bar(self, line: selectors.Line) -> Bar:
        """The bar of a row leads to where its dates are set; of a step that is where it is moved."""
        if line.key and line.key[0] == STEP and line.bar.key:
            return replace(line.bar, href=f"../steps/{line.bar.number}/schedule/move/")
        return line.bar

    def names(self, lines: list[selectors.Line]) -> list[Name]:
        """Each name leads to the record; beside it stands what shows or hides the parts of the row."""
        return [Name(line.bar.href, line.is_open, "" if line.is_open is None else self.toggle(line)) for line in lines]

    def toggle(self, line: selectors.Line) -> str:
        """The address of the chart with the parts of a row hidden, or shown."""
        number, query = line.bar.number, self.request.GET.copy()
        query.pop("page", None)
        lists = {name: [one for one in query.getlist(name) if one != number] for name in ("open", "shut")}
        by_level = selectors.is_open_at(self.wanted["level"], line.bar.kind)
        if line.is_open and by_level:
            lists["shut"].append(number)
        elif not line.is_open and not by_level:
            lists["open"].append(number)
        for name, numbers in lists.items():
            query.setlist(name, numbers)
        return f"?{query.urlencode()}"


def addresses(project: Project, *, may_edit: bool) -> selectors.Address:
    """Where the bar of a row leads: to the dates of an activity, to a step, a task or a milestone (its row, for readers).

    As seen from the page of the schedule, which makes them short: a page of rows says each of them three times.
    """
    home = reverse("projects:project-home", kwargs=project.address)

    def of(key: Key, name: str) -> str:
        kind, pk = key
        if kind == MILESTONE and not may_edit:
            found = reverse("projects:milestone-list", kwargs=project.address) + f"#milestone-{pk}"
        elif kind == MILESTONE:
            found = reverse("projects:milestone-edit", kwargs={**project.address, "pk": pk})
        else:
            found = address(PAGES[kind], **project.address, number=name)
        return f"../{found.removeprefix(home)}"

    return of


MOVERS = {STEP: Perm.EDIT_PLAN, ACTIVITY: Perm.EDIT_PLAN, TASK: Perm.MANAGE_TASKS, MILESTONE: Perm.EDIT_PLAN}
"""Who may move the bars of a kind."""
PAGES = {STEP: "projects:step-detail", ACTIVITY: "projects:activity-schedule", TASK: "projects:task-detail"}
