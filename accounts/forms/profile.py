"""What a person says about themselves."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


@cache
def zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """The time zones of the IANA list by continent, as people look for them."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(available_timezones()):
        area, _slash, place = zone.partition("/")
        if place and area in {
            "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"
        }:  # fmt: skip
            groups.setdefault(area, []).append((zone, place.replace("_", " ").replace("/", ", ")))
    return [*groups.items(), ("UTC", [("UTC", "UTC")])]


def one_line(text: str) -> str:
    """A name without line breaks, tabs and double spaces."""
    return " ".join(text.split())


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = (
            "name",
            "language",
            "time_zone",
            "theme",
            "shortcuts_enabled",
        )
        labels = {
            "name": _("Your name"),
            "language": _("Language"),
            "time_zone": _("Time zone"),
            "theme": _("Appearance"),
            "shortcuts_enabled": _("Single-key shortcuts"),
        }
        help_texts = {
            "name": _("As it stands on tasks, in the journal and beside what you sign."),
            "language": _("Of the pages and of e-mails to you."),
            "time_zone": _("Times are shown, and reminders sent, by this clock."),
            "shortcuts_enabled": _("“/” searches, “g” then a letter goes to a page, “?” lists them all."),
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        known = {zone for _area, group in zones() for zone, _place in group}
        kept = [] if self.instance.time_zone in known else [(self.instance.time_zone, self.instance.time_zone)]
        self.fields["time_zone"] = forms.ChoiceField(
            label=self.fields["time_zone"].label,
            help_text=self.fields["time_zone"].help_text,
            choices=[*kept, *zones()],
            error_messages={"invalid_choice": _("“%(value).60s” is no time zone we know. Choose one from the list.")},
        )

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])
