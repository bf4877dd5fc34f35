"""The form of the mandate: texts, budget lines and team rows, a few empty rows more each time it opens."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.profile import one_line
from context.formatting import money
from context.models import Mandate
from context.models.mandate import CURRENCIES, LONGEST, MOST_ROWS
from core.forms import VersionedForm
from projects import access
from projects.models import Project

FIRST_ROWS, MORE_ROWS = 5, 3
APOSTROPHES = "'\u2019\u02bc \u00a0\u202f"


def text(label: Any, hint: Any, rows: int = 5) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows})
    )


class MoneyField(forms.DecimalField):
    """An amount as people type it: 12'400, 12 400.50, 12400,50 and 12,400 are understood."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(min_value=0, max_digits=12, decimal_places=2, **kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        if isinstance(value, str):
            value = value.translate(dict.fromkeys(map(ord, APOSTROPHES)))
            whole, _dot, cents = value.rpartition(",")
            is_comma = "," in value and "." not in value and len(cents) <= 2
            value = f"{whole.replace(',', '')}.{cents}" if is_comma else value.replace(",", "")
        return super().to_python(value)


class Row(forms.Form):
    """One row of a list; an empty one is left out, and a row that was emptied is taken away."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["use_required_attribute"] = False
        super().__init__(*args, **kwargs)


class LineForm(Row):
    what = forms.CharField(label=gettext_lazy("What"), max_length=200)
    amount = MoneyField(label=gettext_lazy("Amount"))

    def clean_what(self) -> str:
        return one_line(self.cleaned_data["what"])


class MemberForm(Row):
    person = forms.ChoiceField(label=gettext_lazy("Person"), required=False)
    name = forms.CharField(label=gettext_lazy("Or a name"), required=False, max_length=120)
    role = forms.CharField(label=gettext_lazy("Role in the project"), required=False, max_length=120)
    share = forms.IntegerField(label=gettext_lazy("Time in %"), min_value=1, max_value=100)

    def __init__(self, *args: Any, people: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["person"].choices = [("", _("nobody of the project")), *((str(k), v) for k, v in people.items())]
        self.fields["share"].widget.attrs["inputmode"] = "numeric"

    def clean_role(self) -> str:
        return one_line(self.cleaned_data["role"])

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        data["name"] = one_line(data.get("name", ""))
        data["person"] = int(data["person"]) if data.get("person") else None
        if data["person"] and data["name"]:
            self.add_error("name", _("Choose a person of the project or type a name, not both."))
        elif data["person"]:
            data["name"] = self.people[data["person"]][:120]
        elif not data["name"] and "person" not in self.errors:
            self.add_error("person", _("Choose a person, or type a name beside it."))
        return data


class Rows(forms.BaseFormSet):
    """Rows that may all be empty: none was there "before", so what stands in the form is the list."""

    def __init__(self, *args: Any, rows: list[dict[str, Any]] | None = None, **kwargs: Any) -> None:
        self.extra = max(FIRST_ROWS, len(rows or []) + MORE_ROWS)
        super().__init__(*args, initial=None if args and args[0] is not None else rows, **kwargs)

    def initial_form_count(self) -> int:
        return 0

    @property
    def values(self) -> list[dict[str, Any]]:
        """The rows that say something, in their order."""
        return [form.cleaned_data for form in self.forms if form.cleaned_data]


LINES = forms.formset_factory(LineForm, formset=Rows, max_num=MOST_ROWS, absolute_max=MOST_ROWS + 20, validate_max=True)
MEMBERS = forms.formset_factory(
    MemberForm, formset=Rows, max_num=MOST_ROWS, absolute_max=MOST_ROWS + 20, validate_max=True
)


def _with_more(data: Any, prefix: str) -> Any:
    """What was sent, asking for some empty rows more."""
    count, data = data.get(f"{prefix}-TOTAL_FORMS", ""), data.copy()
    if count.isdecimal() and len(count) <= 3:
        data[f"{prefix}-TOTAL_FORMS"] = str(min(int(count) + MORE_ROWS, MOST_ROWS))
    return data


class MandateForm(VersionedForm):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    motives = text(
        gettext_lazy("Motives"), gettext_lazy("Why now: what customers, law, incidents or the market ask for.")
    )
    benefits = text(
        gettext_lazy("Benefits"), gettext_lazy("What will be better afterwards, in figures where you have them.")
    )
    resources = text(
        gettext_lazy("Resources"),
        gettext_lazy("Beyond money and people: rooms, tools, systems, training, time of others."),
    )
    risks = text(
        gettext_lazy("Risks of the project"), gettext_lazy("What could stop or delay it, and what is done about that.")
    )
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), choices=[(code, code) for code in CURRENCIES])

    def __init__(
        self, data: Any = None, *, project: Project, mandate: Mandate | None = None, more: str = "", **kwargs: Any
    ) -> None:
        initial = {"version": 0, "currency": "CHF" if project.organization.country in ("CH", "LI") else "EUR"}
        if mandate is not None:
            names = ("version", "motives", "benefits", "resources", "risks", "currency")
            initial = {name: getattr(mandate, name) for name in names}
        if data is not None and more in ("budget", "team"):
            data = _with_more(data, more)
        super().__init__(data, initial=initial, **kwargs)
        people = {person.pk: str(person) for person in access.people_of(project).order_by("name", "pk")}
        for row in mandate.team if mandate else ():
            if row.get("person"):
                people.setdefault(row["person"], row["name"])  # who has left stays named until somebody changes it
        self.budget = LINES(data, prefix="budget", rows=mandate.budget if mandate else [])
        rows = [{**row, "name": "" if row.get("person") else row["name"]} for row in mandate.team] if mandate else []
        self.team = MEMBERS(data, prefix="team", rows=rows, form_kwargs={"people": people})

    @property
    def parts(self) -> list[Any]:
        return [self[name] for name in ("motives", "benefits", "resources", "risks")]

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.budget.is_valid(), self.team.is_valid()])

    @property
    def wrong_rows(self) -> list[str]:
        """What is wrong in the rows, one sentence for each."""
        found = []
        for what, rows in ((_("Budget"), self.budget), (_("Project team"), self.team)):
            if not rows.is_bound:
                continue
            found += [f"{what}: {error}" for error in rows.non_form_errors()]
            for number, errors in enumerate(rows.errors, start=1):
                for name, sentences in errors.items():
                    label = rows.forms[number - 1].fields[name].label if name != "__all__" else ""
                    line = _("line %(n)s") % {"n": number}
                    found.append(f"{what}, {line}{f', {label}' if label else ''}: {sentences[0]}")
        return found

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        names = ("motives", "benefits", "resources", "risks", "currency")
        return {
            **{name: self.cleaned_data[name] for name in names},
            "budget": [{"what": row["what"], "amount": row["amount"]} for row in self.budget.values],
            "team": [
                {name: row[name] for name in ("name", "role", "share", "person")} for row in self.team.values
            ],
        }  # fmt: skip

    def differences(self, labels: dict[str, str] | None = None) -> list[dict[str, Any]]:
        """Both texts where somebody saved first; rows one under the other."""
        if self.conflict is None:
            return []
        said = {"budget": _("Budget"), "team": _("Project team")}
        mine, theirs = self.values, self.conflict
        rows = []
        for name, value in mine.items():
            now = getattr(theirs, name)
            if name == "budget":
                value, now = (_lines(side) for side in (value, now))
            elif name == "team":
                value, now = (_people(side) for side in (value, now))
            if value != now:
                label = said.get(name) or self.fields[name].label
                rows.append({"field": name, "label": label, "mine": value, "theirs": now})
        return rows


def _lines(rows: list[dict[str, Any]]) -> str:
    return "; ".join(f"{row['what']}: {money(row['amount'])}" for row in rows)


def _people(rows: list[dict[str, Any]]) -> str:
    return "; ".join(f"{row['name']} ({row['role']}) {row['share']} %" for row in rows)
