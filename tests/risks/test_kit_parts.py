"""What a kit carries of the risks: criteria and a library, and nothing by which the client could be told."""

from __future__ import annotations

import datetime as dt
import json
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from context.services import scope
from projects.models import JournalEntry, KitVersion, Project
from projects.permissions import Role
from projects.services import kit, start, team
from risks.models import Asset, Rating, Risk, RiskCriteria
from risks.selectors import criteria as selectors
from risks.services import criteria
from risks.services import risk as risks
from tests.factories.methods import make_method, some_standard
from tests.factories.projects import grant, join, make_firm, make_organization, make_user
from tests.factories.risks import make_asset, make_edition, make_risk, rate

MONDAY = dt.date(2035, 1, 1)
BOTH = ("risk_criteria", "risks")


def client_of(firm, name: str):
    found = make_organization(name=name)
    team.engage(firm=firm, client=found, by=None, is_set_up=True)
    return found


def started(firm, by, name: str, **more) -> Project:
    more = {"catalogue": None, "start_on": MONDAY, "headcount": 100} | more
    made = start.start(
        organization=client_of(firm, name), by=by, name=f"IMS {name}", slug="ims", standards=[some_standard()], **more
    )
    return Project.objects.select_related("organization").get(pk=made.pk)


@pytest.fixture
def browser_of():
    def of(person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return of


@pytest.fixture
def world(db):
    """A firm, its consultant, and a client whose criteria and risks are full of its own names."""
    firm = make_firm("firm", name="Berg Consulting")
    consultant = make_user(name="Cora Consultant")
    join(consultant, firm)
    project = started(firm, consultant, "Alpenblick AG", catalogue=make_method())
    owner, gone = make_user(name="Rosa Inauen"), make_user(name="Peter Zgraggen")
    boss = make_user(name="Beat Top")
    grant(owner, Role.RISK_OWNER, project)
    grant(boss, Role.TOP_MANAGEMENT, project)
    held = grant(gone, Role.RISK_OWNER, project)
    scope.add_item(project=project, by=consultant, kind="site", values={"name": "Landquart"})
    record = criteria.begin(project=project, by=consultant, starter="5x5")
    content = json.loads(json.dumps(record.content))
    content["consequence"][4]["text"] = "Alpenblick has to close; call Rosa Inauen, +41 44 123 45 67"
    content["dimensions"][0] |= {"name": "Good name of Alpenblick", "key": "alpenblick-name"}
    criteria.write(
        project=project, by=consultant, version=record.version, method="Rosa rates at Alpenblick AG.", content=content
    )
    edition = make_edition(project, consultant, boss)
    server = make_asset(project, consultant, name="Server in Landquart", owner=owner)
    first = make_risk(
        project, consultant, title="Fire at Alpenblick", discipline="continuity", category="Site Landquart",
        cause="Peter Zgraggen smokes in Landquart", event="It burns (peter@alpenblick.ch)", outcome="Nobody can work",
        owner=owner, assets=[server], existing_controls="Rosa locks up", review_on=dt.date(2035, 6, 1),
    )  # fmt: skip
    rate(first, consultant, 4, 5)
    make_risk(project, consultant, title="Key person leaves", cause="Unhappy", owner=gone)
    held.delete()  # who has left the team is not asked by name any more
    closed = make_risk(project, consultant, title="Old story of Alpenblick", owner=owner)
    risks.move(risk=closed, name="close", by=consultant, reason="Gone")
    return SimpleNamespace(firm=firm, consultant=consultant, project=project, edition=edition)


def saved(world, **more) -> KitVersion:
    more = {"name": "Medtech", "registers": BOTH} | more
    return kit.save(project=world.project, firm=world.firm, by=world.consultant, **more)


def test_criteria_and_library_go_along_and_nothing_by_which_the_client_could_be_told(world):
    assert "Alpenblick" in world.edition.method + str(world.edition.content)  # there is something that could leak

    content = saved(world).content

    text = json.dumps(content, ensure_ascii=False)
    for name in ("Alpenblick", "alpenblick", "Rosa", "Inauen", "Peter", "Zgraggen", "Landquart", "044", "123 45", "@"):
        assert name not in text, name
    assert content["registers"]["risks"] == [
        {
            "title": "Fire at [organization]", "discipline": "continuity", "category": "Site [place]",
            "cause": "[person] smokes in [place]", "event": "It burns ([…])", "outcome": "Nobody can work",
        },
        {
            "title": "Key person leaves", "discipline": "general", "category": "", "cause": "Unhappy", "event": "",
            "outcome": "",
        },
    ]  # fmt: skip
    taken = content["registers"]["risk_criteria"]
    assert taken["method"] == "[person] rates at [organization]."
    assert taken["content"]["consequence"][4]["text"] == "[organization] has to close; call [person], […]"
    first = taken["content"]["dimensions"][0]
    assert (first["name"], first["key"]) == ("Good name of [organization]", "sort-1")
    assert taken["content"]["matrix"] == world.edition.content["matrix"]
    entry = JournalEntry.objects.get(action="kit.saved")
    assert entry.changes["registers"] == ["Risk criteria: 5 × 5 matrix", "Risks: 2 risks"]


def test_the_next_client_has_them_from_the_start_without_owner_rating_or_edition(world):
    version = saved(world)

    made = started(world.firm, world.consultant, "Seefeld GmbH", catalogue=version.catalogue, kit=version)

    record = RiskCriteria.objects.get(project=made)
    assert record.content == version.content["registers"]["risk_criteria"]["content"]
    assert record.method == "[person] rates at [organization]."
    assert selectors.in_force(made) is None  # its own top management approves them
    rows = Risk.objects.filter(project=made).order_by("number")
    assert [(one.label, one.title, one.discipline, one.status, one.owner) for one in rows] == [
        ("R-001", "Fire at [organization]", "continuity", "draft", None),
        ("R-002", "Key person leaves", "general", "draft", None),
    ]  # fmt: skip
    assert [(one.existing_controls, one.review_on, one.current_level, one.facts) for one in rows] == [
        ("", None, None, {}), ("", None, None, {}),
    ]  # fmt: skip
    assert not Rating.objects.filter(project=made).exists()
    assert not Asset.objects.filter(project=made).exists()
    written = JournalEntry.objects.filter(project=made, action__in=("risk.created", "criteria.written"))
    assert written.count() == 3 and all("Medtech 1" in one.reason for one in written)
    assert "Alpenblick" not in str(list(JournalEntry.objects.filter(project=made).values("changes", "target_label")))


def test_only_the_registers_chosen_go_along_and_single_risks_stay_behind(world):
    assert "registers" not in saved(world, registers=()).content

    second = saved(world, registers=["risks"], without_rows={"risks": ["Fire at [organization]"]})
    third = saved(world, registers=["risks"], without_rows={"risks": ["Fire at [organization]", "Key person leaves"]},
                  name="None")  # fmt: skip

    assert [row["title"] for row in second.content["registers"]["risks"]] == ["Key person leaves"]
    assert second.content["registers"].keys() == {"risks"}
    assert "registers" not in third.content


def test_of_a_project_without_criteria_or_risks_nothing_goes_along(world):
    empty = started(world.firm, world.consultant, "Empty GmbH", catalogue=world.project.catalogue)

    made = kit.save(project=empty, firm=world.firm, by=world.consultant, name="Empty", registers=BOTH)

    assert "registers" not in made.content


def test_the_page_shows_what_goes_along_before_it_is_saved_and_takes_what_is_chosen(world, browser_of):
    client = browser_of(world.consultant)
    here = reverse("projects:kit-save", kwargs=world.project.address)

    page = " ".join(client.get(here).content.decode().split())
    for words in ("Risk criteria: 5 × 5 matrix", "Risks: 2 risks", "[person] smokes in [place]", "Zgraggen"):
        assert words in page, words  # the name among what was taken out
    done = client.post(here, {
        "firm": world.firm.slug, "name": "Medtech", "is_read": "on", "registers": ["risks"],
        "rows": ["risks:Key person leaves"],
    })  # fmt: skip

    assert done.status_code == 303
    assert [row["title"] for row in KitVersion.objects.get().content["registers"]["risks"]] == [
        "Fire at [organization]"
    ]
    shown = client.get(done["Location"]).content.decode()
    assert "1 risk" in shown and "Fire at [organization]" in shown
    assert (
        client.post(here, {"firm": world.firm.slug, "name": "X", "is_read": "on", "registers": ["x"]}).status_code
        == 422
    )


def test_another_firm_sees_nothing_of_it_and_a_start_page_says_what_a_kit_brings(world, browser_of):
    version = saved(world)
    rival = make_user()
    other = make_firm("other", name="Tal Consulting")
    join(rival, other)
    theirs = client_of(other, "Seefeld GmbH")
    said = {
        "standards": [some_standard().slug], "start_on": "2036-01-07", "headcount": "100", "country": "", "region": "",
        "region_of": "", "working_days": ["0", "1", "2", "3", "4"], "name": "IMS", "manager": "me", "tasks": "all",
        "kit": str(version.pk), "language": "en", "time_zone": "Europe/Zurich",
    }  # fmt: skip
    address = reverse("projects:kit-detail", args=[world.firm.slug, version.kit_id])

    stranger = browser_of(rival)
    assert stranger.get(address).status_code == 404
    for more in ({"preview": "1"}, {}):
        answer = stranger.post(reverse("projects:start"), {**said, "client": theirs.slug, **more})
        assert "Fire at" not in answer.content.decode() and "The kit also brings" not in answer.content.decode()
    assert not Project.objects.filter(organization=theirs).exists()

    ours = client_of(world.firm, "Bodan AG")
    preview = browser_of(world.consultant).post(
        reverse("projects:start"), {**said, "client": ours.slug, "preview": "1"}
    )
    assert "The kit also brings: Risk criteria: 5 × 5 matrix · Risks: 2 risks" in preview.content.decode()
