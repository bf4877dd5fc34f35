"""A faulty catalogue: every fault is named with file and line, all at once, and nothing is written."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from pdca.models import Catalogue, Standard
from pdca.services.catalogue import CatalogueFaulty, load
from pdca.services.files.parts import find_cycle
from tests.factories.pdca import method_text, standard_text, structure_text, written

pytestmark = pytest.mark.django_db
FIXTURES = Path(settings.ROOT) / "fixtures"


def faults_of(paths) -> list[str]:
    with pytest.raises(CatalogueFaulty) as refused:
        load(paths)
    assert not Catalogue.objects.exists()
    assert not Standard.objects.exists()
    return [f"{Path(fault.place.file).name}:{fault.place.line}: {fault.message}" for fault in refused.value.faults]


def line_of(text: str, part: str, nth: int = 1) -> int:
    """The line in which `part` stands for the nth time."""
    found = [number for number, line in enumerate(text.splitlines(), 1) if part in line]
    return found[nth - 1]


METHOD_FAULTS = {
    "duplicate number": (
        '- number: "1.2"',
        '- number: "1.1"',
        "the step number '1.1' is used twice; the first is in line",
    ),
    "duplicate code": ("code: go-on\n", "code: begin\n", "the step code 'begin' is used twice"),
    "unknown role": (
        "responsible: consultant",
        "responsible: consultnat",
        "activity 1.1.1: 'responsible' is 'consultnat', which is not known. Did you mean 'consultant'?",
    ),
    "unknown origin": ("origin: seed", "origin: hearsay", "step 1.1: 'origin' is 'hearsay', which is not known."),
    "missing reference": (
        "depends_on: ['1.1']",
        "depends_on: ['7.7']",
        "step 1.2: it depends on '7.7', which does not exist.",
    ),
    "unknown row of the structure": (
        'hs_clauses: ["4.1"]',
        'hs_clauses: ["4.9"]',
        "'4.9' is not a row of the harmonized",
    ),
    "wrong count": ("steps: 2,", "steps: 3,", "methodology IMS2: it must have 3 steps, it has 2."),
    "no effort": ("effort_days: 1.5", "effort_days: 0", "activity 1.1.1: 'effort_days' must lie above 0"),
    "effort in words": (
        "effort_days: 1.5",
        "effort_days: a day",
        "activity 1.1.1: 'effort_days' must be a number, not text",
    ),
    "effort without end": ("effort_days: 1.5", "effort_days: .inf", "activity 1.1.1: 'effort_days' must be a number"),
    "days in quotes": (
        "typical_duration_days: 5",
        'typical_duration_days: "5"',
        "step 1.1: 'typical_duration_days' must be a whole number, not text.",
    ),
    "missing key": ('        objective: "Why."\n', "", "step 1.1: 'objective' is missing."),
    "empty text": ('purpose: "What for."', 'purpose: ""', "activity 1.1.1: 'purpose' is empty."),
    "misspelt key": (
        "iterative: false",
        "iteratve: false",
        "step 1.1: 'iteratve' is not a known key. Did you mean 'iterative'?",
    ),
    "key written twice": ("origin: seed", "origin: seed\n        origin: seed", "step 1.1: 'origin' is written twice"),
    "a list that is a text": ('inputs: ["In"]', 'inputs: "In"', "activity 1.1.1: 'inputs' must be a list, not text."),
    "too long": ('title: "Step begin"', f'title: "{"x" * 201}"', "step 1.1: 'title' is 201 characters long; 200 fit."),
    "public without a source": (
        "origin: derived",
        "origin: public",
        "activity 1.1.1: its origin is 'public', so 'source'",
    ),
    "half an approval": (
        "approval: null",
        "approval: {by: top_management}",
        "step 1.1, approval: 'of' is missing.",
    ),
    "an activity of another step": ('- number: "1.1.1"', '- number: "3.1.1"', "activity 3.1.1: it stands in step 1.1."),
    "a code with blanks": ("code: go-on\n", 'code: "go on"\n', "step 1.2: 'code' may hold small letters"),
}


@pytest.mark.parametrize(("old", "new", "expected"), METHOD_FAULTS.values(), ids=METHOD_FAULTS.keys())
def test_a_fault_in_a_method_is_named_with_its_line(structure, tmp_path, old, new, expected):
    good = method_text()
    assert old in good
    at = line_of(good, old.strip().splitlines()[0])
    bad = good.replace(old, new, 1)

    said = faults_of([*structure, *written(tmp_path, method=bad)])

    assert any(expected in fault for fault in said), said
    lines = {int(fault.split(":")[1]) for fault in said if expected in fault}
    if "wrong count" not in expected and "it must have" not in expected and "missing" not in expected:
        assert lines & {at, at + 1}, (at, said)


def test_a_circle_of_dependencies_is_named_step_by_step(structure, tmp_path):
    text = method_text([("1.1", "a", ("1.3",)), ("1.2", "b", ("1.1",)), ("1.3", "c", ("1.2",))])

    said = faults_of([*structure, *written(tmp_path, method=text)])

    line = line_of(text, "depends_on", 1)
    assert said == [f"method.yaml:{line}: the dependencies go in a circle: 1.1 → 1.3 → 1.2 → 1.1."]


def test_a_step_that_waits_for_itself_is_a_circle(structure, tmp_path):
    said = faults_of([*structure, *written(tmp_path, method=method_text([("1.1", "a", ("1.1",))]))])

    assert "the dependencies go in a circle: 1.1 → 1.1." in said[0]


def test_a_long_chain_is_no_circle():
    chain = {str(n): [str(n + 1)] for n in range(5000)}

    assert find_cycle(chain) == []
    assert find_cycle(chain | {"5000": ["4999"]}) == ["4999", "5000", "4999"]


def test_the_counts_of_the_published_method_hold_even_when_the_file_declares_none(structure, tmp_path):
    text = method_text().replace("  counts: {phases: 1, steps: 2, activities: 2}\n", "")

    said = faults_of([*structure, *written(tmp_path, method=text)])

    assert [fault.split(": ", 1)[1] for fault in said] == [
        "methodology IMS2: it must have 101 activities, it has 2.",
        "methodology IMS2: it must have 20 steps, it has 2.",
        "methodology IMS2: it must have 4 phases, it has 1.",
    ]


def test_another_method_without_declared_counts_may_have_any(structure, tmp_path):
    text = method_text(code="OWN").replace("  counts: {phases: 1, steps: 2, activities: 2}\n", "")

    load([*structure, *written(tmp_path, method=text)])

    assert Catalogue.objects.get().code == "OWN"


BROKEN_FILES = {
    "not YAML": ("a: [1, 2\nb: {", "this is not valid YAML: "),
    "a tab": ("a:\n\tb: 1", "this is not valid YAML: "),
    "empty": ("", "the file is empty."),
    "a list": ("- 1\n- 2", "the file must hold a mapping."),
    "something else": ("a: 1", "the file holds neither a method"),
    "a control character": ("methodology:\n  code: \x00", "a control character stands here"),
    "two documents": ("a: 1\n---\nb: 2", "this is not valid YAML: "),
    "a text where the phases should be": (
        "methodology: {code: A, version: '1', title: T}\nphases: none",
        "must be a list",
    ),
    "a text where the head should be": ("methodology: yes please\nphases: []", "'methodology' must be a mapping"),
    "an anchor that holds itself": (
        "methodology: &a {code: *a}\nphases: []",
        "'code' must be text (in quotes), not a mapping",
    ),
    "a tag from elsewhere": ("methodology: !!python/object:os.system {}\nphases: []", "'code' is missing"),
}


@pytest.mark.parametrize(("text", "expected"), BROKEN_FILES.values(), ids=BROKEN_FILES.keys())
def test_a_broken_file_is_a_sentence(tmp_path, text, expected):
    said = faults_of(written(tmp_path, broken=text))

    assert any(expected in fault for fault in said), said
    assert all(fault.startswith("broken.yaml:") for fault in said)


def test_a_file_that_is_not_utf_8_is_named_with_its_line(tmp_path):
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"methodology:\n  code: A\n  title: Gr\xfc\xdfe\n")

    assert faults_of([path]) == ["latin.yaml:3: the file is not UTF-8 text."]


def test_a_missing_file_is_a_sentence(tmp_path):
    assert faults_of([tmp_path / "nowhere.yaml"]) == [
        "nowhere.yaml:1: the file cannot be read: No such file or directory."
    ]


CLAUSES = [("4", None, "4", "identical"), ("4.1", "4", "4.1", "extended"), ("4.9", "4", None, "specific")]

STANDARD_FAULTS = {
    "unknown row": ('hs: "4.1"', 'hs: "4.7"', "clause 4.1: '4.7' is not a row of the harmonized structure."),
    "specific with a row": (
        "match: extended",
        "match: specific",
        "clause 4.1: it is specific, so it cannot answer a row",
    ),
    "extended without a row": ('hs: "4.1"', "hs: null", "clause 4.1: it is extended, so 'hs' must say"),
    "missing parent": ('parent: "4"', 'parent: "5"', "clause 4.1: its parent '5' does not exist."),
    "duplicate reference": ('- ref: "4.9"', '- ref: "4.1"', "own: the clause '4.1' is used twice"),
    "unknown match": ("match: extended", "match: partly", "clause 4.1: 'match' is 'partly', which is not known."),
    "leaf with children": ("leaf: false", "leaf: true", "clause 4: it is called a leaf, but other clauses"),
    "unknown kind": ('kind: "requirements"', 'kind: "advice"', "standard own: 'kind' is 'advice', which is not known."),
    "unknown successor": (
        "  sources:",
        "  status: superseded\n  superseded_by: own-2\n  sources:",
        "standard own: superseded_by 'own-2' is not a known standard.",
    ),
    "transition without end of supersession": (
        "  sources:",
        '  transition_end: "2029-04"\n  sources:',
        "standard own: it is current, so it can have neither",
    ),
    "a transition that is no date": (
        "  sources:",
        '  transition_end: "soon"\n  sources:',
        "'transition_end' must look like 2029-04 or 2029-09-30, not 'soon'.",
    ),
    "no words of ours": (
        '  intent: "What it wants."\n  documented_information: none\n  document_names: []\n'
        '  evidence_examples: []\n- ref: "4.9"',
        '  documented_information: none\n  document_names: []\n  evidence_examples: []\n- ref: "4.9"',
        "clause 4.1: it is a requirement (leaf), so 'intent' must say",
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), STANDARD_FAULTS.values(), ids=STANDARD_FAULTS.keys())
def test_a_fault_in_a_standard_is_named(structure, tmp_path, old, new, expected):
    good = standard_text("own", CLAUSES)
    assert old in good

    said = faults_of([*structure, *written(tmp_path, own=good.replace(old, new, 1))])

    assert any(fault.startswith("own.yaml:") and expected in fault for fault in said), said


def test_declared_counts_of_controls_are_checked(structure, tmp_path):
    text = (FIXTURES / "standards" / "iso_42001_2023_annex_a.yaml").read_text()
    at = line_of(text, "control_count: 38")
    theme = line_of(text, 'slug: "a-4"')
    text = text.replace("control_count: 38", "control_count: 39").replace(
        'slug: "a-4", title: "Resources for AI systems", count: 5',
        'slug: "a-4", title: "Resources for AI systems", count: 6',
    )

    said = faults_of([*structure, *written(tmp_path, annex=text)])

    assert f"annex.yaml:{at}: standard iso-42001-2023-annex-a: it must have 39 controls, it has 38." in said
    assert f"annex.yaml:{theme}: theme A.4: it must have 6 controls, it has 5." in said


def test_an_attribute_that_is_not_declared_is_named(tmp_path):
    folder = FIXTURES / "standards"
    text = (folder / "iso_27001_2022_annex_a.yaml").read_text()
    at = line_of(text, '- ref: "A.5.1"')
    text = text.replace("control_type: [preventive],", "control_type: [preventative],", 1)
    others = [folder / "iso_27001_2022.yaml", folder / "harmonized_structure.yaml"]

    said = faults_of([*others, *written(tmp_path, annex=text)])

    assert said == [f"annex.yaml:{at}: control A.5.1: control_type 'preventative' is not declared."]


def test_documents_and_affinities_lead_somewhere(structure, tmp_path):
    own = standard_text("own", CLAUSES)
    documents = """merge_groups:
