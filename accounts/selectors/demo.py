"""The sign-ins of the demo, shown on the sign-in page where a demo is installed and allowed."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User

PASSWORD = "ims2-demo"  # noqa: S105  printed on the sign-in page on purpose; refused in production


class DemoSignIn(NamedTuple):
    email: str
    name: str
    title: str


def titles() -> dict[str, str]:
    """What the part before the @ stands for, in the order of the list."""
    return {
        "consultant": _("Consultant"),
        "manager": _("Project manager"),
        "management": _("Top management"),
        "auditor": _("Auditor"),
        "processowner": _("Process owner"),
        "riskowner": _("Risk owner"),
        "documents": _("Document controller"),
        "hr": _("HR"),
        "staff": _("Staff"),
        "admin": _("Client admin"),
        "certifier": _("Certification-body auditor"),
    }


def sign_ins() -> dict[str, list[DemoSignIn]]:
    """The demo's sign-ins for each role by their domain, the main client first; none in production. One query."""
    if settings.PRODUCTION:
        return {}
    known = titles()
    groups: dict[str, dict[str, DemoSignIn]] = {}
    for user in User.objects.filter(is_demo=True, is_active=True).only("email", "name"):
        local, _at, domain = user.email.partition("@")
        if local in known:
            groups.setdefault(domain, {})[local] = DemoSignIn(user.email, user.name, known[local])
    return {
        domain: [groups[domain][local] for local in known if local in groups[domain]]
        for domain in sorted(groups, key=lambda domain: (domain != "demo.example", domain))
    }
