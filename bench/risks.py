"""Risks on 200 projects in one database, 5,000 with 40 treatments on each: one project with 100 risks beside one with 5,000.

Register, heat map and the page of a Statement of Applicability are compared with a fixed piece of work; growth is the
quotient of those ratios at 5,000 and at 100 risks in the project (target 1.3), with the same number of queries. The PDF
of a statement of 93 controls, from data to stored file, is compared with bare WeasyPrint on the same HTML (target 1.2).
BENCH_PROJECTS and BENCH_RISKS take fewer projects and risks; such figures are not for the table (`--no-table`).
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from bench import Report, reports, yardstick
from core import dates
from pdca.models import Standard
from projects import access, demo
from projects.demo import scale
from projects.models import Project
from projects.permissions import Role
from reports import press
from reports.kinds import Asked
from risks.models import LevelChange, Rating, Risk, RiskAsset, Soa, Treatment, TreatmentControl
from risks.services import soa as soas
from tests.factories.projects import grant, make_user
from tests.factories.risks import make_asset, make_edition

PROJECTS, MANY = int(os.environ.get("BENCH_PROJECTS", 200)), int(os.environ.get("BENCH_RISKS", 5_000))
FEW, TREATMENTS = 100, 40
GROWTH, PDF = 1.3, 1.2
PAGES: dict[str, tuple[str, str]] = {
    "risk register, first page": ("risks:risk-list", ""),
    "risk register, own filter": ("risks:risk-list", "?discipline=information_security&sort=title"),
    "heat map": ("risks:heat", ""),
    "trend of levels": ("risks:trend", ""),
    "treatment plan": ("risks:treatment-list", ""),
    "statement of applicability": ("risks:soa-detail", ""),
}
DISCIPLINES = ("general", "information_security", "environment", "ohs", "continuity", "records", "opportunity")


def run(report: Report) -> None:
    with override_settings(ROOT_URLCONF="bench.floor"):
        demo.write()
        scale.write(PROJECTS, tasks=40)
        projects = list(
            Project.objects.filter(organization__slug__startswith="scale-")
            .select_related("organization", "manager")
            .order_by("pk")[:PROJECTS]
        )
        large, small = projects[0], projects[1]
        _fill(large, MANY)
        _fill(small, FEW)
        report.say("  copying risks to the other projects …")
        for project in projects[2:]:
            _copy(large, project)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        report.say(f"  {Risk.objects.count():,} risks, {Treatment.objects.count():,} treatments in the database")
        for name, (address, query) in PAGES.items():
            rows = [_page(report, name, address, query, one, size) for one, size in ((small, FEW), (large, MANY))]
            _growth(report, name, *rows)
        _pdf(report, large)


def _fill(project: Project, count: int) -> None:
    """`count` rated risks of all disciplines, TREATMENTS treatments and Annex A, in one project."""
    manager, boss = project.manager, make_user()
    grant(boss, Role.TOP_MANAGEMENT, project)
    edition = make_edition(project, manager, boss)
    asset = make_asset(project, manager, owner=manager)
    now, owned = timezone.now(), {"organization_id": project.organization_id, "project": project}
    scales = edition.criteria
    rows = []
    for n in range(1, count + 1):
        likelihood, consequence = 1 + n % 5, 1 + n // 5 % 5
        level = scales.matrix[likelihood - 1][consequence - 1]
        rows.append(
            Risk(
                **owned, number=n, title=f"What could happen to the work of department {n % 40}, case {n}", owner=manager,
                discipline=DISCIPLINES[n % 7], cause="A cause in a sentence of ordinary length.", category=f"Area {n % 12}",
                event="An event in a sentence of ordinary length.", status="closed" if n % 10 == 0 else "assessed",
                is_open=n % 10 != 0, edition=edition, inherent_edition=edition, rated_at=now, created_by=manager, edited_by=manager,
                inherent_likelihood=5, inherent_consequence=consequence, inherent_level=scales.matrix[4][consequence - 1],
                current_likelihood=likelihood, current_consequence=consequence, current_level=level,
                closed_at=None if n % 10 else now,
            )
        )  # fmt: skip
    Risk.objects.bulk_create(rows, batch_size=500)
    found = list(Risk.objects.filter(project=project).order_by("number"))
    RiskAsset.objects.bulk_create([RiskAsset(risk=risk, asset=asset) for risk in found], batch_size=500)
    Rating.objects.bulk_create(
        [
            Rating(
                **owned, risk=risk, kind="current", edition=edition, likelihood=risk.current_likelihood,
                consequence=risk.current_consequence, level=risk.current_level, rated_by=manager, rated_by_name="Manager",
                level_name=scales.levels[risk.current_level].name, rated_at=now - dt.timedelta(days=risk.number % 300),
            )
            for risk in found
        ],
        batch_size=500,
    )  # fmt: skip
    LevelChange.objects.bulk_create(
        [
            LevelChange(
                **owned, risk=risk, after=scales.levels[risk.current_level].name,
                at=now - dt.timedelta(days=risk.number % 300),
            )
            for risk in found
        ],
        batch_size=500,
    )  # fmt: skip
    soa = soas.begin(project=project, by=manager, standard=Standard.objects.get(slug="iso-27001-2022-annex-a"))
    entries = list(soa.entries.order_by("position"))
    Treatment.objects.bulk_create(
        Treatment(
            **owned, number=n, risk=found[n % len(found)], option="modify", title=f"Treatment {n}", owner=manager,
            created_by=manager, due_on=dates.today(), cost=1_000 * n,
        )
        for n in range(1, TREATMENTS + 1)
    )  # fmt: skip
    made = Treatment.objects.filter(project=project).order_by("number")
    TreatmentControl.objects.bulk_create(
        TreatmentControl(treatment=one, entry=entries[one.number % len(entries)]) for one in made
    )


def _copy(source: Project, target: Project) -> None:
    """The source's risks, treatments and statement as rows of another project, by the database itself."""
    _rows(Risk, source, target, {"edition_id": "NULL", "inherent_edition_id": "NULL"})
    risk = (
        "(SELECT r.id FROM risks_risk r WHERE r.project_id = %(to)s AND r.number ="
        " (SELECT o.number FROM risks_risk o WHERE o.id = t.risk_id))"
    )
    _rows(Treatment, source, target, {"risk_id": risk})
    Soa.objects.filter(project=target).exists() or soas.begin(
        project=target, by=target.manager, standard=Standard.objects.get(slug="iso-27001-2022-annex-a")
    )


