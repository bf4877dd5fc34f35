"""The pages of the scope: six questions each, what is kept of what was typed, the choice of words, and their budgets."""

from __future__ import annotations

import pytest
from django.urls import reverse

from approvals.services import request
from context.models import ScopeItem, ScopeStatement
from context.selectors import scope as selectors
from context.services import scope
from projects.models import PlanStep
from tests.context.conftest import sign
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db
READERS = ("scope",)
EDITORS = ("scope-statement", "scope-items")


def now(crew):
    return selectors.of_project(crew.project)


def approve(crew):
    approval = request.ask(
        kind="scope", project=crew.project, pk=now(crew).pk, by=crew.manager, steps=[request.Planned([crew.boss])]
    )
    sign(approval, crew.boss)


def posted(version=0, **values):
    return {"version": version, "name": "Hall 3", "description": "", "where": "in", "justification": "", **values}


# ---- six questions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["manager", "consultant", "boss", "auditor", "certifier"])
def test_whoever_reads_the_project_reads_its_scope(crew, standards, put, who):
    put("unit", "Production", description="Three shifts")
    put("site", "Shop", is_included=False, justification="Let to others.")
    put("interface", "Hosting", party="Cloud AG")
    page = crew.client(who).get(crew.url("scope")).content.decode()

    for word in (
        "Production",
        "Three shifts",
        "Let to others.",
        "Cloud AG",
        "Not approved yet",
        "Statement of Applicability",
    ):
        assert word in page, word
    may_edit = who in ("manager", "consultant")
    assert ("Ask for approval" in page) == may_edit
    assert (crew.url("scope-items") in page) == may_edit and (crew.url("scope-statement") in page) == may_edit


@pytest.mark.parametrize(
    ("who", "read", "edit"),
    [("boss", 200, 403), ("auditor", 200, 403), ("certifier", 200, 403), ("staff", 403, 403), ("stranger", 404, 404)],
)
def test_who_may_open_and_send_what(crew, put, who, read, edit):
    item = put("site", "Zug")
    client = crew.client(who)
    one = crew.url("scope-item", pk=item.pk)
    new = crew.url("scope-item-add", kind="site")

    assert client.get(crew.url("scope")).status_code == read
    for address in (crew.url("scope-statement"), crew.url("scope-items"), one, new, f"{one}remove/"):
        assert client.get(address).status_code == edit, address
    for address, data in (
        (one, posted(1, name="Foul")), (new, posted(name="Foul")), (f"{one}remove/", {"version": 1}), (f"{one}move/", {"to": "up"}),
        (crew.url("scope-statement"), {"version": now(crew).version, "statement": "Foul"}),
        (crew.url("scope-take"), {"version": now(crew).version, "seen": "x"}),
    ):  # fmt: skip
        assert client.post(address, data).status_code == edit, address
    assert [one.name for one in ScopeItem.objects.all()] == ["Zug"] and "Foul" not in now(crew).statement


def test_an_item_of_another_project_is_not_found_in_mine(crew, put):
    item = put("site", "Zug")
    client = crew.client("stranger")
    foreign = reverse("context:scope-item", kwargs={**crew.other.address, "pk": item.pk})

    assert client.get(foreign).status_code == 404 and client.post(foreign, posted(1)).status_code == 404
    for name, data in (("remove", {"version": 1}), ("move", {"to": "up"})):
        assert client.post(f"{foreign}{name}/", data).status_code == 404
    page = client.get(reverse("context:scope", kwargs=crew.other.address)).content
    assert b"Zug" not in page and b"No scope yet" in page


@pytest.mark.parametrize("pk", [999_999, 10**25])
def test_an_item_that_never_was_is_not_found(crew, put, pk):
    put("site", "Zug")
    client = crew.client("manager")
    one = crew.url("scope-item", pk=pk)

    answers = [client.get(one), client.post(one, posted()), client.post(f"{one}move/"), client.get(f"{one}remove/")]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert client.get(crew.url("scope-item-add", kind="planet")).status_code == 404


def test_other_methods_are_refused(crew, put):
    item = put("site", "Zug")
    client = crew.client("manager")
    one = crew.url("scope-item", pk=item.pk)

    assert [getattr(client, verb)(crew.url("scope")).status_code for verb in ("post", "put", "delete")] == [405] * 3
    assert client.post(crew.url("scope-items")).status_code == 405
    assert [client.get(address).status_code for address in (f"{one}move/", crew.url("scope-take"))] == [405] * 2
    for address in (one, f"{one}remove/", crew.url("scope-statement")):
        assert [getattr(client, verb)(address).status_code for verb in ("put", "delete")] == [405] * 2
    assert ScopeItem.objects.exists()


