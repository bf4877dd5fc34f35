"""The register: its list, its filters, what can be done with many, a document's page, the form of its line."""

from __future__ import annotations

import datetime as dt
import io
import re

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from approvals.services import request as requests
from core import dates
from documents import listing, panels
from documents.models import Document, Numbering, Reading, Revision
from documents.selectors import register as lists
from documents.services import document as documents
from documents.services import reading as readings
from documents.services import revision as revisions
from jobs import running
from jobs.models import Job
from pdca.models import Clause, MandatoryDocument, MergeGroup, Standard
from projects.models import JournalEntry
from projects.permissions import Perm, Role
from tests.factories.documents import approve, make_document, make_draft, make_effective
from tests.factories.projects import grant, make_project, make_step, make_user
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db
LIST_BUDGET, TREE_BUDGET, DETAIL_BUDGET, FORM_BUDGET = 12, 11, 20, 12


@pytest.fixture
def client_of():
    def of(person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return of


@pytest.fixture
def url(here):
    def of(name: str, document: Document | None = None, **parts) -> str:
        more = {"number": document.label} if document is not None else {}
        return reverse(f"documents:document-{name}", kwargs={**here.project.address, **more, **parts})

    return of


@pytest.fixture
def stranger(db):
    person = make_user(name="Sten Stranger")
    person.home = make_project(slug="elsewhere")
    grant(person, Role.PROJECT_MANAGER, person.home)
    return person


def make_standard(slug: str) -> Standard:
    return Standard.objects.create(
        slug=slug, code=f"ISO {slug}", title=slug, edition="1", kind="requirements", discipline="quality", uses_hs=True,
        is_certifiable=True,
    )  # fmt: skip


def make_clause(standard: Standard, ref: str, title: str) -> Clause:
    return Clause.objects.create(
        standard=standard, ref=ref, title=title, is_leaf=True, hs="", match="specific", intent="Wants it.",
        position=int(ref.replace(".", "")),
    )  # fmt: skip


@pytest.fixture
def standard(here):
    """A standard of the project with two clauses, and one that the project does not have."""
    own, foreign = make_standard("own"), make_standard("foreign")
    here.project.chosen_standards.create(standard=own)
    return {
        "own": own, "foreign": foreign, "clauses": [make_clause(own, ref, f"Title {ref}") for ref in ("7.5", "7.5.1", "8.10")],
        "strange": make_clause(foreign, "7.5", "Elsewhere"),
    }  # fmt: skip


def titles(response) -> list[str]:
    return re.findall(r'class="row-title" href="[^"]*">([^<]*)<', response.content.decode())


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def many(project, count: int) -> None:
    Document.objects.bulk_create(
        Document(
            organization_id=project.organization_id, project=project, number=n, title=f"Document {n}", kind="form",
            code=f"F-{n:05}", tags="|bulk|",
        )
        for n in range(1, count + 1)
    )  # fmt: skip


# ---- the list: six questions --------------------------------------------------------------------------------------


def test_a_row_says_what_is_in_effect_what_is_on_its_way_and_who_has_read(here, client_of, url):
    document = make_document(here.project, here.controller, title="Purchasing", owner=here.owner, review_months=6)
    make_effective(document, by=here.controller, decider=here.owner)
    readings.give(document=document, by=here.controller, audience="everybody")
    readings.acknowledge(revision=Revision.objects.get(), by=here.staff)
    make_draft(document, here.controller)

    page = text_of(client_of(here.auditor).get(url("list")))

    for words in ("PRO-001", "Purchasing", "Owner", "In effect: r1", "Draft r2", "1/6"):
        assert words in page, words


def test_an_approved_revision_names_its_day_and_a_line_without_revision_is_missing(here, client_of, url):
    planned = make_document(here.project, here.controller, title="Planned")
    make_draft(planned, here.controller, planned_on=dates.today("Europe/Zurich") + dt.timedelta(days=400))
    approve(planned, by=here.controller, decider=here.owner)
    make_document(here.project, here.controller, title="Only a line")

    page = text_of(client_of(here.auditor).get(url("list")))

    assert re.search(r"Approved r1, from \d+ \w+ 20\d\d", page)
    assert "Missing" in page


@pytest.mark.parametrize(
    ("name", "who", "status"),
    [
        ("list", "auditor", 200), ("list", "staff", 403), ("list", "stranger", 404),
        ("create", "controller", 200), ("create", "owner", 200), ("create", "auditor", 403), ("create", "stranger", 404),
        ("numbering", "controller", 200), ("numbering", "owner", 403), ("numbering", "stranger", 404),
        ("detail", "auditor", 200), ("detail", "staff", 403), ("detail", "stranger", 404),
        ("edit", "controller", 200), ("edit", "owner", 403), ("edit", "auditor", 403), ("edit", "stranger", 404),
        ("content", "controller", 200), ("content", "owner", 403), ("content", "stranger", 404),
        ("reviewed", "controller", 200), ("reviewed", "owner", 403), ("reviewed", "stranger", 404),
        ("withdraw", "controller", 200), ("withdraw", "owner", 403), ("withdraw", "stranger", 404),
    ],
)  # fmt: skip
def test_who_may_open_what(here, stranger, client_of, url, name, who, status):
    document = make_document(here.project, here.controller, owner=here.controller)
    person = stranger if who == "stranger" else getattr(here, who)
    at = url(name) if name in ("list", "create", "numbering") else url(name, document)

    assert client_of(person).get(at).status_code == status


@pytest.mark.parametrize("name", ["detail", "edit", "content", "reviewed", "withdraw"])
def test_a_number_that_is_not_there_is_not_found(here, client_of, url, name):
    assert client_of(here.controller).get(url(name, number="D-999")).status_code == 404
    assert client_of(here.controller).get(url(name, number="nonsense")).status_code == 404


@pytest.mark.parametrize(
    ("name", "verbs"),
    [
        ("list", "post put delete"),
        ("create", "put delete"),
        ("bulk", "get put"),
        ("master", "get put"),
        ("numbering", "put"),
    ],
)
def test_other_methods_are_refused(here, client_of, url, name, verbs):
    client = client_of(here.controller)
    assert {getattr(client, verb)(url(name)).status_code for verb in verbs.split()} == {405}


@pytest.mark.parametrize(
    ("name", "verbs"), [("detail", "post put"), ("content", "post"), ("edit", "put"), ("withdraw", "put")]
)
def test_other_methods_are_refused_on_a_document(here, client_of, url, name, verbs):
    document = make_document(here.project, here.controller)
    client = client_of(here.controller)
    assert {getattr(client, verb)(url(name, document)).status_code for verb in verbs.split()} == {405}


def test_the_number_in_the_address_is_the_one_people_say(here, client_of, url):
    document = make_document(here.project, here.controller)

    assert client_of(here.auditor).get(url("detail", number="d-1")).headers["Location"] == url("detail", document)


def test_an_empty_register_says_what_it_is_for(here, client_of, url):
    assert "Register the first document" in text_of(client_of(here.controller).get(url("list")))
    page = text_of(client_of(here.auditor).get(url("list")))
    assert "No documents yet" in page and "Register the first document" not in page
    make_document(here.project, here.controller)
    assert "No document matches" in text_of(client_of(here.auditor).get(url("list") + "?q=nowhere"))


# ---- filters, order, pages ----------------------------------------------------------------------------------------


@pytest.fixture
def shelf(here, standard):
    """A document for every state, with owners, tags, languages and clauses."""
    by, today = here.controller, dates.today(here.project.organization.time_zone)
    make_document(here.project, by, title="Missing", kind="plan", owner=here.owner, tags="IT, Crisis")
    make_draft(make_document(here.project, by, title="Draft", kind="manual", language="de"), by)
    asked = make_document(here.project, by, title="Asked", kind="procedure", clauses=standard["clauses"][1:2])
    make_draft(asked, by)
    requests.ask(kind="document", project=here.project, pk=asked.pk, by=by, steps=[requests.Planned([here.owner])])
    planned = make_document(here.project, by, title="Planned", kind="instruction")
    make_draft(planned, by, planned_on=today + dt.timedelta(days=9))
    approve(planned, by=by, decider=here.owner)
    effective = make_document(
        here.project, by, title="Effective", kind="policy", classification="public", clauses=standard["clauses"][2:]
    )
    make_effective(effective, by=by, decider=here.boss)
    Document.objects.filter(pk=effective.pk).update(next_review_on=today - dt.timedelta(days=1))
    Document.objects.filter(title="Draft").update(next_review_on=today + dt.timedelta(days=30))
    gone = make_document(here.project, by, title="Gone", kind="form")
    documents.withdraw(document=gone, by=by, reason="Old")
    return here


IN_USE = {"Missing", "Draft", "Asked", "Planned", "Effective"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", IN_USE), ("state=all", IN_USE | {"Gone"}), ("state=withdrawn", {"Gone"}), ("state=missing", {"Missing"}),
        ("state=draft", {"Draft"}), ("state=in_review", {"Asked"}), ("state=approved", {"Planned"}),
        ("state=effective", {"Effective"}), ("state=nonsense", IN_USE),
        ("kind=policy", {"Effective"}), ("kind=procedural", {"Asked", "Planned"}),
        ("owner=none", IN_USE - {"Missing"}), ("owner=me", set()), ("owner=999999", IN_USE),
        ("language=de", {"Draft"}), ("classification=public", {"Effective"}),
        ("tag=crisis", {"Missing"}), ("tag=IT", {"Missing"}), ("tag=i", set()),
        ("review=overdue", {"Effective"}), ("review=soon", {"Draft"}), ("review=none", IN_USE - {"Effective", "Draft"}),
        ("standard=own", {"Asked", "Effective"}), ("standard=foreign", IN_USE), ("clause=7.5", {"Asked"}),
        ("clause=7.5.1&standard=own", {"Asked"}), ("clause=7", {"Asked"}), ("clause=7.55", set()),
        ("clause=8", {"Effective"}), ("clause=8.1", set()), ("clause=';--", IN_USE),
        ("q=effec", {"Effective"}), ("q=POL-001", {"Effective"}), ("q=crisis", {"Missing"}), ("q=D-002", {"Draft"}),
    ],
)  # fmt: skip
def test_each_filter_leaves_what_it_says(shelf, client_of, url, query, found):
    page = client_of(shelf.auditor).get(f"{url('list')}?{query}")

    assert set(titles(page)) == found


