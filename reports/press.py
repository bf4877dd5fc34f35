"""How a page of HTML becomes a PDF: by a process of its own, with limits, which a hungry document cannot take along.

    pdf = press(html, title="Status report", images={"logo": ("image/png", data)}, check=run.check)

Each worker keeps one press per document it prints at the same time (`pressroom.py`), so that WeasyPrint and the fonts
are loaded once; works in threads and in forked workers alike. Whatever the HTML names, only packaged fonts, the print
style and the pictures given here are fetched. (RELIABILITY section 3 "weasyprint", M19, M20, T47)
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from core.rules import RuleBroken

from . import pressroom

log = logging.getLogger(__name__)

MEMORY_BYTES = 1024**3
CPU_SECONDS = 120
WALL_SECONDS = 300
LOOK_SECONDS = 0.2

Check = Callable[[int, int], object]


class TooLarge(RuleBroken):
    """The document passed a limit of the press."""


class NotPrinted(RuleBroken):
    """The press could not print the document, whatever the reason: it stands in the log."""


@dataclass(frozen=True)
class Printed:
    """A PDF, its pages, and the addresses in it that were not fetched."""

    pdf: bytes
    pages: int
    refused: tuple[str, ...] = ()


class _Gone(Exception):
    """The press had ended before it took the document: another one will print it."""


class Press:
    """One process that prints one document at a time."""

    def __init__(self) -> None:
        script, static = Path(pressroom.__file__), settings.ROOT / "static"
        kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "HOME", "XDG_CACHE_HOME", "FONTCONFIG_PATH", "LD_LIBRARY_PATH")
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", str(script), str(static)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
            env={name: os.environ[name] for name in kept if name in os.environ},
        )
        self.into, self.out = self.process.stdin.fileno(), self.process.stdout.fileno()
        self.is_ready = False
        self.has_printed = False

    def print(self, order: dict, html: bytes, images: Mapping[str, tuple[str, bytes]], check: Check) -> Printed:
        """Raises TooLarge, NotPrinted, _Gone, and whatever `check` raises; then this press is of no more use."""
        give_up_at = time.monotonic() + WALL_SECONDS
        try:
            while not self.is_ready:
                self._wait(give_up_at, check, 0, 0)
                self.is_ready = pressroom.receive(self.out)[0] == b"R"
            pressroom.send(self.into, b"O", json.dumps(order).encode())
            pressroom.send(self.into, b"H", html)
            for _kind, data in images.values():
                pressroom.send(self.into, b"I", data)
        except (EOFError, OSError) as error:
            raise _Gone from error
        pdf, said, step, page = b"", {}, 0, 0
        while True:
            self._wait(give_up_at, check, step, page)
            try:
                kind, data = pressroom.receive(self.out)
            except EOFError:
                if self.has_printed and not step:  # it ended while it waited, between two documents
                    raise _Gone from None
                raise self._failure() from None
            if kind == b"P":
                step, page = json.loads(data)
            elif kind == b"B":
                pdf = data
            elif kind == b"I":
                said = json.loads(data)
            else:
                self.has_printed = True
                return Printed(pdf, said["pages"], tuple(said["refused"]))

    def _wait(self, give_up_at: float, check: Check, step: int, page: int) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self.out, selectors.EVENT_READ)
            while True:
                is_there = selector.select(LOOK_SECONDS)
                check(step, page)
                if is_there:
                    return
                if time.monotonic() > give_up_at:
                    raise _too_large()

    def _failure(self) -> RuleBroken:
        try:
            code = self.process.wait(5)
        except subprocess.TimeoutExpired:
            code = None
        if code in (pressroom.TOO_MUCH_MEMORY, pressroom.TOO_LONG):
            return _too_large()
        log.error("The press ended with code %s.", code)
        return NotPrinted(
            _("The PDF could not be made; who runs IMS2 finds the reason in the log of the worker. Try again later.")
        )

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """Ends the press and the document under way, at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for end in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                end.close()
        self.process.wait()


def _too_large() -> TooLarge:
    return TooLarge(_("This report is too large for one PDF. Choose a shorter period or fewer parts, or the XLSX."))


_idle: list[Press] = []
_lock = threading.Lock()


def _take() -> Press:
    with _lock:
        while _idle:
            press = _idle.pop()
            if press.is_alive():
                return press
            press.stop()
    return Press()


def close() -> None:
    """Ends the presses that wait; the next document starts one again."""
    with _lock:
        waiting, _idle[:] = list(_idle), []
    for press in waiting:
        press.stop()


def _forget() -> None:
    """In a forked process: the presses belong to the parent; closing our ends keeps them ending with it."""
    global _lock
    _lock = threading.Lock()
    for press in _idle:
        for end in (press.process.stdin, press.process.stdout):
            with contextlib.suppress(OSError):
                end.close()
        press.process.returncode = 0  # not our child: nothing to wait for
    _idle.clear()


os.register_at_fork(after_in_child=_forget)
atexit.register(close)


def printed(
    html: str,
    *,
    title: str = "",
    css: str = "",
    images: Mapping[str, tuple[str, bytes]] | None = None,
    check: Check | None = None,
    memory_bytes: int = MEMORY_BYTES,
    cpu_seconds: int = CPU_SECONDS,
) -> Printed:
    """Prints a whole page of HTML (our own template's, escaped there).

    `images` are found in it as `asset:<name>`; `css` is added to the print style; `title` names the document in the log.
    `check(step, page)` is called some times a second; what it raises stops the press and is passed on. Raises TooLarge.
    """
    images = dict(images or {})
    order = {
        "css": css, "images": {name: kind for name, (kind, _data) in images.items()},
        "memory": int(memory_bytes), "seconds": int(cpu_seconds),
    }  # fmt: skip
    # A lone surrogate or a NUL is no text of a document; neither may stop one.
    data = html.replace("\x00", "").encode("utf-8", "replace")
    for attempt in (1, 2, 3):
        press = _take()
        try:
            made = press.print(order, data, images, check or (lambda step, page: None))
        except _Gone:
            press.stop()
            if attempt == 3:
                raise press._failure() from None
            continue
        except BaseException:
            press.stop()
            raise
        with _lock:
            _idle.append(press)
        if made.refused:
            log.warning("“%s” names addresses that are not printed: %s", title, ", ".join(made.refused[:5]))
        return made
    raise AssertionError


def press(html: str, *, title: str = "", **options) -> bytes:
    """The PDF of a page of HTML; options as for `printed`."""
    return printed(html, title=title, **options).pdf
