"""What an organization says about itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.profile import one_line, zones
from accounts.models import Organization
from accounts.models.user import Language, zone_exists
from core import places
from core.forms import RuleForm


class OrganizationForm(RuleForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        required=False,
        help_text=gettext_lazy("New projects begin with its public holidays; running ones keep theirs."),
    )
    region = forms.ChoiceField(
        label=gettext_lazy("Region"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("This is no region of the chosen country. Choose it again.")},
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=Language.choices,
        help_text=gettext_lazy("In which people who are new here are invited."),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), help_text=gettext_lazy("Decides when a day ends here.")
    )
    headcount = forms.IntegerField(
        label=gettext_lazy("People working there"), min_value=1, max_value=1_000_000, required=False
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(organization, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", _("Not said")), *places.countries()]
        country = self.data.get("country", "") if self.is_bound else organization.country
        self.fields["region"].choices = [("", _("The whole country")), *places.regions(country or "")]
        self.fields["time_zone"].choices = zones()

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_time_zone(self) -> str:
        zone_exists(self.cleaned_data["time_zone"])
        return self.cleaned_data["time_zone"]
