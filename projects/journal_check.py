"""Whether the journal holds: every chain walked from its first entry to its sealed end, and held against the anchors.

An entry holds when its number follows the one before, it names the hash before it, and its own hash is that of its
content. The end holds when the head says the last entry's number and hash under the installation's seal. Anchors are
heads that were written outside the database every night: a chain that was rolled back to an older, rightly sealed state
is noticed by them.

The walk reads in pages by number, so it needs the same memory for any length and never keeps a writer waiting.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import normalize

from django.conf import settings
from django.db.models import Max, OuterRef, Subquery
from django.utils import timezone

from accounts.models import Organization
from core import canonical, sealing

from .journal import GENESIS, sealed_text
from .models import JournalEntry, JournalHead

PAGE = 4_000

CONTENT = "content changed"
ORDER = "order"
MISSING = "missing"
HEAD = "head seal"
TAIL = "tail cut"
BEYOND = "beyond the sealed end"
ANCHOR = "rolled back"
ANCHOR_FILE = "anchor file"


@dataclass(frozen=True)
class Fault:
    """The first thing that does not hold in a chain: where and what, and the sentence for people."""

    organization_id: int
    organization: str
    seq: int
    what: str
    says: str

    def __str__(self) -> str:
        return f"{self.organization}, entry {self.seq}: {self.what}. {self.says}"


@dataclass(frozen=True)
class Verdict:
    """What was checked of one chain: `first` to `last`; `fault` is None when all of it holds."""

    organization_id: int
    organization: str
    first: int
    last: int
    head_hash: str
    sealed_by: str
    fault: Fault | None = None

    @property
    def count(self) -> int:
        return max(self.last - self.first + 1, 0)

    @property
    def holds(self) -> bool:
        return self.fault is None


class Head(NamedTuple):
    """One chain's end and the number of its last entry, read in one statement so that both belong together."""

    organization_id: int
    slug: str
    seq: int | None
    hash: str
    seal: str
    key_id: str
    last: int


def heads(organization: Organization | int | None = None) -> list[Head]:
    """The ends of all chains (or of one), also of those whose head is gone while entries are there."""
    entries = JournalEntry.objects.filter(organization=OuterRef("pk")).order_by().values("organization")
    found = Organization.objects.annotate(
        last=Subquery(entries.annotate(last=Max("seq")).values("last")),
    )
    if organization is not None:
        found = found.filter(pk=getattr(organization, "pk", organization))
    rows = found.order_by("pk").values_list(
        "pk", "slug", "journal_head__seq", "journal_head__hash", "journal_head__seal", "journal_head__key_id", "last"
    )
    return [
        Head(pk, slug, seq, hash_ or "", seal or "", key or "", last or 0)
        for pk, slug, seq, hash_, seal, key, last in rows
        if seq is not None or last
    ]


# --- one entry --------------------------------------------------------------------------------------------------------

FIELDS = (
    "seq", "previous_hash", "hash", "action", "actor_id", "actor_kind", "actor_name", "at", "changes", "project_id",
    "reason", "target_id", "target_kind", "target_label",
)  # fmt: skip


def _text(value: str) -> str:
    return encode_basestring(value if value.isascii() else normalize("NFC", value))


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _changes(value: Any) -> str:
    """The canonical text of `changes`; text that is all ASCII has only one normal form."""
    if value == {}:
        return "{}"
    plain = _encoder.encode(value)
    return plain if plain.isascii() else canonical.text(value)


def _moment(at: dt.datetime) -> str:
    at = at.astimezone(dt.UTC)
    if at.year < 1000:  # strftime, which the canonical form is defined by, does not pad these
        return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def canonical_entry(organization_id: int, row: tuple) -> str:
    """The canonical text of one row of FIELDS: the same as `canonical.text(journal.content(entry))`, five times faster.

    The keys stand in alphabetical order; a test holds this against the plain way for any content.
    """
    (seq, previous, _hash, action, actor, kind, actor_name, at, changes, project, reason, target, target_kind,
     label) = row  # fmt: skip
    return (
        f'{{"action":{_text(action)},"actor":{_number(actor)},"actor_kind":{_text(kind)},'
        f'"actor_name":{_text(actor_name)},"at":"{_moment(at)}","changes":{_changes(changes)},"organization":{organization_id},'
        f'"previous_hash":{_text(previous)},"project":{_number(project)},"reason":{_text(reason)},"seq":{seq},'
        f'"target_id":{_number(target)},"target_kind":{_text(target_kind)},"target_label":{_text(label)}}}'
    )


