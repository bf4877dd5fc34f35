"""The queue of the installation plus work made to be killed: `celery -A bench.torture_worker worker …`.

Three sorts, as the product has them: a report (seconds, with progress), a reminder (quick, in the quick queue) and an
import (an effect of many rows). Each leaves one row in `torture_effect`; the harness counts them.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from typing import Any

import django
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ims2.settings")
django.setup()

from ims2.celery import app  # noqa: E402, F401 (what -A looks for)
from jobs import kinds, ledger  # noqa: E402
from jobs.kinds import Kind  # noqa: E402
from jobs.models import Job  # noqa: E402

if lease := float(os.environ.get("TORTURE_LEASE") or 0):
    ledger.LEASE = dt.timedelta(seconds=lease)  # for a test that has less time than the product
SORTS = ("torture-report", "torture-reminder", "torture-import")
TABLES = (
    "CREATE TABLE torture_effect (key varchar(200) NOT NULL, attempt integer NOT NULL)",
    "CREATE TABLE torture_row (key varchar(200) NOT NULL, number integer NOT NULL)",
)


def take_time(run: Any) -> float:
    """As long as the harness says, in small steps, with a word at each."""
    left = total = run.parameters["seconds"]
    while left > 0:
        run.progress(round(100 * (1 - left / total)), "on its way")
        time.sleep(min(0.1, left))
        left -= 0.1
    return total


def leave_a_mark(run: Any, made: Any) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO torture_effect VALUES (%s, %s)", [run.job.key, run.job.attempts])
    return {"took": made}


def bring_in_rows(run: Any, made: Any) -> dict[str, Any]:
    with connection.cursor() as cursor:
        for number in range(200):
            cursor.execute("INSERT INTO torture_row VALUES (%s, %s)", [run.job.key, number])
    return leave_a_mark(run, made)


def anybody(job: Job) -> bool:
    return True


kinds.register(Kind("torture-report", "Report", work=take_time, effect=leave_a_mark, may=anybody))
kinds.register(Kind("torture-reminder", "Reminder", work=take_time, effect=leave_a_mark, may=anybody, queue="celery"))
kinds.register(Kind("torture-import", "Import", work=take_time, effect=bring_in_rows, may=anybody))
