"""Fields that a task and many another form share: a day, hours as people write them, who shall do it."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models import Task
from projects.permissions import Role
from projects.selectors.task import Surroundings

FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2100, 12, 31)
DATE_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"]
MOST_HOURS = Decimal("99999.99")


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
