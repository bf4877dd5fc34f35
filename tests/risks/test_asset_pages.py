"""The inventory: its list, an asset's page with its risks, its form, retiring; and what hangs in the rest of the house."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from core import dates
from projects import evidencing, gates, journal_words, reminders
from projects.models import JournalEntry, ProjectUserGrant
from projects.permissions import Perm
from risks import register_hanging as hung
from risks.models import Asset, Risk
from risks.selectors import risk as risks
from risks.services import asset as services
from risks.services import risk as risk_services
from search.services import entries
from tests.factories.projects import make_step
from tests.factories.risks import make_asset, make_risk, rate
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db
LIST_BUDGET, DETAIL_BUDGET = 10, 12


def titles(response) -> list[str]:
    return re.findall(r'class="row-title" href="[^"]*">([^<]*)<', response.content.decode())


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.mark.parametrize(
    ("name", "who", "status"),
    [
        ("asset-list", "auditor", 200), ("asset-list", "staff", 403), ("asset-list", "stranger", 404),
        ("asset-create", "owner", 200), ("asset-create", "auditor", 403),
        ("asset-detail", "auditor", 200), ("asset-detail", "stranger", 404),
        ("asset-edit", "manager", 200), ("asset-edit", "owner", 403), ("asset-edit", "auditor", 403),
        ("asset-retire", "manager", 200), ("asset-retire", "owner", 403), ("asset-retire", "stranger", 404),
    ],
)  # fmt: skip
def test_who_may_open_what(here, client_of, url, name, who, status):
    asset = make_asset(here.project, here.manager, owner=here.boss)
    at = url(name) if name in ("asset-list", "asset-create") else url(name, asset)
    assert client_of(getattr(here, who)).get(at).status_code == status


def test_a_number_that_is_not_there_is_not_found(here, client_of, url):
    for name in ("asset-detail", "asset-edit", "asset-retire"):
        assert client_of(here.manager).get(url(name, number="AS-999")).status_code == 404
        assert client_of(here.manager).get(url(name, number="R-001")).status_code == 404


def test_an_empty_inventory_says_what_it_is_for(here, client_of, url):
    assert "Add the first asset" in text_of(client_of(here.manager).get(url("asset-list")))
    page = text_of(client_of(here.auditor).get(url("asset-list")))
    assert "No assets yet" in page and "Add the first asset" not in page


@pytest.fixture
def shelf(here):
    erp = make_asset(
        here.project, here.manager, name="ERP", kind="software", owner=here.owner, availability=4, integrity=2
    )
    make_asset(here.project, here.manager, name="Archive", owner=here.boss, confidentiality=2, description="Paper")
    make_asset(here.project, here.manager, name="Site", kind="site")
    old = make_asset(here.project, here.manager, name="Old server", kind="hardware")
    services.retire(asset=old, by=here.manager, reason="Sold")
    make_risk(here.project, here.manager, title="Fire", assets=[erp])
    return here


USED = {"ERP", "Archive", "Site"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", USED), ("state=retired", {"Old server"}), ("state=all", USED | {"Old server"}), ("kind=site", {"Site"}),
        ("owner=none", {"Site"}), ("owner=me", set()), ("owner=gone", set()), ("value=3", {"ERP"}),
        ("value=2", {"ERP", "Archive"}), ("q=paper", {"Archive"}), ("q=AS-003", {"Site"}), ("kind=nonsense", USED),
    ],
)  # fmt: skip
def test_each_filter_leaves_what_it_says(shelf, client_of, url, query, found):
    assert set(titles(client_of(shelf.auditor).get(f"{url('asset-list')}?{query}"))) == found


@pytest.mark.parametrize(
    ("sort", "first"),
    [("", "ERP"), ("name", "Archive"), ("-name", "Site"), ("value", "Site"), ("-value", "ERP"), ("-risks", "ERP"),
     ("-number", "Site"), ("kind", "Archive"), ("owner", None), ("nonsense", "ERP")],
)  # fmt: skip
def test_the_list_is_sorted_as_asked(shelf, client_of, url, sort, first):
    found = titles(client_of(shelf.auditor).get(f"{url('asset-list')}?sort={sort}"))
    assert set(found) == USED and first in (None, found[0])


@pytest.mark.parametrize("count", [3, 60])
def test_the_list_costs_the_same_at_any_size(here, client_of, url, count):
    found = services.create_many(
        project=here.project, by=here.manager,
        rows=[{"kind": "site", "name": f"Site {n}", "owner": here.owner} for n in range(count)],
    )  # fmt: skip
    make_risk(here.project, here.manager, assets=found[:3])
    client = client_of(here.manager)
    client.get(url("asset-list"))
    with queries(LIST_BUDGET):
        assert len(titles(client.get(url("asset-list") + "?sort=-risks"))) == min(count, 50)


@pytest.mark.parametrize("count", [1, 30])
def test_an_asset_names_its_risks_the_highest_first(here, edition, client_of, url, count):
    asset = make_asset(here.project, here.manager, owner=here.owner)
    for n in range(count):
        make_risk(here.project, here.manager, title=f"Low {n}", assets=[asset], owner=here.owner)
    high = make_risk(here.project, here.manager, title="High", assets=[asset], owner=here.owner)
    rate(high, here.owner, 5, 5)
    client = client_of(here.manager)
    client.get(url("asset-detail", asset))

    with queries(DETAIL_BUDGET):
        page = client.get(url("asset-detail", asset))

    assert titles(page)[0] == "High" and len(titles(page)) == count + 1
    assert f"{url('risk-create')}?asset=AS-001" in page.content.decode()
    assert f'value="{asset.pk}" checked' in client.get(f"{url('risk-create')}?asset=AS-001").content.decode()


def test_an_asset_is_added_changed_and_retired(here, edition, client_of, url):
    client = client_of(here.owner)
    assert client.post(url("asset-create"), {"name": "", "kind": "site"}).status_code == 422
    client.post(url("asset-create"), {"name": "Hall", "kind": "site", "availability": "3"})
    asset = Asset.objects.get()
    assert (asset.owner, asset.availability, asset.integrity) == (here.owner, 3, None)
    risk = make_risk(here.project, here.manager, owner=here.owner, assets=[asset])
    rate(risk, here.owner, 2, 2)

    sent = {"version": 1, "name": "Hall 2", "kind": "site", "availability": "4"}
    assert client.post(url("asset-edit", asset), sent).status_code == 303
    conflict = client.post(url("asset-edit", asset), sent | {"name": "Hall 3"})
    assert conflict.status_code == 422 and "Hall 2" in text_of(conflict) and "Hall 3" in conflict.content.decode()
    assert risks.why_to_look_at(Risk.objects.get(), edition) == "links"
    assert client.post(url("asset-retire", asset), {"reason": ""}).status_code == 422
    assert client.post(url("asset-retire", asset), {"reason": "Sold"}).status_code == 303

    page = text_of(client.get(url("asset-detail", asset)))
    assert "Retired" in page and "Sold" in page and "New risk to it" not in page
    actions = list(
        JournalEntry.objects.filter(target_kind="risks.asset").order_by("seq").values_list("action", flat=True)
    )
    assert actions == ["asset.created", "asset.changed", "asset.retired"]


def test_an_owner_who_has_left_is_shown(shelf, client_of, url):
    ProjectUserGrant.objects.filter(user=shelf.boss).delete()
    page = client_of(shelf.auditor).get(url("asset-list") + "?owner=gone")
    assert titles(page) == ["Archive"] and "Owner has left" in text_of(page)


# ---- what hangs in the rest of the house --------------------------------------------------------------------------


def test_risks_and_assets_are_found_by_readers_of_the_project_only(here, client_of):
    asset = make_asset(here.project, here.manager, name="Freezer")
    risk = make_risk(
        here.project, here.manager, title="Frost", cause="A broken Thermostat", owner=here.owner, assets=[asset]
    )
    entries.fill_all()

    def found(person, words):
        return client_of(person).get("/search/", {"q": words}).content.decode()

    assert risk.title in found(here.auditor, "thermostat") and "Freezer" in found(here.auditor, "Freezer")
    for outsider in (here.stranger, here.staff):
        assert "Frost" not in found(outsider, "thermostat") and risk.get_absolute_url() not in found(outsider, "Frost")


def test_every_action_has_its_words():
    for action in hung.VERBS:
        assert ":" not in journal_words.verb_of(action)
    assert journal_words.verb_of("risk.evidence_added") == "added evidence to"


def test_the_owner_is_reminded_of_the_review(here, edition):
    risk = make_risk(here.project, here.manager, owner=here.owner)
    rate(risk, here.owner, 3, 3)
    make_risk(here.project, here.manager, title="Nobody's", review_on=dt.date(2020, 1, 1))
    gone = make_risk(here.project, here.manager, owner=here.owner, review_on=dt.date(2020, 1, 1))
    risk_services.move(risk=gone, name="close", by=here.manager, reason="Sold")
    source = reminders.of("risk-review")

    found = list(source.rows().values_list(source.owner, source.number, source.title))

    assert found == [(here.owner.pk, risk.number, risk.title)]


def test_evidence_is_added_by_who_writes_the_risk(here):
    risk = make_risk(here.project, here.manager, owner=here.owner)
    target = evidencing.targets.of("risks.risk")
    people = {"owner": here.owner, "manager": here.manager, "auditor": here.auditor, "staff": here.staff}
    questions = (target.may_see, target.may_add, target.may_manage)
    asked = {name: tuple(one(risk, person) for one in questions) for name, person in people.items()}
    assert asked == {
        "owner": (True, True, False), "manager": (True, True, True), "auditor": (True, False, False),
        "staff": (False, False, False),
    }  # fmt: skip
    assert target.load(here.stranger.home, risk.pk) is None


def test_the_gate_of_step_1_7_asks_for_owners_and_ratings(here, edition, client_of):
    step = make_step(here.project)

    def answer():
        (one,) = hung.gate(step)
        return one.is_met, str(one.reason)

    assert answer() == (False, "The register is empty")
    make_risk(here.project, here.manager)
    risk = make_risk(here.project, here.manager, owner=here.owner)
    assert answer() == (False, "2 risks are not complete")
    rate(risk, here.owner, 2, 2)
    assert answer() == (False, "1 risk is not complete")
    risk_services.move(risk=Risk.objects.get(number=1), name="close", by=here.manager, reason="Double")
    with queries(1):
        assert answer() == (True, "")
    assert hung.gate in gates._checks["risk-assessment"]


def test_the_panel_of_step_1_7_counts_and_leads_to_what_it_counts(here, edition, client_of):
    today = dates.today(here.project.organization.time_zone)
    high = make_risk(here.project, here.manager, title="High", owner=here.owner)
    rate(high, here.owner, 5, 5)
    Risk.objects.filter(pk=high.pk).update(review_on=today - dt.timedelta(days=1))
    make_risk(here.project, here.manager, title="Draft")
    step = make_step(here.project)
    step.project = here.project

    with queries(2):
        context = hung.of_step(step, here.manager, frozenset(Perm))

    assert (context["figures"].open, context["rated_percent"], bool(context["new"])) == (2, 50, True)
    for _kind, _icon, _label, count, href in context["rows"]:
        assert len(titles(client_of(here.auditor).get(href))) == count, href
    assert hung.of_step(step, here.auditor, frozenset({Perm.VIEW_RISKS}))["new"] == ""
