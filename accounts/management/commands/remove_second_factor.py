"""For somebody who lost phone and recovery codes: manage.py remove_second_factor petra@example.org --reason "…" """

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.services import factors
from core.rules import RuleBroken


class Command(BaseCommand):
    help = "Removes all second factors of one person, ends their sessions and tells them by mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--reason", required=True, help="how you made sure that it is them; kept in the log")

    def handle(self, *args: Any, email: str, reason: str, **options: Any) -> None:
        user = User.objects.filter(email=User.objects.normalize_email(email)).first()
        if user is None:
            raise CommandError(f"Nobody here has the address {email}.")
        try:
            count = factors.remove_lost(user=user, reason=reason)
        except RuleBroken as broken:
            raise CommandError(str(broken)) from broken
        self.stdout.write(f"Removed {count} second factor(s) of {user.email}; their sessions have ended.")
