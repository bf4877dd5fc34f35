"""Benchmarks side by side: what is measured and what it is compared with run in turns, in one process, on one database.

A figure is a ratio, so that it says the same on a fast machine and on a slow one. A module of this package has a
function `run(report)`; `manage.py bench [name]` calls it on a database of its own and writes `var/bench/<name>.json`.
"""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

Work = Callable[[], Any]


@dataclass
class Report:
    """Collects the figures of one benchmark."""

    name: str
    database: str
    rounds: int = 15
    warm_up: int = 3
    rows: list[dict[str, Any]] = field(default_factory=list)
    say: Callable[[str], Any] = print

    def compare(
        self,
        what: str,
        subject: Work,
        reference: Work,
        *,
        against: str,
        size: int,
        target: float | None,
        rounds: int | None = None,
        queries: int | None = None,
    ) -> dict[str, Any]:
        """Runs both in turns and keeps the ratio of each round. `queries`: counted here unless given."""
        rounds = rounds or self.rounds
        for _k in range(self.warm_up):
            reference()
            subject()
        if queries is None:
            queries = count(subject)
        ratios = []
        gc.collect()
        gc.disable()
        try:
            for k in range(rounds):
                # In turns, and who goes first changes too: a slow moment of the machine hits both alike.
                first, second = (reference, subject) if k % 2 else (subject, reference)
                one, two = seconds(first), seconds(second)
                mine, theirs = (two, one) if k % 2 else (one, two)
                ratios.append(mine / theirs)
        finally:
            gc.enable()
        return self.add(what, ratios, against=against, size=size, target=target, queries=queries)

    def add(
        self, what: str, ratios: list[float], *, against: str, size: int, target: float | None, queries: int | None
    ) -> dict[str, Any]:
        row = {
            "name": what,
            "database": self.database,
            "size": size,
            "reference": against,
            "ratio": {
                "min": round(min(ratios), 3),
                "median": round(statistics.median(ratios), 3),
                "max": round(max(ratios), 3),
            },
            "target": target,
            "queries": queries,
        }
        self.rows.append(row)
        mark = "" if target is None else (" ok" if row["ratio"]["median"] <= target else " MISSED")
        limit = "" if target is None else f" (target {target:g})"
        self.say(f"  {what}, size {size:,}: {row['ratio']['median']:.2f}x {against}{limit}, {queries} queries{mark}")
        return row

    def save(self, folder: Path) -> Path:
        """Writes the figures; those of the other database, measured before, stay beside them."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        rows = [row for row in before if row["database"] != self.database] + self.rows
        path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return path


def seconds(work: Work) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def count(work: Work) -> int:
    """The statements a piece of work sends, without those that open and close transactions."""
    with CaptureQueriesContext(connection) as sent:
        work()
    control = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT")
    return sum(not query["sql"].startswith(control) for query in sent.captured_queries)


def yardstick() -> None:
    """A fixed piece of work of this machine, to compare pages over different databases with."""
    words = [f"{k * 7919 % 10007:05d}" for k in range(12_000)]
    words.sort()
    "".join(word.upper() for word in words).encode()
