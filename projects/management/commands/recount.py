"""manage.py recount: counts every project's tasks and activities anew and mends stored counters that differ."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from projects.models import Project
from projects.services import counters


class Command(BaseCommand):
    help = "Counts projects anew and mends stored counters that differ; names each difference. Ends with 1 if any was."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="only the projects of this organization")

    def handle(self, *args: Any, **options: Any) -> None:
        projects = Project.objects.select_related("organization").order_by("pk")
        if slug := options["organization"]:
            projects = projects.filter(organization__slug=slug)
        checked, differences = counters.recount_all(projects)
        for line in differences:
            self.stderr.write(line)
        if differences:
            raise CommandError(f"{len(differences)} counters differed and were mended.", returncode=1)
        self.stdout.write(f"{checked} projects counted anew: no counter differs.")
