"""Finding, checking and removing reports."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import RuleForm


class VerifyForm(RuleForm):
    file = forms.FileField(
        label=_("PDF"),
        help_text=_("It is read, compared and forgotten."),
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
        error_messages={"required": _("Choose the PDF first.")},
    )


class RemoveForm(RuleForm):
    reason = forms.CharField(
        label=_("Why is it removed?"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Stands in the journal."),
    )  # fmt: skip
