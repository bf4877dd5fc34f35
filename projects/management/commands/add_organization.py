"""Founds the first organization of a fresh installation and invites its admin; the link is printed once.

    manage.py add_organization --name "Firn Consulting" --slug firn --kind firm \
        --admin-email admin@firn.example --admin-name "Nora Frei"
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from accounts.models.organization import OrganizationKind, slug_shape
from accounts.models.user import Language, zone_exists
from core import outbox
from core.rules import RuleBroken
from projects.services import team


class Command(BaseCommand):
    help = (
        "Founds an organization (a consulting firm or a client) and invites its first admin by a link that works once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="its full name")
        parser.add_argument("--slug", required=True, help="its short name in addresses: small letters, digits, hyphens")
        parser.add_argument("--kind", choices=OrganizationKind.values, default=OrganizationKind.FIRM)
        parser.add_argument("--admin-email", required=True)
        parser.add_argument("--admin-name", default="")
        parser.add_argument("--country", default="CH", help="ISO 3166 code, for public holidays")
        parser.add_argument("--language", choices=Language.values, default=Language.ENGLISH)
        parser.add_argument("--time-zone", default="Europe/Zurich", help="an IANA zone")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            slug_shape(options["slug"])
            validate_email(options["admin_email"])
            zone_exists(options["time_zone"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        try:
            with transaction.atomic():
                organization = team.found_organization(
                    name=options["name"],
                    slug=options["slug"],
                    kind=options["kind"],
                    by=None,
                    country=options["country"].upper()[:2],
                    language=options["language"],
                    time_zone=options["time_zone"],
                )
                invitation = team.invite_first_admin(
                    organization=organization, email=options["admin_email"], name=options["admin_name"]
                )
        except RuleBroken as refusal:
            raise CommandError(refusal.as_text) from refusal
        link = outbox.absolute(reverse("projects:invitation", kwargs={"token": invitation.token}))
        self.stdout.write(f"{organization.name} ({organization.get_kind_display()}) is founded.")
        self.stdout.write(f"{invitation.email} is invited as its admin; the mail is on its way.")
        self.stdout.write(f"The same link, shown only now, valid until {invitation.expires_at:%d %B %Y}:")
        self.stdout.write(link)
