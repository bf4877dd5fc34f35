"""The reports about nonconformities: the register with what it teaches, and one of them from the report to the proof."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from projects.permissions import Perm

from . import kinds
from .forms.improvement import NonconformitiesForm, NonconformityForm
from .selectors import improvement


def register() -> None:
    kinds.register(
        kinds.ReportKind(
            "nonconformities", _("Nonconformities and corrective actions"),
            _("The register with ages and what is overdue, Pareto by clause, process, cause and source, times and recurrence."),
            "alert-triangle", "reports/improvement/register.html", improvement.register, Perm.VIEW_NONCONFORMITIES,
            form=NonconformitiesForm, orientation="landscape", readers=_("Top management, management review, auditors"), order=38,
        )
    )  # fmt: skip
    kinds.register(
        kinds.ReportKind(
            "nonconformity", _("Record of a nonconformity"),
            _("One nonconformity in eight steps: team, problem, correction, cause, action, proof, prevention and end."),
            "clipboard-check", "reports/improvement/record.html", improvement.record, Perm.VIEW_NONCONFORMITIES,
            form=NonconformityForm, readers=_("Customers, certification body, process owners"), order=39,
        )
    )  # fmt: skip
