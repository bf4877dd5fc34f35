"""Keeping the entries true: after a change, the first time, and by night.

All three do the same: read records together with the digest their entry was made from, and write the entries that differ.
A change of a record whose words stay the same is one query; a new or renamed one is three.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from django.db import models, transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from search import kinds, words
from search.kinds import Draft, Kind
from search.models import Filling, SearchEntry

VERSION = 1
"""Raised when entries are made in another way: every kind is then filled anew."""
CHUNK = 1_000
PROJECT = "project "
LONGEST_TEXT = 2_000
FEW = 50
"""Up to so many records a change is followed at once and looked at twice."""
FIELDS = [f.name for f in SearchEntry._meta.concrete_fields if f.name not in ("id", "kind", "subject_id")]
SAID = [f.attname for f in SearchEntry._meta.concrete_fields if f.name not in ("id", "digest")]


def refresh(kind: Kind, which: Q, ids: Iterable[int] = ()) -> int:
    """Makes the entries of some records agree with them; returns how many differed. Entries of `ids` without a record go.

    Reads again after writing: of two that refresh the same record at once, the slower one would otherwise leave behind
    what it read before the other's change.
    """
    written, missing = 0, set(ids)
    for _attempt in range(3):
        seen, differing = _compared(kind, kind.rows().filter(which))
        if missing := missing - seen:
            written += SearchEntry.objects.filter(kind=kind.key, subject_id__in=missing).delete()[0]
        written += _write(differing)
        if not differing or len(differing) > FEW:
            break
    return written


def entry_of(kind: Kind, pk: int, draft: Draft) -> SearchEntry:
    """The entry as it should be."""
    marks = [words.marked(f"k{kind.key}")]
    if draft.project_id is not None:
        marks.append(words.marked(f"p{draft.project_id}"))
    codes = words.codes(draft.label)
    entry = SearchEntry(
        kind=kind.key,
        subject_id=pk,
        organization_id=draft.organization_id,
        project_id=draft.project_id,
        code=codes[0] if codes else words.fold(draft.label)[:40],
        label=draft.label[:40],
        state=draft.state,
        is_closed=draft.is_closed,
        title=draft.title[:300].replace("\0", ""),
        title_words=f" {' '.join(words.of(draft.title[:300]))} "[:700],
        place=draft.place,
        context=draft.context[:250],
        text=" ".join(" · ".join(draft.texts).split())[:LONGEST_TEXT].replace("\0", ""),
        words=" ".join([*marks, *codes, *words.different([draft.label, draft.title, draft.context, *draft.texts])]),
    )
    said = repr([VERSION, *(getattr(entry, name) for name in SAID)])
    entry.digest = hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return entry


def _compared(kind: Kind, rows: models.QuerySet) -> tuple[set[int], list[SearchEntry]]:
    """The keys of the records, and the entries that have to be written for them. One query."""
    known = SearchEntry.objects.filter(kind=kind.key, subject_id=OuterRef("pk")).values("digest")[:1]
    seen, differing = set(), []
    for row in rows.annotate(known_digest=Subquery(known)).order_by("pk"):
        entry = entry_of(kind, row.pk, kind.draft(row))
        seen.add(row.pk)
        if entry.digest != row.known_digest:
            differing.append(entry)
    return seen, differing


def _write(entries: list[SearchEntry]) -> int:
    if entries:
        with transaction.atomic():
            SearchEntry.objects.bulk_create(
                entries, update_conflicts=True, unique_fields=["kind", "subject_id"], update_fields=FIELDS
            )
    return len(entries)


# ---- a whole project, in the background --------------------------------------------------------------------------


def put_off(project: int) -> None:
    """Remembers that a project's plan is still to be indexed; `catch_up` does it."""
    Filling.objects.get_or_create(pk=f"{PROJECT}{project}", defaults={"version": VERSION})


def catch_up() -> int:
    """Indexes the projects that were put off; returns how many. May run twice at once: the same entries are written."""
    waiting = list(Filling.objects.filter(pk__startswith=PROJECT))
    for one in waiting:
        project = int(one.pk.removeprefix(PROJECT))
        for kind in kinds.every():
            if kind.lies_in_project and hasattr(kind.subject, "project_id"):
                refresh(kind, Q(project=project))
        one.delete()
    return len(waiting)


# ---- all of a kind -----------------------------------------------------------------------------------------------


def is_filled(kind: Kind) -> bool:
    return Filling.objects.filter(pk=kind.key, version=VERSION, finished_at__isnull=False).exists()


def fill(kind: Kind, *, anew: bool = False, chunk: int = CHUNK, say: Callable[[str], Any] = lambda text: None) -> int:
    """Goes through all records of a kind and mends what differs, a chunk for each transaction; returns how many differed.

    Stopped in the middle it goes on behind the last whole chunk, unless `anew`.
    """
    state, _new = Filling.objects.get_or_create(pk=kind.key, defaults={"version": VERSION})
    if anew or state.version != VERSION or state.finished_at is not None:
        state.version, state.reached, state.finished_at = VERSION, 0, None
        state.save()
    mended = 0
    while True:
        beyond = kind.rows().filter(pk__gt=state.reached).order_by("pk").values_list("pk", flat=True)
        ids = list(beyond[:chunk])
        span = Q(pk__gt=state.reached) & (Q(pk__lte=ids[-1]) if ids else Q())
        with transaction.atomic():
            seen, differing = _compared(kind, kind.rows().filter(span))
            mended += _write(differing)
            mended += _remove_surplus(kind, seen, state.reached, ids[-1] if ids else None)
            state.reached = ids[-1] if ids else state.reached
            state.finished_at = None if ids else timezone.now()
            state.save()
        if not ids:
            return mended
        say(f"{kind.key}: {state.reached}")


def _remove_surplus(kind: Kind, there: set[int], after: int, upto: int | None) -> int:
    """Takes away the entries in a span of keys that have no record."""
    span = SearchEntry.objects.filter(kind=kind.key, subject_id__gt=after)
    if upto is not None:
        span = span.filter(subject_id__lte=upto)
    surplus = [pk for pk, subject in span.values_list("pk", "subject_id") if subject not in there]
    return SearchEntry.objects.filter(pk__in=surplus).delete()[0] if surplus else 0


def fill_all(*, only_unfinished: bool = False, anew: bool = False, **options: Any) -> dict[str, int]:
    """Every kind; returns how many entries differed in each. Entries of kinds that no longer exist go."""
    SearchEntry.objects.exclude(kind__in=[kind.key for kind in kinds.every()]).delete()
    return {
        kind.key: fill(kind, anew=anew, **options)
        for kind in kinds.every()
        if not (only_unfinished and is_filled(kind))
    }
