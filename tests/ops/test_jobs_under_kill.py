"""Workers die in the middle; what was asked for happens, once. The full load: `python3 run.py bench jobs`.

RELIABILITY T19 (kill -9), T21 (the queue is lost), T27 (a graceful stop), in both ways of running.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from .conftest import ROOT, clean_environment

POSTGRES = os.environ.get("IMS2_CI_POSTGRES", "postgres://postgres@127.0.0.1:5432/ims2_ci")
REDIS = os.environ.get("IMS2_TORTURE_REDIS", "")
MODES = ("embedded", "production")


def servers() -> list[str]:
    """The options that name a PostgreSQL and an empty Redis; empty where there is none of the one or the other."""
    import psycopg2
    import redis

    where = urlsplit(POSTGRES)
    try:
        psycopg2.connect(
            host=where.hostname, port=where.port or 5432, user=where.username, password=where.password,
            dbname="postgres", connect_timeout=3,
        ).close()  # fmt: skip
        numbers = [REDIS] if REDIS else [f"redis://127.0.0.1:6379/{number}" for number in (13, 14, 15, 12, 11, 10)]
        empty = (url for url in numbers if redis.Redis.from_url(url, socket_connect_timeout=3).dbsize() == 0)
        found = next(empty, "")
    except (psycopg2.OperationalError, redis.RedisError):
        return []
    return ["--postgres", POSTGRES, "--redis", found] if found else []


@pytest.mark.parametrize("mode", MODES)
def test_forty_jobs_and_six_kills_leave_forty_effects(mode, tmp_path):
    where = servers() if mode == "production" else []
    if mode == "production" and not where:
        pytest.skip("Needs PostgreSQL, and a number of Redis that is empty.")
    answer = tmp_path / "outcome.json"
    command = [
        sys.executable, "-m", "bench.torture", "--jobs", "40", "--kills", "6", "--lease", "8",
        "--fault", "flush", "--stop", "--json", str(answer), *where,
    ]  # fmt: skip

    run = subprocess.run(
        command, cwd=ROOT, env=clean_environment(tmp_path / "home"), capture_output=True, text=True, timeout=400
    )

    print(run.stdout[-3000:])  # the seed, among others
    found = json.loads(answer.read_text())
    assert (found["effects"], found["missing"], found["doubled"]) == (40, 0, 0), run.stdout
    assert (found["of_rolled_back"], found["half"], found["states"]) == (0, 0, {"done": 40})
    assert found["kills"] == 6 and found["deaths_of_themselves"] == []
    assert found["stopped"]["code"] == 0 and found["stopped"]["jobs"] == [["done", 1]] * 4
    assert found["stopped"]["seconds"] < 60
