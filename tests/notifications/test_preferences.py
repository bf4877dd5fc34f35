"""What people choose about being told, and stopping a mail from the mail itself."""

from __future__ import annotations

import pytest
from django.core import signing
from django.test import Client

from accounts.models import User
from notifications import unsubscribing
from notifications.models import Preference
from notifications.models.preference import When
from notifications.selectors import preference as selectors
from tests.factories.projects import make_user
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db
PAGE = "/inbox/preferences/"
CHOSEN = {"decision": "digest", "assignment": "none", "mention": "digest", "digest": "on", "morning_hour": "6"}


@pytest.fixture
def person(client):
    person = make_user()
    client.force_login(person)
    return person


def switches(person) -> tuple[bool, ...]:
    person.refresh_from_db()
    return person.mail_on_assignment, person.mail_on_mention, person.mail_digest, person.mail_weekly


# ---- the page ---------------------------------------------------------------------------------------------------


def test_who_chose_nothing_sees_the_defaults(client, person):
    form = client.get(PAGE).context["form"]

    assert form.initial == {
        "decision": "at_once", "assignment": "at_once", "mention": "at_once", "digest": True, "weekly": True,
        "morning_hour": 7,
    }  # fmt: skip
    assert not Preference.objects.exists()


def test_everything_is_chosen_on_one_page_and_stands_there_again(client, person):
    answer = client.post(PAGE, CHOSEN, follow=True)

    assert "Saved" in answer.content.decode()
    row = Preference.objects.get()
    assert (row.person, row.decision, row.mention, row.morning_hour) == (person, When.DIGEST, When.DIGEST, 6)
    assert switches(person) == (False, True, True, False)
    initial = answer.context["form"].initial
    assert (initial["assignment"], initial["mention"], initial["weekly"]) == ("none", "digest", False)


def test_who_switches_a_kind_on_again_gets_it_as_before(client, person):
    client.post(PAGE, CHOSEN | {"assignment": "digest"})
    client.post(PAGE, CHOSEN | {"assignment": "none"})

    assert Preference.objects.get().assignment == When.DIGEST


def test_the_digest_cannot_carry_what_is_chosen_while_it_is_off(client, person):
    answer = client.post(PAGE, {key: value for key, value in CHOSEN.items() if key != "digest"})

    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"decision", "mention"}
    assert "The daily digest is switched off below." in answer.content.decode()
    assert not Preference.objects.exists() and switches(person) == (True, True, True, True)


@pytest.mark.parametrize(
    "wrong", [{"morning_hour": "3"}, {"morning_hour": "x"}, {"decision": "none"}, {"mention": "\0"}]
)
def test_a_wrong_choice_is_refused_and_the_others_are_kept(client, person, wrong):
    answer = client.post(PAGE, CHOSEN | wrong)

    assert answer.status_code == 200 and set(answer.context["form"].errors) == set(wrong)
    assert answer.context["form"]["assignment"].value() == "none"
    assert not Preference.objects.exists()


def test_the_page_is_for_people_signed_in_and_reached_from_the_profile(client, person):
    assert Client().get(PAGE).status_code == 302
    assert client.put(PAGE).status_code == 405
    assert f'href="{PAGE}"' in client.get("/accounts/profile/").content.decode()


def test_the_page_takes_few_queries(client, person):
    client.get(PAGE)
    with queries(5):
        client.get(PAGE)


def test_morning_hours_of_many_come_in_one_query():
    early, late = make_user(), make_user()
    Preference.objects.create(person=early, morning_hour=5)

    with queries(1, exactly=True):
        assert selectors.morning_hours([early.pk, late.pk]) == {early.pk: 5, late.pk: 7}


# ---- one click ----------------------------------------------------------------------------------------------------


SWITCHES = {"digest": "mail_digest", "weekly": "mail_weekly", "assignment": "mail_on_assignment",
            "mention": "mail_on_mention"}  # fmt: skip


@pytest.fixture
def strict():
    """A mail program: no cookie, no token, and CSRF is checked."""
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize("what", SWITCHES)
def test_one_post_without_signing_in_stops_one_sort_of_mail(strict, what):
    person, other = make_user(), make_user()

    answer = strict.post(unsubscribing.link(person, what), {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    person.refresh_from_db()
    assert {name: getattr(person, switch) for name, switch in SWITCHES.items()} == {
        name: name != what for name in SWITCHES
    }
    assert switches(other) == (True, True, True, True)
    assert "sessionid" not in answer.cookies and "ims2_session" not in answer.cookies


def test_it_may_come_twice(strict):
    person = make_user()
    link = unsubscribing.link(person, "digest")

    assert strict.post(link).content == strict.post(link).content
    assert switches(person) == (True, True, False, True)


def test_a_scanner_that_opens_the_link_stops_nothing(strict):
    person = make_user()
    link = unsubscribing.link(person, "weekly")

    page = strict.get(link)

    assert strict.head(link).status_code == 200
    assert "Stop the weekly summary?" in page.content.decode() and b'<form method="post">' in page.content
    assert switches(person) == (True, True, True, True)


def test_who_has_stopped_already_is_told_so(strict):
    person = make_user(mail_digest=False)

    assert "You no longer get the daily digest." in strict.get(unsubscribing.link(person, "digest")).content.decode()


def broken(person) -> dict[str, str]:
    good = unsubscribing.token(person, "digest")
    signer = signing.Signer(salt=unsubscribing.SALT)
    return {
        "cut short": good[:-3],
        "changed": good.replace(good[3], "x" if good[3] != "x" else "y", 1),
        "made for something else": signing.Signer(salt="other").sign_object([person.pk, "digest"]),
        "of an earlier key": signing.Signer(key="an earlier key", salt=unsubscribing.SALT).sign_object([person.pk, "digest"]),
        "for what cannot be stopped": signer.sign_object([person.pk, "decision"]),
        "of a strange shape": signer.sign_object({"a": 1}),
        "very long": "x" * 5000,
        "with a NUL": "x%00y",
    }  # fmt: skip


@pytest.mark.parametrize("case", list(broken(User(pk=1))))
def test_a_token_that_is_not_ours_opens_nothing_and_says_so(strict, case):
    person = make_user()
    path = f"/unsubscribe/{broken(person)[case]}/"

    for answer in (strict.get(path), strict.post(path)):
        assert answer.status_code == 404
        assert "This link opens nothing" in answer.content.decode()
    assert switches(person) == (True, True, True, True)


def test_the_token_of_a_closed_account_opens_nothing(strict):
    person = make_user(is_active=False)

    answer = strict.post(unsubscribing.link(person, "digest"))

    assert answer.status_code == 404 and "its account is no longer in use" in answer.content.decode()
    assert switches(person) == (True, True, True, True)


def test_a_token_made_under_the_key_before_still_stops_its_mail(strict, settings):
    person = make_user()
    link = unsubscribing.link(person, "digest")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, made later"

    assert strict.post(link).status_code == 200
    assert switches(person)[2] is False


def test_the_page_says_nothing_about_its_person(strict):
    person = make_user("hidden@example.org", name="Hildegard Hidden")

    page = strict.get(unsubscribing.link(person, "digest")).content.decode()

    assert "hidden@example.org" not in page and "Hildegard" not in page


def test_nothing_else_can_be_put_into_a_link():
    with pytest.raises(ValueError, match="nothing to unsubscribe"):
        unsubscribing.link(make_user(), "decision")
