"""Every link and every form address of every page, for every role of the demo, leads to a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from projects import demo

BASE = "http://testserver"
# Addresses that end the visit, or that do something else than show a page.
SKIP = re.compile(r"^/(accounts/logout|static|readyz)")
# One of a kind is enough where a list has hundreds: numbers are folded together, and so are filters of one name.
FOLD = [
    (re.compile(r"/[A-Z]{1,4}-\d+(?=/|$)"), "/X-N"),
    (re.compile(r"/(models|controls|soa|clauses)/[\w.-]+/"), r"/\1/N/"),
    (re.compile(r"/(steps|activities)/[\w.]+/"), r"/\1/N/"),
    (re.compile(r"/standards/[\w-]+/"), "/standards/N/"),
    (re.compile(r"/\d+/"), "/N/"),
    (re.compile(r"/org/[\w-]+/"), "/org/O/"),
]
MOST_OF_A_KIND = 1


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.ids: set[str] = set()

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if values.get("id"):
            self.ids.add(values["id"])
        if tag == "a" and values.get("href"):
            self.found.add(values["href"])
        for name in ("hx-get",):
            if values.get(name):
                self.found.add(values[name])
        if tag == "form" and (values.get("method") or "get").lower() == "get" and values.get("action"):
            self.found.add(values["action"])


def kind_of(path: str) -> str:
    address, _mark, query = path.partition("?")
    for pattern, word in FOLD:
        address = pattern.sub(word, address)
    # Filters combine in every way on every list: each is tried alone, and any number of them together once.
    names = {part.partition("=")[0] for part in query.split("&") if part}
    return f"{address}?{names.pop() if len(names) == 1 else 'several' if names else ''}"


@pytest.fixture(scope="module")
def the_demo(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        cache.clear()
        with transaction.atomic():
            call_command("load_catalogue", verbosity=0)
            call_command("seed_demo", verbosity=0)
            yield
            transaction.set_rollback(True)
        cache.clear()


@pytest.mark.django_db
@pytest.mark.parametrize("email", [email for email, _role in demo.SIGN_INS] + ["manager@seefeld.example"])
def test_every_link_leads_to_a_page(email, the_demo):
    from accounts.models import User

    client = Client()
    client.force_login(User.objects.get(email=email), backend="accounts.backends.Backend")
    waiting, came_from = ["/"], {"/": ""}
    kinds: dict[str, int] = {}
    faults, pages = [], 0
    while waiting:
        path = waiting.pop(0)
        with transaction.atomic():
            answer = client.get(path, follow=False)
            if getattr(answer, "streaming", False):
                b"".join(answer.streaming_content)
            transaction.set_rollback(True)
        pages += 1
        if answer.status_code in (301, 302, 303):
            targets = {answer["Location"]}
        elif answer.status_code != 200:
            faults.append(f"{answer.status_code}: {path}, linked from {came_from[path]}")
            continue
        elif "text/html" in answer.headers.get("Content-Type", "") and not answer.streaming:
            page = Links()
            page.feed(answer.content.decode())
            targets = page.found
            inside = {t[1:] for t in targets if t.startswith("#") and len(t) > 1}
            faults += [f"#{name} leads nowhere on {path}" for name in sorted(inside - page.ids)]
        else:
            continue
        for target in sorted(targets):
            full = urldefrag(urljoin(BASE + path, target)).url
            parts = urlsplit(full)
            if parts.scheme not in ("http", "https") or parts.netloc != "testserver" or SKIP.match(parts.path):
                continue
            step = parts.path + (f"?{parts.query}" if parts.query else "")
            kind = kind_of(step)
            if step in came_from or kinds.get(kind, 0) >= MOST_OF_A_KIND:
                continue
            kinds[kind] = kinds.get(kind, 0) + 1
            came_from[step] = path
            waiting.append(step)
    assert not faults, f"{email}, {pages} pages:\n" + "\n".join(faults)
    assert pages >= 3
