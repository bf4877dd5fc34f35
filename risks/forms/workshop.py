"""A row of the workshop's grid as it is sent: by the grid, or by the plain form of a browser without scripts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from core.forms import RuleForm
from core.once import new_key
from risks.models import Risk
from risks.profiles import Discipline

SENT = ("title", "event", "discipline", "category", "likelihood", "consequence")


class RowForm(RuleForm):
    key = forms.RegexField(r"^[A-Za-z0-9_-]{8,40}$", required=False, widget=forms.HiddenInput)
    number = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    title = forms.CharField(
        required=False, max_length=200, label=gettext_lazy("Risk or opportunity"),
        help_text=gettext_lazy("In a few words: what could happen."),
    )  # fmt: skip
    event = forms.CharField(
        required=False, max_length=Risk._meta.get_field("event").max_length, label=gettext_lazy("Cause and event"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Why it could happen, and how. The page of the risk has room for more."),
    )  # fmt: skip
    discipline = forms.ChoiceField(
        required=False, choices=Discipline.choices, initial=Discipline.GENERAL, label=gettext_lazy("Discipline")
    )
    category = forms.CharField(
        required=False, max_length=80, label=gettext_lazy("Category"),
        widget=forms.TextInput(attrs={"list": "workshop-categories", "autocomplete": "off"}),
    )  # fmt: skip
    owner = forms.ChoiceField(required=False, label=gettext_lazy("Risk owner"))
    likelihood = forms.IntegerField(required=False, min_value=1, max_value=7, label=gettext_lazy("Likelihood"))
    consequence = forms.IntegerField(required=False, min_value=1, max_value=7, label=gettext_lazy("Consequence"))

    def __init__(
        self, *args: Any, people: dict[int, Any], scale: dict[str, Any] | None, is_manager: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, auto_id="row_%s", **kwargs)
        self.initial.setdefault("key", new_key())
        self.people, self.is_manager = people, is_manager
        self.fields["owner"].choices = [
            ("", gettext_lazy("Nobody yet")),
            *((str(pk), person.name or person.email) for pk, person in people.items()),
        ]
        if not is_manager:
            del self.fields["owner"]  # who does not manage risks owns what he adds
        for name in ("likelihood", "consequence"):
            if scale is None:
                self.fields[name].disabled = True
                continue
            grades = [(str(n), f"{n} {one['name']}") for n, one in enumerate(scale[name], start=1)]
            self.fields[name].widget = forms.Select(choices=[("", "–"), *grades])

    def values(self) -> dict[str, Any]:
        """What the service saves: only what was sent, the owner as a person. A new row sends everything."""
        found = {name: self.cleaned_data.get(name) for name in SENT if self.add_prefix(name) in self.data}
        if "discipline" in found:
            found["discipline"] = found["discipline"] or Discipline.GENERAL.value
        if self.is_manager and "owner" in self.data:
            owner = self.cleaned_data.get("owner")
            found["owner"] = self.people[int(owner)] if owner else None
        return found
