"""An index that follows at once, as it does in service: what waits for a commit is carried out."""

from __future__ import annotations

import pytest
from django.test import Client

from search.selectors import find
from search.selectors import sight as sights
from search.services import entries


@pytest.fixture(autouse=True)
def bells(monkeypatch):
    """How often the background was rung for: here no broker carries it."""
    from search.tasks import catch_up

    rung: list[str] = []
    monkeypatch.setattr(catch_up, "apply_async", lambda **options: rung.append("rung"))
    return rung


@pytest.fixture
def filled():
    """Fills the index from what is in the database now."""
    return lambda: entries.fill_all(anew=True)


@pytest.fixture
def ask():
    """What a person finds, as `group: [titles]`."""

    def asked(person, text: str, here: str = "", **how) -> dict[str, list[str]]:
        found = find.find(sights.of(person, here), find.question(text), **how)
        return {part.key: [hit.title for hit in part.hits] for part in found.parts}

    return asked


@pytest.fixture
def as_person():
    def signed_in(person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return signed_in
