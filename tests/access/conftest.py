"""Two tenants for a whole module of probes, in one transaction that is never committed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client, override_settings

from tests.helpers.worlds import World, make_world

OURS, THEIRS = "Quillfeather", "Zanderbrook"


@pytest.fixture(scope="module")
def worlds(django_db_setup, django_db_blocker):
    """`ours` and `theirs`: everything written during the module is taken back at its end.

    Nobody falls idle meanwhile: each probe is taken back, and with it that its session was seen, so on a busy machine
    everybody would be signed out half an hour after the first probe.
    """
    with django_db_blocker.unblock(), override_settings(SESSION_IDLE_MINUTES=24 * 60, SESSION_HOURS=24):
        cache.clear()
        with transaction.atomic():
            yield SimpleNamespace(ours=make_world(OURS), theirs=make_world(THEIRS))
            transaction.set_rollback(True)
        cache.clear()


@pytest.fixture(scope="module")
def clients(worlds):
    """A signed-in browser for everybody of our tenant, and one of nobody."""
    return {"anonymous": Client()} | clients_of(worlds.ours)


def clients_of(world: World) -> dict[str, Client]:
    found = {}
    for name, person in world.people.items():
        found[name] = Client(raise_request_exception=False)
        found[name].force_login(person, backend="accounts.backends.Backend")
    return found
