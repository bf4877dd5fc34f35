"""What the report of an audit hangs into the others: its signature, its tab, its words in the journal."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audits.selectors.audit import REPORT_IS_OUT, sees_work


def shows(audit: Any, request: HttpRequest) -> bool:
    """Before it is issued, for who sees the work; afterwards for everybody who sees the audit."""
    if audit.status in REPORT_IS_OUT:
        return True
    return sees_work(request.perms_here) and audit.started_at is not None


def hang() -> None:
    """Called once, from apps.py."""
    from approvals import subjects
    from projects import journal_words

    from . import following, tabs
    from .report_subject import REPORT
    from .services import report as services

    subjects.register(REPORT)
    tabs.pages.append(tabs.Page("audits:report", _("Report"), "report", 60, shows))
    following.followers.append(services.changed)
    journal_words.VERBS["audit.report_written"] = _("wrote the report of")
