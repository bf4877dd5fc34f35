"""The scope: items and words, what follows what, what is signed, and what the standards forbid."""

from __future__ import annotations

import json

import pytest
from django.db import IntegrityError, transaction

from approvals import subjects
from approvals.models import ApprovalStatus
from approvals.selectors import approval as approvals
from approvals.services import request
from approvals.verifying import faults
from context import scope_text
from context.models import ScopeItem, ScopeKind, ScopeStatement
from context.selectors import scope as selectors
from context.services import scope
from core.canonical import text as canonical
from core.rules import RuleBroken, StaleRecord
from projects import gates, placeholders
from projects.flow import NotPermitted
from projects.models import JournalEntry, PlanStep, Project, ProjectStandard
from projects.services import settings
from search import kinds
from tests.context.conftest import make_standard, sign

pytestmark = pytest.mark.django_db


def now(crew):
    return selectors.of_project(crew.project)


def paper(crew):
    return selectors.paper_of(now(crew))


def say(crew, words, *, by=None, version=None, seen=None):
    return scope.write(
        project=crew.project, by=by or crew.manager, statement=words,
        version=now(crew).version if version is None else version, seen=paper(crew).seen if seen is None else seen,
    )  # fmt: skip


def ask_for(crew, by=None, to=None):
    return request.ask(
        kind="scope", project=crew.project, pk=now(crew).pk, by=by or crew.manager,
        steps=[request.Planned([to or crew.boss])],
    )  # fmt: skip


def standing(crew):
    return approvals.standing_of("scope", now(crew))


def entries(crew):
    return list(JournalEntry.objects.filter(project=crew.project).order_by("seq").values_list("action", flat=True))


# ---- items -------------------------------------------------------------------------------------------------------


def test_the_first_item_begins_the_scope_and_the_words_follow(crew, put):
    item = put("site", "Zug", description="Head office")

    assert now(crew).statement.endswith("It applies at these sites and places of work: Zug.")
    assert not now(crew).is_edited and not paper(crew).is_outdated
    assert (item.created_by, now(crew).created_by, now(crew).edited_by) == (crew.manager,) * 3
    assert entries(crew)[-3:] == ["scope.begun", "scope.item_added", "scope.followed"]


def test_a_change_is_told_from_what_to_what_and_the_words_follow(crew, put):
    item = put("site", "Zug")

    changed = scope.change_item(
        project=crew.project, pk=item.pk, by=crew.consultant, version=1,
        values={"name": "Zug  and Baar", "is_included": False, "justification": "Sold."},
    )  # fmt: skip

    assert (changed.name, changed.version, changed.edited_by, changed.created_by) == (
        "Zug and Baar", 2, crew.consultant, crew.manager,
    )  # fmt: skip
    entry = JournalEntry.objects.get(project=crew.project, action="scope.item_changed")
    assert entry.changes["name"] == ["Zug", "Zug and Baar"] and entry.changes["is_included"] == [True, False]
    assert "– Zug and Baar: Sold." in now(crew).statement and "sites" not in now(crew).statement
    assert [row.name for row in changed.history.order_by("history_id")] == ["Zug", "Zug and Baar"]
    assert changed.history.latest("history_id").history_user_id == crew.consultant.pk


def test_saving_the_same_again_changes_nothing(crew, put):
    item = put("site", "Zug")
    before = JournalEntry.objects.count()

    assert (
        scope.change_item(project=crew.project, pk=item.pk, by=crew.manager, version=1, values={"name": "Zug"}).version
        == 1
    )
    assert JournalEntry.objects.count() == before


def test_over_a_newer_save_of_an_item_nothing_is_lost(crew, put):
    item = put("site", "Zug")
    scope.change_item(project=crew.project, pk=item.pk, by=crew.consultant, version=1, values={"name": "Baar"})

    with pytest.raises(StaleRecord) as stale:
        scope.change_item(project=crew.project, pk=item.pk, by=crew.manager, version=1, values={"name": "Cham"})
    with pytest.raises(StaleRecord):
        scope.remove_item(project=crew.project, pk=item.pk, by=crew.manager, version=1)
    assert stale.value.current.name == "Baar" and ScopeItem.objects.get().name == "Baar"


