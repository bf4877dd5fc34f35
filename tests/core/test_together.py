"""What several parts of a page ask alike is asked once, and forgotten with the page."""

from __future__ import annotations

import pytest

from core import together
from tests.factories.projects import make_project


@pytest.fixture
def asked() -> list:
    return []


@pytest.fixture
def selector(asked):
    @together.once
    def of(*arguments):
        asked.append(arguments)
        return len(asked)

    return of


def test_outside_of_a_page_every_question_is_asked_anew(selector, asked):
    assert [selector("a"), selector("a")] == [1, 2]


def test_inside_of_a_page_equal_questions_are_one_and_nothing_outlives_it(selector, asked):
    with together.asking():
        first = selector("a"), selector("a"), selector("b")
        with together.asking():  # a part of the same page
            assert selector("a") == 1
        assert selector("a") == 1, "the end of a part is not the end of the page"
    with together.asking():
        again = selector("a")

    assert (first, again) == ((1, 1, 2), 3)


def test_a_page_that_fails_leaves_nothing_behind(selector):
    with pytest.raises(ZeroDivisionError), together.asking():
        selector("a")
        _ = 1 / 0

    assert [selector("a"), selector("a")] == [2, 3]


@pytest.mark.django_db
def test_records_are_told_apart_by_their_keys_and_unsaved_or_changeable_things_not_kept(selector, asked):
    one, other = make_project(), make_project()
    same = type(one).objects.get(pk=one.pk)

    with together.asking():
        assert (selector(one), selector(same), selector(other)) == (1, 1, 2)
        assert (selector(type(one)()), selector(type(one)())) == (3, 4)
        assert (selector(["a"]), selector(["a"])) == (5, 6)


def test_what_is_loaded_for_many_questions_is_found_in_the_page_alone():
    together.keep("all", 1)
    assert together.kept("all") is None
    with together.asking():
        assert together.kept("all") is None
        together.keep("all", 1)
        assert together.kept("all") == 1
    assert together.kept("all") is None
