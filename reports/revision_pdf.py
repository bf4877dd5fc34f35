"""The PDF of a revision that was written here: its words, its history and the state it is in, in its own language."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.selectors import brand
from core import files
from core.rules import RuleBroken
from documents import writing
from documents.models import Revision, Source
from documents.selectors import document as documents
from documents.selectors import revision as selectors
from documents.services import pdf as services
from jobs.kinds import Kind
from jobs.models import Job
from jobs.running import Run

from . import frame, pictures, press
from .selectors.lines import long_day_format

READING, LAYING_OUT, WRITING = 5, 20, 90
FEWEST_HEADINGS = 4
"""So many headings make a table of contents worth its page."""


class Made(NamedTuple):
    """A PDF whose bytes are stored and whose row is still to be written."""

    revision: Revision
    key: str
    sha256: str
    size_bytes: int
    pages: int
    made_at: dt.datetime


@cache
def style() -> str:
    """The print style of a document's text, beside the one of all sheets."""
    return (Path(settings.ROOT) / "static" / "reports" / "document.css").read_text("utf-8")


def may(job: Job) -> bool:
    """Whether its person may read that revision at this moment."""
    return selectors.for_job(job) is not None


def sheet(revision: Revision) -> frame.Sheet:
    """The revision as HTML for the press, in the document's language and on its organization's clock."""
    document, project = revision.document, revision.project
    organization = project.organization
    logo, color = brand.logo_of(organization), brand.color_of(organization)
    with translation.override(document.language), timezone.override(ZoneInfo(organization.time_zone)):
        text = writing.written(revision.body, documents.inlined(document, revision))
        clauses: dict[str, list[str]] = {}
        for one in document.served.select_related("clause__standard"):
            clauses.setdefault(str(one.clause.standard), []).append(one.clause.ref)
        context = {
            "document": document, "revision": revision, "organization": organization, "project": project,
            "html": text.html, "headings": text.headings if len(text.headings) >= FEWEST_HEADINGS else [],
            "history": selectors.history(revision), "watermark": selectors.state_words(revision),
            "state": said_of(revision), "clauses": [(name, ", ".join(refs)) for name, refs in clauses.items()],
            "has_logo": logo is not None, "initials": frame.initials(str(organization)),
            "language": document.language, "made_at": timezone.localtime(timezone.now()), "day_format": long_day_format(),
        }  # fmt: skip
        html, images = pictures.apart(render_to_string("reports/revision/document.html", context))
    if logo:
        images["logo"] = (logo[1], logo[0])
    return frame.Sheet(html, frame.colors(color) + style(), images, str(document))


def said_of(revision: Revision) -> str:
    """The state in a sentence: since when it is in effect, or that it is not."""

    def day(value: Any) -> str:
        return date_format(timezone.localtime(value) if isinstance(value, dt.datetime) else value, long_day_format())

    status = str(revision.status)
    if status == "effective":
        return _("In effect since %(day)s") % {"day": day(revision.effective_on)}
    if status == "superseded":
        return _("Superseded on %(day)s") % {"day": day(revision.ended_at)}
    if status == "withdrawn":
        return _("Withdrawn on %(day)s") % {"day": day(revision.ended_at)}
    if status == "approved":
        if revision.planned_on:
            return _("Approved, takes effect on %(day)s") % {"day": day(revision.planned_on)}
        return _("Approved, not in effect yet")
    if status == "in_review":
        return _("In review, not approved yet")
    return _("Draft of %(day)s, not for use") % {"day": day(revision.updated_at)}


def work(run: Run) -> Made:
    """Prints; a worker that dies here leaves nothing but a file that nobody names."""
    revision = selectors.for_job(run.job)
    if revision is None or revision.source != Source.AUTHORED:
        raise RuleBroken(_("There is no text of this revision to print."))
    run.progress(READING, _("Reading the text"))
    key = selectors.printed_key(revision)
    made_at = timezone.now()
    laid_out = sheet(revision)
    furthest = 0

    def check(step: int, page: int) -> None:
        nonlocal furthest
        furthest = max(furthest, page)  # the contents are laid out a second time when the pages are known
        if step > 5:
            run.progress(WRITING, _("Writing the PDF"))
        elif furthest:
            run.progress(min(LAYING_OUT + furthest, WRITING - 5), _("Laying out page %(page)s") % {"page": furthest})
        else:
            run.progress(LAYING_OUT, _("Laying out the pages"))

    try:
        printed = press.printed(
            laid_out.html, title=laid_out.title, css=laid_out.css, images=laid_out.images, check=check
        )
    except press.TooLarge:
        raise RuleBroken(
            _("The document is too large for one PDF. Split it, or make its pictures smaller, and try again.")
        ) from None
    sha256 = files.store(printed.pdf, organization_id=revision.organization_id, folder=selectors.FOLDER)
    return Made(revision, key, sha256, len(printed.pdf), printed.pages, made_at)


def effect(run: Run, made: Made) -> dict[str, Any]:
    """Notes the PDF in the transaction that ends the job; when the revision moved on meanwhile, its key says so."""
    values = {name: getattr(made, name) for name in Made._fields}
    services.keep(**values)
    revision = made.revision
    here = {**revision.project.address, "number": revision.document.label, "revision": revision.number}
    return {"url": reverse("documents:revision-pdf", kwargs=here)}


KIND = Kind(selectors.JOB, gettext_lazy("PDF of a document"), work=work, effect=effect, may=may, icon="file-type-pdf")
