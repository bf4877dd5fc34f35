"""The standing of who asks and the projects they read, once for each request; what home and the navigation ask."""

from __future__ import annotations

from django.http import HttpRequest

from core.nav import Choice
from projects.addresses import address
from projects.selectors import portfolio
from projects.selectors.portfolio import Reading
from projects.selectors.standing import Standing, of


def here(request: HttpRequest) -> Standing:
    """The standing of who asks, once for each request."""
    known = getattr(request, "_standing", None)
    if known is None:
        known = request._standing = of(getattr(request, "user", None))
    return known


SWITCHER = 40


def readable(request: HttpRequest) -> list[Reading]:
    """Every project the person reads, by client; one query, once for each request."""
    known = getattr(request, "_readable", None)
    if known is None:
        known = request._readable = portfolio.readable(here(request))
    return known


def choices(request: HttpRequest) -> list[Choice]:
    """The projects of the switcher, for who reads several; one query, none for everybody else.

    A page that has read the projects already is not asked again.
    """
    if not here(request).reads_much:
        return []
    current = getattr(getattr(request, "project", None), "pk", None)
    known = getattr(request, "_readable", None)
    if known is None:
        projects, organizations = portfolio.keys_of(here(request))
        names = portfolio.opened_by(projects, organizations).order_by("organization__name", "name", "pk")
        found = list(names.values_list("pk", "name", "slug", "organization__name", "organization__slug")[:SWITCHER])
    else:
        found = [(one.pk, one.name, one.slug, *one.organization) for one in known[:SWITCHER]]
    return [
        Choice(client, name, address("projects:project-home", org=org, project=slug), pk == current)
        for pk, name, slug, client, org in found
    ]
