"""The people of the demo and how they get in."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import Organization, User
from projects.models import Invitation, Project
from projects.permissions import Role
from projects.services import team

from . import PASSWORD

ALPENBLICK = {
    "consultant": "Lena Brunner",
    "manager": "Reto Ammann",
    "management": "Claudia Wyss",
    "auditor": "Jonas Keller",
    "processowner": "Sandra Meier",
    "riskowner": "Thomas Frei",
    "documents": "Nadja Huber",
    "hr": "Patrick Schmid",
    "staff": "Elif Yılmaz",
    "admin": "Beatrice Roth",
    "certifier": "Martin Graf",
}
SEEFELD = {
    "consultant": "Fabienne Moser",
    "manager": "Lukas Zürcher",
    "management": "Regula Stöckli",
    "auditor": "Andrea Bianchi",
    "processowner": "Daniel Gerber",
    "staff": "Noah Widmer",
    "admin": "Ursula Egli",
}


class Newcomer(NamedTuple):
    """Somebody who has no account yet."""

    email: str
    name: str


def join(names: dict[str, str], domain: str, joined_at: dt.datetime) -> dict[str, User]:
    """Creates the people; they all have the demo's password."""
    password = make_password(PASSWORD)
    people = {}
    for local, name in names.items():
        person = User(email=f"{local}@{domain}", name=name, password=password, is_demo=True, date_joined=joined_at)
        person.save()
        people[local] = person
    return people


def invite(*, person: User | Newcomer, role: Role, scope: Organization | Project, by: User, **words: Any) -> Invitation:
    """An invitation that bears the moment of the story."""
    return _dated(team.invite(scope=scope, email=person.email, name=person.name, role=role, by=by, **words))


def come_in(*, person: User, role: Role, scope: Organization | Project, by: User, **words: Any) -> None:
    """A person is invited and accepts."""
    invitation = invite(person=person, role=role, scope=scope, by=by, **words)
    dated_grant(team.accept(invitation=invitation, user=person))


def dated_grant(grant: Any) -> None:
    type(grant).objects.filter(pk=grant.pk).update(granted_at=timezone.now())


def _dated(invitation: Invitation) -> Invitation:
    invitation.invited_at = timezone.now()
    invitation.save(update_fields=["invited_at"])
    return invitation
