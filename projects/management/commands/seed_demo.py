"""Writes the demo: `manage.py seed_demo [--if-empty] [--scale N] [--tasks 500]`."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from pdca.models import Catalogue
from projects import demo
from projects.models import Project


class Command(BaseCommand):
    help = "Writes the demo client, a second one beside it and, with --scale N, N further ones. Refused in production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scale", type=int, default=0, metavar="N", help="N further clients with a full plan each")
        parser.add_argument("--tasks", type=int, default=500, metavar="N", help="tasks of each further client")
        parser.add_argument("--if-empty", action="store_true", help="only when there is no project yet")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo has sign-ins that everybody knows. It is refused in production.")
        if not Catalogue.objects.exists():
            raise CommandError("There is no method yet. Load it first: python manage.py load_catalogue")
        if options["scale"] < 0 or options["tasks"] < 0:
            raise CommandError("--scale and --tasks count clients and tasks: they cannot be negative.")
        if options["if_empty"] and Project.objects.exists():
            self._say(options, "There are projects already: nothing to do.")
            return
        if demo.is_there():
            self._say(options, "The demo client is there already.")
        else:
            begun = time.monotonic()
            demo.write()
            self._say(options, f"The demo clients are there ({time.monotonic() - begun:.1f} s).")
        if options["scale"]:
            from projects.demo import scale

            begun = time.monotonic()
            written = scale.write(options["scale"], tasks=options["tasks"])
            self._say(options, f"{written} further clients are there ({time.monotonic() - begun:.1f} s).")

    def _say(self, options: dict[str, Any], text: str) -> None:
        if options["verbosity"]:
            self.stdout.write(text)
