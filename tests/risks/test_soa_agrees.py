"""Page, spreadsheet, PDF and what is signed say the same, cell for cell."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from approvals.services import decision
from approvals.services import request as requests
from core.rules import RuleBroken
from documents.services import document as documents
from projects.permissions import Role
from reports.selectors import soa as report
from reports.templatetags.printed import day
from risks import applicability
from risks.models import Treatment, TreatmentControl
from risks.selectors import soa as selectors
from risks.services import soa as services
from tests.factories.projects import grant, make_project, make_task, make_user
from tests.factories.risks import make_risk, make_soa
from tests.reports import worlds

pytestmark = pytest.mark.django_db


def made(project, role, **values):
    person = make_user(**values)
    grant(person, role, project)
    return person


@pytest.fixture
def project(db):
    return make_project()


@pytest.fixture
def manager(project):
    return made(project, Role.PROJECT_MANAGER, name="Mia Manager")


@pytest.fixture
def soa(project, manager):
    """Six rows: every state, reasons of both sorts, all links, and texts that want escaping."""
    soa = make_soa(project, manager)

    def answer(ref, **values):
        entry = selectors.entry(soa, ref)
        services.answer(entry=entry, by=manager, version=entry.version, values=values)

    answer("C.1", is_applicable=True, reasons=["legal", "baseline"], justification="=SUM(A1) & <b>law</b>", status="implemented",
           owner=manager)  # fmt: skip
    answer("C.2", is_applicable=False, justification="Not made\nhere")
    answer(
        "C.3", is_applicable=True, status="in_progress", target_on=dt.date(2027, 2, 1), justification="Zürich “first”"
    )
    answer("C.4", is_applicable=True, reasons=["risk_treatment"], status="planned")
    risk = make_risk(project, manager, owner=manager)
    treatment = Treatment(
        organization=soa.organization,
        project=project,
        number=7,
        risk=risk,
        option="modify",
        title="T",
        created_by=manager,
    )
    Treatment.objects.bulk_create([treatment])
    for ref in ("C.3", "C.4", "C.5"):
        TreatmentControl.objects.create(treatment=treatment, entry=selectors.entry(soa, ref))
    document = documents.create(
        project=project, by=manager, values={"title": "Keys", "kind": "procedure", "owner": manager}
    )
    services.link_document(entry=selectors.entry(soa, "C.3"), by=manager, document=document)
    services.link_task(entry=selectors.entry(soa, "C.3"), by=manager, task=make_task(project))
    return soa


def expected(soa):
    return [applicability.cells(row) for row in selectors.computed(soa).rows]


def test_the_page_shows_every_cell(soa, manager):
    client = Client()
    client.force_login(manager)
    page = client.get(reverse("risks:soa-detail", kwargs={**soa.project.address, "slug": soa.slug})).content.decode()
    rows = re.findall(r'<tr id="row-\d+" class="soa-row">(.*?)</tr>', page, re.DOTALL)
    by_ref = {row["ref"]: row for row in map(read_row, rows)}

    assert len(by_ref) == 6
    for cells in expected(soa):
        shown = by_ref[cells["ref"]]
        for name in applicability.COLUMNS:
            if name == "theme":
                continue
            wanted = cells[name].isoformat() if isinstance(cells[name], dt.date) else cells[name] or ""
            if name == "derived_reasons":
                wanted = "\n".join(one for one in wanted.split("\n") if one not in cells["reasons"].split("\n"))
            assert shown[name] == wanted, (cells["ref"], name)


def read_row(markup):
    found = dict.fromkeys(applicability.COLUMNS, "")
    for name, inside in re.findall(r'data-cell="(\w+)"[^>]*>(.*?)</(?:span>|a>|p>|div>|td>)', markup, re.DOTALL):
        if name == "target_on":
            found[name] = re.search(r'datetime="(\d{4}-\d\d-\d\d)', inside)[1]
        elif name == "owner":
            names = re.search(r"<span>([^<]*)$", inside) or re.search(r"<span>([^<]+)</span>", inside)
            found[name] = html.unescape(names[1]) if names else ""
        else:
            found[name] = html.unescape(re.sub(r"<[^>]+>", "", inside)).strip()
    if "person" in markup and not found["owner"]:
        found["owner"] = html.unescape(re.search(r'class="person">.*?<span>([^<]+)</span>', markup)[1])
    if found["is_applicable"] == str(applicability.SELECTION[None]):
        found["is_applicable"] = ""
    for derived, words in re.findall(r'class="chip( is-derived)?">([^<]+?)(?: <small>|</span>)', markup):
        name = "derived_reasons" if derived else "reasons"
        found[name] = "\n".join([*found[name].split("\n"), html.unescape(words)]).strip()
    return found


def test_the_spreadsheet_holds_every_cell(soa, manager):
    client = Client()
    client.force_login(manager)
    answer = client.get(reverse("risks:soa-xlsx", kwargs={**soa.project.address, "slug": soa.slug}))
    rows = list(openpyxl.load_workbook(BytesIO(answer.content)).worksheets[0].iter_rows(min_row=2, values_only=True))

    written = [
        {
            name: value.date() if isinstance(value, dt.datetime) else value or ""
            for name, value in zip(applicability.COLUMNS, row, strict=True)
        }
        for row in rows
    ]
    assert written == [{name: value or "" for name, value in cells.items()} for cells in expected(soa)]


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_the_pdf_holds_every_cell(soa, language):
    """The PDF itself in one language; in the others the HTML that is pressed into it."""
    asked = worlds.asked_for(soa.project, language=language)
    if language == "de":
        pages = PdfReader(BytesIO(worlds.printed_of("soa", asked))).pages
        text = squeezed("".join(page.extract_text() for page in pages))
    else:
        text = squeezed(html.unescape(re.sub(r"<[^>]+>", "", worlds.html_of("soa", asked).html)))

    with translation.override(language):
        derived = str(applicability.DERIVED)
        for cells in expected(soa):
            parts = [cells["ref"], cells["title"], cells["is_applicable"] or "–", cells["reasons"]]
            parts += [f"{cells['derived_reasons']} ({derived})"] if cells["derived_reasons"] else []
            parts += [cells["justification"], cells["status"]]
            parts += [day(cells["target_on"])] if cells["target_on"] else []
            parts += [cells["owner"], cells["treatments"], cells["documents"], cells["tasks"]]
            assert squeezed("".join(parts)) in text, (cells["ref"], parts)


def squeezed(text):
    """Without blanks, the hyphens a line was broken at, and the mark before a state."""
    return re.sub(r"[\s\u00ad‐●]", "", text)


def test_what_is_signed_holds_every_cell_and_the_pdf_of_an_edition_its_signature(soa, manager):
    boss = made(soa.project, Role.TOP_MANAGEMENT, name="Bea Boss")
    for ref in ("C.5", "C.6"):
        entry = selectors.entry(soa, ref)
        services.answer(entry=entry, by=manager, version=1, values={"is_applicable": True, "reasons": ["baseline"]})
    asked = requests.ask(kind="soa", project=soa.project, pk=soa.pk, by=manager, steps=[requests.Planned([boss])])
    kept = applicability.of_snapshot(json.loads(asked.content.snapshot))
    assert [applicability.cells(row) for row in kept.rows] == expected(soa)
    for cells in expected(soa):
        for name in ("ref", "title", "justification", "owner", "treatments", "documents", "tasks"):
            for line in str(cells[name]).split("\n"):
                assert html.escape(line) in asked.content.document
    decision.decide(
        approval=asked, by=boss, decision="approved", digest=asked.content.digest, proof=decision.Proof("password")
    )
    shown = report.select(worlds.asked_for(soa.project))
    assert not shown["is_draft"] and [one.signer_name for one in shown["signatures"]] == ["Bea Boss"]

    services.answer(entry=selectors.entry(soa, "C.6"), by=manager, version=2, values={"status": "implemented"})
    assert report.select(worlds.asked_for(soa.project))["is_draft"]
    edition = worlds.asked_for(soa.project, soa=soa.slug, edition="1")
    assert [line.cells for _theme, lines in report.select(edition)["themes"] for line in lines] == [
        cells for _theme, rows in kept.themes for cells in map(applicability.cells, rows)
    ]
    text = squeezed(
        "".join(page.extract_text() for page in PdfReader(BytesIO(worlds.printed_of("soa", edition))).pages)
    )
    assert "BeaBoss" in text and asked.content.digest in text and "DRAFT" not in text
    with pytest.raises(RuleBroken, match="no edition 9"):
        report.select(worlds.asked_for(soa.project, soa=soa.slug, edition="9"))


def test_there_is_nothing_to_print_before_anybody_began(project):
    with pytest.raises(RuleBroken, match="no Statement of Applicability to print yet"):
        report.select(worlds.asked_for(project))