def test_the_chosen_owner_is_found(shelf, client_of, url):
    assert titles(client_of(shelf.auditor).get(f"{url('list')}?owner={shelf.owner.pk}")) == ["Missing"]
    assert titles(client_of(shelf.owner).get(f"{url('list')}?owner=me")) == ["Missing"]


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("code", "Draft"), ("-code", "Planned"), ("title", "Asked"), ("-title", "Planned"), ("review", "Effective"),
        ("-review", "Draft"), ("owner", None), ("kind", "Planned"), ("updated", None), ("nonsense", "Draft"),
    ],
)  # fmt: skip
def test_the_list_is_sorted_as_asked(shelf, client_of, url, sort, first):
    found = titles(client_of(shelf.auditor).get(f"{url('list')}?sort={sort}"))

    assert set(found) == IN_USE
    assert first is None or found[0] == first


def test_documents_without_a_review_come_last_either_way(shelf):
    rows = Document.objects.filter(project=shelf.project, withdrawn_at=None)

    for sort in ("review", "-review"):
        assert lists.in_order(rows, sort)[2].next_review_on is None
        assert {row.title for row in lists.in_order(rows, sort)[:2]} == {"Effective", "Draft"}


def test_the_tree_shows_what_belongs_under_what(here, client_of, url):
    policy = make_document(here.project, here.controller, title="The policy", kind="policy")
    procedure = make_document(here.project, here.controller, title="The procedure", parent=policy)
    make_document(here.project, here.controller, title="The form", kind="form", parent=procedure)
    make_document(here.project, here.controller, title="A plan", kind="plan")

    top = lists.tree(Document.objects.filter(project=here.project), here.project)

    assert [node.title for node in top] == ["A plan", "The policy"]
    assert top[1].children[0].children[0].title == "The form" and top[1].below == 2
    page = client_of(here.auditor).get(url("list") + "?view=tree").content.decode()
    assert page.index("The policy") < page.index("The procedure") < page.index("The form")


