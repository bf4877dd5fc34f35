"""manage.py verify_journal: does every chain hold? Names the first entry that does not, and then ends with 1."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Organization
from projects import journal_check


class Command(BaseCommand):
    help = (
        "Walks the journal of every organization from its first entry to its sealed end and holds it against the "
        "anchors. Ends with 0 when everything holds; otherwise names the first entry that does not and ends with 1."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="only the journal of this organization")
        parser.add_argument("--without-anchors", action="store_true", help="do not hold it against the anchor file")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = None
        if slug := options["organization"]:
            organization = Organization.objects.filter(slug=slug).first()
            if organization is None:
                raise CommandError(f"There is no organization “{slug}”.")
        began, count, chains = time.perf_counter(), 0, 0
        faults: list[journal_check.Fault] = []
        for verdict in journal_check.check_all(organization, use_anchors=not options["without_anchors"]):
            if verdict.fault is not None:
                faults.append(verdict.fault)
                self.stderr.write(self.style.ERROR(str(verdict.fault)))
                continue
            count, chains = count + verdict.count, chains + 1
            if options["verbosity"] > 1:
                self.stdout.write(f"{verdict.organization}: {verdict.count} entries, head {verdict.head_hash[:10]}")
        seconds = time.perf_counter() - began
        if faults:
            raise CommandError(f"The journal does not hold: {faults[0]}", returncode=1)
        self.stdout.write(f"The journal holds: {chains} chains, {count} entries, {seconds:.1f} s.")
