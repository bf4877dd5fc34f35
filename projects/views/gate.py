"""The gates of a plan: their list, one step's or phase's gate with its decisions, and what is let through."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from projects import gates
from projects.addresses import address
from projects.forms.activity import CloseGateForm, ReasonForm
from projects.models import PlanStep
from projects.permissions import Perm
from projects.selectors import gate as selectors
from projects.selectors import hold as holds
from projects.selectors import project as project_selectors
from projects.selectors import step as steps
from projects.services import gate as services

from .base import ProjectView, SeeOther, answer, shown

DECIDES = (Perm.CLOSE_GATES, Perm.OVERRIDE_GATES)


class GateList(ProjectView, TemplateView):
    """All gates by phase, and the decisions that hold work back."""

    needs = Perm.VIEW_PROJECT
    template_name = "projects/gate/list.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        held = holds.of_plan(self.project)
        phases = selectors.of_project(self.project, held)
        waiting: dict[str, list[Any]] = {}
        for phase in phases:
            for one in phase.counted:
                for decision in one.held:
                    waiting.setdefault(decision.hold.key, []).append(one.step)
        found = {one.hold.key: one for some in held.values() for one in some}
        return super().get_context_data(
            phases=phases,
            waiting=[(found[key], followers) for key, followers in waiting.items()],
            overrides=selectors.overrides_of(self.project),
            today=project_selectors.today_in(self.project),
            **kwargs,
        )


class OneStep(ProjectView):
    @cached_property
    def step(self) -> PlanStep:
        found = steps.of_number(self.project, self.kwargs["number"])
        if found is None:
            raise Http404(_("This project's plan has no step of that number."))
        return found

    def address_of(self, name: str) -> str:
        return address(f"projects:{name}", **self.project.address, number=self.step.number)


class Deciding(FormView):
    """A page whose form asks for a reason and makes one decision; `decide` calls the service."""

    form_class = ReasonForm
    http_method_names = ["get", "head", "post", "options"]
    label: Any = ""
    hint: Any = ""
    is_required = True

    def decide(self, reason: str) -> Any:
        raise NotImplementedError

    def done(self, made: Any) -> str:
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        more = {"is_required": self.is_required, "label": self.label, "hint": self.hint}
        return {**super().get_form_kwargs(), **more}

    def form_valid(self, form: ReasonForm) -> HttpResponse:
        if not form.carry_out(lambda: self.decide(**form.cleaned_data)):
            return self.form_invalid(form)
        shown(self.request, self.done(form.result))
        return SeeOther(self.back)

    def form_invalid(self, form: ReasonForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class StepGate(OneStep, TemplateView):
    """One gate: its criteria as they stand, and how it was decided."""

    needs = Perm.VIEW_PROJECT
    template_name = "projects/gate/detail.html"
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A merged step has the gate of the step it is merged into."""
        if self.step.is_merged:
            whole = {**self.project.address, "number": self.step.merged_into.number}
            return HttpResponseRedirect(address("projects:gate", **whole))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        gate = selectors.of_step(self.step)
        return super().get_context_data(
            step=self.step,
            over=self.step.phase.title,
            title=_("Gate of step %(number)s: %(title)s") % {"number": self.step.number, "title": self.step.title},
            back=self.address_of("step-detail"),
            **offers(self.request.perms_here, gate, lambda name: self.address_of(f"gate-{name}")),
            can_close=self.step.is_applicable,
            today=project_selectors.today_in(self.project),
            **kwargs,
        )


def offers(perms: frozenset, gate: selectors.Gate, url: Any) -> dict[str, Any]:
    """What this person is offered at a gate."""
    return {
        "gate": gate,
        "close_url": url("close") if not gate.is_closed and may_close(perms, gate) else "",
        "needs_manager": not gate.is_closed and Perm.CLOSE_GATES in perms and not may_close(perms, gate),
        "reopen_url": url("reopen") if gate.is_closed and Perm.CLOSE_GATES in perms else "",
    }


def may_close(perms: frozenset, gate: selectors.Gate) -> bool:
    return (Perm.OVERRIDE_GATES if gate.unmet else Perm.CLOSE_GATES) in perms


class Closing(Deciding):
    """The form that closes a gate: a remark when all is met, a reason when something is not. `gate` and `item` say which."""

    template_name = "projects/gate/reason.html"
    is_required = False
    gate: Any
    item: str

    @property
    def label(self) -> str:
        return _("Why it is closed without them") if self.gate.unmet else _("Remark")

    @property
    def hint(self) -> str:
        return _("Stands with the decision: in the journal, in the list of gates and in the reports.")

    def done(self, made: Any) -> str:
        if made.is_override:
            return _("The gate of %(item)s is closed without all criteria. The reason is recorded.") % {"item": made}
        return _("The gate of %(item)s is closed.") % {"item": made}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("Close the gate without all criteria") if self.gate.unmet else _("Close the gate"),
            over=self.item, submit=_("Close the gate"), icon="lock-check", back=self.back, unmet=self.gate.unmet,
            needs_manager=not may_close(self.request.perms_here, self.gate), **kwargs,
        )  # fmt: skip


class StepGateClose(OneStep, Closing):
    needs = DECIDES
    form_class = CloseGateForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "is_round": self.gate.round is not None}

    @cached_property
    def gate(self) -> selectors.Gate:
        return selectors.of_step(self.step)

    @property
    def item(self) -> str:
        return str(self.step)

    @property
    def back(self) -> str:
        return self.address_of("step-detail")

    def decide(self, reason: str, approved_as: str = "") -> Any:
        return services.close(step=self.step, by=self.request.user, reason=reason, approved_as=approved_as)