def test_before_anybody_began_the_page_says_what_it_is_for(crew):
    page = crew.client("manager").get(crew.url("scope")).content.decode()
    assert "No scope yet" in page and crew.url("scope-items") in page

    page = crew.client("boss").get(crew.url("scope")).content.decode()
    assert "No scope yet" in page and crew.url("scope-items") not in page
    assert crew.client("manager").get(crew.url("scope-items")).status_code == 200
    assert crew.client("manager").get(crew.url("scope-statement")).status_code == 200
    assert not ScopeStatement.objects.exists()


# ---- items -------------------------------------------------------------------------------------------------------


def test_an_item_is_added_and_another_one_may_follow_at_once(crew, standards):
    new = crew.url("scope-item-add", kind="site")
    client = crew.client("manager")

    answer = client.post(new, posted(where="out", justification=" Let. ", standards=["iso-9001-2026"], another="1"))

    assert answer.status_code == 303 and answer["Location"] == new
    item = ScopeItem.objects.get()
    assert (item.kind, item.name, item.is_included, item.justification, item.standards) == (
        "site", "Hall 3", False, "Let.", ["iso-9001-2026"],
    )  # fmt: skip
    assert client.post(new, posted(name="Zug"))["Location"] == f"{crew.url('scope-items')}#site"


def test_what_is_wrong_is_said_and_everything_typed_is_kept(crew, standards):
    answer = crew.client("manager").post(
        crew.url("scope-item-add", kind="site"),
        posted(where="out", description="Kept words", standards=["iso-27001-2022"]),
    )
    page = answer.content.decode()

    assert answer.status_code == 422 and not ScopeItem.objects.exists()
    assert "an exclusion needs a justification" in page and "Kept words" in page and 'value="Hall 3"' in page


def test_what_the_standards_say_stands_beside_an_exclusion_while_it_is_written(crew, standards, put):
    client = crew.client("manager")
    says = "No requirement of clauses 4 to 10 may be left out."

    for kind in ("unit", "site", "requirement"):
        assert says in client.get(crew.url("scope-item-add", kind=kind)).content.decode(), kind
    assert says not in client.get(crew.url("scope-item-add", kind="interface")).content.decode()
    answer = client.post(
        crew.url("scope-item-add", kind="requirement"),
        posted(name="9.2 Internal audit", justification="Small.", standards=["iso-27001-2022"]),
    )
    assert (
        answer.status_code == 422 and "No requirement of ISO/IEC 27001:2022 may be left out" in answer.content.decode()
    )


def test_over_somebody_elses_newer_save_both_texts_are_shown_and_mine_can_win(crew, put):
    item = put("site", "Zug")
    scope.change_item(
        project=crew.project, pk=item.pk, by=crew.consultant, version=1,
        values={"name": "Theirs", "is_included": False, "justification": "Sold."},
    )  # fmt: skip
    one = crew.url("scope-item", pk=item.pk)

    answer = crew.client("manager").post(one, posted(1, name="Mine"))
    page = answer.content.decode()

    assert answer.status_code == 422 and ScopeItem.objects.get().name == "Theirs"
    for text in ("Mine", "Theirs", "Sold.", "Consultant Person", "In the scope", "Left out"):
        assert text in page, text
    assert crew.client("manager").post(one, posted(2, name="Mine")).status_code == 303
    assert ScopeItem.objects.get().name == "Mine"


def test_over_a_removal_the_typed_text_comes_back_to_be_added_anew(crew, put):
    item = put("site", "Zug")
    scope.remove_item(project=crew.project, pk=item.pk, by=crew.consultant, version=1)

    answer = crew.client("manager").post(
        crew.url("scope-item", pk=item.pk), posted(1, name="Zug", description="Much work")
    )
    page = answer.content.decode()

    assert answer.status_code == 422 and "removed this item in the meantime" in page and "Much work" in page
    assert f'action="{crew.url("scope-item-add", kind="site")}"' in page
    assert crew.client("manager").get(crew.url("scope-item", pk=item.pk)).status_code == 404


def test_items_are_moved_and_removed_by_plain_forms(crew, put):
    first, second = put("site", "Zug"), put("site", "Baar")
    client = crew.client("manager")

    answer = client.post(crew.url("scope-item-move", pk=second.pk), {"to": "up"})
    assert answer.status_code == 303 and answer["Location"] == f"{crew.url('scope-items')}#site"
    page = client.get(crew.url("scope-items")).content.decode()
    assert page.index("Baar") < page.index("Zug")

    sure = crew.url("scope-item-remove", pk=first.pk)
    assert "Remove “Zug”?" in client.get(sure).content.decode() and ScopeItem.objects.count() == 2
    assert client.post(sure, {"version": 1}).status_code == 303
    assert [one.name for one in ScopeItem.objects.all()] == ["Baar"]


