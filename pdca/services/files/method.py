"""A method's file: phases, their steps and activities, checked by itself."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pdca.models import Origin, ResponsibleRole
from pdca.services.files.parts import digest_of, find_cycle, once, plain, slug
from pdca.services.reading import Entry, Faults, Place, Word, quoted

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


def approval(entry: Entry) -> tuple[str, str]:
    """The formal decision of a step or activity: by whom, of what; two empty texts where there is none."""
    inner = entry.entry("approval", f"{entry.what}, approval", required=False)
    if inner is None:
        return "", ""
    by = inner.text("by", among=ResponsibleRole.values)
    of = inner.text("of", limit=200)
    inner.done()
    return str(by), str(of)


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
