"""manage.py export_journal: one organization's chain as JSON lines, for the offline verifier (docs/journal.md)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Organization
from projects import journal_check
from projects.models import Project


class Command(BaseCommand):
    help = "Writes the journal of an organization as JSON lines; --project tells only that project's entries."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("organization", metavar="SLUG")
        parser.add_argument("--project", metavar="SLUG", help="tell only this project's entries, of others the hashes")
        parser.add_argument("--output", metavar="FILE", help="a file; without it the lines go to standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organization “{options['organization']}”.")
        project = None
        if options["project"]:
            project = Project.objects.filter(organization=organization, slug=options["project"]).first()
            if project is None:
                raise CommandError(f"{organization} has no project “{options['project']}”.")
        lines = journal_check.export(organization, project)
        if options["output"]:
            with Path(options["output"]).open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(lines)
        else:
            for line in lines:
                sys.stdout.buffer.write(line.encode())
