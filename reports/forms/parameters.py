"""What a report is asked for with: the language always, and what its own form adds."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models.user import Language
from core.forms import RuleForm
from reports.selectors.lines import said_day


class ParametersForm(RuleForm):
    """The base of every report's form. `project` limits the choices; the same form reads the parameters again when the
    job runs, so that a choice that is gone by then is refused in words."""

    language = forms.ChoiceField(label=gettext_lazy("Language of the report"), choices=Language.choices)

    def __init__(self, *args: Any, project: Any = None, by: Any = None, **kwargs: Any) -> None:
        self.project, self.by = project, by
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = getattr(by, "language", "") or Language.ENGLISH
        self.order_fields([*(name for name in self.fields if name != "language"), "language"])


TOO_LATE_TEXT = gettext_lazy("The period ends before it begins. Choose a later day, or an earlier first one.")


class PeriodForm(ParametersForm):
    """A report about what happened from one day to another, both counted."""

    since = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=gettext_lazy("To"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", TOO_LATE_TEXT)
        return cleaned


def as_stored(cleaned: dict[str, Any]) -> dict[str, Any]:
    """Cleaned parameters as a job keeps them: plain texts and numbers that the form reads again."""
    stored = {}
    for name, value in cleaned.items():
        if isinstance(value, dt.date):
            value = value.isoformat()
        elif hasattr(value, "pk"):
            value = value.pk
        elif hasattr(value, "values_list"):
            value = sorted(value.values_list("pk", flat=True))
        stored[name] = value
    return stored


def in_words(form: ParametersForm) -> list[tuple[str, str]]:
    """(label, value) of each parameter that was given, as a reader says it."""
    said = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        if value in (None, "", [], ()) or name == "language":
            continue
        if isinstance(value, dt.date):
            value = said_day(value)
        elif isinstance(value, bool):
            value = _("yes") if value else _("no")
        elif isinstance(field, forms.ChoiceField) and not isinstance(value, list | tuple):
            value = dict(field.choices).get(value, value)
        elif isinstance(value, list | tuple):
            value = ", ".join(str(dict(getattr(field, "choices", ())).get(v, v)) for v in value)
        said.append((str(field.label or name), str(value)))
    return said
