"""The page of search: groups, pages, the way straight to a number, suggestions, and what hostile text does."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.permissions import Role
from search import kinds
from search.kinds import Draft, Everybody, InProject, Kind
from search.selectors import find
from search.selectors import sight as sights
from tests.factories.projects import grant, make_organization, make_project, make_task, make_user
from tests.helpers.budget import count_queries, queries

pytestmark = pytest.mark.django_db

SUGGEST = {"HX-Request": "true", "HX-Target": "search-suggestions"}


@pytest.fixture
def project():
    return make_project(make_organization("acme", name="Acme"), "ims", name="Rollout")


@pytest.fixture
def other():
    return make_project(make_organization("zenith", name="Zenith"), "ims", name="Renewal")


@pytest.fixture
def manager(project, other):
    person = make_user(name="Mia Manager")
    for one in (project, other):
        grant(person, Role.PROJECT_MANAGER, one)
    return person


@pytest.fixture
def client(manager, as_person):
    return as_person(manager)


def test_results_stand_in_groups_with_counts_project_and_client(project, other, client, filled):
    make_task(project, "Check the gauge")
    make_task(other, "Check the gauges", description="Twice a year")
    filled()

    html = client.get("/search/", {"q": "gauge"}).content.decode()

    assert "2 found" in html and 'href="?q=gauge&amp;group=tasks"' in html
    assert "Acme · Rollout" in html and "Zenith · Renewal" in html
    assert 'href="/org/acme/ims/tasks/T-001/"' in html and "Check the <mark>gauge</mark>" in html
    assert "<h2" in html and "Tasks</h2>" in html


def test_all_words_have_to_occur_and_the_last_may_be_a_beginning(project, manager, ask, filled):
    make_task(project, "Calibrate the gauge", description="with the reference")
    make_task(project, "Gauge only")
    filled()

    assert ask(manager, "gauge refer")["tasks"] == ["Calibrate the gauge"]
    assert ask(manager, "refer gauge") == {}
    assert ask(manager, "gauge refer ") == {}, "a space ends the word"


def test_accents_and_capitals_do_not_matter(project, manager, ask, filled):
    make_task(project, "Prüfung der Wärmebehandlung")
    filled()

    for text in ("prufung", "PRÜFUNG", "Prüf", "warmebehandlung"):
        assert ask(manager, text)["tasks"] == ["Prüfung der Wärmebehandlung"], text


def test_titles_come_before_texts_and_the_current_project_before_all(project, other, manager, ask, filled):
    make_task(project, "Prepare", description="the gauge")
    make_task(project, "The gauge of the second hall")
    make_task(project, "Gauge of the first hall")
    make_task(other, "Gauge")
    filled()

    assert ask(manager, "gauge")["tasks"] == [
        "Gauge", "Gauge of the first hall", "The gauge of the second hall", "Prepare",
    ]  # fmt: skip
    assert ask(manager, "gauge", "zenith/ims")["tasks"][0] == "Gauge"
    assert ask(manager, "gauge", "acme/ims")["tasks"] == [
        "Gauge of the first hall", "The gauge of the second hall", "Prepare", "Gauge",
    ]  # fmt: skip


# ---- numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["T-001", "t1", "t-1", "T 001", "t001"])
def test_a_number_leads_straight_to_its_record_in_the_current_project(text, project, other, client, filled):
    make_task(project, "First"), make_task(other, "First elsewhere")
    filled()

    answer = client.get("/search/", {"q": text, "in": "acme/ims"})

    assert (answer.status_code, answer["Location"]) == (303, "/org/acme/ims/tasks/T-001/")


def test_a_number_that_several_projects_have_is_a_list_and_the_only_one_is_opened(project, other, client, filled):
    make_task(project, "First"), make_task(other, "First elsewhere"), make_task(other, "Second elsewhere")
    filled()

    assert client.get("/search/", {"q": "T-002"})["Location"] == "/org/zenith/ims/tasks/T-002/"
    assert client.get("/search/", {"q": "T-002", "in": "acme/ims"})["Location"] == "/org/zenith/ims/tasks/T-002/"
    html = client.get("/search/", {"q": "T-001"}).content.decode()
    assert "First elsewhere" in html and 'href="/org/acme/ims/tasks/T-001/"' in html


def test_a_number_of_a_project_one_does_not_belong_to_leads_nowhere(project, as_person, filled):
    make_task(project, "First")
    filled()

    answer = as_person(make_user()).get("/search/", {"q": "T-001", "in": "acme/ims"})

    assert answer.status_code == 200 and "Nothing found" in answer.content.decode()


def test_the_number_of_a_step_stands_first(project, manager, ask, filled):
    filled()

    assert ask(manager, "1.1")["steps"] == ["Step 1", "Step 1"]
    assert list(ask(manager, "1.1.2", "acme/ims")) == ["activities"]


# ---- typing mistakes ---------------------------------------------------------------------------------------------


def test_a_slip_of_the_finger_is_found_and_named(project, client, filled):
    make_task(project, "Calibration of the gauge")
    filled()

    html = client.get("/search/", {"q": "calibraton gague"}).content.decode()

    assert "Calibration" in html and "Did you mean" in html and 'href="?q=calibration+gauge"' in html


def test_what_is_found_exactly_is_not_mixed_with_what_is_similar(project, manager, ask, filled):
    make_task(project, "Audit")
    make_task(project, "Audio")
    filled()

    assert ask(manager, "audit")["tasks"] == ["Audit"]


# ---- pages -------------------------------------------------------------------------------------------------------


def test_a_group_is_read_page_by_page_and_every_row_once(project, client, filled):
    for k in range(45):
        make_task(project, f"Gauge {k:02}")
    filled()
    seen = []
    for page in ("1", "2", "3"):
        answer = client.get("/search/", {"q": "gauge", "group": "tasks", "page": page})
        seen += [hit.title for part in answer.context["shown"] for hit in part.hits]
    assert sorted(seen) == [f"Gauge {k:02}" for k in range(45)]
    assert "Page 3 of 3" in answer.content.decode() and "45 found" in answer.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "²", "9" * 40])
def test_a_page_that_is_none_answers_all_the_same(page, project, client, filled):
    make_task(project, "Gauge")
    filled()

    assert client.get("/search/", {"q": "gauge", "group": "tasks", "page": page}).status_code == 200
    assert client.get("/search/", {"q": "gauge", "group": "unheard-of", "page": page}).status_code == 200


def test_more_than_are_counted_are_said_to_be_more(project, client, filled, monkeypatch):
    monkeypatch.setattr(find, "MOST", 4)
    for k in range(6):
        make_task(project, f"Gauge {k}")
    filled()

    assert "4+ found: add a word to narrow it down" in client.get("/search/", {"q": "gauge"}).content.decode()


def test_nothing_asked_and_nothing_found_say_what_to_do(client):
    assert "What are you looking for?" in client.get("/search/").content.decode()
    assert "Nothing found for “qqq”" in client.get("/search/", {"q": "qqq"}).content.decode()


# ---- suggestions -------------------------------------------------------------------------------------------------


def test_suggestions_are_a_fragment_with_an_option_for_each_row(project, client, filled):
    make_task(project, "Gauge <b>")
    filled()

    answer = client.get("/search/", {"q": "gau", "in": "acme/ims"}, headers=SUGGEST)

    html = answer.content.decode()
    assert "<html" not in html and 'role="option"' in html and 'href="/org/acme/ims/tasks/T-001/"' in html
    assert "<mark>Gauge</mark> &lt;b&gt;" in html and "HX-Target" in answer["Vary"]


def test_one_letter_is_too_little_to_suggest(project, client, filled):
    make_task(project, "Gauge")
    filled()

    assert "option" not in client.get("/search/", {"q": "g"}, headers=SUGGEST).content.decode()


def test_the_box_stands_on_every_page_and_knows_its_project(project, client):
    html = client.get("/org/acme/ims/").content.decode()

    assert 'id="q"' in html and '<input type="hidden" name="in" value="acme/ims">' in html
    assert 'href="/search/?in=acme/ims"' in html, "the way there on a phone"


def test_a_page_that_types_along_gets_only_the_results(project, client, filled):
    make_task(project, "Gauge")
    filled()

    html = client.get("/search/", {"q": "gauge"}, headers={"HX-Request": "true", "HX-Target": "found"}).content.decode()

    assert html.lstrip().startswith('<div id="found">') and "<html" not in html


# ---- cost --------------------------------------------------------------------------------------------------------


def ask_page(client, text, headers=None):
    return lambda: client.get("/search/", {"q": text, "in": "acme/ims"}, headers=headers or {})


def test_a_search_takes_the_same_number_of_queries_for_one_row_and_for_many(project, client, filled):
    make_task(project, "Gauge")
    filled()
    ask_page(client, "gauge")()
    one = count_queries(ask_page(client, "gauge"))
    for k in range(30):
        make_task(project, f"Gauge {k}")
    filled()

    with queries(7):  # session, person, roles, projects, all kinds at once, navigation
        ask_page(client, "gauge")()
    assert count_queries(ask_page(client, "gauge")) == one
    with queries(5):
        ask_page(client, "gauge", SUGGEST)()


def test_people_found_cost_two_queries_more(project, client, manager, filled):
    filled()
    with queries(7):
        ask_page(client, "mia", SUGGEST)()
    for k in range(4):
        grant(make_user(name=f"Mia {k}"), Role.HR, project)
    filled()
    with queries(7):
        ask_page(client, "mia", SUGGEST)()


def test_all_kinds_are_one_statement(project, manager, filled):
    filled()
    sight = sights.of(manager)

    with queries(1, exactly=True):
        find.find(sight, find.question("step"))
    with queries(2):
        sights.of(manager)


# ---- hostile text ------------------------------------------------------------------------------------------------

HOSTILE = [
    '"', "'", '""', "* *", "a*", "NEAR(a b)", "AND", "OR NOT", "title:x", "-x", "^x", "{a b}:x", "a AND", "(", "))((",
    "'; DROP TABLE search_searchentry; --", "a & b | !c", "a:*", "<script>alert(1)</script>", "%", "_", "%_%", "\\",
    "\0", "a\0b", "x" * 10_000, "a " * 5_000, "\u202eabc\u202c", "مرحبا بالعالم", "שלום", "😀", "👩‍👩‍👧 family", "𐐀𐐁", "é́́́",
    "１２", "ⅷ", "T-99999999999999", "t" + "9" * 40, "0", "\ud800", "İ", "ß", "ŉ", "word\u200bword", "1.2.3.4.5.6",
    "x0043f", "_ktask", "_p1", "ktask p1",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_text(text, project, client, filled):
    make_task(
        project, text.replace("\0", "")[:150].encode("utf-8", "replace").decode() or "x", description="<b>bold</b>"
    )
    filled()
    asked = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")

    for headers in ({}, SUGGEST):
        answer = client.get("/search/", {"q": asked, "in": asked, "group": asked, "page": asked}, headers=headers)
        assert answer.status_code in (200, 303)
        assert "<script>alert" not in answer.content.decode() and "<b>bold" not in answer.content.decode()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(max_size=60), st.text(alphabet="ab*\"'()&|!:<>-_%^ \0\\AND", max_size=40)))
def test_no_text_breaks_a_search(text, project, manager):
    sight = sights.of(manager, "acme/ims")
    for alike in ({}, None):
        asked = find.question(text)
        if not asked.is_empty:
            find._parts(sight, asked, find.alike_of(asked) if alike is None else alike, group="", page=1)
    find.find(sight, find.question(text), group="tasks", page=2)


# ---- hanging in --------------------------------------------------------------------------------------------------


def test_a_later_register_hangs_itself_in(project, manager, client, filled, monkeypatch):
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    from projects.models import PlanPhase
    from projects.permissions import Perm

    kinds.register(
        Kind(
            "phase", "phases", "projects.PlanPhase",
            rows=lambda: PlanPhase.objects.all(),
            draft=lambda phase: Draft(phase.title, f"PH-{phase.number:03}", organization_id=phase.organization_id,
                                      project_id=phase.project_id),
            address=lambda hit: f"/org/{hit.org}/{hit.project}/#phase",
            reach=InProject(Perm.VIEW_PROJECT),
        )
    )  # fmt: skip
    filled()

    assert client.get("/search/", {"q": "ph1", "in": "acme/ims"})["Location"] == "/org/acme/ims/#phase"
    assert "Phases" in client.get("/search/", {"q": "plan"}).content.decode()


def test_every_kind_says_its_group_its_reach_and_its_icon():
    for kind in kinds.every():
        assert kind.subject and kind.icon and kind.group in {group.key for group in kinds.groups()}
        assert isinstance(kind.reach, Everybody | InProject | kinds.Among)
