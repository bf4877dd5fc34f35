"""What the reports about risks are asked for with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from risks.profiles import Discipline

from .parameters import ParametersForm


class RisksForm(ParametersForm):
    discipline = forms.ChoiceField(label=gettext_lazy("Discipline"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["discipline"].choices = [("", _("All")), *Discipline.choices]
