"""What an extract of the journal is asked for with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from projects import journal_words

from .parameters import PeriodForm


class JournalForm(PeriodForm):
    kind = forms.ChoiceField(label=_("Entries about"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("Everything")), *journal_words.GROUPS.items()]
