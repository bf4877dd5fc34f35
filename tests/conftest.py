"""What every test may use."""

from __future__ import annotations

import os

import pytest
from django.conf import settings
from django.core.management.commands import flush
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from tests.helpers import emptying, template

# How quickly examples are thought up says something about the machine's load, nothing about what is tested.
hypothesis.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("suite")


@pytest.fixture(scope="session")
def django_db_setup(request, django_test_environment, django_db_blocker, django_db_modify_db_settings):
    """The test database, copied from one that was migrated before (instead of pytest-django's, which migrates anew)."""
    with (
        django_db_blocker.unblock(),
        template.test_databases(verbosity=request.config.option.verbose),
        django_db_blocker.block(),
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_flush():
    """Transactional tests empty what was filled, past append-only triggers; the product has no such way."""
    original = flush.Command.handle
    flush.Command.handle = lambda self, **options: emptying.empty(connections[options["database"]])
    yield
    flush.Command.handle = original


ANY_DATABASE = (
    # Sources, pictures, arithmetic, spreadsheets and files: nothing is asked of a database.
    "tests/house/", "tests/core/test_svg", "tests/core/test_files.py", "tests/core/test_ui_", "tests/risks/test_levels.py",
    "tests/risks/test_applicability.py", "tests/risks/test_sheets_in.py", "tests/sheets/", "tests/projects/forecast/test_inputs.py",
    "tests/projects/forecast/test_montecarlo.py", "tests/projects/forecast/test_pace.py", "tests/projects/schedule/test_axis.py",
    "tests/projects/schedule/test_network.py", "tests/projects/schedule/test_workload.py",
    "tests/reports/test_layout.py", "tests/reports/test_press.py",
    # These start installations of their own, on whichever database they name.
    "tests/ops/test_broker.py", "tests/ops/test_jobs_under_kill.py", "tests/ops/test_production.py", "tests/ops/test_repository.py",
    "tests/ops/test_run.py", "tests/ops/test_settings.py",
    # Thousands of pages and forms, asked whether they lead somewhere and whom they let in: the matrix does on both.
    "tests/journeys/test_links.py", "tests/access/test_tenants.py::test_fields", "tests/access/test_tenants.py::test_keys",
    "tests/access/test_tenants.py::test_the_people",
)  # fmt: skip
"""What does not depend on the database is proved on SQLite, the default, alone, so that both fit into one check's time."""


def pytest_collection_modifyitems(config, items):
    """Leaves ANY_DATABASE out on PostgreSQL, unless IMS2_EVERY_TEST is set."""
    if settings.IS_SQLITE or os.environ.get("IMS2_EVERY_TEST"):
        return
    left_out = [item for item in items if item.nodeid.startswith(ANY_DATABASE)]
    items[:] = [item for item in items if not item.nodeid.startswith(ANY_DATABASE)]
    config.hook.pytest_deselected(items=left_out)


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
