"""Reports: the whole press against bare WeasyPrint on the same HTML, a plan of 500 tasks in seconds, and what the web
feels of a PDF in the making. Targets: 1.2x, 60 s, 1.2x of the idle p95.

Bare WeasyPrint runs as the press does: a child with the same low priority, so that a busy machine hits both alike.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import weasyprint
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.utils import timezone
from weasyprint.text.fonts import FontConfiguration

from bench import Report, seconds
from core import dates, files
from projects import access
from projects.models import PlanActivity, Project, Task
from projects.permissions import Role
from projects.services import counters
from reports import frame, kinds, press, pressroom
from reports.kinds import Asked
from tests.factories.projects import grant, make_full_project, make_user

TASKS = 500
ROUNDS, SAMPLES = 7, 80


def run(report: Report) -> None:
    person = make_user(name="Measured Person")
    project = make_full_project(by=person, name="Measured system", slug="measured")
    grant(person, Role.PROJECT_MANAGER, project)
    fill(project, person)
    asked = Asked(
        project=Project.objects.select_related("organization", "catalogue").get(pk=project.pk),
        organization=project.organization, by=person, parameters={}, today=dates.today(), language="en",
        perms=access.perms_in(person, project),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        kept, settings.MEDIA_ROOT = settings.MEDIA_ROOT, Path(folder)
        try:
            compare(report, asked)
            felt_by_the_web(report, asked, person)
        finally:
            settings.MEDIA_ROOT = kept
            press.close()


def fill(project: Project, person) -> None:
    """Up to TASKS tasks, a third of them done, some overdue."""
    there = Task.objects.filter(project=project).count()
    activities = list(PlanActivity.objects.filter(project=project))
    last = Task.objects.filter(project=project).order_by("-number").values_list("number", flat=True).first() or 0
    Task.objects.bulk_create(
        Task(
            organization_id=project.organization_id, project=project, number=last + n + 1, assignee=person,
            title=f"Prepare the records of the step and talk to the team, part {n + 1}", status="open",
            activity=activities[n % len(activities)], due_on=project.start_on,
        )
        for n in range(max(0, TASKS - there))
    )  # fmt: skip
    done = list(Task.objects.filter(project=project).order_by("pk").values_list("pk", flat=True)[: TASKS // 3])
    Task.objects.filter(pk__in=done).update(
        status="done", is_open=False, completed_at=timezone.now(), completed_by=person
    )
    Project.objects.filter(pk=project.pk).update(last_task_number=last + TASKS)
    counters.recount(Project.objects.get(pk=project.pk))


def make(slug: str, asked: Asked) -> press.Printed:
    """All that a worker does for a report but the rows of the ledger."""
    sheet = frame.render(kinds.of(slug), asked, mark="0000-0000-0000", made_at=timezone.now())
    made = press.printed(sheet.html, title=sheet.title, css=sheet.css, images=sheet.images)
    files.store(made.pdf, organization_id=asked.organization.pk, folder="reports")
    return made


def compare(report: Report, asked: Asked) -> None:
    compare_one(report, "status", asked, size=TASKS, rounds=7, target=1.2)
    compare_one(report, "plan", asked, size=TASKS, rounds=3, target=None)
    taken = [seconds(lambda: make("plan", asked)) for _k in range(3)]
    report.add("plan report in seconds", taken, against="one second", size=TASKS, target=60, queries=None)


def compare_one(
    report: Report, slug: str, asked: Asked, *, size: int, rounds: int, target: float | None
) -> dict[str, Any]:
    """A report from its data to the stored PDF, against bare WeasyPrint on the HTML it printed."""
    sheet = frame.render(kinds.of(slug), asked, mark="0000-0000-0000", made_at=timezone.now())
    report.warm_up = 1
    return report.compare(
        f"{slug} report, data to stored PDF", lambda: make(slug, asked), lambda: bare(sheet),
        against="bare WeasyPrint, same HTML", size=size, target=target, rounds=rounds,
    )  # fmt: skip


def bare(sheet: frame.Sheet) -> None:
    """`write_pdf` of the same HTML with the same style, fonts and tags, and nothing around it."""
    child = os.fork()
    if not child:
        try:
            os.nice(pressroom.NICE)
            static = settings.ROOT / "static"
            assets = {name: (kind, (static / "vendor" / name).read_bytes()) for name, kind in pressroom.FONTS.items()}
            fetcher, fonts = pressroom.make_fetcher({**assets, **sheet.images}, []), FontConfiguration()
            texts = [(static / "reports" / name).read_text("utf-8") for name in pressroom.STYLES]
            styles = [
                weasyprint.CSS(string=text, font_config=fonts, url_fetcher=fetcher) for text in [*texts, sheet.css]
            ]
            weasyprint.HTML(string=sheet.html, url_fetcher=fetcher).write_pdf(
                font_config=fonts, stylesheets=styles, pdf_variant="pdf/ua-1", optimize_images=True
            )
            os._exit(0)
        finally:
            os._exit(1)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("Bare WeasyPrint could not print the report.")


# ---- the web ----------------------------------------------------------------------------------------------------


def felt_by_the_web(report: Report, asked: Asked, person) -> None:
    """The p95 of a project's home while PDFs are printed without a pause, against the idle p95 around it."""
    sheet = frame.render(kinds.of("plan"), asked, mark="0000-0000-0000", made_at=timezone.now())
    ratios, over = [], threading.Event()

    def print_on() -> None:
        while not over.is_set():
            with contextlib.suppress(Over):
                press.printed(sheet.html, title=sheet.title, css=sheet.css, images=sheet.images, check=stop_if)

    class Over(Exception):
        pass

    def stop_if(step: int, page: int) -> None:
        if over.is_set():
            raise Over

    with web_server() as port:
        ask = asker(port, asked.project.get_absolute_url(), person)
        for _k in range(20):
            ask()
        for _k in range(ROUNDS):
            before = [seconds(ask) for _n in range(SAMPLES)]
            over.clear()
            printer = threading.Thread(target=print_on)
            printer.start()
            time.sleep(1.5)
            busy = [seconds(ask) for _n in range(SAMPLES)]
            over.set()
            printer.join()
            after = [seconds(ask) for _n in range(SAMPLES)]
            ratios.append(p95(busy) / p95(before + after))
    report.add(
        "project home, p95 beside a PDF", ratios, against="its p95 when idle", size=TASKS, target=1.2, queries=None
    )


def p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]


def asker(port: int, path: str, person):
    """Asks for the page as somebody who is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}"}
    )

    def ask() -> None:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            if answer.status != 200 or "/accounts/login" in answer.url:
                raise RuntimeError(f"The page answered {answer.status} at {answer.url}.")
            answer.read()

    return ask


def database_url() -> str:
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    where = f"{known['HOST']}:{known['PORT'] or 5432}"
    return f"postgres://{known['USER']}:{known['PASSWORD']}@{where}/{known['NAME']}"


@contextlib.contextmanager
def web_server() -> Iterator[int]:
    """gunicorn with two workers on the database of the benchmark."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    static = tempfile.mkdtemp(prefix="ims2-bench-static-")
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "IMS2_VAR": str(settings.VAR),
        "LOG_LEVEL": "ERROR",
        "STATIC_ROOT": static,
    }
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(collect, cwd=settings.ROOT, env=environment, check=True)  # noqa: S603
    server = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "gunicorn", "ims2.wsgi", "-b", f"127.0.0.1:{port}", "-w", "2", "--log-level", "error"],
        cwd=settings.ROOT, env=environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _k in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(static, ignore_errors=True)
