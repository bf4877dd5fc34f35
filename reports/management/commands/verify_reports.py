"""`manage.py verify_reports` hashes every kept report anew; with files it says which report each of them is."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.models import Report
from reports.selectors import report as selectors


class Command(BaseCommand):
    help = "Checks that every kept report is as it was made, or says which report a PDF is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files", nargs="*", metavar="file.pdf", help="PDFs to look up; none: check all kept reports"
        )
        parser.add_argument("--organization", metavar="slug", help="only the reports of this organization")

    def handle(self, *args: Any, **options: Any) -> None:
        reports = Report.objects.select_related("organization", "project", "person")
        if options["organization"]:
            reports = reports.filter(organization__slug=options["organization"])
        if options["files"]:
            self.look_up(reports, options["files"])
        else:
            self.check_kept(reports.filter(removed_at=None).order_by("pk"))

    def look_up(self, reports: Any, names: list[str]) -> None:
        unknown = 0
        for name in names:
            try:
                sha256 = hashlib.sha256(Path(name).read_bytes()).hexdigest()
            except OSError as error:
                raise CommandError(f"{name} cannot be read: {error.strerror}.") from error
            found = reports.filter(sha256=sha256).first()
            if found is None:
                unknown += 1
                self.stdout.write(f"{name}: no report has this content ({sha256}).")
                continue
            of = ", ".join(str(one) for one in (found.organization, found.project) if one) or "a person's own"
            self.stdout.write(f"{name}: {found}, {of}, made {found.made_at:%Y-%m-%d %H:%M} UTC for {found.person}.")
        if unknown:
            raise CommandError(f"{unknown} of {len(names)} files are no report of this installation, or were changed.")

    def check_kept(self, reports: Any) -> None:
        checked = faults = 0
        for report in reports.iterator(chunk_size=200):
            checked += 1
            is_whole = selectors.is_whole(report)
            if not is_whole:
                faults += 1
                what = "is missing in the storage" if is_whole is None else "was changed: its SHA-256 is another"
                self.stdout.write(f"{report} ({report.organization or report.person}) {what}.")
        self.stdout.write(f"{checked} reports checked, {checked - faults} whole.")
        if faults:
            raise CommandError(f"{faults} reports are not as they were made.")
