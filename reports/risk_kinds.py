"""The reports about risks: the assessment, and the plan of treatment."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from projects.permissions import Perm

from . import kinds
from .forms.risks import RisksForm
from .selectors import risks


def register() -> None:
    kinds.register(
        kinds.ReportKind(
            "risk-assessment", _("Risk assessment"),
            _("How risks are rated, where they lie, the whole register by level, and the highest told in full."),
            "alert-triangle", "reports/risks/assessment.html", risks.assessment, Perm.VIEW_RISKS, form=RisksForm,
            orientation="landscape", readers=_("Top management, auditors"), order=36,
        )
    )  # fmt: skip
    kinds.register(
        kinds.ReportKind(
            "treatment-plan", _("Risk treatment plan"),
            _("What is done about which risk, by whom, until when and at what cost; and what is not decided yet."),
            "list-check", "reports/risks/plan.html", risks.treatment_plan, Perm.VIEW_RISKS, form=RisksForm,
            orientation="landscape", readers=_("Risk owners, top management, auditors"), order=37,
        )
    )  # fmt: skip
