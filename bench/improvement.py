"""Nonconformities: one project with 100 beside one with 2,000, in one database.

Register, its filters, what it teaches and the page of one are compared with a fixed piece of work; growth is the quotient of
those ratios at 2,000 and at 100 (target 1.3; 1.25 for one), with the same number of queries. The workbook of 2,000 is compared
with the writer alone (target 1.5).
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse

from bench import Report, yardstick
from improvement import exporting
from improvement.models import Cause, Nonconformity
from projects import demo
from projects.demo import scale
from projects.models import Project
from sheets import writing
from tests.factories.many import make_nonconformities

MANY, FEW = 2_000, 100
GROWTH, WRITER = 1.3, 1.5
PAGES: dict[str, tuple[str, str, float]] = {
    "register, first page": ("improvement:nonconformity-list", "", GROWTH),
    "register, overdue": ("improvement:nonconformity-list", "?asks=overdue", GROWTH),
    "register, all by next date": ("improvement:nonconformity-list", "?state=all&sort=due", GROWTH),
    "statistics": ("improvement:statistics", "", GROWTH),
    "one nonconformity": ("improvement:nonconformity-detail", "", 1.25),
    "one, other words": ("improvement:nonconformity-detail", "?like=nobody+wherever+sometimes", 1.25),
}
"""(address, query, target of its growth)."""


def run(report: Report) -> None:
    with override_settings(ROOT_URLCONF="bench.floor"):
        demo.write()
        scale.write(2, tasks=40)
        projects = Project.objects.filter(organization__slug__startswith="scale-")
        small, large = projects.select_related("organization", "manager").order_by("pk")[:2]
        make_nonconformities(large, large.manager, MANY)
        make_nonconformities(small, small.manager, FEW)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        report.say(
            f"  {Nonconformity.objects.count():,} nonconformities, {Cause.objects.count():,} causes in the database"
        )
        for name, (address, query, target) in PAGES.items():
            rows = [_page(report, name, address, query, one, size) for one, size in ((small, FEW), (large, MANY))]
            _growth(report, name, *rows, target=target)
        _workbook(report, large)


def _page(report: Report, name: str, address: str, query: str, project: Project, size: int) -> dict[str, Any]:
    kwargs = dict(project.address)
    if address.endswith("-detail"):
        kwargs["number"] = (
            Nonconformity.objects.filter(project=project, status="planned").order_by("-number").first().label
        )
    client = Client()
    client.force_login(project.manager, backend="accounts.backends.Backend")
    path = reverse(address, kwargs=kwargs) + query

    def get() -> Any:
        answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answers {answer.status_code}")
        return answer

    return report.compare(name, get, yardstick, against="fixed work", size=size, target=None, rounds=21)


def _growth(report: Report, name: str, small: dict[str, Any], large: dict[str, Any], *, target: float | None) -> None:
    if small["queries"] != large["queries"]:
        report.say(f"  {name}: queries differ: {small['queries']} and {large['queries']}")
    report.add(
        f"{name}, growth",
        [large["ratio"][part] / small["ratio"][part] for part in ("min", "median", "max")],
        against=f"the same page over {FEW}", size=MANY, target=target, queries=large["queries"],
    )  # fmt: skip


def _workbook(report: Report, project: Project) -> None:
    """The export from the database beside the writer alone on the same rows."""
    asked = {"state": "all"}
    columns = exporting.NONCONFORMITIES
    cells = list(exporting.cells_of(project, asked, user=project.manager))

    def whole() -> Any:
        return exporting.workbook(project, exporting.NONCONFORMITIES_KIND, asked, [], user=project.manager)

    def alone() -> Any:
        return writing.workbook(project, "Nonconformities", columns, iter(cells), [])

    report.compare("workbook", whole, alone, against="the writer alone", size=MANY, target=WRITER, rounds=9)
