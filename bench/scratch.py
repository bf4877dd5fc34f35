"""A database of its own for benchmarks: made, filled, thrown away; the installation's is never touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

# Names of static files need no collected folder here.
PLAIN = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@contextmanager
def database() -> Iterator[str]:
    """Yields "sqlite" or "postgresql"; inside, the default connection leads to an empty database with the catalogue."""
    was = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        folder = settings.VAR / "bench"
        folder.mkdir(parents=True, exist_ok=True)
        connection.settings_dict["TEST"]["NAME"] = str(folder / "scratch.sqlite3")
    ContentType.objects.clear_cache()  # keys of another database: the last benchmark's, or the installation's
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with override_settings(ALLOWED_HOSTS=["testserver"], STORAGES=settings.STORAGES | PLAIN):
            call_command("load_catalogue", verbosity=0)
            yield connection.vendor
    finally:
        connection.creation.destroy_test_db(was, verbosity=0)
