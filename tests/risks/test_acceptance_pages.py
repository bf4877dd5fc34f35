"""From what waits to the signature, on the pages: drawn up, asked for, signed, read later, taken back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from approvals.models import Approval, Approver
from projects.permissions import Role
from risks.models import Acceptance, AcceptedRisk, Risk
from risks.services import acceptance as services
from risks.services import treatment as treatments
from tests.factories.projects import grant, make_project
from tests.helpers.budget import queries
from tests.helpers.risk_stories import ask, drawn_up, here, make_rated, make_treatment, signed, story

pytestmark = pytest.mark.django_db
__all__ = ["here"]
LIST, DETAIL, CREATE = 10, 15, 12


def url(here, name, **parts):
    return reverse(f"risks:{name}", kwargs={**here.project.address, **parts})


def as_(person):
    client = Client()
    client.force_login(person)
    return client


def test_drawn_up_asked_for_and_readable(here):
    low, worst = make_rated(here, 1, 1), make_rated(here, 5, 5)
    make_treatment(here.risk, here.owner, title="Two-factor sign-in")
    client = as_(here.manager)
    shown = client.get(url(here, "acceptance-list"))
    assert [(one.owner, one.count) for one in shown.context["waiting"]] == [(here.owner, 3)]
    address = url(here, "acceptance-create") + f"?owner={here.owner.pk}"
    form = client.get(address)
    text = form.content.decode()
    assert "nobody may accept this" in text and "top management signs too" in text
    assert form.context["form"]["risks"].value() == [here.risk.number, low.number]
    until = (here.today + dt.timedelta(days=90)).isoformat()

    answer = client.post(
        address, {"risks": [here.risk.number, low.number], "accepted_until": until, "once": "k", "note": "Read"}
    )

    made = Acceptance.objects.get()
    assert (answer.status_code, answer.url, made.note) == (303, made.get_absolute_url(), "Read")
    asking = client.get(url(here, "acceptance-ask", number=made.label), follow=True)
    text = asking.content.decode()
    assert "The record itself says who decides" in text and str(here.boss) in text and 'name="person_' not in text
    answer = client.post(asking.request["PATH_INFO"], {"note": "Please", f"person_{here.other.pk}": "1"})
    approval = Approval.objects.get(subject_kind=services.KIND)
    assert (answer.status_code, answer.url) == (303, approval.get_absolute_url())
    people = Approver.objects.filter(step__approval=approval).order_by("step__position")
    assert [one.person for one in people] == [here.owner, here.boss]
    signing = as_(here.owner).get(approval.get_absolute_url()).content.decode()
    assert "Two-factor sign-in" in signing and worst.title not in signing
    assert "Awaiting a decision" in client.get(made.get_absolute_url()).content.decode()


def test_who_owns_the_risks_is_told_that_somebody_else_draws_it_up(here):
    mine = make_rated(here, 1, 1, owner=here.manager)
    client, address = as_(here.manager), url(here, "acceptance-create")
    page = client.get(f"{address}?owner={here.manager.pk}")
    assert "who signs does not draw it up" in page.content.decode() and "form" not in page.context
    answer = client.post(f"{address}?owner={here.manager.pk}", {"risks": [mine.number], "accepted_until": "2030-01-01"})
    assert answer.status_code == 422 and not Acceptance.objects.exists()
    assert "somebody else draws the acceptance up" in as_(here.owner).get(url(here, "acceptance-list")).content.decode()


def test_what_was_typed_is_kept(here):
    client = as_(here.manager)
    answer = client.post(
        url(here, "acceptance-create") + f"?owner={here.owner.pk}", {"note": "Kept", "accepted_until": "x"}
    )
    text = answer.content.decode()
    assert answer.status_code == 422 and "Kept" in text and "Tick the risks" in text
    acceptance = drawn_up(here, [here.risk])
    typed = {"version": 1, "risks": [here.risk.number], "accepted_until": "2030-01-01", "note": "Mine"}
    edit = url(here, "acceptance-edit", number=acceptance.label)
    assert as_(here.consultant).post(edit, typed | {"note": "Theirs"}).status_code == 303
    answer = client.post(edit, typed)
    text = answer.content.decode()
    assert answer.status_code == 422 and "Theirs" in text and "Mine" in text
    assert client.post(edit, typed | {"version": 2}).status_code == 303
    assert Acceptance.objects.get().note == "Mine"


def test_taking_back_on_the_page_says_why_on_the_page_of_the_acceptance(here):
    acceptance = signed(here, [here.risk])
    address = url(here, "acceptance-revoke", number=acceptance.label)
    client = as_(here.owner)
    assert "Read what was signed" in client.get(acceptance.get_absolute_url()).content.decode()
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "The supplier failed"}).status_code == 303
    shown = as_(here.auditor).get(acceptance.get_absolute_url()).content.decode()
    assert "took the acceptance back: The supplier failed" in shown and "No longer" in shown
    assert Risk.objects.get(pk=here.risk.pk).acceptance_state == "stale"


def test_who_may_and_who_may_not(here):
    draft, done = drawn_up(here, [make_rated(here, 1, 1)]), signed(here, [here.risk])
    edit, give_up, asked = (url(here, f"acceptance-{name}", number=draft.label) for name in ("edit", "give-up", "ask"))
    revoke = url(here, "acceptance-revoke", number=done.label)
    for person, manages, takes_back in (
        (here.manager, 200, 403), (here.consultant, 200, 403), (here.owner, 403, 200), (here.boss, 403, 200),
        (here.other, 403, 403), (here.auditor, 403, 403), (here.staff, 403, 403),
    ):  # fmt: skip
        client = as_(person)
        assert [client.get(one).status_code for one in (edit, give_up)] == [manages] * 2, person
        assert client.get(asked).status_code == (302 if manages == 200 else 403), person
        assert client.get(revoke).status_code == takes_back, person
        assert client.get(url(here, "acceptance-create")).status_code == manages, person
    assert as_(here.auditor).get(done.get_absolute_url()).status_code == 200
    assert as_(here.staff).get(done.get_absolute_url()).status_code == 403


def test_foreign_and_strange_numbers_are_not_there(here):
    other = story()
    theirs = drawn_up(other, [other.risk])
    client = as_(here.manager)
    assert client.get(theirs.get_absolute_url()).status_code == 404
    for number in ("RA-001", "RA-99999999999", "TR-001", "x"):
        assert client.get(url(here, "acceptance-detail", number=number)).status_code == 404
    drawn_up(here, [here.risk])
    assert client.get(url(here, "acceptance-detail", number="1")).status_code == 302
    page = client.get(url(here, "acceptance-create") + f"?owner={other.owner.pk}")
    assert page.context["owner"] is None
    answer = client.post(url(here, "acceptance-create") + f"?owner={here.owner.pk}",
                         {"risks": [99], "accepted_until": "2030-01-01"})  # fmt: skip
    assert answer.status_code == 422


def test_the_list_shows_what_is_asked_what_holds_and_what_ended(here):
    rows = {name: make_rated(here, 1, 1) for name in ("draft", "asked", "holds", "soon", "ended", "dropped")}
    made = {"draft": drawn_up(here, [rows["draft"]]), "asked": drawn_up(here, [rows["asked"]])}
    ask(here, made["asked"])
    made["holds"] = signed(here, [rows["holds"]])
    made["soon"] = signed(here, [rows["soon"]], days=20)
    made["ended"] = signed(here, [rows["ended"]])
    services.revoke(acceptance=made["ended"], by=here.owner, reason="No")
    made["dropped"] = drawn_up(here, [rows["dropped"]])
    services.give_up(acceptance=made["dropped"], by=here.manager, reason="No")
    client, address = as_(here.auditor), url(here, "acceptance-list")

    def keys(show=""):
        return {one.state.key for one in client.get(address, {"show": show}).context["rows"]}

    assert keys() == {"draft", "asked", "holds", "soon"} == keys("nonsense")
    assert (keys("asked"), keys("force"), keys("soon")) == ({"asked"}, {"holds", "soon"}, {"soon"})
    assert (keys("ended"), keys("all")) == ({"ended", "dropped"}, set(made))
    for one in made.values():
        assert client.get(one.get_absolute_url()).status_code == 200


def test_the_list_costs_the_same_with_three_and_with_a_hundred(here):
    client, address = as_(here.auditor), url(here, "acceptance-list")
    signed(here, [here.risk])
    owned = {"organization": here.project.organization, "project": here.project}

    def fill(first, last):
        for n in range(first, last):
            acceptance = Acceptance(
                **owned, number=n, owner=here.owner, accepted_until=here.today, created_by=here.manager
            )
            Acceptance.objects.bulk_create([acceptance])
            AcceptedRisk.objects.create(**owned, acceptance=acceptance, risk=here.risk)

    fill(2, 4)
    client.get(address)
    with queries(LIST):
        client.get(address)
    fill(4, 100)
    with queries(LIST):
        client.get(address)


def test_one_acceptance_costs_the_same_with_one_and_with_twenty_risks(here):
    few, many = [make_rated(here, 1, 1)], [make_rated(here, 1, 2) for _n in range(20)]
    for risk in many:
        made = make_treatment(risk, here.owner)
        treatments.add_task(treatment=made, by=here.owner, title="One")
    client, manager = as_(here.auditor), as_(here.manager)
    for risks in (few, many):
        acceptance = signed(here, risks)
        acceptance.project = here.project
        client.get(acceptance.get_absolute_url())
        with queries(DETAIL):
            client.get(acceptance.get_absolute_url())
        draft = url(here, "acceptance-create") + f"?owner={here.owner.pk}"
        manager.get(draft)
        with queries(CREATE):
            manager.get(draft)


def test_an_empty_list_says_what_it_is_for(here):
    empty = make_project()
    grant(here.auditor, Role.AUDITOR, empty)
    text = as_(here.auditor).get(reverse("risks:acceptance-list", kwargs=empty.address)).content.decode()
    assert "Nothing is accepted yet" in text
    waiting = as_(here.auditor).get(url(here, "acceptance-list")).content.decode()
    assert "Waiting to be put to a decision" in waiting and "Draw up" not in waiting
