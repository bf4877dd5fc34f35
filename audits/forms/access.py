"""Inviting an auditor of a certification body."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from core.forms import RuleForm
from projects.forms.task_fields import DayField


class InviteForm(RuleForm):
    email = forms.EmailField(max_length=254, label=gettext_lazy("E-mail"))
    ends_on = DayField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("The last day on which the pages open, at most 90 days ahead."),
    )
