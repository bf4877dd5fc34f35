"""Which programme, or which audit, is printed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from audits.models import Audit, Programme

from .parameters import ParametersForm

MOST = 300


class ProgrammeForm(ParametersForm):
    programme = forms.ChoiceField(label=gettext_lazy("Programme"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Programme.objects.filter(project=self.project).order_by("-is_open", "-starts_on")[:MOST]
        self.fields["programme"].choices = [(one.label, str(one)) for one in rows] or [("", "–")]


class AuditForm(ParametersForm):
    audit = forms.ChoiceField(label=gettext_lazy("Audit"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Audit.objects.filter(project=self.project).order_by("-is_open", "-number")[:MOST]
        self.fields["audit"].choices = [(one.label, str(one)) for one in rows] or [("", "–")]
