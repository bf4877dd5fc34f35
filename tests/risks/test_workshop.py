"""The grid of a workshop: a row is saved once, whatever the connection does, and no one's text is lost."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from core.htmx import is_asked_by_itself
from core.models import FormKey
from core.rules import RuleBroken, StaleRecord
from projects.flow import NotPermitted
from projects.models import JournalEntry
from risks.models import Rating, Risk
from risks.selectors import workshop as selectors
from risks.services import risk as risks
from risks.services import workshop as services
from tests.approvals.test_in_parallel import together
from tests.factories.risks import make_risk, rate
from tests.helpers.budget import queries

GRID_BUDGET, SINCE_BUDGET, CREATE_BUDGET = 9, 6, 45
ROW = {
    "title": "Forklift hits a visitor", "event": "Visitors take the short way", "discipline": "ohs",
    "category": "Logistics", "likelihood": 3, "consequence": 4,
}  # fmt: skip


def save(here, by=None, key=None, **more):
    values = {**ROW, "owner": here.owner, **more.pop("values", {})}
    return services.save_row(
        project=here.project, by=by or here.manager, key=key or str(uuid.uuid4()), values=values, **more
    )


@pytest.fixture
def post(client_of, url):
    def send(person, **more):
        sent = {name: value for name, value in {**ROW, "key": str(uuid.uuid4()), **more}.items() if value is not None}
        return client_of(person).post(url("workshop-row"), sent)

    return send


# ---- the service --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_row_becomes_a_rated_risk_in_one_go(here, edition):
    risk = save(here)

    assert (risk.label, risk.title, risk.event, risk.discipline, risk.category) == (
        "R-001", "Forklift hits a visitor", "Visitors take the short way", "ohs", "Logistics"
    )  # fmt: skip
    assert (risk.status, risk.owner, risk.current_likelihood, risk.current_consequence) == (
        "assessed",
        here.owner,
        3,
        4,
    )
    assert risk.current_level == edition.criteria.matrix[2][3]
    assert list(Rating.objects.values_list("kind", "likelihood", "consequence")) == [("current", 3, 4)]
    told = set(JournalEntry.objects.filter(target_kind="risks.risk").values_list("action", flat=True))
    assert told == {"risk.created", "risk.assess", "risk.rated"}


@pytest.mark.django_db
def test_the_same_row_sent_twice_is_one_risk_and_one_rating(here, edition):
    key = str(uuid.uuid4())
    first = save(here, key=key)
    before = JournalEntry.objects.count()

    second = save(here, key=key)

    assert (second.pk, second.version) == (first.pk, first.version)
    assert (Risk.objects.count(), Rating.objects.count(), JournalEntry.objects.count()) == (1, 1, before)


@pytest.mark.django_db
def test_a_row_typed_on_while_its_answer_was_lost_changes_the_risk_it_made(here, edition):
    key = str(uuid.uuid4())
    save(here, key=key)

    risk = save(here, key=key, values={"title": "Forklift hits two visitors", "consequence": 5})
    again = save(here, key=key, values={"title": "Forklift hits three", "consequence": 5})

    assert risk.pk == again.pk and again.title == "Forklift hits three" and again.current_consequence == 5
    assert Risk.objects.count() == 1 and Rating.objects.count() == 2


@pytest.mark.django_db
def test_a_change_whose_answer_was_lost_is_no_conflict_with_itself(here, edition):
    key = str(uuid.uuid4())
    risk = save(here)
    seen = risk.version
    services.save_row(
        project=here.project, by=here.manager, key=key, values={"title": "Once"}, version=seen, number="R-001"
    )

    again = services.save_row(
        project=here.project, by=here.manager, key=key, values={"title": "Twice"}, version=seen, number="R-001"
    )

    assert again.title == "Twice"


@pytest.mark.django_db
def test_who_saves_second_gets_the_others_text_and_changes_nothing(here, edition):
    risk = save(here)
    seen, key = risk.version, str(uuid.uuid4())
    risks.change(risk=risk, by=here.owner, version=seen, values={"title": "The owner's words"})

    with pytest.raises(StaleRecord) as stale:
        services.save_row(
            project=here.project, by=here.manager, key=key, values={"title": "Mine"}, version=seen, number="R-001"
        )

    assert stale.value.current.title == "The owner's words" and stale.value.current.edited_by == here.owner
    assert Risk.objects.get().title == "The owner's words" and not FormKey.objects.filter(key__contains=key).exists()


@pytest.mark.django_db
def test_a_repeat_after_somebody_elses_change_is_a_conflict_unless_it_says_the_same(here, edition):
    key = str(uuid.uuid4())
    risk = save(here, key=key)
    risks.change(risk=risk, by=here.owner, version=risk.version, values={"outcome": "A broken leg"})
    assert save(here, key=key).outcome == "A broken leg"

    risk.refresh_from_db()
    risks.change(risk=risk, by=here.owner, version=risk.version, values={"title": "Other words"})
    with pytest.raises(StaleRecord):
        save(here, key=key)
    assert Risk.objects.get().title == "Other words"


@pytest.mark.django_db
def test_marks_that_did_not_change_are_not_rated_again_and_a_rating_is_not_taken_back(here, edition):
    risk = save(here)
    risk = services.save_row(
        project=here.project, by=here.manager, key="k" * 12, version=risk.version, number="R-001",
        values={"title": "Other", "likelihood": 3, "consequence": 4},
    )  # fmt: skip
    assert Rating.objects.count() == 1

    with pytest.raises(RuleBroken, match="A rating stays") as refusal:
        services.save_row(
            project=here.project, by=here.manager, key="l" * 12, version=risk.version, number="R-001",
            values={"likelihood": None, "consequence": None},
        )  # fmt: skip
    assert refusal.value.field == "likelihood"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"title": " "}, "title", "Name the risk"), ({"likelihood": None}, "likelihood", "likelihood too"),
        ({"consequence": None}, "consequence", "consequence too"), ({"likelihood": 6}, None, "between 1 and 5"),
        ({"discipline": "nonsense"}, "discipline", "Choose a discipline"),
    ],
)  # fmt: skip
def test_a_refused_row_leaves_nothing_behind(here, edition, values, field, words):
    before = JournalEntry.objects.count()

    with pytest.raises(RuleBroken, match=words) as refusal:
        save(here, values=values)

    assert getattr(refusal.value, "field", None) == field
    assert not Risk.objects.exists() and not FormKey.objects.exists() and JournalEntry.objects.count() == before


@pytest.mark.django_db
def test_without_criteria_a_row_is_written_down_but_not_rated(here):
    risk = save(here, values={"likelihood": None, "consequence": None})
    assert (risk.status, risk.current_level) == ("identified", None)
    with pytest.raises(RuleBroken, match="before top management has approved"):
        save(here)


@pytest.mark.django_db
def test_who_writes_only_own_risks_owns_what_is_added_and_changes_nothing_else(here, edition):
    mine = services.save_row(project=here.project, by=here.owner, key="k" * 12, values=ROW)
    assert mine.owner == here.owner
    theirs = save(here, values={"owner": here.boss})

    with pytest.raises(NotPermitted):
        services.save_row(
            project=here.project, by=here.owner, key="m" * 12, values={"title": "x"}, version=theirs.version,
            number=theirs.label,
        )  # fmt: skip
    for person in (here.auditor, here.staff, here.stranger):
        with pytest.raises(NotPermitted):
            services.save_row(project=here.project, by=person, key="n" * 12, values=ROW)
    assert Risk.objects.count() == 2


@pytest.mark.django_db
def test_the_same_key_of_another_person_or_project_leads_nowhere(here, edition):
    key = str(uuid.uuid4())
    assert save(here, key=key).label == "R-001"
    assert services.save_row(project=here.project, by=here.owner, key=key, values=ROW).label == "R-002"
    elsewhere = here.stranger.home
    values = {"title": "Elsewhere"}
    assert services.save_row(project=elsewhere, by=here.stranger, key=key, values=values).project == elsewhere


@pytest.mark.django_db
def test_a_closed_risk_is_not_changed_from_the_grid(here, edition):
    risk = save(here)
    risk = risks.move(risk=risk, name="close", by=here.manager, reason="Sold")
    with pytest.raises(RuleBroken, match="is closed"):
        services.save_row(
            project=here.project,
            by=here.manager,
            key="k" * 12,
            values={"title": "x"},
            version=risk.version,
            number="R-001",
        )


# ---- at once ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_rows_saved_at_once_get_gapless_numbers_and_one_key_makes_one_risk(here, edition):
    people = [here.manager, here.owner]
    saved, refused, faults = together([lambda n=n: save(here, by=people[n % 2]) for n in range(8)])
    assert (len(saved), refused, faults) == (8, [], [])
    assert sorted(Risk.objects.values_list("number", flat=True)) == list(range(1, 9))

    key = str(uuid.uuid4())
    saved, refused, faults = together([lambda: save(here, key=key) for _n in range(6)])
    assert (len({one.pk for one in saved}), refused, faults) == (1, [], [])
    assert Risk.objects.count() == 9 and Rating.objects.count() == 9


# ---- the addresses ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_row_is_answered_as_it_is_stored(here, edition, post):
    answer = post(here.manager, title="  Forklift   hits ", owner=here.owner.pk)

    assert answer.status_code == 200 and "no-store" in answer.headers["Cache-Control"]
    row = answer.json()["row"]
    assert row["values"] == {
        "title": "Forklift hits", "event": "Visitors take the short way", "discipline": "ohs", "category": "Logistics",
        "owner": str(here.owner.pk), "likelihood": "3", "consequence": "4",
    }  # fmt: skip
    level = edition.criteria.levels[edition.criteria.matrix[2][3]]
    assert (row["number"], row["level"]["name"], row["is_own"], row["may"]) == ("R-001", level.name, True, True)


@pytest.mark.django_db
def test_refusals_and_conflicts_are_sentences_with_the_field_or_the_others_row(here, edition, post):
    answer = post(here.manager, title="")
    assert answer.status_code == 422
    assert answer.json() == {"error": "Name the risk in a few words.", "field": "title"}
    assert post(here.manager, owner=here.stranger.pk).json()["field"] == "owner"
    assert post(here.manager, likelihood="many").json()["field"] == "likelihood"
    assert post(here.manager, number="R-077", version=1).status_code == 422

    risk = make_risk(here.project, here.manager, title="Seen", owner=here.owner)
    risks.change(risk=risk, by=here.owner, version=1, values={"title": "Theirs"})
    answer = post(here.manager, number=risk.label, version=1)
    assert answer.status_code == 409
    assert (answer.json()["row"]["values"]["title"], answer.json()["row"]["by"]) == ("Theirs", "Owner")
    foreign = make_risk(here.project, here.manager, title="Not hers", owner=here.boss)
    assert post(here.owner, number=foreign.label, version=1).status_code == 403
    assert post(here.owner, number=foreign.label, version=1).json()["error"] == "R-002 is not yours to change."


@pytest.mark.django_db
def test_what_others_wrote_since_a_moment_is_told_closed_ones_too(here, edition, client_of, url):
    old = make_risk(here.project, here.manager, title="Old", owner=here.owner)
    Risk.objects.filter(pk=old.pk).update(updated_at=timezone.now() - dt.timedelta(hours=1))
    elsewhere = here.stranger.home
    make_risk(elsewhere, here.stranger, title="Elsewhere")
    begun = timezone.now()
    risk = save(here)
    client = client_of(here.owner)

    answer = client.get(url("workshop-since"), {"moment": begun.isoformat()}).json()

    assert [(one["values"]["title"], one["by"], one["is_own"]) for one in answer["rows"]] == [
        (ROW["title"], "Manager", False)
    ]
    assert answer["moment"] > begun.isoformat() and answer["token"]
    risks.move(risk=risk, name="close", by=here.manager, reason="Sold")
    answer = client.get(url("workshop-since"), {"moment": answer["moment"]}).json()
    assert [(one["is_open"], one["may"]) for one in answer["rows"]] == [(False, False)]
    assert client.get(url("workshop-since"), {"moment": "nonsense"}).status_code == 200


@pytest.mark.django_db
def test_news_is_told_in_portions_without_losing_any(here, monkeypatch):
    monkeypatch.setattr(selectors, "MOST_NEWS", 3)
    begun = timezone.now()
    for n in range(7):
        risk = make_risk(here.project, here.manager, title=f"Risk {n}")
        Risk.objects.filter(pk=risk.pk).update(updated_at=begun + dt.timedelta(minutes=n))

    seen, moment = [], begun
    for _n in range(4):
        rows, moment = selectors.since(here.project, moment)
        seen += [row.title for row in rows if row.title not in seen]

    assert seen == [f"Risk {n}" for n in range(7)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "status"),
    [("manager", 200), ("owner", 200), ("boss", 200), ("auditor", 403), ("staff", 403), ("stranger", 404)],
)
def test_who_may_take_part(here, edition, client_of, url, who, status):
    client = client_of(getattr(here, who))
    assert client.get(url("workshop")).status_code == status
    assert client.get(url("workshop-since")).status_code == status
    answer = client.post(url("workshop-row"), {**ROW, "key": "k" * 12})
    assert answer.status_code == status
    assert Risk.objects.count() == (status == 200)


@pytest.mark.django_db
def test_other_methods_are_refused_and_looking_keeps_no_session_alive(here, client_of, url):
    from django.urls import resolve

    client = client_of(here.manager)
    assert client.get(url("workshop-row")).status_code == 405 == client.post(url("workshop-since")).status_code
    assert client.put(url("workshop")).status_code == 405
    assert is_asked_by_itself(resolve(url("workshop-since")).func)
    assert not is_asked_by_itself(resolve(url("workshop-row")).func)


@pytest.mark.django_db
def test_without_scripts_a_plain_form_saves_one_row_and_keeps_what_was_typed(here, edition, client_of, url):
    client = client_of(here.manager)
    refused = client.post(url("workshop"), {**ROW, "title": "", "owner": here.owner.pk})
    assert refused.status_code == 422
    assert "Name the risk in a few words." in refused.content.decode() and "Visitors take" in refused.content.decode()

    sent = {**ROW, "owner": here.owner.pk, "key": "k" * 12}
    assert client.post(url("workshop"), sent).status_code == 303
    assert client.post(url("workshop"), sent).status_code == 303
    assert [(risk.title, risk.current_likelihood) for risk in Risk.objects.all()] == [(ROW["title"], 3)]
    assert "R-001 Forklift hits a visitor is saved." in client.get(url("workshop")).content.decode()


@pytest.mark.django_db
def test_the_grid_says_why_nothing_can_be_rated_yet(here, client_of, url):
    page = client_of(here.manager).get(url("workshop")).content.decode()
    assert "not rated yet" in page and f'href="{url("criteria")}"' in page
    assert '"scale": null' in page


@pytest.mark.django_db
def test_the_grid_costs_the_same_queries_for_few_and_for_many_rows(here, edition, client_of, url):
    client = client_of(here.manager)
    rate(make_risk(here.project, here.manager, owner=here.owner), here.manager, 3, 3)
    client.get(url("workshop"))
    since = {"moment": (timezone.now() - dt.timedelta(minutes=1)).isoformat()}
    for _n in range(2):
        with queries(GRID_BUDGET, exactly=True):
            client.get(url("workshop"))
        with queries(SINCE_BUDGET, exactly=True):
            client.get(url("workshop-since"), since)
        for n in range(5):
            rate(make_risk(here.project, here.manager, owner=here.owner), here.manager, 1 + n, 3)
    with queries(CREATE_BUDGET):
        client.post(url("workshop-row"), {**ROW, "key": "q" * 12, "owner": here.owner.pk})
