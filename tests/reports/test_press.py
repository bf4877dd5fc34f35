"""The press: limits, what it fetches, and that no document takes the worker along. (M19, M20, T47)"""

from __future__ import annotations

import http.server
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from reports import press
from tests.reports.conftest import reader, text_of

SECRET = "ROOT-OF-ALL-SECRETS"


@pytest.fixture(autouse=True)
def nothing_left():
    yield
    press.close()


def page(body: str = "", head: str = "") -> str:
    return f"<!doctype html><html lang=en><head><meta charset=utf-8><title>T</title>{head}</head><body>{body}</body></html>"


def big(rows: int) -> str:
    return page("<table>" + ("<tr>" + "<td>words of a cell" * 8) * rows + "</table>")


@pytest.fixture
def calls():
    """A server on this machine that writes down who calls it, and sends everybody to a file."""
    called: list[str] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            called.append(self.path)
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()

        def log_message(self, *args):
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1], called
    server.shutdown()


def hostile(port: int, secret: Path) -> list[str]:
    """Thirty ways to make a printer read or call what it should not."""
    web, file = f"http://127.0.0.1:{port}", f"file://{secret}"
    inner = f"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E%3Cimage href='{web}/inner'/%3E%3C/svg%3E"
    return [
        *(f'<img src="{web}/{k}" alt="x">' for k in ("png", "redirect", "a?b=c")),
        f'<img src="{file}" alt="x">',
        f'<img src="{secret}" alt="x">',
        '<img src="//127.0.0.1/x" alt="x">',
        '<img src="ftp://127.0.0.1/x" alt="x">',
        '<img src="gopher://127.0.0.1/x" alt="x">',
        '<img src="FILE:///etc/passwd" alt="x">',
        '<img src="asset:../../etc/passwd" alt="x">',
        '<img src="asset:/etc/passwd" alt="x">',
        '<img src="asset:secret_key" alt="x">',
        f'<img src="{inner}" alt="x">',
        f'<img srcset="{web}/srcset 2x" alt="x">',
        f'<link rel="stylesheet" href="{web}/style.css">',
        f'<link rel="stylesheet" href="{file}">',
        f'<link rel="attachment" href="{file}">',
        f'<link rel="attachment" href="{web}/attached">',
        f'<a rel="attachment" href="{file}">take me</a>',
        f'<object data="{file}" type="text/plain"></object>',
        f'<object data="{web}/object" type="image/png"></object>',
        f'<embed src="{web}/embed" type="image/png">',
        f'<iframe src="{file}"></iframe>',
        f'<base href="{web}/"><img src="relative.png" alt="x">',
        f"<style>@import url({web}/import.css);</style>",
        f"<style>@import url({file});</style>",
        f"<style>@font-face{{font-family:F;src:url({web}/font.woff2)}} body{{font-family:F}}</style>",
        f"<style>body{{background:url({file})}} p::before{{content:url({web}/content.png)}}</style><p>x",
        f"<style>li{{list-style-image:url({web}/list.png)}} @page{{background:url({web}/page.png)}}</style><li>x",
        f'<svg viewBox="0 0 9 9"><image href="{web}/image.png" width="9" height="9"/></svg>',
        f'<svg viewBox="0 0 9 9"><use href="{web}/use.svg#a"/><use href="{file}#a"/></svg>',
        f'<svg viewBox="0 0 9 9"><style>@import url({web}/svg.css);</style><image xlink:href="{file}"/></svg>',
        f'<meta http-equiv="refresh" content="0;url={web}/refresh">',
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "{file}">]><p>&e;</p>',
    ]


