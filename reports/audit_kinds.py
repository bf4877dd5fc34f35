"""The reports about audits: the programme with its coverage, and the plan of one audit."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from projects.permissions import Perm

from . import kinds
from .forms.audits import AuditForm, ProgrammeForm
from .selectors import audits


def register() -> None:
    kinds.register(
        kinds.ReportKind(
            "audit-programme", _("Audit programme"),
            _("What is audited how often and why, what was covered, what is overdue, and the audits so far."),
            "calendar-stats", "reports/audits/programme.html", audits.programme, Perm.VIEW_AUDITS, form=ProgrammeForm,
            orientation="landscape", readers=_("Top management, certification body"), order=47,
        )
    )  # fmt: skip
    kinds.register(
        kinds.ReportKind(
            "audit-plan", _("Audit plan"),
            _("Objectives, criteria, team and agenda of one audit, as the auditees receive it before."),
            "calendar-time", "reports/audits/plan.html", audits.plan, Perm.VIEW_AUDITS, form=AuditForm,
            readers=_("Auditees, audit team"), order=48,
        )
    )  # fmt: skip
