"""The Statement of Applicability as figures and words: derived reasons, totals, consistency, differences. No query.

A row's reasons are those a person chose and those that follow from its links; only the first are stored. Page, spreadsheet,
PDF and what is frozen for a decision all come from the same Row by `cells`, so they agree cell for cell.
(IMS2 1.8; ISO/IEC 27001:2022, 6.1.3 b) to d))
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from risks.models.soa import Implementation, Reason

CLAUSE = "ISO/IEC 27001:2022, 6.1.3 d)"
UNANSWERED = "unanswered"
PROGRESS = ("derived_reasons", "status", "owner", "target_on", "treatments", "documents", "tasks")
"""What may move on while the selection that was approved stays what it is."""

SELECTION = {
    True: gettext_lazy("Applicable"),
    False: gettext_lazy("Excluded"),
    None: gettext_lazy("Not answered yet"),
}
DERIVED = gettext_lazy("from links")
"""Said beside a reason that nobody chose."""
LABELS = {
    "name": gettext_lazy("Name"),
    "rows": gettext_lazy("Rows"),
    "ref": gettext_lazy("Control no."),
    "title": gettext_lazy("Control"),
    "theme": gettext_lazy("Theme"),
    "is_applicable": gettext_lazy("Applicable"),
    "reasons": gettext_lazy("Reasons"),
    "derived_reasons": gettext_lazy("Reasons from links"),
    "justification": gettext_lazy("Justification"),
    "status": gettext_lazy("Implementation"),
    "owner": gettext_lazy("Owner"),
    "target_on": gettext_lazy("Target date"),
    "treatments": gettext_lazy("Treatments"),
    "documents": gettext_lazy("Documents"),
    "tasks": gettext_lazy("Tasks"),
}
COLUMNS = (
    "ref", "title", "theme", "is_applicable", "reasons", "derived_reasons", "justification", "status", "owner",
    "target_on", "treatments", "documents", "tasks",
)  # fmt: skip
"""What every output shows of a row, by the names a spreadsheet that comes back is read by (sheet_columns.SOA)."""


class Use(NamedTuple):
    """A treatment that relies on a control. `is_stale`: its risk was accepted before something about it changed."""

    treatment: str
    risk: str
    is_cancelled: bool = False
    is_stale: bool = False


Derives = Callable[["Facts"], Iterable[str]]


class Facts(NamedTuple):
    """What links say about one control."""

    uses: tuple[Use, ...] = ()
    obligations: tuple[str, ...] = ()


def _of_treatments(facts: Facts) -> Iterable[str]:
    if any(not use.is_cancelled for use in facts.uses):
        yield Reason.RISK_TREATMENT


def _of_obligations(facts: Facts) -> Iterable[str]:
    yield from facts.obligations


derives: list[Derives] = [_of_treatments, _of_obligations]
"""What gives a control a reason by itself. A register of obligations adds the reasons of its own to Facts.obligations."""


def derived_reasons(facts: Facts) -> tuple[str, ...]:
    """The reasons that follow from links, in the order of the taxonomy."""
    found = {str(reason) for one in derives for reason in one(facts)}
    return tuple(reason for reason in Reason.values if reason in found)


@dataclass(frozen=True)
class Row:
    """One control and what was decided about it, as text: nothing here is looked up any more."""

    number: str
    title: str
    theme: str = ""
    applicable: bool | None = None
    chosen: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    justification: str = ""
    status: str = Implementation.NOT_STARTED
    owner: str = ""
    target_on: dt.date | None = None
    treatments: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    uses: tuple[Use, ...] = field(default=(), compare=False)
    record: Any = field(default=None, compare=False, repr=False)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Chosen or derived, in the order of the taxonomy; an excluded control has none."""
        if self.applicable is False:
            return ()
        return tuple(reason for reason in Reason.values if reason in self.chosen or reason in self.derived)

    @property
    def standing(self) -> str:
        """Its implementation status, or "unanswered": never asked is different from not applicable."""
        return UNANSWERED if self.applicable is None else str(self.status)


# ---- cells ----------------------------------------------------------------------------------------------------------


def standing_label(standing: str) -> str:
    return str(SELECTION[None]) if standing == UNANSWERED else str(Implementation(standing).label)


