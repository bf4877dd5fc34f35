"""Files that people hand in: checked before they are kept, kept under their content's address, given out safely.

What is taken at all stands in core.file_checks. A file is stored once in each organization under the SHA-256 of its
bytes: temporary file, hash, rename, and only then the row that names it. Two organizations never share a stored file, so
that nobody learns from a quick upload what another one has. (RELIABILITY section 3, Uploads; T24, T45)
"""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import io
import os
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadhandler import FileUploadHandler
from django.http import FileResponse
from django.http.multipartparser import MultiPartParser
from django.utils import timezone

from .file_checks import (
    CLIMB,
    EXTENSIONS,
    LONGEST_NAME,
    MEGABYTE,
    TYPES,
    Refused,
    allowed_sentence,
    check,
    climbs,
    extension_of,
    limit_bytes,
    safe_name,
)

__all__ = [
    "EXTENSIONS",
    "LONGEST_NAME",
    "TYPES",
    "LimitedUpload",
    "Refused",
    "Stored",
    "allowed_sentence",
    "attachment",
    "check",
    "extension_of",
    "keep",
    "limit_bytes",
    "of_bytes",
    "opened",
    "path_of",
    "safe_name",
    "store",
    "sweep",
]

CHUNK = 256 * 1024
ORPHAN_HOURS = 24


@dataclass(frozen=True)
class Stored:
    """A file as it was kept: what the row of a record remembers."""

    sha256: str
    name: str
    type: str
    size_bytes: int


FOLDER = re.compile("[a-z]+")


def path_of(organization_id: int, sha256: str, folder: str = "evidence") -> str:
    """Where the storage keeps a content of one organization."""
    if not FOLDER.fullmatch(folder):
        raise ValueError(f"{folder!r} is no folder of the store.")
    return f"{folder}/{int(organization_id)}/{sha256[:2]}/{sha256}"


def keep(upload: Any, *, organization_id: int) -> Stored:
    """Checks an uploaded file and stores it. Raises Refused; then nothing was stored.

    Call it before the transaction that writes the row: a stored file that no row names is swept after a day, a row
    without its file would be a loss.
    """
    name = safe_name(upload.name)
    kind = check(upload, name)
    digest = hashlib.sha256()
    stream = upload.file if hasattr(upload, "file") else upload
    stream.seek(0)
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    sha256 = digest.hexdigest()
    stream.seek(0)
    _store(stream, path_of(organization_id, sha256))
    return Stored(sha256, name, kind, upload.size)


def store(data: bytes, *, organization_id: int, folder: str) -> str:
    """Stores bytes that the program itself made, in a folder with a sweep of its own. Returns their SHA-256.

    As with `keep`: before the transaction that writes the row which names them.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    _store(io.BytesIO(data), path_of(organization_id, sha256, folder))
    return sha256


def _store(stream: BinaryIO, path: str) -> None:
    if _is_local():
        target = Path(default_storage.path(path))
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if target.exists():
            os.utime(target)  # in use again: the sweep counts from now
            return
        draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
        try:
            with draft.open("xb") as out:
                os.fchmod(out.fileno(), 0o600)
                while chunk := stream.read(CHUNK):
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            os.replace(draft, target)
        finally:
            draft.unlink(missing_ok=True)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return
    # An object store takes a file whole or not at all, over the same content if it is there: never a moment without it,
    # and the sweep counts from now.
    stored = default_storage.save(path, File(stream))
    if stored != path:
        default_storage.delete(stored)
        raise RuntimeError("The file store does not write over a name that is there; core.object_store does.")


def _is_local() -> bool:
    try:
        default_storage.path("x")
    except NotImplementedError:
        return False
    return True


def opened(*, organization_id: int, sha256: str, folder: str = "evidence") -> BinaryIO:
    """The stored bytes. Raises FileNotFoundError when the storage has lost them."""
    return default_storage.open(path_of(organization_id, sha256, folder), "rb")


def attachment(
    *, organization_id: int, sha256: str, name: str, content_type: str, folder: str = "evidence"
) -> FileResponse:
    """A download that no browser runs: always an attachment, never sniffed, in a sandbox, kept in no cache."""
    response = FileResponse(
        opened(organization_id=organization_id, sha256=sha256, folder=folder),
        as_attachment=True,
        filename=safe_name(name),
        content_type=content_type or "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


# ---- sweeping ---------------------------------------------------------------------------------------------------


def discard(*, organization_id: int, sha256: str, folder: str = "evidence") -> bool:
    """Takes a file out of the store for good; False when it was gone already. Ask first whether anything names it."""
    path = path_of(organization_id, sha256, folder)
    if not default_storage.exists(path):
        return False
    default_storage.delete(path)
    return True


def sweep(is_named: Callable[[int, str], bool], *, folder: str = "evidence", now: dt.datetime | None = None) -> int:
    """Removes stored files of a folder that no row names and that are older than a day; drafts of broken uploads too.

    `is_named(organization_id, sha256)` answers for one file. Returns how many were removed.
    """
    before = (now or timezone.now()) - dt.timedelta(hours=ORPHAN_HOURS)
    removed = 0
    for organization, prefix, name in list(_stored(folder)):
        path = f"{folder}/{organization}/{prefix}/{name}"
        is_content = re.fullmatch("[0-9a-f]{64}", name) and organization.isdigit()
        if default_storage.get_modified_time(path) >= before:
            continue
        if is_content and is_named(int(organization), name):
            continue
        if default_storage.get_modified_time(path) >= before:  # handed in again while we asked
            continue
        default_storage.delete(path)
        removed += 1
    return removed


def _stored(folder: str) -> Iterable[tuple[str, str, str]]:
    try:
        organizations, _files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for organization in organizations:
        for prefix in default_storage.listdir(f"{folder}/{organization}")[0]:
            for name in default_storage.listdir(f"{folder}/{organization}/{prefix}")[1]:
                yield organization, prefix, name


# ---- uploading --------------------------------------------------------------------------------------------------


class _NamesAsSent(MultiPartParser):
    def sanitize_file_name(self, file_name: str) -> str | None:
        name = html.unescape(file_name)
        return super().sanitize_file_name(re.sub(r"[/\\]", CLIMB, name) if climbs(name) else name)


class LimitedUpload(FileUploadHandler):
    """Stops reading a file into the server once it is larger than the limit; `check` then says so to the person.

    The same for a name that climbs out of its folder: Django's parser would make "x.pdf" of "../x.pdf" without a word.
    """

    is_inner = False

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, boundary: bytes, encoding: str | None = None
    ) -> Any:
        if self.is_inner:
            return None
        self.is_inner = True
        return _NamesAsSent(META, input_data, self.request.upload_handlers, encoding).parse()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.seen += len(raw_data)
        return raw_data if self.seen <= limit_bytes() + MEGABYTE else None

    def file_complete(self, file_size: int) -> None:
        return None


def of_bytes(data: bytes, name: str) -> File:
    """A file from bytes, for services that are called without a request (demo data, imports, tests)."""
    made = File(io.BytesIO(data), name=name)
    made.size = len(data)
    return made
