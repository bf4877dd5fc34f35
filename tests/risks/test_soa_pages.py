"""The pages of a statement: table, row, many rows, links, picture, spreadsheet; how they answer and what they cost."""

from __future__ import annotations

import re
from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from documents.services import document as documents
from pdca.models import Standard
from projects.models import Evidence, ProjectStandard
from projects.permissions import Role
from risks.models import Soa, SoaEntry, Treatment, TreatmentControl
from risks.selectors import soa as selectors
from risks.services import soa as services
from tests.factories.projects import grant, make_project, make_task, make_user
from tests.factories.risks import make_risk, make_soa
from tests.helpers.budget import count_queries, queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(db):
    return make_project()


def made(project, role, **values):
    person = make_user(**values)
    grant(person, role, project)
    return person


@pytest.fixture
def manager(project):
    return made(project, Role.PROJECT_MANAGER, name="Mia Manager")


@pytest.fixture
def soa(project, manager):
    return make_soa(project, manager)


def browser(person):
    client = Client()
    client.force_login(person)
    return client


def at(soa, name, **more):
    return reverse(f"risks:soa-{name}", kwargs={**soa.project.address, "slug": soa.slug, **more})


def answer_form(entry, **values):
    return {"version": entry.version, "is_applicable": "yes", "status": "not_started", "reasons": []} | values


def row(soa, ref="C.1"):
    return selectors.entry(soa, ref)


HTMX = {"HX-Request": "true"}


def test_the_empty_list_offers_the_controls_of_the_projects_own_standard(catalogue, project, manager):
    ProjectStandard.objects.create(project=project, standard=Standard.objects.get(slug="iso-27001-2022"))
    home = reverse("risks:soa-list", kwargs=project.address)

    page = browser(manager).get(home).content.decode()
    assert "ISO/IEC 27001:2022 Annex A (93 controls)" in page and "42001" not in page

    answer = browser(manager).post(
        reverse("risks:soa-begin", kwargs=project.address), {"how": "catalogue", "standard": "iso-27001-2022-annex-a"}
    )
    soa = Soa.objects.get()
    assert answer.status_code == 302 or answer.status_code == 303
    assert answer.url == soa.get_absolute_url() and soa.entries.count() == 93


def test_an_own_set_is_pasted_and_comes_back_with_what_was_typed_when_it_cannot_be(project, manager):
    client, begin = browser(manager), reverse("risks:soa-begin", kwargs=project.address)

    refused = client.post(begin, {"how": "own", "name": "House rules", "rows": "H1\tKeys\nH1\tDoors"})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "the number H1 is there twice" in page and "House rules" in page and "H1\tDoors" in page

    client.post(
        begin, {"how": "own", "name": "House rules", "rows": 'H1\tKeys\tDoors\t"Two\nlines"\r\nH2\tWindows\r\n'}
    )
    assert list(SoaEntry.objects.values_list("ref", "title", "theme", "intent")) == [
        ("H1", "Keys", "Doors", "Two\nlines"), ("H2", "Windows", "", ""),
    ]  # fmt: skip
    add = at(Soa.objects.get(), "add")
    again = client.post(add, {"ref": "h2", "title": "Again"})
    assert again.status_code == 422 and "There is a row h2 already" in again.content.decode()
    assert client.post(add, {"ref": "a/b", "title": "Again"}).status_code == 422
    assert client.post(add, {"ref": "H3", "title": "Gates", "theme": "Doors"}).status_code == 303
    assert [entry.ref for entry in Soa.objects.get().entries.all()] == ["H1", "H3", "H2"]


def test_a_row_is_answered_in_place_and_figures_and_findings_follow_out_of_band(soa, manager):
    client = browser(manager)
    opened = client.get(at(soa, "entry", ref="C.1"), {"inline": "1"}, headers=HTMX).content.decode()
    assert "<form" in opened and 'name="is_applicable"' in opened and "<html" not in opened

    saved = client.post(
        at(soa, "answer", ref="C.1"), answer_form(row(soa), inline="1", reasons=["legal"], justification="By law."),
        headers=HTMX,
    )  # fmt: skip

    page = saved.content.decode()
    assert saved.status_code == 200 and f'id="row-{row(soa).pk}"' in page and "By law." in page
    assert page.count('hx-swap-oob="true"') == 2 and "5 rows are not answered" in page
    assert (row(soa).is_applicable, row(soa).reasons) == (True, ["legal"])


def test_without_a_script_a_row_is_answered_on_its_own_page(soa, manager):
    client, entry = browser(manager), row(soa)
    page = client.get(at(soa, "entry", ref="C.1")).content.decode()
    assert (
        "Intent 1" in page and at(soa, "answer", ref="C.1") in page and 'href="' + at(soa, "entry", ref="C.2") in page
    )

    answer = client.post(at(soa, "answer", ref="C.1"), answer_form(entry, is_applicable="no", justification="Not here"))
    assert answer.status_code == 303 and answer.url == entry.get_absolute_url()
    assert row(soa).status == "not_applicable"

    wrong = client.post(at(soa, "answer", ref="C.1"), answer_form(row(soa), target_on="soon", justification="Typed"))
    assert wrong.status_code == 422 and "Typed" in wrong.content.decode()


