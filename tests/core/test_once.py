"""A form posted twice does its work once."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connections
from django.utils import timezone

from core import once
from core.models import FormKey
from core.rules import RuleBroken
from tests.factories.accounts import make_person


@pytest.mark.django_db
def test_the_second_post_goes_where_the_first_one_went():
    person, made = make_person(), []

    def post(key="abc", who=person):
        return once.carry_out(key, person=who, change=lambda: made.append(1) or len(made), address=lambda n: f"/{n}/")

    assert [post(), post(), post("other"), post(who=make_person())] == ["/1/", "/1/", "/2/", "/3/"]


@pytest.mark.django_db
def test_a_change_that_fails_leaves_the_key_free():
    person = make_person()

    def fail():
        raise RuleBroken("no")

    with pytest.raises(RuleBroken):
        once.carry_out("abc", person=person, change=fail, address=str)

    assert once.carry_out("abc", person=person, change=lambda: "/x/", address=str) == "/x/"


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x" * 41, "ключ", ""])
def test_a_strange_key_is_no_key(key):
    form = once.OnceForm({"once": key})

    assert form.is_valid()
    assert form.cleaned_data["once"] == ""


@pytest.mark.django_db(transaction=True)
def test_two_posts_at_the_same_moment_make_one_record():
    person, made, answers = make_person(), [], []

    def post() -> None:
        try:
            answers.append(once.carry_out("abc", person=person, change=lambda: made.append(1) or "/made/", address=str))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post) for _n in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert (len(made), answers) == (1, ["/made/"] * 6)


@pytest.mark.django_db
def test_keys_are_forgotten_after_a_week():
    FormKey.objects.create(key="old")
    FormKey.objects.update(used_at=timezone.now() - dt.timedelta(days=8))
    FormKey.objects.create(key="new")

    assert once.forget_old() == 1
    assert FormKey.objects.get().key == "new"
