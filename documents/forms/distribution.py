"""Giving a document: to whom, whether they are asked, within how many days."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.forms import RuleForm
from documents.models import Audience
from documents.selectors.audience import EVERYBODY, Team

WITHIN_DAYS = 14


def people_in_words(count: int) -> str:
    return ngettext("%(n)s person", "%(n)s people", count) % {"n": count}


class GiveForm(RuleForm):
    """Every choice says how many people it is."""

    audience = forms.ChoiceField(label=gettext_lazy("Goes to"), widget=forms.RadioSelect, initial=Audience.EVERYBODY)
    role = forms.ChoiceField(label=gettext_lazy("Role"), required=False)
    person = forms.ModelChoiceField(label=gettext_lazy("Person"), queryset=None, required=False, empty_label="–")
    asks = forms.BooleanField(
        label=gettext_lazy("Ask them to confirm that they read and understood it"), required=False, initial=True,
        help_text=gettext_lazy("A material change asks them again, an editorial one does not."),
    )  # fmt: skip
    within_days = forms.IntegerField(
        label=gettext_lazy("Within … days"), min_value=1, max_value=365, initial=WITHIN_DAYS,
        help_text=gettext_lazy("Counted from the day on which somebody is asked."),
    )  # fmt: skip

    def __init__(self, *args: Any, team: Team, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team
        everybody = _("Everybody in the project (%(people)s)") % {"people": people_in_words(len(team.everybody))}
        self.fields["audience"].choices = [
            (Audience.EVERYBODY, everybody), (Audience.ROLE, _("Everybody who holds a role")), (Audience.PERSON, _("One person")),
        ]  # fmt: skip
        self.fields["role"].choices = [("", "–"), *_roles(team)]
        self.fields["person"].queryset = people

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("audience") == Audience.ROLE and not values.get("role") and "role" not in self.errors:
            self.add_error("role", _("Choose the role whose holders get the document."))
        if values.get("audience") == Audience.PERSON and not values.get("person") and "person" not in self.errors:
            self.add_error("person", _("Choose the person who gets the document."))
        return values

    @property
    def whom(self) -> dict[str, Any]:
        """The choice as the service takes it; what belongs to another audience is left aside."""
        values = self.cleaned_data
        audience = values["audience"]
        return {
            "audience": audience,
            "role": values["role"] if audience == Audience.ROLE else "",
            "person": values["person"] if audience == Audience.PERSON else None,
        }

    @property
    def people(self) -> frozenset[int]:
        """Who that is today."""
        whom = self.whom
        return self.team.people(whom["audience"], whom["role"], whom["person"].pk if whom["person"] else None)

    @property
    def in_words(self) -> str:
        """To whom, in words: "Staff"."""
        whom = self.whom
        if whom["audience"] == Audience.ROLE:
            return next(str(role.label) for role in EVERYBODY if role == whom["role"])
        return str(whom["person"]) if whom["person"] else _("Everybody in the project")


def _roles(team: Team) -> Iterable[tuple[str, str]]:
    for role in EVERYBODY:
        count = len(team.by_role.get(role, ()))
        yield role.value, f"{role.label} ({people_in_words(count)})"
