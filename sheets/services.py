"""Spreadsheets into the registers: the file kept, its columns said, then all of it or nothing.

    record = begin(desk, project=…, by=…, kind="risks", upload=…)
    record = say(desk, record=record, by=…, version=…, sheet="Risks", header_row=3, columns={"title": 1}, options={})
    run(desk, record=record, by=…, digest=plan.digest)

`run` looks again under the lock: where the register is no longer what the dry run showed (its digest), nothing is written.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from core import files
from core.rules import RuleBroken, StaleRecord, refused
from jobs import kinds, ledger, rights
from jobs.models import Job
from jobs.running import Run
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import Project

from . import heading, selectors, workbook
from .desk import Desk
from .models import ImportState, SheetImport
from .plan import Action, Plan

AT_ONCE = 300
"""Up to so many rows are written while the person waits; more are the work of a job."""


def begin(desk: Desk, *, project: Project, by: Any, kind: str, upload: Any, **more: Any) -> SheetImport:
    """Keeps a file and guesses its sheet, header and columns; `more` are fields of the desk's own table.

    Raises RuleBroken with what is wrong with the file, NotPermitted.
    """
    permit(desk, project, by)
    if kind not in desk.ways():
        raise RuleBroken(_("Choose what is to be imported."))
    name = files.safe_name(upload.name)
    data = _data(upload, name)
    sheets = workbook.read(data, name)
    sha256 = files.store(data, organization_id=project.organization_id, folder=desk.folder)
    record = desk.model(
        organization_id=project.organization_id, project=project, kind=kind, file_name=name[:200], sha256=sha256,
        size_bytes=len(data), created_by=by, **more,
    )  # fmt: skip
    sheet = selectors.sheet_of(desk, record, sheets)
    found = heading.guess(sheet, desk.way(record).columns)
    record.sheet, record.header_row = sheet.name[:120], found.header_row
    record.mapping = {"columns": found.mapping, "options": _guessed(desk, record, sheet, found)}
    record.save()
    return record


def _data(upload: Any, name: str) -> bytes:
    """The bytes of the file, checked. Raises RuleBroken."""
    extension = files.extension_of(name)
    upload.seek(0)
    head = upload.read(8)
    upload.seek(0)
    if extension == "xls" or (extension in ("xlsx", "xlsm") and head == workbook.OLE):
        raise refused(
            "file",
            _(
                "“%(name)s” is protected by a password or in the old Excel format. Save it without a password as an "
                "Excel workbook (.xlsx)."
            )
            % {"name": name},
        )
    files.check(upload, name)
    if extension != "xlsx":
        raise refused(
            "file",
            _("“%(name)s” is no Excel workbook. Open it in Excel or LibreOffice and save it as .xlsx.")
            % {"name": name},
        )
    upload.seek(0)
    return upload.read()


def _guessed(desk: Desk, record: SheetImport, sheet: workbook.Sheet, found: heading.Guess) -> dict[str, Any]:
    """How the rows are read, by what stands in them: numbers like R-012 are ours, 1 and 2 are somebody else's."""
    options: dict[str, Any] = {}
    way = desk.way(record)
    if way.prefix and (at := found.mapping.get("number")) is not None:
        prefix = f"{way.prefix}-"
        numbers = [
            str(row[at]).strip().upper()
            for row in sheet.rows[found.header_row or 0 :]
            if at < len(row) and row[at] != ""
        ]
        ours = sum(1 for one in numbers if one.startswith(prefix) and one[len(prefix) :].isdecimal())
        options["match"] = ours * 2 > len(numbers)
    return options | desk.guess(record)


def say(
    desk: Desk, *, record: SheetImport, by: Any, version: int, sheet: str, header_row: int, columns: dict[str, int],
    options: dict[str, Any],
) -> SheetImport:  # fmt: skip
    """Says how the file is read. Raises StaleRecord when somebody else said otherwise meanwhile, RuleBroken, NotPermitted."""
    with journal.change(record.project, by=by):
        fresh = _open(desk, record, by)
        if fresh.version != version:
            raise StaleRecord(_("The columns were set by somebody else meanwhile. Look at them again."), fresh)
        known = {column.field: column for column in desk.way(fresh).columns if column.is_read}
        columns = {name: int(at) for name, at in columns.items() if name in known}
        if len(set(columns.values())) != len(columns):
            raise RuleBroken(_("Two fields are read from the same column: each column is one field."))
        there = {*columns, *(known[name].instead_of for name in columns)}
        missing = [str(column.label) for column in known.values() if column.is_needed and column.field not in there]
        if missing and not (options.get("match") and "number" in columns):
            raise RuleBroken(
                _("Choose the column for %(fields)s.") % {"fields": ", ".join(f"“{one}”" for one in missing)}
            )
        desk.check(fresh, options)
        fresh.sheet, fresh.header_row = sheet[:120], header_row
        fresh.mapping = {
            "columns": columns,
            "options": {
                name: value
                for name, value in options.items()
                if name in desk.way(fresh).options and value not in (None, "")
            },
        }
        fresh.version += 1
        fresh.save()
    return fresh


