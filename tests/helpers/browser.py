"""A real browser: signs people in, remembers what went wrong, takes pictures, asks axe."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP, PHONE = 1440, 390
THEMES = ("light", "dark")
PATIENCE_MS = 60_000
"""After which something that should appear is given up; a machine that runs other tests beside may be slow."""
MISSING = "There is no Chromium on this machine (Debian: apt-get install chromium): browser journeys are left out."


@contextmanager
def chromium() -> Iterator[Any]:
    """A running browser. Playwright's loop must not forbid the ORM to the test beside it."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            try:
                yield browser
            finally:
                browser.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


class Visit:
    """One person at one screen. `faults` collects console errors, refused contents, failed and missing requests."""

    def __init__(self, browser: Any, base: str, journey: str, *, width: int = DESKTOP, theme: str = "light") -> None:
        self.base, self.journey, self.width, self.theme = base, journey, width, theme
        is_phone = width < 500
        self.context = browser.new_context(
            viewport={"width": width, "height": 844 if is_phone else 900},
            has_touch=is_phone,
            is_mobile=is_phone,
            color_scheme=theme,
            reduced_motion="reduce",
            locale="en-GB",
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.faults: list[str] = []
        self.expected: list[str] = []
        self.pictures = 0
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._response)

    def _console(self, message: Any) -> None:
        # A missing or refused answer is told by `_response` already, with its address.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"console: {message.text[:300]}")

    def _failed(self, request: Any) -> None:
        if "ERR_ABORTED" not in (request.failure or ""):
            self.faults.append(f"failed: {request.url} {request.failure}")

    def _response(self, response: Any) -> None:
        if response.status >= 400 and not any(re.search(p, f"{response.status} {response.url}") for p in self.expected):
            self.faults.append(f"{response.status}: {response.request.method} {response.url}")

    def expect(self, pattern: str) -> None:
        """An answer "<status> <address>" that belongs to the journey is no fault."""
        self.expected.append(pattern)

    def go(self, path: str) -> Any:
        return self.page.goto(self.base + path)

    def sign_in(self, email: str, password: str) -> None:
        """By the form, as people do."""
        if "/accounts/login/" not in self.page.url:
            self.go("/accounts/login/")
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", password)
        with self.page.expect_navigation():
            self.page.press("input[name=password]", "Enter")

    def come_in_as(self, user: Any) -> None:
        """Signed in already: for journeys that do not try the door."""
        from django.test import Client

        client = Client()
        client.force_login(user, backend="accounts.backends.Backend")
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": self.base}])

    def picture(self, name: str) -> Path:
        """A picture of the whole page under var/screenshots/<journey>/."""
        self.pictures += 1
        folder = settings.VAR / "screenshots" / self.journey
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.pictures:02d}-{name}-{self.width}-{self.theme}.png"
        self.page.screenshot(path=path, full_page=True)
        return path

    def examine(self, name: str) -> None:
        """Picture, axe, width: faults are collected with the page's name."""
        from axe_playwright_python.sync_playwright import Axe

        self.page.evaluate("document.fonts.ready")
        overflow = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if overflow > 0:
            self.faults.append(f"{name}: {overflow} px wider than the screen of {self.width}")
        found = Axe().run(self.page, options={"runOnly": RULES}).response["violations"]
        for fault in found:
            where = ", ".join(str(node["target"]) for node in fault["nodes"][:3])
            self.faults.append(f"{name}: axe {fault['id']} ({fault['impact']}): {where}")
        self.picture(name)

    def look(self, name: str, browser: Any) -> None:
        """The page as it is now, in both themes and on both screens, each examined."""
        self.examine(name)
        state = self.context.storage_state()
        for width in (DESKTOP, PHONE):
            for theme in THEMES:
                if (width, theme) == (self.width, self.theme):
                    continue
                other = Visit(browser, self.base, self.journey, width=width, theme=theme)
                other.pictures = self.pictures - 1
                other.context.add_cookies(state["cookies"])
                other.page.goto(self.page.url)
                other.examine(name)
                self.faults += [f"[{width} {theme}] {fault}" for fault in other.faults]
                other.close()

    def close(self) -> None:
        self.context.close()


def check(*visits: Visit) -> None:
    """Fails with everything the visits remember."""
    faults = [fault for visit in visits for fault in visit.faults]
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(dict.fromkeys(faults))
