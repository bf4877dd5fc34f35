"""What the query string of the task list, the board and the calendar may say."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models.task import Priority, TaskStatus
from projects.permissions import Role
from projects.selectors.task import Surroundings

from .task_fields import (
    FIRST_DAY,
    LAST_DAY,
)


class TaskFilter(forms.Form):
    """What the query string of the list, the board and the calendar may say; what makes no sense is left aside."""

    q = forms.CharField(required=False, max_length=200, label=gettext_lazy("Search"))
    status = forms.ChoiceField(required=False, label=gettext_lazy("State"))
    assignee = forms.ChoiceField(required=False, label=gettext_lazy("Assigned to"))
    role = forms.ChoiceField(required=False, label=gettext_lazy("Role"))
    priority = forms.ChoiceField(required=False, label=gettext_lazy("Priority"))
    due = forms.CharField(required=False, max_length=10, label=gettext_lazy("Due"))
    step = forms.ChoiceField(required=False, label=gettext_lazy("Step"))
    activity = forms.ChoiceField(required=False, label=gettext_lazy("Activity"))
    sort = forms.CharField(required=False, max_length=20)

    ANY = gettext_lazy("Any")

    def __init__(self, data: Any, *, around: Surroundings) -> None:
        super().__init__(data, auto_id="filter_%s")
        choices = {
            "status": [("", _("Not finished")), *TaskStatus.choices, ("all", _("All"))],
            "assignee": [
                ("", self.ANY),
                ("me", _("Me")),
                ("none", _("Nobody yet")),
                *((str(pk), person.name or person.email) for pk, person in around.people.items()),
            ],
            "role": [("", self.ANY), *Role.choices],
            "priority": [("", self.ANY), *((str(value), label) for value, label in Priority.choices)],
            "step": [("", self.ANY), *((number, f"{number} {title}") for number, title in around.steps.items())],
            "activity": [
                ("", self.ANY),
                ("none", _("No activity")),
                *((place.number, place.label) for place in around.places.values()),
            ],
        }
        for name, options in choices.items():
            self.fields[name].choices = options
        self.fields["due"].widget = forms.Select(choices=self._due_choices())

    def _due_choices(self) -> list:
        options = [
            ("", self.ANY),
            ("overdue", _("Overdue")),
            ("today", _("Today")),
            ("week", _("Within 7 days")),
            ("none", _("No date")),
        ]
        if isinstance(day := _day(self.data.get("due", "")), dt.date):
            options.append((day.isoformat(), day.isoformat()))
        return options

    def clean_due(self) -> Any:
        due = self.cleaned_data["due"]
        if due in ("", "overdue", "today", "week", "none"):
            return due
        if (day := _day(due)) is None:
            raise forms.ValidationError(_("This is no date."))
        return day

    @property
    def wanted(self) -> dict[str, Any]:
        """The filters that make sense, without the empty ones."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def chosen(self) -> list[dict[str, str]]:
        """The filters in force as chips: name, value, label and text."""
        chips = []
        for name, value in self.wanted.items():
            if name == "sort":
                continue
            shown = self.fields[name]
            options = shown.choices if isinstance(shown, forms.ChoiceField) else getattr(shown.widget, "choices", [])
            text = dict(options).get(str(value), str(value))
            chips.append({"name": name, "value": str(value), "label": str(shown.label), "text": str(text)})
        return chips


def _day(text: str) -> dt.date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and FIRST_DAY <= found <= LAST_DAY else None
