"""Reports are asked for, made once by a worker, kept for a time, and removed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organization
from core import canonical
from core.rules import RuleBroken
from jobs import ledger
from jobs.models import Job
from projects import access, flow, journal
from projects.models import Project
from projects.permissions import Perm
from reports import kinds
from reports.forms.parameters import as_stored
from reports.models import Keeping, Report
from reports.models.report import LEAST_DAYS, MOST_DAYS
from reports.selectors import report as selectors

MOST_UNFINISHED = 20


def ask(
    *,
    kind: kinds.ReportKind,
    by: Any,
    language: str,
    project: Project | None = None,
    organization: Organization | None = None,
    parameters: dict[str, Any] | None = None,
) -> Job:
    """Has a report made; asked for twice at once with the same parameters it is one job.

    `parameters` are the cleaned values of the kind's form. Raises NotPermitted, and RuleBroken when the organization
    has too many under way.
    """
    scope = project if project is not None else organization
    if not access.can(by, kind.perm, scope):
        raise flow.NotPermitted(_("You may not have this report made here."))
    stored = as_stored({name: value for name, value in (parameters or {}).items() if name != "language"})
    key = f"report:{kind.slug}:{scope.pk}:{by.pk}:{language}:{canonical.digest(stored)[:32]}"
    owner = project.organization if project is not None else organization
    with transaction.atomic():
        journal.lock(owner.pk)  # one after the other, or two could both be the twentieth
        job = ledger.ask(
            kind=selectors.JOB, key=key if project is not None else f"org-{key}", by=by, project=project,
            organization=owner, subject=str(kind.title),
            parameters={"kind": kind.slug, "language": language, "parameters": stored},
        )  # fmt: skip
        if job.is_new and selectors.unfinished(owner) > MOST_UNFINISHED:
            raise RuleBroken(
                _("%(most)s reports of this organization are being made already. Ask again when some are ready.")
                % {"most": MOST_UNFINISHED}
            )
    return job


def keep(
    *, job: Job, kind: kinds.ReportKind, mark: str, title: str, language: str, parameters: dict[str, Any],
    said: list[tuple[str, str]], sha256: str, size_bytes: int, pages: int, made_at: dt.datetime,
) -> Report:  # fmt: skip
    """Writes down a report whose bytes are stored already."""
    scope = job.project or job.organization
    with journal.change(scope, by=job.actor) as log:
        days = selectors.keep_days(job.organization)
        report = Report.objects.create(
            organization=job.organization, project=job.project, person=job.actor, kind=kind.slug, mark=mark,
            title=title[:250], language=language, parameters=parameters, parameters_in_words=said, sha256=sha256,
            size_bytes=size_bytes, pages=pages, made_at=made_at, keep_until=made_at + dt.timedelta(days=days), job=job,
        )  # fmt: skip
        log(report, "report.made", {"mark": mark, "sha256": sha256, "pages": pages, "language": language})
    return report


def may_remove(report: Report, user: Any, perms: frozenset[Perm]) -> bool:
    """Who had it made, and who manages the project."""
    return report.is_kept and (report.person_id == user.pk or Perm.MANAGE_PROJECT in perms)


def remove(*, report: Report, by: Any, reason: str) -> Report:
    """Removes the kept copy before its time; that there was one, and its SHA-256, stay. Raises NotPermitted."""
    scope = report.project or report.organization
    if not reason.strip():
        raise RuleBroken(_("Say why the report is removed."))
    with journal.change(scope, by=by, reason=reason) as log:
        if not may_remove(report, by, access.perms_in(by, scope)):
            raise flow.NotPermitted(_("Only who had it made, or who manages the project, may remove this report."))
        if not Report.objects.filter(pk=report.pk, removed_at=None).update(removed_at=log.at, removed_by=by):
            raise RuleBroken(_("This report was removed already."))
        log(report, "report.removed", {"mark": report.mark, "sha256": report.sha256})
    report.refresh_from_db()
    return report


@contextmanager
def written_down(scope: Project | Organization | None, **change: Any) -> Iterator[Any]:
    """A change with its line in the journal; who belongs to no firm has no journal that could have one."""
    if scope is None:
        with transaction.atomic():
            yield lambda *args, **more: None
        return
    with journal.change(scope, **change) as log:
        yield log


def remove_old(*, now: dt.datetime | None = None, most: int = 1000) -> int:
    """Removes the copies whose time is over, each with its line in the journal; the sweep of files takes the bytes."""
    now = now or timezone.now()
    due = Report.objects.filter(removed_at=None, keep_until__lt=now).select_related("organization", "project")
    removed = 0
    for report in due.order_by("keep_until", "pk")[:most]:
        scope = report.project or report.organization
        with written_down(scope, by=None, job="retention of reports") as log:
            if Report.objects.filter(pk=report.pk, removed_at=None).update(removed_at=now):
                log(report, "report.expired", {"mark": report.mark, "sha256": report.sha256})
                removed += 1
    return removed


def keep_for(*, organization: Organization, days: int, by: Any) -> None:
    """From now on reports of the organization are kept for `days`; those that are there keep their date."""
    if not access.can(by, Perm.MANAGE_ORGANIZATION, organization):
        raise flow.NotPermitted(_("Only who manages the organization may change this."))
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise RuleBroken(
            _("Reports are kept for at least %(least)s and at most %(most)s days.")
            % {"least": LEAST_DAYS, "most": MOST_DAYS}
        )
    with journal.change(organization, by=by) as log:
        before = selectors.keep_days(organization)
        if before == days:
            return
        Keeping.objects.update_or_create(organization=organization, defaults={"days": days})
        log(organization, "organization.changed", {"keep_reports_days": [before, days]})