@pytest.mark.parametrize("count", [1, 3, 3000])
def test_the_list_costs_the_same_at_any_size(here, client_of, url, count):
    many(here.project, count)
    client = client_of(here.controller)
    client.get(url("list"))

    with queries(LIST_BUDGET):
        page = client.get(url("list"))
    with queries(LIST_BUDGET):
        client.get(url("list") + "?sort=-review&q=doc&state=missing&tag=bulk")

    assert len(titles(page)) == min(count, 50)


@pytest.mark.parametrize("count", [1, 3000])
def test_the_tree_costs_the_same_at_any_size(here, client_of, url, count):
    many(here.project, count)
    client = client_of(here.controller)
    client.get(url("list"))

    with queries(TREE_BUDGET):
        client.get(url("list") + "?view=tree")


def test_the_order_of_the_list_is_an_index(here):
    many(here.project, 400)
    rows = lists.in_order(lists.narrowed(Document.objects.filter(project=here.project), {}, today=dt.date.today()), "")
    if connection.vendor == "sqlite":
        assert "TEMP B-TREE" not in rows[:50].explain()


# ---- many at once -------------------------------------------------------------------------------------------------


def test_many_get_an_owner_and_a_review_interval(here, client_of, url):
    document = make_document(here.project, here.controller, title="In effect")
    make_effective(document, by=here.controller, decider=here.owner)
    make_document(here.project, here.controller, title="Line")
    third = make_document(here.project, here.controller, title="Not chosen")

    page = client_of(here.controller).post(
        url("bulk") + "?kind=procedure",
        {"chosen": ["D-001", "D-002", "D-099"], "owner": here.owner.pk, "review_months": 6}, follow=True,
    )  # fmt: skip

    assert "2 documents changed." in text_of(page)
    first, second = Document.objects.order_by("number")[:2]
    assert (first.owner, first.review_months, second.owner) == (here.owner, 6, here.owner)
    assert first.next_review_on == dates.plus_months(Revision.objects.get().effective_on, 6)
    assert second.next_review_on is None
    third.refresh_from_db()
    assert third.owner is None
    told = JournalEntry.objects.filter(action="document.changed")
    assert sorted(entry.target_id for entry in told) == [first.pk, second.pk]
    assert told.last().changes["owner"]


