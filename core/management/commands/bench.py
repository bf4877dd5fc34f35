"""Measures: `manage.py bench [name …]`. Needs the packages of the test suite."""

from __future__ import annotations

import importlib
import logging
import pkgutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def names() -> list[str]:
    """The modules of the package `bench` that have something to run."""
    package = importlib.import_module("bench")
    found = (module.name for module in pkgutil.iter_modules(package.__path__))
    return sorted(name for name in found if hasattr(importlib.import_module(f"bench.{name}"), "run"))


class Command(BaseCommand):
    help = "Runs the benchmarks on a database of their own and writes var/bench/<name>.json and its rows of docs/performance.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="name", help="which ones; all when none is named")
        parser.add_argument("--no-table", action="store_true", help="leave docs/performance.md as it is")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Benchmarks fill a database with invented clients. They are refused in production.")
        known = names()
        if unknown := set(options["names"]) - set(known):
            raise CommandError(f"There is no benchmark {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
        folder = settings.VAR / "bench"
        missed = 0
        for name in options["names"] or known:
            report = self.measure(name)
            report.save(folder)
            if not options["no_table"]:
                write_table(settings.ROOT / "docs" / "performance.md", name, report.database, report.rows)
            missed += sum(is_missed(row) for row in report.rows)
        if missed:
            raise CommandError(f"{missed} figures are above their target.")

    def measure(self, name: str) -> Any:
        bench, scratch = importlib.import_module("bench"), importlib.import_module("bench.scratch")
        logging.getLogger("ims2.request").setLevel(logging.WARNING)
        begun = time.monotonic()
        with scratch.database() as vendor:
            report = bench.Report(name, vendor, say=self.say)
            self.say(f"{name} on {vendor}:")
            importlib.import_module(f"bench.{name}").run(report)
        self.say(f"  took {time.monotonic() - begun:.0f} s")
        return report

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def is_missed(row: dict[str, Any]) -> bool:
    return row["target"] is not None and row["ratio"]["median"] > row["target"]


HEAD = (
    "| Benchmark | What | Database | Size | Compared with | Ratio (min – median – max) | Target | Queries |",
    "|---|---|---|--:|---|---|--:|--:|",
)


def write_table(page: Path, name: str, database: str, rows: Sequence[dict[str, Any]]) -> None:
    """Puts the figures of one benchmark on one database between the marks of the page, in the place of its earlier ones.

    What other benchmarks measured, here or elsewhere, stays as it was.
    """
    text = page.read_text(encoding="utf-8") if page.exists() else f"# Performance\n\n{BEGIN}\n{END}\n"
    before, _mark, rest = text.partition(BEGIN)
    table, _mark, after = rest.partition(END)
    lines = [line for line in table.splitlines() if line.startswith("| ") and not line.startswith("| Benchmark |")]
    kept = [line for line in lines if (words := _cells(line))[0] != name or words[2] != database]
    made = [*kept, *(line_of(name, row) for row in rows)]
    # Benchmark by benchmark, the databases of each in turn; what stands together stays in its order.
    made.sort(key=lambda line: (_cells(line)[0], _cells(line)[2] != "sqlite"))
    page.write_text(f"{before}{BEGIN}\n" + "\n".join([*HEAD, *made]) + f"\n{END}{after}", encoding="utf-8")


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def line_of(name: str, row: dict[str, Any]) -> str:
    """A figure as a row of the table."""
    ratio, target = row["ratio"], row["target"]
    return (
        f"| {name} | {row['name']} | {row['database']} | {row['size']:,} | {row['reference']} "
        f"| {ratio['min']:.2f} – **{ratio['median']:.2f}** – {ratio['max']:.2f} "
        f"| {'' if target is None else f'≤ {target:g}'} | {'' if row['queries'] is None else row['queries']} |"
    )
