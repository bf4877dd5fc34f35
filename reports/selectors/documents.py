"""The master list of documents on paper: by type, with the revision in effect, its owner, readers and clauses (7.5)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents.models import Document, Kind
from documents.selectors import document as documents
from documents.selectors import register as lists
from reports.kinds import MOST_ROWS

from .lines import cover_facts, sentence_left_out


class Row(NamedTuple):
    code: str
    title: str
    owner: str
    classification: str
    revision: int | None
    effective_on: dt.date | None
    state: str
    next_review_on: dt.date | None
    is_overdue: bool
    asked: int
    confirmed: int
    clauses: str


class Group(NamedTuple):
    """The documents of one type."""

    title: str
    rows: list[Row]


def select(asked: Any) -> dict[str, Any]:
    """All that the report prints; four queries for each five hundred documents."""
    project, today = asked.project, asked.today
    wanted = {name: asked.parameters.get(name) or "" for name in ("kind", "state", "standard")}
    everything = Document.objects.filter(project=project)
    rows = lists.narrowed(documents.of(project), wanted, today=today).order_by("code")
    total = rows.count()
    by_kind: dict[str, list[Row]] = {}
    figures: Counter[str] = Counter()
    for part in lists.in_chunks(rows[:MOST_ROWS]):
        for document, line in part:
            row = _row(document, line, today)
            by_kind.setdefault(document.kind, []).append(row)
            figures["effective"] += line.effective is not None and not document.is_withdrawn
            figures["ahead"] += line.ahead is not None
            figures["overdue"] += row.is_overdue
    groups = [Group(str(kind.label), by_kind[kind]) for kind in Kind if kind in by_kind]
    return {
        "project": project,
        "today": today,
        "total": total,
        "printed": min(total, MOST_ROWS),
        "figures": figures,
        "groups": groups,
        "cover_facts": cover_facts(project),
        "left_out": _left_out(everything, wanted, total),
    }


def _row(document: Document, line: lists.Line, today: dt.date) -> Row:
    is_overdue = document.next_review_on is not None and document.next_review_on < today and not document.is_withdrawn
    return Row(
        document.code, document.title, str(document.owner or "–"), str(document.get_classification_display()),
        line.effective, line.effective_on, lists.state_in_words(document, line), document.next_review_on, is_overdue,
        line.asked, line.confirmed, ", ".join(line.clauses),
    )  # fmt: skip


def _left_out(everything: Any, wanted: dict[str, str], total: int) -> list[str]:
    """What is in the register and not in this list, in sentences."""
    said = []
    if total > MOST_ROWS:
        said.append(sentence_left_out(total - MOST_ROWS, _("Documents")))
        said.append(_("The whole list is there as XLSX, on the page Documents."))
    withdrawn = (
        0 if wanted["state"] in ("all", lists.State.WITHDRAWN) else lists.in_state(everything, "withdrawn").count()
    )
    if withdrawn:
        words = ngettext(
            "%(n)s withdrawn document is not listed.", "%(n)s withdrawn documents are not listed.", withdrawn
        )
        said.append(words % {"n": withdrawn})
    others = everything.count() - total - withdrawn
    if others > 0:
        words = ngettext(
            "%(n)s document that the chosen type, state or standard leaves out is not listed.",
            "%(n)s documents that the chosen type, state or standard leave out are not listed.", others,
        )  # fmt: skip
        said.append(words % {"n": others})
    return said
