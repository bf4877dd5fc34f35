"""Pages over 1,000, 10,000 and 100,000 tasks: the number of queries, the growth of the time, and what a role costs.

Time at each size is compared with a fixed piece of work in the same rounds, and growth is the quotient of those ratios
(target 1.3 from 1,000 to 100,000 tasks). A list of 50 rows is compared with the same page rendered from memory (P2),
completing a task with the list of 50 rows (P9), a restricted person with a privileged one (1.2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import User
from bench import Report, count, floor, yardstick
from projects import demo
from projects.demo import scale
from projects.models import Project, Task
from projects.models.task import TaskStatus

SIZES = (1_000, 10_000, 100_000)
TASKS_OF_A_CLIENT = 500
PAGES = {
    "project home": ("projects:project-home", {}),
    "step workspace": ("projects:step-detail", {"number": "2.3"}),
    "task list": ("projects:task-list", {}),
    "my work": ("portal:my-work", None),
}
GROWTH, RESTRICTED, LIST, COMPLETE = 1.3, 1.2, 2.0, 1.5


def run(report: Report) -> None:
    with override_settings(ROOT_URLCONF="bench.floor"):
        demo.write()
        found: dict[str, list[dict[str, Any]]] = {}
        for size in SIZES:
            scale.write(size // TASKS_OF_A_CLIENT, tasks=TASKS_OF_A_CLIENT)
            _analyze()
            project = Project.objects.select_related("organization").get(organization__slug="scale-001", slug="ims")
            manager, staff, auditor = (
                User.objects.get(email=email)
                for email in ("manager@scale-001.example", "staff@scale-001.example", "auditor@scale-001.example")
            )
            clients = {person: _client(person) for person in (manager, staff, auditor)}
            for name in PAGES:
                row = report.compare(
                    name, _get(clients[manager], name, project), yardstick, against="fixed work", size=size, target=None
                )
                found.setdefault(name, []).append(row)
            _restricted(report, clients[staff], clients[auditor], clients[manager], project, size)
            _list(report, clients[manager], project, size)
            other = Project.objects.select_related("organization").get(organization__slug="scale-002", slug="ims")
            _complete(report, _client(other.manager), other, size)
        for name, rows in found.items():
            _growth(report, name, rows)


def _client(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="accounts.backends.Backend")
    return client


def _address(name: str, project: Project) -> str:
    view, values = PAGES[name]
    return reverse(view) if values is None else reverse(view, kwargs={**project.address, **values})


def _get(client: Client, name: str, project: Project, query: str = "") -> Callable[[], Any]:
    address = _address(name, project) + query

    def get() -> Any:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answers {answer.status_code}")
        return answer

    return get


def _restricted(report: Report, staff: Client, auditor: Client, manager: Client, project: Project, size: int) -> None:
    """Staff see only their own tasks, an auditor reads everything and changes nothing."""
    for name, who, client in (
        ("task list", "staff", staff),
        ("my work", "staff", staff),
        ("project home", "auditor", auditor),
        ("step workspace", "auditor", auditor),
    ):
        report.compare(
            f"{name}, {who}", _get(client, name, project), _get(manager, name, project),
            against="the same page, project manager", size=size, target=RESTRICTED,
        )  # fmt: skip


def _list(report: Report, manager: Client, project: Project, size: int) -> None:
    page = _get(manager, "task list", project)
    floor.keep(page)
    report.compare(
        "task list, 50 rows", page, lambda: manager.get("/bench/floor/"), against="the same page from memory",
        size=size, target=LIST,
    )  # fmt: skip


def _complete(report: Report, manager: Client, project: Project, size: int) -> None:
    """Each round completes another task, as a browser does; in a project of its own, so that the pages above stay."""
    numbers = iter(
        Task.objects.filter(project=project, is_open=True, predecessor_links__isnull=True)
        .exclude(status=TaskStatus.BLOCKED)
        .values_list("number", flat=True)
    )

    def complete() -> None:
        kwargs = {**project.address, "number": f"T-{next(numbers):03d}", "move": "complete"}
        answer = manager.post(reverse("projects:task-move", kwargs=kwargs))
        if answer.status_code not in (302, 303):
            raise RuntimeError(f"Completing {kwargs} answers {answer.status_code}")

    report.compare(
        "complete a task", complete, _get(manager, "task list", project), against="the list of 50 rows", size=size,
        target=COMPLETE, queries=count(complete),
    )  # fmt: skip


def _growth(report: Report, name: str, rows: list[dict[str, Any]]) -> None:
    """From the smallest to the largest database; the numbers of queries have to be the same."""
    small, large = rows[0], rows[-1]
    if len({row["queries"] for row in rows}) > 1:
        report.say(f"  {name}: queries differ: {[row['queries'] for row in rows]}")
    report.add(
        f"{name}, growth",
        [large["ratio"][part] / small["ratio"][part] for part in ("min", "median", "max")],
        against=f"the same page over {small['size']:,} tasks",
        size=large["size"],
        target=GROWTH,
        queries=large["queries"],
    )


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
