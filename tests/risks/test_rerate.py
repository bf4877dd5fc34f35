"""A new edition of the criteria: it shows which risks would change level, and asks."""

from __future__ import annotations

import copy
import datetime as dt
import io
import re

import openpyxl
import pytest

from core import dates
from risks import exporting
from risks.models import Rating, Risk
from risks.selectors import heat
from risks.selectors import register as lists
from risks.selectors import risk as selectors
from risks.services import asset as assets
from risks.services import rating as ratings
from tests.factories.risks import make_asset, make_edition, make_risk, rate
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db
BUDGET = 10


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def titles(response) -> list[str]:
    return re.findall(r'class="row-title" href="[^"]*">([^<]*)<', response.content.decode())


@pytest.fixture
def newer(here, edition):
    """Rare and negligible is now as high as it gets; the scale of likelihood has lost its top grade."""
    for title, owner, likelihood, consequence in (
        ("Rises", here.owner, 1, 1), ("Stays", here.owner, 3, 3), ("Falls out", here.owner, 5, 5), ("Boss's", here.boss, 1, 1),
    ):  # fmt: skip
        rate(make_risk(here.project, here.manager, title=title, owner=owner), here.manager, likelihood, consequence)
    make_risk(here.project, here.manager, title="Unrated", owner=here.owner)
    content = copy.deepcopy(edition.content)
    content["matrix"][0][0] = 3
    del content["matrix"][4], content["likelihood"][4]
    return make_edition(
        here.project, here.manager, here.boss, matrix=content["matrix"], likelihood=content["likelihood"]
    )


def test_it_names_what_would_change_stay_and_fall_out(here, newer, client_of, url):
    client = client_of(here.manager)
    low, highest = newer.criteria.levels[0].name, newer.criteria.levels[3].name

    pages = {show: client.get(f"{url('rerate')}?show={show}") for show in ("other", "same", "outside")}

    assert [titles(page) for page in pages.values()] == [["Rises", "Boss&#x27;s"], ["Stays"], ["Falls out"]]
    assert f"Current 1 × 1 {low} becomes {highest} higher" in text_of(pages["other"])
    assert (
        "outside the scales" in text_of(pages["outside"]) and "/rate/?kind=current" in pages["outside"].content.decode()
    )
    assert 'name="chosen"' not in pages["outside"].content.decode()
    assert Rating.objects.count() == 4 and set(Risk.objects.values_list("edition__number", flat=True)) == {1, None}


def test_the_register_and_the_risk_say_it_and_lead_here(here, newer, client_of, url):
    for page in (
        client_of(here.owner).get(url("risk-list")),
        client_of(here.owner).get(url("risk-detail", number="R-001")),
    ):
        assert "Rated by older criteria" in text_of(page) and url("rerate") in page.content.decode()
    assert url("rerate") not in client_of(here.auditor).get(url("risk-list")).content.decode()
    assert titles(client_of(here.auditor).get(url("risk-list") + "?state=again"))[0] == "Falls out"


def test_the_ticked_ones_are_rated_again_with_the_reason(here, newer, client_of, url):
    page = client_of(here.manager).post(
        url("rerate") + "?show=other", {"chosen": ["R-001"], "reason": "Edition 2"}, follow=True
    )

    assert "1 risk was rated again." in text_of(page) and titles(page) == ["Boss&#x27;s"]
    assert Risk.objects.values_list("current_level", "edition__number").get(number=1) == (3, 2)
    assert Rating.objects.latest("pk").reason == "Edition 2" and Rating.objects.count() == 5


def test_nothing_is_rated_without_a_tick_or_a_reason_and_the_ticks_stay(here, newer, client_of, url):
    client = client_of(here.manager)

    untold = client.post(url("rerate") + "?show=other", {"chosen": ["R-001"], "reason": " "})
    unticked = client.post(url("rerate") + "?show=other", {"reason": "Edition 2"})
    outside = client.post(url("rerate") + "?show=outside", {"chosen": ["R-003"], "reason": "Edition 2"})

    assert {untold.status_code, unticked.status_code, outside.status_code} == {422}
    assert re.search(r'value="R-001"[^>]*checked', untold.content.decode())
    assert "Tick the risks" in text_of(unticked) and "Edition 2" in text_of(unticked)
    assert Rating.objects.count() == 4


def test_all_of_a_list_are_taken_at_once(here, newer, client_of, url):
    client_of(here.manager).post(url("rerate") + "?show=other", {"all_matching": "1", "reason": "Edition 2"})
    assert set(Risk.objects.filter(edition=newer).values_list("title", flat=True)) == {"Rises", "Boss's"}


def test_an_owner_decides_about_their_own(here, newer, client_of, url):
    client = client_of(here.owner)
    page = client.get(url("rerate") + "?show=other").content.decode()
    assert 'value="R-001"' in page and 'value="R-004"' not in page and "Boss&#x27;s" in page
    assert client.post(url("rerate") + "?show=other", {"chosen": ["R-004"], "reason": "Mine"}).status_code == 422
    assert Rating.objects.count() == 4


