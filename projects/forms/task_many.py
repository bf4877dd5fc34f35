"""Many tasks at once: the chosen rows of a list, pasted lines, what the method suggests."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.forms import RuleForm
from core.once import OnceForm
from projects.models import PlanActivity
from projects.models.task import Priority
from projects.permissions import Role
from projects.selectors.task import Surroundings

from .task_fields import (
    DATE_FORMATS,
    FIRST_DAY,
    LAST_DAY,
    MOST_HOURS,
    DayField,
    read_hours,
    read_who,
    who_choices,
)

MOST_AT_ONCE = 1000


class BulkForm(RuleForm):
    """What to do with the chosen rows; what stays empty stays as it is."""

    who = forms.ChoiceField(required=False, label=gettext_lazy("Assign to"))
    due_on = DayField(required=False, label=gettext_lazy("Due on"))
    shift_days = forms.IntegerField(
        required=False, min_value=-500, max_value=500, label=gettext_lazy("Shift by working days")
    )
    priority = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label=gettext_lazy("Priority"))
    activity = forms.CharField(
        required=False,
        max_length=20,
        label=gettext_lazy("Move to activity"),
        widget=forms.TextInput(attrs={"placeholder": "1.7.3", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, around: Surroundings, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="bulk_%s", **kwargs)
        self.around = around
        as_it_is = _("as it is")
        self.fields["who"].choices = [*who_choices(around, as_it_is), ("nobody", _("Nobody"))]
        self.fields["priority"].choices = [("", as_it_is), *Priority.choices]

    def clean_activity(self) -> str:
        number = self.cleaned_data["activity"]
        if number and number != "-" and self.around.place(number) is None:
            raise forms.ValidationError(_("There is no activity %(number)s in the plan.") % {"number": number})
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("due_on") and cleaned.get("shift_days"):
            self.add_error("shift_days", _("Either set the due date or shift it, not both."))
        if not self.errors and not self.values():
            self.add_error(None, _("Say what should change: a person, a date, a priority or an activity."))
        return cleaned

    def values(self) -> dict[str, Any]:
        cleaned, values = self.cleaned_data, {}
        if who := cleaned.get("who"):
            values |= read_who("" if who == "nobody" else who, self.around)
        for name in ("due_on", "shift_days", "priority"):
            if cleaned.get(name):
                values[name] = cleaned[name]
        if number := cleaned.get("activity"):
            place = self.around.place(number)
            values["activity"] = PlanActivity.objects.get(pk=place.pk) if place else None
        return values


# ---- pasted lines -----------------------------------------------------------------------------------------------

MOST_LINES = 200
HEADINGS = frozenset({"title", "task", "tasks", "aufgabe", "titel", "tâche", "titre"})
PRIORITY_WORDS = {str(label).casefold(): value for value, label in Priority.choices} | {
    name.casefold(): value for name, value in zip(Priority.names, Priority.values, strict=True)
}


@dataclass
class Line:
    """One pasted line as it was understood."""

    number: int
    text: str
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    who: str = ""
    place: Any = None


def read_lines(text: str, around: Surroundings) -> list[Line]:
    """Reads pasted lines: "Title; @person or role; 2026-12-24; 3h", or cells from a spreadsheet; the order of the
    parts behind the title does not matter. A heading and empty lines are left out."""
    lines = []
    for number, raw in enumerate(text.splitlines(), start=1):
        raw = raw.strip("\ufeff \r")
        if not raw.strip(" \t;"):
            continue
        cells = [cell.strip().strip('"').strip() for cell in raw.split("\t" if "\t" in raw else ";")]
        if not lines and cells[0].casefold() in HEADINGS:
            continue
        lines.append(_read_line(Line(number, raw), cells, around))
    return lines


def _read_line(line: Line, cells: list[str], around: Surroundings) -> Line:
    title = re.sub(r"^(?:[-*•–]|\[ ?\]|\d{1,3}[.)])\s+", "", cells[0])
    if not title:
        line.errors.append(_("The title is missing."))
    elif len(title) > 200:
        line.errors.append(_("The title is longer than 200 characters."))
    line.values["title"] = title
    for cell in cells[1:]:
        if cell and (error := _read_cell(line, cell, around)):
            line.errors.append(error)
    return line


def _read_cell(line: Line, cell: str, around: Surroundings) -> str | None:
    if "\x00" in cell:
        return _("There is a character in it that cannot be stored.")
    if (day := _read_day(cell)) is not None:
        if not FIRST_DAY <= day <= LAST_DAY:
            return _("Enter a date between 2000 and 2100.")
        line.values["due_on"] = day
        return None
    if re.fullmatch(r"[0-9./-]{6,10}", cell):
        return _("“%(text)s” is no date.") % {"text": cell}
    if (place := around.place(cell)) is not None:
        if not place.is_applicable:
            return _("Activity %(number)s is excluded from the plan.") % {"number": cell}
        line.values["activity_id"], line.place = place.pk, place
        return None
    if (hours := read_hours(cell)) is not None:
        if hours > MOST_HOURS:
            return _("That is more than a project has. Enter fewer hours.")
        line.values["effort_hours_planned"] = hours
        return None
    if cell.casefold() in PRIORITY_WORDS:
        line.values["priority"] = PRIORITY_WORDS[cell.casefold()]
        return None
    found = _read_who(cell.removeprefix("@").strip(), around)
    if isinstance(found, str):
        return found
    line.values |= found
    line.who = str(found.get("assignee") or Role(found["assignee_role"]).label)
    return None


def _read_day(cell: str) -> dt.date | None:
    for shape in DATE_FORMATS:
        try:
            return dt.datetime.strptime(cell, shape).date()
        except ValueError:
            continue
    return None


def _read_who(name: str, around: Surroundings) -> dict[str, Any] | str:
    """A person by name, first name or e-mail, or a role; otherwise the sentence that says why not."""
    low = name.casefold()
    for role in Role:
        if low in (role.value, role.value.replace("_", " "), str(role.label).casefold()):
            return {"assignee": None, "assignee_role": role.value}
    exact = [p for p in around.people.values() if low in (p.name.casefold(), p.email.casefold())]
    near = exact or [p for p in around.people.values() if low and p.name.casefold().split()[:1] == [low]]
    near = near or [p for p in around.people.values() if low and p.name.casefold().startswith(low)]
    if len(near) == 1:
        return {"assignee": near[0]}
    if near:
        return _("“%(name)s” could be %(people)s. Write the whole name.") % {
            "name": name,
            "people": _(" or ").join(sorted(p.name for p in near)),
        }
    return _("“%(name)s” is no person or role of this project, no date and no effort.") % {"name": name}


class PasteForm(OnceForm):
    """Many tasks from pasted lines."""

    lines = forms.CharField(
        label=gettext_lazy("One task in each line"),
        max_length=60_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )
    activity = forms.ChoiceField(required=False, label=gettext_lazy("Activity, where a line names none"))

    def __init__(self, *args: Any, around: Surroundings, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.around = around
        self.read: list[Line] = []
        self.fields["activity"].choices = [("", _("No activity")), *around.grouped_places()]

    def clean_lines(self) -> str:
        text = self.cleaned_data["lines"]
        self.read = read_lines(text, self.around)
        if not self.read:
            raise forms.ValidationError(_("There is no line with a title."))
        if len(self.read) > MOST_LINES:
            count, self.read = len(self.read), []
            raise forms.ValidationError(
                _("These are %(count)s lines; at most %(most)s can be added at once. Paste them in parts.")
                % {"count": count, "most": MOST_LINES}
            )
        return text

    @property
    def wrong(self) -> int:
        return sum(bool(line.errors) for line in self.read)

    @property
    def summary(self) -> str:
        return ngettext("%(n)s task", "%(n)s tasks", len(self.read)) % {"n": len(self.read)}

    def rows(self) -> list[dict[str, Any]]:
        """What the service creates, one dictionary for each line."""
        default = self.around.place(self.cleaned_data.get("activity") or "")
        ids = {line.values.get("activity_id") or (default.pk if default else None) for line in self.read} - {None}
        activities = PlanActivity.objects.in_bulk(ids)
        rows = []
        for line in self.read:
            values = dict(line.values)
            pk = values.pop("activity_id", None) or (default.pk if default else None)
            rows.append({**values, "activity": activities.get(pk)})
        return rows


class SuggestionsForm(OnceForm):
    """Suggested tasks of an activity that the plan does not have yet."""

    chosen = forms.TypedMultipleChoiceField(
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Suggested tasks"),
        error_messages={"required": gettext_lazy("Choose at least one task.")},
    )

    def __init__(self, *args: Any, suggestions: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = [(one.pk, one.title) for one in suggestions]