def test_items_change_places_among_those_of_their_kind_only(crew, put):
    first, _between, second, third = put("unit", "A"), put("site", "Zug"), put("unit", "B"), put("unit", "C")

    def order():
        return [row.item.name for row in paper(crew).rows(ScopeKind.UNIT)]

    scope.move_item(project=crew.project, pk=third.pk, by=crew.manager, up=True)
    assert order() == ["A", "C", "B"] and "A, C and B" in now(crew).statement
    scope.move_item(project=crew.project, pk=second.pk, by=crew.manager, up=False)
    scope.move_item(project=crew.project, pk=first.pk, by=crew.manager, up=True)
    assert order() == ["A", "C", "B"]
    scope.move_item(project=crew.project, pk=first.pk, by=crew.manager, up=False)
    assert order() == ["C", "A", "B"]


def test_a_removed_item_leaves_list_and_words_and_stays_in_history_and_journal(crew, put):
    item, _other = put("site", "Zug"), put("site", "Baar")

    scope.remove_item(project=crew.project, pk=item.pk, by=crew.consultant, version=1)

    assert [row.item.name for row in paper(crew).included] == ["Baar"] and "Zug" not in now(crew).statement
    assert ScopeItem.history.filter(id=item.pk, history_type="-").get().history_user_id == crew.consultant.pk
    assert JournalEntry.objects.get(action="scope.item_removed").changes["name"] == "Zug"
    assert crew.consultant.pk in selectors.authors(now(crew))
    with pytest.raises(RuleBroken, match="removed this item in the meantime"):
        scope.change_item(project=crew.project, pk=item.pk, by=crew.manager, version=1, values={"name": "X"})


@pytest.mark.parametrize(
    ("kind", "values", "says", "field"),
    [
        ("unit", {"name": "  "}, "needs a name", "name"),
        ("unit", {"name": "Shop", "is_included": False}, "needs a justification", "justification"),
        (
            "unit",
            {"name": "Shop", "is_included": False, "justification": "  "},
            "needs a justification",
            "justification",
        ),
        ("unit", {"name": "taken"}, "already among these items", "name"),
        ("unit", {"name": "Shop", "standards": ["iso-14001-2026"]}, "standards of this project", "standards"),
        ("requirement", {"name": "8.3", "justification": "None", "standards": []}, "whose requirement", "standards"),
        ("requirement", {"name": "8.3", "standards": ["iso-9001-2026"]}, "needs a justification", "justification"),
        (
            "requirement",
            {"name": "9.2", "justification": "Small.", "standards": ["iso-9001-2026", "iso-27001-2022"]},
            "No requirement of ISO/IEC 27001:2022 may be left out",
            "standards",
        ),
        ("unit", {"name": "x" * 201}, "at most 200", "name"),
        ("unit", {"name": "x", "description": "x" * 2001}, "at most 2000", "description"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_at_its_place(crew, standards, put, kind, values, says, field):
    put("unit", "Taken")

    with pytest.raises(RuleBroken, match=says) as refused:
        scope.add_item(project=crew.project, by=crew.manager, kind=kind, values=values)
    assert refused.value.field == field
    assert ScopeItem.objects.count() == 1


def test_a_refused_first_item_begins_nothing(crew, put):
    with pytest.raises(RuleBroken):
        put("unit", "Shop", is_included=False)
    assert not ScopeStatement.objects.exists() and "scope.begun" not in entries(crew)


def test_iso_9001_lets_a_requirement_not_apply_with_a_justification(crew, standards, put):
    item = put("requirement", "8.3 Design", justification="Customers own it.", standards=["iso-9001-2026"])

    assert not item.is_included
    assert "– ISO 9001:2026, 8.3 Design: Customers own it." in now(crew).statement


def test_a_scope_has_an_end(crew, put, monkeypatch):
    monkeypatch.setattr(scope, "MOST_ITEMS", 2)
    put("unit", "A"), put("unit", "B")

    with pytest.raises(RuleBroken, match="at most 2 items"):
        put("unit", "C")


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"kind": "unit", "name": "A", "is_included": False}, "justified"),
        ({"kind": "unit", "name": ""}, "name"),
        ({"kind": "planet", "name": "A"}, "kind"),
        ({"kind": "interface", "name": "A", "is_included": False, "justification": "x"}, "interface"),
        ({"kind": "requirement", "name": "A", "is_included": True}, "requirement"),
        ({"kind": "site", "name": "Zug"}, "once"),
    ],
)
def test_the_database_promises_it_too(crew, put, values, constraint):
    put("site", "Zug")

    with pytest.raises(IntegrityError), transaction.atomic():
        ScopeItem.objects.bulk_create([ScopeItem(organization_id=crew.project.organization_id, project=crew.project,
                                                 scope=now(crew), **values)])  # fmt: skip
    assert ScopeItem.objects.count() == 1


