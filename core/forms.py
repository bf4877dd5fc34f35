"""What every form does: trims, refuses NUL with a sentence, and never overwrites somebody else's newer save."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .rules import RuleBroken, StaleRecord


class RuleForm(forms.Form):
    """Carries a broken rule back to the person, with everything they typed.

    In a view:  `if form.is_valid() and form.carry_out(lambda: services.task.edit(...)): redirect`
    """

    result: Any = None
    conflict: Any = None

    def carry_out(self, change: Any) -> bool:
        """Calls `change`; True when it worked (`result`). A RuleBroken lands on the form, a StaleRecord also in `conflict`."""
        try:
            self.result = change()
        except StaleRecord as stale:
            self.conflict = stale.current
            self.add_error(None, stale.as_text)
            return False
        except RuleBroken as refusal:
            self.add_error(refusal.field, refusal.as_text)
            return False
        return True


class FilterForm(forms.Form):
    """The filters of a list as its query string says them; what makes no sense is left aside, `sort` is no filter."""

    @property
    def wanted(self) -> dict[str, Any]:
        """The filters that make sense, without the empty ones."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def chosen(self) -> list[dict[str, str]]:
        """The filters in force as chips: name, value, label and text."""
        return [self.chip(name, value) for name, value in self.wanted.items() if name != "sort"]

    def chip(self, name: str, value: Any) -> dict[str, str]:
        field = self.fields[name]
        options = dict(field.choices) if isinstance(field, forms.ChoiceField) else {}
        return {
            "name": name,
            "value": str(value),
            "label": str(field.label),
            "text": str(options.get(str(value), value)),
        }


class VersionedForm(RuleForm):
    """Knows which version of the record the person saw; the service compares it when it saves."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def differences(self, labels: dict[str, str] | None = None) -> list[dict[str, Any]]:
        """After a conflict: for each field both texts, what the person typed (`mine`) and what stands now (`theirs`)."""
        if self.conflict is None:
            return []
        rows = []
        for name, field in self.fields.items():
            if name == "version" or not hasattr(self.conflict, name):
                continue
            mine, theirs = self.cleaned_data.get(name), getattr(self.conflict, name)
            if mine != theirs:
                rows.append(
                    {"field": name, "label": (labels or {}).get(name, field.label), "mine": mine, "theirs": theirs}
                )
        return rows

    def take_over(self) -> None:
        """Lets the next save of this form go on top of the newer version, now that the person has seen it."""
        if self.conflict is not None:
            self.data = self.data.copy()
            self.data[self.add_prefix("version")] = str(self.conflict.version)


TOO_LATE = _("This date lies before the one above.")


def dates_in_order(form: forms.Form, first: str, last: str) -> None:
    """Puts an error on `last` when it lies before `first`."""
    start, end = form.cleaned_data.get(first), form.cleaned_data.get(last)
    if start and end and end < start:
        form.add_error(last, TOO_LATE)
