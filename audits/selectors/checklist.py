"""The checklist as its pages read it: lines with all they credit, what stands where, and what others changed since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audits.flows import OPEN_FINDINGS
from audits.models import Audit, ChecklistLine, ChecklistLineClause, Finding, LineKind, Result, Session
from audits.selectors import criteria
from pdca.models import Match
from projects.addresses import address
from projects.models import Project

OVERLAP = dt.timedelta(seconds=15)
"""A change is stamped before it is committed: what was stamped shortly before the last look is told once more."""


def audit_of(project: Project, number: str) -> Audit | None:
    """The audit of that number ("AU-003"). One query."""
    wanted = Audit.number_of(number)
    found = Audit.objects.filter(project=project, number=wanted).first() if wanted is not None else None
    if found is not None:
        found.project = project
    return found


def _rows(audit: Audit) -> QuerySet[ChecklistLine]:
    credits = ChecklistLineClause.objects.select_related("clause__standard").order_by(
        "clause__standard__code", "clause__position"
    )
    findings = Finding.objects.filter(status__in=[*OPEN_FINDINGS, "closed"]).order_by("number")
    return (
        ChecklistLine.objects.filter(audit=audit)
        .select_related("edited_by")
        .prefetch_related(Prefetch("clause_links", credits), Prefetch("findings", findings))
    )


def lines_of(audit: Audit) -> list[ChecklistLine]:
    """All lines in their order, each with its credits and findings. Three queries."""
    return list(_rows(audit).order_by("position", "pk"))


def one(audit: Audit, pk: int) -> ChecklistLine | None:
    """A line with its credits and findings. Three queries."""
    found = _rows(audit).filter(pk=pk).first()
    if found is not None:
        found.project, found.audit = audit.project, audit
    return found


def load(project: Project, pk: int) -> ChecklistLine | None:
    """A line of any audit of the project, by its key. One query."""
    found = ChecklistLine.objects.select_related("audit").filter(project=project, pk=pk).first()
    if found is not None:
        found.project = found.audit.project = project
    return found


def sessions_of(audit: Audit) -> list[Session]:
    """The rows of the agenda in which something is audited. One query."""
    return list(audit.sessions.filter(kind="audit").order_by("day", "starts_at", "pk"))


def chapter_of(line: ChecklistLine) -> str:
    """The chapter a line stands under: "4" for 4.1; "" for a question of one's own without a clause."""
    ref = line.hs or (line.ref if line.kind != LineKind.OWN else "")
    if not ref and (credits := line.clause_links.all()):
        ref = credits[0].clause.ref
    head = ref.split(".")[0]
    return head if head.isdigit() else ""


def standards_of(line: ChecklistLine) -> list[str]:
    """The codes of the standards a line credits. No query when loaded."""
    return list(dict.fromkeys(link.clause.standard.code for link in line.clause_links.all()))


def short(code: str) -> str:
    """A standard as a chip says it: "ISO 9001:2026" becomes "9001"."""
    return code.rpartition(" ")[2].partition(":")[0]


class Filter(NamedTuple):
    """What part of the checklist is shown; "" means all of it."""

    session: str = ""
    chapter: str = ""
    standard: str = ""
    state: str = ""


def matches(line: ChecklistLine, wanted: Filter) -> bool:
    if wanted.session and str(line.session_id or "none") != wanted.session:
        return False
    if wanted.chapter and (chapter_of(line) or "own") != wanted.chapter:
        return False
    if wanted.standard and wanted.standard not in [link.clause.standard.slug for link in line.clause_links.all()]:
        return False
    if wanted.state == "open":
        return not line.result
    if wanted.state == "found":
        return line.result in FOUND
    return not wanted.state or line.result == wanted.state


FOUND = (Result.NC_MAJOR, Result.NC_MINOR, Result.OBSERVATION, Result.OFI)


class Share(NamedTuple):
    """How far a chapter or a session is."""

    key: str
    label: str
    done: int
    total: int

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


def progress(lines: Iterable[ChecklistLine]) -> Share:
    lines = list(lines)
    return Share("", "", sum(bool(line.result) for line in lines), len(lines))