@pytest.mark.parametrize("who", ["boss", "auditor", "certifier", "staff", "stranger"])
def test_only_who_manages_the_project_writes(crew, put, who):
    item, person = put("site", "Zug"), getattr(crew, who)
    here = {"project": crew.project, "by": person}

    for attempt in (
        lambda: put("unit", "A", by=person),
        lambda: scope.change_item(**here, pk=item.pk, version=1, values={"name": "B"}),
        lambda: scope.move_item(**here, pk=item.pk, up=True),
        lambda: scope.remove_item(**here, pk=item.pk, version=1),
        lambda: say(crew, "Mine.", by=person),
        lambda: scope.take_generated(**here, version=now(crew).version, seen=paper(crew).seen),
    ):
        with pytest.raises(NotPermitted):
            attempt()
    assert [one.name for one in ScopeItem.objects.all()] == ["Zug"]


# ---- words -------------------------------------------------------------------------------------------------------


def test_edited_words_stay_whatever_the_items_do_and_the_page_knows(crew, put):
    item = put("site", "Zug")
    say(crew, "We cover Zug.\n\n  ")
    assert (now(crew).statement, now(crew).is_edited, paper(crew).is_outdated) == ("We cover Zug.", True, False)

    put("site", "Baar")
    scope.remove_item(project=crew.project, pk=item.pk, by=crew.manager, version=1)

    assert now(crew).statement == "We cover Zug." and paper(crew).is_outdated
    assert "Baar" in paper(crew).generated


def test_who_keeps_the_edited_words_says_so_for_the_items_they_saw(crew, put):
    put("site", "Zug")
    say(crew, "Ours.")
    put("site", "Baar")
    seen = paper(crew).seen
    put("site", "Cham")

    say(crew, "Ours.", seen=seen)
    assert paper(crew).is_outdated
    say(crew, "Ours.")
    assert not paper(crew).is_outdated and now(crew).statement == "Ours."
    assert entries(crew)[-1] == "scope.confirmed"


def test_the_text_of_the_items_is_taken_only_by_who_saw_both(crew, put):
    put("site", "Zug")
    say(crew, "Ours.")
    put("site", "Baar")
    version, seen = now(crew).version, paper(crew).seen
    put("site", "Cham")

    for old in ({"version": version, "seen": seen}, {"version": version - 1, "seen": paper(crew).seen}):
        with pytest.raises(RuleBroken, match="Compare the two texts again"):
            scope.take_generated(project=crew.project, by=crew.manager, **old)
    assert now(crew).statement == "Ours."

    scope.take_generated(project=crew.project, by=crew.manager, version=now(crew).version, seen=paper(crew).seen)
    assert "Zug, Baar and Cham" in now(crew).statement and not now(crew).is_edited
    assert JournalEntry.objects.get(action="scope.changed", changes__statement__0="Ours.").changes["statement"][1]
    put("unit", "Sales")
    assert "Sales" in now(crew).statement


