"""The navigation shows each person the way to what they may open, and nothing else."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import include, path

from core import nav
from core.context import shell


def page(request, **kwargs):
    return HttpResponse()


inside = (
    [
        path("org/<slug:org>/<slug:project>/", page, name="project-home"),
        path("org/<slug:org>/<slug:project>/tasks/", page, name="task-list"),
        path("org/<slug:org>/<slug:project>/team/", page, name="team"),
    ],
    "projects",
)
urlpatterns = [path("", include(inside)), path("my-work/", page, name="mine"), path("", page, name="start")]


@pytest.fixture
def items(monkeypatch):
    monkeypatch.setattr(nav, "_items", {"project": {}, "global": {}})
    monkeypatch.setattr(nav, "_switcher", None)
    monkeypatch.setattr(nav, "_fills", None)
    nav.register("project", nav.NavItem("home", "Overview", "home", "projects:project-home", order=1, phone=1))
    nav.register(
        "project",
        nav.NavItem(
            "tasks", "Tasks", "checklist", "projects:task-list", perm="view_tasks", order=2, badge=lambda r: 12
        ),
    )
    nav.register("project", nav.NavItem("team", "Team", "users", "projects:team", perm="manage_team", order=3))
    nav.register("project", nav.NavItem("later", "Later", "flag", "projects:not-yet", order=4))
    nav.register("global", nav.NavItem("mine", "My work", "user", "mine", key_press="m", phone=2))
    nav.register("global", nav.NavItem("start", "Start", "home", "start"))
    with override_settings(ROOT_URLCONF=__name__):
        yield


def visit(address: str, *, signed_in: bool = True, project: bool = False, perms: frozenset = frozenset()):
    request = RequestFactory().get(address)
    request.user = SimpleNamespace(is_authenticated=True) if signed_in else AnonymousUser()
    if project:
        request.organization = SimpleNamespace(slug="alpenblick", name="Alpenblick")
        request.project = SimpleNamespace(slug="ims", name="IMS", organization=request.organization)
        request.perms_here = perms
    return request


def labels(sections) -> list[str]:
    return [entry.label for _, entries in sections for entry in entries]


def test_a_stranger_sees_no_navigation(items):
    assert nav.navigation(visit("/", signed_in=False)) == nav.Navigation()


def test_outside_a_project_only_what_is_everywhere_is_shown(items):
    found = nav.navigation(visit("/my-work/"))

    assert labels(found.project) == []
    assert labels(found.everywhere) == ["My work", "Start"]
    assert found.here is None


def test_inside_a_project_items_follow_the_permissions_and_unknown_addresses_are_left_out(items):
    staff = nav.navigation(visit("/org/alpenblick/ims/", project=True))
    manager = nav.navigation(
        visit("/org/alpenblick/ims/", project=True, perms=frozenset({"view_tasks", "manage_team"}))
    )

    assert labels(staff.project) == ["Overview"]
    assert labels(manager.project) == ["Overview", "Tasks", "Team"]
    tasks = manager.project[0][1][1]
    assert (tasks.url, tasks.count) == ("/org/alpenblick/ims/tasks/", 12)
    assert manager.here.url == "/org/alpenblick/ims/"


@pytest.mark.parametrize(
    ("address", "current"),
    [
        ("/org/alpenblick/ims/", ["Overview"]),
        ("/org/alpenblick/ims/tasks/", ["Tasks"]),
        ("/org/alpenblick/ims/tasks/T-012/", ["Tasks"]),
        ("/org/alpenblick/ims/somewhere/else/", ["Overview"]),
        ("/my-work/", ["My work"]),
        ("/", ["Start"]),
        ("/method/", []),
    ],
)
def test_the_most_precise_item_is_marked_as_the_place_where_one_is(items, address, current):
    found = nav.navigation(visit(address, project=address.startswith("/org"), perms=frozenset({"view_tasks"})))

    entries = [entry for _, part in [*found.project, *found.everywhere] for entry in part]
    assert [entry.label for entry in entries if entry.is_current] == current


def test_the_phone_bar_and_the_keys_take_the_items_that_ask_for_it(items):
    found = nav.navigation(visit("/org/alpenblick/ims/", project=True))

    assert [entry.label for entry in found.phone] == ["Overview", "My work", "Start"], "asked for first, then filled up"
    assert [(key, entry.label) for key, entry in found.keys] == [("m", "My work")]


@pytest.mark.parametrize(
    ("cookie", "stored", "theme"),
    [
        ("", "dark", "dark"),
        ("light", "dark", "light"),
        ("pink", "auto", "auto"),
        ("dark", "auto", "dark"),
        ("", "", "auto"),
    ],
)
def test_the_theme_is_the_choice_made_last_in_this_browser_or_the_stored_one(cookie, stored, theme):
    request = visit("/")
    request.user.theme = stored
    request.COOKIES["theme"] = cookie

    assert shell(request)["theme"]() == theme


def test_a_page_that_shows_no_navigation_pays_nothing_for_it(items, monkeypatch):
    monkeypatch.setattr("core.context.navigation", lambda request: pytest.fail("asked for the navigation"))

    context = shell(visit("/"))

    assert context["plain_theme"]() == "auto"
