"""A person's own reports are asked for, kept and removed by that person, and given out while all in them is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Organization
from core import canonical
from core.rules import RuleBroken
from jobs import ledger
from jobs.models import Job
from projects import flow
from projects.selectors import standing
from reports import kinds
from reports.forms.parameters import as_stored
from reports.models import Report
from reports.selectors import own
from reports.selectors import report as selectors
from reports.services.report import written_down


class NotOpen(RuleBroken):
    """The report shows a project that is no longer open to its person."""


def ask(*, kind: kinds.ReportKind, by: Any, language: str, parameters: dict[str, Any] | None = None) -> Job:
    """Has a report over all that the person reads made; asked for twice at once it is one job. Raises NotPermitted.

    There is one for each kind and language, so nobody can fill the queue with their own.
    """
    if not own.may_have(by, kind):
        raise flow.NotPermitted(_("There is no project yet that you may read."))
    stored = as_stored({name: value for name, value in (parameters or {}).items() if name != "language"})
    key = f"own-report:{kind.slug}:{by.pk}:{language}:{canonical.digest(stored)[:32]}"
    with transaction.atomic():
        return ledger.ask(
            kind=selectors.JOB, key=key, by=by, subject=str(kind.title),
            parameters={"kind": kind.slug, "language": language, "parameters": stored},
        )  # fmt: skip


def keep(
    *, job: Job, kind: kinds.ReportKind, firm: Organization | None, projects: Sequence[int], mark: str, title: str,
    language: str, parameters: dict[str, Any], said: list[tuple[str, str]], sha256: str, size_bytes: int, pages: int,
    made_at: dt.datetime,
) -> Report:  # fmt: skip
    """Writes down a report whose bytes are stored already. Raises NotOpen when a role ended while it was printed."""
    if not own.readable_ids(standing.of(job.actor)).issuperset(projects):
        raise NotOpen(_("A role of yours ended while the report was made. Ask for it again."))
    with written_down(firm, by=job.actor) as log:
        days = selectors.keep_days(firm)
        report = Report.objects.create(
            organization=firm, is_personal=True, person=job.actor, kind=kind.slug, mark=mark, title=title[:250],
            language=language, parameters={**parameters, "projects": list(projects)}, parameters_in_words=said,
            sha256=sha256, size_bytes=size_bytes, pages=pages, made_at=made_at,
            keep_until=made_at + dt.timedelta(days=days), job=job,
        )  # fmt: skip
        log(report, "report.made", {"mark": mark, "sha256": sha256, "pages": pages, "language": language})
    return report


def check_open(report: Report, by: Any) -> None:
    """Raises NotOpen when the report shows what its person may read no longer; whose it is, the caller knows."""
    closed = own.closed_in(report, own.readable_ids(standing.of(by)))
    if closed:
        raise NotOpen(
            ngettext(
                "It shows %(n)s project that is no longer open to you, so it is not given out any more. Have a new one made.",
                "It shows %(n)s projects that are no longer open to you, so it is not given out any more. Have a new one made.",
                closed,
            )
            % {"n": closed}
        )


def remove(*, report: Report, by: Any) -> Report:
    """Removes the kept copy of one's own report; that there was one, and its SHA-256, stay. Raises NotPermitted."""
    if not report.is_personal or report.person_id != by.pk:
        raise flow.NotPermitted(_("Only its own person may remove this report."))
    with written_down(report.organization, by=by) as log:
        if not Report.objects.filter(pk=report.pk, removed_at=None).update(removed_at=timezone.now(), removed_by=by):
            raise RuleBroken(_("This report was removed already."))
        log(report, "report.removed", {"mark": report.mark, "sha256": report.sha256})
    report.refresh_from_db()
    return report
