"""Forms around acceptances: which risks of whom until when, giving up, taking back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from core.forms import RuleForm, VersionedForm
from core.once import OnceForm
from projects.forms.task_fields import DayField
from risks.models import Acceptance
from risks.selectors.acceptance import Row


class AcceptanceFields(forms.Form):
    """The rows that are ticked, the day and a note; `rows` are what the risk owner could accept."""

    risks = forms.TypedMultipleChoiceField(
        coerce=int, widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Residual risks"),
        error_messages={"required": gettext_lazy("Tick the risks that are to be accepted.")},
    )  # fmt: skip
    accepted_until = DayField(
        label=gettext_lazy("Valid until"),
        help_text=gettext_lazy("Proposed by the review interval of the highest level. On the day after, it holds no longer."),
    )  # fmt: skip
    note = forms.CharField(
        required=False, max_length=2_000, label=gettext_lazy("Note"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What the risk owner should know before signing; it is signed with the rest."),
    )  # fmt: skip

    def __init__(self, *args: Any, rows: list[Row], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.fields["risks"].choices = [(row.risk.number, str(row.risk)) for row in rows]

    @property
    def ticked(self) -> list[tuple[Row, bool]]:
        """Each row with whether it is ticked."""
        chosen = {str(value) for value in self["risks"].value() or ()}
        return [(row, str(row.risk.number) in chosen) for row in self.rows]


class AcceptanceForm(AcceptanceFields, OnceForm):
    """An acceptance to draw up."""


class AcceptanceEditForm(AcceptanceFields, VersionedForm):
    """One that was not signed yet."""

    @classmethod
    def initial_of(cls, acceptance: Acceptance) -> dict[str, Any]:
        return {
            "accepted_until": acceptance.accepted_until,
            "note": acceptance.note,
            "version": acceptance.version,
            "risks": list(acceptance.rows.values_list("risk__number", flat=True)),
        }

    def conflict_rows(self) -> list[dict[str, str]]:
        """After a conflict: each field that differs, what was typed and what stands now, in words."""
        if self.conflict is None:
            return []
        theirs = self.initial_of(self.conflict)
        rows = []
        for name in ("risks", "accepted_until", "note"):
            mine, now = (_said(value) for value in (self[name].value(), theirs[name]))
            if mine != now:
                rows.append({"label": self.fields[name].label, "mine": mine or "–", "theirs": now or "–"})
        return rows


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(f"R-{int(number):03d}" for number in sorted(value, key=int))
    return str(value or "")


class ReasonForm(RuleForm):
    reason = forms.CharField(
        max_length=450, label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text=gettext_lazy("It stands in the register and in the journal."),
    )  # fmt: skip
