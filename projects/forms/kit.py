"""Saving a plan as a kit, and what a kit is called."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organization
from core.forms import RuleForm
from projects.models import Kit

LONG_TEXT = 5_000


class KitForm(RuleForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    description = forms.CharField(
        label=gettext_lazy("For whom it is"),
        required=False,
        max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    is_retired = forms.BooleanField(label=gettext_lazy("No longer offer it on the start page"), required=False)


class SaveKitForm(RuleForm):
    firm = forms.ChoiceField(label=gettext_lazy("Firm"))
    kit = forms.ChoiceField(label=gettext_lazy("As the next version of"), required=False)
    name = forms.CharField(label=gettext_lazy("Name of a new kit"), max_length=120, required=False)
    description = forms.CharField(label=gettext_lazy("For whom it is"), max_length=LONG_TEXT, required=False)
    note = forms.CharField(
        label=gettext_lazy("What is new in it"), required=False, max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    leave = forms.MultipleChoiceField(
        label=gettext_lazy("Leave these tasks out"), required=False, widget=forms.CheckboxSelectMultiple
    )
    registers = forms.MultipleChoiceField(
        label=gettext_lazy("Take along from the registers"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Their method and what may happen elsewhere too; no owner, no rating, no date."),
    )  # fmt: skip
    rows = forms.MultipleChoiceField(
        label=gettext_lazy("Leave these out"), required=False, widget=forms.CheckboxSelectMultiple
    )
    is_read = forms.BooleanField(
        label=gettext_lazy("I have read the texts below: nothing in them is about this client."),
        error_messages={"required": gettext_lazy("Read the texts first: the next client will see them.")},
    )

    def __init__(
        self, *args: Any, firms: list[Organization], kits: list[Kit], tasks: list[str],
        registers: list[tuple[str, str, list[str]]], **kwargs: Any,
    ) -> None:  # fmt: skip
        """`registers`: key, words and the names of the rows of each part that a kit can carry."""
        super().__init__(*args, **kwargs)
        self.firms = {firm.slug: firm for firm in firms}
        self.fields["firm"].choices = [(firm.slug, firm.name) for firm in firms]
        self.fields["kit"].choices = [("", _("a new kit")), *((kit.name, kit.name) for kit in kits)]
        self.fields["leave"].choices = [(title, title) for title in tasks]
        self.fields["registers"].choices = [(key, words) for key, words, _rows in registers]
        self.fields["rows"].choices = [
            (f"{key}:{name}", name) for key, _words, names in registers for name in dict.fromkeys(names)
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("kit") and not data.get("name"):
            self.add_error("name", _("Give the kit a name."))
        return data

    @property
    def left_out(self) -> dict[str, list[str]]:
        """The names of rows that stay behind, by the key of their register."""
        found: dict[str, list[str]] = {}
        for text in self.cleaned_data["rows"]:
            key, _colon, name = text.partition(":")
            found.setdefault(key, []).append(name)
        return found

    @property
    def details(self) -> dict[str, Any]:
        """The arguments of services.kit.save."""
        data = self.cleaned_data
        return {
            "firm": self.firms[data["firm"]],
            "name": data["kit"] or data["name"],
            "description": data["description"],
            "note": data["note"],
            "without_tasks": data["leave"],
            "registers": data["registers"],
            "without_rows": self.left_out,
        }
