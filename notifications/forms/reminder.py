"""The numbers of a reminder rule."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import RuleForm
from notifications.reminding.rules import Rule

MOST = 250


def _days(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, min_value=0, max_value=MOST)


class ReminderRuleForm(RuleForm):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    is_active = forms.BooleanField(label=gettext_lazy("Remind people of these"), required=False)
    before_days = forms.CharField(
        label=gettext_lazy("Days before the date"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Such as 14, 7, 1, 0; 0 is the day itself. On a day off it comes on the working day before."),
    )  # fmt: skip
    every_working_days = _days(
        gettext_lazy("When late, again every so many working days"), gettext_lazy("0: not again.")
    )
    escalate_manager_after = _days(
        gettext_lazy("Project manager hears of it after"), gettext_lazy("Working days late. 0: never.")
    )
    escalate_management_after = _days(
        gettext_lazy("Top management hears of it after"), gettext_lazy("Working days late. 0: never.")
    )

    @classmethod
    def of(cls, rule: Rule, version: int, prefix: str, data: Any = None) -> ReminderRuleForm:
        initial = {**vars(rule), "before_days": ", ".join(map(str, rule.before_days)), "version": version}
        return cls(data, prefix=prefix, initial=initial)

    def clean_before_days(self) -> tuple[int, ...]:
        words = [word for word in re.split(r"[\s,;]+", self.cleaned_data["before_days"]) if word]
        if any(not re.fullmatch("[0-9]{1,3}", word) for word in words):
            raise forms.ValidationError(_("Only whole numbers of days, with commas between them: 14, 7, 1, 0."))
        return tuple(int(word) for word in words)

    @property
    def rule(self) -> Rule:
        return Rule(**{name: value for name, value in self.cleaned_data.items() if name != "version"})