def said_reasons(row: Row) -> list[tuple[str, bool]]:
    """(words, whether nobody chose it and it follows from links) of each reason."""
    return [(str(Reason(reason).label), reason not in row.chosen) for reason in row.reasons]


def cells(row: Row) -> dict[str, str | dt.date | None]:
    """A row as every output shows it, by COLUMNS, in the active language; a date stays a date, an open answer is empty.

    Text is in Unicode form NFC, as it is frozen: a letter typed in two parts is no difference from what was signed.
    """
    counts = row.applicable is not False
    said = {
        "ref": row.number,
        "title": row.title,
        "theme": row.theme,
        "is_applicable": {True: _("Yes"), False: _("No"), None: ""}[row.applicable],
        "reasons": _in_words(row.chosen) if counts else "",
        "derived_reasons": _in_words(row.derived) if counts else "",
        "justification": row.justification,
        "status": str(Implementation(row.status).label),
        "owner": row.owner,
        "treatments": ", ".join(row.treatments),
        "documents": ", ".join(row.documents),
        "tasks": ", ".join(row.tasks),
    }
    composed = {name: unicodedata.normalize("NFC", text) for name, text in said.items()}
    return {name: row.target_on if name == "target_on" else composed[name] for name in COLUMNS}


def _in_words(reasons: Iterable[str]) -> str:
    return "\n".join(str(reason.label) for reason in Reason if reason in reasons)


# ---- totals ---------------------------------------------------------------------------------------------------------


STANDINGS = (
    Implementation.IMPLEMENTED, Implementation.IN_PROGRESS, Implementation.PLANNED, Implementation.NOT_STARTED,
    Implementation.NOT_APPLICABLE, UNANSWERED,
)  # fmt: skip
"""How a row can stand, from the furthest; every row has exactly one."""


@dataclass(frozen=True)
class Tally:
    """How many rows stand where."""

    name: str
    standings: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.standings.values())

    @property
    def unanswered(self) -> int:
        return self.standings.get(UNANSWERED, 0)

    @property
    def excluded(self) -> int:
        return self.standings.get(Implementation.NOT_APPLICABLE, 0)

    @property
    def applicable(self) -> int:
        return self.total - self.unanswered - self.excluded

    @property
    def implemented(self) -> int:
        return self.standings.get(Implementation.IMPLEMENTED, 0)

    @property
    def answered(self) -> int:
        return self.total - self.unanswered

    @property
    def implemented_percent(self) -> int:
        """Share of the applicable controls that are implemented, in whole percent, rounded down."""
        return 100 * self.implemented // self.applicable if self.applicable else 0

    @property
    def in_order(self) -> list[tuple[str, str, int]]:
        """(standing, its words, how many), from the furthest."""
        return [(str(one), standing_label(one), self.standings.get(one, 0)) for one in STANDINGS]


@dataclass(frozen=True)
class Totals:
    """The figures of a statement. Each way of counting adds up to the number of rows."""

    whole: Tally
    themes: tuple[Tally, ...]
    reasons: Mapping[str, int]
    without_reason: int

    @property
    def by_reason(self) -> list[tuple[str, str, int]]:
        return [(str(reason), str(reason.label), self.reasons.get(reason, 0)) for reason in Reason]


def totals(rows: Iterable[Row]) -> Totals:
    """Counts rows; `reasons` counts applicable rows that have a reason, one row under each of its reasons."""
    whole: Counter[str] = Counter()
    themes: dict[str, Counter[str]] = {}
    reasons: Counter[str] = Counter()
    without = 0
    for row in rows:
        whole[row.standing] += 1
        themes.setdefault(row.theme, Counter())[row.standing] += 1
        if row.applicable:
            reasons.update(row.reasons)
            without += not row.reasons
    return Totals(
        Tally("", dict(whole)), tuple(Tally(name, dict(one)) for name, one in themes.items()), dict(reasons), without
    )


# ---- consistency ----------------------------------------------------------------------------------------------------


class Finding(NamedTuple):
    """What does not fit, where, and in words what to do."""

    code: str
    number: str
    says: str


