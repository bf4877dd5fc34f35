"""manage.py rebuild_search: compares all that can be found with its records and mends what differs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from search.services import entries


class Command(BaseCommand):
    help = (
        "Fills the search and mends what differs, a thousand records at a time. Stopped in the middle it goes on from "
        "there; run again it changes nothing."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--unfinished", action="store_true", help="only kinds that were never filled to the end")
        parser.add_argument("--anew", action="store_true", help="from the first record, not where it was stopped")

    def handle(self, *args: Any, unfinished: bool, anew: bool, verbosity: int, **options: Any) -> None:
        say = (lambda text: self.stdout.write(f"  {text}")) if verbosity > 1 else (lambda text: None)
        entries.catch_up()
        for kind, count in entries.fill_all(only_unfinished=unfinished, anew=anew, say=say).items():
            if verbosity:
                self.stdout.write(f"{kind}: {count} entries written")
