"""A statement as its pages show it: lines, filters, totals, findings, drift, pictures. Everything from one computation."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from approvals.models import Approval
from approvals.selectors import approval as approvals
from core import svg, together
from core.nav import address
from core.svg.stacks import Column, Part, Stack, columns, stacks
from projects.models import Project
from risks import applicability
from risks.applicability import UNANSWERED, Finding, Row, RowChange, Statement
from risks.models import Implementation, Soa

from . import soa as selectors

STATUS = {
    Implementation.IMPLEMENTED: ("done", "circle-check"),
    Implementation.IN_PROGRESS: ("prog", "circle-half-2"),
    Implementation.PLANNED: ("open", "calendar-event"),
    Implementation.NOT_STARTED: ("open", "circle-dashed"),
    Implementation.NOT_APPLICABLE: ("open", "circle-minus"),
}
SELECTION = {True: ("done", "check"), False: ("open", "ban"), None: ("risk", "help")}
TONES = {
    Implementation.IMPLEMENTED: "done", Implementation.IN_PROGRESS: "prog", Implementation.PLANNED: "plan",
    Implementation.NOT_STARTED: "open", Implementation.NOT_APPLICABLE: "none", UNANSWERED: "late",
}  # fmt: skip


class Label(NamedTuple):
    """A badge: kind, word, icon."""

    kind: str
    word: str
    icon: str


@dataclass
class Line:
    """One row of the page."""

    row: Row
    cells: Mapping[str, Any]
    findings: list[Finding]
    url: str
    may_write: bool
    is_late: bool = False

    @property
    def entry(self) -> Any:
        return self.row.record

    @property
    def anchor(self) -> str:
        return f"row-{self.row.record.pk}"

    @property
    def selection(self) -> Label:
        kind, icon = SELECTION[self.row.applicable]
        return Label(kind, str(self.cells["is_applicable"] or applicability.SELECTION[None]), icon)

    @property
    def status(self) -> Label:
        kind, icon = STATUS[Implementation(self.row.status)]
        return Label(kind, str(self.cells["status"]), icon)

    @property
    def reasons(self) -> list[tuple[str, bool]]:
        return applicability.said_reasons(self.row)

    @property
    def links(self) -> int:
        return len(self.row.treatments) + len(self.row.documents) + len(self.row.tasks)


def line_of(
    soa: Soa, row: Row, *, may_manage: bool, me: int, today: dt.date, findings: list[Finding] | None = None
) -> Line:
    """One row with what its page needs; no query."""
    return _line(soa, row, findings if findings is not None else applicability.findings_of(row), home_of(soa), may_manage,
                 me, today)  # fmt: skip


def lines_of(
    soa: Soa, statement: Statement, rows: Iterable[Row], *, may_manage: bool, me: int, today: dt.date
) -> list[tuple[str, str, list[Line]]]:
    """Rows under their themes, as (key, theme, lines); no query."""
    by_row: dict[str, list[Finding]] = {}
    for one in statement.findings:
        by_row.setdefault(one.number, []).append(one)
    home = home_of(soa)
    found: dict[str, list[Line]] = {}
    for row in rows:
        line = _line(soa, row, by_row.get(row.number, []), home, may_manage, me, today)
        found.setdefault(row.theme, []).append(line)
    keys = {theme: f"t{at}" for at, (theme, _rows) in enumerate(statement.themes)}
    return [(keys[theme], theme, lines) for theme, lines in found.items()]


def _line(
    soa: Soa, row: Row, findings: list[Finding], home: str, may_manage: bool, me: int, today: dt.date
) -> Line:  # fmt: skip
    is_mine = may_manage or (row.record.owner_id == me and row.applicable is True)
    is_late = bool(row.target_on and row.target_on < today and row.status != Implementation.IMPLEMENTED)
    return Line(row, applicability.cells(row), findings, f"{home}row/{row.number}/", is_mine, is_late)


def home_of(soa: Soa) -> str:
    return reverse("risks:soa-detail", kwargs={**soa.project.address, "slug": soa.slug})


def attributes_of(statement: Statement) -> list[tuple[str, list[tuple[str, str]]]]:
    """The attributes that rows carry, for a filter: (name, [(key, words)]); no query."""
    found: dict[str, dict[str, None]] = {}
    for row in statement.rows:
        for name, values in (row.record.attributes or {}).items():
            if isinstance(values, list):
                found.setdefault(name, {}).update(dict.fromkeys(str(value) for value in values))
    return [
        (readable(name), [(f"{name}:{value}", readable(value)) for value in sorted(values)])
        for name, values in found.items()
    ]


def attributes_in_words(row: Any) -> list[tuple[str, str]]:
    return [
        (readable(name), ", ".join(readable(str(value)) for value in values))
        for name, values in (row.attributes or {}).items() if isinstance(values, list) and values
    ]  # fmt: skip


def readable(key: str) -> str:
    return key.replace("_", " ").strip().capitalize() if key.islower() else key


# ---- what stands around the table -----------------------------------------------------------------------------------


class Around(NamedTuple):
    """What changes with every answer: the figures, what does not fit, how far from the edition in force."""

    totals: applicability.Totals
    findings: list[tuple[str, list[Finding], str]]
    count: int
    drift: list[RowChange]
    edition: Approval | None
    drift_url: str
    findings_url: str


def around(soa: Soa, statement: Statement, in_force: Approval | None) -> Around:
    """No query where the content of the edition in force is loaded."""
    home = home_of(soa)
    drift = selectors.drift(soa, statement, in_force)
    query = urlencode({"before": in_force.edition, "after": "working"}) if in_force is not None else ""
    return Around(
        statement.totals, applicability.grouped(statement.findings), len(statement.findings), drift, in_force,
        f"{home}compare/?{query}" if drift else "", f"{home}?findings=on#rows",
    )  # fmt: skip


@together.once
def in_force_of(soa: Soa) -> Approval | None:
    """The edition in force with what was signed. One query."""
    return approvals.edition_in_force(selectors.KIND, soa)


class Card(NamedTuple):
    """A statement in the list and in the workspace."""

    soa: Soa
    url: str
    kind: str
    totals: applicability.Totals
    findings: int
    standing: approvals.Standing
    state: Label


def cards_of(project: Project, soas: list[Soa]) -> list[Card]:
    """Each statement with its figures and how it stands. Up to eight queries each: a project has one to three."""
    found = []
    for soa in soas:
        statement = soa.statement = selectors.computed(soa)
        standing = approvals.standing_of(selectors.KIND, soa)
        found.append(
            Card(
                soa, home_of(soa), selectors.kind_words(soa), statement.totals, len(statement.findings), standing,
                state_of(standing),
            )
        )  # fmt: skip
    return found


def state_of(standing: approvals.Standing) -> Label:
    """How a statement stands towards its approval, in a word."""
    if standing.asked:
        return Label("prog", _("Awaiting a decision"), "signature")
    if standing.is_stale:
        return Label("risk", _("Differs from what was approved"), "arrows-diff")
    if standing.in_force:
        return Label("done", _("Approved"), "circle-check")
    if standing.refused and standing.refused.status == "rejected":
        return Label("late", _("Sent back"), "arrow-back-up")
    return Label("open", _("Not approved yet"), "circle-dashed")


class EditionLine(NamedTuple):
    """An approved edition as a line: what it holds, what it changed, where it is read."""

    approval: Approval
    totals: applicability.Totals
    changed: int
    compare_url: str
    approval_url: str
    sheet_url: str


def edition_lines(soa: Soa) -> list[EditionLine]:
    """The editions, the newest first, each with what it changed in the one before. One query."""
    rows = list(selectors.editions(soa).prefetch_related("signatures"))
    read = [applicability.of_snapshot(json.loads(row.content.snapshot)) for row in rows]
    home, found = home_of(soa), []
    for at, (row, statement) in enumerate(zip(rows, read, strict=True)):
        row.project = soa.project
        before = read[at + 1] if at + 1 < len(read) else None
        query = urlencode({"before": rows[at + 1].edition, "after": row.edition}) if before is not None else ""
        found.append(
            EditionLine(
                row, statement.totals, len(applicability.compared(before, statement)) if before is not None else 0,
                f"{home}compare/?{query}" if query else "", row.get_absolute_url(), f"{home}xlsx/?edition={row.edition}",
            )
        )  # fmt: skip
    return found


def import_url(project: Project) -> str:
    """Where an own control set is read from a spreadsheet; "" where this cannot be done."""
    return address("risks:import-new", **project.address, kind="control_set")


# ---- pictures -------------------------------------------------------------------------------------------------------


class Drawings(NamedTuple):
    """Status by theme, reasons, implementation over time (None before there is a second day)."""

    themes: SafeString
    reasons: SafeString
    time: SafeString | None = None


class Picture(NamedTuple):
    """One page for who would rather look than read, with the figures behind each drawing.

    `narrow` holds the drawings once more for a phone, where a wide one would shrink until nobody can read it.
    """

    wide: Drawings
    narrow: Drawings
    legend: list[Part]
    moments: list[selectors.Moment]
    standings: list[tuple[str, str]]

    @property
    def table(self) -> list[tuple[dt.date, list[int]]]:
        return [(one.on, [one.standings.get(key, 0) for key, _words in self.standings]) for one in self.moments]


def picture(
    soa: Soa, statement: Statement, today: dt.date, *, moments: list[selectors.Moment] | None = None
) -> Picture:
    """Status by theme, reasons, implementation over time. One query, none with `moments`."""
    moments = selectors.over_time(soa, today) if moments is None else moments
    return Picture(
        wide=drawings(statement.totals, moments),
        narrow=drawings(statement.totals, moments, is_narrow=True),
        legend=_parts(statement.totals.whole.standings),
        moments=moments,
        standings=[(str(one), applicability.standing_label(one)) for one in applicability.STANDINGS],
    )


NARROW = 340


def drawings(
    counted: applicability.Totals, moments: Sequence[selectors.Moment] = (), *, is_narrow: bool = False
) -> Drawings:
    """The drawings for a desk and for paper, or for a phone."""
    return Drawings(
        _themes(counted, is_narrow),
        _reasons(counted, is_narrow),
        _over_time(moments, is_narrow) if len(moments) > 1 else None,
    )


def _ids(name: str, is_narrow: bool) -> str:
    return f"soa-{name}-narrow" if is_narrow else f"soa-{name}"


def _themes(counted: applicability.Totals, is_narrow: bool) -> SafeString:
    rows = [Stack(one.name or _("Without a theme"), _parts(one.standings)) for one in counted.themes]
    if len(rows) > 1:
        rows.append(Stack(_("All"), _parts(counted.whole.standings)))
    label, width = (0, NARROW) if is_narrow else (230, 900)
    return stacks(
        rows, id=_ids("themes", is_narrow), title=_("Implementation by theme"), label_width=label, width=width
    )


def _reasons(counted: applicability.Totals, is_narrow: bool) -> SafeString:
    rows = [svg.Bar(words, n, "prog") for _key, words, n in counted.by_reason]
    rows.append(svg.Bar(_("Without a reason"), counted.without_reason, "late"))
    width = NARROW if is_narrow else 560
    return svg.bars(
        rows,
        id=_ids("reasons", is_narrow),
        title=_("Reasons for including controls"),
        label_width=235 if not is_narrow else 190,
        width=width,
    )


def _over_time(moments: Sequence[selectors.Moment], is_narrow: bool) -> SafeString:
    return columns(
        [Column(moment.on, _parts(moment.standings)) for moment in moments],
        id=_ids("time", is_narrow),
        title=_("Implementation over time"),
        width=NARROW if is_narrow else 640,
    )


def _parts(standings: Mapping[str, int]) -> list[Part]:
    return [
        Part(applicability.standing_label(one), standings.get(one, 0), TONES[one]) for one in applicability.STANDINGS
    ]  # fmt: skip
