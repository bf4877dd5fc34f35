"""Audit programmes as pages and signatures read them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Count, F, Prefetch, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.flows import ProgrammeStatus
from audits.models import (
    Audit,
    AuditProgrammeLine,
    Every,
    Programme,
    ProgrammeLine,
    ProgrammeLineClause,
    ProgrammeLineStandard,
)
from core import together
from projects.addresses import address
from projects.models import Project

LABELS = {
    "title": gettext_lazy("Title"),
    "starts_on": gettext_lazy("From"),
    "ends_on": gettext_lazy("To"),
    "objectives": gettext_lazy("Objectives"),
    "risks": gettext_lazy("Risks and opportunities of the programme"),
    "resources": gettext_lazy("Resources and methods"),
    "owner": gettext_lazy("Managed by"),
    "lines": gettext_lazy("What is audited"),
    "subject": gettext_lazy("What is audited"),
    "standards": gettext_lazy("Standards"),
    "clauses": gettext_lazy("Clauses"),
    "how_often": gettext_lazy("How often"),
    "reason": gettext_lazy("Why that often"),
    "first_on": gettext_lazy("First audit by"),
}
"""What the parts of a snapshot are called where two editions are compared."""

BADGES = {
    ProgrammeStatus.DRAFT: ("open", "pencil"),
    ProgrammeStatus.APPROVED: ("done", ""),
    ProgrammeStatus.CLOSED: ("plain", "archive"),
}


def of(project: Project) -> QuerySet[Programme]:
    """The programmes of a project with how many lines they have, and how many are overdue is asked by `dressed`."""
    rows = Programme.objects.filter(project=project).select_related("owner")
    return rows.annotate(line_count=Count("lines")).order_by("-starts_on", "-number")


def dressed(rows: Iterable[Programme], project: Project, today: dt.date) -> list[Programme]:
    """Puts on each programme its badge and how many of its lines are overdue. One query."""
    rows = list(rows)
    late = dict(
        ProgrammeLine.objects.filter(programme__in=[one.pk for one in rows], next_on__lt=today)
        .order_by()
        .values_list("programme_id")
        .annotate(n=Count("pk"))
    )
    for one in rows:
        one.project = project
        one.badge = BADGES[ProgrammeStatus(one.status)]
        one.late_count = late.get(one.pk, 0)
    return rows


def one(project: Project, number: str) -> Programme | None:
    """The programme of that number ("AP-001"). One query."""
    wanted = Programme.number_of(number)
    if wanted is None:
        return None
    rows = Programme.objects.filter(project=project, number=wanted).select_related("owner", "created_by", "edited_by")
    return _here(rows.first(), project)


def load(project: Project, pk: int) -> Programme | None:
    rows = Programme.objects.filter(project=project, pk=pk).select_related("owner", "created_by", "edited_by")
    return _here(rows.first(), project)


@together.once
def current(project: Project, today: dt.date) -> Programme | None:
    """The programme that runs today; else the next one, else the last one. One query."""
    rows = Programme.objects.filter(project=project, is_open=True).select_related("owner")
    rows = list(rows.order_by("starts_on", "number")[:20])
    running = [one for one in rows if one.starts_on <= today <= one.ends_on]
    coming = [one for one in rows if one.starts_on > today]
    found = (running or coming or rows[-1:] or [None])[0]
    return _here(found, project)


def _here(found: Programme | None, project: Project) -> Programme | None:
    if found is not None:
        found.project = project  # with its organization, which the page has loaded
    return found


def _with_criteria(programme: Programme) -> QuerySet[ProgrammeLine]:
    """Its lines with their standards and clauses. Three queries."""
    return programme.lines.select_related("item").prefetch_related(
        Prefetch("standard_links", ProgrammeLineStandard.objects.select_related("standard")),
        Prefetch("clause_links", ProgrammeLineClause.objects.select_related("clause__standard")),
    )


class Taken(NamedTuple):
    """An audit that takes a line up, as far as a link to it needs."""

    label: str
    href: str


def lines_of(programme: Programme) -> list[ProgrammeLine]:
    """Its lines with their criteria and the audits that take them up, the newest first. Four queries."""
    slugs, taken = programme.project.address, defaultdict(list)
    links = AuditProgrammeLine.objects.filter(line__programme=programme).order_by("-audit__number")
    for pk, number in links.values_list("line_id", "audit__number"):
        label = Audit.named(number)
        taken[pk].append(Taken(label, address("audits:audit-detail", **slugs, number=label)))
    found = list(_with_criteria(programme))
    for line in found:
        line.programme = programme
        line.audits = taken[line.pk]
        line.criteria = criteria_of(line)
    return found


def line(programme: Programme, pk: int) -> ProgrammeLine | None:
    found = programme.lines.select_related("item").filter(pk=pk).first()
    if found is not None:
        found.programme, found.project = programme, programme.project
    return found


def criteria_of(line: ProgrammeLine) -> list[str]:
    """ "ISO 9001: 8.4, 8.5" for each standard of a line, "ISO 14001" for one that is audited whole. No query."""
    clauses: dict[int, list[str]] = {}
    for link in line.clause_links.all():
        clauses.setdefault(link.clause.standard_id, []).append(link.clause.ref)
    return [
        f"{link.standard.code}: {', '.join(clauses[link.standard_id])}" if link.standard_id in clauses else link.standard.code
        for link in line.standard_links.all()
    ]  # fmt: skip


def open_lines(project: Project) -> QuerySet[ProgrammeLine]:
    """The lines of open programmes that an audit can take up, the one due first first. One query."""
    rows = ProgrammeLine.objects.filter(project=project, programme__is_open=True).select_related("programme", "item")
    return rows.order_by(F("next_on").asc(nulls_last=True), "programme_id", "position")


# ---- what is signed ----------------------------------------------------------------------------------------------


def snapshot(programme: Programme) -> dict[str, Any]:
    """What top management approves, as plain values in words."""
    return {
        "title": programme.title,
        "starts_on": programme.starts_on,
        "ends_on": programme.ends_on,
        "objectives": programme.objectives,
        "risks": programme.risks,
        "resources": programme.resources,
        "owner": str(programme.owner or ""),
        "lines": [
            {
                "subject": one.subject,
                "standards": [link.standard.code for link in one.standard_links.all()],
                "clauses": [f"{link.clause.standard.code} {link.clause.ref}" for link in one.clause_links.all()],
                "how_often": str(Every(one.every_months).value),
                "reason": one.reason,
                "first_on": one.first_on,
            }
            for one in _with_criteria(programme)
        ],
    }


def paper(programme: Programme) -> str:
    """The same as people read it, whole in itself."""
    return render_to_string("audits/programme/document.html", {"programme": programme, "lines": lines_of(programme)})


def authors(programme: Programme) -> set[int]:
    edited = set(programme.history.values_list("edited_by_id", flat=True))
    return ({programme.created_by_id, programme.edited_by_id} | edited) - {None}


def meaning(programme: Programme) -> str:
    return _("I approve this audit programme and the resources it needs on behalf of top management.")
