"""The press itself: a process without Django, settings or secrets that prints one document after another.

It imports WeasyPrint, the print style and the fonts once, and forks a child for each document, limited in memory and
processor time, at low priority, and unable to open a connection or a file outside its own. Whoever started it talks to
it over its standard input and output; when that one dies, the press and the child under way end with it. A document
that passes a limit ends the press, and the code it ends with says why.

Started by `press.py` as a plain script. (RELIABILITY M19, M20; T47)
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import logging
import mimetypes
import os
import resource
import select
import shutil
import signal
import struct
import sys
import sysconfig
import tempfile
from pathlib import Path

TOO_MUCH_MEMORY, TOO_LONG, BROKEN = 3, 4, 5
IDLE_SECONDS = 600
NICE = 19
FONTS = {"inter-latin.woff2": "font/woff2", "inter-latin-ext.woff2": "font/woff2"}
STYLES = ("report.css", "content.css")  # the frame's, and what the reports add to it
ONLY_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
NEVER = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.symlink", "os.link", "urllib.",
         "ftplib.", "http.", "smtplib.", "pty.", "webbrowser.", "ctypes.dlopen")  # fmt: skip


# ---- talking ----------------------------------------------------------------------------------------------------


def send(to: int, kind: bytes, data: bytes) -> None:
    """One message: a letter, the length, the content."""
    left = memoryview(kind + struct.pack(">I", len(data)) + data)
    while left:
        left = left[os.write(to, left) :]


def receive(source: int) -> tuple[bytes, bytes]:
    """The next message. Raises EOFError when the other side is gone."""
    head = _exactly(source, 5)
    return head[:1], _exactly(source, struct.unpack(">I", head[1:])[0])


def _exactly(source: int, size: int) -> bytes:
    parts = []
    while size:
        part = os.read(source, min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


# ---- what may be fetched ----------------------------------------------------------------------------------------


def make_fetcher(assets: dict[str, tuple[str, bytes]], refused: list[str]):
    """Gives out the packaged assets and the pictures that came with the document (`asset:name`), and nothing else."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Fetcher(URLFetcher):
        def __init__(self) -> None:
            super().__init__(allowed_protocols=("asset",), allow_redirects=False)
            self.handlers = []

        def fetch(self, url, headers=None):
            scheme, _, name = str(url).partition(":")
            if scheme != "asset" or name not in assets:
                refused.append(str(url)[:200])
                raise ValueError("This address is not printed.")
            kind, data = assets[name]
            return URLFetcherResponse(url, data, {"Content-Type": kind})

    return Fetcher()


# ---- one document -----------------------------------------------------------------------------------------------


class Shop:
    """WeasyPrint with its style sheet and fonts, ready to be forked."""

    def __init__(self, folder: Path) -> None:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration

        mimetypes.init()
        self.assets = {name: (kind, (folder / "vendor" / name).read_bytes()) for name, kind in FONTS.items()}
        self.weasyprint = weasyprint
        self.fonts = FontConfiguration()
        fetcher = make_fetcher(self.assets, [])
        self.styles = [
            weasyprint.CSS(string=path.read_text("utf-8"), font_config=self.fonts, url_fetcher=fetcher)
            for path in (folder / "reports" / name for name in STYLES)
            if path.exists()
        ]
        # A first page of nothing loads what is loaded on first use: fonts, hyphens, the writer of PDFs.
        self.write(
            "<html lang=en><meta charset=utf-8><title>-</title><body><p>Warm <b>up</b></p><svg viewBox='0 0 9 9'><path "
            "d='M0,0L1,1'/></svg><table><tr><td>1</td></tr></table></body></html>", "", {}, [],
        )  # fmt: skip

    def write(self, html: str, css: str, images: dict[str, tuple[str, bytes]], refused: list[str]) -> tuple[bytes, int]:
        fetcher = make_fetcher({**self.assets, **images}, refused)
        styles = list(self.styles)
        if css:
            styles.append(self.weasyprint.CSS(string=css, font_config=self.fonts, url_fetcher=fetcher))
        options = {"pdf_variant": "pdf/ua-1", "optimize_images": True}  # tagged; each of the two calls has to know
        html_of = self.weasyprint.HTML(string=html, url_fetcher=fetcher)
        document = html_of.render(font_config=self.fonts, stylesheets=styles, **options)
        return document.write_pdf(**options), len(document.pages)