def by_chapter(lines: Sequence[ChecklistLine], titles: dict[str, str]) -> list[Share]:
    """How far each chapter is, in the order of the checklist; questions of one's own last."""
    groups: dict[str, list[ChecklistLine]] = {}
    for line in lines:
        groups.setdefault(chapter_of(line), []).append(line)
    ordered = sorted(groups, key=lambda ref: int(ref) if ref else 99)
    return [
        Share(ref or "own", f"{ref} {titles.get(ref, '')}".strip() if ref else _("Own questions"),
              sum(bool(line.result) for line in groups[ref]), len(groups[ref]))
        for ref in ordered
    ]  # fmt: skip


def by_session(lines: Sequence[ChecklistLine], sessions: Sequence[Session]) -> list[Share]:
    """How far each session is, in the order of the agenda; lines in no session last."""
    found = []
    for key, label in [*((one.pk, one.title) for one in sessions), (None, _("No session"))]:
        mine = [line for line in lines if line.session_id == key]
        if mine or key is not None:
            found.append(Share(str(key or "none"), label, sum(bool(line.result) for line in mine), len(mine)))
    return found


def saving(lines: Iterable[ChecklistLine]) -> tuple[int, int]:
    """(questions the standards ask one by one, lines that ask them here). No query when loaded."""
    counts = [len(line.clause_links.all()) for line in lines]
    return sum(counts), sum(bool(count) for count in counts)


# ---- as the page's script reads it --------------------------------------------------------------------------------


def intent_of(line: ChecklistLine, shared: dict[str, str]) -> str:
    """What the line wants in our own words: the structure's (`shared`, by row) where standards share it, else its clause's."""
    if len(standards_of(line)) > 1:
        return shared.get(line.hs, "")
    links = line.clause_links.all()
    return links[0].clause.intent if links else ""


def intents() -> dict[str, str]:
    """What each row of the harmonized structure wants, in our own words. One query."""
    return {row.ref: row.intent for row in criteria.structure()}


def additions_of(line: ChecklistLine) -> list[ChecklistLineClause]:
    """The credits that add something to what the line shares: they stay visible, each with its own words."""
    if len(standards_of(line)) < 2:
        return []
    return [link for link in line.clause_links.all() if link.clause.match == Match.EXTENDED]


def told(
    lines: Iterable[ChecklistLine], project: Project, *, user: Any, shared: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    """The lines as the page reads them; `shared` are the intents of the structure, which an open page has already.

    No query when they come from `lines_of` or `since`.
    """
    return [
        {
            "id": line.pk,
            "version": line.version,
            "ref": line.ref,
            "title": line.title,
            "intent": intent_of(line, shared or {}),
            "credits": [f"{link.clause.standard.code} {link.clause.ref}" for link in line.clause_links.all()],
            "additions": [
                {"name": f"{link.clause.standard.code} {link.clause.ref}", "text": link.clause.intent}
                for link in additions_of(line)
            ],
            "prompts": line.prompts,
            "values": {
                "result": line.result, "evidence": line.evidence, "sampling": line.sampling,
                "not_sampled_because": line.not_sampled_because, "session": str(line.session_id or ""),
            },
            "findings": [
                {
                    "label": one.label, "grade": one.get_grade_display(), "text": one.statement[:120],
                    "href": address("audits:finding-detail", **project.address, number=one.label),
                }
                for one in line.findings.all()
            ],
            "files": f"{line.evidence_count} {line.evidence_at.isoformat() if line.evidence_at else ''}",
            "by": (line.edited_by.name or line.edited_by.email) if line.edited_by else "",
            "is_own": line.edited_by_id == user.pk,
        }
        for line in lines
    ]  # fmt: skip


class News(NamedTuple):
    rows: list[ChecklistLine]
    moment: dt.datetime


def since(audit: Audit, moment: dt.datetime) -> News:
    """The lines changed since then, and the moment to ask from the next time. Three queries, one where nothing changed."""
    now = timezone.now()
    rows = list(_rows(audit).filter(updated_at__gt=moment - OVERLAP).order_by("updated_at", "pk"))
    return News(rows, now)
