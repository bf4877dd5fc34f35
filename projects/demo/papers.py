"""Small real files for the demo's evidence: a page of PDF, a picture, a text."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw


def made(name: str, lines: Sequence[str]) -> bytes:
    """The bytes of a file called `name` that says `lines`."""
    if name.endswith(".pdf"):
        return pdf(lines)
    return png(lines) if name.endswith(".png") else ("\n".join(lines) + "\n").encode()


def pdf(lines: Sequence[str]) -> bytes:
    """One page A4 with a line of text for each of `lines`, the first one large."""
    words = ["BT", "/F1 18 Tf", "56 780 Td"]
    for place, line in enumerate(lines):
        escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        words += [f"({escaped}) Tj", "0 -30 Td" if place == 0 else "0 -18 Td"]
        if place == 0:
            words.append("/F1 11 Tf")
    stream = "\n".join([*words, "ET"]).encode("cp1252")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def png(lines: Sequence[str]) -> bytes:
    """A plain picture of a board with the lines on it."""
    image = Image.new("RGB", (900, 140 + 60 * len(lines)), "#f4f1ea")
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 20, 880, image.height - 20), outline="#5b6b7a", width=6)
    for place, line in enumerate(lines):
        draw.text((70, 70 + 60 * place), line, fill="#1d2a35", font_size=30)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