def test_all_that_match_are_changed(here, client_of, url):
    many(here.project, 60)
    make_document(here.project, here.controller, title="Other")

    client_of(here.controller).post(url("bulk") + "?tag=bulk", {"all_matching": "1", "owner": here.owner.pk})

    assert Document.objects.filter(owner=here.owner).count() == 60


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"owner": "1"}, "No document was chosen"),
        ({"chosen": "D-001"}, "Choose an owner or a review interval first"),
        ({"chosen": "D-001", "review_months": "121"}, "less than or equal to 120"),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(here, client_of, url, data, words):
    make_document(here.project, here.controller)

    assert words in text_of(client_of(here.controller).post(url("bulk"), data, follow=True))
    assert Document.objects.get().version == 1


def test_a_stranger_becomes_no_owner_of_many(here, stranger, client_of, url):
    make_document(here.project, here.controller)

    client_of(here.controller).post(url("bulk"), {"chosen": "D-001", "owner": stranger.pk})

    assert Document.objects.get().owner is None


def test_only_who_manages_documents_changes_many(here, client_of, url):
    make_document(here.project, here.controller, owner=here.owner)

    assert client_of(here.owner).post(url("bulk"), {"chosen": "D-001", "review_months": "3"}).status_code == 403
    assert Document.objects.get().review_months is None


# ---- a document's page --------------------------------------------------------------------------------------------


