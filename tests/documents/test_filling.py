"""Placeholders and sections of a text: filled from the project, escaped, and named where they cannot be."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from documents import commitments, filling
from pdca.models import Standard
from projects import placeholders
from projects.models.project import ProjectStandard
from projects.permissions import Role
from tests.factories.projects import grant, make_project, make_user


@pytest.fixture
def scope(monkeypatch):
    """Answers of apps above, as they hang them up; gone after the test."""
    monkeypatch.setattr(placeholders, "_sources", {})
    placeholders.hang("scope", lambda project: f"Everything at {project.name}")


@pytest.fixture
def project(catalogue):
    found = make_project(name="IMS 2030", headcount=42)
    found.organization.name = "Alpenblick AG"
    found.organization.save()
    return found


def choose(project, *codes):
    for code in codes:
        ProjectStandard.objects.create(project=project, standard=Standard.objects.get(code=code))


def stub(**named):
    """A project that answers without a database."""
    organization = SimpleNamespace(name=named.get("organization", "Acme"))
    return SimpleNamespace(organization=organization, name=named.get("name", "IMS"), headcount=7)


def test_a_text_is_filled_with_what_the_project_says(project, scope):
    choose(project, "ISO/IEC 27001:2022", "ISO 14001:2026", "ISO 9001:2026")
    for name in ("Ada Ammann", "Beat Brunner"):
        grant(make_user(name=name), Role.TOP_MANAGEMENT, project)
    text = "{{organization}} | {{project}} | {{ headcount }} | {{scope}} | {{standards}} | {{role:top_management}}"

    filled = filling.fill(text, project)
    german = filling.fill("{{standards}}", project, "de")

    assert filled.text == (
        "Alpenblick AG | IMS 2030 | 42 | Everything at IMS 2030 | ISO 9001:2026, ISO 14001:2026 and ISO/IEC 27001:2022"
        " | Ada Ammann and Beat Brunner"
    )
    assert (filled.missing, filled.unknown) == ([], [])
    assert german.text == "ISO 9001:2026, ISO 14001:2026 und ISO/IEC 27001:2022"


def test_a_holder_whose_role_has_ended_is_not_named(project):
    grant(
        make_user(name="Former Chief"), Role.TOP_MANAGEMENT, project, expires_at=timezone.now() - timezone.timedelta(1)
    )

    filled = filling.fill("{{role:top_management}}", project)

    assert filled.text == "{{role:top_management}}"
    assert [one.name for one in filled.missing] == ["role:top_management"]


def test_what_the_project_does_not_know_stays_in_the_text_and_is_named_once(project):
    filled = filling.fill("{{objectives}}, {{standards}}, {{objectives}}", project)

    assert filled.text == "{{objectives}}, {{standards}}, {{objectives}}"
    assert [one.name for one in filled.missing] == ["objectives", "standards"]


def test_an_unknown_placeholder_is_named_and_never_taken_for_a_missing_one():
    filled = filling.fill("{{organisation}} and {{organization}}", stub())

    assert filled.text == "{{organisation}} and Acme"
    assert filled.unknown == ["{{organisation}}"]
    assert filled.missing == []


def test_a_text_is_filled_with_as_many_questions_for_many_people_as_for_one(
    project, scope, django_assert_max_num_queries
):
    choose(project, "ISO 9001:2026", "ISO 14001:2026")
    for _number in range(3):
        grant(make_user(), Role.TOP_MANAGEMENT, project)
        grant(make_user(), Role.AUDITOR, project)
    text = "{{role:top_management}} {{role:auditor}} {{standards}} {{#iso_9001}}{{scope}}{{/iso_9001}}"

    with django_assert_max_num_queries(8):
        filled = filling.fill(text, project)

    assert filled.missing == []


def test_nothing_is_asked_that_the_text_does_not_need(project, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert filling.fill("{{project}} for {{headcount}} people", project).text == "IMS 2030 for 42 people"


# --- a name cannot inject markup ------------------------------------------------------------------------------------

names = st.text(st.characters(exclude_categories=("Cs",)), max_size=30) | st.text(
    st.sampled_from("\\`*_{}[]()<>#+-.!|~&;=:/ \n\t1a{}\"'"), max_size=20
)
around = st.sampled_from(["{}", "- {}", "1. {}", "> {}", "- {} tail", "Text {} tail", "## {}", "**{}**", "Above\n{}"])


def shown(markdown: str) -> tuple[set[str], str]:
    """The kinds of inline pieces a text renders to, and what can be read."""
    pieces = [
        child
        for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
        for child in token.children or []
    ]
    kinds = {piece.type for piece in pieces}
    return kinds, "".join(piece.content if piece.type != "softbreak" else "\n" for piece in pieces)


@given(names, around)
@example("# Board", "{}")
@example("#", "## {}")
@example("Board ##", "## {}")
@example("C# & F#", "{}")
@example("- Board", "> {}")
@example("+ Board", "- {}")
@example("1. FC Bern", "{}")
@example("12) Ltd", "1. {}")
@example("===", "Above\n{}")
@example("---", "Above\n{}")
def test_a_value_is_read_as_it_was_typed_wherever_it_stands(name, frame):
    plain = " ".join("".join(one for one in name if one.isprintable() or one.isspace()).split())
    filled = filling.fill(frame.format("{{organization}}"), stub(organization=name))

    if filled.missing:
        assert plain == ""
        return
    kinds, text = shown(filled.text)
    assert kinds <= {"text", "softbreak", "strong_open", "strong_close", "text_special"}
    assert text == frame.removeprefix("- ").removeprefix("1. ").removeprefix("> ").removeprefix("## ").replace(
        "**", ""
    ).format(plain)


@given(names, names)
def test_a_value_stays_in_its_cell(first, second):
    text = "| a | b |\n|---|---|\n| {{organization}} | {{project}} |\n"
    filled = filling.fill(text, stub(organization=first + "x", name=second + "y"))

    tokens = MarkdownIt("commonmark").enable("table").parse(filled.text)

    assert [token.type for token in tokens].count("td_open") == 2


parts = st.lists(
    st.sampled_from([*(one.mark for one in filling.KNOWN.values() if not one.name.startswith("role:"))][:2])
    | st.sampled_from(["{{headcount}}", " ", "\n", "- ", "text", "{", "}", "\\"])
).map("".join)


@given(parts, names, names)
def test_filling_brings_no_unknown_placeholder_and_filling_again_changes_nothing(text, organization, name):
    project = stub(organization=organization, name=name)
    before = set(filling.fill(text, stub()).unknown)

    once = filling.fill(text, project)
    again = filling.fill(once.text, project)

    assert set(once.unknown) <= before
    assert again.text == once.text
    assert [one.name for one in again.missing] == [one.name for one in once.missing]


# --- sections -------------------------------------------------------------------------------------------------------

TEXT = """- all
{{#iso_14001 iso_50001}}
- green
{{/iso_14001 iso_50001}}
{{#iso_20000_1}}
- service
{{/iso_20000_1}}
- end{{#iso_9001}}, with quality{{/iso_9001}}
"""


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([], "- all\n- end\n"),
        (["ISO 14001:2015"], "- all\n- green\n- end\n"),
        (["ISO 50001:2018", "ISO 14001:2026"], "- all\n- green\n- end\n"),
        (["ISO/IEC 20000-1:2018", "ISO 9001:2026"], "- all\n- service\n- end, with quality\n"),
    ],
)
def test_sections_of_other_standards_go_without_a_trace(codes, expected):
    assert filling.only(TEXT, codes) == expected


def test_filling_keeps_the_sections_of_the_projects_standards(project):
    choose(project, "ISO 14001:2026")

    assert filling.fill(TEXT, project).text == "- all\n- green\n- end\n"


@pytest.mark.parametrize(
    ("text", "line", "mark", "sentence"),
    [
        ("a\n{{#iso_9001}}\nb", 2, "{{#iso_9001}}", "This section is not closed."),
        ("a\n\n{{/iso_9001}}", 3, "{{/iso_9001}}", "This closes a section that is not open."),
        ("{{#iso_9001}}a{{/iso_14001}}", 1, "{{/iso_14001}}", "This closes a section that is not open."),
        (
            "{{#iso_9001}}{{#iso_14001}}a{{/iso_14001}}",
            1,
            "{{#iso_14001}}",
            "A section stands inside the section {{#iso_9001}}. Close that one first.",
        ),
    ],
)
def test_tags_that_do_not_fit_together_are_named_and_nothing_is_cut(text, line, mark, sentence):
    assert filling.only(text, ["ISO 9001:2026"]) == text
    assert (mark, line, sentence) in [(one.mark, one.line, one.sentence) for one in filling.unfilled(text)]


def test_a_section_of_no_standard_is_named():
    (wrong,) = filling.pieces("{{#iso_9002}}a{{/iso_9002}}")[1]

    assert wrong.sentence.startswith("“iso_9002” is not a standard. Known: iso_14001, iso_20000_1,")


def test_families_leave_the_edition_out():
    assert commitments.family("ISO 9001:2015") == commitments.family("ISO 9001:2026") == "iso_9001"
    assert commitments.family("ISO/IEC 20000-1:2018") == "iso_20000_1"
    assert commitments.family("ISO/IEC 27001:2022 Annex A") == ""


# --- what blocks a request ------------------------------------------------------------------------------------------


def test_what_is_left_is_listed_with_its_line_and_what_to_do():
    text = "All {{objectives}}\n\n{{role:audtor}} and {{foo}}\n{{#iso_9001}}\nx\n{{/iso_9001}}\n"

    left = filling.unfilled(text)

    assert [(one.line, one.mark, one.sentence) for one in left] == [
        (1, "{{objectives}}", "No objectives are registered. Name the objectives here, or where they are kept."),
        (3, "{{role:audtor}}", "There is no such placeholder. Did you mean {{role:auditor}}?"),
        (3, "{{foo}}", "There is no such placeholder. Write the text itself here."),
        (4, "{{#iso_9001}}", "A mark for the section of a standard was left in the text. Remove it."),
        (6, "{{/iso_9001}}", "A mark for the section of a standard was left in the text. Remove it."),
    ]


def test_a_request_is_refused_with_the_list_and_not_at_all_when_nothing_is_left():
    assert filling.reason_not_to_ask("A name \\{\\{organization\\}\\} and { a } brace.") == ""
    assert filling.reason_not_to_ask("{{foo}}") == (
        "Approval cannot be asked for: 1 placeholder is not filled. "
        "Line 1, {{foo}}: There is no such placeholder. Write the text itself here."
    )
    assert filling.reason_not_to_ask("{{foo}} {{bar}}").startswith(
        "Approval cannot be asked for: 2 placeholders are not filled."
    )


def test_every_placeholder_says_where_it_comes_from_and_what_to_do_without_it():
    for one in filling.KNOWN.values():
        assert re.fullmatch(r"[a-z]+(:[a-z_]+)?", one.name)
        assert str(one.comes_from).endswith(".")
        assert str(one.if_missing).endswith(".")
    assert {f"role:{role.value}" for role in Role} <= set(filling.KNOWN)