class StepGateReopen(OneStep, Deciding):
    needs = Perm.CLOSE_GATES
    template_name = "projects/gate/reason.html"
    hint = ""

    @property
    def back(self) -> str:
        return self.address_of("gate")

    @property
    def label(self) -> str:
        return _("Why the gate is opened again")

    def decide(self, reason: str) -> Any:
        return services.reopen(step=self.step, by=self.request.user, reason=reason)

    def done(self, made: Any) -> str:
        return _("The gate of step %(number)s is open again.") % {"number": self.step.number}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            step=self.step, title=_("Open the gate again"), over=str(self.step), submit=_("Open again"), icon="lock-open",
            back=self.back, **kwargs,
        )  # fmt: skip


class LetThrough(OneStep, Deciding):
    """The project manager lets the work go on before a decision is taken, or has it wait again."""

    needs = Perm.OVERRIDE_GATES
    template_name = "projects/gate/reason.html"
    hint = ""

    def enter(self, request: HttpRequest) -> None:
        super().enter(request)
        self.hold = next((one for one in gates.holds() if one.step == self.step.code), None)
        if self.hold is None:
            raise Http404(_("Nothing waits for a decision in this step."))

    @property
    def back(self) -> str:
        return self.address_of("step-detail")

    @cached_property
    def is_through(self) -> bool:
        return self.hold.key in holds.let_through(self.project)

    @property
    def label(self) -> str:
        return _("Why the work waits again") if self.is_through else _("Why the work goes on before the decision")

    def decide(self, reason: str) -> Any:
        change = services.hold_again if self.is_through else services.let_through
        return change(project=self.project, step=self.step, by=self.request.user, reason=reason)

    def done(self, made: Any) -> str:
        if made.is_override:
            return _("The work that follows is let through. The reason is recorded.")
        return _("The work that follows waits for the decision again.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        title = _("Let the work wait again") if self.is_through else _("Let the work go on without the decision")
        return super().get_context_data(
            step=self.step, title=title, over=str(self.step), back=self.back, hold=self.hold, is_through=self.is_through,
            is_taken=self.hold.is_taken(self.project), submit=title, icon="lock" if self.is_through else "lock-open",
            followers=[] if self.is_through else self.followers, **kwargs,
        )  # fmt: skip

    @property
    def followers(self) -> list[PlanStep]:
        everything = steps.steps_of(self.project)
        held = holds.of_plan(self.project, steps=everything)
        return [s for s in everything if any(one.hold.key == self.hold.key for one in held.get(s.pk, []))]


class OnePhase(ProjectView):
    @cached_property
    def found(self) -> selectors.PhaseGate:
        phases = selectors.of_project(self.project)
        found = next((one for one in phases if one.phase.number == self.kwargs["phase"]), None)
        if found is None:
            raise Http404(_("This project's plan has no phase of that number."))
        found.phase.project = self.project
        return found

    @cached_property
    def gate(self) -> selectors.Gate:
        return selectors.Gate(self.found.criteria, self.found.decisions, self.found.closed)

    def address_of(self, name: str) -> str:
        return reverse(f"projects:{name}", kwargs={**self.project.address, "phase": self.kwargs["phase"]})

    @property
    def back(self) -> str:
        return self.address_of("phase-gate")

    @property
    def item(self) -> str:
        return str(self.found.phase)


class PhaseGate(OnePhase, TemplateView):
    """The gate of a phase: closed when the gates of its steps are."""

    needs = Perm.VIEW_PROJECT
    template_name = "projects/gate/detail.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        phase = self.found.phase
        return super().get_context_data(
            over=_("Phase %(number)s") % {"number": phase.number},
            title=_("Gate of the phase %(phase)s") % {"phase": phase.title},
            back=address("projects:gates", **self.project.address),
            **offers(self.request.perms_here, self.gate, lambda name: self.address_of(f"phase-gate-{name}")),
            can_close=bool(self.found.counted),
            today=project_selectors.today_in(self.project),
            **{**kwargs, "phase": phase},  # not its number in the address
        )


class PhaseGateClose(OnePhase, Closing):
    needs = DECIDES

    def decide(self, reason: str) -> Any:
        return services.close_phase(phase=self.found.phase, by=self.request.user, reason=reason)


class PhaseGateReopen(OnePhase, Deciding):
    needs = Perm.CLOSE_GATES
    template_name = "projects/gate/reason.html"

    @property
    def label(self) -> str:
        return _("Why the gate is opened again")

    def decide(self, reason: str) -> Any:
        return services.reopen(phase=self.found.phase, by=self.request.user, reason=reason)

    def done(self, made: Any) -> str:
        return _("The gate of the phase %(phase)s is open again.") % {"phase": self.found.phase.title}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("Open the gate again"), over=self.item, submit=_("Open again"), icon="lock-open", back=self.back,
            **kwargs,
        )  # fmt: skip


class DeliverableSay(OneStep, TemplateView):
    """Says where one deliverable is; an empty place takes it back."""

    needs = Perm.COMPLETE_ACTIVITIES
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        def say() -> Any:
            return services.say_where(
                step=self.step, name=request.POST.get("name", ""), place=request.POST.get("place", ""), by=request.user
            )

        return answer(request, say, back=self.address_of("step-detail") + "#deliverables", done=_("Saved."))