def digest_of(organization_id: int, row: tuple) -> str:
    """The hash an entry should have; "" for content that has no canonical form (nobody wrote that through the journal)."""
    try:
        return hashlib.sha256(canonical_entry(organization_id, row).encode()).hexdigest()
    except (TypeError, ValueError, UnicodeEncodeError):
        return ""


# --- one chain --------------------------------------------------------------------------------------------------------


def pages(organization_id: int, after: int, until: int) -> Iterator[list[tuple]]:
    """The rows of a chain behind `after` up to `until`, page by page."""
    entries = JournalEntry.objects.filter(organization=organization_id, seq__lte=until).order_by("seq")
    while True:
        page = list(entries.filter(seq__gt=after).values_list(*FIELDS)[:PAGE])
        if not page:
            return
        yield page
        after = page[-1][0]


def check(head: Head, *, last_only: int | None = None, anchors: list[Anchor] | None = None) -> Verdict:
    """Walks one chain up to its head; `last_only` bounds the walk to that many entries at its end."""
    until = head.seq if head.seq is not None else head.last
    begins = 1
    if last_only is not None and until > last_only:
        begins = until - last_only + 1

    def verdict(fault: Fault | None = None) -> Verdict:
        return Verdict(head.organization_id, head.slug, begins, until, head.hash, head.key_id, fault)

    def fault(seq: int, what: str, says: str) -> Verdict:
        return verdict(Fault(head.organization_id, head.slug, seq, what, says))

    expected = begins
    previous = GENESIS
    if begins > 1:
        rows = JournalEntry.objects.filter(organization=head.organization_id, seq=begins - 1)
        previous = rows.values_list("hash", flat=True).first() or ""
    wanted = {anchor.seq: anchor for anchor in anchors or ()}
    for page in pages(head.organization_id, begins - 1, until):
        for row in page:
            seq, before, own = row[0], row[1], row[2]
            if seq != expected:
                return fault(expected, MISSING, f"The next entry is {seq}: at least one entry was taken out.")
            if digest_of(head.organization_id, row) != own:
                return fault(seq, CONTENT, "Its content no longer gives the hash it was written with.")
            if before != previous:
                return fault(seq, ORDER, "It does not follow the entry before it: entries were swapped or replaced.")
            if seq in wanted and wanted[seq].hash != own:
                return fault(seq, ANCHOR, f"On {wanted[seq].on} another entry stood here: the chain was rewritten.")
            expected, previous = seq + 1, own
    if head.seq is None:
        return fault(head.last, HEAD, "The sealed end of the chain is gone.")
    if expected <= head.seq:
        return fault(expected, TAIL, f"The sealed end says {head.seq} entries: the last ones were taken off.")
    if head.last > head.seq:
        return fault(head.seq + 1, BEYOND, "It was added without sealing the end of the chain.")
    if head.seq and previous != head.hash:
        return fault(head.seq, HEAD, "The sealed end names another hash than the last entry has.")
    if head.seq and not sealing.holds(sealed_text(head.organization_id, head.seq, head.hash), head.seal):
        return fault(head.seq, HEAD, "The seal over the end of the chain was not made with this installation's key.")
    for anchor in anchors or ():
        if anchor.seq > head.seq:
            return fault(
                head.seq,
                ANCHOR,
                f"On {anchor.on} the chain had {anchor.seq} entries: it was put back to an older state.",
            )
    return verdict()


def check_all(organization: Organization | None = None, *, use_anchors: bool = True) -> Iterator[Verdict]:
    """Every chain, one after the other, each held against the anchors of its organization."""
    if use_anchors:
        known, faults = read_anchors()
        yield from faults
    else:
        known = {}
    there = set()
    for head in heads(organization):
        there.add(head.organization_id)
        yield check(head, anchors=known.get(head.organization_id, []))
    for organization_id, anchors in known.items():
        if organization_id not in there and (organization is None or organization.pk == organization_id):
            last = anchors[-1]
            yield _anchor_fault(
                organization_id, last.seq, ANCHOR, f"On {last.on} there was a chain of {last.seq} entries; it is gone."
            )


# --- anchors ----------------------------------------------------------------------------------------------------------


class Anchor(NamedTuple):
    """A head as it was written outside the database on one day."""

    organization_id: int
    seq: int
    hash: str
    seal: str
    key_id: str
    on: str


