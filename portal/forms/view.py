"""The form of a saved view."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from accounts.forms.profile import one_line
from core.forms import RuleForm


class ViewForm(RuleForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=40)
    is_default = forms.BooleanField(label=gettext_lazy("Open the portfolio with this view"), required=False)

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])
