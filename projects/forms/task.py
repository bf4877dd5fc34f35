"""Forms around one task: writing and changing it, why, what it waits for, when it is done."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import RuleForm, VersionedForm
from core.once import OnceForm
from projects.models import PlanActivity, Task
from projects.models.task import LinkKind, Priority, Recurrence
from projects.selectors.task import Surroundings
from projects.services.task import MOST_LAG
from projects.services.task_schedule import BEGUN, DATES

from .seen import SeenForm
from .task_fields import (
    DayField,
    HoursField,
    read_hours,
    read_who,
    who_choices,
    who_of,
)


class TaskFields(forms.Form):
    """The fields a person fills in, limited to the people and activities of the project."""

    title = forms.CharField(max_length=200, label=gettext_lazy("Title"))
    description = forms.CharField(
        required=False,
        max_length=20_000,
        label=gettext_lazy("What is to be done"),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("What is done when it is done? What will show it later?"),
    )
    who = forms.ChoiceField(required=False, label=gettext_lazy("Assigned to"))
    due_on = DayField(required=False, label=gettext_lazy("Due on"))
    priority = forms.TypedChoiceField(
        choices=Priority.choices, coerce=int, initial=Priority.NORMAL, label=gettext_lazy("Priority")
    )
    activity = forms.ChoiceField(required=False, label=gettext_lazy("Activity"))
    starts_on = DayField(required=False, label=gettext_lazy("Starts on"))
    effort_hours_planned = HoursField(required=False, label=gettext_lazy("Hours planned"))
    recurrence = forms.ChoiceField(required=False, choices=Recurrence.choices, label=gettext_lazy("Repeats"))
    recurs_until = DayField(required=False, label=gettext_lazy("Repeats until"))

    def __init__(self, *args: Any, around: Surroundings, task: Task | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.around, self.task = around, task
        assignee = task.assignee if task is not None else None
        self.fields["who"].choices = who_choices(around, _("Nobody yet"), keep=assignee)
        self.fields["activity"].choices = [
            ("", _("No activity")),
            *around.grouped_places(keep=task.activity_id if task is not None else None),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("starts_on") and cleaned.get("due_on") and cleaned["due_on"] < cleaned["starts_on"]:
            self.add_error("due_on", _("The task would be due before it starts."))
        if cleaned.get("recurs_until") and not cleaned.get("recurrence"):
            self.add_error("recurrence", _("Say how often it repeats, or take the end of repeating away."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """The fields of the task, as the services take them."""
        cleaned = dict(self.cleaned_data)
        values = {
            name: cleaned[name]
            for name in (
                "title", "description", "due_on", "starts_on", "priority", "effort_hours_planned", "recurrence",
                "recurs_until", "effort_hours_spent",
            )
            if name in cleaned
        }  # fmt: skip
        place = self.around.place(cleaned["activity"]) if cleaned["activity"] else None
        values["activity"] = PlanActivity.objects.get(pk=place.pk) if place else None
        values |= read_who(cleaned["who"], self.around, keep=self.task.assignee if self.task else None)
        return values


class TaskForm(TaskFields, OnceForm):
    """A new task."""

    field_order = ["title", "description", "who", "due_on", "priority", "activity"]


class TaskEditForm(TaskFields, VersionedForm):
    """A task that exists: knows the version the person saw, and shows both texts when somebody saved first."""

    effort_hours_spent = HoursField(required=False, label=gettext_lazy("Hours spent"))

    def clean_effort_hours_spent(self) -> Decimal:
        return self.cleaned_data["effort_hours_spent"] or Decimal(0)

    @classmethod
    def initial_of(cls, task: Task) -> dict[str, Any]:
        names = ("title", "description", "due_on", "starts_on", "priority", "effort_hours_planned", "recurrence",
                 "recurs_until", "effort_hours_spent", "version")  # fmt: skip
        return {name: getattr(task, name) for name in names} | {
            "who": who_of(task),
            "activity": task.activity.number if task.activity_id else "",
        }

    def conflict_rows(self) -> list[dict[str, str]]:
        """After a conflict: each field that differs, what was typed and what stands now, in words."""
        if self.conflict is None:
            return []
        theirs = self.initial_of(self.conflict)
        rows = []
        for name in self.fields:
            if name == "version":
                continue
            mine = self.data.get(self.add_prefix(name), "")
            if self._said(name, mine) != self._said(name, theirs[name]):
                rows.append(
                    {
                        "label": self.fields[name].label,
                        "mine": self._said(name, mine) or "–",
                        "theirs": self._said(name, theirs[name]) or "–",
                    }
                )
        return rows

    def _said(self, name: str, value: Any) -> str:
        """One field's value as a reader sees it."""
        shown = self.fields[name]
        if isinstance(shown, forms.ChoiceField):
            flat: dict[str, str] = {}
            for key, label in shown.choices:
                flat.update({str(k): str(v) for k, v in label} if isinstance(label, list) else {str(key): str(label)})
            return flat.get(str(value), str(value))
        if isinstance(shown, HoursField) and value not in (None, ""):
            hours = value if isinstance(value, Decimal) else read_hours(str(value))
            return f"{hours.normalize():f} h" if hours else ""
        return "" if value is None else str(value).replace("\r\n", "\n").strip()


class ReasonForm(RuleForm):
    """Why: for moves that ask for it."""

    reason = forms.CharField(
        max_length=500, label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3, "autofocus": True})
    )


class HoursForm(OnceForm):
    hours = HoursField(label=gettext_lazy("Hours"))


class PredecessorForm(SeenForm, RuleForm):
    """What a task waits for, and how; `seen` is the consequence that the page showed."""

    number = forms.CharField(max_length=20, label=gettext_lazy("Number of the task"))
    kind = forms.ChoiceField(
        required=False, choices=LinkKind.choices, initial=LinkKind.FINISH_START, label=gettext_lazy("How")
    )
    lag_days = forms.IntegerField(
        required=False, initial=0, min_value=-MOST_LAG, max_value=MOST_LAG, label=gettext_lazy("Lag in working days"),
        help_text=gettext_lazy("3 waits three days longer, −1 lets them share a day."),
    )  # fmt: skip

    def clean_number(self) -> int:
        number = Task.number_of(self.cleaned_data["number"])
        if number is None:
            raise forms.ValidationError(_("Write the number of a task, such as T-012."))
        return number

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or LinkKind.FINISH_START

    def clean_lag_days(self) -> int:
        return self.cleaned_data["lag_days"] or 0


class TaskDatesForm(SeenForm, VersionedForm):
    """When a task is done, whether the dates stay, and what is left of it."""

    starts_on = DayField(required=False, label=gettext_lazy("Starts on"))
    due_on = DayField(required=False, label=gettext_lazy("Due on"))
    dates_are_manual = forms.BooleanField(
        required=False, label=gettext_lazy("These dates stay"),
        help_text=gettext_lazy("Otherwise they follow the activity: so many working days after it begins, for so many days."),
    )  # fmt: skip
    effort_hours_left = HoursField(
        required=False, label=gettext_lazy("Hours left"),
        help_text=gettext_lazy("The schedule goes on from today with them; empty goes by the days that are used up."),
    )  # fmt: skip
    reason = forms.CharField(
        required=False, max_length=500, label=gettext_lazy("Why"),
        help_text=gettext_lazy("Kept in the journal and in the history."),
    )  # fmt: skip

    def __init__(self, *args: Any, task: Task, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(task, name) for name in (*DATES, "version")} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        if task.status not in BEGUN:
            del self.fields["effort_hours_left"]

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in DATES if name in self.cleaned_data}
