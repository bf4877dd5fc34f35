"""manage.py verify_signatures: does every signature stand? Names the first record that does not, and then ends with 1."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Organization
from approvals import verifying
from approvals.models import Signature


class Command(BaseCommand):
    help = (
        "Holds every signature against its own hash, the frozen content it was made over and the sealed journal. "
        "Ends with 0 when all of them stand; otherwise names the first record that does not and ends with 1."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="only the signatures of this organization")
        parser.add_argument("--without-anchors", action="store_true", help="do not hold it against the anchor file")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = None
        if slug := options["organization"]:
            organization = Organization.objects.filter(slug=slug).first()
            if organization is None:
                raise CommandError(f"There is no organization “{slug}”.")
        first = None
        for fault in verifying.faults(organization, use_anchors=not options["without_anchors"]):
            first = first or fault
            self.stderr.write(self.style.ERROR(str(fault)))
        if first:
            raise CommandError(f"The signatures do not hold: {first}", returncode=1)
        scope = {} if organization is None else {"organization": organization}
        self.stdout.write(f"All signatures hold: {Signature.objects.filter(**scope).count()}.")