@pytest.mark.parametrize("inline", [True, False])
def test_the_second_editor_sees_both_texts_and_loses_nothing(soa, manager, inline):
    mine = answer_form(row(soa), justification="Mine", **({"inline": "1"} if inline else {}))
    first = made(soa.project, Role.PROJECT_MANAGER, name="Fia First")
    services.answer(entry=row(soa), by=first, version=1, values={"is_applicable": False, "justification": "Theirs"})
    client = browser(manager)

    answer = client.post(at(soa, "answer", ref="C.1"), mine, headers=HTMX if inline else {})

    page = answer.content.decode()
    assert answer.status_code == 422 and row(soa).justification == "Theirs"
    assert "Fia First" in page and "Theirs" in page and ">Mine</textarea>" in page.replace("\n", "")
    again = mine | {"version": re.search(r'name="version" value="(\d+)"', page)[1]}
    assert client.post(at(soa, "answer", ref="C.1"), again).status_code == 303
    assert row(soa).justification == "Mine" and row(soa).history.count() == 3


def test_the_owner_of_a_row_gets_the_fields_that_are_theirs(soa, manager):
    owner = made(soa.project, Role.RISK_OWNER, name="Olga Owner")
    services.answer(entry=row(soa), by=manager, version=1, values={"is_applicable": True, "owner": owner})
    client = browser(owner)

    page = client.get(at(soa, "entry", ref="C.1")).content.decode()
    assert 'name="status"' in page and 'name="is_applicable"' not in page and 'name="justification"' not in page
    sent = {"version": 2, "status": "planned", "is_applicable": "no", "justification": "Sly"}
    assert client.post(at(soa, "answer", ref="C.1"), sent).status_code == 303
    assert (row(soa).status, row(soa).is_applicable, row(soa).justification) == ("planned", True, "")
    assert client.post(at(soa, "answer", ref="C.2"), {"version": 1, "status": "planned"}).status_code == 403
    assert client.get(at(soa, "bulk")).status_code == 403


def test_ticked_rows_a_theme_and_all_that_are_open_are_answered_alike(soa, manager):
    client, bulk = browser(manager), at(soa, "bulk")
    client.post(bulk, {"chosen": ["C.1", "C.2"], "is_applicable": "no", "justification": "Not here"})
    assert soa.entries.filter(is_applicable=False).count() == 2

    client.post(bulk, {"theme": "unanswered", "is_applicable": "yes", "reasons": ["baseline"]})
    assert soa.entries.filter(is_applicable=True, reasons=["baseline"]).count() == 4

    client.post(bulk, {"theme": "t0", "status": "planned", "is_applicable": "yes"})
    first = soa.entries.earliest("position").theme
    assert {one.status for one in soa.entries.all() if one.theme == first} == {"planned"}

    asked = client.post(bulk, {"chosen": ["C.1"], "is_applicable": "yes", "more": "1"})
    assert asked.status_code == 200 and 'value="C.1"' in asked.content.decode()
    nothing = client.post(bulk, {"chosen": ["C.1"]})
    assert nothing.status_code == 422 and "Choose what is to be set" in nothing.content.decode()
    assert client.post(bulk, {"is_applicable": "yes"}).status_code == 422


def test_filters_of_the_address_narrow_the_table_and_the_figures_stay(soa, manager):
    services.answer(entry=row(soa), by=manager, version=1, values={"is_applicable": False})
    client = browser(manager)
    page = client.get(at(soa, "detail"), {"findings": "on", "selection": "excluded"}).content.decode()
    assert f'id="row-{row(soa).pk}"' in page and f'id="row-{row(soa, "C.2").pk}"' not in page
    assert "5 rows are not answered" in page and "is excluded without a justification" in page
    by_attribute = client.get(at(soa, "detail"), {"attribute": "control_type:detective"}).content.decode()
    assert by_attribute.count('class="soa-row"') == 3
    assert "No row matches" in client.get(at(soa, "detail"), {"q": "nowhere"}).content.decode()
    assert client.get(at(soa, "detail"), {"status": "<x>", "owner": "9999"}).status_code == 200


def test_links_and_evidence_of_a_row(soa, manager):
    client, link = browser(manager), at(soa, "link", ref="C.1")
    document = documents.create(
        project=soa.project, by=manager, values={"title": "Key plan", "kind": "procedure", "owner": manager}
    )
    task = make_task(soa.project, "Change the locks")
    client.post(link, {"document": document.pk, "task": task.label})
    page = client.get(at(soa, "entry", ref="C.1")).content.decode()
    assert "Key plan" in page and "Change the locks" in page
    client.post(link, {"drop": f"task:{task.pk}"})
    assert list(row(soa).tasks.all()) == [] and list(row(soa).documents.all()) == [document]
    other = make_task(make_project(), "Elsewhere")
    assert client.post(link, {"drop": f"task:{other.pk}"}).status_code == 404
    assert "no task T-999" in client.post(link, {"task": "T-999"}, follow=True).content.decode()

    add = reverse(
        "projects:evidence-add", kwargs={**soa.project.address, "kind": "risks.soaentry", "target": row(soa).pk}
    )
    client.post(add, {"link": "https://example.org/photo", "title": "Photo of the lock"})
    assert Evidence.objects.count() == 1 and row(soa).evidence_count == 1