class Told(logging.Handler):
    """Passes on how far WeasyPrint is: the step of seven, and the page it lays out."""

    def __init__(self) -> None:
        super().__init__()
        self.step = 0

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text.startswith("Step ") and text[5:6].isdigit():
            self.step = int(text[5])
        page = int(text.rpartition("Page ")[2]) if "Page " in text and text.rpartition("Page ")[2].isdigit() else 0
        send(1, b"P", json.dumps([self.step, page]).encode())


def limit(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_AS, (memory * 2, memory * 2))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (memory, memory))


def guard(own: str, stdlib: tuple[str, ...]) -> None:
    """From here on no connection, no other program, and no file but this program's and this document's own."""

    def hook(event: str, args: tuple) -> None:
        if event == "open":
            if isinstance(args[0], int):
                return
            path = os.path.realpath(os.fsdecode(args[0]))
            writes = isinstance(args[2], int) and args[2] & ONLY_WRITES
            if path.startswith(own) or path == "/dev/null" or (not writes and path.startswith(stdlib)):
                return
            raise PermissionError(f"The press opens no {path}.")
        if event.startswith(NEVER):
            raise PermissionError(f"The press does no {event}.")

    sys.addaudithook(hook)


def print_one(shop: Shop, order: dict, html: str, images: dict[str, tuple[str, bytes]], own: str) -> None:
    """In the child: prints and answers, then ends. Never returns."""
    code = BROKEN
    try:
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: ends with the press
        tempfile.tempdir = own
        readable = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
        roots = tuple(os.path.realpath(path) + os.sep for path in readable)
        told = logging.getLogger("weasyprint.progress")
        told.addHandler(Told())
        told.setLevel(logging.INFO)
        told.propagate = False
        limit(order["memory"], order["seconds"])
        guard(os.path.realpath(own) + os.sep, roots)
        refused: list[str] = []
        pdf, pages = shop.write(html, order.get("css", ""), images, refused)
        send(1, b"B", pdf)
        send(1, b"I", json.dumps({"pages": pages, "refused": refused[:50]}).encode())
        code = 0
    except MemoryError:
        code = TOO_MUCH_MEMORY
    except BaseException as error:
        if isinstance(error.__context__, MemoryError) or isinstance(error.__cause__, MemoryError):
            code = TOO_MUCH_MEMORY
        else:
            logging.getLogger("press").exception("A document could not be printed.")
    finally:
        os._exit(code)


# ---- the press --------------------------------------------------------------------------------------------------


def why(status: int) -> int:
    """The code the press ends with for a child that did not end well."""
    if os.WIFSIGNALED(status):
        # Libraries in C give up with ABRT, TRAP or SEGV when memory is refused to them.
        stopped = os.WTERMSIG(status)
        if stopped in (signal.SIGXCPU, signal.SIGKILL):
            return TOO_LONG
        return TOO_MUCH_MEMORY if stopped in (signal.SIGABRT, signal.SIGTRAP, signal.SIGSEGV) else BROKEN
    return os.WEXITSTATUS(status)


def serve(shop: Shop) -> int:
    while True:
        if not select.select([0], [], [], IDLE_SECONDS)[0]:
            return 0
        try:
            order = json.loads(receive(0)[1])
            html = receive(0)[1].decode()
            images = {name: (kind, receive(0)[1]) for name, kind in order.get("images", {}).items()}
        except EOFError:
            return 0
        own = tempfile.mkdtemp(prefix="ims2-press-")
        over, open_while_it_lives = os.pipe()
        child = os.fork()
        if not child:
            os.close(over)
            print_one(shop, order, html, images, own)
        os.close(open_while_it_lives)
        del html, images
        ready, _, _ = select.select([0, over], [], [])
        is_left = 0 in ready and over not in ready  # nobody sends while we print: it is the end of whoever asked
        if is_left:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        os.close(over)
        shutil.rmtree(own, ignore_errors=True)
        if is_left:
            return 0
        if code := why(status):
            return code
        send(1, b"E", b"")  # only now: the next order must not come while this child still ends


def main() -> int:
    logging.basicConfig(level=logging.ERROR, format="press: %(message)s")
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # it would repeat words of the document
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICE)
    home = tempfile.mkdtemp(prefix="ims2-pressroom-")
    tempfile.tempdir = home
    try:
        shop = Shop(Path(sys.argv[1]))
        send(1, b"R", b"")
        return serve(shop)
    except (BrokenPipeError, EOFError):
        return 0
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    code = main()
    os._exit(code)  # the fonts' own tidying has nothing left to tidy
