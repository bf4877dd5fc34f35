"""Brings the method and the standards of `fixtures/`, or of the given files, into the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from pdca.services.catalogue import CatalogueFaulty, load


class Command(BaseCommand):
    help = (
        "Loads the method and the standards, checked first and all or nothing. Safe to run again: rows are updated in "
        "place, and a second run writes nothing. Every fault is named with file and line."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "paths", nargs="*", type=Path, help="Files or folders of .yaml files; the product's own when none is given."
        )

    def handle(self, *args: Any, paths: list[Path], verbosity: int, **options: Any) -> None:
        try:
            report = load(paths)
        except CatalogueFaulty as error:
            for fault in error.faults:
                self.stderr.write(str(fault))
            many = "1 fault" if len(error.faults) == 1 else f"{len(error.faults)} faults"
            self.stderr.write(self.style.ERROR(f"Nothing was loaded: {many}."))
            raise SystemExit(1) from None
        if verbosity and report.wrote:
            for name, counts in report.counts.items():
                said = ", ".join(f"{counts[what]} {what}" for what in ("created", "changed", "removed", "unchanged"))
                self.stdout.write(f"  {name}: {said}")
        if verbosity:
            total = report.total
            self.stdout.write(
                f"Catalogue: {report.files} files read, {total['created']} rows created, {total['changed']} changed, "
                f"{total['removed']} removed, {total['unchanged']} unchanged."
            )
