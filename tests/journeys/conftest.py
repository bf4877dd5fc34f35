"""A served demo and a browser for the journeys."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

from tests.helpers import browser as helper


@pytest.fixture(scope="session")
def chrome():
    pytest.importorskip("playwright")
    if not helper.CHROMIUM:
        pytest.skip(helper.MISSING)
    with helper.chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def written_once(tmp_path_factory):
    """Where the filled database of SQLite is kept, so that the demo is written once and not for each journey."""
    return tmp_path_factory.mktemp("journeys") / "demo.sqlite3"


@pytest.fixture
def served(transactional_db, live_server, settings, written_once):
    """The demo behind a real server."""
    settings.BASE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    if connection.vendor == "sqlite" and written_once.exists():
        connection.ensure_connection()
        with closing(sqlite3.connect(written_once)) as kept:
            kept.backup(connection.connection)
        ContentType.objects.clear_cache()
    else:
        call_command("load_catalogue", verbosity=0)
        call_command("seed_demo", verbosity=0)
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(written_once)) as kept:
                connection.connection.backup(kept)
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
