"""The demo: one believable client half-way through its project, a second one beside it, and clients by the hundred.

Everything is written through the services, by the people of the demo and on the days of the story, so that the journal,
the history and the counters look as they do after months of real work. Refused in production.
"""

from __future__ import annotations

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


def is_there() -> bool:
    """Whether the demo was written to this database already."""
    from accounts.models import Organization

    return Organization.objects.filter(slug="alpenblick").exists()


def write() -> None:
    """Writes the demo's clients, all or nothing. Needs the catalogue."""
    from django.db import transaction

    from . import alpenblick, seefeld

    with transaction.atomic():
        alpenblick.write()
        seefeld.write()
