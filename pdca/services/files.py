"""What the files of a catalogue say, read into plain records; each file is checked by itself here.

Four kinds of file, told apart by their keys: a method (`methodology`), a standard or catalogue of controls
(`standard`), mandatory documents (`merge_groups`) and affinities (`groups`). What one file says about another is
checked in `pdca.services.agreement`. docs/method.md describes every key.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from pdca import scope_rules
from pdca.models import DocumentedInformation, Match, MergeKind, Origin, ResponsibleRole
from pdca.models.standards import Kind, Status
from pdca.scope_rules import ScopeRule
from pdca.services.reading import Entry, Faults, Place, Word, open_file, quoted

SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*\Z")
TRANSITION = re.compile(r"\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?\Z")
COUNTS = {"IMS2": {"phases": 4, "steps": 20, "activities": 101}}  # what the published paper promises


@dataclass
class ActivityRecord:
    place: Place
    number: Word
    code: Word
    title: str
    purpose: str
    inputs: list[str]
    outputs: list[str]
    responsible: str
    hs_clauses: list[Word]
    effort_days: Decimal
    origin: str
    source: str
    approval_by: str
    approval_of: str
    suggested_tasks: list[str]
    position: int


@dataclass
class StepRecord:
    place: Place
    number: Word
    code: Word
    title: str
    objective: str
    origin: str
    source: str
    sequence: int
    hs_clauses: list[Word]
    is_iterative: bool
    deliverables: list[str]
    approval_by: str
    approval_of: str
    duration_days: int
    depends_on: list[Word]
    position: int
    activities: list[ActivityRecord]


@dataclass
class PhaseRecord:
    place: Place
    number: int
    code: Word
    title: str
    objective: str
    steps: list[StepRecord]


@dataclass
class MethodFile:
    place: Place
    code: Word
    edition: Word
    title: str
    digest: str
    phases: list[PhaseRecord]

    @property
    def steps(self) -> list[StepRecord]:
        return [step for phase in self.phases for step in phase.steps]

    @property
    def activities(self) -> list[ActivityRecord]:
        return [activity for step in self.steps for activity in step.activities]


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


@dataclass
class Files:
    """Everything the given files say."""

    methods: list[MethodFile] = field(default_factory=list)
    standards: list[StandardFile] = field(default_factory=list)
    documents: list[DocumentsFile] = field(default_factory=list)
    affinities: list[AffinitiesFile] = field(default_factory=list)
    left_aside: int = 0  # files of the folder that another app reads: commitments of policies, risk criteria
    scope_rules: list[ScopeRule] = field(default_factory=list)


def plain(words: list[Word]) -> list[str]:
    return [str(found) for found in words]


def slug(entry: Entry, key: str, *, limit: int = 80, required: bool = True) -> Word:
    found = entry.text(key, limit=limit, required=required)
    if found and not SLUG.match(found):
        entry.fault(key, f"{quoted(key)} may hold small letters, digits, - and _ only, not {quoted(found)}.")
    return found


def approval(entry: Entry) -> tuple[str, str]:
    """The formal decision of a step or activity: by whom, of what; two empty texts where there is none."""
    inner = entry.entry("approval", f"{entry.what}, approval", required=False)
    if inner is None:
        return "", ""
    by = inner.text("by", among=ResponsibleRole.values)
    of = inner.text("of", limit=200)
    inner.done()
    return str(by), str(of)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_all(paths: list[tuple[Path, str]], faults: Faults) -> Files:
    """Reads every file under the name messages shall use; what is wrong with one file alone is in `faults` then."""
    files = Files()
    for path, name in paths:
        entry = open_file(path, name, faults)
        if entry is None:
            continue
        if "methodology" in entry:
            files.methods.append(read_method(entry, path, faults))
        elif "standard" in entry:
            files.standards.append(read_standard(entry, path, faults))
        elif "merge_groups" in entry:
            files.documents.append(read_documents(entry, faults))
        elif "scope_rules" in entry:
            files.scope_rules += scope_rules.read(entry)
        elif "groups" in entry:
            files.affinities.append(read_affinities(entry, faults))
        elif "commitments" in entry or "risk_criteria" in entry:
            files.left_aside += 1
        else:
            faults.add(
                entry.line,
                "the file holds neither a method (methodology), a standard (standard), "
                "mandatory documents (merge_groups) nor affinities (groups).",
            )
    return files


# --- the method ---------------------------------------------------------------------------------------------------


def read_method(entry: Entry, path: Path, faults: Faults) -> MethodFile:
    head = entry.entry("methodology", "methodology") or entry.nothing("methodology")
    code = head.text("code", limit=40)
    edition = head.text("version", limit=20)
    title = head.text("title", limit=200)
    declared = head.entry("counts", "counts", required=False)
    counts = dict(COUNTS.get(code, {}))
    if declared is not None:
        counts = {key: declared.whole(key, least=1) for key in ("phases", "steps", "activities")}
        declared.done()
    head.done()
    phases = [read_phase(found) for found in entry.entries("phases", "phase")]
    entry.done()
    method = MethodFile(
        place=head.line,
        code=code,
        edition=edition,
        title=str(title),
        digest=digest_of(path),
        phases=phases,
    )
    check_counts(method, counts, faults)
    check_numbers(method, faults)
    check_dependencies(method, faults)
    return method


def read_phase(entry: Entry) -> PhaseRecord:
    code = slug(entry, "code")
    entry.name_it(f"phase {code or '?'}")
    phase = PhaseRecord(
        place=entry.line,
        number=entry.whole("number", least=1, most=99),
        code=code,
        title=str(entry.text("title", limit=200)),
        objective=str(entry.text("objective")),
        steps=[read_step(found, at) for at, found in enumerate(entry.entries("steps", "step"), 1)],
    )
    entry.done()
    return phase


def read_step(entry: Entry, position: int) -> StepRecord:
    number = entry.text("number", limit=12)
    entry.name_it(f"step {number or '?'}")
    by, of = approval(entry)
    step = StepRecord(
        place=entry.place("number"),
        number=number,
        code=slug(entry, "code"),
        title=str(entry.text("title", limit=200)),
        objective=str(entry.text("objective")),
        origin=str(entry.text("origin", among=Origin.values)),
        source=str(entry.text("reason", required=False)),
        sequence=entry.whole("sequence", least=1),
        hs_clauses=entry.texts("hs_clauses"),
        is_iterative=entry.truth("iterative"),
        deliverables=plain(entry.texts("deliverables")),
        approval_by=by,
        approval_of=of,
        duration_days=entry.whole("typical_duration_days", least=1, most=1_000),
        depends_on=entry.texts("depends_on"),
        position=position,
        activities=[read_activity(found, at) for at, found in enumerate(entry.entries("activities", "activity"), 1)],
    )
    entry.done()
    return step


def read_activity(entry: Entry, position: int) -> ActivityRecord:
    number = entry.text("number", limit=12)
    entry.name_it(f"activity {number or '?'}")
    by, of = approval(entry)
    activity = ActivityRecord(
        place=entry.place("number"),
        number=number,
        code=slug(entry, "code"),
        title=str(entry.text("title", limit=200)),
        purpose=str(entry.text("purpose")),
        inputs=plain(entry.texts("inputs")),
        outputs=plain(entry.texts("outputs")),
        responsible=str(entry.text("responsible", among=ResponsibleRole.values)),
        hs_clauses=entry.texts("hs_clauses"),
        effort_days=entry.decimal("effort_days"),
        origin=str(entry.text("origin", among=Origin.values)),
        source=str(entry.text("source", limit=200, required=False)),
        approval_by=by,
        approval_of=of,
        suggested_tasks=[str(title) for title in short(entry, entry.texts("suggested_tasks"))],
        position=position,
    )
    if activity.origin == Origin.PUBLIC and not activity.source:
        entry.fault("origin", "its origin is 'public', so 'source' must say which one.")
    entry.done()
    return activity


def short(entry: Entry, words: list[Word], limit: int = 200) -> list[Word]:
    for found in words:
        if len(found) > limit:
            entry.faults.add(
                found.place, f"{entry.what}: {quoted(found)} is {len(found)} characters long; {limit} fit."
            )
    return words


def check_counts(method: MethodFile, counts: dict[str, int], faults: Faults) -> None:
    for key, expected in counts.items():
        found = len(getattr(method, key))
        if found != expected:
            faults.add(method.place, f"methodology {method.code}: it must have {expected} {key}, it has {found}.")


def once(words: list[tuple[str, Place]], what: str, faults: Faults) -> None:
    """Notes every word that stands twice, naming the line of the first."""
    seen: dict[str, Place] = {}
    for found, place in words:
        if not found:
            continue
        if found in seen:
            first = seen[found]
            where = f"line {first.line}" if first.file == place.file else str(first)
            faults.add(place, f"{what} {quoted(found)} is used twice; the first is in {where}.")
        seen.setdefault(found, place)


def check_numbers(method: MethodFile, faults: Faults) -> None:
    once([(str(p.number), p.place) for p in method.phases], "the phase number", faults)
    once([(p.code, p.code.place) for p in method.phases], "the phase code", faults)
    once([(s.number, s.number.place) for s in method.steps], "the step number", faults)
    once([(s.code, s.code.place) for s in method.steps], "the step code", faults)
    once([(str(s.sequence or ""), s.place) for s in method.steps], "the sequence", faults)
    once([(a.number, a.number.place) for a in method.activities], "the activity number", faults)
    once([(a.code, a.code.place) for a in method.activities], "the activity code", faults)
    for phase in method.phases:
        for step in phase.steps:
            if step.number and not step.number.startswith(f"{phase.number}."):
                faults.add(step.place, f"step {step.number}: it stands in phase {phase.number}.")
            for activity in step.activities:
                if activity.number and step.number and not activity.number.startswith(f"{step.number}."):
                    faults.add(activity.place, f"activity {activity.number}: it stands in step {step.number}.")


def check_dependencies(method: MethodFile, faults: Faults) -> None:
    """Every step depended on exists, and no step waits for itself, directly or in a circle."""
    steps = {step.number: step for step in method.steps}
    for step in method.steps:
        once([(number, number.place) for number in step.depends_on], f"step {step.number}: the dependency", faults)
        for number in step.depends_on:
            if number not in steps:
                faults.add(number.place, f"step {step.number}: it depends on {quoted(number)}, which does not exist.")
    links = {step.number: [n for n in step.depends_on if n in steps] for step in method.steps}
    cycle = find_cycle(links)
    if cycle:
        first = steps[cycle[0]]
        line = next(number.place for number in first.depends_on if number == cycle[1])
        faults.add(line, f"the dependencies go in a circle: {' → '.join(cycle)}.")


def find_cycle(links: dict[str, list[str]]) -> list[str]:
    """One circle in `links` (node to the nodes it depends on), first node repeated at the end; [] if there is none."""
    state: dict[str, int] = {}  # 1 while on the path, 2 when known to be harmless
    for start in links:
        if state.get(start):
            continue
        path, stack = [start], [iter(links[start])]
        state[start] = 1
        while stack:
            following = next(stack[-1], None)
            if following is None:
                state[path.pop()] = 2
                stack.pop()
            elif state.get(following) == 1:
                return [str(n) for n in [*path[path.index(following) :], following]]
            elif not state.get(following):
                state[following] = 1
                path.append(following)
                stack.append(iter(links.get(following, ())))
    return []


# --- standards ----------------------------------------------------------------------------------------------------


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


# --- documents and affinities -------------------------------------------------------------------------------------


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
