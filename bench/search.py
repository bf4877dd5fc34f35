"""Search over 1,000 to 100,000 tasks in 200 projects: against the bare question to the index, and by growth.

The raw question is what a search would be without rights, kinds, ranking and counts: forty rows that hold the words,
newest first, of all tenants. A search for a person adds their grants, nine kinds, the ranks and the counts of each group.
Growth is held to a target (from 10,000 tasks on, so that there is a page to show at both sizes), and so is a restricted
person against one who reads everything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Q
from django.test import Client

from accounts.models import User
from bench import Report, seconds, yardstick
from projects import demo
from projects.demo import scale
from projects.models import Project, Task
from search import kinds
from search.full_text import ENTRIES, INDEX
from search.selectors import find
from search.selectors import sight as sights
from search.services import entries

SIZES = (1_000, 10_000, 100_000)
TASKS_OF_A_CLIENT = 500
QUESTIONS = {
    "rare word": "visitors",
    "common word": "check",
    "two words": "records purchasing",
    "prefix": "pre",
    "number": "T-012",
    "slip of the finger": "visitorz",
}
GROWTH, RESTRICTED = 1.3, 1.05


def run(report: Report) -> None:
    demo.write()
    found: dict[str, list[dict[str, Any]]] = {}
    for size in SIZES:
        scale.write(size // TASKS_OF_A_CLIENT, tasks=TASKS_OF_A_CLIENT)
        took = seconds(lambda: entries.fill_all(anew=True))
        report.say(f"  comparing all entries took {took:.1f} s")
        _analyze()
        consultant = User.objects.get(email="consultant@demo.example")
        staff = User.objects.get(email="staff@scale-001.example")
        manager = User.objects.get(email="manager@scale-001.example")
        for name, text in QUESTIONS.items():
            row = report.compare(
                f"search, {name}", _search(consultant, text), yardstick, against="fixed work", size=size, target=None
            )
            found.setdefault(f"search, {name}", []).append(row)
            if name != "slip of the finger":
                report.compare(
                    f"search, {name}", _search(consultant, text), _bare(text), against="the raw question, all tenants",
                    size=size, target=None,
                )  # fmt: skip
        report.compare(
            "search, staff", _search(staff, "check", "scale-001/ims"), _search(manager, "check", "scale-001/ims"),
            against="the same search, project manager", size=size, target=RESTRICTED,
        )  # fmt: skip
        row = report.compare(
            "search, project manager", _search(manager, "check", "scale-001/ims"), yardstick, against="fixed work",
            size=size, target=None,
        )  # fmt: skip
        found.setdefault("search, project manager", []).append(row)
        page = _page(consultant, "check")
        found.setdefault("search page", []).append(
            report.compare("search page", page, yardstick, against="fixed work", size=size, target=None)
        )
        _upkeep(report, size)
    for name, rows in found.items():
        _growth(report, name, rows)


def _search(person: User, text: str, here: str = "") -> Callable[[], Any]:
    return lambda: find.find(sights.of(person, here), find.question(text))


def _page(person: User, text: str) -> Callable[[], Any]:
    client = Client()
    client.force_login(person, backend="accounts.backends.Backend")

    def get() -> None:
        if (answer := client.get("/search/", {"q": text})).status_code != 200:
            raise RuntimeError(f"The page of search answers {answer.status_code}")

    return get


def _bare(text: str) -> Callable[[], Any]:
    """The same words asked of the index, and nothing else."""
    terms = find.Terms.all(find.terms_of(find.question(text), {}))
    statement = (
        f"SELECT e.* FROM {INDEX} JOIN {ENTRIES} e ON e.id = {INDEX}.rowid WHERE {INDEX} MATCH %s "  # noqa: S608
        f"ORDER BY {INDEX}.rowid DESC LIMIT 40"
        if connection.vendor == "sqlite"
        else f"SELECT * FROM {ENTRIES} WHERE tokens @@ %s::tsquery ORDER BY id DESC LIMIT 40"  # noqa: S608
    )

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, [terms])
            cursor.fetchall()

    return ask


def _upkeep(report: Report, size: int) -> None:
    """What one change pays for the entry that follows it, against saving the record alone."""
    task = Task.objects.filter(project__slug="ims", project__organization__slug="scale-001").earliest("number")
    kind, it = kinds.of("task"), Q(pk=task.pk)
    titles = iter(range(10_000))

    def save() -> None:
        Task.objects.filter(pk=task.pk).update(title=f"{task.title} {next(titles)}")

    def follow() -> None:
        save()
        entries.refresh(kind, it)

    report.compare("entry of a renamed task", follow, save, against="the bare update", size=size, target=None)
    report.compare(
        "entry of a task whose words stay", lambda: entries.refresh(kind, it),
        lambda: Task.objects.filter(pk=task.pk).first(), against="reading the task", size=size, target=None,
    )  # fmt: skip
    project = Project.objects.get(organization__slug="scale-001", slug="ims")
    plan = [kinds.of(key) for key in ("project", "step", "activity", "task")]

    def index_anew() -> None:
        entries.SearchEntry.objects.filter(project=project).delete()
        for one in plan:
            entries.refresh(one, Q(pk=project.pk) if one.key == "project" else Q(project=project))

    report.say(f"  entries of a whole project: {min(seconds(index_anew) for _k in range(3)) * 1000:.0f} ms")


def _growth(report: Report, name: str, rows: list[dict[str, Any]]) -> None:
    small, large = rows[1], rows[-1]
    report.add(
        f"{name}, growth",
        [large["ratio"][part] / small["ratio"][part] for part in ("min", "median", "max")],
        against=f"the same over {small['size']:,} tasks",
        size=large["size"],
        target=GROWTH,
        queries=large["queries"],
    )


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
