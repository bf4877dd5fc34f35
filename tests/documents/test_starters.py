"""The starter models: true to standards and method, the same in every language, fit to be used as they are."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from markdown_it import MarkdownIt

from documents import commitments, filling, starters
from documents.models.document import Kind
from pdca.models import Catalogue, Clause, Control, MergeGroup, Standard
from projects import placeholders
from projects.models.project import ProjectStandard
from projects.permissions import Role
from tests.factories.projects import grant, make_project, make_user

FOLDER = Path(settings.ROOT) / starters.FOLDER
MODELS = sorted(path.stem for path in FOLDER.glob("*.md") if path.name != "README.md")
TEXTS = [(slug, language) for slug in MODELS for language in starters.of(slug).languages]
WANTED = {
    "integrated-policy", "quality-policy", "information-security-policy", "environmental-policy", "ohs-policy",
    "business-continuity-policy", "records-policy", "acceptable-use-policy", "access-control-policy",
    "incident-management-procedure", "supplier-procedure", "document-control-procedure", "internal-audit-procedure",
    "corrective-action-procedure", "risk-methodology",
}  # fmt: skip
IN_THREE_LANGUAGES = {
    "integrated-policy", "quality-policy", "information-security-policy", "environmental-policy", "ohs-policy",
    "business-continuity-policy",
}  # fmt: skip
LEFT_OPEN = (
    r"\b(TO" + r"DO|TB" + r"D|FIX" + r"ME|XX" + r"X|lorem|ipsum)\b|\.\.\.|\[[^\]]*\]"
)  # split: a house test reads this too
CURRENT = [
    "ISO 9001:2026", "ISO 14001:2026", "ISO 45001:2018", "ISO/IEC 27001:2022", "ISO 22301:2019",
    "ISO/IEC 20000-1:2018", "ISO 50001:2018", "ISO 30301:2019", "ISO 37301:2021", "ISO/IEC 42001:2023",
]  # fmt: skip


@pytest.fixture
def knows(monkeypatch):
    """Answers for the scope and the objectives, as apps above give them."""
    monkeypatch.setattr(placeholders, "_sources", {})
    placeholders.hang("scope", lambda project: "Making of cheese, Bern")
    placeholders.hang("objectives", lambda project: "See the register")


@pytest.fixture
def project(catalogue):
    found = make_project()
    for role in Role:
        grant(make_user(), role, found)
    return found


def choose(project, *codes):
    ProjectStandard.objects.filter(project=project).delete()
    for code in codes:
        ProjectStandard.objects.create(project=project, standard=Standard.objects.get(code=code))


# --- the files ------------------------------------------------------------------------------------------------------


def test_the_models_asked_for_are_there():
    assert set(MODELS) >= WANTED
    assert {slug for slug in MODELS if starters.of(slug).languages == ("en", "de", "fr")} >= IN_THREE_LANGUAGES


def test_every_lists_policies_first_in_the_language_where_there_is_one():
    german = starters.every("de")

    assert sorted(one.slug for one in german) == MODELS
    assert [one.kind for one in german] == sorted((one.kind for one in german), key=starters.KINDS.index)
    assert {one.slug: one.language for one in german}["quality-policy"] == "de"
    assert {one.slug: one.language for one in german}["records-policy"] == "en"
    assert starters.of("quality-policy", "de").title == "Qualitätspolitik"
    assert starters.of("quality-policy", "it").title == "Quality policy"


def test_an_unknown_model_is_refused_with_the_names_there_are():
    with pytest.raises(starters.NoSuchStarter, match=r"There is no model 'qualty'\. Choose one of: acceptable-use-"):
        starters.of("qualty")


def test_kinds_are_those_of_documents():
    assert list(starters.KINDS) == Kind.values


def test_what_a_model_refers_to_exists(catalogue):
    clauses = set(Clause.objects.filter(is_leaf=True).values_list("standard__code", "ref"))
    controls = set(Control.objects.values_list("standard__code", "ref"))
    groups = set(MergeGroup.objects.values_list("slug", flat=True))
    steps = set(Catalogue.objects.get(code="IMS2").steps.values_list("code", flat=True))
    faults = []
    for one in starters.every():
        faults += [
            (one.slug, s.standard, ref) for s in one.clauses for ref in s.refs if (s.standard, ref) not in clauses
        ]
        faults += [
            (one.slug, s.standard, ref) for s in one.controls for ref in s.refs if (s.standard, ref) not in controls
        ]
        faults += [(one.slug, "group", one.group)] if one.group and one.group not in groups else []
        faults += [(one.slug, "step", one.step)] if one.step not in steps else []

    assert faults == []


def test_codes_are_given_once():
    codes = [one.code for one in starters.every()]

    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(("slug", "language"), TEXTS)
def test_a_text_is_a_usable_draft(slug, language):
    body = starters.of(slug, language).body

    assert 350 <= len(body.split()) <= 1_600  # one to four pages
    assert body.count("\n## ") >= 5
    assert not re.search(LEFT_OPEN, body, re.IGNORECASE)
    assert not re.search(r"\b(shall mean|hereinafter|herewith|notwithstanding)\b", body)
    assert body == "\n".join(line.rstrip() for line in body.split("\n"))


def shape(text: str) -> dict[str, object]:
    """What must not differ between languages."""
    lines = text.splitlines()
    return {
        "headings": [len(line) - len(line.lstrip("#")) for line in lines if line.startswith("#")],
        "placeholders": filling.MARK.findall(text),
        "items": [line[:2] for line in lines if re.match(r"- |\d+\. ", line)],
        "rows": [line.count("|") for line in lines if line.startswith("|")],
        "answers": [slugs for slugs, _sentence, _line in starters.answers(text)],
    }


@pytest.mark.parametrize(("slug", "language"), [(s, lang) for s, lang in TEXTS if lang != "en"])
def test_a_translation_has_the_structure_of_the_original(slug, language):
    original, translation = starters.of(slug), starters.of(slug, language)

    assert shape(translation.body) == shape(original.body)
    assert translation.title != original.title
    assert translation.summary != original.summary
    same = set(translation.body.splitlines()) & set(original.body.splitlines())
    assert [line for line in same if re.search(r"[a-z]{4,} [a-z]{3,} ", line)] == []


# --- commitments ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", starters.LANGUAGES)
def test_the_integrated_policy_answers_every_commitment_of_every_standard_alone(project, knows, language):
    left = {}
    for code in commitments.standards():
        choose(project, code)
        ticked = [tick.commitment for tick in starters.draft("integrated-policy", project, language).ticks]
        left[code] = [row.slug for row in commitments.rows([code]) if row.slug not in ticked]

    assert len(left) == 12
    assert {code: slugs for code, slugs in left.items() if slugs} == {}


@pytest.mark.parametrize("slug", MODELS)
def test_a_policy_answers_every_commitment_of_the_clauses_it_serves(project, knows, slug):
    model = starters.of(slug)
    serves = {(one.standard, ref) for one in model.clauses for ref in one.refs}
    choose(project, *[one.standard for one in model.clauses])
    wanted = [
        one.slug for one in commitments.every() if any((asker.standard, asker.ref) in serves for asker in one.asked_by)
    ]

    for language in model.languages:
        draft = starters.draft(slug, project, language)

        assert [tick.commitment for tick in draft.ticks] == wanted, language
        lines = [re.sub(r"\A(- |\d+\. )", "", line) for line in draft.body.splitlines()]
        assert [tick.sentence for tick in draft.ticks if tick.sentence not in lines] == [], language
        assert [tick.sentence for tick in draft.ticks if not tick.sentence.endswith(".")] == [], language


def test_one_sentence_answers_all_standards_and_others_are_not_ticked(project, knows):
    choose(project, "ISO 9001:2026", "ISO/IEC 27001:2022")

    draft = starters.draft("environmental-policy", project)

    ticks = {tick.commitment: tick.sentence for tick in draft.ticks}
    assert ticks["improves-continually"] == "We improve the environmental management system continually."
    assert "protects-the-environment" not in ticks


# --- drafts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codes", [CURRENT, ["ISO 45001:2018"], []], ids=["all", "one", "none"])
def test_every_draft_is_clean_markdown(project, knows, codes):
    choose(project, *codes)

    for slug, language in TEXTS:
        draft = starters.draft(slug, project, language)
        which = f"{slug} {language}"

        assert {one.name for one in draft.missing} <= (set() if codes else {"standards"}), which
        left = [] if codes else ["{{standards}}"] * draft.body.count("{{standards}}")
        assert [one.mark for one in filling.unfilled(draft.body)] == left, which
        assert "<!--" not in draft.body, which
        assert "\n\n\n" not in draft.body, which
        assert draft.body.startswith("## "), which
        tokens = MarkdownIt("commonmark").enable("table").parse(draft.body)
        tables = [token.type for token in tokens].count("table_open")
        assert tables == len(re.findall(r"^\|[-|]+\|$", draft.body, re.MULTILINE)), which
        assert not [token.content for token in tokens if token.type == "inline" and token.content[:1] == "|"], which


def test_a_draft_says_what_is_missing_and_leaves_it_in_its_place(catalogue, monkeypatch):
    monkeypatch.setattr(placeholders, "_sources", {})
    empty = make_project()

    draft = starters.draft("quality-policy", empty)

    names = [one.name for one in draft.missing]
    assert names == ["scope", "objectives", "role:top_management", "role:project_manager"]
    assert "- Scope of the quality management system: {{scope}}" in draft.body
    assert "4 placeholders are not filled." in filling.reason_not_to_ask(draft.body)


def test_a_draft_holds_only_the_sections_of_the_projects_standards(project, knows):
    choose(project, "ISO 9001:2015", "ISO 14001:2015")

    body = starters.draft("integrated-policy", project).body

    headings = re.findall(r"^### (.*)$", body, re.MULTILINE)
    assert headings == ["Quality", "Environment"]
    assert "- Standards we follow: ISO 9001:2015 and ISO 14001:2015\n" in body


def test_a_draft_needs_few_questions_whatever_the_standards(project, knows, django_assert_max_num_queries):
    choose(project, *CURRENT)
    project.refresh_from_db()

    with django_assert_max_num_queries(9):
        starters.draft("integrated-policy", project)


# --- faults ---------------------------------------------------------------------------------------------------------

GOOD = """---
title: Some policy
summary: What it is for.
kind: policy
code: POL-SOM
review_months: 12
step: policy
clauses:
- {standard: "ISO 9001:2026", refs: ["5.2"]}
---

