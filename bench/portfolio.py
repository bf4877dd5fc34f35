"""The consultant's portfolio over 20 and 200 clients with 500 tasks each, up to 100,000 tasks.

A page of 50 rows is compared with the same page rendered from memory (P1: 1.25), and with the raw query that counts
what is overdue in each project plus the bare template of the same rows (1.5). Growth is the quotient of the first
ratio at 200 and at 20 clients: what more projects cost beyond the rows shown (1.3). Each client's journal has entries
that the consultant has not seen yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import User
from bench import Report, floor
from projects import demo, journal
from projects.demo import scale
from projects.models import Project
from projects.services import seen

SIZES = (20, 200)
TASKS_OF_A_CLIENT = 500
ENTRIES_OF_A_CLIENT = 60
MEMORY, RAW, GROWTH = 1.25, 1.5, 1.3


def run(report: Report) -> None:
    with override_settings(ROOT_URLCONF="bench.floor"):
        demo.write()
        consultant = User.objects.get(email="consultant@demo.example")
        client = Client()
        client.force_login(consultant, backend="accounts.backends.Backend")
        rows = []
        for size in SIZES:
            scale.write(size, tasks=TASKS_OF_A_CLIENT)
            _talk(consultant)
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            rows.append(_page(report, client, "/portfolio/", "portfolio, page of 50", size))
            _raw(report, client, size)
            _page(report, client, "/portfolio/?group=consultant&sort=-forecast", "portfolio, grouped and sorted", size)
            _page(report, client, "/portfolio/print/", "portfolio, all rows to print", size)
        _growth(report, *rows)


def _talk(consultant: User) -> None:
    """Work of others in each new client's journal; the consultant has seen the first half of it."""
    for project in Project.objects.filter(organization__slug__startswith="scale-", seen_by=None).select_related(
        "organization", "manager"
    ):
        with journal.change(project, by=project.manager) as log:
            for _k in range(ENTRIES_OF_A_CLIENT):
                log(project, "task.changed", {"title": ["before", "after"]})
        seen.mark(person=consultant, projects=[project.pk], seq=ENTRIES_OF_A_CLIENT // 2)


def _get(client: Client, address: str) -> Callable[[], Any]:
    def get() -> Any:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answers {answer.status_code}")
        return answer

    return get


def _page(report: Report, client: Client, address: str, name: str, size: int) -> dict[str, Any]:
    page = _get(client, address)
    floor.keep(page)
    return report.compare(
        name, page, _get(client, "/bench/floor/"), against="the same page from memory", size=size, target=MEMORY,
        rounds=31,
    )  # fmt: skip


def _raw(report: Report, client: Client, size: int) -> None:
    page, bare = _get(client, "/portfolio/"), _get(client, "/bench/floor/")
    floor.keep(page)
    today = timezone.localdate()
    sql = """
        SELECT p.id, p.effort_minutes_done, p.effort_minutes, COUNT(t.id), SUM(CASE WHEN t.due_on < %s THEN 1 ELSE 0 END)
        FROM projects_project p LEFT JOIN projects_task t ON t.project_id = p.id AND t.is_open AND t.due_on < %s
        GROUP BY p.id, p.effort_minutes_done, p.effort_minutes
    """

    def reference() -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, [today - dt.timedelta(days=21), today])
            cursor.fetchall()
        bare()

    report.compare(
        "portfolio, page of 50", page, reference, against="the raw aggregate and the bare template", size=size,
        target=RAW, rounds=31,
    )  # fmt: skip


def _growth(report: Report, small: dict[str, Any], large: dict[str, Any]) -> None:
    if small["queries"] != large["queries"]:
        report.say(f"  portfolio: queries differ: {small['queries']} and {large['queries']}")
    report.add(
        "portfolio, growth",
        [large["ratio"][part] / small["ratio"][part] for part in ("min", "median", "max")],
        against=f"the same page over {small['size']} projects, beyond the rows shown",
        size=large["size"],
        target=GROWTH,
        queries=large["queries"],
    )
