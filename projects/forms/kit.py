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
    is_read = forms.BooleanField(
        label=gettext_lazy("I have read the texts below: nothing in them is about this client."),
        error_messages={"required": gettext_lazy("Read the texts first: the next client will see them.")},
    )

    def __init__(self, *args: Any, firms: list[Organization], kits: list[Kit], tasks: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.firms = {firm.slug: firm for firm in firms}
        self.fields["firm"].choices = [(firm.slug, firm.name) for firm in firms]
        self.fields["kit"].choices = [("", _("a new kit")), *((kit.name, kit.name) for kit in kits)]
        self.fields["leave"].choices = [(title, title) for title in tasks]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("kit") and not data.get("name"):
            self.add_error("name", _("Give the kit a name."))
        return data

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
        }
