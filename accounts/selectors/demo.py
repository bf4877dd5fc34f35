"""The sign-ins of the demo, shown on the sign-in page where a demo is installed and allowed."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from accounts import hooks
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
    """The demo's people by their domain, the main client first; empty in production and without a demo. One query."""
    if settings.PRODUCTION:
        return {}
    known = titles()
    order = list(known)
    groups: dict[str, list[DemoSignIn]] = {}
    for user in User.objects.filter(is_demo=True, is_active=True).only("email", "name"):
        local, _at, domain = user.email.partition("@")
        title = known.get(local) or hooks.title_in_demo(user) or user.name
        groups.setdefault(domain, []).append(DemoSignIn(user.email, user.name, title))
    for people in groups.values():
        people.sort(key=lambda person: _place(order, person.email))
    return dict(sorted(groups.items(), key=lambda entry: (entry[0] != "demo.example", entry[0])))


def _place(order: list[str], email: str) -> tuple[int, str]:
    local = email.partition("@")[0]
    return (order.index(local) if local in order else len(order), email)