def test_who_saves_over_a_newer_statement_is_told_and_nothing_is_lost(crew, put):
    put("site", "Zug")
    version = now(crew).version
    say(crew, "Theirs.", by=crew.consultant)

    with pytest.raises(StaleRecord) as stale:
        say(crew, "Mine.", version=version)
    assert stale.value.current.statement == "Theirs." == now(crew).statement


def test_an_item_that_moves_the_words_meanwhile_is_a_newer_version_too(crew, put):
    put("site", "Zug")
    version = now(crew).version
    put("site", "Baar")

    with pytest.raises(StaleRecord):
        say(crew, "Mine.", version=version)


@pytest.mark.parametrize(("words", "says"), [("  \n ", "is empty"), ("x" * 10_001, "at most 10000")])
def test_words_that_are_none_or_too_many_are_refused(crew, put, words, says):
    put("site", "Zug")
    before = now(crew).statement
    with pytest.raises(RuleBroken, match=says):
        say(crew, words)
    assert now(crew).statement == before


def test_words_may_come_before_any_item(crew):
    scope.write(project=crew.project, by=crew.manager, version=0, statement="First words.")
    with pytest.raises(StaleRecord):
        scope.write(project=crew.project, by=crew.consultant, version=0, statement="Also first.")
    assert now(crew).statement == "First words."


def test_the_generated_statement_names_everything_in_whole_sentences(crew, standards, put):
    put("unit", "Sales"), put("unit", "Production"), put("product", "Pumps, valves")
    put("product", "Repairs", standards=["iso-9001-2026"])
    put("process", "Purchasing"), put("system", "ERP"), put("site", "Zug")
    put("interface", "Hosting", party="Cloud AG")
    put("site", "Shop", is_included=False, justification="Let to\n others.", standards=["iso-27001-2022"])
    put("unit", "Dental", is_included=False, justification="Sold.")

    name = crew.project.organization.name
    assert now(crew).statement == (
        f"The integrated management system of {name} follows ISO 9001:2026 and ISO/IEC 27001:2022.\n\n".replace(
            "ISO 9001:2026 and ISO/IEC 27001:2022", scope_text.enumerated(paper(crew).codes)
        )
        + "It covers these products and services: Pumps, valves; Repairs (ISO 9001:2026 only).\n\n"
        "It covers these units and functions: Sales and Production.\n\n"
        "It covers these processes: Purchasing.\n\n"
        "It applies at these sites and places of work: Zug.\n\n"
        "It includes these systems and technologies: ERP.\n\n"
        "Its interfaces with others and dependencies on them are: Hosting (Cloud AG).\n\n"
        "Outside the scope are:\n– Dental: Sold.\n– Shop (ISO/IEC 27001:2022 only): Let to others."
    )


@pytest.mark.parametrize(("language", "words"), [("de", "Standorte"), ("fr", "sites")])
def test_the_statement_speaks_the_language_of_the_organization(crew, put, language, words):
    crew.project.organization.language = language
    put("site", "Zug")

    assert words in now(crew).statement and "It applies" not in now(crew).statement


def test_a_very_long_list_still_gives_a_statement(crew, put, monkeypatch):
    monkeypatch.setattr(scope_text, "LONGEST", 400)
    for n in range(3):
        put("site", f"Site {n}", is_included=False, justification=f"{n} reason " * 30)
    assert "– Site 2" in now(crew).statement and "reason" not in now(crew).statement
    for n in range(9):
        put("unit", f"Unit with a rather long name {n}" * 2)
    assert len(now(crew).statement) <= 400 and now(crew).statement.endswith("…")


# ---- what is signed ----------------------------------------------------------------------------------------------


