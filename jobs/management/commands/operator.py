"""Makes somebody an operator: they see how the installation is, and of its organizations nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User


class Command(BaseCommand):
    help = "Opens the page “Operations” to a person, or closes it with --end. Gives no right in any organization."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--end", action="store_true", help="they are no operator any more")

    def handle(self, *args: Any, email: str, end: bool, **options: Any) -> None:
        if not User.objects.filter(email__iexact=email, is_active=True).update(is_staff=not end):
            raise CommandError(f"Nobody signs in as {email}.")
        self.stdout.write(
            f"{email} is {'no operator any more' if end else 'an operator: Operations stands in the menu'}."
        )
