"""What the status report is asked for with."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from .parameters import ParametersForm


class StatusForm(ParametersForm):
    since = forms.DateField(
        label=_("Done since"),
        required=False,
        help_text=_("The first day of the period you report on. Without it, the last 30 days."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
