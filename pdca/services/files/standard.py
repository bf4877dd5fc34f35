"""A standard's file: its clauses, or the themes and controls of a catalogue of controls, checked by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pdca.models import DocumentedInformation, Match
from pdca.models.standards import Kind, Status
from pdca.services.files.parts import digest_of, find_cycle, once, plain, slug
from pdca.services.reading import Entry, Faults, Place, Word, quoted

TRANSITION = re.compile(r"\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?\Z")


@dataclass
class ClauseRecord:
    place: Place
    ref: Word
    title: str
    parent: Word
    is_leaf: bool
    hs: Word
    match: str
    intent: str
    documented_information: str
    document_names: list[str]
    evidence_examples: list[str]
    note: str
    is_verified: bool
    position: int


@dataclass
class ThemeRecord:
    place: Place
    ref: Word
    slug: Word
    title: str
    count: int
    position: int


@dataclass
class ControlRecord:
    place: Place
    ref: Word
    title: str
    theme: Word
    attributes: dict[str, list[str]]
    intent: str
    evidence_examples: list[str]
    position: int


@dataclass
class StandardFile:
    place: Place
    digest: str
    slug: Word
    code: Word
    title: str
    edition: str
    kind: str
    discipline: Word
    uses_hs: bool
    is_certifiable: bool
    hs_text: str
    status: str
    supersedes: Word
    superseded_by: Word
    transition_end: str
    requirements: Word
    control_catalogue: Word
    amendments: list[dict[str, str]]
    sources: list[str]
    notes: list[str]
    attribute_values: dict[str, list[str]]
    clauses: list[ClauseRecord]
    themes: list[ThemeRecord]
    controls: list[ControlRecord]


def read_standard(entry: Entry, path: Path, faults: Faults) -> StandardFile:
    head = entry.entry("standard", "standard") or entry.nothing("standard")
    found_slug = slug(head, "slug")
    head.name_it(f"standard {found_slug or '?'}")
    unverified = set(head.texts("unverified_refs", required=False))
    control_count = head.whole("control_count", least=1, required=False)
    transition_end = head.text("transition_end", limit=10, required=False)
    if transition_end and not TRANSITION.match(transition_end):
        head.fault("transition_end", f"'transition_end' must look like 2029-04 or 2029-09-30, not {transition_end!r}.")
    standard = StandardFile(
        place=head.line,
        digest=digest_of(path),
        slug=found_slug,
        code=head.text("code", limit=60),
        title=str(head.text("title", limit=200)),
        edition=str(head.text("edition", limit=120)),
        kind=str(head.text("kind", among=Kind.values)),
        discipline=slug(head, "discipline", limit=40),
        uses_hs=head.truth("uses_hs"),
        is_certifiable=head.truth("certifiable"),
        hs_text=str(head.text("hs_text", limit=10, required=False)),
        status=str(head.text("status", among=Status.values, required=False)) or Status.CURRENT.value,
        supersedes=head.text("supersedes", required=False),
        superseded_by=head.text("superseded_by", required=False),
        transition_end=str(transition_end),
        requirements=head.text("requirements", required=False),
        control_catalogue=head.text("control_catalogue", required=False),
        amendments=[read_amendment(found) for found in head.entries("amendments", "amendment", required=False)],
        sources=plain(head.texts("sources")),
        notes=plain(head.texts("notes", required=False)),
        attribute_values=read_attribute_values(entry),
        clauses=[
            read_clause(found, at, unverified)
            for at, found in enumerate(entry.entries("clauses", "clause", required=False), 1)
        ],
        themes=[read_theme(found, at) for at, found in enumerate(entry.entries("themes", "theme", required=False), 1)],
        controls=[
            read_control(found, at) for at, found in enumerate(entry.entries("controls", "control", required=False), 1)
        ],
    )
    if standard.status == Status.SUPERSEDED and not standard.superseded_by:
        head.fault("status", "it is superseded, so 'superseded_by' must say by what.")
    if standard.status == Status.CURRENT and (standard.superseded_by or standard.transition_end):
        head.fault("status", "it is current, so it can have neither 'superseded_by' nor 'transition_end'.")
    if control_count and control_count != len(standard.controls):
        head.fault("control_count", f"it must have {control_count} controls, it has {len(standard.controls)}.")
    head.done()
    entry.done()
    known = {clause.ref for clause in standard.clauses}
    for ref in sorted(unverified - known):
        faults.add(ref.place, f"{head.what}: the unverified reference {quoted(ref)} does not exist.")
    check_clauses(standard, faults)
    check_controls(standard, faults)
    return standard


def read_amendment(entry: Entry) -> dict[str, str]:
    amendment = {key: str(entry.text(key)) for key in ("ref", "date", "affects", "summary")}
    entry.done()
    return amendment


def read_attribute_values(entry: Entry) -> dict[str, list[str]]:
    inner = entry.entry("attribute_values", "attribute_values", required=False)
    if inner is None:
        return {}
    return {key: plain(inner.texts(key)) for key in inner.values}


def read_clause(entry: Entry, position: int, unverified: set[Word]) -> ClauseRecord:
    ref = entry.text("ref", limit=20)
    entry.name_it(f"clause {ref or '?'}")
    clause = ClauseRecord(
        place=entry.place("ref"),
        ref=ref,
        title=str(entry.text("title", limit=200)),
        parent=entry.text("parent", required=False),
        is_leaf=entry.truth("leaf"),
        hs=entry.text("hs", limit=20, required=False),
        match=str(entry.text("match", among=Match.values)),
        intent=str(entry.text("intent", required=False)),
        documented_information=str(entry.text("documented_information", among=DocumentedInformation.values)),
        document_names=plain(entry.texts("document_names")),
        evidence_examples=plain(entry.texts("evidence_examples")),
        note=str(entry.text("note", required=False)),
        is_verified=ref not in unverified,
        position=position,
    )
    if clause.match == Match.SPECIFIC and clause.hs:
        entry.fault("hs", "it is specific, so it cannot answer a row of the harmonized structure ('hs').")
    if clause.match in (Match.IDENTICAL, Match.EXTENDED) and not clause.hs:
        entry.fault(
            "match", f"it is {clause.match}, so 'hs' must say which row of the harmonized structure it answers."
        )
    if clause.is_leaf and not clause.intent:
        entry.fault("intent", "it is a requirement (leaf), so 'intent' must say in our words what it wants.")
    entry.done()
    return clause


def check_clauses(standard: StandardFile, faults: Faults) -> None:
    once([(c.ref, c.place) for c in standard.clauses], f"{standard.slug}: the clause", faults)
    clauses = {clause.ref: clause for clause in standard.clauses}
    parents = {clause.parent for clause in standard.clauses if clause.parent}
    for clause in standard.clauses:
        if clause.parent and clause.parent not in clauses:
            faults.add(clause.parent.place, f"clause {clause.ref}: its parent {quoted(clause.parent)} does not exist.")
        if clause.is_leaf and clause.ref in parents:
            faults.add(clause.place, f"clause {clause.ref}: it is called a leaf, but other clauses have it as parent.")
        if not clause.is_leaf and clause.ref not in parents:
            faults.add(clause.place, f"clause {clause.ref}: it is not a leaf, but no clause has it as parent.")
    cycle = find_cycle({c.ref: [c.parent] if c.parent in clauses else [] for c in standard.clauses})
    if cycle:
        faults.add(clauses[cycle[0]].parent.place, f"the parents of clauses go in a circle: {' → '.join(cycle)}.")


def read_theme(entry: Entry, position: int) -> ThemeRecord:
    ref = entry.text("ref", limit=20)
    entry.name_it(f"theme {ref or '?'}")
    theme = ThemeRecord(
        place=entry.line,
        ref=ref,
        slug=slug(entry, "slug"),
        title=str(entry.text("title", limit=200)),
        count=entry.whole("count", least=1, required=False),
        position=position,
    )
    entry.done()
    return theme


def read_control(entry: Entry, position: int) -> ControlRecord:
    ref = entry.text("ref", limit=20)
    entry.name_it(f"control {ref or '?'}")
    inner = entry.entry("attributes", f"{entry.what}, attributes", required=False)
    control = ControlRecord(
        place=entry.place("ref"),
        ref=ref,
        title=str(entry.text("title", limit=200)),
        theme=entry.text("theme"),
        attributes={key: plain(inner.text_or_texts(key)) for key in inner.values} if inner else {},
        intent=str(entry.text("intent")),
        evidence_examples=plain(entry.texts("evidence_examples")),
        position=position,
    )
    entry.done()
    return control


def check_controls(standard: StandardFile, faults: Faults) -> None:
    once([(c.ref, c.place) for c in standard.controls], f"{standard.slug}: the control", faults)
    once([(t.slug, t.place) for t in standard.themes], f"{standard.slug}: the theme", faults)
    themes = {theme.slug: theme for theme in standard.themes}
    for control in standard.controls:
        if control.theme and control.theme not in themes:
            faults.add(control.theme.place, f"control {control.ref}: its theme {quoted(control.theme)} does not exist.")
        for name, values in control.attributes.items() if standard.attribute_values else ():
            if name not in standard.attribute_values:
                faults.add(control.place, f"control {control.ref}: the attribute {quoted(name)} is not declared.")
            for value in values:
                if value not in standard.attribute_values.get(name, [value]):
                    faults.add(control.place, f"control {control.ref}: {name} {quoted(value)} is not declared.")
    for theme in standard.themes:
        found = sum(control.theme == theme.slug for control in standard.controls)
        if theme.count and found != theme.count:
            faults.add(theme.place, f"theme {theme.ref}: it must have {theme.count} controls, it has {found}.")
