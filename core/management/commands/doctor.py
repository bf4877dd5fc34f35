"""Looks at every part of the installation and says what to do."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core import doctor


class Command(BaseCommand):
    help = "Checks settings, database, queues, workers, schedule, storage, mail, PDFs, time zones, disk and clock."
    requires_system_checks: list[str] = []  # the doctor looks at them itself, and goes on

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="the findings as JSON")
        parser.add_argument("--send-to", metavar="ADDRESS", help="also really sends one mail to this address")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = doctor.examine()
        if options["send_to"]:
            findings.append(doctor.send_trial(options["send_to"]))
        is_well = all(one.is_ok for one in findings)
        if options["json"]:
            self.stdout.write(json.dumps({"well": is_well, "findings": [asdict(one) for one in findings]}, indent=1))
        else:
            width = max(len(one.part) for one in findings)
            for one in findings:
                word = self.style.SUCCESS("ok   ") if one.is_ok else self.style.ERROR("FAULT")
                self.stdout.write(f"{word} {one.part:<{width}}  {one.says}")
                if one.advice:
                    self.stdout.write(f"      {'':<{width}}  → {one.advice}")
            faults = sum(not one.is_ok for one in findings)
            self.stdout.write(
                "Everything is well." if is_well else f"{faults} of {len(findings)} parts need attention."
            )
        sys.exit(0 if is_well else 1)
