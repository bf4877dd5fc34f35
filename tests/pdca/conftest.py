from __future__ import annotations

import pytest

from tests.factories.accounts import make_person
from tests.factories.pdca import publish, structure_text, written


@pytest.fixture
def published(db):
    """The method and all standards of `fixtures/`."""
    return publish()


@pytest.fixture
def reader(client, db):
    """A browser of somebody signed in who belongs to no organization."""
    client.force_login(make_person())
    return client


@pytest.fixture
def structure(tmp_path):
    """A file with a small structure (4.1, 9.2.1, 9.2.2) that methods and standards of a test can lean on."""
    return written(tmp_path, structure=structure_text())
