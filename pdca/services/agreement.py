"""What files say about each other, and about what is loaded already: every reference leads somewhere.

References are looked up in the given files first and in the database second, so that one file can be loaded alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pdca.models import Clause, Control, Standard
from pdca.models.standards import Kind, Status
from pdca.services.files import Files, StandardFile
from pdca.services.files.parts import once
from pdca.services.reading import Faults, Word, quoted


@dataclass
class Known:
    """What can be referred to: slugs of standards, rows of the structure, clauses and controls by standard."""

    standards: dict[str, str] = field(default_factory=dict)  # slug to kind
    structure: set[str] = field(default_factory=set)
    refs: dict[str, set[str]] = field(default_factory=dict)  # slug to clause and control numbers


def known_after(files: Files) -> Known:
    """What there is once `files` are loaded on top of the database; four queries."""
    known = Known()
    given = {standard.slug for standard in files.standards}
    for slug, kind in Standard.objects.exclude(slug__in=given).values_list("slug", "kind"):
        known.standards[slug] = kind
    for model in (Clause, Control):
        rows = model.objects.exclude(standard__slug__in=given).values_list("standard__slug", "ref")
        for slug, ref in rows.order_by():
            known.refs.setdefault(slug, set()).add(ref)
    for standard in files.standards:
        known.standards[standard.slug] = standard.kind
        known.refs[standard.slug] = {c.ref for c in standard.clauses} | {c.ref for c in standard.controls}
    for slug, kind in known.standards.items():
        if kind == Kind.STRUCTURE:
            known.structure |= known.refs.get(slug, set())
    return known


def check(files: Files, faults: Faults) -> None:
    """Notes every reference between files that leads nowhere."""
    known = known_after(files)
    once([(f"{m.code} {m.edition}", m.place) for m in files.methods], "the edition", faults)
    once([(s.slug, s.place) for s in files.standards], "the standard", faults)
    once([(s.code, s.place) for s in files.standards], "the code of a standard", faults)
    structures = [s for s in files.standards if s.kind == Kind.STRUCTURE]
    for extra in structures[1:]:
        faults.add(extra.place, f"{extra.slug} is a second structure; {structures[0].place} holds the first.")
    for several, what in ((files.documents, "mandatory documents"), (files.affinities, "affinities")):
        for extra in several[1:]:
            faults.add(extra.place, f"a second file of {what}; {several[0].place} is the first.")
    check_hs(files, known, faults)
    for standard in files.standards:
        check_standard(standard, files, known, faults)
    for document in (d for found in files.documents for d in found.documents):
        check_ref(document.standard, document.ref, "document", known, faults)
    once([(rule.standard, rule.place) for rule in files.scope_rules], "the scope rule of", faults)
    for rule in files.scope_rules:
        check_ref(rule.standard, rule.ref, "scope rule", known, faults)
    for group in (g for found in files.affinities for g in found.groups):
        for standard_slug, ref in group.members:
            check_ref(standard_slug, ref, f"affinity {group.slug}", known, faults)


def check_hs(files: Files, known: Known, faults: Faults) -> None:
    """Every `hs` is a row of the structure; the structure does not drop a row that loaded clauses answer."""
    asked: list[tuple[str, Word]] = []
    for method in files.methods:
        asked += [(f"step {s.number}", hs) for s in method.steps for hs in s.hs_clauses]
        asked += [(f"activity {a.number}", hs) for a in method.activities for hs in a.hs_clauses]
    asked += [(f"clause {c.ref}", c.hs) for s in files.standards for c in s.clauses if c.hs]
    asked += [(f"merge group {g.slug}", g.hs) for found in files.documents for g in found.groups if g.hs]
    for what, hs in asked:
        if hs not in known.structure:
            faults.add(hs.place, f"{what}: {quoted(hs)} is not a row of the harmonized structure.")
    given = [s.slug for s in files.standards]
    for standard in files.standards:
        if standard.kind == Kind.STRUCTURE:
            lost = Clause.objects.exclude(standard__slug__in=given).exclude(hs="").exclude(hs__in=known.structure)
            for slug, ref, hs in lost.values_list("standard__slug", "ref", "hs"):
                faults.add(standard.place, f"the structure lacks {hs}, which {slug} {ref} answers.")


def check_standard(standard: StandardFile, files: Files, known: Known, faults: Faults) -> None:
    name = f"standard {standard.slug}"
    for key in ("supersedes", "superseded_by", "requirements", "control_catalogue"):
        other: Word = getattr(standard, key)
        if other and other not in known.standards:
            faults.add(other.place, f"{name}: {key} {quoted(other)} is not a known standard.")
        elif other and other == standard.slug:
            faults.add(other.place, f"{name}: {key} leads to itself.")
    if standard.requirements and standard.kind != Kind.CONTROLS:
        faults.add(standard.requirements.place, f"{name}: only controls belong to requirements of another standard.")
    for other in files.standards:
        if standard.superseded_by == other.slug and other.supersedes != standard.slug:
            faults.add(standard.superseded_by.place, f"{name}: {other.slug} does not say that it supersedes it.")
        if standard.supersedes == other.slug and other.status != Status.SUPERSEDED:
            faults.add(standard.supersedes.place, f"{name}: {other.slug} is not marked as superseded.")
        if standard.supersedes and standard is not other and standard.supersedes == other.supersedes:
            faults.add(standard.supersedes.place, f"{name}: {other.slug} supersedes {standard.supersedes} already.")
        if standard.control_catalogue == other.slug and other.requirements != standard.slug:
            faults.add(standard.control_catalogue.place, f"{name}: {other.slug} does not belong to it.")
    if standard.kind == Kind.CONTROLS and (standard.clauses or not standard.controls):
        faults.add(standard.place, f"{name}: a catalogue of controls has controls and no clauses.")
    if standard.kind != Kind.CONTROLS and (standard.controls or not standard.clauses):
        faults.add(standard.place, f"{name}: requirements and structures have clauses and no controls.")


def check_ref(standard: Word, ref: Word, what: str, known: Known, faults: Faults) -> None:
    if not standard or not ref:
        return  # already named when the file was read
    if standard not in known.standards:
        faults.add(standard.place, f"{what}: {quoted(standard)} is not a known standard.")
    elif ref not in known.refs.get(standard, ()):
        faults.add(ref.place, f"{what}: {standard} has no {quoted(ref)}.")
