"""Who decides for me while I am away."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.models import Organization
from core.forms import RuleForm
from projects import access
from projects.forms.start import DateInput


class DelegationForm(RuleForm):
    """For one organization: the choices of people come from it alone."""

    delegate = forms.ModelChoiceField(label=gettext_lazy("Who decides for you"), queryset=None, empty_label="")
    starts_on = forms.DateField(label=gettext_lazy("First day"), widget=DateInput)
    ends_on = forms.DateField(label=gettext_lazy("Last day"), widget=DateInput)
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=300,
        help_text=gettext_lazy("Such as holidays or illness. The project managers read it."),
    )  # fmt: skip

    def __init__(self, *args: Any, organization: Organization, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["delegate"].queryset = access.people_of(organization).exclude(pk=person.pk).order_by("name", "pk")
