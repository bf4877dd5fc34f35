"""Whose time is over, and what was decided."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from documents.models import Disposition, Document
from projects.models import Project

SOON_DAYS = 90


def due(project: Project, *, until: dt.date | None = None) -> QuerySet[Document]:
    """Documents whose retention time runs, the first to end on top; with `until` only those that end by that day."""
    rows = Document.objects.filter(project=project, dispose_on__isnull=False, disposed_at__isnull=True)
    if until is not None:
        rows = rows.filter(dispose_on__lte=until)
    return rows.select_related("owner").order_by("dispose_on", "code", "pk")


def decided(project: Project) -> QuerySet[Disposition]:
    """The decisions of a project, newest first."""
    return Disposition.objects.filter(project=project).select_related("document")


def of_document(document: Document) -> QuerySet[Disposition]:
    return document.dispositions.all()
