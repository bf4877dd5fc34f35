"""The checklist of a policy as its page shows it: what its standards ask for, and the sentence that says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from documents import commitments, filling, sentences
from documents.models import CommitmentTick, Document, Kind, Revision, Source

POLICY = "policy"
"""The merge group of mandatory documents that is the policy of the standards (5.2)."""


def standards_of(document: Document) -> list[str]:
    """The codes of the project's standards whose policy clause this document answers. Three queries at most.

    Those whose clause 5.2 it serves. A document that says it is the policy, or says nothing yet, answers all of them; a
    policy on one topic, such as acceptable use, answers none.
    """
    if document.kind != Kind.POLICY:
        return []
    here = filling.standards_of(document.project)
    served = list(document.served.values_list("clause__standard__code", "clause__ref"))
    named = {code for code, ref in served if ref == "5.2" or ref.startswith("5.2.")}
    if found := [code for code in here if code in named]:
        return found
    groups = set(document.answers.values_list("group__slug", flat=True))
    return here if POLICY in groups or not (served or groups) else []


def rows_of(document: Document) -> list[commitments.Row]:
    """What the text of this document has to say, merged over the standards it answers."""
    codes = standards_of(document)
    return commitments.rows(codes) if codes else []


@dataclass(frozen=True)
class Line:
    """A row of the checklist. `sentence` is as people read it; `is_gone`: it was named, and is no longer in the text."""

    row: commitments.Row
    asks: str
    tick: CommitmentTick | None
    sentence: str
    is_gone: bool

    @property
    def slug(self) -> str:
        return self.row.slug

    @property
    def is_covered(self) -> bool:
        return bool(self.sentence) and not self.is_gone

    @property
    def version(self) -> int:
        return self.tick.version if self.tick else 0


@dataclass(frozen=True)
class Checklist:
    """All rows of one revision, with the counts that an integrated policy is worth."""

    lines: list[Line]
    counts: commitments.Counts
    standards: list[str]

    @property
    def covered(self) -> int:
        return sum(line.is_covered for line in self.lines)

    @property
    def open(self) -> list[Line]:
        return [line for line in self.lines if not line.is_covered]

    @property
    def percent(self) -> int:
        return 100 * self.covered // len(self.lines) if self.lines else 0

    @property
    def is_complete(self) -> bool:
        return not self.open


def checklist(revision: Revision) -> Checklist | None:
    """The checklist of a revision; None where its document has none. Four queries at most."""
    codes = standards_of(revision.document)
    rows = commitments.rows(codes) if codes else []
    if not rows:
        return None
    language = get_language() or "en"
    ticks = {one.slug: one for one in revision.ticks.select_related("ticked_by")}
    found = sentences.blocks(revision.body) if ticks and revision.source == Source.AUTHORED else []
    lines = [_line(row, ticks.get(row.slug), found, language) for row in rows]
    return Checklist(lines, commitments.counts(codes), codes)


def line_of(revision: Revision, slug: str) -> Line | None:
    """One row of the checklist."""
    whole = checklist(revision)
    return next((line for line in whole.lines if line.slug == slug), None) if whole else None


def notes(document: Document, revision: Revision | None) -> list[str]:
    """What a person who asks for approval, or decides, should know; it forbids nothing."""
    found = checklist(revision) if revision is not None and document.kind == Kind.POLICY else None
    if found is None or found.is_complete:
        return []
    said = ngettext(
        "%(n)s commitment that the standards ask for is not covered: %(what)s",
        "%(n)s commitments that the standards ask for are not covered: %(what)s",
        len(found.open),
    )
    what = " ".join(line.asks for line in found.open[:3])
    if len(found.open) > 3:
        what += " " + _("And %(n)s more.") % {"n": len(found.open) - 3}
    return [said % {"n": len(found.open), "what": what}]


def _line(row: commitments.Row, tick: Any, found: list[sentences.Block], language: str) -> Line:
    sentence = tick.sentence if tick else ""
    return Line(
        row=row,
        asks=row.asks(language[:2]),
        tick=tick,
        sentence=sentences.read(sentence) if sentence else "",
        is_gone=bool(sentence) and not sentences.stands_in(sentence, found),
    )
