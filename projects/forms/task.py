"""Forms around tasks: filters of a list, writing and changing one, many at once, pasted lines."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.forms import RuleForm, VersionedForm
from core.once import OnceForm
from projects.models import PlanActivity, Task
from projects.models.task import LinkKind, Priority, Recurrence, TaskStatus
from projects.permissions import Role
from projects.selectors.task import Surroundings
from projects.services.task import MOST_LAG
from projects.services.task_schedule import BEGUN, DATES

from .seen import SeenForm

FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2100, 12, 31)
DATE_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"]
MOST_HOURS = Decimal("99999.99")


# ---- fields -----------------------------------------------------------------------------------------------------


class DayField(forms.DateField):
    """A day between 2000 and 2100, as the browser's calendar sends it or typed as 24.12.2026."""

    def __init__(self, **kwargs: Any) -> None:
        out_of_range = gettext_lazy("Enter a date between 2000 and 2100.")
        super().__init__(
            widget=forms.DateInput(attrs={"type": "date", "min": "2000-01-01", "max": "2100-12-31"}, format="%Y-%m-%d"),
            input_formats=DATE_FORMATS,
            validators=[MinValueValidator(FIRST_DAY, out_of_range), MaxValueValidator(LAST_DAY, out_of_range)],
            **kwargs,
        )


class HoursField(forms.CharField):
    """Hours as people write them: "3", "3.5", "3,5", "3 h", "2 d" for two days of eight hours."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=20,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 8, "autocomplete": "off"}),
            **kwargs,
        )

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        hours = read_hours(text)
        if hours is None:
            raise forms.ValidationError(_("Enter hours such as 3, 3.5 or 2 d for two days."))
        if hours > MOST_HOURS:
            raise forms.ValidationError(_("That is more than a project has. Enter fewer hours."))
        return hours

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


HOURS = re.compile(r"([0-9]{1,6}(?:[.,][0-9]{1,3})?)\s*(h|hours?|std\.?|d|days?|t)?", re.IGNORECASE)


def read_hours(text: str) -> Decimal | None:
    """Hours in a text such as "3,5 h" or "2 d"; None when it is something else."""
    found = HOURS.fullmatch(text.strip())
    if not found:
        return None
    try:
        number = Decimal(found[1].replace(",", "."))
    except InvalidOperation:
        return None
    if (found[2] or "").lower().startswith(("d", "t")):
        number *= 8
    return number.quantize(Decimal("0.01"))


def who_choices(around: Surroundings, empty: str, keep: Any = None) -> list:
    """People and roles in one choice: "u:12" for a person, "r:auditor" for a role."""
    people = dict(around.people)
    if keep is not None:
        people.setdefault(keep.pk, keep)
    return [
        ("", empty),
        (_("People"), [(f"u:{person.pk}", person.name or person.email) for person in people.values()]),
        (_("Roles"), [(f"r:{role.value}", str(role.label)) for role in Role]),
    ]


def read_who(value: str, around: Surroundings, keep: Any = None) -> dict[str, Any]:
    """The fields that a choice of `who_choices` sets; a named person leaves the role as it is."""
    kind, _colon, key = value.partition(":")
    if kind == "u":
        person = around.people.get(int(key)) or (keep if keep is not None and keep.pk == int(key) else None)
        return {"assignee": person}
    return {"assignee": None, "assignee_role": key if kind == "r" else ""}


def who_of(task: Task) -> str:
    if task.assignee_id:
        return f"u:{task.assignee_id}"
    return f"r:{task.assignee_role}" if task.assignee_role else ""


# ---- filters of a list ------------------------------------------------------------------------------------------


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


# ---- one task ---------------------------------------------------------------------------------------------------


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


# ---- many at once -----------------------------------------------------------------------------------------------

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
