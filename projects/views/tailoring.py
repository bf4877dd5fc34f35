"""Tailoring the plan: the board, one decision at a time with what it means, the list of decisions, undo."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import xlsxwriter
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django.views.generic import FormView, TemplateView

from core import once
from core.htmx import respond, wants_fragment
from core.rules import RuleBroken
from projects.forms import tailoring as forms
from projects.models import PlanActivity, PlanStep, TailoringDecision, TailoringKind
from projects.models.plan import ActivityStatus
from projects.permissions import Perm
from projects.selectors import project as project_selectors
from projects.selectors import tailoring as selectors
from projects.selectors.plan_state import PlanState, state_of
from projects.selectors.published import published
from projects.services import own_step, rounds, tailor, untailor

from .base import ProjectView, SeeOther, project_access, shown
from .journal import PLAIN

PAGE = 50
MOST_ROWS = 5_000


@dataclass(frozen=True)
class What:
    """One thing that can be decided about an item: its kind, form, words and icon."""

    name: str
    kind: TailoringKind
    form: type[forms.DecisionForm]
    label: Any
    icon: str


def _what(*found: What) -> dict[str, What]:
    return {one.name: one for one in found}


EXCLUDE = What("exclude", TailoringKind.EXCLUDE, forms.ExcludeForm, gettext_lazy("Exclude"), "ban")
INCLUDE = What("include", TailoringKind.INCLUDE, forms.IncludeForm, gettext_lazy("Include again"), "plus")
REVERT = What("revert", TailoringKind.REVERT, forms.RevertForm, gettext_lazy("Back to the method"), "arrow-back-up")
OF_STEP = _what(
    What("change", TailoringKind.CHANGE, forms.ChangeStepForm, gettext_lazy("Rename or resize"), "pencil"),
    What("place", TailoringKind.PLACE, forms.PlaceStepForm, gettext_lazy("Put elsewhere"), "arrows-sort"),
    What("waits", TailoringKind.CHANGE, forms.WaitsForm, gettext_lazy("Change what it waits for"), "link"),
    What("merge", TailoringKind.MERGE, forms.MergeForm, gettext_lazy("Merge into another"), "git-merge"),
    What("split", TailoringKind.SPLIT, forms.SplitForm, gettext_lazy("Split again"), "git-branch"),
    EXCLUDE,
    INCLUDE,
    REVERT,
)
OF_ACTIVITY = _what(
    What(
        "change", TailoringKind.CHANGE, forms.ChangeActivityForm, gettext_lazy("Change role, effort, words"), "pencil"
    ),
    What("place", TailoringKind.PLACE, forms.PlaceActivityForm, gettext_lazy("Put elsewhere"), "arrows-sort"),
    EXCLUDE,
    INCLUDE,
    REVERT,
)


def possible(item: PlanStep | PlanActivity, state: PlanState) -> list[What]:
    """What may be decided about an item as it stands."""
    offered = OF_ACTIVITY if isinstance(item, PlanActivity) else OF_STEP
    is_step = isinstance(item, PlanStep)
    carries = is_step and any(one.merged_into_id == item.pk for one in state.steps)
    is_merged = is_step and item.is_merged
    away = {
        "exclude": not item.is_applicable or is_merged or carries or getattr(item, "status", "") == ActivityStatus.DONE,
        "include": item.is_applicable,
        "merge": not item.is_applicable or is_merged or carries,
        "split": not is_merged,
        "place": not item.is_applicable,
        "waits": not item.is_applicable,
        "change": not item.is_applicable,
        "revert": item.source_id is None,
    }
    return [one for name, one in offered.items() if not away.get(name)]


class Board(ProjectView, TemplateView):
    """The plan as it can be tailored: in its order, with what was decided about each step."""

    needs = Perm.VIEW_PROJECT
    template_name = "projects/tailoring/board.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = selectors.board_of(self.project)
        may_edit = Perm.EDIT_PLAN in self.request.perms_here
        for line in found.lines:
            line.what = possible(line.step, found.state) if may_edit else []
        return super().get_context_data(
            board=found,
            may_edit=may_edit,
            last=found.last if may_edit else None,
            today=project_selectors.today_in(self.project),
            **kwargs,
        )


# --- one item ---------------------------------------------------------------------------------------------------------


class OneItem(ProjectView):
    """Finds the step or activity of the address, with the plan around it."""

    needs = Perm.EDIT_PLAN
    is_step = True
    offered = OF_STEP

    @cached_property
    def state(self) -> PlanState:
        return state_of(self.project)

    @cached_property
    def item(self) -> PlanStep | PlanActivity:
        number = self.kwargs["number"]
        rows = self.state.steps if self.is_step else self.state.activities
        found = next((one for one in rows if one.number == number), None)
        if found is None:
            raise Http404(_("This project's plan has nothing of that number."))
        return found

    @property
    def step(self) -> PlanStep:
        return self.item if self.is_step else self.state.by_pk[self.item.step_id]

    def address_of(self, name: str, **more: str) -> str:
        return reverse(f"projects:{name}", kwargs={**self.project.address, **more})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            item=self.item,
            step=self.step,
            is_step=self.is_step,
            tone=(self.step.phase.number - 1) % 4 + 1,
            back=self.address_of("tailor-step" if self.is_step else "tailor-activity", number=self.item.number),
            **kwargs,
        )


class OneStep(OneItem, TemplateView):
    """A step or an activity: how it differs from the method, what was decided, what can be."""

    template_name = "projects/tailoring/item.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        name = "tailor-step-do" if self.is_step else "tailor-activity-do"
        links = [
            (one, self.address_of(name, number=self.item.number, what=one.name))
            for one in possible(self.item, self.state)
        ]
        return super().get_context_data(
            links=links,
            differences=selectors.differences_of(
                self.state, self.item, published(self.state, self.item, selectors.touched(self.project))
            ),
            activities=self.state.activities_of(self.item) if self.is_step else [],
            decisions=selectors.about(self.item),
            today=project_selectors.today_in(self.project),
            **kwargs,
        )


class OneActivityTailored(OneStep):
    is_step = False
    offered = OF_ACTIVITY


class DecideStep(OneItem, FormView):
    """One decision: its form, what it means as far as it is filled in, and the decision itself."""

    template_name = "projects/tailoring/decide.html"
    refusal = ""
    """Why the decision cannot be taken as things stand, before anybody tries."""
    http_method_names = ["get", "head", "post", "options"]

    @cached_property
    def what(self) -> What:
        found = self.offered.get(self.kwargs["what"])
        if found is None:
            raise Http404(_("There is no such decision."))
        return found

    def get_form_class(self) -> type[forms.DecisionForm]:
        return self.what.form

    def get_form_kwargs(self) -> dict[str, Any]:
        asked = {name: self.request.GET.get(name, "") for name in ("merged_into", "place", "is_awaited")}
        return {**super().get_form_kwargs(), "state": self.state, "item": self.item, "initial": asked}

    @cached_property
    def published(self) -> dict[str, Any]:
        return published(self.state, self.item, selectors.touched(self.project))

    def values_of(self, form: forms.DecisionForm) -> dict[str, Any]:
        if self.what is REVERT:
            return self.published
        if form.is_bound:
            form.is_valid()
            return form.values(form.cleaned_data)
        return form.values(form.initial)

    def meaning_of(self, form: forms.DecisionForm) -> tailor.Meaning | None:
        """What the form would bring about; None while it says nothing that could be."""
        values = tailor.meant(self.state, self.item, self.values_of(form))
        try:
            tailor.check(self.state, self.item, values)
            found = tailor.meaning_of(self.state, self.item, values) if values else None
        except RuleBroken as refused:
            self.refusal = refused.as_text
            return None
        return found if found and any(found.before.get(name) != value for name, value in values.items()) else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form") or self.get_form()
        meaning = self.meaning_of(form)
        context = super().get_context_data(**{**kwargs, "form": form})
        context |= {
            "what": self.what,
            # Where nothing can be chosen, what is refused now stays refused whatever is typed.
            "is_possible": self.what in possible(self.item, self.state)
            and not (self.refusal and not form.order and not form.is_bound),
            "meaning": meaning,
            "refusal": self.refusal if not form.errors else "",
            "asks_skipped": bool(meaning and meaning.skipped) or bool(form.errors.get("skipped_because")),
            "own_fields": [form[name] for name in form.order],
            "differences": selectors.differences_of(self.state, self.item, self.published)
            if self.what is REVERT
            else [],
            "today": project_selectors.today_in(self.project),
        }
        return context

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        return respond(
            self.request, self.template_name, context, fragment="projects/tailoring/_means.html",
            status=kwargs.get("status", 200),
        )  # fmt: skip

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if wants_fragment(request) or "preview" in request.POST:
            form = self.get_form()
            context = self.get_context_data(form=form)
            for name in ("justification", "skipped_because"):
                form.errors.pop(name, None)
            return self.render_to_response(context)
        return super().post(request, *args, **kwargs)

    def decide(self, form: forms.DecisionForm) -> TailoringDecision:
        said = {
            "justification": form.cleaned_data["justification"],
            "skipped_because": form.cleaned_data["skipped_because"],
        }
        if self.what is REVERT:
            return untailor.revert(item=self.item, by=self.request.user, **said)
        return tailor.decide(
            project=self.project, by=self.request.user, kind=self.what.kind, item=self.item,
            values=form.values(form.cleaned_data), version=form.cleaned_data.get("version"), **said,
        )  # fmt: skip

    def form_valid(self, form: forms.DecisionForm) -> HttpResponse:
        if not form.carry_out(lambda: self.decide(form)):
            return self.form_invalid(form)
        shown(self.request, _("Decided: %(decision)s.") % {"decision": form.result})
        return SeeOther(self.address_of("tailoring") + f"#step-{self.step.number}")

    def form_invalid(self, form: forms.DecisionForm) -> HttpResponse:
        context = self.get_context_data(form=form)
        if form.conflict is not None:
            context |= {"conflict": form.differences(), "stale": form.conflict}
            form.take_over()
        return self.render_to_response(context, status=422)


class DecideActivity(DecideStep):
    is_step = False
    offered = OF_ACTIVITY


# --- adding, rounds, undo ---------------------------------------------------------------------------------------------


class AddStep(ProjectView, FormView):
    needs = Perm.EDIT_PLAN
    form_class = forms.AddStepForm
    template_name = "projects/tailoring/add_step.html"
    http_method_names = ["get", "head", "post", "options"]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "state": state_of(self.project)}

    def form_valid(self, form: forms.AddStepForm) -> HttpResponse:
        def address(made: TailoringDecision) -> str:
            shown(self.request, _("Step %(step)s is added. Add its activities next.") % {"step": made.step})
            return reverse("projects:activity-add", kwargs={**self.project.address, "number": made.step.number})

        def add() -> str:
            return once.carry_out(
                form.cleaned_data["once"],
                person=self.request.user,
                change=lambda: own_step.add(project=self.project, by=self.request.user, **form.details),
                address=address,
            )

        return SeeOther(form.result) if form.carry_out(add) else self.form_invalid(form)

    def form_invalid(self, form: forms.AddStepForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class StartRound(OneItem, FormView):
    form_class = forms.RoundForm
    template_name = "projects/tailoring/round.html"
    http_method_names = ["get", "head", "post", "options"]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "state": self.state, "step": self.item}

    def make(self, form: Any) -> Any:
        return rounds.start(step=self.item, by=self.request.user, **form.details)

    def done(self, made: Any) -> str:
        return _("Round %(n)s of step %(number)s is open.") % {"n": made.after["round"], "number": self.item.number}

    def form_valid(self, form: Any) -> HttpResponse:
        if not form.carry_out(lambda: self.make(form)):
            return self.form_invalid(form)
        shown(self.request, self.done(form.result))
        return SeeOther(self.address_of("step-detail", number=self.item.number) + "#rounds")

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class Undo(ProjectView, FormView):
    """Takes the latest decision back, after showing which one that is."""

    needs = Perm.EDIT_PLAN
    form_class = forms.UndoForm
    template_name = "projects/tailoring/undo.html"
    http_method_names = ["get", "head", "post", "options"]

    @cached_property
    def last(self) -> TailoringDecision | None:
        return selectors.last_standing(self.project)

    def get_initial(self) -> dict[str, Any]:
        return {"number": self.last.number if self.last else 0}

    def form_valid(self, form: forms.UndoForm) -> HttpResponse:
        data, by = form.cleaned_data, self.request.user

        def undo() -> TailoringDecision:
            return untailor.undo_last(project=self.project, by=by, number=data["number"], reason=data["reason"])

        if not form.carry_out(undo):
            return self.form_invalid(form)
        shown(self.request, _("%(decision)s is undone.") % {"decision": form.result.undoes})
        return SeeOther(reverse("projects:tailoring", kwargs=self.project.address))

    def form_invalid(self, form: forms.UndoForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(last=selectors.told(self.last) if self.last else None, **kwargs)


# --- the decisions ----------------------------------------------------------------------------------------------------


class Decisions(ProjectView, TemplateView):
    needs = Perm.VIEW_PROJECT
    template_name = "projects/tailoring/list.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = forms.DecisionFilter(self.request.GET)
        wanted = form.wanted
        found = selectors.searched(selectors.of(self.project), wanted)
        page = Paginator(selectors.in_order(found, wanted.get("sort", "")), PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page=page,
            rows=[selectors.told(one) for one in page],
            filter=form,
            chosen=form.chosen,
            query=self.request.GET.urlencode(),
            **kwargs,
        )

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        return respond(self.request, self.template_name, context)


@require_safe
@project_access(Perm.VIEW_PROJECT)
def export(request: HttpRequest) -> HttpResponse:
    """The decisions of the filtered list as a workbook; text that looks like a formula stays text."""
    form = forms.DecisionFilter(request.GET)
    found = selectors.in_order(
        selectors.searched(selectors.of(request.project), form.wanted), form.wanted.get("sort", "")
    )
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, PLAIN)
    head = book.add_format({"bold": True, "bg_color": "#E9EFFE", "bottom": 1})
    sheet = book.add_worksheet(_("Decisions"))
    for column, width in enumerate((10, 20, 44, 60, 60, 40, 24, 20, 12)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    sheet.write_row(
        0, 0,
        [_("No."), _("What"), _("Step or activity"), _("Changes"), _("Justification"), _("Why without the approval"),
         _("Who"), _("When (UTC)"), _("Stands")],
        head,
    )  # fmt: skip
    for at, row in enumerate(map(selectors.told, found[:MOST_ROWS]), 1):
        one = row.decision
        changes = "\n".join(f"{c.label}: {c.before} → {c.after}" for c in row.changes)
        texts = (
            one.label, one.get_kind_display(), one.item, changes, one.justification, one.skipped_because,
            one.decided_by_name, f"{one.decided_at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}",
            _("undone") if row.is_undone else _("yes"),
        )  # fmt: skip
        for column, text in enumerate(texts):
            sheet.write_string(at, column, str(text)[:32_000])
    book.close()
    response = HttpResponse(
        buffer.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    name = f"tailoring-{request.organization.slug}-{request.project.slug}-{timezone.localdate():%Y-%m-%d}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