def anchor_file() -> Path:
    return Path(getattr(settings, "JOURNAL_ANCHOR_FILE", "") or settings.VAR / "anchors" / "journal.jsonl")


def _anchor_fault(organization_id: int, seq: int, what: str, says: str, name: str = "") -> Verdict:
    name = name or f"organization {organization_id}"
    return Verdict(organization_id, name, 0, -1, "", "", Fault(organization_id, name, seq, what, says))


def read_anchors() -> tuple[dict[int, list[Anchor]], list[Verdict]]:
    """The anchors by organization, oldest first, and a fault for each line that nobody sealed."""
    known: dict[int, list[Anchor]] = {}
    faults: list[Verdict] = []
    file = anchor_file()
    if not file.exists():
        return known, faults
    with file.open(encoding="utf-8") as lines:
        for at, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                said = json.loads(line)
                anchor = Anchor(
                    int(said["organization"]), int(said["seq"]), str(said["hash"]), str(said["seal"]),
                    str(said["key_id"]), str(said["on"]),
                )  # fmt: skip
            except (ValueError, KeyError, TypeError):
                faults.append(_anchor_fault(0, at, ANCHOR_FILE, f"Line {at} cannot be read.", str(file.name)))
                continue
            if not sealing.holds(sealed_text(anchor.organization_id, anchor.seq, anchor.hash), anchor.seal):
                says = f"Line {at} carries no seal of this installation."
                faults.append(_anchor_fault(anchor.organization_id, anchor.seq, ANCHOR_FILE, says))
                continue
            known.setdefault(anchor.organization_id, []).append(anchor)
    for anchors in known.values():
        anchors.sort(key=lambda anchor: anchor.seq)
    return known, faults


def write_anchors(on: dt.date | None = None) -> int:
    """Appends the head of every chain that grew since its last anchor; returns how many. Run twice, it adds none."""
    on = on or timezone.now().date()
    known, _faults = read_anchors()
    fresh = []
    for head in JournalHead.objects.exclude(seq=0).order_by("pk"):
        anchors = known.get(head.pk)
        if anchors and anchors[-1].seq >= head.seq:
            continue
        fresh.append(
            json.dumps(
                {
                    "organization": head.pk, "seq": head.seq, "hash": head.hash, "seal": head.seal,
                    "key_id": head.key_id, "on": on.isoformat(),
                }
            )
        )  # fmt: skip
    if fresh:
        file = anchor_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as lines:
            lines.write("".join(f"{line}\n" for line in fresh))
            lines.flush()
            os.fsync(lines.fileno())
    return len(fresh)


# --- export -----------------------------------------------------------------------------------------------------------

EXPORT_KIND = "ims2-journal"
EXPORT_VERSION = 1


def export(
    organization: Organization, project: Any = None, *, among: Any = None, now: dt.datetime | None = None
) -> Iterator[str]:
    """A chain as lines of JSON that the offline verifier reads (docs/journal.md).

    With `project` only that project's entries are told, with `among` only those in this queryset; of all others just
    number and hashes, so that the chain can be followed without knowing what they say.
    """
    found = heads(organization)
    head = found[0] if found else Head(organization.pk, organization.slug, 0, GENESIS, "", "", 0)
    until = head.seq or 0
    header = {
        "kind": EXPORT_KIND,
        "version": EXPORT_VERSION,
        "organization": organization.pk,
        "organization_name": organization.name,
        "scope": "project" if project is not None else "organization",
        "project": project.pk if project is not None else None,
        "project_name": project.name if project is not None else None,
        "exported_at": now or timezone.now(),
        "entries": until,
        "head": {"seq": until, "hash": head.hash or GENESIS, "seal": head.seal, "key_id": head.key_id},
        "public_key": sealing.public_key_pem(),
    }
    yield canonical.text(header) + "\n"
    for page in pages(organization.pk, 0, until):
        seqs = {row[0] for row in page}
        if among is not None:
            seqs = set(among.filter(seq__gte=page[0][0], seq__lte=page[-1][0]).values_list("seq", flat=True))
        for row in page:
            if (project is None or row[9] == project.pk) and row[0] in seqs:
                yield canonical_entry(organization.pk, row)[:-1] + f',"hash":{_text(row[2])}}}\n'
            else:
                yield canonical.text({"seq": row[0], "previous_hash": row[1], "hash": row[2]}) + "\n"