def test_what_changed_meanwhile_is_not_removed_unseen(crew, put):
    item = put("site", "Zug")
    scope.change_item(project=crew.project, pk=item.pk, by=crew.consultant, version=1, values={"name": "Baar"})

    answer = crew.client("manager").post(crew.url("scope-item-remove", pk=item.pk), {"version": 1})

    assert answer.status_code == 422 and b"changed in the meantime" in answer.content and ScopeItem.objects.exists()


@pytest.mark.parametrize(
    "data", [{}, {"version": "x"}, {"version": 1, "name": "a\x00b", "where": "in"}, {"version": 1, "where": "sideways"}]
)
def test_a_crooked_form_gets_an_answer_and_changes_nothing(crew, put, data):
    item = put("site", "Zug")
    client = crew.client("manager")

    for address in (
        crew.url("scope-item", pk=item.pk),
        crew.url("scope-statement"),
        crew.url("scope-item-add", kind="unit"),
    ):
        assert client.post(address, data).status_code == 422, address
    assert client.post(crew.url("scope-take"), data).status_code == 303
    assert [one.name for one in ScopeItem.objects.all()] == ["Zug"] and "Zug" in now(crew).statement


# ---- words -------------------------------------------------------------------------------------------------------


def test_both_texts_stand_side_by_side_and_a_person_chooses(crew, put):
    put("site", "Zug")
    client = crew.client("manager")
    seen = selectors.paper_of(now(crew)).seen
    sent = {"version": now(crew).version, "seen": seen, "statement": "Our own words."}
    assert client.post(crew.url("scope-statement"), sent).status_code == 303
    put("site", "Baar")

    page = client.get(crew.url("scope-statement"))
    text = page.content.decode()
    assert "Our own words." in text and "Zug and Baar" in text and "Keep this text" in text
    assert "older than its items" in client.get(crew.url("scope")).content.decode()
    assert now(crew).statement == "Our own words."

    stale = {"version": now(crew).version, "seen": seen}
    assert "Compare the two texts again" in client.post(crew.url("scope-take"), stale, follow=True).content.decode()
    assert now(crew).statement == "Our own words."
    chosen = {"version": now(crew).version, "seen": page.context["paper"].seen}
    assert "says now what the items give" in client.post(crew.url("scope-take"), chosen, follow=True).content.decode()
    assert "Zug and Baar" in now(crew).statement


def test_over_a_newer_statement_both_texts_are_shown_and_mine_can_win(crew, put):
    put("site", "Zug")
    version = now(crew).version
    scope.write(project=crew.project, by=crew.consultant, version=version, statement="Theirs.")
    client = crew.client("manager")

    answer = client.post(crew.url("scope-statement"), {"version": version, "statement": "Mine."})
    page = answer.content.decode()
    assert answer.status_code == 422 and now(crew).statement == "Theirs."
    for text in ("Mine.", "Theirs.", "Consultant Person"):
        assert text in page, text

    again = client.post(crew.url("scope-statement"), {"version": version + 1, "statement": "Mine."})
    assert again.status_code == 303 and now(crew).statement == "Mine."


# ---- in the plan, and what it costs ------------------------------------------------------------------------------


def test_the_step_shows_the_scope_and_how_it_stands(crew, put):
    PlanStep.objects.filter(project=crew.project).update(code="scope")
    address = reverse("projects:step-detail", kwargs={**crew.project.address, "number": "1.1"})

    def page(who):
        return crew.client(who).get(address).content.decode()

    assert "Begin the scope" in page("manager") and "Begin the scope" not in page("auditor")
    put("site", "Zug")
    assert "Not approved yet" in page("manager") and "Ask for approval" in page("manager")
    assert "Ask for approval" not in page("boss") and "1 item in the scope" in page("boss")
    approve(crew)
    assert "edition 1" in page("auditor") and "Ask for approval" not in page("manager")
    put("site", "Baar")
    assert "Differs from what was approved" in page("manager")


@pytest.mark.parametrize(
    ("name", "most"),
    [("scope", 15), ("scope-items", 9), ("scope-statement", 9), ("scope-item", 8), ("scope-item-remove", 8)],
)
def test_a_page_costs_the_same_few_queries_with_many_items(crew, standards, put, name, most):
    first = put("site", "Zug")
    approve(crew)
    client = crew.client("manager")
    address = crew.url(name, pk=first.pk) if "item" in name and name != "scope-items" else crew.url(name)
    client.get(address)
    with queries(most) as sent:
        client.get(address)

    for n in range(40):
        put(("unit", "site", "system", "interface")[n % 4], f"Item {n}", standards=["iso-9001-2026"])

    with queries(len(sent), exactly=True):
        client.get(address)
