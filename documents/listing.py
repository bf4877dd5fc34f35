"""The master list as a spreadsheet, made by a worker: three thousand rows do not keep a page waiting.

What comes out is kept for a week under the address of its content and given out to who sees the register.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from io import BytesIO
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import xlsxwriter
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import canonical, dates, files
from documents.models import Document
from documents.selectors import document as selectors
from documents.selectors import register as lists
from jobs import kinds, ledger, rights
from jobs.models import Job
from jobs.running import Run
from projects.models import Project
from projects.permissions import Perm

JOB = "document-list"
FOLDER = "lists"
KEPT = dt.timedelta(days=7)
LONGEST_CELL = 32_000
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}
"""Every text is written as text, so that nothing is run as a formula. (T49)"""

COLUMNS = (
    (lambda: _("Code"), 14), (lambda: _("Title"), 56), (lambda: _("Type"), 20), (lambda: _("Owner"), 26),
    (lambda: _("Classification"), 16), (lambda: _("Language"), 11), (lambda: _("Revision in effect"), 11),
    (lambda: _("In effect since"), 13), (lambda: _("State"), 34), (lambda: _("Next review"), 13),
    (lambda: _("Asked to confirm"), 12), (lambda: _("Confirmed"), 12), (lambda: _("Clauses served"), 60),
    (lambda: _("Belongs under"), 14), (lambda: _("Tags"), 24), (lambda: _("Keep for … years"), 11),
    (lambda: _("Number"), 9),
)  # fmt: skip


class Made(NamedTuple):
    """A list whose bytes are stored and which the job is still to name."""

    sha256: str
    rows: int


def ask(
    *, project: Project, by: Any, wanted: dict[str, Any], language: str, said: list[str]
) -> Job:  # fmt: skip
    """Has the list made; asked for twice at once with the same filters it is one job. `wanted`: cleaned filters."""
    mark = canonical.digest({"wanted": wanted, "language": language})[:32]
    return ledger.ask(
        kind=JOB, key=f"{JOB}:{project.pk}:{by.pk}:{mark}", by=by, project=project, subject=project.name[:250],
        parameters={"wanted": wanted, "language": language, "said": said},
    )  # fmt: skip


def work(run: Run) -> Made:
    """Writes the workbook; a worker that dies here leaves nothing but a file that nobody names."""
    job = run.job
    with translation.override(job.parameters["language"]):
        data, rows = workbook(job.project, job.parameters["wanted"], job.parameters["said"], user=job.actor, run=run)
    return Made(files.store(data, organization_id=job.organization_id, folder=FOLDER), rows)


def effect(run: Run, made: Made) -> dict[str, Any]:
    where = reverse("documents:document-master-file", kwargs={**run.job.project.address, "pk": run.job.pk})
    return {"url": where, "sha256": made.sha256, "rows": made.rows}


def workbook(
    project: Project, wanted: dict[str, Any], said: list[str], *, user: Any, run: Run | None = None
) -> tuple[bytes, int]:
    """The list as bytes of an XLSX file, and how many documents are in it. Five queries for each 500 documents."""
    today = dates.today(project.organization.time_zone)
    found = lists.narrowed(selectors.of(project), wanted, today=today, user=user)
    rows = lists.in_order(found, wanted.get("sort", ""))
    total = rows.count()
    out = BytesIO()
    book = xlsxwriter.Workbook(out, PLAIN)
    sheet = book.add_worksheet(_("Documents")[:31])
    bold, day = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "yyyy-mm-dd"})
    for column, (title, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title(), bold)
    sheet.freeze_panes(1, 2)
    count = 0
    for part in lists.in_chunks(rows):
        for document, line in part:
            count += 1
            for column, value in enumerate(_cells(document, line)):
                if isinstance(value, dt.date):
                    sheet.write_datetime(count, column, dt.datetime.combine(value, dt.time.min), day)
                elif isinstance(value, int):
                    sheet.write_number(count, column, value)
                elif value:
                    sheet.write_string(count, column, value[:LONGEST_CELL])
        if run is not None:
            run.progress(
                min(95, 95 * count // max(total, 1)), _("%(n)s of %(all)s documents") % {"n": count, "all": total}
            )
    sheet.autofilter(0, 0, max(count, 1), len(COLUMNS) - 1)
    about = book.add_worksheet(_("About")[:31])
    about.set_column(0, 0, 24)
    about.set_column(1, 1, 80)
    for at, (label, text) in enumerate(_about(project, said, count)):
        about.write_string(at, 0, label, bold)
        about.write_string(at, 1, text)
    book.close()
    return out.getvalue(), count


def _cells(document: Document, line: lists.Line) -> Iterator[Any]:
    """The cells of a row, in the order of COLUMNS."""
    yield document.code
    yield document.title
    yield str(document.get_kind_display())
    yield str(document.owner or "")
    yield str(document.get_classification_display())
    yield str(document.get_language_display())
    yield line.effective
    yield line.effective_on
    yield lists.state_in_words(document, line)
    yield document.next_review_on
    yield line.asked or None
    yield line.confirmed if line.asked else None
    yield ", ".join(line.clauses)
    yield document.parent.code if document.parent is not None else ""
    yield ", ".join(document.tag_list)
    yield document.retention_years
    yield document.label


def _about(project: Project, said: list[str], count: int) -> list[tuple[str, str]]:
    zone = project.organization.time_zone
    return [
        (_("Organization"), project.organization.name),
        (_("Project"), project.name),
        (_("Made on"), f"{timezone.now().astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"),
        (_("Filters"), "; ".join(said) or _("none: all documents in use, without withdrawn ones")),
        (_("Documents"), str(count)),
    ]


def is_named(organization_id: int, sha256: str) -> bool:
    """Whether a job of the last days made this file: the sweep asks."""
    since = timezone.now() - KEPT
    return Job.objects.filter(
        kind=JOB, organization=organization_id, finished_at__gte=since, result__sha256=sha256
    ).exists()  # fmt: skip


def sweep() -> dict[str, int]:
    return {"document_lists": files.sweep(is_named, folder=FOLDER)}


KIND = kinds.Kind(
    JOB, gettext_lazy("Master list of documents"), work=work, effect=effect, may=rights.may(Perm.VIEW_DOCUMENTS),
    icon="file-spreadsheet",
)  # fmt: skip
