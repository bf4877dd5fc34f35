"""Forms around the register: its filters, and what many are given at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import FilterForm, RuleForm
from improvement.flows import Status
from improvement.grading import Scale
from improvement.models import Category, Source
from improvement.selectors.register import EVERY, GONE, ME, NOBODY, UNGRADED, Asks, Phase
from projects.forms.task_fields import DayField

ANY = gettext_lazy("Any")


def names_of(people: dict[int, Any]) -> list[tuple[str, str]]:
    return [(str(pk), person.name or person.email) for pk, person in people.items()]


class RegisterFilter(FilterForm):
    """What the query string of the list, the statistics and the workbook may say; what makes no sense is left aside."""

    q = forms.CharField(required=False, max_length=200, label=gettext_lazy("Search"))
    state = forms.ChoiceField(required=False, label=gettext_lazy("State"))
    asks = forms.ChoiceField(required=False, label=gettext_lazy("Asks for"))
    source = forms.ChoiceField(required=False, label=gettext_lazy("Source"))
    grade = forms.ChoiceField(required=False, label=gettext_lazy("Grade"))
    owner = forms.ChoiceField(required=False, label=gettext_lazy("Owner"))
    phase = forms.ChoiceField(required=False, label=gettext_lazy("Overdue"))
    process = forms.CharField(required=False, max_length=200, label=gettext_lazy("Process"))
    clause = forms.ChoiceField(required=False, label=gettext_lazy("Clause"))
    cause = forms.ChoiceField(required=False, label=gettext_lazy("Root cause"))
    site = forms.CharField(required=False, max_length=200, label=gettext_lazy("Site"))
    since = DayField(required=False, label=gettext_lazy("Found from"))
    until = DayField(required=False, label=gettext_lazy("Found until"))
    sort = forms.CharField(required=False, max_length=20)

    MORE = ("phase", "process", "clause", "cause", "site", "source", "since", "until")

    def __init__(
        self, data: Any, *, people: dict[int, Any], scale: Scale, processes: list[str] = (),
        clauses: list[tuple[str, str]] = (),
    ) -> None:  # fmt: skip
        super().__init__(data, auto_id="filter_%s")
        self.people = people
        choices: dict[str, list[Any]] = {
            "state": [("", _("Open")), *Status.choices, (EVERY, _("All"))],
            "asks": [("", ANY), *Asks.choices],
            "source": [("", ANY), *Source.choices],
            "grade": [("", ANY), (UNGRADED, _("Not graded yet")), *scale.choices],
            "owner": [("", ANY), (ME, _("Me")), (NOBODY, _("Nobody yet")), (GONE, _("Has left the project")), *names_of(people)],
            "phase": [("", ANY), *Phase.choices],
            "clause": [("", ANY), *clauses],
            "cause": [("", ANY), *Category.choices],
        }  # fmt: skip
        for name, options in choices.items():
            self.fields[name].choices = options
        offered = [("", ANY), *((one, one) for one in processes)]
        if (chosen := self.data.get("process", "")[:200]) and chosen not in processes:
            offered.append((chosen, chosen))
        self.fields["process"].widget = forms.Select(choices=offered)

    @property
    def has_more(self) -> bool:
        """Whether a filter of the folded part is in force."""
        return any(self.wanted.get(name) for name in self.MORE)

    def kept_query(self) -> str:
        """The days of the query string, for links that look closer at a part of the same time."""
        said = {name: value.isoformat() for name in ("since", "until") if (value := self.wanted.get(name))}
        return urlencode(said)

    def more(self) -> list[Any]:
        """The fields of the folded part."""
        return [self[name] for name in self.MORE]


class BulkForm(RuleForm):
    """What can be given to many nonconformities at once."""

    KEEP = gettext_lazy("as it is")
    owner = forms.ChoiceField(required=False, label=gettext_lazy("Owner"))
    grade = forms.ChoiceField(required=False, label=gettext_lazy("Grade"))
    correction_due_on = DayField(required=False, label=gettext_lazy("Contained until"))
    analysis_due_on = DayField(required=False, label=gettext_lazy("Cause known until"))

    def __init__(self, *args: Any, people: dict[int, Any], scale: Scale, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="bulk_%s", **kwargs)
        self.people = people
        self.fields["owner"].choices = [("", self.KEEP), *names_of(people)]
        self.fields["grade"].choices = [("", self.KEEP), *scale.choices]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(_("Choose an owner, a grade or a date first."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the service sets: only what was chosen."""
        found = {name: value for name, value in self.cleaned_data.items() if value}
        if owner := found.get("owner"):
            found["owner"] = self.people[int(owner)]
        return found
