"""Frame, components and error pages as they reach the browser. No test here may touch the database."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.middleware.csrf import REASON_NO_REFERER
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.urls import include, path
from django.views import defaults
from django.views.csrf import csrf_failure

from core import styleguide

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.urls(__name__)  # the frame has to do without any app's addresses
people = ([path("profile/", lambda request: None, name="profile")], "accounts")
urlpatterns = [path("out/", lambda request: None, name="account_logout"), path("", include(people))]
COMPONENTS = sorted((ROOT / "templates" / "cotton").glob("*.html"))


class Page(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def values(self, name: str) -> list[str]:
        return [attrs[name] for _, attrs in self.tags if attrs.get(name)]


def get(view, query: str = "", **cookies: str) -> str:
    request = RequestFactory().get(f"/styleguide/{query}")
    request.COOKIES.update(cookies)
    request._messages = []
    return view(request).content.decode()


@pytest.fixture
def shown() -> str:
    return get(styleguide.styleguide)


def test_the_styleguide_shows_every_component(shown):
    source = (ROOT / "templates/core/styleguide.html").read_text()
    named = {path.stem.replace("_", "-") for path in COMPONENTS}

    missing = {name for name in named if f"<c-{name}" not in source}
    # Those are shown through their tags; a job is a record, and its own pages show it.
    assert missing <= {"badge", "due", "job", "progress", "post-button", "toast"}


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_every_component_says_how_it_is_used_and_renders_with_nothing_given(path):
    assert path.read_text().startswith("{# ")
    request = RequestFactory().get("/")

    html = render_to_string(f"cotton/{path.name}", {"slot": "", "attrs": ""}, request=request)

    assert "{{" not in html
    assert "{%" not in html


@pytest.mark.parametrize("query", ["", "?theme=dark", "?page=1", "?page=nonsense"])
def test_nothing_in_the_page_is_inline(query):
    page = Page(get(styleguide.styleguide, query))

    assert [attrs for _, attrs in page.tags if "style" in attrs] == []
    assert [name for _, attrs in page.tags for name in attrs if name.startswith(("on", "hx-on"))] == []
    scripts = [attrs for tag, attrs in page.tags if tag == "script"]
    assert all("src" in attrs or attrs.get("type") == "application/json" for attrs in scripts)
    assert "<style" not in get(styleguide.styleguide, query)


def test_ids_are_unique_and_whatever_points_at_an_id_finds_it(shown):
    page = Page(shown)
    ids = page.values("id")
    pointed = {
        one
        for name in ("for", "aria-labelledby", "aria-describedby", "form")
        for value in page.values(name)
        for one in value.split()
    }

    assert sorted(ids) == sorted(set(ids))
    assert pointed - set(ids) == set()


def test_the_page_has_one_main_one_first_heading_and_a_way_past_the_navigation(shown):
    page = Page(shown)
    tags = [tag for tag, _ in page.tags]

    assert tags.count("main") == tags.count("h1") == 1
    first_link = next(attrs for tag, attrs in page.tags if tag == "a")
    assert first_link["href"] == "#main"


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("light", "light"), ("'><script>", "auto")])
def test_the_server_writes_the_theme_so_that_nothing_flashes(cookie, theme):
    page = Page(get(styleguide.styleguide_plain, theme=cookie))

    assert page.tags[0] == ("html", {"lang": "en", "data-bs-theme": theme})


ERRORS = {
    400: lambda request: defaults.bad_request(request, ValueError()),
    403: lambda request: defaults.permission_denied(request, PermissionDenied()),
    404: lambda request: defaults.page_not_found(request, Http404()),
    500: defaults.server_error,
    "403 csrf": lambda request: csrf_failure(request, REASON_NO_REFERER),
}


@pytest.mark.parametrize("status", ERRORS)
def test_error_pages_say_what_is_so_why_and_what_next_without_a_database(status):
    request = RequestFactory().get("/")

    answer = ERRORS[status](request)

    html = answer.content.decode()
    assert answer.status_code == int(str(status)[:3])
    assert "<h1>" in html
    assert html.count("<p>") >= 2
    assert 'href="/"' in html
    assert "css/app" in html


class Sample(forms.Form):
    title = forms.CharField(help_text="One sentence.")
    note = forms.CharField(required=False)
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="I have read it")
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def write(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def test_a_field_is_tied_to_its_hint_and_its_errors():
    form = Sample({"title": ""})

    page = Page(write("{{ form }}", form=form))

    title = next(attrs for _, attrs in page.tags if attrs.get("id") == "id_title")
    assert title["aria-invalid"] == "true"
    assert title["aria-describedby"].split() == ["id_title_helptext", "id_title_error"]
    assert {"id_title_helptext", "id_title_error", "id_kind_error"} <= set(page.values("id"))


def test_required_is_said_with_a_star_and_in_words_and_only_where_it_is_so():
    required = write("{{ form.title.as_field_group }}", form=Sample())
    optional = write("{{ form.note.as_field_group }}", form=Sample())

    assert 'aria-hidden="true"> *' in required
    assert "(required)" in required
    assert "required" not in optional


def test_the_summary_links_every_invalid_field_and_says_what_belongs_to_none():
    form = Sample({"title": "<b>", "kind": "z"})
    form.add_error(None, "NC-004 cannot be closed <yet>.")

    html = write("{{ form }}", form=form)

    links = re.findall(r'<li><a href="#([^"]+)">([^<]+)</a>: ([^<]+)</li>', html)
    assert [(target, label) for target, label, _ in links] == [("id_kind", "Kind"), ("id_agreed", "I have read it")]
    assert all(f'id="{target}"' in html for target, _, _ in links)
    assert html.count("NC-004 cannot be closed &lt;yet&gt;.") == 1
    assert 'name="token"' in html


def test_a_valid_or_fresh_form_has_no_summary():
    assert "form-errors" not in write("{{ form }}", form=Sample())


def test_messages_ride_along_with_a_fragment_only_when_there_are_some():
    template = get_template("components/_messages.html")
    messages = [SimpleNamespace(tags="error", __str__=lambda self: "x")]

    assert template.render({"out_of_band": True, "messages": []}).strip() == ""
    assert 'hx-swap-oob="beforeend:#toasts"' in template.render({"out_of_band": True, "messages": messages})


def test_the_style_sheet_keeps_colours_in_its_first_part():
    css = (ROOT / "static/css/app.css").read_text()
    pieces = css[css.index("/* ==== 4") : css.index("/* ==== 6")]

    colours = [line for line in pieces.splitlines() if re.search(r": #[0-9a-f]{3,8};", line)]
    assert [line for line in colours if "#fff" not in line and "logo" not in line] == []
