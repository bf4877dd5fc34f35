"""The frame: contents with page numbers, running lines, tags, bookmarks, metadata, and names that were meant to break it."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
from django.utils import timezone
from PIL import Image

from accounts.models import Organization
from projects.models import Project
from projects.permissions import Perm
from reports import frame, kinds, press
from reports.kinds import Asked, ReportKind
from reports.services import brand
from tests.factories.projects import make_user
from tests.reports import worlds
from tests.reports.conftest import reader, text_of

pytestmark = pytest.mark.django_db

LONG = ("Überwachungsinstrumentenkalibrierungsnachweisverwaltung" * 4)[:200]
HOSTILE = (
    "<script>alert(1)</script>",
    "{{ settings.SECRET_KEY }}{% now 'Y' %}",
    "Ünïcode שלום مرحبا",
    '"><img src=file:///etc/passwd alt=x>',
    "</section></body></html>",
    "<!--contents-->",
    "\\'); DROP TABLE; --",
)


def kind_of(template: str = "reports/frame.html", **found) -> ReportKind:
    return ReportKind("small", "Small report", "For tests.", "file", template, lambda asked: found, Perm.VIEW_PROJECT)


def printed(kind: ReportKind, project: Project, by=None, **more) -> tuple[frame.Sheet, press.Printed]:
    asked = Asked(
        project=Project.objects.select_related("organization", "catalogue").get(pk=project.pk),
        organization=project.organization, by=by or make_user(name="Mia Manager"), parameters={},
        today=dt.date(2026, 5, 4), perms=frozenset(Perm), language=more.pop("language", "en"),
    )  # fmt: skip
    sheet = frame.render(kind, asked, mark="7F3A-91C2-0B4D", made_at=timezone.now(), **more)
    return sheet, press.printed(sheet.html, title=sheet.title, css=sheet.css, images=sheet.images)


def test_it_is_tagged_speaks_its_language_and_says_what_it_is(project):
    _sheet, made = printed(kind_of(), project, language="de")

    pdf = reader(made.pdf)
    root = pdf.trailer["/Root"]
    assert root["/Lang"] == "de" and root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root
    assert pdf.metadata.author == "Mia Manager" and "Small report" in pdf.metadata.title
    assert "7F3A-91C2-0B4D" in pdf.metadata["/Keywords"] and pdf.metadata.creation_date
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    fonts = {font["/BaseFont"] for page in pdf.pages for font in page["/Resources"]["/Font"].get_object().values()}
    assert any("+Inter" in name for name in fonts) and all("+" in name for name in fonts), "embedded, as subsets"


def test_the_contents_name_the_page_on_which_each_part_stands(project):
    worlds.add_tasks(project, 30)
    _sheet, made = printed(kinds.of("plan"), project)

    pdf = reader(made.pdf)
    contents = pdf.pages[1].extract_text()
    checked = 0
    for line in contents.splitlines():
        if found := re.fullmatch(r"\s*(\S.*?)\s+(\d+)\s*", line):
            words, number = found[1], int(found[2])
            if words.startswith(("Alpenblick", "IMS2", "Page")):
                continue
            assert words.split()[0] in pdf.pages[number - 1].extract_text(), line
            checked += 1
    assert checked >= 3
    assert [one.title for one in pdf.outline if not isinstance(one, list)][-1] == "About this report"


def test_every_page_but_the_cover_says_where_it_belongs(project):
    worlds.add_tasks(project, 30)
    _sheet, made = printed(kinds.of("plan"), project)

    pages = [page.extract_text() for page in reader(made.pdf).pages]
    assert "Page 1 of" not in pages[0]
    for number, text in enumerate(pages[1:], start=2):
        assert f"Page {number} of {len(pages)}" in " ".join(text.split())
        assert "Alpenblick" in text and "7F3A-91C2-0B4D" in text


@pytest.mark.parametrize("name", [LONG, "A " * 99 + "B", *HOSTILE])
def test_odd_names_are_printed_as_words_and_change_no_page(project, name):
    plain = printed(kind_of(), project)[1].pages
    Project.objects.filter(pk=project.pk).update(name=name[:200])
    Organization.objects.filter(pk=project.organization_id).update(name=name[:200])
    project.refresh_from_db()

    sheet, made = printed(kind_of(left_out=[name]), project, by=make_user(name=name[:120]))

    assert made.pages == plain == 3
    assert made.refused == ()
    assert "<script>" not in sheet.html and sheet.html.count("</html>") == 1
    if name in HOSTILE and name.isascii() and "<!--" not in name:
        squeezed = "".join(text_of(made.pdf).split())
        assert "".join(name.split()) in squeezed


def test_a_report_says_what_it_was_made_from_and_what_it_leaves_out(project):
    _sheet, made = printed(kind_of(left_out=["300 tasks are not printed."]), project, said=[("From", "1 May 2026")])

    last = " ".join(reader(made.pdf).pages[-1].extract_text().split())
    for words in ("About this report", "300 tasks are not printed.", "From 1 May 2026", f"edition {project.catalogue.edition}",
                  "Mia Manager, with the rights held at that moment", "IMS2"):  # fmt: skip
        assert words in last


def test_an_empty_project_has_its_report_too():
    project = worlds.empty()
    for slug in ("status", "plan", "method", "journal"):
        _sheet, made = printed(kinds.of(slug), project)
        assert made.pages >= 3


def test_the_cover_shows_the_logo_and_the_colour(project):
    out = io.BytesIO()
    Image.new("RGB", (1200, 300), "#aa1122").save(out, "PNG")
    from core import files

    data, kind = brand.small(files.of_bytes(out.getvalue(), "logo.png"))
    sha256 = files.store(data, organization_id=project.organization_id, folder="logos")
    Organization.objects.filter(pk=project.organization_id).update(
        logo_sha256=sha256, logo_type=kind, brand_color="#7a1020"
    )
    project.refresh_from_db()

    sheet, made = printed(kind_of(), project)

    assert len(reader(made.pdf).pages[0].images) == 1
    assert "--brand:#7a1020" in sheet.css and "asset:logo" in sheet.html and made.refused == ()


def test_a_logo_that_is_lost_costs_the_report_nothing(project):
    Organization.objects.filter(pk=project.organization_id).update(logo_sha256="0" * 64, logo_type="image/png")
    project.refresh_from_db()

    sheet, made = printed(kind_of(), project)

    assert "asset:logo" not in sheet.html and made.pages == 3


def test_headings_get_anchors_that_are_stable_and_unique():
    html = '<!--contents--><h2>A</h2><h3 id="own">B &amp; C</h3><h3>D</h3><h2 class="no-contents">E</h2><p id="s-3"><h2>F</h2>'

    once, again = frame.with_contents(html), frame.with_contents(html)

    assert once == again
    assert re.findall(r'id="([^"]+)"', once) == ["s-1", "own", "s-1-2", "s-2", "s-3", "s-3x"]
    assert re.findall(r'href="#([^"]+)"', once) == ["s-1", "own", "s-1-2", "s-3x"]
    assert "B &amp; C</span>" in once


def test_an_empty_summary_takes_no_page():
    assert frame.with_contents('<section class="summary">\n </section><p>x') == "<p>x"