UNJUSTIFIED, WITHOUT_REASON, USED, OUTDATED, OPEN = (
    "excluded-unjustified", "applicable-without-reason", "excluded-but-used", "changed-after-acceptance", "unanswered",
)  # fmt: skip
CODES = (UNJUSTIFIED, WITHOUT_REASON, USED, OUTDATED, OPEN)


def findings_of(row: Row) -> list[Finding]:
    """What does not fit in one row, the gravest first."""
    found = []

    def note(code: str, says: str, **parts: str) -> None:
        found.append(Finding(code, row.number, says % {"row": f"{row.number} {row.title}", **parts}))

    in_use = [use for use in row.uses if not use.is_cancelled]
    if row.applicable is None:
        note(OPEN, _("%(row)s is not answered: say whether it applies."))
    elif row.applicable is False:
        if not row.justification.strip():
            note(UNJUSTIFIED, _("%(row)s is excluded without a justification: say why it is not needed."))
        if in_use:
            note(
                USED, _("%(row)s is excluded, and %(treatment)s relies on it: include it, or take it out of the treatment."),
                treatment=", ".join(sorted({use.treatment for use in in_use})),
            )  # fmt: skip
    elif not row.reasons:
        note(
            WITHOUT_REASON,
            _("%(row)s is applicable without a reason: choose one, or link the treatment that needs it."),
        )
    if row.applicable is not False:
        for use in sorted({use for use in in_use if use.is_stale}):
            note(
                OUTDATED,
                _("%(row)s: %(treatment)s changed after %(risk)s was accepted. Its risk owner accepts again first."),
                treatment=use.treatment, risk=use.risk,
            )  # fmt: skip
    return found


def findings(rows: Iterable[Row]) -> list[Finding]:
    return [one for row in rows for one in findings_of(row)]


SHOWN = 3


def grouped(found: Sequence[Finding]) -> list[tuple[str, list[Finding], str]]:
    """Findings of one sort together: (code, findings, one sentence for all of them)."""
    by_code = {code: [one for one in found if one.code == code] for code in CODES}
    return [(code, some, _sentence(code, some)) for code, some in by_code.items() if some]


def _sentence(code: str, some: Sequence[Finding]) -> str:
    if len(some) == 1:
        return some[0].says
    numbers = list(dict.fromkeys(one.number for one in some))
    n = len(numbers)
    words = {
        UNJUSTIFIED: ngettext("%(n)s control is excluded without a justification: %(rows)s.",
                              "%(n)s controls are excluded without a justification: %(rows)s.", n),
        WITHOUT_REASON: ngettext("%(n)s control is applicable without a reason: %(rows)s.",
                                 "%(n)s controls are applicable without a reason: %(rows)s.", n),
        USED: ngettext("%(n)s control is excluded although a treatment relies on it: %(rows)s.",
                       "%(n)s controls are excluded although treatments rely on them: %(rows)s.", n),
        OUTDATED: ngettext("The treatment of %(n)s control changed after the risk owner had accepted: %(rows)s.",
                           "Treatments of %(n)s controls changed after the risk owners had accepted: %(rows)s.", n),
        OPEN: ngettext("%(n)s row is not answered: %(rows)s.", "%(n)s rows are not answered: %(rows)s.", n),
    }  # fmt: skip
    named = ", ".join(numbers[:SHOWN]) + (" …" if n > SHOWN else "")
    return words[code] % {"n": n, "rows": named}


