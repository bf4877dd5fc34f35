"""What a file is: its bytes say it, and the extension must agree.

Nothing active is taken: no macros, no scripts, no HTML or SVG. What is refused is refused with a sentence that says what
is wrong and what to do. How a file is kept and given out stands in core.files, which is the door to both. (RELIABILITY
section 3, Uploads; T45)
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image

from .rules import RuleBroken

MEGABYTE = 1024 * 1024
MOST_PIXELS = 60_000_000
MOST_ENTRIES = 5_000
MOST_UNPACKED = 200 * MEGABYTE
MOST_OBJECT_STREAMS = 20_000  # a PDF of ten thousand pages has some thousands of them
# Office files shrink to a tenth; a file that unpacks to fifty times its size and more than this is a bomb.
BOMB_FROM, BOMB_RATIO = 10 * MEGABYTE, 50
LONGEST_NAME = 120

OOXML = "application/vnd.openxmlformats-officedocument"
TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "docx": f"{OOXML}.wordprocessingml.document",
    "xlsx": f"{OOXML}.spreadsheetml.sheet",
    "pptx": f"{OOXML}.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv",
    "txt": "text/plain",
}
EXTENSIONS = tuple(TYPES)
OOXML_FOLDERS = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}


class Refused(RuleBroken):
    """The file is not taken; the message says why and what would be taken."""

    field = "file"


def limit_bytes() -> int:
    return getattr(settings, "MAX_UPLOAD_MB", 25) * MEGABYTE


def allowed_sentence() -> str:
    return _("PDF, Word, Excel, PowerPoint, OpenDocument, PNG, JPEG, WebP, CSV or text, up to %(most)s MB.") % {
        "most": limit_bytes() // MEGABYTE
    }


# ---- names ------------------------------------------------------------------------------------------------------

RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
)


CLIMB = "\N{DIVISION SLASH}"
"""Stands for the strokes of a name that climbs, from the request's parser to `check` (core.files.LimitedUpload)."""


def climbs(raw: str) -> bool:
    """Whether a name would leave its folder: "../x.pdf". No browser sends one."""
    return ".." in re.split(rf"[/\\{CLIMB}]", str(raw or ""))


def safe_name(raw: str) -> str:
    """A name that is harmless in a header, on a disk and on a screen: no path, no control or direction marks, one
    Unicode form, no leading dot, no device name, not too long. The extension stays."""
    name = unicodedata.normalize("NFC", str(raw or "")).replace("\\", "/").replace(CLIMB, "/").rsplit("/", 1)[-1]
    name = "".join(ch for ch in name if unicodedata.category(ch)[0] not in "CZ" or ch == " ")
    name = " ".join(re.sub(r'[<>:"|?*]', "_", name).split()).strip(" .-")
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    stem = stem.strip(" .") or "file"
    if stem.split(".")[0].casefold() in RESERVED:
        stem = f"_{stem}"
    extension = extension[:10]
    stem = stem[: LONGEST_NAME - len(extension) - 1].rstrip(" .")
    return f"{stem}.{extension}" if extension else stem


