"""What a person is told, by what way and when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import RuleForm
from notifications.models.preference import EARLIEST_HOUR, LATEST_HOUR, Preference, When
from notifications.services.preference import NEVER

ALWAYS = When.choices
MAYBE = [*When.choices, (NEVER, _("Not by e-mail"))]
HOURS = [(hour, f"{hour:02d}:00") for hour in range(EARLIEST_HOUR, LATEST_HOUR + 1)]


class PreferenceForm(RuleForm):
    decision = forms.ChoiceField(
        label=_("A decision is awaited from me"),
        choices=ALWAYS,
        help_text=_("Requests to sign always come: somebody's work waits for them."),
    )
    assignment = forms.ChoiceField(label=_("A task is assigned to me"), choices=MAYBE)
    mention = forms.ChoiceField(label=_("Somebody mentions me"), choices=MAYBE)
    digest = forms.BooleanField(
        label=_("Every morning: what is due"),
        required=False,
        help_text=_("One e-mail a day with everything that is due, and nothing on days without."),
    )
    weekly = forms.BooleanField(
        label=_("Every Monday: the week"),
        required=False,
        help_text=_("How the projects stand; for consultants and top management."),
    )
    morning_hour = forms.TypedChoiceField(
        label=_("Morning e-mails from"), choices=HOURS, coerce=int, help_text=_("By the clock of your time zone.")
    )

    @classmethod
    def of(cls, person: Any, chosen: Preference, data: Any = None) -> PreferenceForm:
        """The form as the person's choices stand."""
        return cls(
            data,
            initial={
                "decision": chosen.decision,
                "assignment": chosen.assignment if person.mail_on_assignment else NEVER,
                "mention": chosen.mention if person.mail_on_mention else NEVER,
                "digest": person.mail_digest,
                "weekly": person.mail_weekly,
                "morning_hour": chosen.morning_hour,
            },
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if not values.get("digest"):
            for name in ("decision", "assignment", "mention"):
                if values.get(name) == When.DIGEST:
                    self.add_error(
                        name, _("The daily digest is switched off below. Switch it on, or choose another way here.")
                    )
        return values