def _rows(model: type[models.Model], source: Project, target: Project, instead: dict[str, str]) -> None:
    numbers = {"from": source.pk, "to": target.pk, "org": target.organization_id, "who": target.manager_id}
    given = {
        "project_id": "%(to)s", "organization_id": "%(org)s", "owner_id": "%(who)s", "created_by_id": "%(who)s",
        "edited_by_id": "%(who)s", **instead,
    }  # fmt: skip
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    values = [given.get(column, f't."{column}"') for column in columns]
    named = ", ".join(f'"{column}"' for column in columns)
    table = model._meta.db_table
    sql = f'INSERT INTO "{table}" ({named}) SELECT {", ".join(values)} FROM "{table}" t WHERE t.project_id = %(from)s'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, numbers)


def _page(report: Report, name: str, address: str, query: str, project: Project, size: int) -> dict[str, Any]:
    kwargs = dict(project.address)
    if address == "risks:soa-detail":
        kwargs["slug"] = "iso-27001-2022-annex-a"
    client = Client()
    client.force_login(project.manager, backend="accounts.backends.Backend")
    get = _get(client, reverse(address, kwargs=kwargs) + query)
    return report.compare(name, get, yardstick, against="fixed work", size=size, target=None, rounds=21)


def _get(client: Client, path: str) -> Callable[[], Any]:
    def get() -> Any:
        answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answers {answer.status_code}")
        return answer

    return get


def _growth(report: Report, name: str, small: dict[str, Any], large: dict[str, Any]) -> None:
    if small["queries"] != large["queries"]:
        report.say(f"  {name}: queries differ: {small['queries']} and {large['queries']}")
    report.add(
        f"{name}, growth",
        [large["ratio"][part] / small["ratio"][part] for part in ("min", "median", "max")],
        against=f"the same page over {FEW} risks", size=MANY, target=GROWTH, queries=large["queries"],
    )  # fmt: skip


def _pdf(report: Report, project: Project) -> None:
    person: User = project.manager
    asked = Asked(
        project=Project.objects.select_related("organization", "catalogue").get(pk=project.pk), by=person,
        organization=project.organization, parameters={"soa": "iso-27001-2022-annex-a"}, today=dates.today(), language="en",
        perms=access.perms_in(person, project),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        kept, settings.MEDIA_ROOT = settings.MEDIA_ROOT, Path(folder)
        try:
            reports.compare_one(report, "soa", asked, size=93, rounds=9, target=PDF)
        finally:
            settings.MEDIA_ROOT = kept
            press.close()
