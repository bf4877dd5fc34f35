"""Logo and colour of an organization: what is taken, what is refused in words, and who may see and change them."""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from accounts.selectors import brand as selectors
from core import files
from projects import flow, sweeps
from projects.models import JournalEntry
from projects.permissions import Role
from reports.services import brand as services
from tests.factories.projects import grant, make_organization, make_project, make_user

pytestmark = pytest.mark.django_db


def picture(width: int, height: int, *, mode: str = "RGB", kind: str = "PNG", name: str = "", **options):
    out = io.BytesIO()
    Image.new(mode, (width, height), 128 if mode in ("L", "1", "P") else None).save(out, kind, **options)
    return SimpleUploadedFile(name or f"logo.{kind.lower().replace('jpeg', 'jpg')}", out.getvalue())


@pytest.fixture
def here():
    return make_organization(name="Alpenblick")


@pytest.fixture
def admin(here):
    person = make_user()
    grant(person, Role.CLIENT_ADMIN, here)
    return person


def test_a_logo_is_kept_small_and_with_nothing_but_its_pixels(here, admin):
    exif = Image.Exif()
    exif[0x010E] = "SECRET PLACE"
    services.set_logo(organization=here, upload=picture(3000, 1500, kind="JPEG", exif=exif), by=admin)

    data, kind = selectors.logo_of(here)
    with Image.open(io.BytesIO(data)) as kept:
        assert kept.size == (720, 360) and kept.format == "PNG" and kind == "image/png"
    assert b"SECRET" not in data
    assert JournalEntry.objects.get(action="organization.changed").actor == admin


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "CMYK", "I;16"])
def test_pictures_of_every_mode_are_taken(here, admin, mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    out = io.BytesIO()
    Image.new(mode, (900, 300)).save(out, kind)

    services.set_logo(organization=here, upload=SimpleUploadedFile(f"a.{kind[:3].lower().replace('jpe', 'jpg')}", out.getvalue()),
                      by=admin)  # fmt: skip

    assert selectors.logo_of(here)


def test_a_logo_of_12000_pixels_works_or_is_refused_in_words(here, admin):
    services.set_logo(organization=here, upload=picture(12_000, 3_000, mode="RGBA"), by=admin)
    with Image.open(io.BytesIO(selectors.logo_of(here)[0])) as kept:
        assert kept.size == (900, 225)

    with pytest.raises(files.Refused, match=r"12000 × 12000 pixels"):
        services.set_logo(organization=here, upload=picture(12_000, 12_000, mode="L"), by=admin)


def test_the_largest_logo_costs_less_than_300_mb(tmp_path):
    path = tmp_path / "logo.png"
    path.write_bytes(picture(12_000, 3_000, mode="RGBA").read())
    script = (
        "import django; django.setup()\nimport sys, resource\nfrom pathlib import Path\nfrom core.files import of_bytes\n"
        "from reports.services.brand import small\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "small(of_bytes(Path(sys.argv[1]).read_bytes(), 'logo.png'))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "ims2.settings_test", "PYTHONPATH": str(settings.ROOT)}
    said = subprocess.run([sys.executable, "-c", script, str(path)], env=environment, capture_output=True, text=True)
    assert resource.RUSAGE_SELF == 0 and int(said.stdout.strip().splitlines()[-1]) < 300_000, said.stderr


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PNG, JPEG or WebP"),
        ("logo.pdf", b"%PDF-1.7 %%EOF", "PNG, JPEG or WebP"),
        ("logo.png", b"<svg/>", "not a PNG file"),
        ("logo.png", b"\x89PNG\r\n\x1a\n broken", "damaged"),
        ("logo.jpg", b"\xff\xd8\xff" + b"0" * 50, "damaged"),
        ("logo", b"x", "PNG, JPEG or WebP"),
        ("logo.png", b"", "is empty"),
    ],
)
def test_what_is_no_picture_is_refused_in_words_and_changes_nothing(here, admin, name, data, why):
    with pytest.raises(files.Refused, match=why):
        services.set_logo(organization=here, upload=SimpleUploadedFile(name, data), by=admin)

    here.refresh_from_db()
    assert selectors.logo_of(here) is None and not JournalEntry.objects.exists()


def test_a_logo_no_organization_names_is_swept_and_the_others_stay(here, admin, store):
    services.set_logo(organization=here, upload=picture(40, 40), by=admin)
    services.set_logo(organization=here, upload=picture(50, 40), by=admin)
    for path in store.rglob("*"):
        if path.is_file():
            os.utime(path, (0, 0))

    assert sweeps.sweep()["logo_files"] == 1
    assert selectors.logo_of(here)

    services.remove_logo(organization=here, by=admin)
    assert selectors.logo_of(here) is None


def test_a_lost_logo_is_no_logo(here, admin, store):
    services.set_logo(organization=here, upload=picture(40, 40), by=admin)
    for path in store.rglob("*"):
        if path.is_file():
            path.unlink()

    assert selectors.logo_of(here) is None


@given(st.integers(min_value=0, max_value=0xFFFFFF))
def test_white_can_be_read_on_every_colour_that_is_used(number):
    used = services.readable(f"#{number:06x}")

    assert services.contrast_with_white(used) >= 4.5


def test_a_dark_colour_is_used_as_it_is_and_a_light_one_made_darker_with_a_sentence(here, admin):
    client = Client()
    client.force_login(admin)
    address = reverse("reports:brand", kwargs={"org": here.slug})

    client.post(address, {"what": "color", "color": "#7A1020"})
    here.refresh_from_db()
    assert here.brand_color == "#7a1020"
    said = client.post(address, {"what": "color", "color": "#ffcc00"}, follow=True).content.decode()
    here.refresh_from_db()
    assert here.brand_color != "#ffcc00" and f"its darker shade {here.brand_color} is used" in said
    assert client.post(address, {"what": "color", "color": "red"}).status_code == 422
    assert client.post(address, {"what": "nothing"}).status_code == 422


def test_the_page_takes_a_logo_shows_it_privately_and_takes_it_away(here, admin):
    client, stranger, member = Client(), Client(), Client()
    client.force_login(admin)
    stranger.force_login(make_user())
    colleague = make_user()
    grant(colleague, Role.AUDITOR, make_project(here))
    member.force_login(colleague)
    page, logo = (reverse(f"reports:{name}", kwargs={"org": here.slug}) for name in ("brand", "logo"))
    assert client.get(logo).status_code == 404

    assert client.post(page, {"what": "logo", "file": picture(400, 100)}).status_code == 303

    answer = client.get(logo)
    assert answer.content[:8] == b"\x89PNG\r\n\x1a\n" and "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert (stranger.get(logo).status_code, member.get(logo).status_code) == (404, 403)
    assert logo in client.get(here.get_absolute_url()).content.decode()
    refused = client.post(page, {"what": "logo", "file": SimpleUploadedFile("x.svg", b"<svg/>")})
    assert refused.status_code == 422 and "PNG, JPEG or WebP" in refused.content.decode()
    client.post(page, {"what": "no_logo"})
    assert client.get(logo).status_code == 404


def test_only_who_manages_the_organization_changes_how_it_looks(here):
    person = make_user()
    grant(person, Role.PROJECT_MANAGER, here)

    for change in (
        lambda: services.set_color(organization=here, color="#000000", by=person),
        lambda: services.remove_logo(organization=here, by=person),
        lambda: services.set_logo(organization=here, upload=picture(9, 9), by=person),
    ):
        with pytest.raises(flow.NotPermitted):
            change()
