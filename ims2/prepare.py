"""Makes an installation ready to serve: tables, static files, catalogues, the demo. Run again it changes nothing.

`python -m ims2.prepare [--no-demo]`; run.py calls it at every start, the service `migrate` in a container.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sqlite3
import sys
from pathlib import Path

DAMAGED = """\
The database {path} is damaged ({reason}). Nothing was changed.
Put the copy of that file from your last backup in its place, or move it away to start with an empty one:
    mv {path} {path}.damaged"""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m ims2.prepare", description=__doc__.splitlines()[0])
    parser.add_argument("--no-demo", action="store_true", help="leave out the demo client")
    options = parser.parse_args(arguments)

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ims2.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    try:
        django.setup()
        reach_database()
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(f"The database does not answer: {str(error).strip().splitlines()[0]}")
    prepare(with_demo=not options.no_demo)


def reach_database() -> None:
    from django.conf import settings
    from django.db import connection

    if settings.IS_SQLITE:
        refuse_damaged(Path(settings.DATABASES["default"]["NAME"]))
    connection.ensure_connection()


def prepare(*, with_demo: bool) -> None:
    from django.conf import settings
    from django.core.management import call_command

    for name in ("run", "queue", "mail", "files"):
        (settings.VAR / name).mkdir(parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    if settings.STATIC_ROOT.is_relative_to(settings.VAR):  # an image brings its own, collected when it was built
        run_when_changed("static", [settings.ROOT / "static", *app_folders("static")], collect_static)
    from pdca.models import Catalogue
    from projects.models import Project

    def load() -> None:
        say("Loading the method and the standards …")
        call_command("load_catalogue", verbosity=0)

    run_when_changed("catalogue", [settings.ROOT / "fixtures"], load, always=not Catalogue.objects.exists())
    if with_demo and not settings.PRODUCTION and not Project.objects.exists():
        say("Preparing the demo client …")
        call_command("seed_demo", verbosity=0)
    call_command("rebuild_search", "--unfinished", verbosity=0)
    note_who_can_sign_in()


def note_who_can_sign_in() -> None:
    """Leaves word for run.py, which holds none of the application: `demo`, `people` or `nobody`."""
    from django.conf import settings

    from accounts.models import User

    people = User.objects.filter(is_active=True)
    who = "people" if people.exists() else "nobody"
    if people.filter(is_demo=True).exists() and not settings.PRODUCTION:
        who = "demo"
    (settings.VAR / "run" / "sign-ins").write_text(who)


def say(text: str) -> None:
    print(text, flush=True)


def refuse_damaged(path: Path) -> None:
    """Stops with a sentence when the file is no whole SQLite database."""
    if not path.exists() or path.stat().st_size == 0:
        return
    try:
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=20)
        try:
            found = database.execute("PRAGMA quick_check(1)").fetchone()[0]
        finally:
            database.close()
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        sys.exit(DAMAGED.format(path=path, reason=found.splitlines()[0].strip(" *")))


def app_folders(name: str) -> list[Path]:
    from django.apps import apps

    return [Path(app.path) / name for app in apps.get_app_configs() if (Path(app.path) / name).is_dir()]


def collect_static() -> None:
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0, clear=True)


def run_when_changed(name: str, folders: list[Path], action, *, always: bool = False) -> None:
    """Calls `action` unless it was done for exactly these files before."""
    from django.conf import settings

    stamp = settings.VAR / "run" / f"{name}.stamp"
    state = fingerprint(folders)
    if always or not stamp.exists() or stamp.read_text() != state:
        action()
        stamp.write_text(state)


def fingerprint(folders: list[Path]) -> str:
    """Changes when a file below `folders` appears, disappears or is written to."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                facts = path.stat()
                digest.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped while preparing; the next start goes on from there.")
