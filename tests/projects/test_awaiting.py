"""Decisions that projects wait for: apps hang their answers, asked once for a list."""

from __future__ import annotations

import datetime as dt

import pytest

from projects import awaiting
from projects.awaiting import Awaited


@pytest.fixture(autouse=True)
def nothing_hangs(monkeypatch):
    monkeypatch.setattr(awaiting, "_answers", [])


def waits(label: str, since: dt.date) -> Awaited:
    return Awaited(label, "Claudia Wyss", "/x/", since)


def test_without_an_app_that_knows_nothing_is_asked():
    assert not awaiting.is_known()
    assert awaiting.of([1, 2]) == {}


def test_each_answer_is_asked_once_and_the_longest_wait_comes_first():
    asked = []

    def policies(projects):
        asked.append(list(projects))
        return {1: [waits("Policy", dt.date(2026, 3, 9))]}

    def scopes(projects):
        return {1: [waits("Scope", dt.date(2026, 3, 2))], 2: [waits("Scope", dt.date(2026, 3, 4))]}

    for answer in (policies, scopes, policies):
        awaiting.hang(answer)

    found = awaiting.of([1, 2, 3])

    assert asked == [[1, 2, 3]]
    assert {pk: [one.label for one in them] for pk, them in found.items()} == {1: ["Scope", "Policy"], 2: ["Scope"]}
    assert awaiting.of([]) == {} and asked == [[1, 2, 3]]
