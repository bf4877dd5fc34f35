"""The checklist of a policy: which sentence of its text answers which commitment. ISO Harmonized Structure 5.2, step 1.6."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.rules import RuleBroken, StaleRecord
from documents import commitments, sentences
from documents.flows import ON_ITS_WAY, RevisionStatus
from documents.models import CommitmentTick, Revision, Source
from documents.models.commitment import LONGEST_SENTENCE
from documents.selectors import commitment as selectors
from projects import journal

from .document import permit

CLAUSE = "5.2"
OPEN_TO_TICK = (*ON_ITS_WAY, RevisionStatus.EFFECTIVE)
"""A policy in effect is ticked too: a new standard of the project asks its own questions of a text that stays."""


def tick(*, revision: Revision, slug: str, sentence: str, version: int, by: Any) -> CommitmentTick:
    """Names the sentence that answers a commitment; `version` is that of the tick the person saw, 0 for none.

    Raises RuleBroken when the sentence does not stand in the text word for word, StaleRecord, NotPermitted.
    """
    with journal.change(revision.project, by=by) as log:
        fresh, row = _asked(revision, slug, by)
        found = _seen(fresh, slug, version)
        sentence = sentences.one_line(sentence)
        if not sentence:
            raise RuleBroken(_("Choose the sentence of the text that says it, or paste it."), CLAUSE)
        if len(sentence) > LONGEST_SENTENCE:
            raise RuleBroken(
                _("The sentence is too long: name the one that says it, at most %(n)s characters.")
                % {"n": LONGEST_SENTENCE}
            )
        if not sentences.is_enough(sentence):
            raise RuleBroken(_("One or two words are no sentence: name the whole one that says it."), CLAUSE)
        if not sentences.stands_in(sentence, sentences.blocks(fresh.body)):
            raise RuleBroken(
                _(
                    "This sentence does not stand in the text of revision %(n)s word for word. Copy it from there, or write "
                    "it into the text first."
                )
                % {"n": fresh.number},
                CLAUSE,
            )
        return _set(fresh, row, found, sentence, by, log)


def take_back(*, revision: Revision, slug: str, version: int, by: Any) -> CommitmentTick | None:
    """The commitment is not covered after all. Raises StaleRecord, RuleBroken, NotPermitted."""
    with journal.change(revision.project, by=by) as log:
        fresh, row = _asked(revision, slug, by)
        found = _seen(fresh, slug, version)
        if found is None or not found.sentence:
            return found
        return _set(fresh, row, found, "", by, log)


def put(revision: Revision, ticks: Iterable[tuple[str, str]], by: Any, log: journal.Log) -> int:
    """Ticks of a text that was drafted from a model, or carried over: as they are. Inside the caller's change."""
    found = sentences.blocks(revision.body)
    rows = [
        CommitmentTick(
            organization_id=revision.organization_id, project=revision.project, revision=revision, slug=slug,
            sentence=sentence, ticked_by=by, ticked_at=log.at,
        )
        for slug, sentence in ticks
        if sentences.stands_in(sentence, found)
    ]  # fmt: skip
    CommitmentTick.objects.bulk_create(rows)
    return len(rows)


def carry(revision: Revision, before: Revision | None, log: journal.Log) -> int:
    """A new draft begins with the ticks of the revision in effect whose sentence it still holds."""
    if before is None or revision.source != Source.AUTHORED or not revision.body:
        return 0
    ticks = list(before.ticks.exclude(sentence="").values_list("slug", "sentence"))
    return put(revision, ticks, revision.created_by, log) if ticks else 0


def follow(revision: Revision, before: str, filled: Any, log: journal.Log) -> int:
    """After placeholders of the text got their values: ticked sentences that held one get them too."""
    old, new = sentences.blocks(before), sentences.blocks(revision.body)
    moved = 0
    for one in revision.ticks.exclude(sentence=""):
        if sentences.stands_in(one.sentence, new) or not sentences.stands_in(one.sentence, old):
            continue
        sentence = filled(one.sentence)
        if len(sentence) <= LONGEST_SENTENCE and sentences.stands_in(sentence, new):
            one.sentence = sentence
            one.version += 1
            one.save(update_fields=["sentence", "version"])
            moved += 1
    return moved


def _asked(revision: Revision, slug: str, by: Any) -> tuple[Revision, commitments.Row]:
    """The revision as it is now and the row of its checklist, for who may tick it."""
    fresh = Revision.objects.select_related("project__organization", "document__project__organization").get(
        pk=revision.pk
    )
    permit(fresh.document, by)
    if fresh.status not in OPEN_TO_TICK:
        raise RuleBroken(
            _("Revision %(n)s is “%(state)s”: its checklist stays as it was.")
            % {"n": fresh.number, "state": fresh.get_status_display()}
        )
    if fresh.source != Source.AUTHORED:
        raise RuleBroken(_("The text of this revision is not written here, so no sentence of it can be named."))
    row = next((row for row in selectors.rows_of(fresh.document) if row.slug == slug), None)
    if row is None:
        raise RuleBroken(_("No standard that this policy answers asks for that commitment."))
    return fresh, row


def _seen(revision: Revision, slug: str, version: int) -> CommitmentTick | None:
    found = revision.ticks.filter(slug=slug).select_related("ticked_by").first()
    if (found.version if found else 0) != version:
        raise StaleRecord(
            _("Somebody else changed this line of the checklist in the meantime. Compare, and save again."), found
        )
    return found


def _set(
    revision: Revision, row: commitments.Row, found: CommitmentTick | None, sentence: str, by: Any, log: journal.Log
) -> CommitmentTick:
    before = found.sentence if found else ""
    if found is not None and before == sentence:
        return found
    if found is None:
        found = CommitmentTick(
            organization_id=revision.organization_id,
            project=revision.project,
            revision=revision,
            slug=row.slug,
            version=0,
        )
    found.sentence, found.ticked_by, found.ticked_at = sentence, by, log.at
    found.version += 1
    found.save()
    log(
        revision.document,
        "document.commitment_ticked" if sentence else "document.commitment_taken_back",
        {
            "revision": revision.number,
            "commitment": row.asks((get_language() or "en")[:2]),
            "sentence": [before, sentence],
        },
    )
    return found
