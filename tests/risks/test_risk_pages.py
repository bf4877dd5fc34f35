"""The register's pages: its list, its filters, many at once, a risk's page, its form, its rating."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection

from core import dates
from projects.models import JournalEntry, ProjectUserGrant
from risks.models import Rating, Risk
from risks.selectors import register as lists
from risks.services import asset as assets
from risks.services import risk as services
from tests.factories.risks import make_asset, make_risk, rate
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db
LIST_BUDGET, DETAIL_BUDGET, FORM_BUDGET, RATE_BUDGET = 12, 20, 12, 12


def titles(response) -> list[str]:
    return re.findall(r'class="row-title" href="[^"]*">([^<]*)<', response.content.decode())


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def many(project, owner, count: int) -> None:
    last = Risk.objects.filter(project=project).count()
    Risk.objects.bulk_create(
        Risk(
            organization_id=project.organization_id, project=project, number=last + n, title=f"Risk {n}", owner=owner,
            status="identified", category=f"Category {n % 7}",
        )
        for n in range(1, count + 1)
    )  # fmt: skip


# ---- the list: six questions --------------------------------------------------------------------------------------


def test_a_row_says_whose_it_is_how_high_it_was_and_is(here, edition, client_of, url):
    risk = make_risk(here.project, here.manager, title="Fire", owner=here.owner, category="Sites", discipline="ohs")
    rate(risk, here.owner, 5, 5, kind="inherent")
    rate(risk, here.owner, 2, 3)

    page = client_of(here.auditor).get(url("risk-list"))

    names = [one.name for one in edition.criteria.levels]
    now, before = names[edition.criteria.matrix[1][2]], names[edition.criteria.matrix[4][4]]
    for words in ("R-001", "Fire", "OH&amp;S hazard", "Sites", "Owner", "Assessed", now, f"inherent {before}"):
        assert words in text_of(page), words
    assert re.search(r'class="level tone-\d"><b class="num">\d</b>', page.content.decode())


@pytest.mark.parametrize(
    ("name", "who", "status"),
    [
        ("risk-list", "auditor", 200), ("risk-list", "staff", 403), ("risk-list", "stranger", 404),
        ("risk-create", "owner", 200), ("risk-create", "auditor", 403), ("risk-create", "stranger", 404),
        ("risk-detail", "auditor", 200), ("risk-detail", "staff", 403), ("risk-detail", "stranger", 404),
        ("risk-edit", "manager", 200), ("risk-edit", "owner", 403), ("risk-edit", "auditor", 403),
        ("risk-rate", "manager", 200), ("risk-rate", "owner", 403), ("risk-rate", "stranger", 404),
        ("risk-reviewed", "manager", 200), ("risk-reviewed", "owner", 403), ("risk-reviewed", "stranger", 404),
    ],
)  # fmt: skip
def test_who_may_open_what(here, edition, client_of, url, name, who, status):
    risk = make_risk(here.project, here.manager, owner=here.boss)
    at = url(name) if name in ("risk-list", "risk-create") else url(name, risk)

    assert client_of(getattr(here, who)).get(at).status_code == status


def test_an_owner_writes_rates_reviews_and_moves_their_own_only(here, edition, client_of, url):
    mine = make_risk(here.project, here.manager, owner=here.owner)
    theirs = make_risk(here.project, here.manager, owner=here.boss)
    client = client_of(here.owner)

    for name in ("risk-edit", "risk-rate", "risk-reviewed"):
        assert client.get(url(name, mine)).status_code == 200
        assert client.get(url(name, theirs)).status_code == 403
    assert client.post(url("risk-move", theirs, move="close"), {"reason": "No"}).status_code == 403
    assert client.post(url("risk-move", mine, move="close"), {"reason": "Sold"}).status_code == 303
    assert set(Risk.objects.values_list("number", "status")) == {(1, "closed"), (2, "identified")}
    assert "Rate" not in text_of(client.get(url("risk-detail", theirs))).split("At risk")[0].split("Level of risk")[1]


@pytest.mark.parametrize("name", ["risk-detail", "risk-edit", "risk-rate", "risk-reviewed"])
def test_a_number_that_is_not_there_is_not_found(here, client_of, url, name):
    for number in ("R-999", "nonsense", "AS-001"):
        assert client_of(here.manager).get(url(name, number=number)).status_code == 404


def test_other_methods_are_refused(here, client_of, url):
    risk, client = make_risk(here.project, here.manager), client_of(here.manager)
    assert client.post(url("risk-list")).status_code == 405 == client.get(url("risk-bulk")).status_code
    assert client.post(url("risk-detail", risk)).status_code == 405 == client.put(url("risk-edit", risk)).status_code
    assert client.get(url("risk-move", risk, move="nonsense")).status_code == 404


def test_the_number_in_the_address_is_the_one_people_say(here, client_of, url):
    risk = make_risk(here.project, here.manager)
    assert client_of(here.auditor).get(url("risk-detail", number="r-1")).headers["Location"] == url("risk-detail", risk)


def test_an_empty_register_teaches_and_leads_to_the_criteria_first(here, client_of, url):
    page = client_of(here.manager).get(url("risk-list"))
    assert "First top management approves the criteria" in text_of(page) and url("criteria") in page.content.decode()
    assert "fill it" in text_of(client_of(here.auditor).get(url("risk-list")))


def test_with_approved_criteria_an_empty_register_offers_the_first_risk(here, edition, client_of, url):
    assert "Write the first risk" in text_of(client_of(here.manager).get(url("risk-list")))
    make_risk(here.project, here.manager)
    assert "No risk matches" in text_of(client_of(here.manager).get(url("risk-list") + "?q=nowhere"))


# ---- filters and order --------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(here, edition):
    """A risk for every filter."""
    by, project = here.manager, here.project
    erp = make_asset(project, by, name="ERP")
    high = make_risk(project, by, title="High", owner=here.owner, discipline="continuity", assets=[erp])
    rate(high, by, 5, 5, kind="inherent")
    rate(high, by, 5, 4)
    low = make_risk(project, by, title="Low", owner=here.boss, category="Sites", cause="An old fuse")
    rate(low, by, 1, 1)
    make_risk(project, by, title="Draft")
    gone = make_risk(project, by, title="Gone", owner=here.owner)
    services.move(risk=gone, name="close", by=by, reason="Sold")
    chance = make_risk(project, by, title="Chance", owner=here.owner, discipline="opportunity")
    today = dates.today(project.organization.time_zone)
    Risk.objects.filter(pk=chance.pk).update(
        review_on=today - dt.timedelta(days=1), acceptance_state="stale", stale_because="Rated again"
    )
    assets.change(asset=erp, by=by, version=1, values={"availability": 4})
    return here


OPEN = {"High", "Low", "Draft", "Chance"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", OPEN), ("status=all", OPEN | {"Gone"}), ("status=closed", {"Gone"}), ("status=draft", {"Draft"}),
        ("status=assessed", {"High", "Low"}), ("status=nonsense", OPEN),
        ("discipline=continuity", {"High"}), ("discipline=opportunity", {"Chance"}), ("category=Sites", {"Low"}),
        ("owner=none", {"Draft"}), ("owner=me", set()), ("owner=999999", OPEN), ("owner=gone", set()),
        ("level=none", {"Draft", "Chance"}), ("level=above", {"High"}), ("level=0", {"Low"}), ("level=99", OPEN),
        ("state=again", {"High"}), ("state=acceptance", {"Chance"}), ("state=overdue", {"Chance"}),
        ("asset=AS-001", {"High"}), ("asset=er", {"High"}), ("asset=AS-002", set()),
        ("kind=current&l=5&c=4", {"High"}), ("kind=inherent&l=5&c=5", {"High"}), ("kind=current&l=1&c=2", set()),
        ("l=5&c=4", OPEN), ("kind=current&l=5", OPEN), ("kind=nonsense&l=5&c=4", OPEN), ("kind=current&l=9&c=4", OPEN),
        ("q=fuse", {"Low"}), ("q=R-003", {"Draft"}), ("q=site", {"Low"}), ("q=R-00", set()),
    ],
)  # fmt: skip
def test_each_filter_leaves_what_it_says(shelf, client_of, url, query, found):
    assert set(titles(client_of(shelf.auditor).get(f"{url('risk-list')}?{query}"))) == found


def test_the_chosen_owner_is_found_and_one_who_has_left(shelf, client_of, url):
    assert set(titles(client_of(shelf.auditor).get(f"{url('risk-list')}?owner={shelf.boss.pk}"))) == {"Low"}
    assert set(titles(client_of(shelf.owner).get(f"{url('risk-list')}?owner=me"))) == {"High", "Chance"}
    ProjectUserGrant.objects.filter(user=shelf.boss).delete()
    page = client_of(shelf.auditor).get(f"{url('risk-list')}?owner=gone")
    assert titles(page) == ["Low"] and "Owner has left" in text_of(page)
    risk = Risk.objects.get(title="Low")
    assert "does not belong to this project any more" in text_of(client_of(shelf.auditor).get(url("risk-detail", risk)))


def test_a_cell_of_the_heat_map_is_a_chip_that_can_be_taken_away(shelf, edition, client_of, url):
    page = client_of(shelf.auditor).get(f"{url('risk-list')}?kind=current&l=5&c=4&discipline=continuity")

    names = edition.criteria
    words = f"Current: 5 {names.likelihood[4].name} × 4 {names.consequence[3].name}"
    assert words in text_of(page)
    assert 'href="?l=5&amp;c=4&amp;discipline=continuity"' in page.content.decode()
    assert '<input type="hidden" name="kind" value="current">' in page.content.decode()


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("", "High"), ("level", "Low"), ("-level", "High"), ("number", "High"), ("-number", "Chance"), ("title", "Chance"),
        ("-title", "Low"), ("review", "Chance"), ("owner", None), ("status", "High"), ("category", None),
        ("inherent", "High"), ("expected", None), ("updated", None), ("nonsense", "High"),
    ],
)  # fmt: skip
def test_the_list_is_sorted_as_asked(shelf, client_of, url, sort, first):
    found = titles(client_of(shelf.auditor).get(f"{url('risk-list')}?sort={sort}"))

    assert set(found) == OPEN
    assert first is None or found[0] == first


def test_unrated_risks_come_last_either_way(shelf):
    rows = Risk.objects.filter(project=shelf.project, is_open=True)
    for sort in ("", "level", "-level"):
        assert {one.title for one in lists.in_order(rows, sort)[:2]} == {"High", "Low"}


@pytest.mark.parametrize("count", [5, 300])
def test_the_list_costs_the_same_at_any_size(here, edition, client_of, url, count):
    many(here.project, here.owner, count)
    client = client_of(here.manager)
    client.get(url("risk-list"))

    with queries(LIST_BUDGET):
        page = client.get(url("risk-list"))
    with queries(LIST_BUDGET):
        client.get(url("risk-list") + "?sort=-review&q=risk&level=none&state=overdue&asset=x&kind=current&l=1&c=1")

    assert len(titles(page)) == min(count, 50)


def test_the_order_of_the_list_is_read_from_an_index(here):
    many(here.project, here.owner, 400)
    rows = lists.in_order(lists.narrowed(Risk.objects.filter(project=here.project), {}, today=dt.date.today()))
    if connection.vendor == "sqlite":
        plan = rows.values_list("number", flat=True)[:50].explain()
        assert "COVERING INDEX risk_list" in plan and "project_id=? AND is_open=?" in plan, plan


def test_an_opportunity_is_never_above_the_threshold(here, edition, client_of, url):
    chance = make_risk(here.project, here.manager, title="Chance", owner=here.owner, discipline="opportunity")
    rate(chance, here.owner, 5, 5)
    client = client_of(here.owner)

    assert titles(client.get(url("risk-list") + "?level=above")) == []
    assert lists.figures(here.project, edition, dt.date.today()).above == 0
    page = client.get(url("risk-detail", chance)).content.decode()
    assert "above the threshold" not in page and re.search(r'class="level gain-\d"', page)
    sent = {"kind": "current", "likelihood": 5, "how": "whole", "consequence": 5}
    assert "more there is to win" in text_of(client.post(url("risk-rate", chance) + "?show=1", sent))


# ---- many at once -------------------------------------------------------------------------------------------------


def test_many_get_an_owner_a_category_and_a_day(here, client_of, url):
    for title in ("One", "Two", "Three"):
        make_risk(here.project, here.manager, title=title)

    page = client_of(here.manager).post(
        url("risk-bulk"),
        {"chosen": ["R-001", "R-002", "R-099"], "owner": here.owner.pk, "category": "IT", "review_on": "2030-01-31"},
        follow=True,
    )

    assert "2 risks changed." in text_of(page)
    assert list(Risk.objects.order_by("number").values_list("owner__name", "category", "status")) == [
        ("Owner", "IT", "identified"), ("Owner", "IT", "identified"), (None, "", "draft"),
    ]  # fmt: skip
    assert JournalEntry.objects.filter(action="risk.changed").count() == 2


def test_all_that_match_the_filters_are_changed(here, client_of, url):
    many(here.project, here.owner, 60)
    at = url("risk-bulk") + "?category=Category 1"

    page = client_of(here.manager).post(at, {"all_matching": "1", "category": "Renamed"}, follow=True)

    assert "9 risks changed." in text_of(page)
    assert Risk.objects.filter(category="Renamed").count() == 9 and not Risk.objects.filter(category="Category 1")


def test_many_are_changed_all_or_none(here, client_of, url, monkeypatch):
    for n in range(3):
        make_risk(here.project, here.manager, title=f"Risk {n}")
    saved = services._save

    def breaks(risk, *rest):
        if risk.number == 3:
            raise services.RuleBroken("R-003 cannot be changed.")
        saved(risk, *rest)

    monkeypatch.setattr(services, "_save", breaks)
    page = client_of(here.manager).post(
        url("risk-bulk"), {"chosen": ["R-001", "R-002", "R-003"], "category": "IT"}, follow=True
    )

    assert "R-003 cannot be changed." in text_of(page) and not Risk.objects.filter(category="IT").exists()


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"category": "IT"}, "No risk was chosen"), ({"chosen": "R-001"}, "Choose an owner, a category or a date first"),
        ({"chosen": "R-001", "review_on": "soon"}, "Next review"), ({"chosen": "R-001", "owner": "999999"}, "Risk owner"),
    ],
)  # fmt: skip
def test_a_bulk_change_that_cannot_be_says_why(here, client_of, url, sent, says):
    make_risk(here.project, here.manager)
    assert says in text_of(client_of(here.manager).post(url("risk-bulk"), sent, follow=True))
    assert not JournalEntry.objects.filter(action="risk.changed").exists()


def test_too_many_at_once_are_refused_and_who_does_not_manage_may_not(here, client_of, url, monkeypatch):
    many(here.project, here.owner, 5)
    monkeypatch.setattr("risks.views.register.MOST_AT_ONCE", 4)
    page = client_of(here.manager).post(url("risk-bulk"), {"all_matching": "1", "category": "IT"}, follow=True)
    assert "More than 4 risks match" in text_of(page)
    assert client_of(here.owner).post(url("risk-bulk"), {"chosen": "R-001", "category": "IT"}).status_code == 403
    assert not Risk.objects.filter(category="IT").exists()
    assert 'id="bulk"' not in client_of(here.owner).get(url("risk-list")).content.decode()


# ---- a risk's page ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 12])
def test_a_risk_costs_the_same_however_much_was_judged(here, edition, client_of, url, count):
    found = [make_asset(here.project, here.manager, owner=here.owner) for _n in range(count)]
    risk = make_risk(here.project, here.manager, owner=here.owner, assets=found)
    for n in range(count):
        rate(risk, here.owner, 1 + n % 5, 3, reason=f"Because {n}")
    client = client_of(here.manager)
    client.get(url("risk-detail", risk))

    with queries(DETAIL_BUDGET):
        page = client.get(url("risk-detail", risk))

    assert text_of(page).count("Because ") >= count


def test_the_page_says_what_was_judged_by_whom_why_and_by_which_edition(here, edition, client_of, url):
    asset = make_asset(here.project, here.manager, name="Server room")
    risk = make_risk(
        here.project, here.manager, owner=here.owner, title="Fire", cause="A fuse", event="It burns", assets=[asset],
        discipline="information_security", facts={"threat": "Heat", "properties": ["availability"]},
    )  # fmt: skip
    keys = [one.key for one in edition.criteria.dimensions]
    client_of(here.owner).post(
        url("risk-rate", risk),
        {"kind": "inherent", "likelihood": 4, "how": "sorts", f"sort-{keys[0]}": 3, "reason": "As in 2019"},
    )
    rate(risk, here.owner, 2, 2)
    assets.retire(asset=asset, by=here.manager, reason="Moved")

    page = text_of(client_of(here.auditor).get(url("risk-detail", risk)))

    for words in (
        "A fuse", "It burns", "Threat Heat", "What would be lost Availability", "Server room", "Retired", "As in 2019",
        f"{edition.criteria.dimensions[0].name} 3", "4 × 3", "edition 1", "What it points to has changed",
        "rated R-001 Fire", "Evidence",
    ):  # fmt: skip
        assert words in page, words
    assert "Rate again" not in page, "who only reads is offered nothing"


def test_notes_name_what_no_longer_holds(here, edition, client_of, url):
    risk = make_risk(here.project, here.manager, owner=here.owner)
    rate(risk, here.owner, 2, 2)
    today = dates.today(here.project.organization.time_zone)
    Risk.objects.filter(pk=risk.pk).update(
        acceptance_state="stale", stale_because="The treatment was changed.", review_on=today - dt.timedelta(days=3)
    )
    page = text_of(client_of(here.owner).get(url("risk-detail", risk)))
    assert "The acceptance no longer holds The treatment was changed." in page
    assert "Its review was due" in page and "Note the review" in page


# ---- writing it ---------------------------------------------------------------------------------------------------


def test_a_risk_is_taken_up_once_with_its_assets_and_facts(here, client_of, url):
    asset = make_asset(here.project, here.manager)
    client = client_of(here.owner)
    key = re.search(r'name="once" value="([^"]+)"', client.get(url("risk-create")).content.decode())[1]
    sent = {
        "once": key, "title": "Phishing", "discipline": "information_security", "threat": "A mail", "assets": [asset.pk],
        "properties": ["confidentiality"], "category": "IT", "cause": "Haste",
    }  # fmt: skip

    answers = [client.post(url("risk-create"), sent) for _n in range(2)]

    risk = Risk.objects.get()
    assert [one.headers["Location"] for one in answers] == [url("risk-detail", risk)] * 2
    assert (risk.owner, risk.facts, list(risk.assets.all())) == (
        here.owner, {"threat": "A mail", "properties": ["confidentiality"]}, [asset],
    )  # fmt: skip


def test_choosing_a_discipline_shows_its_fields_and_keeps_what_was_typed(here, client_of, url):
    client = client_of(here.manager)
    sent = {"title": "", "discipline": "ohs", "cause": "A wet floor", "category": "Sites"}

    page = client.post(url("risk-create"), sent | {"show": "1"})
    part = client.post(url("risk-create") + "?show=1", sent, headers={"HX-Request": "true"})

    for answer in (page, part):
        text = answer.content.decode()
        assert answer.status_code == 200 and "A wet floor" in text and 'name="hazard"' in text
        assert "This field is required" not in text
    assert "Sites" in page.content.decode() and "<html" not in part.content.decode()
    assert not Risk.objects.exists()


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"title": ""}, "required"), ({"discipline": "nonsense"}, "valid choice"), ({"owner": "999999"}, "valid choice"),
        ({"assets": ["999999"]}, "valid choice"), ({"review_on": "1890-01-01"}, "between 2000 and 2100"),
        ({"discipline": "continuity", "rto_hours": "30", "mtpd_hours": "24"}, "cannot be longer"),
    ],
)  # fmt: skip
def test_what_cannot_be_saved_comes_back_with_everything_typed(here, client_of, url, sent, says):
    make_asset(here.project, here.manager)
    typed = {"title": "Fire", "discipline": "general", "event": "It burns & burns"} | sent

    page = client_of(here.manager).post(url("risk-create"), typed)

    assert page.status_code == 422 and not Risk.objects.exists()
    assert says in text_of(page) and "It burns &amp; burns" in page.content.decode()


def test_who_saves_second_sees_both_texts_and_loses_nothing(here, client_of, url):
    risk = make_risk(here.project, here.manager, title="Fire", owner=here.owner)
    services.change(risk=risk, by=here.owner, version=1, values={"cause": "An old fuse", "title": "Fire at night"})
    sent = {"version": 1, "title": "Fire", "discipline": "general", "cause": "A new fuse", "owner": here.owner.pk}
    client = client_of(here.manager)

    page = client.post(url("risk-edit", risk), sent)

    assert page.status_code == 422
    conflict = re.search(r'class="conflict".*?</div></div>', page.content.decode(), re.DOTALL)[0]
    for words in ("An old fuse", "A new fuse", "Fire at night"):
        assert words in conflict
    version = re.search(r'name="version" value="(\d+)"', page.content.decode())[1]
    assert client.post(url("risk-edit", risk), sent | {"version": version}).status_code == 303
    risk.refresh_from_db()
    assert (risk.cause, risk.title) == ("A new fuse", "Fire")


@pytest.mark.parametrize("count", [1, 40])
def test_the_form_costs_the_same_with_many_assets(here, client_of, url, count):
    found = [make_asset(here.project, here.manager) for _n in range(count)]
    risk = make_risk(here.project, here.manager, assets=found[:3])
    client = client_of(here.manager)
    client.get(url("risk-edit", risk))
    with queries(FORM_BUDGET):
        client.get(url("risk-edit", risk))
    with queries(FORM_BUDGET):
        client.get(url("risk-create"))


# ---- rating, reviewing, moving ------------------------------------------------------------------------------------


def test_the_level_is_shown_before_it_is_saved(here, edition, client_of, url):
    risk = make_risk(here.project, here.manager, owner=here.owner)
    client = client_of(here.owner)
    sent = {"kind": "current", "likelihood": 5, "how": "whole", "consequence": 5, "reason": "Typed"}

    part = client.post(url("risk-rate", risk) + "?show=1", sent, headers={"HX-Request": "true"})
    page = client.post(url("risk-rate", risk) + "?show=1", sent)

    highest = edition.criteria.levels[edition.criteria.matrix[4][4]].name
    assert highest in text_of(part) and "Above the threshold" in text_of(part) and "<html" not in part.content.decode()
    assert page.status_code == 200 and highest in text_of(page) and "Typed" in text_of(page)
    assert not Rating.objects.exists()
    half = client.post(url("risk-rate", risk) + "?show=1", {"kind": "current", "likelihood": 5, "how": "sorts"})
    assert half.status_code == 200 and "appears here as soon as" in text_of(half)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"likelihood": ""}, "required"), ({"likelihood": 9}, "valid choice"), ({"consequence": ""}, "how bad"),
        ({"how": "sorts", "consequence": ""}, "Mark at least one"), ({"reason": "x" * 1001}, "at most 1000"),
    ],
)  # fmt: skip
def test_a_rating_that_cannot_be_comes_back(here, edition, client_of, url, sent, says):
    risk = make_risk(here.project, here.manager, owner=here.owner)
    typed = {"kind": "current", "likelihood": 2, "how": "whole", "consequence": 3, "reason": "Because"} | sent

    page = client_of(here.owner).post(url("risk-rate", risk), typed)

    assert page.status_code == 422 and says in text_of(page) and not Rating.objects.exists()
    assert "reason" in sent or "Because" in text_of(page)


def test_the_last_marks_are_what_a_new_rating_begins_with(here, edition, client_of, url):
    risk = make_risk(here.project, here.manager, owner=here.owner)
    rate(risk, here.owner, 4, 2)
    client = client_of(here.owner)
    page = client.get(url("risk-rate", risk) + "?kind=current").content.decode()
    assert re.search(r'name="likelihood" value="4" checked', page)
    assert re.search(r'name="how" value="whole" checked', page) and re.search(
        r'name="consequence" value="2" checked', page
    )
    with queries(RATE_BUDGET):
        client.get(url("risk-rate", risk))


def test_who_rates_second_sees_the_first_rating_and_keeps_their_marks(here, edition, client_of, url):
    risk = make_risk(here.project, here.manager, owner=here.owner)
    first, second = client_of(here.manager), client_of(here.owner)
    seen = re.search(r'name="last" value="(\d+)"', second.get(url("risk-rate", risk)).content.decode())[1]
    marks = {
        "kind": "current",
        "how": "whole",
        "likelihood": "2",
        "consequence": "3",
        "reason": "Seen on site",
        "last": seen,
    }
    assert first.post(url("risk-rate", risk), marks | {"likelihood": "5", "consequence": "5"}).status_code == 303

    page = second.post(url("risk-rate", risk), marks)

    assert page.status_code == 422 and Rating.objects.count() == 1
    assert f"Manager rated it meanwhile: 5 × 5: {edition.criteria.levels[-1].name}" in text_of(page)
    assert "Seen on site" in text_of(page) and "Last time: 5 × 5" in text_of(page)
    again = re.search(r'name="last" value="(\d+)"', page.content.decode())[1]
    assert second.post(url("risk-rate", risk), marks | {"last": again}).status_code == 303
    risk.refresh_from_db()
    assert (risk.current_likelihood, risk.current_consequence, Rating.objects.count()) == (2, 3, 2)


def test_nothing_is_rated_without_criteria_or_when_it_is_closed(here, client_of, url):
    risk = make_risk(here.project, here.manager, owner=here.owner)
    page = client_of(here.owner).get(url("risk-rate", risk), follow=True)
    assert "Nothing can be rated before" in text_of(page)
    services.move(risk=risk, name="close", by=here.manager, reason="Sold")
    assert "reopen it before" in text_of(client_of(here.owner).get(url("risk-rate", risk), follow=True))


def test_a_review_needs_a_note_and_sets_the_next_one(here, edition, client_of, url):
    risk = make_risk(here.project, here.manager, owner=here.owner)
    client = client_of(here.owner)
    assert client.post(url("risk-reviewed", risk), {"note": " ", "next_on": "2030-05-01"}).status_code == 422
    assert client.post(url("risk-reviewed", risk), {"note": "Log read", "next_on": "2030-05-01"}).status_code == 303
    risk.refresh_from_db()
    assert risk.review_on == dt.date(2030, 5, 1)
    assert JournalEntry.objects.get(action="risk.reviewed").reason == "Log read"


def test_buttons_are_the_moves_that_can_be_made_now(here, edition, client_of, url):
    risk, client = make_risk(here.project, here.manager), client_of(here.manager)
    assert "Name an owner" in text_of(client.get(url("risk-detail", risk)))
    services.change(risk=risk, by=here.manager, version=1, values={"owner": here.owner})
    page = text_of(client.get(url("risk-detail", risk)))
    assert "Rate it" in page and "Close…" in page and "Assessment is complete" not in page
    assert client.post(url("risk-move", risk, move="close"), {"reason": ""}).status_code == 422
    assert "needs an owner" not in text_of(client.post(url("risk-move", risk, move="identify"), follow=True))
    client.post(url("risk-move", risk, move="close"), {"reason": "Sold"})
    page = text_of(client.get(url("risk-detail", risk)))
    assert "Reopen…" in page and "Closed" in page and "Looked at" not in page
