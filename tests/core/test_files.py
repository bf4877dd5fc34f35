"""Files: what is taken, what is refused with a sentence, how names are made harmless, how they are kept and swept."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import threading
import time
import zipfile
import zlib
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from core import files
from tests.helpers import stores

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(params=stores.KINDS)
def either_store(request, settings, tmp_path):
    """The same test on a folder of this machine and on an S3 store."""
    with stores.use(request.param, settings, tmp_path):
        yield request.param


def picture(kind: str, size=(8, 8), **more) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **more)
    return out.getvalue()


def archive(parts: dict[str, bytes], **more) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **more) as made:
        for path, data in parts.items():
            made.writestr(path, data)
    return out.getvalue()


def office(extension: str = "docx", **parts: bytes) -> bytes:
    folder, main = {"docx": ("word", "document"), "xlsx": ("xl", "workbook"), "pptx": ("ppt", "presentation")}[
        extension
    ]
    kinds = f'<Types><Override ContentType="{files.TYPES[extension]}.main+xml"/></Types>'.encode()
    return archive({"[Content_Types].xml": kinds, f"{folder}/{main}.xml": b"<w/>", **parts})


def open_document(extension: str = "odt", **parts: bytes) -> bytes:
    return archive({"mimetype": files.TYPES[extension].encode(), "content.xml": b"<office/>", **parts})


FINE = {
    "policy.pdf": PDF,
    "a.png": picture("PNG"),
    "a.jpg": picture("JPEG"),
    "a.JPEG": picture("JPEG"),
    "a.webp": picture("WEBP"),
    "a.docx": office("docx"),
    "a.xlsx": office("xlsx"),
    "a.pptx": office("pptx"),
    "a.odt": open_document("odt"),
    "a.ods": open_document("ods"),
    "a.csv": b"name;value\nx;=1+1\n",
    "a.txt": "Grüezi, alles gut 👍".encode(),
    "old.txt": "Grüezi".encode("cp1252"),
    "wide.txt": "Grüezi".encode("utf-16"),
    "linked.docx": office(
        **{
            "word/_rels/document.xml.rels": b'<Relationship Type="http://x/hyperlink" TargetMode="External" Target="https://a"/>'
        }
    ),
}

ENCRYPTED = bytearray(archive({"[Content_Types].xml": b"x", "word/a.xml": b"y"}))
for at in [i for i in range(len(ENCRYPTED)) if ENCRYPTED[i : i + 4] == b"PK\x01\x02"]:
    ENCRYPTED[at + 8] |= 1
LINK = zipfile.ZipInfo("word/link.xml")
LINK.external_attr = 0o120777 << 16
LINKED = io.BytesIO(office())
with zipfile.ZipFile(LINKED, "a") as made:
    made.writestr(LINK, "/etc/passwd")
HUGE = io.BytesIO()
Image.new("1", (9000, 9000)).save(HUGE, "PNG")
MOVING = io.BytesIO()
Image.new("RGB", (4, 4)).save(MOVING, "PNG", save_all=True, append_images=[Image.new("RGB", (4, 4), "red")])
HIDDEN = zlib.compress(b"1 0 2 40 <</S/JavaScript/JS(app.alert(1))>>")
FORGED = bytearray(office(**{"word/x.xml": b"a" * 1000}))
at = FORGED.rfind(b"PK\x01\x02")
FORGED[at + 16 : at + 20] = b"\x00\x00\x00\x01"

REFUSED = {
    "exe": ("a.exe", b"MZ", "not accepted"),
    "no extension": ("README", b"hello", "not accepted"),
    "html": ("a.html", b"<html>", "not accepted"),
    "svg": ("a.svg", b"<svg/>", "not accepted"),
    "docm": ("a.docm", office(), "not accepted"),
    "html as pdf": ("a.pdf", b"<html><script>1</script></html>", "not a PDF"),
    "svg as png": ("a.png", b"<svg onload=1>", "not a PNG"),
    "js as txt page": ("a.txt", b"<!DOCTYPE html><script>1</script>", "a web page"),
    "svg as txt": ("a.txt", b"  \n<svg onload=alert(1)>", "a web page"),
    "pdf as txt": ("a.txt", PDF, "not a TXT"),
    "exe as csv": ("a.csv", b"MZ\x90\x00", "not a CSV"),
    "postscript as txt": ("a.txt", b"%!PS-Adobe", "not a TXT"),
    "binary as txt": ("a.txt", b"\x00\x01\x02", "not a TXT"),
    "eicar": ("a.txt", b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*", "harmful"),
    "png as jpg": ("a.jpg", picture("PNG"), "not a JPG"),
    "gif as png": ("a.png", b"GIF89a", "not a PNG"),
    "pdf and page": ("a.pdf", b"%PDF-1.4\n<script>alert(1)</script>\n" + PDF, "a web page"),
    "truncated pdf": ("a.pdf", PDF[:20], "damaged"),
    "encrypted pdf": ("a.pdf", PDF.replace(b"/Root", b"/Encrypt 5 0 R/Root"), "encrypted"),
    "pdf with script": ("a.pdf", PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript>>"), "a script"),
    "pdf with escaped script": ("a.pdf", PDF.replace(b"/Catalog", b"/Catalog/A<</S/J#61vaScript>>"), "a script"),
    "pdf with launch": ("a.pdf", PDF.replace(b"/Catalog", b"/Catalog/A<</S/Launch>>"), "starts a program"),
    "pdf with embedded file": ("a.pdf", PDF.replace(b"/Catalog", b"/Catalog/EmbeddedFiles 3 0 R"), "an embedded file"),
    "pdf with script in a stream": (
        "a.pdf",
        PDF.replace(b"trailer", b"5 0 obj<</Type/ObjStm/Length 9>>stream\n" + HIDDEN + b"\nendstream endobj\ntrailer"),
        "a script",
    ),
    "truncated png": ("a.png", picture("PNG", (64, 64))[:-30], "damaged"),
    "png with something behind": ("a.png", picture("PNG") + b"PK\x03\x04", "damaged"),
    "too many pixels": ("a.png", HUGE.getvalue(), "too large"),
    "moving picture": ("a.png", MOVING.getvalue(), "moving picture"),
    "zip as docx": ("a.docx", archive({"a.txt": b"x"}), "not a DOCX"),
    "xlsx as docx": ("a.docx", office("xlsx"), "not a DOCX"),
    "old doc as docx": ("a.docx", b"\xd0\xcf\x11\xe0" + b"\0" * 100, "not a DOCX"),
    "truncated docx": ("a.docx", office()[:60], "damaged"),
    "macro in docx": ("a.docx", office(**{"word/vbaProject.bin": b"x"}), "macros"),
    "macro kind": (
        "a.docx",
        archive({"[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled.main+xml", "word/a.xml": b"x"}),
        "macros",
    ),
    "embedded program": ("a.docx", office(**{"word/embeddings/oleObject1.bin": b"x"}), "macros"),
    "external template": (
        "a.docx",
        office(
            **{
                "word/_rels/settings.xml.rels": b'<Relationship Type="http://x/attachedTemplate" TargetMode="External" Target="http://evil"/>'
            }
        ),
        "references to other files",
    ),
    "remote picture": (
        "a.docx",
        office(
            **{
                "word/_rels/document.xml.rels": b'<Relationship Type="http://x/image" TargetMode="External" Target="http://e"/>'
            }
        ),
        "references to other files",
    ),
    "dde": (
        "a.docx",
        office(**{"word/document2.xml": b"<w:instrText>DDEAUTO c:\\\\cmd</w:instrText>"}),
        "starts a program",
    ),
    "dde in xlsx": (
        "a.xlsx",
        office("xlsx", **{"xl/externalLinks/e.xml": b'<ddeLink ddeService="cmd"/>'}),
        "starts a program",
    ),
    "xxe in docx": (
        "a.docx",
        office(**{"word/x.xml": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a/>'}),
        "references",
    ),
    "billion laughs in xlsx": ("a.xlsx", office("xlsx", **{"xl/x.xml": b'<!ENTITY lol "lol">'}), "references"),
    "bomb 1:1000": ("a.xlsx", office("xlsx", **{"xl/x.xml": b"0" * 60_000_000}), "unpacks to far more"),
    "too many entries": ("a.docx", archive({f"word/{n}": b"" for n in range(5_100)}), "unpacks to far more"),
    "zip slip": ("a.docx", office(**{"../../etc/cron": b"x"}), "damaged"),
    "absolute path": ("a.docx", office(**{"/etc/cron": b"x"}), "damaged"),
    "symlink": ("a.docx", LINKED.getvalue(), "damaged"),
    "encrypted zip": ("a.docx", bytes(ENCRYPTED), "encrypted"),
    "forged checksum": ("a.docx", bytes(FORGED), "damaged"),
    "macro in odt": ("a.odt", open_document(**{"Basic/Standard/Module1.xml": b"x"}), "macros"),
    "ods as odt": ("a.odt", open_document("ods"), "not a ODT"),
    "empty": ("a.pdf", b"", "empty"),
    "double extension": ("policy.pdf.exe", PDF, "not accepted"),
}


@pytest.mark.parametrize("name", FINE)
def test_an_honest_file_is_kept_byte_for_byte(name, either_store):
    upload = SimpleUploadedFile(name, FINE[name], content_type="text/html")

    stored = files.keep(upload, organization_id=7)

    assert files.opened(organization_id=7, sha256=stored.sha256).read() == FINE[name]
    assert stored.type == files.TYPES[name.rpartition(".")[2].lower()]
    assert stored.size_bytes == len(FINE[name])


@pytest.mark.parametrize("attack", REFUSED)
def test_a_dishonest_file_is_refused_with_a_sentence_and_nothing_is_stored(attack, either_store):
    name, data, words = REFUSED[attack]

    with pytest.raises(files.Refused, match=words):
        files.keep(SimpleUploadedFile(name, data), organization_id=7)

    assert stores.contents() == {}


def test_a_file_over_the_limit_is_refused(settings, tmp_path):
    settings.MAX_UPLOAD_MB = 1

    with pytest.raises(files.Refused, match="larger than 1 MB"):
        files.keep(SimpleUploadedFile("a.txt", b"a" * (1024 * 1024 + 1)), organization_id=7)

    assert files.keep(SimpleUploadedFile("a.txt", b"a" * 1024 * 1024), organization_id=7).size_bytes == 1024 * 1024


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\plan.pdf", "plan.pdf"),
        ("a\x00b.pdf", "ab.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ("annex\u202efdp.exe", "annexfdp.exe"),
        ("CON.pdf", "_CON.pdf"),
        ("lpt1.txt", "_lpt1.txt"),
        (".htaccess.txt", "htaccess.txt"),
        ("-rf.txt", "rf.txt"),
        ("", "file"),
        ("...", "file"),
        ("Zürich e\u0301.pdf", "Zürich é.pdf"),
        ("方針.pdf", "方針.pdf"),
        ('a"b;c.pdf', "a_b;c.pdf"),
        ("  spaced   out .pdf", "spaced out.pdf"),
    ],
)
def test_a_name_becomes_harmless(raw, safe):
    assert files.safe_name(raw) == safe


def test_a_long_name_keeps_its_extension():
    name = files.safe_name("ä" * 300 + ".pdf")

    assert len(name) <= files.LONGEST_NAME
    assert name.endswith("ä.pdf")


def test_the_same_content_is_one_file_in_an_organization_and_two_in_two(either_store):
    for organization in (1, 1, 2):
        files.keep(SimpleUploadedFile("a.pdf", PDF), organization_id=organization)

    sha256 = hashlib.sha256(PDF).hexdigest()
    assert stores.contents() == {f"evidence/{n}/{sha256[:2]}/{sha256}": PDF for n in (1, 2)}


def test_the_same_file_handed_in_at_once_leaves_one_whole_file(tmp_path):
    def hand_in() -> None:
        files.keep(SimpleUploadedFile("a.pdf", PDF), organization_id=1)

    threads = [threading.Thread(target=hand_in) for _n in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    (only,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert only.read_bytes() == PDF
    assert oct(only.stat().st_mode & 0o777) == "0o600"


def test_a_download_is_an_attachment_that_nothing_runs(either_store):
    stored = files.keep(SimpleUploadedFile("Zürich.pdf", PDF), organization_id=1)

    response = files.attachment(
        organization_id=1, sha256=stored.sha256, name='Zü"\r\nrich.pdf', content_type=stored.type
    )

    assert response["Content-Disposition"] == "attachment; filename*=utf-8''Z%C3%BC_rich.pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]
    assert b"".join(response.streaming_content) == PDF


def test_the_sweep_removes_what_no_record_names_and_only_after_a_day(tmp_path):
    kept = files.keep(SimpleUploadedFile("a.txt", b"named"), organization_id=1)
    files.keep(SimpleUploadedFile("b.txt", b"orphan"), organization_id=1)
    fresh = files.keep(SimpleUploadedFile("c.txt", b"fresh orphan"), organization_id=1)
    old = (timezone.now() - dt.timedelta(hours=25)).timestamp()
    draft = Path(default_storage.path(files.path_of(1, kept.sha256))).with_name(".broken.draft")
    draft.write_bytes(b"half")
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != fresh.sha256:
            os.utime(path, (old, old))

    removed = files.sweep(lambda organization, sha256: (organization, sha256) == (1, kept.sha256))

    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert (removed, left) == (2, {kept.sha256, fresh.sha256})


def test_handing_in_an_old_file_again_keeps_it_from_the_sweep(tmp_path):
    stored = files.keep(SimpleUploadedFile("a.txt", b"again"), organization_id=1)
    path = default_storage.path(files.path_of(1, stored.sha256))
    os.utime(path, (0, 0))

    files.keep(SimpleUploadedFile("a.txt", b"again"), organization_id=1)

    assert files.sweep(lambda organization, sha256: False) == 0


def test_the_sweep_counts_from_when_a_file_was_handed_in_last(either_store):
    named = files.keep(SimpleUploadedFile("a.txt", b"named"), organization_id=1)
    files.keep(SimpleUploadedFile("b.txt", b"orphan"), organization_id=1)
    tomorrow = timezone.now() + dt.timedelta(hours=25)

    def is_named(organization, sha256):
        return (organization, sha256) == (1, named.sha256)

    assert files.sweep(is_named) == 0
    assert files.sweep(is_named, now=tomorrow) == 1
    assert list(stores.contents().values()) == [b"named"]


def test_what_the_store_lost_is_told_as_missing(either_store):
    stored = files.keep(SimpleUploadedFile("a.txt", b"gone"), organization_id=1)
    default_storage.delete(files.path_of(1, stored.sha256))

    with pytest.raises(FileNotFoundError):
        files.attachment(organization_id=1, sha256=stored.sha256, name="a.txt", content_type="text/plain")


def test_bytes_that_the_program_made_are_kept_and_read_too(either_store):
    sha256 = files.store(b"%PDF made", organization_id=3, folder="reports")

    assert files.opened(organization_id=3, sha256=sha256, folder="reports").read() == b"%PDF made"
    assert stores.contents() == {} and len(stores.contents("reports")) == 1


def test_handing_in_again_never_takes_the_stored_file_away_first(settings, tmp_path, monkeypatch):
    """A store that fails in the middle still has what it had: the object is written over, not removed and written."""
    with stores.use("s3", settings, tmp_path):
        stored = files.keep(SimpleUploadedFile("a.txt", b"kept"), organization_id=1)
        monkeypatch.setattr("core.object_store.S3Storage._save", _refuses)

        with pytest.raises(OSError, match="The file store did not do its work"):
            files.keep(SimpleUploadedFile("a.txt", b"kept"), organization_id=1)

        assert files.opened(organization_id=1, sha256=stored.sha256).read() == b"kept"
        assert list(stores.contents()) == [files.path_of(1, stored.sha256)]


def _refuses(*_anything):
    raise EndpointConnectionError(endpoint_url="https://files.example")


def test_an_object_has_no_address_of_its_own_and_lies_in_the_folder_of_the_setting(settings, tmp_path):
    with stores.use("s3", settings, tmp_path):
        stored = files.keep(SimpleUploadedFile("a.txt", b"private"), organization_id=1)
        path = files.path_of(1, stored.sha256)

        with pytest.raises(NotImplementedError):
            default_storage.url(path)
        objects = boto3.client("s3", region_name="eu-central-2").list_objects_v2(Bucket="files")["Contents"]
        assert [one["Key"] for one in objects] == [f"of-ims2/{path}"]
        with pytest.raises(RuntimeError, match="does not write over"):
            default_storage.file_overwrite = False
            files.keep(SimpleUploadedFile("a.txt", b"private"), organization_id=1)


def test_an_installation_without_files_has_nothing_to_sweep(either_store):
    assert files.sweep(lambda organization, sha256: False) == 0


@pytest.mark.parametrize("stream", [b"", zlib.compress(b"x")], ids=["broken", "tiny"])
def test_a_pdf_of_thousands_of_streams_does_not_keep_the_server_busy(stream):
    """Each stream was once cut out four megabytes long: one megabyte of them took a quarter of a minute."""
    many = b"/ObjStm stream\n" + stream
    began = time.process_time()
    files.check(files.of_bytes(PDF.replace(b"trailer", many * 20_000 + b"trailer"), "a.pdf"), "a.pdf")
    with pytest.raises(files.Refused, match="too many parts"):
        files.check(files.of_bytes(PDF.replace(b"trailer", many * 20_001 + b"trailer"), "a.pdf"), "a.pdf")
    assert time.process_time() - began < 2
