"""What a decision about the plan asks: what it changes, why, and why without an approval that it would skip."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import FilterForm, RuleForm, VersionedForm, dates_in_order
from core.once import OnceForm
from projects.models import PlanActivity, PlanStep, TailoringKind
from projects.permissions import Role
from projects.selectors.plan_state import PlanState, wait
from projects.services.task import MOST_LAG

from .start import DateInput

LONG_TEXT = 5_000
READ_BY_AUDITORS = gettext_lazy("Stands in the record of tailoring: an auditor reads it there.")


class DecisionForm(RuleForm):
    """Why, and why without an approval. `values` are what services.tailor.decide takes."""

    justification = forms.CharField(
        label=gettext_lazy("Justification"), max_length=LONG_TEXT, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=READ_BY_AUDITORS,
    )  # fmt: skip
    skipped_because = forms.CharField(
        label=gettext_lazy("Why the plan does without the approval"),
        max_length=LONG_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("An approval is only skipped with a reason of its own."),
    )
    order: tuple[str, ...] = ()

    def __init__(self, *args: Any, state: PlanState, item: PlanStep | PlanActivity, **kwargs: Any) -> None:
        self.state, self.item = state, item
        kwargs["initial"] = self.first() | {k: v for k, v in (kwargs.get("initial") or {}).items() if v}
        super().__init__(*args, **kwargs)
        self.prepare()
        self.order_fields([*self.order, "justification", "skipped_because"])

    def first(self) -> dict[str, Any]:
        return {}

    def prepare(self) -> None:
        """Fills choices."""

    def values(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}


class ExcludeForm(DecisionForm):
    def values(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"is_applicable": False}


class IncludeForm(DecisionForm):
    def values(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"is_applicable": True}


class MergeForm(DecisionForm):
    merged_into = forms.ChoiceField(
        label=gettext_lazy("Work it together with"),
        help_text=gettext_lazy("Both numbers stay visible; deliverables and approval of both are kept."),
    )
    order = ("merged_into",)

    def prepare(self) -> None:
        self.fields["merged_into"].choices = [
            (one.number, f"{one.number} {one.title}")
            for one in self.state.steps
            if one.pk != self.item.pk and one.is_applicable and not one.is_merged
        ]

    def values(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"merged_into": data["merged_into"]} if data.get("merged_into") else {}


class SplitForm(DecisionForm):
    def values(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"merged_into": ""}


class PlaceStepForm(DecisionForm):
    place = forms.ChoiceField(label=gettext_lazy("Put it"))
    is_awaited = forms.BooleanField(
        label=gettext_lazy("The step behind it waits for it"),
        required=False,
        help_text=gettext_lazy("Adds the dependency, so that the dates follow the new order."),
    )
    order = ("place", "is_awaited")

    def prepare(self) -> None:
        groups = []
        for number, phase in sorted(self.state.phases.items()):
            others = [one for one in self.state.steps if one.phase.number == number and one.pk != self.item.pk]
            places = [(f"{number}:{one.number}", _("before %(step)s") % {"step": one}) for one in others]
            places.append((f"{number}:", _("at the end of “%(phase)s”") % {"phase": phase.title}))
            groups.append((phase.title, places))
        self.fields["place"].choices = groups

    def first(self) -> dict[str, Any]:
        now = self.state.values_of(self.item, ["phase", "before"])
        return {"place": f"{now['phase']}:{now['before']}"}

    def values(self, data: dict[str, Any]) -> dict[str, Any]:
        if not data.get("place"):
            return {}
        phase, _colon, before = data["place"].partition(":")
        found: dict[str, Any] = {"phase": int(phase), "before": before}
        if data.get("is_awaited") and before:
            known = {link.step: link.lag_days for link in self.state.links if link.predecessor == self.item.number}
            found["leads_to"] = sorted(wait(number, lag) for number, lag in ({before: 0} | known).items())
        return found


class WaitsForm(DecisionForm):
    """One step that this one waits for: how long after it, or no longer."""

    predecessor = forms.ChoiceField(label=gettext_lazy("The other step"))
    waits = forms.ChoiceField(
        label=gettext_lazy("Wait for it"),
        choices=[("yes", gettext_lazy("it begins when that one is finished")), ("no", gettext_lazy("not any more"))],
        initial="yes",
    )
    lag_days = forms.IntegerField(
        label=gettext_lazy("Lag in working days"), required=False, min_value=-MOST_LAG, max_value=MOST_LAG,
        help_text=gettext_lazy("3 waits three days longer, −1 lets them share a day."),
    )  # fmt: skip
    order = ("predecessor", "waits", "lag_days")

    def prepare(self) -> None:
        known = {link.predecessor: link.lag_days for link in self.state.links if link.step == self.item.number}
        steps = [one for one in self.state.steps if one.pk != self.item.pk and one.is_applicable]
        now = [(one.number, self.said(one, known[one.number])) for one in steps if one.number in known]
        others = [(one.number, str(one)) for one in steps if one.number not in known]
        groups = [(_("It waits for"), now)] if now else []
        self.fields["predecessor"].choices = [("", _("Choose a step")), *groups, (_("It does not wait for"), others)]

    def said(self, step: PlanStep, lag: int) -> str:
        if not lag:
            return str(step)
        return _("%(step)s, lag %(days)s") % {"step": step, "days": f"{lag:+d}"}

    def values(self, data: dict[str, Any]) -> dict[str, Any]:
        if not data.get("predecessor"):
            return {}
        known = {link.predecessor: link.lag_days for link in self.state.links if link.step == self.item.number}
        known.pop(data["predecessor"], None)
        if data.get("waits") != "no":
            known[data["predecessor"]] = data.get("lag_days") or 0
        return {"waits": sorted(wait(number, lag) for number, lag in known.items())}


class PlaceActivityForm(DecisionForm):
    place = forms.ChoiceField(label=gettext_lazy("Work it"))
    order = ("place",)

    def prepare(self) -> None:
        groups = []
        for step in self.state.steps:
            if not step.is_applicable:
                continue
            others = [one for one in self.state.activities_of(step) if one.pk != self.item.pk]
            places = [(f"{step.number}:{one.number}", _("before %(activity)s") % {"activity": one}) for one in others]
            places.append((f"{step.number}:", _("at the end of %(step)s") % {"step": step}))
            groups.append((str(step), places))
        self.fields["place"].choices = groups

    def first(self) -> dict[str, Any]:
        now = self.state.values_of(self.item, ["step", "before"])
        return {"place": f"{now['step']}:{now['before']}"}

    def values(self, data: dict[str, Any]) -> dict[str, Any]:
        if not data.get("place"):
            return {}
        step, _colon, before = data["place"].partition(":")
        return {"step": step, "before": before}


def days() -> forms.IntegerField:
    return forms.IntegerField(
        label=gettext_lazy("Working days"), validators=[MinValueValidator(1), MaxValueValidator(999)]
    )


class ChangeForm(DecisionForm, VersionedForm):
    """Words and sizes; only what differs is a decision."""

    names: tuple[str, ...] = ()

    def first(self) -> dict[str, Any]:
        return {name: getattr(self.item, name) for name in (*self.names, "version")}

    def values(self, data: dict[str, Any]) -> dict[str, Any]:
        return {
            n: data[n] for n in self.names if n in data and data[n] != getattr(self.item, n) and data[n] is not None
        }


class ChangeStepForm(ChangeForm):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    objective = forms.CharField(
        label=gettext_lazy("Objective"), required=False, max_length=LONG_TEXT, widget=forms.Textarea(attrs={"rows": 4})
    )
    duration_days = days()
    names = order = ("title", "objective", "duration_days")


class ChangeActivityForm(ChangeForm):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"), required=False, max_length=LONG_TEXT, widget=forms.Textarea(attrs={"rows": 4})
    )
    responsible = forms.ChoiceField(label=gettext_lazy("Responsible role"), choices=Role.choices)
    effort_days = forms.DecimalField(
        label=gettext_lazy("Effort in person-days"), max_digits=6, decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(1000)],
    )  # fmt: skip
    duration_days = days()
    names = order = ("title", "purpose", "responsible", "effort_days", "duration_days")


class RevertForm(DecisionForm):
    """Back to what the edition of the method says; the values come from the plan."""


class AddStepForm(OnceForm):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    objective = forms.CharField(
        label=gettext_lazy("Objective"), required=False, max_length=LONG_TEXT, widget=forms.Textarea(attrs={"rows": 3})
    )
    place = forms.ChoiceField(label=gettext_lazy("Put it"))
    waits_for = forms.MultipleChoiceField(
        label=gettext_lazy("Starts after"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Without any it starts with the project."),
    )
    duration_days = days()
    is_iterative = forms.BooleanField(label=gettext_lazy("Worked in rounds"), required=False)
    deliverables = forms.CharField(
        label=gettext_lazy("Deliverables"), required=False, max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}), help_text=gettext_lazy("One a line."),
    )  # fmt: skip
    approval_by = forms.ChoiceField(label=gettext_lazy("Approved by"), required=False)
    approval_of = forms.CharField(label=gettext_lazy("What is approved"), required=False, max_length=300)
    justification = forms.CharField(
        label=gettext_lazy("Why the plan needs it"), max_length=LONG_TEXT, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=READ_BY_AUDITORS,
    )  # fmt: skip

    def __init__(self, *args: Any, state: PlanState, **kwargs: Any) -> None:
        kwargs["initial"] = {"duration_days": 5} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        groups = []
        for number, phase in sorted(state.phases.items()):
            places = [(f"{number}:", _("at the end of “%(phase)s”") % {"phase": phase.title})]
            places += [
                (f"{number}:{one.number}", _("before %(step)s") % {"step": one})
                for one in state.steps
                if one.phase.number == number
            ]
            groups.append((phase.title, places))
        self.fields["place"].choices = groups
        self.fields["waits_for"].choices = [
            (one.number, str(one)) for one in state.steps if one.is_applicable and not one.is_merged
        ]
        self.fields["approval_by"].choices = [("", _("No approval")), *Role.choices]

    @property
    def details(self) -> dict[str, Any]:
        """The arguments of services.own_step.add."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in ("once", "place")}
        phase, _colon, before = self.cleaned_data["place"].partition(":")
        lines = (line.strip() for line in data["deliverables"].splitlines())
        return {**data, "phase": int(phase), "before": before, "deliverables": [line for line in lines if line]}