def extension_of(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


# ---- checks -----------------------------------------------------------------------------------------------------


def check(upload: Any, name: str) -> str:
    """Returns the type of an uploaded file. Raises Refused with the reason; nothing was stored then."""
    if climbs(getattr(upload, "name", "")):
        raise Refused(
            _("“%(name)s” was sent with a path in its name (../). Rename the file and choose it again.")
            % {"name": name}
        )
    extension = extension_of(name)
    if extension not in TYPES:
        kind = f".{extension}" if extension else _("A file without an extension")
        raise Refused(
            _("%(kind)s is not accepted. Accepted are: %(allowed)s") % {"kind": kind, "allowed": allowed_sentence()}
        )
    if not upload.size:
        raise Refused(_("“%(name)s” is empty. Choose the file again.") % {"name": name})
    if upload.size > limit_bytes():
        raise Refused(
            _("“%(name)s” is larger than %(most)s MB. Make it smaller, or store it elsewhere and add a link.")
            % {"name": name, "most": limit_bytes() // MEGABYTE}
        )
    stream = upload.file if hasattr(upload, "file") else upload
    stream.seek(0)
    try:
        CHECKS[extension](stream, name, extension)
    finally:
        stream.seek(0)
    return TYPES[extension]


def _not_what_it_says(name: str, extension: str) -> Refused:
    return Refused(
        _("“%(name)s” is not a %(kind)s file, whatever its name says. Save it again in that format.")
        % {"name": name, "kind": extension.upper()}
    )


def _damaged(name: str) -> Refused:
    return Refused(
        _("“%(name)s” is damaged or incomplete. Open it, save it again, and choose the new file.") % {"name": name}
    )


def _active(name: str, what: str) -> Refused:
    return Refused(
        _("“%(name)s” contains %(what)s, which is not accepted as evidence. Save it without, for example as PDF.")
        % {"name": name, "what": what}
    )


NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
PDF_ACTIVE = {
    rb"/JavaScript\b|/JS\b": "a script",
    rb"/Launch\b": "a command that starts a program",
    rb"/EmbeddedFiles?\b|/RichMedia\b": "an embedded file",
}
OBJECT_STREAM = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)
WEB_PAGE = re.compile(rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|\?xml|\?php)\b", re.IGNORECASE)


def _pdf(stream: BinaryIO, name: str, extension: str) -> None:
    data = stream.read()
    if not data.startswith(b"%PDF-"):
        raise _not_what_it_says(name, extension)
    if b"%%EOF" not in data[-2048:]:
        raise _damaged(name)
    if WEB_PAGE.search(data[:1024]):
        raise _active(name, _("a web page"))
    if re.search(rb"/Encrypt\b", data):
        raise Refused(
            _("“%(name)s” is encrypted, so an auditor could not read it. Save it without a password.") % {"name": name}
        )
    if data.count(b"/ObjStm") > MOST_OBJECT_STREAMS:
        raise Refused(
            _("“%(name)s” has too many parts to be looked through. Print it to a new PDF and choose that one.")
            % {"name": name}
        )
    for part in _pdf_parts(data):
        plain = NAME_ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), part)
        for pattern, what in PDF_ACTIVE.items():
            if re.search(pattern, plain):
                raise _active(name, _(what))


def _pdf_parts(data: bytes) -> Iterable[bytes]:
    """The file itself and what its object streams unpack to (bounded), where names may hide."""
    yield data
    left, whole = 20 * MEGABYTE, memoryview(data)
    for found in OBJECT_STREAM.finditer(data):
        part = _unpacked(whole[found.end() : found.end() + 4 * MEGABYTE], min(left, 4 * MEGABYTE))
        left -= len(part)
        yield part
        if left <= 0:
            return


def _unpacked(packed: memoryview, most: int) -> bytes:
    """What a stream unpacks to, at most `most` bytes; fed in pieces, so that thousands of tiny ones cost no copies."""
    unpack, parts, length = zlib.decompressobj(), [], 0
    try:
        for start in range(0, len(packed), 4096):
            piece = unpack.decompress(packed[start : start + 4096], most - length)
            parts.append(piece)
            length += len(piece)
            if unpack.eof or length >= most:
                break
    except zlib.error:
        pass
    return b"".join(parts)


PILLOW = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "webp": "WEBP"}


def _image(stream: BinaryIO, name: str, extension: str) -> None:
    head = stream.read(16)
    looks = {
        "PNG": head.startswith(b"\x89PNG\r\n\x1a\n"),
        "JPEG": head.startswith(b"\xff\xd8\xff"),
        "WEBP": head[:4] == b"RIFF" and head[8:12] == b"WEBP",
    }
    if not looks[PILLOW[extension]]:
        raise _not_what_it_says(name, extension)
    stream.seek(0)
    try:
        with Image.open(stream, formats=[PILLOW[extension]]) as picture:
            width, height = picture.size
            frames = getattr(picture, "n_frames", 1)
            if width * height > MOST_PIXELS:
                raise Refused(
                    _("“%(name)s” has %(width)s × %(height)s pixels; that is too large. Make the picture smaller.")
                    % {"name": name, "width": width, "height": height}
                )
            if frames > 1:
                raise _active(name, _("a moving picture"))
            picture.verify()
    except Refused:
        raise
    except Image.DecompressionBombError as error:
        raise Refused(_("“%(name)s” has too many pixels. Make the picture smaller.") % {"name": name}) from error
    except Exception as error:  # Pillow raises many kinds for a broken file: whatever it is, the picture is no good
        raise _damaged(name) from error
    if extension == "png":
        stream.seek(-12, os.SEEK_END)
        if stream.read() != b"\x00\x00\x00\x00IEND\xaeB`\x82":
            raise _damaged(name)