def test_marks_are_read_again_by_the_new_rule(here, edition, client_of, url):
    """The worst dimension rated, now the weighted mean does: the same judgement makes another consequence."""
    first, second = [one.key for one in edition.criteria.dimensions[:2]]
    risk = make_risk(here.project, here.manager, title="Marked", owner=here.owner)
    rate(risk, here.manager, 3, None, marks={first: 1, second: 5})
    newer = make_edition(here.project, here.manager, here.boss, rule="weighted")
    old, new = (
        edition.criteria.levels[edition.criteria.matrix[2][4]],
        newer.criteria.levels[newer.criteria.matrix[2][2]],
    )
    client = client_of(here.manager)

    page = client.get(f"{url('rerate')}?show=other")
    client.post(url("rerate") + "?show=other", {"chosen": ["R-001"], "reason": "Edition 2"})

    assert f"Current 3 × 5 {old.name} becomes {new.name} 3 × 3" in text_of(page)
    last = Rating.objects.latest("pk")
    assert (last.consequence, last.marks, last.level_name) == (3, {first: 1, second: 5}, new.name)


def test_each_rating_is_called_what_its_own_edition_called_it(here, edition, client_of, url):
    risk = make_risk(here.project, here.manager, title="Two editions", owner=here.owner)
    for kind in ("inherent", "current"):
        rate(risk, here.manager, 5, 5, kind=kind)
    levels = [{**one, "name": f"New {one['name']}"} for one in edition.content["levels"]]
    newer = make_edition(here.project, here.manager, here.boss, levels=levels)
    highest = edition.criteria.levels[-1].name

    rate(risk, here.manager, 5, 5)  # by hand: the inherent rating still rests on the first edition

    scales = lists.Scales(here.project)
    assert [scales.mark(risk, kind).name for kind in ("inherent", "current")] == [highest, f"New {highest}"]
    data, _rows = exporting.workbook(here.project, "risks", {"status": "all"}, [], user=here.manager)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    row = dict(zip(*([cell.value for cell in line] for line in sheet.iter_rows(max_row=2)), strict=True))
    assert (row["Inherent level"], row["Current level"]) == (highest, f"New {highest}")
    assert [(one.kind, one.new) for one in selectors.outdated(here.project, newer)] == [("inherent", f"New {highest}")]
    assert titles(client_of(here.manager).get(url("risk-list") + "?state=again")) == ["Two editions"]
    assert heat.counted(Risk.objects.all(), newer)["inherent"].older == 1
    ratings.rerate(project=here.project, by=here.manager, numbers=[1], reason="Edition 2")
    assert not Risk.objects.filter(selectors.to_look_at(newer)).exists()


def test_newer_criteria_are_no_look_at_the_risk_itself(here, edition):
    """What asked for a look goes on asking, and a review is brought nearer by them but never put off."""
    asset = make_asset(here.project, here.manager)
    risk = make_risk(here.project, here.manager, owner=here.owner, assets=[asset])
    rate(risk, here.manager, 1, 1)
    soon = dates.today("Europe/Zurich") + dt.timedelta(days=3)
    Risk.objects.update(review_on=soon)
    assets.change(asset=asset, by=here.manager, version=1, values={"availability": 4})
    newer = make_edition(here.project, here.manager, here.boss, threshold=0)

    ratings.rerate(project=here.project, by=here.manager, numbers=[1], reason="Edition 2")

    risk.refresh_from_db()
    assert (risk.edition, risk.review_on) == (newer, soon)
    assert selectors.why_to_look_at(risk, newer) == "links"
    rate(risk, here.manager, 1, 1)
    assert selectors.why_to_look_at(risk, newer) == "" and risk.review_on > soon


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("auditor", 403), ("staff", 403), ("stranger", 404)])
def test_who_may_open_it(here, newer, client_of, url, who, status):
    assert client_of(getattr(here, who)).get(url("rerate")).status_code == status


def test_without_anything_outdated_it_says_so(here, client_of, url):
    assert "No criteria are approved yet" in text_of(client_of(here.manager).get(url("rerate")))
    make_edition(here.project, here.manager, here.boss)
    assert "Every rating rests on the edition in force" in text_of(client_of(here.manager).get(url("rerate")))


def test_it_costs_the_same_for_many(here, newer, client_of, url):
    for n in range(20):
        risk = make_risk(here.project, here.manager, title=f"Other {n}", owner=here.owner)
        rate(risk, here.manager, 2, 2)
        Risk.objects.filter(pk=risk.pk).update(edition=Risk.objects.get(number=2).edition)
    client = client_of(here.manager)
    client.get(url("rerate"))
    with queries(BUDGET):
        client.get(url("rerate") + "?show=same")
