from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        from core import nav
        from projects.permissions import Perm

        from . import audit_kinds, improvement_kinds, risk_kinds

        nav.register(
            "project",
            nav.NavItem("reports", _("Reports"), "report-analytics", "reports:report-list", Perm.VIEW_PROJECT, 65, key_press="r"),
        )  # fmt: skip
        self._register_reports()
        self._hang_up()
        risk_kinds.register()
        audit_kinds.register()
        improvement_kinds.register()

    @staticmethod
    def _hang_up() -> None:
        """The work of the ledger, the night's tidying, and the words of the journal."""
        from approvals import hooks as approvals
        from jobs import kinds as jobs
        from projects import journal_words, sweeps

        from . import approved, making, revision_pdf, weekly
        from .sweeps import sweep

        jobs.register(making.KIND)
        jobs.register(weekly.ROUND_KIND)
        jobs.register(weekly.KIND)
        jobs.register(approved.KIND)
        jobs.register(revision_pdf.KIND)
        if approved.ask not in approvals.approved:
            approvals.approved.append(approved.ask)
        if sweep not in sweeps.also:
            sweeps.also.append(sweep)
        journal_words.GROUPS["report"] = _("Reports")
        journal_words.VERBS |= {
            "report.made": _("had made the report"),
            "report.removed": _("removed the kept report"),
            "report.expired": _("removed, as its time was over, the report"),
        }

    @staticmethod
    def _register_reports() -> None:
        """The reports there are: a selector, a template and a title each."""
        from projects.permissions import Perm

        from . import kinds
        from .forms.documents import DocumentsForm
        from .forms.journal import JournalForm
        from .forms.soa import SoaForm
        from .forms.status import StatusForm
        from .selectors import documents, journal, method, plan, portfolio, schedule, scope, soa, status, tailoring

        kinds.register(
            kinds.ReportKind(
                "status", _("Project status"), _("Where the project stands: one page for top management, the details behind it."),
                "chart-line", "reports/status/report.html", status.select, Perm.VIEW_PROJECT, form=StatusForm,
                readers=_("Top management, steering meetings"), order=10,
            )
        )  # fmt: skip
        kinds.register(
            kinds.ReportKind(
                "schedule", _("Schedule"), _("The Gantt chart with critical path, float, baseline and milestones."),
                "timeline", "reports/schedule/report.html", schedule.select, Perm.VIEW_PROJECT, orientation="landscape",
                readers=_("Project team, steering meetings"), order=15,
            )
        )  # fmt: skip
        kinds.register(
            kinds.ReportKind(
                "plan", _("Full plan"), _("All phases, steps, activities and tasks with dates, roles, people and state."),
                "list-details", "reports/plan/report.html", plan.select, Perm.VIEW_PROJECT, orientation="landscape",
                readers=_("Project team"), order=20,
            )
        )  # fmt: skip
        kinds.register(
            kinds.ReportKind(
                "method", _("Our method"), _("Your plan as it differs from the published method, with justifications."),
                "adjustments-horizontal", "reports/method/report.html", method.select, Perm.VIEW_PROJECT,
                readers=_("Auditors, top management"), order=30,
            )
        )  # fmt: skip
        kinds.register(
            kinds.ReportKind(
                "tailoring", _("Tailoring record"),
                _("Each difference from the method with its justification, each decision with who and when; signed off."),
                "writing-sign", "reports/tailoring/report.html", tailoring.select, Perm.VIEW_PROJECT,
                readers=_("Auditors, project manager"), order=31,
            )
        )  # fmt: skip
        kinds.register(
            kinds.ReportKind(
                "journal", _("Journal extract"), _("Who changed what, when and why in a period, checked against the chain."),
                "history", "reports/journal/report.html", journal.select, Perm.VIEW_JOURNAL, form=JournalForm,
                readers=_("Auditors"), order=40,
            )
        )  # fmt: skip
        kinds.register(
            kinds.ReportKind(
                "scope", _("Scope statement"),
                _("What the management system covers and leaves out, as it stands today; a draft until approved."),
                "target", "reports/scope/report.html", scope.select, Perm.VIEW_PROJECT,
                readers=_("Top management, certification body"), order=45,
            )
        )  # fmt: skip
        kinds.register(
            kinds.ReportKind(
                "soa", _("Statement of Applicability"),
                _("Every control: whether it applies, why, and how far it is; the working copy or a signed edition."),
                "list-check", "reports/soa/report.html", soa.select, Perm.VIEW_RISKS, form=SoaForm,
                orientation="landscape", readers=_("Top management, certification body"), order=46,
            )
        )  # fmt: skip
        kinds.register(
            kinds.ReportKind(
                "documents", _("Master list of documents"),
                _("Every document by type: code, owner, the revision in effect, next review, readers and clauses."),
                "file-text", "reports/documents/report.html", documents.select, Perm.VIEW_DOCUMENTS, form=DocumentsForm,
                orientation="landscape", readers=_("Auditors, document owners"), order=35,
            )
        )  # fmt: skip
        kinds.register(
            kinds.ReportKind(
                "portfolio", _("Portfolio"), _("All your clients on one page, and a page for each that needs attention."),
                "layout-grid", "reports/portfolio/report.html", portfolio.select, Perm.VIEW_PROJECT, scope="person",
                orientation="landscape", readers=_("Consultants"), order=50,
            )
        )  # fmt: skip
