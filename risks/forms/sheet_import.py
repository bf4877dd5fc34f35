"""Forms of an import into the registers of risks: which file for which register, and what only these ask."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from risks.models import AssetKind, ImportKind, Soa
from risks.profiles import Discipline
from sheets import forms as sheets
from sheets.forms import FileForm


class BeginForm(FileForm):
    kind = forms.ChoiceField(choices=ImportKind.choices, label=gettext_lazy("What comes in"))
    soa = forms.ModelChoiceField(
        Soa.objects.none(), required=False, label=gettext_lazy("Statement of Applicability"),
        empty_label=gettext_lazy("Choose …"),
        help_text=gettext_lazy("Which statement the sheet answers; only for a Statement of Applicability."),
    )  # fmt: skip

    def __init__(self, *args: Any, statements: list[Soa], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["once", "kind", "soa", "file"])
        if statements:
            self.fields["soa"].queryset = Soa.objects.filter(pk__in=[one.pk for one in statements])
        else:
            self.fields["kind"].choices = [one for one in ImportKind.choices if one[0] != ImportKind.SOA]
            del self.fields["soa"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("kind") == ImportKind.SOA and not cleaned.get("soa") and "soa" not in self.errors:
            self.add_error("soa", _("Choose the statement that the sheet answers."))
        return cleaned


class MappingForm(sheets.MappingForm):
    new_assets = forms.BooleanField(
        required=False, label=gettext_lazy("Add assets that are not known yet"),
        help_text=gettext_lazy("Otherwise a row that names an unknown asset is refused."),
    )  # fmt: skip
    discipline = forms.ChoiceField(
        required=False, choices=Discipline.choices, label=gettext_lazy("Discipline where none is said")
    )
    asset_kind = forms.ChoiceField(
        required=False, choices=AssetKind.choices, label=gettext_lazy("Kind where none is said")
    )
    name = forms.CharField(required=False, max_length=200, label=gettext_lazy("Name of the control set"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields:
            self.fields["name"].required = True
