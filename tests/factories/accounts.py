"""People and organizations for tests: one call, one row, nothing surprising."""

from __future__ import annotations

import itertools

from django.contrib.auth.models import Group

from accounts.models import Organization, User
from accounts.models.organization import OrganizationKind

PASSWORD = "a long enough sentence"

_number = itertools.count(1)


def make_person(email: str = "", *, name: str = "", password: str | None = PASSWORD, **fields) -> User:
    """Somebody who can sign in with PASSWORD; `password=None` for somebody invited who has not set up the account."""
    number = next(_number)
    return User.objects.create_user(
        email or f"person{number}@example.org", password, name=name or f"Person {number}", **fields
    )


def make_client_organization(slug: str = "", **fields) -> Organization:
    number = next(_number)
    slug = slug or f"client-{number}"
    return Organization.objects.create(slug=slug, name=fields.pop("name", slug.title()), **fields)


def make_firm(slug: str = "", **fields) -> Organization:
    number = next(_number)
    slug = slug or f"firm-{number}"
    team = fields.pop("team", None) or Group.objects.create(name=slug)
    return Organization.objects.create(
        slug=slug, name=fields.pop("name", slug.title()), kind=OrganizationKind.FIRM, team=team, **fields
    )
