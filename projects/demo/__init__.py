"""The demo: one believable client half-way through its project, its firm's others, a stranger beside it, and hundreds.

Everything is written through the services, by the people of the demo and on the days of the story, so that the journal,
the history and the counters look as they do after months of real work. Refused in production.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

PASSWORD = "ims2-demo"  # noqa: S105  shown on the sign-in page on purpose; refused in production

SIGN_INS = [
    ("consultant@demo.example", "Consultant"),
    ("manager@demo.example", "Project manager"),
    ("management@demo.example", "Top management"),
    ("auditor@demo.example", "Auditor"),
    ("processowner@demo.example", "Process owner"),
    ("riskowner@demo.example", "Risk owner"),
    ("documents@demo.example", "Document controller"),
    ("hr@demo.example", "HR"),
    ("staff@demo.example", "Staff"),
    ("admin@demo.example", "Client admin"),
    ("certifier@demo.example", "Certification-body auditor"),
]
"""Who can sign in to the first client, and as what; the password is PASSWORD."""


class Chapter(NamedTuple):
    """A client whose story is about to be told: an app above adds its own events with `story.add`."""

    story: Any
    project: Any
    people: dict[str, Any]


chapters: list[Callable[[Chapter], object]] = []
"""What apps above add to each client's story; they hang it in here."""

afterwards: list[Callable[[], object]] = []
"""What apps above do once the demo is written; they hang it in here."""


def tell(story: Any, project: Any, people: dict[str, Any]) -> None:
    """Plays a client's story with its gates, its forecasts and the chapters of all apps."""
    from projects.services import forecast

    from . import gates

    gates.tell(story, project, people["manager"])
    for days in (7, 1):
        story.add(story.moment(story.days_ago(days), 19, 20), forecast.keep, project=project)
    for add in chapters:
        add(Chapter(story, project, people))
    story.tell()


def is_there() -> bool:
    """Whether the demo was written to this database already."""
    from accounts.models import Organization

    return Organization.objects.filter(slug="alpenblick").exists()


def write() -> None:
    """Writes the demo's clients, all or nothing. Needs the catalogue."""
    from django.db import transaction

    from . import alpenblick, firn, seefeld

    with transaction.atomic():
        alpenblick.write()
        firn.write()
        seefeld.write()
        for finish in afterwards:
            finish()
