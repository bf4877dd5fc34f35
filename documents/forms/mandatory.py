"""The filters of the mandatory documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.selectors.mandatory import State
from pdca.models import Standard


class MandatoryFilter(forms.Form):
    """What the query string may say; what makes no sense is left aside."""

    q = forms.CharField(required=False, max_length=200, label=gettext_lazy("Search"))
    standard = forms.ChoiceField(required=False, label=gettext_lazy("Standard"))
    state = forms.ChoiceField(required=False, label=gettext_lazy("State"))
    asked = forms.ChoiceField(required=False, label=gettext_lazy("Asked for"))

    def __init__(self, data: Any, *, standards: Iterable[Standard]) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.fields["standard"].choices = [("", _("Any")), *((one.slug, one.code) for one in standards)]
        self.fields["state"].choices = [("", _("Any")), *State.choices]
        self.fields["asked"].choices = [("", _("Any")), ("explicit", _("by a clause")), ("customary", _("by custom"))]

    @property
    def wanted(self) -> dict[str, str]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def chosen(self) -> list[dict[str, Any]]:
        """The filters in force, as chips that can be removed."""
        return [
            {"name": name, "label": self.fields[name].label, "value": value,
             "text": value if name == "q" else dict(self.fields[name].choices).get(value, value)}
            for name, value in self.wanted.items()
        ]  # fmt: skip
