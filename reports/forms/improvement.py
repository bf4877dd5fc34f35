"""What the reports about nonconformities are asked for with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from improvement.models import Source
from improvement.selectors import nonconformity as selectors
from projects import access

from .parameters import TOO_LATE_TEXT, ParametersForm


class NonconformityForm(ParametersForm):
    """Which one is printed, by its number."""

    number = forms.CharField(
        label=gettext_lazy("Nonconformity"), max_length=20,
        widget=forms.TextInput(attrs={"placeholder": "NC-012", "autocomplete": "off"}),
    )  # fmt: skip

    def clean_number(self) -> str:
        text = self.cleaned_data["number"].strip()
        found = None
        if self.project is not None and self.by is not None:
            perms = access.perms_in(self.by, self.project)
            found = selectors.one(self.project, text, self.by, perms)
        if found is None:
            raise forms.ValidationError(_("There is no nonconformity of this number here."))
        return found.label


class NonconformitiesForm(ParametersForm):
    """Which ones are listed and counted."""

    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    source = forms.ChoiceField(label=gettext_lazy("Source"), required=False)
    since = forms.DateField(
        label=gettext_lazy("Found from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=gettext_lazy("Found until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", _("All")), ("open", _("Open"))]
        self.fields["source"].choices = [("", _("All")), *Source.choices]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", TOO_LATE_TEXT)
        return cleaned
