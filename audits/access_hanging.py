"""What invited auditors and the evidence by clause hang into the others: tabs, words, and who follows an invitation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from projects.permissions import Perm


def shows_access(audit: Any, request: HttpRequest) -> bool:
    return Perm.MANAGE_AUDIT_PROGRAMME in request.perms_here


def hang() -> None:
    """Called once, from apps.py."""
    from projects import journal_words
    from projects.events import entries_written

    from . import tabs
    from .services import access

    tabs.pages.append(tabs.Page("audits:audit-evidence", _("Evidence"), "folders", 50))
    tabs.pages.append(tabs.Page("audits:audit-access", _("Invited auditors"), "user-plus", 70, shows_access))
    journal_words.VERBS |= {
        "audit.access_given": _("invited an auditor of a certification body to read"),
        "audit.access_ended": _("ended what an invited auditor reads of"),
    }
    entries_written.connect(access.follow, dispatch_uid="audits.access.follow")
