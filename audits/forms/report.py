"""The form of an audit report: texts, and a conclusion for each standard."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from audits.models import Audit, AuditReport, Conclusion
from audits.selectors.audit import standards_of
from audits.selectors.report import TEXTS
from core.forms import VersionedForm

from .base import Conflicting, area


class ReportForm(Conflicting, VersionedForm):
    """Version 0: nothing was written yet."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    summary = area(
        _("Summary"), _("What was audited, how it stands, and what matters most: what top management reads first."),
        longest=20_000, rows=6,
    )  # fmt: skip
    strengths = area(
        _("Strengths"), _("What is done well, beside the strengths noted in the checklist."), longest=20_000
    )
    not_covered = area(
        _("What was not sampled, and what that means"),
        _("The lines themselves are listed by the report; say what the reader should conclude from it."), longest=20_000,
    )  # fmt: skip
    attendance = area(
        _("Attendance"),
        _("Who was there beside those ticked in the agenda: openings, closings, guests."),
        longest=20_000,
    )
    distribution = area(_("Distribution"), _("Who receives the report."), longest=20_000, rows=2)

    def __init__(self, *args: Any, conclusions: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.links = conclusions
        for link in conclusions:
            self.fields[f"conclusion_{link.standard_id}"] = forms.ChoiceField(
                required=False, choices=Conclusion.choices, label=link.standard.code
            )
            self.fields[f"words_{link.standard_id}"] = area(_("In words"), rows=2)

    @property
    def conclusion_rows(self) -> list[tuple[Any, Any, Any]]:
        return [
            (one.standard, self[f"conclusion_{one.standard_id}"], self[f"words_{one.standard_id}"])
            for one in self.links
        ]

    @property
    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in TEXTS}

    @property
    def conclusions(self) -> dict[int, tuple[str, str]]:
        data = self.cleaned_data
        return {
            one.standard_id: (data[f"conclusion_{one.standard_id}"], data[f"words_{one.standard_id}"])
            for one in self.links
        }

    def initial_of(self, report: AuditReport | None, audit: Audit | None = None) -> dict[str, Any]:
        """What stands in the database now."""
        links = standards_of(audit or report.audit) if (audit or report) is not None else ()
        found = {name: getattr(report, name, "") for name in TEXTS} | {"version": getattr(report, "version", 0)}
        for link in links:
            found |= {
                f"conclusion_{link.standard_id}": link.conclusion, f"words_{link.standard_id}": link.conclusion_text,
            }  # fmt: skip
        return found
