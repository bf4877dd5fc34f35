"""A served demo and a browser for the journeys."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.core.management import call_command

from tests.helpers import browser as helper
from tests.helpers.kept import Kept


@pytest.fixture(scope="session")
def written_once(tmp_path_factory):
    """Where the filled database is kept, so that the demo is written once and not for each journey."""
    return Kept(tmp_path_factory.mktemp("journeys"))


@pytest.fixture
def served(transactional_db, live_server, settings, written_once):
    """The demo behind a real server."""
    settings.BASE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    if written_once.is_there:
        written_once.bring_back()
    else:
        call_command("load_catalogue", verbosity=0)
        call_command("seed_demo", verbosity=0)
        written_once.keep()
    cache.clear()
    return live_server.url


@pytest.fixture
def visit(chrome, served, request):
    """Opens screens of the journey; all are closed and their faults reported at its end."""
    opened: list[helper.Visit] = []
    journey = request.node.name.removeprefix("test_")[:60]

    def open_one(email: str = "", **screen) -> helper.Visit:
        from accounts.models import User

        one = helper.Visit(chrome, served, journey, **screen)
        opened.append(one)
        if email:
            one.come_in_as(User.objects.get(email=email))
        return one

    yield open_one
    for one in opened:
        one.close()