def next_step(response) -> str:
    found = re.search(r'<section class="panel next-step".*?</section>', response.content.decode(), re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def test_the_main_button_is_the_obvious_next_step(here, client_of, url):
    document = make_document(here.project, here.controller, title="Purchasing", owner=here.owner)
    client = client_of(here.owner)
    ask = reverse("approvals:approval-ask", kwargs={**here.project.address, "kind": "document", "pk": document.pk})

    def shown() -> str:
        page = client.get(url("detail", document)).content.decode()
        actions = re.search(r'<div class="actions"[^>]*>(.*?)</div></div>\s', page, re.DOTALL)
        return " ".join(re.findall(r'btn-primary"[^>]*>.*?</(?:a|button)>', actions[1] if actions else "", re.DOTALL))

    assert "Begin the first revision" in shown() and url("content", document) in shown()
    draft = revisions.start(document=document, by=here.owner)
    assert "Write it" in shown() and f"r{draft.number}/edit/" in shown()
    revisions.save(revision=draft, by=here.owner, version=draft.version, values={"body": "Words"})
    assert "Ask for approval" in shown() and ask in shown()
    assert client.get(url("detail", document)).content.decode().count(ask) == 1  # the panel repeats no button
    requests.ask(
        kind="document", project=here.project, pk=document.pk, by=here.owner, steps=[requests.Planned([here.boss])]
    )
    assert shown() == ""
    assert "awaits the decision of Boss" in next_step(client.get(url("detail", document)))
    assert "Read and decide" in text_of(client_of(here.boss).get(url("detail", document)))


def test_a_document_in_effect_offers_a_new_revision_and_one_due_its_review(here, client_of, url):
    document = make_document(here.project, here.controller, owner=here.owner)
    make_effective(document, by=here.controller, decider=here.boss)
    assert "Start a new revision" in text_of(client_of(here.owner).get(url("detail", document)))

    Document.objects.filter(pk=document.pk).update(next_review_on=dates.today("Europe/Zurich"))

    page = client_of(here.owner).get(url("detail", document)).content.decode()
    assert re.search(r'btn-primary" href="[^"]*/reviewed/"', page)


def test_a_reader_of_the_register_gets_no_button_that_is_not_theirs(here, client_of, url):
    document = make_document(here.project, here.controller)
    make_draft(document, here.controller)

    page = client_of(here.auditor).get(url("detail", document)).content.decode()

    for part in ("/edit/", "/withdraw/", "/reviewed/", "/content/", "Ask for approval"):
        assert part not in page, part


def test_the_page_tells_revisions_approvers_clauses_answers_family_and_readers(here, standard, client_of, url):
    group = MergeGroup.objects.create(slug="purchasing", name="Supplier evaluation", merge="one_document", position=1)
    parent = make_document(here.project, here.controller, title="The policy", kind="policy")
    document = make_document(
        here.project, here.controller, title="Purchasing", parent=parent, clauses=standard["clauses"][1:], groups=[group],
        tags="Buying", retention_years=10,
    )  # fmt: skip
    make_document(here.project, here.controller, title="The form", kind="form", parent=document)
    make_effective(document, by=here.controller, decider=here.owner)
    revisions.start(document=document, by=here.controller, values={"change_summary": "Two suppliers"})
    approve_again = Revision.objects.get(number=2)
    revisions.save(
        revision=approve_again, by=here.controller, version=approve_again.version, values={"is_material": False}
    )
    approve(document, by=here.controller, decider=here.boss)
    readings.give(document=document, by=here.controller, audience="role", role="staff")

    page = client_of(here.boss).get(url("detail", document))
    text = text_of(page)

    for words in (
        "First words", "Two suppliers", "Editorial change", "Superseded", "Effective", "Owner", "Boss", "7.5.1", "8.1",
        "Supplier evaluation", "The policy", "The form", "Staff",
        "0 of 1 have confirmed it", "buying", "10 years", "Compare r1 with r2",
    ):  # fmt: skip
        assert words in text, words
    rows = re.findall(r"<tr>\s*<td class=\"main\">(.*?)</tr>", page.content.decode(), re.DOTALL)
    assert "Boss" in rows[0] and "Owner" not in rows[0] and "Owner" in rows[1]


def test_the_history_is_for_who_reads_the_journal(here, client_of, url):
    document = make_document(here.project, here.controller, title="Purchasing")

    assert "registered" in text_of(client_of(here.auditor).get(url("detail", document)))
    assert 'id="story"' not in client_of(here.owner).get(url("detail", document)).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_a_document_costs_the_same_with_more_around_it(here, standard, client_of, url, count):
    document = make_document(here.project, here.controller, clauses=standard["clauses"][:count])
    for _n in range(count):
        make_effective(document, by=here.controller, decider=here.owner, body=f"Words {_n}")
        make_document(here.project, here.controller, parent=document)
    for role in ("staff", "auditor", "hr")[:count]:
        readings.give(document=document, by=here.controller, audience="role", role=role)
    client = client_of(here.boss)
    client.get(url("detail", document))

    with queries(DETAIL_BUDGET):
        client.get(url("detail", document))


# ---- withdrawing and reviewing ------------------------------------------------------------------------------------


def test_a_document_is_withdrawn_with_a_reason(here, client_of, url):
    document = make_document(here.project, here.controller)
    make_effective(document, by=here.controller, decider=here.owner)
    client = client_of(here.controller)

    assert client.post(url("withdraw", document), {"reason": " "}).status_code == 422
    assert client.post(url("withdraw", document), {"reason": "Replaced by the policy"}).status_code == 303

    page = client.get(url("detail", document))
    assert "Replaced by the policy" in text_of(page)
    assert "Ask for approval" not in text_of(page) and url("withdraw", document) not in page.content.decode()
    assert Revision.objects.get().status == "withdrawn"


def test_a_withdrawal_that_a_rule_forbids_keeps_what_was_typed(here, client_of, url):
    document = make_document(here.project, here.controller)
    make_draft(document, here.controller)
    requests.ask(
        kind="document",
        project=here.project,
        pk=document.pk,
        by=here.controller,
        steps=[requests.Planned([here.owner])],
    )

    page = client_of(here.controller).post(url("withdraw", document), {"reason": "My reason"})

    assert page.status_code == 422
    assert "A decision on" in text_of(page) and "My reason" in page.content.decode()


def test_reviewed_still_suitable_sets_the_next_review_and_keeps_the_note(here, client_of, url):
    document = make_document(here.project, here.controller, review_months=6, owner=here.owner)
    make_effective(document, by=here.controller, decider=here.boss)
    Document.objects.filter(pk=document.pk).update(next_review_on=dt.date(2020, 1, 1))

    assert client_of(here.owner).post(url("reviewed", document), {"note": "Compared with the plant"}).status_code == 303

    document.refresh_from_db()
    assert document.next_review_on == dates.plus_months(dates.today(here.project.organization.time_zone), 6)
    assert JournalEntry.objects.get(action="document.reviewed").reason == "Compared with the plant"


def test_what_has_nothing_in_effect_is_not_reviewed(here, client_of, url):
    document = make_document(here.project, here.controller)

    page = client_of(here.controller).post(url("reviewed", document), {"note": "Looked at it"})

    assert page.status_code == 422 and "has no effective revision" in text_of(page)


# ---- the form -----------------------------------------------------------------------------------------------------


def posted(**values) -> dict:
    return {
        "title": "Purchasing", "kind": "procedure", "code": "", "owner": "", "classification": "internal", "language": "en",
        "parent": "", "tags": "", "review_months": "12", "next_review_on": "", "retention_years": "", "disposal": "review",
    } | values  # fmt: skip


def test_a_document_is_registered_and_leads_on_to_its_content(here, standard, client_of, url):
    parent = make_document(here.project, here.controller, title="The policy", kind="policy")
    clauses = standard["clauses"][:2]

    answer = client_of(here.controller).post(url("create"), posted(
        owner=here.owner.pk, parent="pol-001", tags="Buying, IT", clauses=[clause.pk for clause in clauses], retention_years="10",
    ))  # fmt: skip

    made = Document.objects.get(title="Purchasing")
    assert answer.status_code == 303 and answer.headers["Location"] == url("content", made)
    assert (made.code, made.owner, made.parent, made.tag_list) == ("PRO-001", here.owner, parent, ["buying", "it"])
    assert (made.review_months, made.retention_years) == (12, 10)
    assert {one.clause for one in made.served.all()} == set(clauses)


def test_the_form_sent_twice_registers_once(here, client_of, url):
    client = client_of(here.controller)
    key = re.search(r'name="once" value="([^"]+)"', client.get(url("create")).content.decode())[1]

    first, second = (client.post(url("create"), posted(once=key)) for _n in range(2))

    assert first.headers["Location"] == second.headers["Location"]
    assert Document.objects.count() == 1


def test_the_owner_of_documents_registers_their_own(here, client_of, url):
    client = client_of(here.owner)

    assert 'name="owner"' not in client.get(url("create")).content.decode()
    client.post(url("create"), posted(owner=here.staff.pk))

    assert Document.objects.get().owner == here.owner


def test_foreign_ids_are_refused_by_the_form(here, stranger, standard, client_of, url):
    elsewhere = make_project(slug="other")
    grant(controller := make_user(), Role.DOCUMENT_CONTROLLER, elsewhere)
    make_document(elsewhere, controller, title="Foreign", code="FOREIGN-1")
    client = client_of(here.controller)

    for wrong in (
        {"owner": stranger.pk}, {"parent": "FOREIGN-1"}, {"clauses": [standard["strange"].pk]}, {"kind": "secret"},
        {"classification": "x"}, {"language": "xx"}, {"disposal": "burn"},
    ):  # fmt: skip
        answer = client.post(url("create"), posted(**wrong))
        assert answer.status_code == 422, wrong
        assert ("No document of this project has this code" in text_of(answer)) == ("parent" in wrong)
        assert "Purchasing" in answer.content.decode()
    assert not Document.objects.filter(project=here.project).exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": " "}, "required"), ({"code": "?!"}, "A code has up to 40"), ({"code": "TAKEN-1"}, "is taken"),
        ({"tags": ",".join(f"tag{n}" for n in range(20))}, "at most 12 short tags"), ({"review_months": "0"}, "greater than"),
        ({"retention_years": "101"}, "less than"), ({"next_review_on": "1999-01-01"}, "between 2000 and 2100"),
        ({"parent": "NOWHERE"}, "No document of this project has this code"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_what_was_typed(here, client_of, url, wrong, words):
    make_document(here.project, here.controller, code="TAKEN-1", title="Other")

    page = client_of(here.controller).post(url("create"), posted(owner=here.owner.pk, **wrong))

    assert page.status_code == 422
    assert words in text_of(page)
    assert f'<option value="{here.owner.pk}" selected' in page.content.decode()


def test_the_chosen_type_shows_its_next_code(here, client_of, url):
    make_document(here.project, here.controller, kind="policy")

    part = client_of(here.controller).get(url("create") + "?kind=policy", headers={"HX-Request": "true"})

    assert "POL-002" in text_of(part) and "<html" not in part.content.decode()
    assert "HX-Request" in part.headers["Vary"]
    assert text_of(client_of(here.controller).get(url("create") + "?kind=x", headers={"HX-Request": "true"})) == ""


def test_what_the_standards_ask_for_presets_the_form(here, standard, client_of, url):
    group = MergeGroup.objects.create(slug="the-policy", name="Policy of the system", merge="one_document", position=1)
    MandatoryDocument.objects.create(
        standard=standard["own"], clause=standard["clauses"][2], name="Policy", keep="maintain", group=group, is_explicit=True,
        position=1,
    )  # fmt: skip
    item = MandatoryDocument.objects.create(
        standard=standard["own"], clause=standard["clauses"][0], name="List of suppliers", keep="maintain", is_explicit=True,
        position=2,
    )  # fmt: skip
    client = client_of(here.controller)

    page = client.get(url("create") + "?answers=the-policy").content.decode()
    assert 'value="Policy of the system"' in page and '<option value="policy" selected' in page
    assert f'value="{standard["clauses"][2].pk}" checked' in page
    assert 'value="List of suppliers"' in client.get(f"{url('create')}?item={item.pk}").content.decode()
    client.post(url("create"), posted(title="The policy", answers=[f"g:{group.pk}"]))

    assert [str(one) for one in Document.objects.get().answers.all()] == ["Policy of the system"]
    assert client.get(url("create") + "?answers=nonsense&item=x&item=99999").status_code == 200


def test_two_people_at_once_lose_nothing(here, client_of, url):
    document = make_document(here.project, here.controller, title="Purchasing", kind="procedure")
    documents.change(document=document, by=here.consultant, version=1, values={"title": "Theirs", "tags": "new"})

    page = client_of(here.controller).post(url("edit", document), posted(title="Mine", code="PRO-001", version="1"))

    text = text_of(page)
    assert page.status_code == 422
    assert "Mine" in page.content.decode() and "Theirs" in text and "Somebody else saved this" in text
    document.refresh_from_db()
    assert document.title == "Theirs"
    assert 'name="version" value="2"' in page.content.decode()
    client_of(here.controller).post(url("edit", document), posted(title="Mine", code="PRO-001", version="2"))
    document.refresh_from_db()
    assert document.title == "Mine"


def test_editing_keeps_answers_and_clauses_of_a_standard_given_up(here, standard, client_of, url):
    group = MergeGroup.objects.create(slug="a", name="An answer", merge="one_document", position=1)
    document = make_document(here.project, here.controller, clauses=standard["clauses"][:1], groups=[group])
    here.project.chosen_standards.all().delete()
    page = client_of(here.controller).get(url("edit", document)).content.decode()
    assert f'value="{standard["clauses"][0].pk}" checked' in page and "An answer" in page

    answer = client_of(here.controller).post(url("edit", document), posted(
        code=document.code, version="1", clauses=[standard["clauses"][0].pk], answers=[f"g:{group.pk}"],
    ))  # fmt: skip

    assert answer.status_code == 303
    assert document.served.count() == 1 and document.answers.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_form_costs_the_same_with_more_documents(here, standard, client_of, url, count):
    for _n in range(count):
        document = make_document(here.project, here.controller, clauses=standard["clauses"][:count])
    client = client_of(here.controller)
    client.get(url("create"))

    with queries(FORM_BUDGET):
        client.get(url("create"))
    with queries(FORM_BUDGET + 3):
        client.get(url("edit", document))


def test_content_is_begun_in_the_way_that_is_chosen(here, client_of, url):
    document = make_document(here.project, here.controller)

    page = client_of(here.controller).get(url("content", document)).content.decode()

    assert page.count(f'action="{url("start", document)}"') == 3
    assert re.findall(r'name="source" value="(\w+)"', page) == ["authored", "file", "link"]
    make_draft(document, here.controller)
    assert client_of(here.controller).get(url("content", document)).headers["Location"] == url("detail", document)


# ---- numbering ----------------------------------------------------------------------------------------------------


def test_the_pattern_is_shown_at_work_and_saved(here, client_of, url):
    client = client_of(here.controller)
    assert "POL-007" in text_of(client.get(url("numbering")))

    part = client.get(url("numbering"), {"pattern": "{kind}.{n:2}"}, headers={"HX-Request": "true"})
    assert "WI.07" in text_of(part) and "<html" not in part.content.decode()
    assert "exactly one {n}" in text_of(client.get(url("numbering"), {"pattern": "X"}, headers={"HX-Request": "true"}))
    assert client.post(url("numbering"), {"pattern": "{what}"}).status_code == 422
    assert client.post(url("numbering"), {"pattern": "{kind}.{n:2}"}).status_code == 303

    assert Numbering.objects.get().pattern == "{kind}.{n:2}"
    assert make_document(here.project, here.controller, kind="policy").code == "POL.01"


# ---- the master list as a spreadsheet -----------------------------------------------------------------------------


def opened(data: bytes):
    return openpyxl.load_workbook(io.BytesIO(data))


def test_the_master_list_is_made_by_a_worker_and_read_back(here, client_of, url, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    document = make_document(
        here.project, here.controller, title='=HYPERLINK("http://evil")', owner=here.owner, tags="+1"
    )
    make_effective(document, by=here.controller, decider=here.boss)
    make_document(here.project, here.controller, title="A form", kind="form")
    client = client_of(here.auditor)

    answer = client.post(url("master") + "?kind=procedure")
    job = Job.objects.get(kind="document-list")
    running.run(job.pk)
    job.refresh_from_db()

    assert answer.status_code == 303 and answer.headers["Location"] == job.get_absolute_url()
    assert (job.state, job.result["rows"], job.url) == ("done", 1, url("master-file", pk=job.pk))
    book = opened(b"".join(client.get(job.url).streaming_content))
    rows = [[cell.value for cell in row] for row in book.worksheets[0]]
    assert rows[0][:4] == ["Code", "Title", "Type", "Owner"]
    assert rows[1][:4] == ["PRO-001", '=HYPERLINK("http://evil")', "Procedure", "Owner"]
    assert rows[1][6] == 1 and rows[1][8] == "In effect" and len(rows) == 2
    assert {cell.data_type for cell in book.worksheets[0]["B"]} == {"s"}
    assert "Type: Procedure" in [cell.value for cell in book.worksheets[1]["B"]]


def test_the_file_is_for_readers_of_the_register_of_this_project(here, stranger, client_of, url, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client_of(here.auditor).post(url("master"))
    job = Job.objects.get(kind="document-list")
    assert client_of(here.auditor).get(url("master-file", pk=job.pk)).status_code == 404
    running.run(job.pk)

    assert client_of(here.owner).get(url("master-file", pk=job.pk)).status_code == 200
    assert client_of(here.staff).get(url("master-file", pk=job.pk)).status_code == 403
    assert client_of(stranger).get(url("master-file", pk=job.pk)).status_code == 404
    theirs = reverse("documents:document-master-file", kwargs={**stranger.home.address, "pk": job.pk})
    assert client_of(stranger).get(theirs).status_code == 404


def test_a_list_that_was_swept_is_offered_anew(here, client_of, url, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client_of(here.auditor).post(url("master"))
    job = Job.objects.get(kind="document-list")
    running.run(job.pk)
    job.refresh_from_db()
    assert listing.is_named(job.organization_id, job.result["sha256"])

    Job.objects.filter(pk=job.pk).update(finished_at=job.finished_at - dt.timedelta(days=8))
    assert not listing.is_named(job.organization_id, job.result["sha256"])
    for stored in tmp_path.rglob(job.result["sha256"]):
        stored.unlink()

    page = client_of(here.auditor).get(url("master-file", pk=job.pk), follow=True)
    assert "Have a new one made" in text_of(page)


def test_three_thousand_documents_cost_queries_by_the_hundred(here):
    many(here.project, 3000)

    with queries(27):
        data, rows = listing.workbook(here.project, {}, [], user=here.controller)

    assert rows == 3000 and opened(data).worksheets[0].max_row == 3001


# ---- steps --------------------------------------------------------------------------------------------------------


def test_the_panels_of_the_steps_count_by_state(shelf):
    step = make_step(shelf.project)

    with queries(2):
        all_of_them = panels.of_management(step, shelf.controller, frozenset(Perm))
    with queries(2):
        procedures = panels.of_procedures(step, shelf.auditor, frozenset({Perm.VIEW_DOCUMENTS}))

    found = all_of_them["figures"]
    assert (found.total, found.effective, found.draft, found.in_review, found.approved, found.missing, found.overdue) == (
        5, 1, 1, 1, 1, 1, 1,
    )  # fmt: skip
    assert (procedures["figures"].total, procedures["figures"].in_review, procedures["new"]) == (2, 1, "")
    assert all_of_them["new"] and all_of_them["states"][0][3] == 1


def test_a_count_of_the_panel_leads_to_the_documents_it_counts(shelf, client_of):
    panel = panels.of_procedures(make_step(shelf.project), shelf.auditor, frozenset({Perm.VIEW_DOCUMENTS}))

    for _kind, _icon, _label, count, href in panel["states"]:
        assert len(titles(client_of(shelf.auditor).get(href))) == count


def test_readings_are_gone_from_the_row_of_a_withdrawn_document(here):
    document = make_document(here.project, here.controller)
    make_effective(document, by=here.controller, decider=here.owner)
    readings.give(document=document, by=here.controller, audience="everybody")
    documents.withdraw(document=document, by=here.controller, reason="Old")

    row = lists.dressed([Document.objects.get()], here.project, dt.date.today())[0]

    assert [one.label for one in row.standings] == ["Withdrawn"]
    assert row.line.asked == 0 == Reading.objects.count()