def test_the_snapshot_holds_what_the_document_says_and_no_word_of_a_translation(crew, standards, put):
    put("unit", "Sales", description="All of it")
    put("site", "Shop", is_included=False, justification="Let.", standards=["iso-9001-2026"])
    put("interface", "Hosting", party="Cloud AG", description="Contract")
    put("requirement", "8.3", justification="None.", standards=["iso-9001-2026"])

    found = json.loads(canonical(selectors.snapshot(now(crew))))

    assert found["organization"] == crew.project.organization.name and found["statement"] == now(crew).statement
    assert sorted(found["standards"]) == ["ISO 9001:2026", "ISO/IEC 27001:2022"]
    assert found["units"] == [{"name": "Sales", "description": "All of it", "standards": "", "is_included": True}]
    assert found["sites"] == [{"name": "Shop", "description": "", "standards": "ISO 9001:2026", "is_included": False,
                               "justification": "Let."}]  # fmt: skip
    assert found["interfaces"] == [{"name": "Hosting", "party": "Cloud AG", "description": "Contract", "standards": ""}]
    assert found["requirements"] == [
        {"name": "8.3", "description": "", "standards": "ISO 9001:2026", "justification": "None."}
    ]


def test_the_document_says_everything_escaped_and_links_nowhere(crew, standards, put):
    put("unit", "<script>alert(1)</script>", description="Whole & round")
    put("site", "Shop", is_included=False, justification="Let to others.")
    put("requirement", "8.3", justification="Not ours.", standards=["iso-9001-2026"])
    html = subjects.of("scope").document(now(crew))

    assert "<script" not in html and "&lt;script&gt;" in html
    assert "<a " not in html and "src=" not in html
    for word in ("Whole &amp; round", "Let to others.", "Not ours.", "ISO 9001:2026", "Technological boundary"):
        assert word in html, word


def test_the_document_speaks_the_language_of_the_organization_whoever_asks(crew, put):
    crew.project.organization.language = "de"
    put("site", "Zug")
    found = now(crew)

    html = subjects.of("scope").document(found)
    assert "Physische Grenze" in html and "Physical boundary" not in html


def test_what_is_missing_is_said_with_the_place_to_mend_it(crew, standards, put):
    def wanting():
        return subjects.of("scope").obstacles(now(crew))

    put("site", "Shop", is_included=False, justification="Let.")
    assert [one.url for one in wanting()] == [crew.url("scope-items")] and "Nothing is in the scope" in wanting()[0]
    put("site", "Zug")
    assert wanting() == []
    say(crew, "Ours.")
    assert wanting() == []
    put("unit", "Sales")
    assert len(wanting()) == 1 and "older than its items" in wanting()[0]
    assert wanting()[0].url == crew.url("scope-statement")
    with pytest.raises(RuleBroken, match="older than its items"):
        ask_for(crew)


def test_an_empty_statement_and_a_requirement_that_lost_its_standard_stand_in_the_way(crew, standards, put):
    put("site", "Zug")
    put("requirement", "8.3", justification="None.", standards=["iso-9001-2026"])
    ProjectStandard.objects.filter(project=crew.project, standard__slug="iso-9001-2026").delete()
    found = now(crew)
    found.statement = ""

    says = subjects.of("scope").obstacles(found)

    assert "belongs to no standard" in says[0] and "statement is empty" in says[1] and len(says) == 2


def test_other_standards_make_the_statement_older_than_what_it_is_made_from(crew, standards, put):
    put("site", "Zug")
    ProjectStandard.objects.filter(project=crew.project, standard__slug="iso-9001-2026").delete()

    assert paper(crew).is_outdated and "follows ISO/IEC 27001:2022." in paper(crew).generated


# ---- approved ----------------------------------------------------------------------------------------------------


def test_top_management_approves_the_scope_and_the_gate_turns_green(crew, put):
    step = PlanStep.objects.select_related("project__organization").get(project=crew.project)
    PlanStep.objects.filter(pk=step.pk).update(code="scope")
    step.code = "scope"

    def gate():
        return next(one for one in gates.criteria_of(step) if "scope is approved" in str(one.label))

    assert not gate().is_met and gate().url == crew.url("scope")
    put("site", "Zug")
    assert not gate().is_met
    approval = ask_for(crew)
    assert not gate().is_met and "Boss Person" in gate().reason

    signature = sign(approval, crew.boss)

    assert gate().is_met and gate().url == approval.get_absolute_url()
    assert signature.meaning == "I approve this scope with its exclusions, on behalf of top management."
    assert list(faults(crew.project.organization)) == []


