"""Asking for a decision: who decides in which step, how many of them are needed, until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.models import ApprovalStatus
from approvals.selectors.candidate import Candidate
from approvals.services.request import Planned
from approvals.subjects import Subject
from core.once import OnceForm
from projects.forms.start import DateInput

STEPS = 4
A_WEEK = dt.timedelta(days=7)


class RequestForm(OnceForm):
    """One choice for each person in question; a step's number of approvals is left empty for all."""

    due_on = forms.DateField(
        label=gettext_lazy("Decide until"), required=False, widget=DateInput,
        help_text=gettext_lazy("Reminders go out by this day. Leave it empty for no date."),
    )  # fmt: skip
    is_in_sequence = forms.ChoiceField(
        label=gettext_lazy("Several steps"), widget=forms.RadioSelect, required=False, initial="yes",
        choices=[("yes", gettext_lazy("one after the other")), ("no", gettext_lazy("side by side"))],
    )  # fmt: skip
    note = forms.CharField(
        label=gettext_lazy("Note to the deciders"), required=False, max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What it is about, and what they should look at first."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, candidates: Sequence[Candidate], today: dt.date, planned: list[Planned] | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.planned = planned
        self.candidates = [one for one in candidates if not one.barred]
        self.barred = [one for one in candidates if one.barred]
        self.initial.setdefault("due_on", today + A_WEEK)
        later = [(str(k), _("decides in step %(k)s") % {"k": k}) for k in range(2, STEPS + 1)]
        steps = [("", _("does not decide")), ("1", _("decides")), *later]
        for one in self.candidates:
            self.fields[f"person_{one.person.pk}"] = forms.ChoiceField(
                label=str(one.person), choices=steps, required=False, initial="1" if one.is_preset else ""
            )
        for k in range(1, STEPS + 1):
            self.fields[f"needed_{k}"] = forms.IntegerField(
                label=_("Approvals needed in step %(k)s") % {"k": k}, required=False, min_value=1, max_value=20
            )
        self.fields["note"].widget.attrs["maxlength"] = 2_000

    @property
    def rows(self) -> list[tuple[Candidate, Any]]:
        """Each person with their choice, as the page lays them out."""
        return [(one, self[f"person_{one.person.pk}"]) for one in self.candidates]

    @property
    def needs(self) -> list[Any]:
        return [self[f"needed_{k}"] for k in range(1, STEPS + 1)]

    @property
    def has_more_needs(self) -> bool:
        """Whether something was chosen that the folded part shows."""
        return self.is_bound and any(self[f"needed_{k}"].value() for k in range(1, STEPS + 1))

    def steps(self) -> list[Planned]:
        """The way as the service takes it; a step that nobody stands in is left out. Where the record says it, its own."""
        if self.planned is not None:
            return self.planned
        found = []
        for k in range(1, STEPS + 1):
            people = [
                one.person for one in self.candidates if self.cleaned_data.get(f"person_{one.person.pk}") == str(k)
            ]
            if people:
                found.append(Planned(people, self.cleaned_data.get(f"needed_{k}") or 0))
        return found

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if not self.errors and not self.steps():
            raise forms.ValidationError(_("Choose at least one person who decides."))
        return values

    @property
    def in_sequence(self) -> bool:
        return self.cleaned_data.get("is_in_sequence") != "no"


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The deciders read it; it stands in the journal."),
    )  # fmt: skip


class ApprovalFilter(forms.Form):
    """What the query string of the list may say; what makes no sense is left aside."""

    q = forms.CharField(required=False, max_length=200, label=gettext_lazy("Search"))
    status = forms.ChoiceField(required=False, label=gettext_lazy("State"))
    kind = forms.ChoiceField(required=False, label=gettext_lazy("What"))
    sort = forms.CharField(required=False, max_length=20)

    def __init__(self, data: Any, *, kinds: Sequence[Subject]) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.fields["status"].choices = [("", _("Any")), *ApprovalStatus.choices]
        self.fields["kind"].choices = [("", _("Any")), *((one.kind, one.label) for one in kinds)]

    @property
    def wanted(self) -> dict[str, str]:
        """The filters that make sense, without the empty ones."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def chosen(self) -> list[dict[str, Any]]:
        """The filters in force, as chips that can be removed."""
        rows = []
        for name, value in self.wanted.items():
            if name == "sort":
                continue
            text = dict(self.fields[name].choices).get(value, value) if name != "q" else value
            rows.append({"name": name, "label": self.fields[name].label, "value": value, "text": text})
        return rows