def test_no_hostile_words_make_the_press_call_or_read_anything(calls, tmp_path):
    port, called = calls
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    words = hostile(port, secret)
    assert len(words) >= 30

    made = press.printed(page("".join(f"<div>{one}</div>" for one in words)))

    assert called == []
    assert SECRET.encode() not in made.pdf and SECRET not in text_of(made.pdf) and "root:" not in text_of(made.pdf)
    assert "/EmbeddedFile" not in str(reader(made.pdf).trailer["/Root"])
    assert len(made.refused) >= 20 and all(not one.startswith("asset:report") for one in made.refused)


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_seen_from_outside_the_press_opens_no_socket_and_no_file_of_others(tmp_path):
    """The same document, under strace: what the kernel was asked for."""
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    log, script = tmp_path / "strace.log", Path(press.pressroom.__file__)
    process = subprocess.Popen(
        ["strace", "-f", "-e", "trace=open,openat,socket,connect", "-o", log, sys.executable, "-I", script,
         Path(press.settings.ROOT) / "static"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
    )  # fmt: skip
    into, out = process.stdin.fileno(), process.stdout.fileno()
    assert press.pressroom.receive(out)[0] == b"R"
    before = len(log.read_text().splitlines())
    press.pressroom.send(into, b"O", b'{"memory": 1073741824, "seconds": 60}')
    press.pressroom.send(into, b"H", page("".join(hostile(9, secret))).encode())
    while press.pressroom.receive(out)[0] != b"E":
        pass
    lines = log.read_text().splitlines()[before:]
    process.stdin.close()
    process.wait(20)

    assert not [line for line in lines if "socket(" in line or "connect(" in line]
    opened = {found[1] for line in lines if (found := re.search(r'"([^"]+)"', line)) and "ENOENT" not in line}
    strange = {
        path for path in opened
        if not path.startswith((sys.prefix, sys.base_prefix, "/usr/", "/lib", "/etc/fonts", "/etc/ld.so", "/var/cache/fontconfig",
                                tempfile.gettempdir() + "/ims2-press", "/dev/null", "/proc/self", str(Path.home() / ".cache/fontconfig")))
    }  # fmt: skip
    assert not strange and str(secret) not in opened


def test_a_document_that_wants_more_memory_is_stopped_with_a_sentence():
    with pytest.raises(press.TooLarge, match=r"too large for one PDF\. Choose a shorter period"):
        press.press(big(20_000), memory_bytes=220 << 20)

    assert text_of(press.press(page("<p>the next one"))) == "the next one"


def test_a_document_that_wants_more_time_is_stopped_with_a_sentence():
    with pytest.raises(press.TooLarge):
        press.press(big(20_000), cpu_seconds=1)


def test_a_cancel_stops_the_press_at_once_and_the_next_document_is_printed():
    class Stop(Exception):
        pass

    begun = time.monotonic()

    def check(step, page):
        if step:
            raise Stop

    with pytest.raises(Stop):
        press.press(big(3_000), check=check)
    assert time.monotonic() - begun < 15
    assert press.press(page("<p>after"))[:5] == b"%PDF-"


def test_one_press_prints_many_documents_and_progress_is_told():
    told = []

    press.press(page("<p>one"))
    with press._lock:
        kept = [one.process.pid for one in press._idle]
    press.press(page("<p>a</p><p style='break-before:page'>b"), check=lambda step, page: told.append((step, page)))

    assert [one.process.pid for one in press._idle] == kept
    assert (5, 2) in told and told == sorted(told)


def test_a_press_that_died_while_it_waited_is_replaced():
    press.press(page("<p>one"))
    os.kill(press._idle[0].process.pid, 9)

    assert text_of(press.press(page("<p>two"))) == "two"


def test_two_threads_print_at_the_same_time():
    made = {}

    def work(name):
        made[name] = text_of(press.press(page(f"<p>{name}")))

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made == {"one": "one", "two": "two"}


def test_a_forked_worker_starts_a_press_of_its_own():
    press.press(page("<p>parent"))
    fork = multiprocessing.get_context("fork")
    answers = fork.SimpleQueue()

    def work():
        answers.put(text_of(press.press(page("<p>child"))))

    child = fork.Process(target=work)
    child.start()
    child.join(60)

    assert answers.get() == "child"
    assert text_of(press.press(page("<p>still there"))) == "still there"


def test_a_killed_worker_takes_its_press_and_the_document_with_it(tmp_path):
    script = (
        "import os,sys; sys.path.insert(0, os.getcwd()); import django; django.setup()\n"
        "from reports import press\n"
        "rows='<table>'+('<tr>'+'<td>words of a cell'*8)*4000+'</table>'\n"
        "def check(step, page):\n"
        "    if page: print('printing', flush=True)\n"
        "press.press('<html lang=en><title>T</title>'+rows, check=check)\n"
    )
    settings = os.environ["DJANGO_SETTINGS_MODULE"]
    worker = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=press.settings.ROOT,
                              env={**os.environ, "DJANGO_SETTINGS_MODULE": settings, "IMS2_VAR": str(tmp_path)})  # fmt: skip
    assert worker.stdout.readline() == b"printing\n"
    presses = subprocess.run(["pgrep", "-P", str(worker.pid)], capture_output=True, text=True).stdout.split()
    assert presses

    worker.kill()
    worker.wait()

    over = time.monotonic() + 10
    while any(
        Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2] for pid in presses
    ):
        assert time.monotonic() < over, "the press outlived its worker"
        time.sleep(0.1)


def test_odd_characters_are_printed_or_left_out_and_stop_nothing():
    made = press.press(page("<p>NUL\x00 lone\ud800 שלום مرحبا {{ 7|add:1 }} {% now %}"))
    smiling = press.press(page("<p>🙂 \u202eabc \u2028 \ufffe"))

    assert "NUL lone" in text_of(made) and "{{ 7|add:1 }} {% now %}" in text_of(made)
    assert len(reader(smiling).pages) == 1
