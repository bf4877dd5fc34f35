"""Registers as spreadsheets where they are long: the work of a job, kept for a week under the address of their content.

OUTLET = Outlet("register-export", "exports", make=…, title=…, address=…)
kinds.register(kind_of(OUTLET, _("Register as a spreadsheet"), Perm.VIEW_RISKS))
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils import timezone, translation

from core import canonical, files
from jobs import kinds, ledger, rights
from jobs.models import Job
from jobs.running import Run
from projects.models import Project

KEPT = dt.timedelta(days=7)
AT_ONCE = 1_000
"""Up to so many rows are written while the person waits."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Made(NamedTuple):
    """A workbook whose bytes are stored and which the job is still to name."""

    sha256: str
    rows: int


@dataclass(frozen=True)
class Outlet:
    """Where the registers of one app go out. `make(project, kind, wanted, said, user=, run=)` gives the bytes and how many rows
    they hold; `title(kind)` the register's name, `address(job)` where the file of a done job is to be had."""

    job: str
    folder: str
    make: Callable[..., tuple[bytes, int]]
    title: Callable[[str], str]
    address: Callable[[Job], str]


def ask(
    outlet: Outlet, *, project: Project, by: Any, kind: str, wanted: dict[str, Any], language: str, said: list[str]
) -> Job:
    """Has the register written by a worker; asked for twice at once with the same filters it is one job."""
    mark = canonical.digest({"kind": str(kind), "wanted": _plain(wanted), "language": language})[:32]
    return ledger.ask(
        kind=outlet.job, key=f"{outlet.job}:{project.pk}:{by.pk}:{mark}", by=by, project=project,
        subject=f"{outlet.title(kind)}: {project.name}"[:250],
        parameters={"kind": str(kind), "wanted": _plain(wanted), "language": language, "said": said},
    )  # fmt: skip


def _plain(wanted: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in wanted.items()}


def kind_of(outlet: Outlet, label: Any, perm: str) -> kinds.Kind:
    """The job of an outlet, to be registered; a worker that dies in it leaves nothing but a file that nobody names."""

    def work(run: Run) -> Made:
        job, parameters = run.job, run.job.parameters
        with translation.override(parameters["language"]):
            data, rows = outlet.make(
                job.project, parameters["kind"], parameters["wanted"], parameters["said"], user=job.actor, run=run
            )
        return Made(files.store(data, organization_id=job.organization_id, folder=outlet.folder), rows)

    def effect(run: Run, made: Made) -> dict[str, Any]:
        return {"url": outlet.address(run.job), "sha256": made.sha256, "rows": made.rows}

    return kinds.Kind(outlet.job, label, work=work, effect=effect, may=rights.may(perm), icon="file-spreadsheet")


def is_named(outlet: Outlet, organization_id: int, sha256: str) -> bool:
    """Whether a job of the last days made this file: the sweep asks."""
    since = timezone.now() - KEPT
    return Job.objects.filter(
        kind=outlet.job, organization=organization_id, finished_at__gte=since, result__sha256=sha256
    ).exists()  # fmt: skip


def sweep(outlet: Outlet) -> int:
    """Removes the workbooks that no job of the last week made; how many went."""
    return files.sweep(lambda organization, sha256: is_named(outlet, organization, sha256), folder=outlet.folder)


def headers(name: str) -> dict[str, str]:
    """Of a workbook that is answered at once."""
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