def drop(desk: Desk, *, record: SheetImport, by: Any) -> SheetImport:
    """Gives an import up; its file goes with the next sweep."""
    with journal.change(record.project, by=by) as log:
        fresh = _open(desk, record, by)
        fresh.state, fresh.finished_at = ImportState.GIVEN_UP, log.at
        fresh.version += 1
        fresh.save()
    return fresh


def run(desk: Desk, *, record: SheetImport, by: Any, digest: str, progress: Any = None) -> Plan:
    """Writes what the dry run with this `digest` showed, all or nothing.

    Raises StaleRecord when the register or the import changed since, RuleBroken, NotPermitted.
    """
    with journal.change(record.project, by=by) as log:
        fresh = _open(desk, record, by)
        plan = selectors.plan(desk, fresh)
        if plan.digest != digest:
            raise StaleRecord(
                _(
                    "The register or the columns changed since the check: nothing was imported. Look at the check again."
                ),
                fresh,
            )
        if not plan.may_run:
            raise RuleBroken(_("There is nothing to import, or a row cannot come in: look at the check."))
        desk.way(fresh).write(fresh, plan, by, log, progress or (lambda percent, text="": None))
        counts = plan.counts
        fresh.state, fresh.finished_at = ImportState.DONE, log.at
        fresh.result = {
            "created": counts[Action.CREATE], "changed": counts[Action.CHANGE], "same": counts[Action.SAME],
            "skipped": counts[Action.SKIPPED],
        } | desk.result(fresh, plan)  # fmt: skip
        fresh.version += 1
        fresh.save()
        said = {
            "file": fresh.file_name,
            "kind": desk.way(fresh).label,
            "created": counts[Action.CREATE],
            "changed": counts[Action.CHANGE],
        }
        log(None, desk.action, said, label=fresh.file_name)
    return plan


def of_row(line: Any, change: Any) -> None:
    """Writes one row; a broken rule says which row broke it."""
    try:
        change()
    except RuleBroken as refusal:
        raise RuleBroken(_("Row %(row)s: %(why)s") % {"row": line.row, "why": refusal.as_text}) from refusal


def _open(desk: Desk, record: SheetImport, by: Any) -> SheetImport:
    permit(desk, record.project, by)
    fresh = selectors.one(desk, record.project, record.pk)
    if fresh is None or not fresh.is_open:
        raise RuleBroken(_("This import is over: it was carried out or given up."))
    return fresh


def permit(desk: Desk, project: Project, by: Any) -> None:
    if not access.can(by, desk.perm, project):
        raise NotPermitted(_("You may not import into the registers of this project."))


# ---- as a job -----------------------------------------------------------------------------------------------------


def ask(desk: Desk, *, record: SheetImport, by: Any, digest: str, language: str) -> Job:
    """Has an import carried out by a worker; asked for twice it is one job."""
    permit(desk, record.project, by)
    return ledger.ask(
        kind=desk.job, key=f"{desk.job}:{record.pk}", by=by, project=record.project, subject=record.file_name,
        parameters={"import": record.pk, "digest": digest, "language": language},
    )  # fmt: skip


def kind_of(desk: Desk, label: Any) -> kinds.Kind:
    """The job of a desk, to be registered. It looks whether the import would still do what was shown; the writing is the
    effect, in one transaction."""

    def work(job_run: Run) -> int:
        found = _of_job(desk, job_run)
        job_run.progress(5, _("Reading the spreadsheet"))
        if found.is_open and selectors.plan(desk, found).digest != job_run.parameters["digest"]:
            raise RuleBroken(_("The register changed since the check: nothing was imported. Look at the check again."))
        return found.pk

    def effect(job_run: Run, _made: int) -> dict[str, Any]:
        record = _of_job(desk, job_run)
        with override(job_run.parameters["language"]):
            if record.is_open:
                run(desk, record=record, by=job_run.by, digest=job_run.parameters["digest"])
            return {"url": selectors.address(desk, "check", record)}

    return kinds.Kind(desk.job, label, work=work, effect=effect, may=rights.may(desk.perm), icon="table-import")


def _of_job(desk: Desk, job_run: Run) -> SheetImport:
    found = selectors.one(desk, job_run.project, int(job_run.parameters["import"]))
    if found is None:
        raise RuleBroken(_("This import is over: it was carried out or given up."))
    return found