## Purpose

- {{organization}} improves. <!-- answers: improves-continually -->
{{#iso_9001}}
- More
{{/iso_9001}}
"""
OTHER = """---
title: Eine Politik
summary: Wozu sie dient.
---

## Zweck

Text
"""
FILE = commitments.FILE
FAULTS = [
    ("title: Some policy\n", "", "2: 'title' is missing."),
    ("kind: policy", "kind: polcy", "4: 'kind' is 'polcy', which is not known. Did you mean 'policy'?"),
    ("POL-SOM", "policy some", "5: 'code' is written like POL-QUA, not 'policy some'."),
    ("review_months: 12", "review_months: 0", "6: 'review_months' must lie between 1 and 60, not 0."),
    ("step: policy", "stage: policy", "7: 'stage' is not a known key. Did you mean 'step'?"),
    ('refs: ["5.2"]', 'refs: ["5.2", "5.2"]', "9: a clause of ISO 9001:2026 is named twice."),
    ("{{organization}}", "{{organisation}}", "14: {{organisation}} is not a known placeholder."),
    ("improves-continually", "improves", f"14: 'improves' is not a commitment of {FILE}."),
    ("answers: improves-continually", "answers:", f"14: '' is not a commitment of {FILE}."),
    ("- {{organization}} improves. <!--", "- <!--", "14: a mark “answers” needs its sentence before it, on the same line."),
    ("<!-- answers: improves-continually -->", "<!-- remember -->", "14: a comment may only say “answers: …”, at the end of a line."),
    ("{{/iso_9001}}\n", "", "15: {{#iso_9001}}: This section is not closed."),
    ("{{/iso_9001}}", "{{/iso_14001}}", "17: {{/iso_14001}}: This closes a section that is not open."),
    ("## Purpose", "# Purpose", "12: a text begins with headings of the second level (##); the title stands above."),
    ("---\n\n", "\n", "1: the file must open with lines about itself between --- and ---."),
    ("kind: policy\n", "kind: policy\nkind: form\n", "5: 'kind' is written twice; the first is in line 4."),
    ("summary: What", "summary: [What", "4: this is not valid YAML: while parsing a flow sequence; did not find expected ',' or ']'."),
]  # fmt: skip


def folder(tmp_path, **files):
    for name, text in files.items():
        path = tmp_path / f"{name.replace('__', '/')}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def faults_of(path):
    with pytest.raises(starters.StartersFaulty) as refused:
        starters.read(path)
    return [str(fault).removeprefix(f"{path.name}/") for fault in refused.value.faults]


def test_a_good_folder_is_read(tmp_path):
    found = starters.read(folder(tmp_path, some=GOOD, de__some=OTHER, README="no model"))

    assert list(found) == ["some"]
    assert found["some"]["de"].title == "Eine Politik"
    assert found["some"]["de"].languages == ("en", "de")
    assert found["some"]["de"].code == "POL-SOM"
    assert starters.answers(found["some"]["en"].body) == [
        (["improves-continually"], "{{organization}} improves.", 4)
    ]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "fault"), FAULTS)
def test_a_fault_is_named_with_file_and_line(tmp_path, old, new, fault):
    assert old in GOOD

    found = faults_of(folder(tmp_path, some=GOOD.replace(old, new, 1)))

    assert f"some.md:{fault}" in [one.replace(" model some:", "") for one in found]


def test_faults_of_several_files_are_named_at_once(tmp_path):
    found = faults_of(
        folder(
            tmp_path, some=GOOD.replace("kind: policy", "kind: x"), de__some=OTHER.replace("title:", "titel:"),
            fr__none=OTHER, it__some=OTHER, Other=GOOD.replace("12", "99"),
        )
    )  # fmt: skip

    assert sorted(found) == [
        "Other.md:2: model Other: the name of the file may hold small letters, digits and - only.",
        "Other.md:6: model Other: 'review_months' must lie between 1 and 60, not 99.",
        "de/some.md:2: model some (de): 'titel' is not a known key. Did you mean 'title'?",
        "de/some.md:2: model some (de): 'title' is missing.",
        "fr/none.md:1: there is no English model 'none' that this could be a translation of.",
        "it/some.md:1: 'it' is not a language of translations. Known: de, fr.",
        f"some.md:4: model some: 'kind' is 'x', which is not known. Known: {', '.join(sorted(starters.KINDS))}.",
    ]


def test_an_empty_folder_an_empty_text_and_other_bytes_are_named(tmp_path):
    (tmp_path / "empty").mkdir()
    bytes_ = folder(tmp_path, some=GOOD.split("\n## ")[0])
    (bytes_ / "other.md").write_bytes(b"---\n\xff\n---\n")

    assert faults_of(tmp_path / "empty") == ["empty:1: the folder holds no model (.md)."]
    assert faults_of(bytes_) == ["other.md:2: the file is not UTF-8 text.", "some.md:11: model some: there is no text."]


def test_nothing_is_read_before_it_is_asked_for_and_then_once(monkeypatch):
    reads = []
    starters._loaded.cache_clear()
    monkeypatch.setattr(starters, "read", lambda *args: reads.append(args) or {})

    starters.every()
    starters.every("de")

    assert len(reads) == 1
    starters._loaded.cache_clear()


def test_a_copied_model_is_a_new_model(tmp_path):
    shutil.copytree(FOLDER, tmp_path / "starters")
    shutil.copy(FOLDER / "quality-policy.md", tmp_path / "starters" / "our-own.md")

    assert "our-own" in starters.read(tmp_path / "starters")
