"""The files that speak of several standards: the mandatory documents with their merge groups, and affinities."""

from __future__ import annotations

from dataclasses import dataclass

from pdca.models import MergeKind
from pdca.services.files.parts import once, slug
from pdca.services.reading import Entry, Faults, Place, Word, quoted


@dataclass
class MergeGroupRecord:
    place: Place
    slug: Word
    name: str
    merge: str
    hs: Word
    note: str
    position: int


@dataclass
class DocumentRecord:
    place: Place
    standard: Word
    ref: Word
    name: str
    keep: str
    group: Word
    is_explicit: bool
    condition: str
    position: int


@dataclass
class DocumentsFile:
    place: Place
    groups: list[MergeGroupRecord]
    standards: list[Word]
    documents: list[DocumentRecord]


@dataclass
class AffinityRecord:
    place: Place
    slug: Word
    name: str
    note: str
    members: list[tuple[Word, Word]]
    position: int


@dataclass
class AffinitiesFile:
    place: Place
    groups: list[AffinityRecord]


def read_documents(entry: Entry, faults: Faults) -> DocumentsFile:
    kinds = entry.entry("merge_kinds", "merge_kinds", required=False)
    if kinds is not None:
        for kind in kinds.values:
            if kind not in MergeKind.values:
                kinds.fault(kind, f"{quoted(kind)} is not a known way of merging.")
    groups = []
    for at, found in enumerate(entry.entries("merge_groups", "merge group"), 1):
        name = slug(found, "slug")
        found.name_it(f"merge group {name or '?'}")
        groups.append(
            MergeGroupRecord(
                place=found.line,
                slug=name,
                name=str(found.text("name", limit=200)),
                merge=str(found.text("merge", among=MergeKind.values)),
                hs=found.text("hs", limit=20, required=False),
                note=str(found.text("note", required=False)),
                position=at,
            )
        )
        found.done()
    once([(group.slug, group.place) for group in groups], "the merge group", faults)
    standards, documents = [], []
    for part in entry.entries("standards", "standard"):
        name = part.text("slug")
        part.name_it(f"documents of {name or '?'}")
        part.text("standard", required=False)
        standards.append(name)
        for at, found in enumerate(part.entries("documents", "document"), 1):
            ref = found.text("ref", limit=20)
            found.name_it(f"document of {name} {ref or '?'}")
            documents.append(
                DocumentRecord(
                    place=found.line,
                    standard=name,
                    ref=ref,
                    name=str(found.text("name", limit=200)),
                    keep=str(found.text("keep", among=["maintain", "retain", "both"])),
                    group=found.text("group", required=False),
                    is_explicit=found.truth("explicit"),
                    condition=str(found.text("condition", limit=200, required=False)),
                    position=at,
                )
            )
            found.done()
        part.done()
    entry.done()
    once([(name, name.place) for name in standards], "documents of the standard", faults)
    once([(f"{d.standard} {d.ref} {d.name}", d.place) for d in documents], "the document", faults)
    known = {group.slug for group in groups}
    for document in documents:
        if document.group and document.group not in known:
            faults.add(
                document.place, f"document {quoted(document.name)}: its group {quoted(document.group)} does not exist."
            )
    return DocumentsFile(place=entry.line, groups=groups, standards=standards, documents=documents)


def read_affinities(entry: Entry, faults: Faults) -> AffinitiesFile:
    groups = []
    for at, found in enumerate(entry.entries("groups", "group"), 1):
        name = slug(found, "slug")
        found.name_it(f"affinity {name or '?'}")
        members = []
        for member in found.entries("members", "member"):
            members.append((member.text("standard"), member.text("ref", limit=20)))
            member.done()
        once([(f"{s} {ref}", ref.place) for s, ref in members], f"affinity {name}: the member", faults)
        groups.append(
            AffinityRecord(
                place=found.line,
                slug=name,
                name=str(found.text("name", limit=200)),
                note=str(found.text("note", required=False)),
                members=members,
                position=at,
            )
        )
        found.done()
    entry.done()
    once([(group.slug, group.place) for group in groups], "the affinity", faults)
    return AffinitiesFile(place=entry.line, groups=groups)
