"""Forms of an activity: its words, role, effort and dates; a reason; one of the organization's own."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from core.forms import RuleForm, VersionedForm, dates_in_order
from core.once import OnceForm
from projects.models import PlanActivity, PlanStep
from projects.permissions import Role
from projects.services.plan import TAILORED

from .start import YEARS_AHEAD, YEARS_BACK, DateInput

LONG_TEXT = 5_000


class ActivityFields(forms.Form):
    """What both forms ask; the order is the one people think in."""

    title = forms.CharField(label=_("Title"), max_length=200)
    purpose = forms.CharField(
        label=_("Purpose"),
        required=False,
        max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What is different once it is done."),
    )
    responsible = forms.ChoiceField(label=_("Responsible role"), choices=Role.choices)
    effort_days = forms.DecimalField(
        label=_("Effort in person-days"),
        max_digits=6,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(1000)],
        help_text=_("The activity counts with it in the progress of its step."),
    )
    starts_on = forms.DateField(label=_("Planned start"), widget=DateInput())
    ends_on = forms.DateField(label=_("Planned end"), widget=DateInput())

    def clean(self) -> dict[str, Any]:
        dates_in_order(self, "starts_on", "ends_on")
        return self.cleaned_data

    def near(self, name: str) -> dt.date:
        """The date of a field if a project that starts when ours does can reach it."""
        day, start = self.cleaned_data[name], self.project_starts_on
        if not start.year - YEARS_BACK <= day.year <= start.year + YEARS_AHEAD:
            raise forms.ValidationError(
                _("Choose a date between %(first)s and %(last)s."),
                params={"first": start.year - YEARS_BACK, "last": start.year + YEARS_AHEAD},
            )
        return day

    def clean_starts_on(self) -> dt.date:
        return self.near("starts_on")

    def clean_ends_on(self) -> dt.date:
        return self.near("ends_on")


class ActivityForm(ActivityFields, VersionedForm):
    reason = forms.CharField(
        label=_("Why"), required=False, max_length=500, help_text=_("Kept in the journal and in the history.")
    )

    def __init__(self, *args: Any, activity: PlanActivity, **kwargs: Any) -> None:
        self.project_starts_on = activity.project.start_on
        names = ("title", "purpose", "responsible", "effort_days", "starts_on", "ends_on", "version")
        self.activity = activity
        kwargs["initial"] = {name: getattr(activity, name) for name in names} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Other words, another role or effort than the plan has is a decision about the method: it says why."""
        data = super().clean()
        is_tailored = any(name in data and data[name] != getattr(self.activity, name) for name in TAILORED)
        if is_tailored and not data.get("reason"):
            self.add_error("reason", _("Say why it is changed: this stands in the record of tailoring."))
        return data


class AddActivityForm(ActivityFields, OnceForm):
    justification = forms.CharField(
        label=_("Why the plan needs it"),
        max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stands in the record of tailoring: an auditor reads it there."),
    )

    def __init__(self, *args: Any, step: PlanStep, **kwargs: Any) -> None:
        self.project_starts_on = step.project.start_on
        first = {"starts_on": step.starts_on, "ends_on": step.ends_on, "effort_days": 1}
        kwargs["initial"] = first | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)


class ReasonForm(RuleForm):
    """The reason of a move; asked for where the flow demands one."""

    reason = forms.CharField(label=_("Reason"), max_length=LONG_TEXT, widget=forms.Textarea(attrs={"rows": 3}))

    skipped_because = forms.CharField(
        label=_("Why the plan does without the approval"),
        required=False,
        max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self, *args: Any, is_required: bool = True, label: Any = "", hint: Any = "", skips: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if skips:
            self.fields["skipped_because"].help_text = skips
        else:
            del self.fields["skipped_because"]
        field = self.fields["reason"]
        field.required = is_required
        field.label = label or field.label
        field.help_text = hint


class CloseGateForm(ReasonForm):
    """Why a gate is closed; of a round also who approved its outputs."""

    approved_as = forms.CharField(
        label=_("Approved by"), max_length=200, required=False,
        help_text=_("Who approved its outputs, or the number of the approval (AP-007)."),
    )  # fmt: skip

    def __init__(self, *args: Any, is_round: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_round:
            del self.fields["approved_as"]