def _archive(stream: BinaryIO, name: str, extension: str) -> zipfile.ZipFile:
    """Opens a zip container after its directory was found harmless: entries, sizes, names, kinds."""
    if stream.read(4) != b"PK\x03\x04":
        raise _not_what_it_says(name, extension)
    stream.seek(0, os.SEEK_END)
    packed = stream.tell()
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise _damaged(name) from error
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    too_much = unpacked > MOST_UNPACKED or (unpacked > BOMB_FROM and unpacked > BOMB_RATIO * packed)
    if len(entries) > MOST_ENTRIES or too_much:
        raise Refused(_("“%(name)s” unpacks to far more than it says. Save it again, or as PDF.") % {"name": name})
    seen: set[str] = set()
    for entry in entries:
        path = entry.filename
        if path.startswith("/") or "\\" in path or ".." in path.split("/") or ":" in path or path in seen:
            raise _damaged(name)
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise _damaged(name)
        if entry.flag_bits & 0x1:
            raise Refused(
                _("“%(name)s” is encrypted, so an auditor could not read it. Save it without a password.")
                % {"name": name}
            )
        seen.add(path)
    return archive


def _read(archive: zipfile.ZipFile, path: str, most: int, name: str) -> bytes:
    """At most `most` bytes of an entry, whatever the directory says about its size."""
    try:
        with archive.open(path) as part:
            return part.read(most)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, KeyError) as error:
        raise _damaged(name) from error


EXTERNAL = re.compile(rb"<Relationship\b[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>", re.IGNORECASE)
DDE = re.compile(rb"\bDDE(?:AUTO)?\b|<ddeLink\b")
OOXML_ACTIVE = ("vbaproject", "vbadata", "/activex/", "oleobject", "/macrosheets/", "/ctrlprops/")


def _ooxml(stream: BinaryIO, name: str, extension: str) -> None:
    with _archive(stream, name, extension) as archive:
        paths = archive.namelist()
        folder = OOXML_FOLDERS[extension]
        if "[Content_Types].xml" not in paths or not any(path.startswith(folder) for path in paths):
            raise _not_what_it_says(name, extension)
        kinds = _read(archive, "[Content_Types].xml", MEGABYTE, name)
        if b"macroEnabled" in kinds or any(word in path.lower() for path in paths for word in OOXML_ACTIVE):
            raise _active(name, _("macros or embedded programs"))
        if TYPES[extension].encode() + b".main+xml" not in kinds:
            raise _not_what_it_says(name, extension)
        for path in paths:
            if not path.lower().endswith((".xml", ".rels")):
                continue
            part = _read(archive, path, MEGABYTE, name)
            if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
                raise _active(name, _("references to other files"))
            if path.endswith(".rels") and any(b"/hyperlink" not in found[0] for found in EXTERNAL.finditer(part)):
                raise _active(name, _("references to other files"))
            if DDE.search(part) and (b"instrText" in part or b"ddeLink" in part or b"fldSimple" in part):
                raise _active(name, _("a command that starts a program"))


def _odf(stream: BinaryIO, name: str, extension: str) -> None:
    with _archive(stream, name, extension) as archive:
        paths = archive.namelist()
        if "mimetype" not in paths or _read(archive, "mimetype", 100, name).strip() != TYPES[extension].encode():
            raise _not_what_it_says(name, extension)
        if "content.xml" not in paths:
            raise _damaged(name)
        if any(path.startswith(("Basic/", "Scripts/")) or path.lower().endswith(".class") for path in paths):
            raise _active(name, _("macros or embedded programs"))
        for path in paths:
            if path.endswith(".xml"):
                part = _read(archive, path, MEGABYTE, name)
                if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
                    raise _active(name, _("references to other files"))


CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
OTHER_KINDS = (
    b"%PDF-",
    b"PK\x03\x04",
    b"MZ",
    b"\x7fELF",
    b"%!PS",
    b"#!",
    b"\xd0\xcf\x11\xe0",
    b"GIF8",
    b"\x89PNG",
    b"{\\rtf",
)
EICAR = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


def _text(stream: BinaryIO, name: str, extension: str) -> None:
    data = stream.read()
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(OTHER_KINDS):
        raise _not_what_it_says(name, extension)
    has_utf16_mark = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if has_utf16_mark else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _not_what_it_says(name, extension)
    if CONTROL.search(text):
        raise _not_what_it_says(name, extension)
    if WEB_PAGE.search(text[:4096].encode("utf-8")):
        raise _active(name, _("a web page"))
    if EICAR in data:
        raise _active(name, _("a known harmful pattern"))


CHECKS: dict[str, Callable[[BinaryIO, str, str], None]] = {
    "pdf": _pdf,
    **dict.fromkeys(PILLOW, _image),
    **dict.fromkeys(OOXML_FOLDERS, _ooxml),
    "odt": _odf,
    "ods": _odf,
    "csv": _text,
    "txt": _text,
}