class RoundForm(RuleForm):
    trigger = forms.CharField(
        label=gettext_lazy("What makes it necessary"), max_length=300,
        help_text=gettext_lazy("A new site, an incident, a changed law, a year that has passed …"),
    )  # fmt: skip
    starts_on = forms.DateField(label=gettext_lazy("Starts on"), widget=DateInput)
    ends_on = forms.DateField(label=gettext_lazy("Ends on"), widget=DateInput)
    activities = forms.MultipleChoiceField(
        label=gettext_lazy("What is done again"), widget=forms.CheckboxSelectMultiple
    )
    outputs = forms.CharField(
        label=gettext_lazy("Outputs"), required=False, max_length=LONG_TEXT, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One a line."),
    )  # fmt: skip
    approval_by = forms.ChoiceField(label=gettext_lazy("Approved by"), required=False)
    approval_of = forms.CharField(label=gettext_lazy("What is approved"), required=False, max_length=300)

    def __init__(self, *args: Any, state: PlanState, step: PlanStep, **kwargs: Any) -> None:
        first = [one for one in state.activities_of(step) if "-R" not in one.number]
        kwargs["initial"] = {
            "activities": [one.number for one in first if one.is_applicable],
            "outputs": "\n".join(step.deliverables),
            "approval_by": step.approval_by,
            "approval_of": step.approval_of,
        } | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["activities"].choices = [(one.number, str(one)) for one in first]
        self.fields["approval_by"].choices = [("", _("No approval")), *Role.choices]

    def clean(self) -> dict[str, Any]:
        dates_in_order(self, "starts_on", "ends_on")
        return self.cleaned_data

    @property
    def details(self) -> dict[str, Any]:
        lines = (line.strip() for line in self.cleaned_data["outputs"].splitlines())
        return {**self.cleaned_data, "outputs": [line for line in lines if line]}


class UndoForm(RuleForm):
    number = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Why it is taken back"), max_length=LONG_TEXT, required=False,
        widget=forms.Textarea(attrs={"rows": 2}), help_text=READ_BY_AUDITORS,
    )  # fmt: skip


class DecisionFilter(FilterForm):
    q = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=200)
    kind = forms.ChoiceField(label=gettext_lazy("What"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("Stands"), required=False)
    sort = forms.ChoiceField(
        label=gettext_lazy("Order"),
        required=False,
        choices=[
            ("", gettext_lazy("Latest first")),
            ("step", gettext_lazy("By step")),
            ("who", gettext_lazy("By person")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("Every kind")), *TailoringKind.choices]
        self.fields["state"].choices = [("", _("All")), ("standing", _("In force")), ("undone", _("Undone"))]
