"""300 jobs under 50 `kill -9`, in both ways of running; RELIABILITY T19, T21, T27. `torture.py` does it, far from here.

Targets: an effect for each job, none missing and none doubled (ratio 1), and all over 90 s after the last kill (ratio <= 1).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import Report
from bench.torture import MOST_SECONDS_AFTER, ROOT

POSTGRES = os.environ.get("IMS2_CI_POSTGRES", "postgres://postgres@127.0.0.1:5432/ims2_ci")
REDIS = os.environ.get("IMS2_TORTURE_REDIS", "redis://127.0.0.1:6379/13")
COUNT = 300


def run(report: Report) -> None:
    is_served = report.database == "postgresql"
    server = ["--postgres", POSTGRES, "--redis", REDIS] if is_served else []
    for words, faults in (("", []), (", the queue lost in the middle", ["--fault", "flush"])):
        found = torture([*server, *faults, "--stop"])
        kills = f"{found['kills']} kills{words}, seed {found['seed']}"
        wrong = found["missing"] + found["doubled"] + found["of_rolled_back"] + found["half"]
        report.add(
            f"jobs without effect, or with two, after {kills}",
            [wrong],
            against="none",
            size=COUNT,
            target=0,
            queries=None,
        )
        report.add(
            f"all done after the last of {kills}", [found["seconds_after_last_kill"] / MOST_SECONDS_AFTER],
            against=f"{MOST_SECONDS_AFTER} s", size=COUNT, target=1.0, queries=None,
        )  # fmt: skip


def torture(options: list[str]) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "outcome.json"
        command = [sys.executable, "-m", "bench.torture", "--jobs", str(COUNT), "--json", str(answer), *options]
        subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603 (our own program; its answer says what was wrong)
        return json.loads(answer.read_text())
