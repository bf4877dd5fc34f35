"""The migrated database, made once for each set of migrations and copied for every process that tests.

Migrating from nothing takes longer than many a file of tests. What was made is kept beside the suite's other files (SQLite)
or as a database of the server (PostgreSQL) under a name that holds the digest of all that could make it another one.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases


def key() -> str:
    """16 hexadecimal digits of every app's migrations, the models' permissions they end in, and Django's version."""
    digest = hashlib.sha256(django.get_version().encode())
    for config in apps.get_app_configs():
        folder = Path(config.path) / "migrations"
        for path in sorted(folder.glob("*.py")):
            digest.update(f"{config.label}/{path.name}".encode() + path.read_bytes())
        for model in config.get_models():
            digest.update(f"{model._meta.label}{model._meta.permissions}{model._meta.default_permissions}".encode())
    # What migrations call lies outside of them: triggers of append-only tables, the full-text index.
    for path in ("core/append_only.py", "search/full_text.py"):
        digest.update((Path(settings.ROOT) / path).read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def test_databases(*, verbosity: int, interactive: bool = False, **options) -> Iterator[None]:
    """Test databases as Django makes them, from the copy of an earlier run where there is one."""
    template = (OfSqlite if settings.IS_SQLITE else OfPostgres)(key())
    settings.VAR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        is_copied = template.bring()
        made = setup_databases(verbosity=verbosity, interactive=interactive, keepdb=is_copied, **options)
        if not is_copied:
            template.keep()
    try:
        yield
    finally:
        teardown_databases(made, verbosity=verbosity)


class OfSqlite:
    """A file beside the test databases."""

    def __init__(self, key: str) -> None:
        self.kept = settings.VAR / f"template-{key}.sqlite3"
        self.wanted = Path(connection.creation._get_test_db_name())

    def bring(self) -> bool:
        if not self.kept.exists():
            return False
        shutil.copyfile(self.kept, self.wanted)
        return True

    def keep(self) -> None:
        for other in settings.VAR.glob("template-*.sqlite3"):
            other.unlink()
        half = self.kept.with_suffix(".half")
        half.unlink(missing_ok=True)
        with sqlite3.connect(self.wanted) as made:
            made.execute("VACUUM INTO ?", (str(half),))
        half.rename(self.kept)


class OfPostgres:
    """A database of the same server, which PostgreSQL copies file by file."""

    def __init__(self, key: str) -> None:
        self.family = f"{settings.DATABASES['default']['NAME'].removeprefix('test_')}_template_"
        self.kept = f"{self.family}{key}"
        self.wanted = connection.creation._get_test_db_name()

    def bring(self) -> bool:
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.kept])
            if not cursor.fetchone():
                return False
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.wanted}"')
            cursor.execute(f'CREATE DATABASE "{self.wanted}" TEMPLATE "{self.kept}"')
        return True

    def keep(self) -> None:
        connection.close()  # nobody may be connected to what is copied
        half = f"{self.kept}_half"
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database")
            for other in [name for (name,) in cursor.fetchall() if name.startswith(self.family)]:
                cursor.execute(f'DROP DATABASE IF EXISTS "{other}"')
            cursor.execute(f'CREATE DATABASE "{half}" TEMPLATE "{self.wanted}"')
            cursor.execute(f'ALTER DATABASE "{half}" RENAME TO "{self.kept}"')