# ---- the whole ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Statement:
    """A statement at one moment: its rows, what they add up to, what does not fit."""

    name: str
    rows: tuple[Row, ...]

    @property
    def totals(self) -> Totals:
        if (known := self.__dict__.get("_totals")) is None:
            known = self.__dict__["_totals"] = totals(self.rows)
        return known

    @property
    def findings(self) -> list[Finding]:
        if (known := self.__dict__.get("_findings")) is None:
            known = self.__dict__["_findings"] = findings(self.rows)
        return known

    @property
    def themes(self) -> list[tuple[str, list[Row]]]:
        """The rows under their themes, in the order of the list."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.theme, []).append(row)
        return list(found.items())


def snapshot(statement: Statement) -> dict[str, Any]:
    """What is signed, as plain values that are the same in every language."""
    return {"name": statement.name, "rows": [_plain(row) for row in statement.rows]}


def _plain(row: Row) -> dict[str, Any]:
    return {
        "number": row.number, "title": row.title, "theme": row.theme, "is_applicable": row.applicable,
        "reasons": [*row.chosen] if row.applicable is not False else [],
        "derived_reasons": [*row.derived] if row.applicable is not False else [],
        "justification": row.justification, "status": str(row.status), "owner": row.owner,
        "target_on": row.target_on.isoformat() if row.target_on else "", "treatments": [*row.treatments],
        "documents": [*row.documents], "tasks": [*row.tasks],
    }  # fmt: skip


def of_snapshot(kept: Mapping[str, Any]) -> Statement:
    """The statement that was frozen, as it read then."""
    return Statement(kept["name"], tuple(_row_of(one) for one in kept["rows"]))


def _row_of(kept: Mapping[str, Any]) -> Row:
    return Row(
        kept["number"], kept["title"], kept["theme"], kept["is_applicable"], tuple(kept["reasons"]),
        tuple(kept["derived_reasons"]), kept["justification"], kept["status"], kept["owner"],
        dt.date.fromisoformat(kept["target_on"]) if kept["target_on"] else None, tuple(kept["treatments"]),
        tuple(kept["documents"]), tuple(kept["tasks"]),
    )  # fmt: skip


# ---- differences ----------------------------------------------------------------------------------------------------


class CellChange(NamedTuple):
    column: str
    label: str
    before: str | dt.date | None
    after: str | dt.date | None


class RowChange(NamedTuple):
    """A row that differs: `kind` is new, gone or changed."""

    kind: str
    number: str
    title: str
    cells: tuple[CellChange, ...] = ()

    @property
    def is_progress(self) -> bool:
        """Nothing but how far it is, by whom, until when and with what."""
        return self.kind == "changed" and all(cell.column in PROGRESS for cell in self.cells)


def compared(before: Statement, after: Statement) -> list[RowChange]:
    """What differs from one statement to the other, row by row and cell by cell, in the order of the later one."""
    old, new = {row.number: row for row in before.rows}, {row.number: row for row in after.rows}
    found = []
    for number, row in new.items():
        if number not in old:
            found.append(RowChange("new", number, row.title))
        elif changes := _changes(cells(old[number]), cells(row)):
            found.append(RowChange("changed", number, row.title, changes))
    found += [RowChange("gone", number, row.title) for number, row in old.items() if number not in new]
    return found


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[CellChange, ...]:
    return tuple(
        CellChange(name, str(LABELS[name]), old[name], new[name]) for name in COLUMNS if old[name] != new[name]
    )


# ---- what the page shows of it --------------------------------------------------------------------------------------


def narrowed(statement: Statement, wanted: Mapping[str, Any], *, me: int | None = None) -> list[Row]:
    """The rows that the filters of the page leave over."""
    at_fault = {one.number for one in statement.findings} if wanted.get("findings") else set()
    return [row for row in statement.rows if _matches(row, wanted, me, at_fault)]


def _matches(row: Row, wanted: Mapping[str, Any], me: int | None, at_fault: set[str]) -> bool:
    text = str(wanted.get("q") or "").lower()
    if text and text not in f"{row.number} {row.title} {row.justification}".lower():
        return False
    if (theme := wanted.get("theme")) and row.theme != theme:
        return False
    if (selection := wanted.get("selection")) and row.applicable is not PICKS.get(selection, row.applicable):
        return False
    if (reason := wanted.get("reason")) and not (
        reason in row.reasons if reason != "none" else row.applicable and not row.reasons
    ):
        return False
    if (status := wanted.get("status")) and row.standing != status:
        return False
    if (owner := wanted.get("owner")) and not _owned(row, owner, me):
        return False
    if attribute := wanted.get("attribute"):
        name, _colon, value = attribute.partition(":")
        if value not in (getattr(row.record, "attributes", None) or {}).get(name, ()):
            return False
    return not wanted.get("findings") or row.number in at_fault


PICKS = {"applicable": True, "excluded": False, UNANSWERED: None}


def _owned(row: Row, owner: str, me: int | None) -> bool:
    held = getattr(row.record, "owner_id", None)
    if owner == "none":
        return held is None
    return held is not None and str(held) == (str(me) if owner == "me" else owner)
