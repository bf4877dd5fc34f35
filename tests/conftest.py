"""What every test may use."""

from __future__ import annotations

import pytest
from django.core.management.commands import flush
from django.db import connections

from core import append_only


@pytest.fixture(scope="session", autouse=True)
def flush_past_append_only():
    """Lets the test runner empty append-only tables between transactional tests; the product has no such way."""
    original = flush.Command.handle

    def handle(self, **options):
        connection = connections[options["database"]]
        tables = append_only.protected_tables(connection)
        for table in tables:
            append_only.run(connection, append_only.release_sql(connection.vendor, table))
        try:
            return original(self, **options)
        finally:
            for table in tables:
                append_only.run(connection, append_only.protect_sql(connection.vendor, table))

    flush.Command.handle = handle
    yield
    flush.Command.handle = original


@pytest.fixture(scope="session")
def chrome():
    """One running browser for all tests of a process: a second one beside it would be refused."""
    pytest.importorskip("playwright")
    from tests.helpers import browser as helper

    if not helper.CHROMIUM:
        pytest.skip(helper.MISSING)
    with helper.chromium() as browser:
        yield browser


@pytest.fixture
def catalogue(db):
    """The method and all standards, loaded from fixtures/."""
    from tests.factories.pdca import publish

    return publish()
