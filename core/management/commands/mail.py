"""Which mails did not go out, and why: `manage.py mail`; `--again` puts the failed ones back to the queue."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Count

from core import outbox
from core.models import OutgoingMail

SHOWN = 50


class Command(BaseCommand):
    help = "Lists mails that failed, are in doubt or wait for more than an hour, with the server's reason."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", action="store_true", help="try the failed ones again (once the cause is mended)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["again"]:
            self.stdout.write(f"{outbox.try_again()} mails are tried again.")
            return
        for state, count in OutgoingMail.objects.order_by("state").values_list("state").annotate(count=Count("pk")):
            self.stdout.write(f"{count:>8} {state}")
        for row in outbox.unsent()[:SHOWN]:
            self.stdout.write(f"{row.written_at:%Y-%m-%d %H:%M} {row.state:8} {row.recipient}: {row.error or 'waits'}")
