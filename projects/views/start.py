"""Starting a project: one page, with the plan it would give beside it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import View

from core.access_check import SignedInMixin
from core.dates import EVERY_WEEK, WorkingCalendar
from core.htmx import respond, wants_fragment
from pdca.models import Standard
from pdca.selectors import catalogue as catalogues
from projects import kits
from projects.flow import NotPermitted
from projects.forms.start import StartForm
from projects.selectors import kit as kit_selectors
from projects.services import calendar as calendars
from projects.services import opening, start
from projects.views.base import SeeOther


@dataclass(frozen=True)
class PlanLine:
    """One step of the plan to be, with its bar in the picture (0 to 1000 from the first to the last day)."""

    step: Any
    starts_on: dt.date
    ends_on: dt.date
    x: int
    width: int
    y: int


@dataclass(frozen=True)
class PlanShown:
    phases: list[tuple[Any, list[PlanLine]]]
    starts_on: dt.date
    ends_on: dt.date
    target_on: dt.date | None
    target_x: int | None
    height: int
    verdict: str
    verdict_kind: str
    warnings: list[str]
    brings: list[str]
    """What the chosen kit carries of the registers, in words."""

    @property
    def lines(self) -> list[tuple[Any, PlanLine]]:
        return [(phase, line) for phase, lines in self.phases for line in lines]

    @property
    def step_count(self) -> int:
        return len(self.lines)

    @property
    def months(self) -> int:
        return max(1, round((self.ends_on - self.starts_on).days / 30.44))


ROW = 9


def shown(form: StartForm) -> PlanShown | None:
    """The plan that the form would give, or None while the dates do not allow one; writes nothing."""
    data = form.cleaned_data
    if not data.get("start_on") or "working_days" in form.errors or "headcount" in form.errors:
        return None
    target_on = data.get("target_on") if "target_on" not in form.errors else None
    client = form.organizations.get(data.get("client", ""))
    closed = calendars.closed_days(client) if client is not None and not client.is_firm else []
    calendar = WorkingCalendar(
        form.working_week if "1" in form.working_week else EVERY_WEEK,
        data.get("country", ""),
        data.get("region", ""),
        map(dt.date.fromisoformat, closed),
    )
    kit = form.chosen_kit if form.is_bound else None
    proposal = start.propose(
        form.plan,
        start_on=data["start_on"],
        target_on=target_on,
        headcount=data.get("headcount") or form.initial["headcount"],
        calendar=calendar,
        kit=kit,
    )
    first = min(span.starts_on for span in proposal.spans.values())
    last = max(proposal.ends_on, target_on or proposal.ends_on)
    scale = 1000 / max(1, (last - first).days + 1)
    phases, row = [], 0
    for phase in form.plan.phases:
        lines = []
        for step in phase.steps.all():
            if step.pk not in proposal.spans:  # the kit leaves it out
                continue
            span = proposal.spans[step.pk]
            x, end = round((span.starts_on - first).days * scale), round(((span.ends_on - first).days + 1) * scale)
            lines.append(PlanLine(step, span.starts_on, span.ends_on, x, max(6, end - x), row * ROW))
            row += 1
        phases.append((phase, lines))
    verdict, kind = judged(proposal.days_to_target)
    return PlanShown(
        phases=phases,
        starts_on=first,
        ends_on=proposal.ends_on,
        target_on=target_on,
        target_x=None if target_on is None else min(998, round(((target_on - first).days + 1) * scale)),
        height=row * ROW,
        verdict=verdict,
        verdict_kind=kind,
        warnings=cautions(form.chosen_standards, target_on),
        brings=[f"{part.label}: {words}" for part, words in kits.said(kit.content.get("registers", {}))] if kit else [],
    )


def judged(days: int | None) -> tuple[str, str]:
    """Words and kind for the working days between the end of the plan and the audit."""
    if days is None:
        return "", ""
    if days < 0:
        late = ngettext(
            "The plan ends %(days)s working day after the audit you aim for.",
            "The plan ends %(days)s working days after the audit you aim for.",
            -days,
        ) % {"days": -days}
        return late + " " + _("You can start all the same and shorten steps later, or choose a later audit."), "warning"
    if days == 0:
        return _("The plan ends on the day of the audit: there is nothing in reserve."), "warning"
    return ngettext(
        "%(days)s working day in reserve before the audit.", "%(days)s working days in reserve before the audit.", days
    ) % {"days": days}, "success"


def cautions(standards: list[Standard], target_on: dt.date | None) -> list[str]:
    """What should be known about the editions chosen; nothing of it forbids them."""
    said = []
    chosen = {standard.slug for standard in standards}
    for standard in standards:
        if not standard.is_superseded:
            continue
        newer = getattr(standard, "successor", None)
        words = {"old": standard.code, "new": newer.code if newer else "", "end": standard.transition_text}
        if newer and newer.slug in chosen:
            said.append(_("%(old)s and %(new)s are two editions of one standard: choose one.") % words)
        elif standard.transition_ends_on and target_on and target_on > standard.transition_ends_on:
            said.append(
                _("Certificates to %(old)s end on %(end)s, before the audit you aim for. Choose %(new)s.") % words
            )
        elif newer:
            said.append(
                _("%(old)s is superseded: its transition ends %(end)s. %(new)s is what applies now.") % words
                if words["end"]
                else _("%(old)s is superseded. %(new)s is what applies now.") % words
            )
    return said


class Start(SignedInMixin, View):
    signed_in = "who may start a project somewhere is asked of the grants; others are refused"
    http_method_names = ["get", "head", "options", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and not opening.may_start_somewhere(request.user):
            raise PermissionDenied(_("Projects are started by consultants and client admins. Ask one of them."))
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotPermitted as refusal:
            raise PermissionDenied(refusal.as_text) from refusal

    def form(self, data: Any = None) -> StartForm | None:
        method = self.edition(data) or catalogues.current()
        if method is None:
            return None
        return StartForm(
            data, user=self.request.user, plan=catalogues.plan_of(method), asked_for=self.request.GET.get("org", "")
        )

    def edition(self, data: Any) -> Any:
        """The edition that a chosen kit was made from: its plan is shown and laid out."""
        asked = str((data or {}).get("kit") or "")
        found = {str(one.pk): one for one in kit_selectors.on_offer(self.request.user)} if asked else {}
        return found[asked].catalogue if asked in found else None

    def page(self, form: StartForm | None, plan: PlanShown | None, status: int = 200) -> HttpResponse:
        context = {"form": form, "plan": plan, "page_class": "start-page"}
        if form is not None and wants_fragment(self.request):
            context["new_regions"] = form.is_bound and form.data.get("region_of", "") != form.chosen_country
        return respond(
            self.request, "projects/start/form.html", context, fragment="projects/start/_preview.html", status=status
        )

    def get(self, request: HttpRequest) -> HttpResponse:
        form = self.form()
        if form is None:
            return self.page(None, None)
        # What the untouched form would give: its defaults read as if they had been typed.
        trial = self.form({**form.initial, "client_name": "-", "standards": []})
        trial.is_valid()
        return self.page(form, shown(trial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST)
        if form is None:
            return SeeOther(request.get_full_path())
        is_valid = form.is_valid()
        if wants_fragment(request) or "preview" in request.POST:
            form.forgive_missing()
            return self.page(form, shown(form))
        if is_valid and form.carry_out(lambda: self.open_project(form)):
            project, is_new = form.result
            if is_new:
                self.welcome(project, form)
            return SeeOther(project.get_absolute_url())
        return self.page(form, shown(form), status=422)

    def open_project(self, form: StartForm) -> tuple[Any, bool]:
        return opening.open_project(
            client=form.chosen_client,
            by=self.request.user,
            manager=form.chosen_manager,
            catalogue=form.plan.catalogue,
            **form.details,
        )

    def welcome(self, project: Any, form: StartForm) -> None:
        """What to do next, on the new project's home."""
        said = _("%(project)s is running: %(steps)s steps, %(activities)s activities, %(tasks)s tasks with dates.") % {
            "project": project.name,
            "steps": len(form.plan.steps),
            "activities": project.activity_count,
            "tasks": project.task_count,
        }
        if form.chosen_manager:
            said += " " + _("The project manager has been invited by e-mail.")
        messages.success(
            self.request,
            format_html(
                '{} <a href="{}">{}</a>',
                said,
                reverse("projects:team", kwargs=project.address),
                _("Next: invite the people who will work on it."),
            ),
        )