def test_the_spreadsheet_holds_texts_only_and_its_headings_are_those_an_import_reads(soa, manager):
    services.answer(
        entry=row(soa), by=manager, version=1,
        values={"is_applicable": True, "justification": "=1+1", "reasons": ["legal", "business"]},
    )  # fmt: skip
    answer = browser(manager).get(at(soa, "xlsx"))

    book = openpyxl.load_workbook(BytesIO(answer.content))
    sheet = book.worksheets[0]
    head = [cell.value for cell in sheet[1]]
    assert head[:5] == ["Control no.", "Control", "Theme", "Applicable", "Reasons"] and sheet.auto_filter.ref
    cells = dict(zip(head, sheet[2], strict=True))
    assert (cells["Justification"].value, cells["Justification"].data_type) == ("=1+1", "s")
    assert (
        cells["Reasons"].value == "Legal requirement\nBusiness or best practice" and cells["Applicable"].value == "Yes"
    )
    assert ("All", 6) in list(book.worksheets[1].iter_rows(values_only=True))


def test_the_spreadsheet_keeps_to_the_filters_and_says_so(soa, manager):
    services.answer_many(soa=soa, by=manager, refs=["C.1", "C.2"], values={"is_applicable": True})
    client = browser(manager)
    assert 'xlsx/?selection=applicable"' in client.get(at(soa, "detail") + "?selection=applicable").content.decode()

    book = openpyxl.load_workbook(BytesIO(client.get(at(soa, "xlsx") + "?selection=applicable").content))

    rows, totals, about = (list(sheet.iter_rows(min_row=2, values_only=True)) for sheet in book.worksheets)
    assert [row[0] for row in rows] == ["C.1", "C.2"] and ("All", 6) in totals
    assert about[-2:] == [("Filters", "Applicable: Applicable"), ("Rows", "2 / 6")]
    whole = openpyxl.load_workbook(BytesIO(client.get(at(soa, "xlsx")).content))
    assert whole.worksheets[0].max_row == 7 and "Filters" not in [row[0].value for row in whole.worksheets[2]]


def test_the_picture_says_its_figures_and_follows_the_history(soa, manager):
    services.answer_many(
        soa=soa, by=manager, refs=["C.1", "C.2"], values={"is_applicable": True, "status": "implemented"}
    )
    page = browser(manager).get(at(soa, "picture")).content.decode()
    assert "<svg" in page and "Implemented 1" in page and "style=" not in page.split("<main")[1]
    moments = selectors.over_time(soa, soa.created_at.date())
    assert moments[-1].standings == {"implemented": 2, "unanswered": 4}


def test_a_reminder_leads_to_the_row(soa, manager):
    number = reverse("risks:soa-numbered", kwargs={**soa.project.address, "number": row(soa).pk})
    assert browser(manager).get(number).url == row(soa).get_absolute_url()
    elsewhere = make_project()
    foreign = make_soa(elsewhere, made(elsewhere, Role.PROJECT_MANAGER)).entries.first()
    for pk in (foreign.pk, 999_999):
        missing = reverse("risks:soa-numbered", kwargs={**soa.project.address, "number": pk})
        assert browser(manager).get(missing).status_code == 404


BUDGETS = {"list": 20, "detail": 15, "entry": 20, "picture": 12, "editions": 14, "compare": 12, "bulk": 12}


def test_pages_take_the_same_queries_with_many_rows_treatments_and_editions(catalogue, project, manager):
    soa = services.begin(project=project, by=manager, standard=Standard.objects.get(slug="iso-27001-2022-annex-a"))
    risk = make_risk(project, manager, owner=manager)
    client = browser(manager)
    names = [name for name in BUDGETS if name not in ("list", "entry")]

    def cost():
        return {name: count_queries(lambda name=name: client.get(at(soa, name))) for name in names}

    client.get(at(soa, "detail"))
    few = cost()
    entries = list(soa.entries.all())
    made_now = Treatment.objects.bulk_create(
        Treatment(organization=soa.organization, project=project, number=n, risk=risk, option="modify", title=f"T {n}",
                  created_by=manager)
        for n in range(1, 41)
    )  # fmt: skip
    TreatmentControl.objects.bulk_create(
        TreatmentControl(treatment=one, entry=entry) for n, one in enumerate(made_now) for entry in entries[n::13]
    )
    assert cost() == few
    for name in names:
        assert few[name] <= BUDGETS[name], (name, few[name])
    with queries(BUDGETS["entry"]):
        client.get(at(soa, "entry", ref="A.5.1"))
    with queries(BUDGETS["list"]):
        client.get(reverse("risks:soa-list", kwargs=project.address))