- {slug: scope, name: Scope, merge: one_document, hs: "4.8", note: null}
standards:
- standard: OWN
  slug: own
  documents:
  - {ref: "4.7", name: Scope, keep: maintain, group: scope, explicit: true}
  - {ref: "4.1", name: Context, keep: forever, group: nowhere, explicit: true}
"""
    affinities = """groups:
- slug: one
  name: One
  note: Together.
  members:
  - {standard: own, ref: "4.1"}
  - {standard: own, ref: "4.1"}
  - {standard: other, ref: "1"}
"""

    said = faults_of([*structure, *written(tmp_path, own=own, documents=documents, affinities=affinities)])

    assert [fault for fault in said if fault.startswith("documents")] == [
        "documents.yaml:2: merge group scope: '4.8' is not a row of the harmonized structure.",
        "documents.yaml:7: document: own has no '4.7'.",
        "documents.yaml:8: document 'Context': its group 'nowhere' does not exist.",
        "documents.yaml:8: document of own 4.1: 'keep' is 'forever', which is not known. Known: both, maintain, retain.",
    ]
    assert [fault for fault in said if fault.startswith("affinities")] == [
        "affinities.yaml:7: affinity one: the member 'own 4.1' is used twice; the first is in line 6.",
        "affinities.yaml:8: affinity one: 'other' is not a known standard.",
    ]


def test_the_structure_cannot_drop_a_row_that_loaded_clauses_answer(structure, tmp_path):
    load([*structure, *written(tmp_path, own=standard_text("own", CLAUSES))])
    smaller = standard_text(
        "structure", [("4", None, "4", "identical"), ("9", None, "9", "identical")], kind="structure"
    )

    with pytest.raises(CatalogueFaulty) as refused:
        load(written(tmp_path, structure=smaller))

    assert "the structure lacks 4.1, which own 4.1 answers." in [fault.message for fault in refused.value.faults]


def test_all_faults_of_all_files_come_at_once_in_order(tmp_path):
    method = (
        method_text().replace("origin: seed", "origin: hearsay").replace("responsible: consultant", "responsible: me")
    )
    broken = "a: ["
    paths = written(tmp_path, structure=structure_text(), a_broken=broken, method=method)

    said = faults_of(paths)

    assert len(said) == 5
    assert [fault.split(":")[0] for fault in said] == ["a_broken.yaml", *["method.yaml"] * 4]
    lines = [int(fault.split(":")[1]) for fault in said[1:]]
    assert lines == sorted(lines)


def test_the_command_ends_with_1_and_says_every_fault(structure, tmp_path):
    path = written(tmp_path, method=method_text().replace("origin: seed", "origin: hearsay"))[0]
    said = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("load_catalogue", str(structure[0]), str(path), stderr=said)

    assert ended.value.code == 1
    assert f"{path}:16: step 1.1: 'origin' is 'hearsay'" in said.getvalue()
    assert "Nothing was loaded: 2 faults." in said.getvalue()
