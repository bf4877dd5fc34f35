"""Saved views: a person's own, under names of their own."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from portal.models import SavedView
from portal.services import views as services
from tests.factories.projects import join, make_firm, make_user

pytestmark = pytest.mark.django_db
NEW = "/portfolio/views/new/?state=overdue&sort=-overdue&strange=1"


@pytest.fixture
def firm():
    return make_firm("firn")


@pytest.fixture
def consultant(firm, client):
    person = join(make_user(), firm)
    client.force_login(person)
    return person


def test_what_a_person_chose_is_kept_under_a_name(client, consultant):
    assert 'name="name"' in client.get(NEW).content.decode()

    answer = client.post(NEW, {"name": "  What  burns "})

    view = SavedView.objects.get()
    assert (view.person, view.name, view.query, view.is_default) == (
        consultant, "What burns", "state=overdue&sort=-overdue", False,
    )  # fmt: skip
    assert (answer.status_code, answer["Location"]) == (303, "/portfolio/?state=overdue&sort=-overdue")
    page = client.get("/portfolio/?sort=-overdue&state=overdue")
    assert page.context["current"] == view and "Save this view" not in page.content.decode()
    assert client.get("/portfolio/").status_code == 200


def test_the_preferred_view_opens_with_the_portfolio_and_all_stays_reachable(client, consultant):
    services.save(person=consultant, name="One", query="state=behind", is_default=True)
    second = services.save(person=consultant, name="Two", query="group=consultant", is_default=True)

    assert list(SavedView.objects.filter(is_default=True)) == [second]
    assert client.get("/portfolio/")["Location"] == "/portfolio/?group=consultant"
    assert client.get("/portfolio/?view=all").context["asked"].query == ""
    everything = services.save(person=consultant, name="Three", query="", is_default=True)
    assert everything.get_absolute_url() == "/portfolio/?view=all"
    assert client.get("/portfolio/", follow=True).status_code == 200


@pytest.mark.parametrize(("name", "why"), [("", "required"), ("x" * 41, "at most 40"), ("Taken", "already")])
def test_a_name_that_does_not_do_is_refused_and_kept(client, consultant, name, why):
    services.save(person=consultant, name="Taken", query="state=late")

    answer = client.post(NEW, {"name": name, "is_default": "on"})

    text = answer.content.decode()
    assert answer.status_code == 422 and why in text
    assert f'value="{name}"' in text or not name
    assert SavedView.objects.count() == 1


def test_a_view_is_renamed_and_deleted(client, consultant):
    view = services.save(person=consultant, name="Old", query="state=late")
    url = f"/portfolio/views/{view.pk}/"

    assert 'value="Old"' in client.get(url).content.decode()
    assert client.post(url, {"name": "New", "is_default": "on"})["Location"] == "/portfolio/?state=late"
    view.refresh_from_db()
    assert (view.name, view.is_default, view.query) == ("New", True, "state=late")
    assert client.post(f"{url}delete/")["Location"] == "/portfolio/?view=all"
    assert not SavedView.objects.exists()
    assert client.get(f"{url}delete/").status_code == 405


def test_nobody_else_sees_renames_or_deletes_a_view(client, consultant, firm):
    theirs = services.save(person=join(make_user(), firm), name="Canary", query="q=secret", is_default=True)

    page = client.get("/portfolio/")

    assert page.status_code == 200 and "Canary" not in page.content.decode()
    for method, url in (("get", ""), ("post", ""), ("post", "delete/")):
        for pk in (theirs.pk, 10**18):
            assert getattr(client, method)(f"/portfolio/views/{pk}/{url}", {"name": "Mine"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.name == "Canary"
    assert services.save(person=consultant, name="Canary", query="").pk != theirs.pk


def test_there_is_an_end_to_views_and_one_default_in_the_database(client, consultant):
    for n in range(services.MOST):
        services.save(person=consultant, name=f"View {n}", query="", is_default=n == 3)

    answer = client.post(NEW, {"name": "One more"})

    assert answer.status_code == 422 and "Delete one" in answer.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.update(is_default=True)
