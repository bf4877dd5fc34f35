"""What the master list of documents is asked for with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.models import Kind
from documents.selectors import register as lists

from .parameters import ParametersForm


class DocumentsForm(ParametersForm):
    kind = forms.ChoiceField(label=gettext_lazy("Type"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    standard = forms.ChoiceField(label=gettext_lazy("Standard"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("All")), *Kind.choices]
        self.fields["state"].choices = [("", _("In use")), *lists.State.choices, ("all", _("All"))]
        standards = lists.standards_in(self.project) if self.project is not None else []
        self.fields["standard"].choices = [("", _("All")), *standards]
