"""Files that no upload field may take, each with the sentence that says what is wrong. (RELIABILITY T45, 6.1)

    @pytest.mark.parametrize("bad", BAD_FILES, ids=str)
    def test_…(bad, settings):
        bad.prepare(settings)
        answer = bad.post(client, address, "file", title="What I typed")
        assert (answer.status_code, bad.sentence in unescape(answer.content.decode())) == (422, True)

`post` writes the request itself, byte by byte: Django's test client would tidy the names.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core import files

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
MEGABYTE = 1024 * 1024
LIMIT_MB = 2
BOUNDARY = b"----0f3a9c5e1b7d"


@dataclass(frozen=True)
class BadFile:
    """`sentence` is said exactly so. `is_over` ones are over a limit of LIMIT_MB, which `prepare` sets for all."""

    what: str
    name: str
    make: Callable[[], bytes]
    sentence: str
    claims: str = "application/pdf"

    def __str__(self) -> str:
        return self.what

    def post(self, client: Any, address: str, field: str, **fields: str) -> Any:
        """Posts the file as `field` of a form, with the other `fields`, as a browser (or an attacker) would send it."""
        parts = [
            f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()
        ]
        head = f'Content-Disposition: form-data; name="{field}"; filename="{self.name}"\r\nContent-Type: {self.claims}'
        parts.append(head.encode() + b"\r\n\r\n" + self.make())
        body = b"".join(b"--%s\r\n%s\r\n" % (BOUNDARY, part) for part in parts) + b"--%s--\r\n" % BOUNDARY
        kind = f"multipart/form-data; boundary={BOUNDARY.decode()}"
        return client.generic("POST", address, body, content_type=kind)

    @staticmethod
    def prepare(settings: Any) -> None:
        settings.MAX_UPLOAD_MB = LIMIT_MB


def archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for path, data in parts.items():
            made.writestr(path, data)
    return out.getvalue()


def office(extension: str = "docx", **parts: bytes) -> bytes:
    """The least that is a Word, Excel or PowerPoint file."""
    folder, main = {"docx": ("word", "document"), "xlsx": ("xl", "workbook"), "pptx": ("ppt", "presentation")}[
        extension
    ]
    kinds = f'<Types><Override ContentType="{files.TYPES[extension]}.main+xml"/></Types>'.encode()
    return archive({"[Content_Types].xml": kinds, f"{folder}/{main}.xml": b"<w/>", **parts})


def declares_four_gigabytes() -> bytes:
    """A workbook of one megabyte whose directory says that one of its sheets unpacks to four gigabytes less one byte."""
    honest = bytearray(office("xlsx", **{"xl/media/noise.bin": _noise(MEGABYTE), "xl/worksheets/sheet1.xml": b"<s/>"}))
    at = honest.rfind(b"PK\x01\x02")
    while honest[at + 46 : at + 46 + struct.unpack_from("<H", honest, at + 28)[0]] != b"xl/worksheets/sheet1.xml":
        at = honest.rfind(b"PK\x01\x02", 0, at)
    struct.pack_into("<I", honest, at + 24, 0xFFFF_FFFE)
    return bytes(honest)


def _noise(length: int) -> bytes:
    """Bytes that do not shrink, the same in every run."""
    out, state = bytearray(), 1
    while len(out) < length:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        out += state.to_bytes(8, "little")
    return bytes(out[:length])


ALLOWED = f"PDF, Word, Excel, PowerPoint, OpenDocument, PNG, JPEG, WebP, CSV or text, up to {LIMIT_MB} MB."

BAD_FILES = (
    BadFile(
        "a web page called x.pdf", "x.pdf", lambda: b"<!DOCTYPE html><html><script>alert(1)</script></html>",
        "“x.pdf” is not a PDF file, whatever its name says. Save it again in that format.",
    ),
    BadFile(
        "a Word file with macros", "plan.docx", lambda: office(**{"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"}),
        "“plan.docx” contains macros or embedded programs, which is not accepted as evidence. "
        "Save it without, for example as PDF.",
        claims="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    BadFile(
        "one megabyte that declares four gigabytes", "list.xlsx", declares_four_gigabytes,
        "“list.xlsx” unpacks to far more than it says. Save it again, or as PDF.",
        claims="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    BadFile("nothing at all", "empty.pdf", lambda: b"", "“empty.pdf” is empty. Choose the file again."),
    BadFile(
        "a drawing with a script", "logo.svg",
        lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        f".svg is not accepted. Accepted are: {ALLOWED}", claims="image/svg+xml",
    ),
    BadFile(
        "a drawing with a script called logo.png", "logo.png",
        lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "“logo.png” is not a PNG file, whatever its name says. Save it again in that format.", claims="image/png",
    ),
    BadFile(
        "one byte over the limit", "big.pdf", lambda: PDF + b"%" * (LIMIT_MB * MEGABYTE - len(PDF) + 1),
        f"“big.pdf” is larger than {LIMIT_MB} MB. Make it smaller, or store it elsewhere and add a link.",
    ),
    BadFile(
        "far over the limit", "huge.pdf", lambda: PDF + b"%" * ((LIMIT_MB + 3) * MEGABYTE),
        f"“huge.pdf” is larger than {LIMIT_MB} MB. Make it smaller, or store it elsewhere and add a link.",
    ),
    *(
        BadFile(
            f"a good file called {name}", name, lambda: PDF,
            "“plan.pdf” was sent with a path in its name (../). Rename the file and choose it again.",
        )
        for name in ("../plan.pdf", "../../etc/plan.pdf", "..\\..\\plan.pdf", "a/../../plan.pdf", "..&sol;plan.pdf")
    ),
)  # fmt: skip