def test_nobody_approves_a_scope_they_wrote_a_line_of(crew, put):
    item = put("site", "Zug")
    ScopeItem.objects.filter(pk=item.pk).update(created_by=crew.boss)

    with pytest.raises(RuleBroken, match="somebody else has to decide"):
        ask_for(crew)
    assert subjects.of("scope").authors(now(crew)) == {crew.manager.pk, crew.boss.pk}


def test_a_change_of_an_item_voids_an_open_request_even_where_the_words_stay(crew, put):
    put("site", "Zug")
    say(crew, "Ours.")
    approval = ask_for(crew)

    put("interface", "Hosting", by=crew.consultant)

    approval.refresh_from_db()
    assert approval.status == ApprovalStatus.VOID and "Consultant Person changed it" in approval.ended_because


def test_a_change_of_the_words_voids_an_open_request(crew, put):
    put("site", "Zug")
    approval = ask_for(crew)

    say(crew, "Ours.")

    approval.refresh_from_db()
    assert approval.status == ApprovalStatus.VOID


def test_a_change_after_the_approval_makes_it_stale_and_the_next_one_counts_up(crew, put):
    put("site", "Zug")
    sign(ask_for(crew), crew.boss)

    put("site", "Baar")

    assert standing(crew).is_stale and standing(crew).differs == 2  # a row of the sites, and the words
    sign(ask_for(crew), crew.boss)
    assert standing(crew).is_approved and standing(crew).in_force.edition == 2


@pytest.mark.django_db(transaction=True)
def test_other_standards_void_an_open_request(crew, put):
    standard = make_standard("iso-9001-2026", "ISO 9001:2026")
    put("site", "Zug")
    approval = ask_for(crew)

    settings.change(
        project=crew.project, by=crew.consultant, version=crew.project.version,
        values={}, standards=[standard],
    )  # fmt: skip

    approval.refresh_from_db()
    assert approval.status == ApprovalStatus.VOID and "Consultant Person changed it" in approval.ended_because


def test_the_scope_is_found_by_its_words_and_those_of_its_items(crew, put):
    put("site", "Shop", is_included=False, justification="Let to others.")
    kind = kinds.of("scope")
    draft = kind.draft(kind.rows().get(pk=now(crew).pk))

    assert "Let to others." in draft.texts and "Shop" in draft.texts and now(crew).statement in draft.texts
    entry = JournalEntry.objects.get(action="scope.item_added")
    assert list(kind.rows().filter(kind.also(entry))) == [now(crew)]


def test_nothing_of_one_project_lies_in_anothers_scope(crew, put):
    item = put("site", "Zug")

    assert selectors.of_project(crew.other) is None
    assert selectors.item(crew.other, item.pk) is None and selectors.kind_once_here(crew.other, item.pk) is None
    with pytest.raises(RuleBroken, match="removed"):
        scope.change_item(project=crew.other, pk=item.pk, by=crew.stranger, version=1, values={"name": "Foul"})
    assert Project.objects.get(pk=crew.project.pk).scope.items.get().name == "Zug"


def test_the_scope_in_one_line_fills_texts_that_name_it(crew):
    assert placeholders.value_of("scope", crew.project) == ""
    add = {"project": crew.project, "by": crew.manager}
    scope.add_item(**add, kind="site", values={"name": "Plant Lucerne"})
    scope.add_item(**add, kind="process", values={"name": "Assembly"})
    scope.add_item(**add, kind="product", values={"name": "Infusion pumps"})
    scope.add_item(**add, kind="site", values={"name": "Depot", "is_included": False, "justification": "Let to others"})

    assert placeholders.value_of("scope", crew.project) == "Infusion pumps; Plant Lucerne"
