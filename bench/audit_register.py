"""300 audits in one project beside 30 in another: the list, the coverage grid, a programme and an audit with its team.

Each page is compared with a fixed piece of work; growth is the quotient of these ratios at 300 and at 30 audits (target
1.3), with the same number of queries.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse

from audits.models import Audit, Covered
from bench import Report, yardstick
from bench.risks import _get
from pdca.models import Standard
from projects import demo
from projects.demo import scale
from projects.models import Project
from projects.permissions import Role
from tests.factories.many import make_audits
from tests.factories.projects import grant, make_user

MANY, FEW = 300, 30
GROWTH = 1.3
PAGES = ("audit-list", "coverage", "programme-detail", "audit-detail", "audit-team", "audit-export")


def run(report: Report) -> None:
    with override_settings(ROOT_URLCONF="bench.floor"):
        demo.write()
        scale.write(2, tasks=40)
        projects = list(
            Project.objects.filter(organization__slug__startswith="scale-")
            .select_related("organization", "manager")
            .order_by("pk")[:2]
        )
        made = [_fill(project, count) for project, count in zip(projects, (FEW, MANY), strict=True)]
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        report.say(f"  {Audit.objects.count():,} audits, {Covered.objects.count():,} covered cells in the database")
        for name in PAGES:
            small, large = (
                _page(report, name, project, numbers, size)
                for project, numbers, size in zip(projects, made, (FEW, MANY), strict=True)
            )
            if small["queries"] != large["queries"]:
                report.say(f"  {name}: queries differ: {small['queries']} and {large['queries']}")
            target = GROWTH if name != "audit-export" else None  # writes as many rows as there are audits
            report.add(
                f"{name}, growth",
                [large["ratio"][part] / small["ratio"][part] for part in ("min", "median", "max")],
                against=f"the same page over {FEW} audits", size=MANY, target=target, queries=large["queries"],
            )  # fmt: skip


def _fill(project: Project, count: int) -> dict[str, str]:
    standards = list(Standard.objects.filter(slug__in=("iso-9001-2026", "iso-27001-2022")))
    lead = make_user(name="Lead")
    grant(lead, Role.AUDITOR, project)
    found, programme = make_audits(project, project.manager, lead, standards, count)
    return {"audit": found[-1].label, "programme": programme.label}


def _page(report: Report, name: str, project: Project, numbers: dict[str, str], size: int) -> dict[str, Any]:
    kwargs = dict(project.address)
    if (kind := name.partition("-")[0]) in numbers and name not in ("audit-list", "audit-export"):
        kwargs["number"] = numbers[kind]
    client = Client()
    client.force_login(project.manager, backend="accounts.backends.Backend")
    query = "?state=all" if name in ("audit-list", "audit-export") else ""
    get = _get(client, reverse(f"audits:{name}", kwargs=kwargs) + query)
    return report.compare(name, get, yardstick, against="fixed work", size=size, target=None, rounds=11)
