"""Evidence of a task: handed in as a file or a link, withdrawn with a reason, never changed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from core import files
from core.rules import RuleBroken
from projects import access, flow, journal
from projects.models import Task, TaskEvidence
from projects.permissions import Perm

from .task import may_work_on

MOST = 100


def add_file(*, task: Task, upload: Any, by: Any, title: str = "") -> TaskEvidence:
    """Keeps an uploaded file as evidence. Raises files.Refused with the reason, then nothing is stored; NotPermitted."""
    _permit(task, by)
    stored = files.keep(upload, organization_id=task.organization_id)
    return _add(
        task, by, title or stored.name, sha256=stored.sha256, file_name=stored.name, file_type=stored.type,
        size_bytes=stored.size_bytes,
    )  # fmt: skip


def add_link(*, task: Task, link: str, by: Any, title: str = "") -> TaskEvidence:
    """Keeps a web address as evidence; only http and https."""
    try:
        parts = urlsplit(link)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc or len(link) > 1000:
        raise RuleBroken(_("This is no web address. It has to begin with https:// or http://."))
    return _add(task, by, title or parts.netloc, link=link)


def _add(task: Task, by: Any, title: str, **values: Any) -> TaskEvidence:
    with journal.change(task.project, by=by) as log:
        _permit(task, by)
        if task.evidence.count() >= MOST:
            raise RuleBroken(
                _("A task holds at most %(most)s pieces of evidence. Add the rest to a second task.") % {"most": MOST}
            )
        evidence = TaskEvidence.objects.create(
            organization_id=task.organization_id, project=task.project, task=task, title=title[:200], added_by=by,
            **values,
        )  # fmt: skip
        _count(task)
        told = {"title": evidence.title, "file": evidence.file_name, "sha256": evidence.sha256, "link": evidence.link}
        log(task, "task.evidence_added", {name: value for name, value in told.items() if value})
    return evidence


def withdraw(*, evidence: TaskEvidence, reason: str, by: Any) -> TaskEvidence:
    """Takes evidence back with a reason; the row and the file stay for the record. Raises RuleBroken, NotPermitted."""
    task = evidence.task
    if not reason.strip():
        raise RuleBroken(_("Say why the evidence is withdrawn."))
    with journal.change(evidence.project, by=by, reason=reason) as log:
        if not may_withdraw(evidence, by):
            raise flow.NotPermitted(
                _("Only who added it, or who manages tasks, may withdraw “%(title)s”.") % {"title": evidence}
            )
        changed = TaskEvidence.objects.filter(pk=evidence.pk, withdrawn_at=None).update(
            withdrawn_at=timezone.now(), withdrawn_reason=reason.strip()[:500]
        )
        if not changed:
            raise RuleBroken(_("“%(title)s” was withdrawn already.") % {"title": evidence})
        _count(task)
        log(
            task, "task.evidence_withdrawn", {"title": evidence.title, "sha256": evidence.sha256, "link": evidence.link}
        )
    evidence.refresh_from_db()
    return evidence


def may_withdraw(evidence: TaskEvidence, user: Any) -> bool:
    held = access.perms_in(user, evidence.project)
    return Perm.MANAGE_TASKS in held or (Perm.WORK_ON_TASKS in held and evidence.added_by_id == user.pk)


def is_named(organization_id: int, sha256: str) -> bool:
    """Whether a row of this organization names a stored file: the sweep asks."""
    return TaskEvidence.objects.filter(organization=organization_id, sha256=sha256).exists()


def _permit(task: Task, by: Any) -> None:
    if not may_work_on(task, by):
        raise flow.NotPermitted(_("%(task)s is not assigned to you.") % {"task": task.label})


def _count(task: Task) -> None:
    count = TaskEvidence.objects.filter(task=task, withdrawn_at=None).aggregate(n=Count("pk"))["n"]
    Task.objects.filter(pk=task.pk).update(evidence_count=count)
