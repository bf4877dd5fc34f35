"""The way around: a registry of navigation items that the apps fill in their `apps.py`.

    nav.register(
        "project", NavItem("tasks", _("Tasks"), "checklist", "projects:task-list", perm=Perm.VIEW_TASKS, order=30)
    )

An item of the group "project" appears inside a project only (`request.project`), reversed with the slugs `org` and
`project`, and only where its `perm` is among `request.perms_here`. An item of the group "global" appears to every
person signed in. An item whose address does not exist is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from urllib.parse import urljoin

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

Group = Literal["project", "global"]


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation.

    `section` is the heading it stands under ("" for the first, unnamed part); `phone` its place in the bottom bar of
    a phone (1 to 4; 0 only to fill up), with `short` as its label there; `badge` counts what waits for this person
    (0 shows nothing), red if `is_urgent`. `is_live`: its count is the one beside the bell, which the page asks for itself.
    `also` are the beginnings of other addresses that belong to it, seen from its own ("../activities/ ../gates/").
    `takes` names the parts of the project's address that its own has, where these are not all of them.
    `key_press` is the letter that goes there after `g`; `shown` may hide it for a reason that no permission expresses.
    """

    key: str
    label: Any
    icon: str
    url_name: str
    perm: str | None = None
    order: int = 100
    section: Any = ""
    phone: int = 0
    badge: Callable[[HttpRequest], int] | None = None
    is_urgent: bool = False
    shown: Callable[[HttpRequest], bool] | None = None
    key_press: str = ""
    short: Any = ""
    also: str = ""
    takes: tuple[str, ...] | None = None
    is_live: bool = False


class Entry(NamedTuple):
    """An item as one page shows it."""

    key: str
    label: Any
    icon: str
    url: str
    is_current: bool
    count: int
    is_urgent: bool
    section: Any
    phone: int
    key_press: str
    short: Any
    also: str = ""
    is_live: bool = False


class Choice(NamedTuple):
    """A project in the switcher."""

    label: str
    sub: str
    url: str
    is_current: bool = False


@dataclass
class Navigation:
    """What the shell of one page shows."""

    project: list[tuple[Any, list[Entry]]] = field(default_factory=list)
    everywhere: list[tuple[Any, list[Entry]]] = field(default_factory=list)
    phone: list[Entry] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    here: Choice | None = None
    keys: list[tuple[str, Entry]] = field(default_factory=list)


_items: dict[Group, dict[str, NavItem]] = {"project": {}, "global": {}}
_switcher: Callable[[HttpRequest], list[Choice]] | None = None
_fills: Callable[[HttpRequest], bool] | None = None


def register(group: Group, item: NavItem) -> None:
    """Adds an item; one with the same key is replaced."""
    _items[group][item.key] = item


def switch_with(choices: Callable[[HttpRequest], list[Choice]]) -> None:
    """Says where the project switcher gets its projects from (one query at most: it runs on every page)."""
    global _switcher
    _switcher = choices


def fill_bar_for(wants: Callable[[HttpRequest], bool]) -> None:
    """Says for whom free places of the phone's bar are filled with items that did not ask for one; else for all."""
    global _fills
    _fills = wants


def address(name: str, **kwargs: str) -> str:
    """The address of that name, or "" where there is none."""
    try:
        return reverse(name, kwargs=kwargs or None)
    except NoReverseMatch:
        return ""


def _entries(request: HttpRequest, group: Group, kwargs: dict[str, str]) -> list[Entry]:
    held = getattr(request, "perms_here", None) or ()
    found = []
    for item in sorted(_items[group].values(), key=lambda item: item.order):
        if (item.perm and item.perm not in held) or (item.shown and not item.shown(request)):
            continue
        taken = kwargs if item.takes is None else {name: kwargs[name] for name in item.takes}
        url = address(item.url_name, **taken)
        if url:
            count = item.badge(request) if item.badge else 0
            found.append(
                Entry(
                    item.key,
                    item.label,
                    item.icon,
                    url,
                    is_current=False,
                    count=count,
                    is_urgent=item.is_urgent,
                    section=item.section,
                    phone=item.phone,
                    key_press=item.key_press,
                    short=item.short or item.label,
                    also=" ".join(urljoin(url, one) for one in item.also.split()),
                    is_live=item.is_live,
                )
            )
    return found


def _mark_current(path: str, entries: list[Entry]) -> list[Entry]:
    """The entry whose address is the longest beginning of `path` is where the person is."""
    beginnings = [(entry.url, entry.url) for entry in entries]
    beginnings += [(one, entry.url) for entry in entries for one in entry.also.split()]
    _begins, at = max(
        (pair for pair in beginnings if path.startswith(pair[0])), key=lambda p: len(p[0]), default=("", "")
    )
    if at == "/" and path != "/":
        at = ""
    return [entry._replace(is_current=entry.url == at) for entry in entries]


def _sections(entries: list[Entry]) -> list[tuple[Any, list[Entry]]]:
    parts: dict[str, tuple[Any, list[Entry]]] = {}
    for entry in entries:
        parts.setdefault(str(entry.section), (entry.section, []))[1].append(entry)
    return list(parts.values())


def navigation(request: HttpRequest) -> Navigation:
    """Everything the shell shows on this page for this person; nothing for somebody not signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Navigation()
    project = getattr(request, "project", None)
    inside: list[Entry] = []
    here = None
    if project is not None:
        organization = getattr(request, "organization", None) or project.organization
        slugs = {"org": organization.slug, "project": project.slug}
        inside = _entries(request, "project", slugs)
        here = Choice(organization.name, project.name, address("projects:project-home", **slugs), True)
    marked = _mark_current(request.path, inside + _entries(request, "global", {}))
    inside, everywhere = marked[: len(inside)], marked[len(inside) :]
    chosen = sorted((entry for entry in inside if entry.phone), key=lambda entry: entry.phone)
    chosen += sorted((entry for entry in everywhere if entry.phone), key=lambda entry: entry.phone)
    phone = list(chosen)
    if _fills is None or _fills(request):
        phone += [entry for entry in [*inside, *everywhere] if entry not in chosen]
    return Navigation(
        project=_sections(inside),
        everywhere=_sections(everywhere),
        phone=phone[:4],
        choices=_switcher(request) if _switcher else [],
        here=here,
        keys=[(entry.key_press, entry) for entry in [*everywhere, *inside] if entry.key_press],
    )
