"""Giving documents out, and the evidence of who confirmed what."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from django.utils import timezone

from core.rules import RuleBroken
from documents.models import Acknowledgement, Distribution, Reading
from documents.selectors import audience
from documents.services import document as documents
from documents.services import reading as services
from projects import access
from projects.flow import NotPermitted
from projects.models import JournalEntry, ProjectUserGrant
from projects.permissions import Role
from tests.factories.documents import make_document, make_effective
from tests.factories.projects import grant, make_project, make_user
from tests.helpers.budget import count_queries, queries

from .test_published import many, of, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy(here):
    return make_document(here.project, here.consultant, kind="policy", title="Policy")


@pytest.fixture
def effective(here, policy):
    return make_effective(policy, by=here.consultant, decider=here.boss)


def asked(document):
    return set(Reading.objects.filter(document=document).values_list("person__name", flat=True))


# ---- giving ----------------------------------------------------------------------------------------------------------


def test_before_anything_is_asked_the_page_says_how_many_people_it_is(here, policy, effective):
    client = of(here.controller)
    services.give(document=policy, by=here.controller, audience="person", person=here.staff)
    services.acknowledge(revision=effective, by=here.staff)

    form = client.get(url("document-distribution", policy)).content.decode()
    preview = client.get(url("document-distribution", policy) + "?audience=everybody&asks=on&within_days=9")

    assert "Everybody in the project (6 people)" in form and "Staff (1 person)" in form
    text = preview.content.decode()
    assert "5 people are asked who were not before." in text and "1 of them has confirmed already." in text
    assert "They have 9 days." in text
    assert asked(policy) == {"Staff"} and not Distribution.objects.filter(audience="everybody").exists()


@pytest.mark.parametrize(
    ("sent", "who"),
    [
        ({"audience": "everybody"}, {"Consultant", "Controller", "Boss", "Owner", "Staff", "Auditor"}),
        ({"audience": "role", "role": "staff"}, {"Staff"}),
        ({"audience": "person", "person": "owner"}, {"Owner"}),
    ],
)
def test_a_document_is_given_and_its_readers_are_asked(here, policy, effective, sent, who):
    if "person" in sent:
        sent = {**sent, "person": getattr(here, sent["person"]).pk}

    answer = of(here.controller).post(
        url("document-distribution-give", policy), {**sent, "asks": "on", "within_days": "7"}
    )

    assert (answer.status_code, answer["Location"]) == (303, url("document-distribution", policy))
    assert asked(policy) == who
    assert JournalEntry.objects.filter(action="document.given").count() == 1


def test_given_for_information_asks_nobody_but_is_published(here, policy, effective):
    of(here.controller).post(url("document-distribution-give", policy), {"audience": "everybody", "within_days": "7"})

    assert asked(policy) == set()
    assert of(here.staff).get(url("published-detail", policy)).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [{}, {"audience": "all", "within_days": "5"}, {"audience": "role", "role": "", "within_days": "5"},
     {"audience": "role", "role": "certification_auditor", "within_days": "5"}, {"audience": "person", "within_days": "5"},
     {"audience": "everybody", "within_days": "0"}, {"audience": "everybody", "within_days": "x\x00"}],
)  # fmt: skip
def test_what_makes_no_sense_is_said_and_not_given(here, policy, effective, sent):
    answer = of(here.controller).post(url("document-distribution-give", policy), sent)

    assert answer.status_code == 422 and b"form-errors" in answer.content
    assert not Distribution.objects.exists()


def test_nothing_is_given_to_somebody_of_another_project(here, policy, effective):
    other = make_user(name="Other")
    grant(other, Role.STAFF, make_project())

    sent = {"audience": "person", "person": other.pk, "within_days": "5"}

    assert of(here.controller).post(url("document-distribution-give", policy), sent).status_code == 422
    with pytest.raises(RuleBroken, match="does not belong"):
        services.give(document=policy, by=here.controller, audience="person", person=other)
    with pytest.raises(RuleBroken, match="Choose a role"):
        services.give(document=policy, by=here.controller, audience="role", role="certification_auditor")
    assert not Distribution.objects.exists()


def test_taken_back_nobody_is_asked_and_what_was_confirmed_stays(here, policy, effective):
    given = services.give(document=policy, by=here.controller, audience="everybody")
    services.acknowledge(revision=effective, by=here.staff)
    client = of(here.controller)
    assert client.post(url("document-distribution-end", policy, pk=given.pk + 999)).status_code == 404

    client.post(url("document-distribution-end", policy, pk=given.pk))

    assert asked(policy) == set() and Acknowledgement.objects.count() == 1
    text = client.get(url("document-distribution", policy) + "?state=record").content.decode()
    assert "Staff" in text and "It goes to nobody yet" in text


def test_who_distributes_and_who_only_looks(here, policy, effective):
    given = services.give(document=policy, by=here.controller, audience="everybody")
    page, give = url("document-distribution", policy), url("document-distribution-give", policy)
    end = url("document-distribution-end", policy, pk=given.pk)

    assert of(here.auditor).get(page).status_code == 200 and b'class="give"' not in of(here.auditor).get(page).content
    assert of(here.auditor).post(give, {"audience": "everybody", "within_days": 3}).status_code == 403
    assert of(here.auditor).post(end).status_code == 403
    assert of(here.staff).get(page).status_code == 403
    assert of(here.staff).get(url("reading-people", here.project)).status_code == 403
    assert Distribution.objects.get().within_days == 14
    with pytest.raises(NotPermitted):
        services.give(document=policy, by=here.owner, audience="everybody", within_days=1)


def test_other_days_move_the_day_of_who_is_asked_already(here, policy, effective):
    services.give(document=policy, by=here.controller, audience="role", role="staff", within_days=5)
    before = Reading.objects.get().due_on

    services.give(document=policy, by=here.controller, audience="role", role="staff", within_days=12)
    services.give(document=policy, by=here.controller, audience="role", role="staff", within_days=12)

    assert Reading.objects.get().due_on == before + dt.timedelta(days=7)
    services.give(document=policy, by=here.controller, audience="everybody", within_days=9)
    assert Reading.objects.get(person=here.staff).due_on == before + dt.timedelta(days=4)


def test_a_withdrawn_document_is_given_to_nobody(here, policy, effective):
    documents.withdraw(document=policy, by=here.controller, reason="Old")

    page = of(here.controller).get(url("document-distribution", policy)).content.decode()
    of(here.controller).post(url("document-distribution-give", policy), {"audience": "everybody", "within_days": 3})

    assert 'class="give"' not in page and not Distribution.objects.exists()


# ---- progress --------------------------------------------------------------------------------------------------------


def late(person):
    Reading.objects.filter(person=person).update(due_on=timezone.localdate() - dt.timedelta(days=2))


def test_progress_says_who_confirmed_what_and_who_is_late(here, policy, effective):
    services.give(document=policy, by=here.controller, audience="everybody")
    services.acknowledge(revision=effective, by=here.staff)
    late(here.owner)
    client, page = of(here.auditor), url("document-distribution", policy)

    def names(query=""):
        return [str(row.person) for row in client.get(page + query).context["page"].object_list]

    assert client.get(page).context["progress"] == (6, 1, 1)
    assert names()[0] == "Owner" and names()[-1] == "Staff"
    assert names("?state=overdue") == ["Owner"] and names("?state=confirmed") == ["Staff"]
    assert "Staff" not in names("?state=open") and len(names("?state=open")) == 5
    assert names("?q=owner") == ["Owner"]


def test_the_spreadsheet_is_evidence_of_old_revisions_too_and_runs_no_formula(here, policy, effective):
    named = make_user(name="=1+1", email="one@acme.example")
    grant(named, Role.STAFF, here.project)
    services.give(document=policy, by=here.controller, audience="role", role="staff")
    services.acknowledge(revision=effective, by=named)
    make_effective(policy, by=here.consultant, decider=here.boss, body="# Second")
    late(here.staff)

    answer = of(here.auditor).get(url("document-distribution-export", policy))

    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    readers, record = (list(sheet.values) for sheet in book)
    rows = {row[0]: row for row in readers[1:]}
    assert rows["=1+1"][2] == 2 and rows["=1+1"][4:] == ("open", None, None)
    assert rows["Staff"][4] == "overdue"
    assert record[1][1:] == (1, "=1+1", "Staff", "one@acme.example")
    at = Acknowledgement.objects.get().acknowledged_at
    assert abs(record[1][0].replace(tzinfo=dt.UTC) - at) < dt.timedelta(seconds=1)
    assert book.worksheets[1]["C2"].data_type == "s"


def test_progress_by_person_over_all_documents(here, policy, effective):
    services.give(document=policy, by=here.controller, audience="everybody")
    second = make_document(here.project, here.consultant, title="Second")
    other = make_effective(second, by=here.consultant, decider=here.boss)
    services.give(document=second, by=here.controller, audience="person", person=here.staff)
    services.acknowledge(revision=other, by=here.staff)
    late(here.staff)
    client = of(here.auditor)

    page = client.get(url("reading-people", here.project) + "?q=staff")
    ((standing, address),) = page.context["rows"]

    assert standing.progress == (2, 1, 1) and page.context["total"] == (7, 1, 1)
    mine = client.get(address)
    assert [row.document.title for row in mine.context["page"].object_list] == ["Policy", "Second"]
    assert [row.document.title for row in client.get(address + "?state=confirmed").context["page"].object_list] == [
        "Second"
    ]
    assert client.get(url("reading-person", here.project, pk=make_user().pk)).status_code == 404
    book = openpyxl.load_workbook(io.BytesIO(client.get(url("reading-export", here.project)).content))
    figures = {row[0]: row[2:] for row in book.worksheets[0].values}
    assert figures["Staff"] == (2, 1, 1, 1)
    assert ("Staff", policy.code, "Policy", 1) in [row[:4] for row in book.worksheets[1].values]


def test_pages_of_progress_cost_the_same_with_three_thousand_documents_and_five_hundred_readers(
    here, policy, effective
):
    services.give(document=policy, by=here.controller, audience="everybody")
    client = of(here.controller)
    pages = [url("document-distribution", policy), url("reading-people", here.project),
             url("reading-person", here.project, pk=here.staff.pk)]  # fmt: skip
    few = []
    for page, most in zip(pages, (18, 12, 12), strict=True):
        client.get(page)
        with queries(most) as sent:
            client.get(page)
        few.append(len(sent))

    crowd(here, 500)
    services.keep_project(here.project)
    many(here, 3_000)

    assert [count_queries(lambda p=page: client.get(p)) for page in pages] == few
    assert client.get(pages[0]).context["progress"].asked == 506
    assert client.get(pages[1]).context["page"].paginator.count == 506


def crowd(here, count):
    """Members of staff as rows."""
    from django.contrib.auth.models import Permission

    from accounts.models import User

    people = User.objects.bulk_create(User(email=f"n{k}@crowd.example", name=f"Reader {k:03d}") for k in range(count))
    held = ProjectUserGrant.objects.filter(user=here.staff).first()
    ProjectUserGrant.objects.bulk_create(
        ProjectUserGrant(
            user=one, permission=Permission.objects.get(pk=held.permission_id), content_object=here.project
        )
        for one in people
    )
    return people


# ---- the readings follow the team ------------------------------------------------------------------------------------


def test_readers_are_those_whom_the_grants_name(here):
    firm_side, gone = make_user(name="Gone", is_active=False), make_user(name="Certifier")
    grant(firm_side, Role.STAFF, here.project)
    grant(gone, Role.CERTIFICATION_AUDITOR, here.project)
    expired = make_user(name="Expired")
    grant(expired, Role.STAFF, here.project, expires_at=timezone.now() - dt.timedelta(hours=1))
    admin = make_user(name="Admin")
    grant(admin, Role.CLIENT_ADMIN, here.project.organization)

    with queries(1):
        team = audience.team_of(here.project)

    assert team.by_role["staff"] == {here.staff.pk} and team.by_role["client_admin"] == {admin.pk}
    readers = access.people_as(here.project, audience.EVERYBODY).values_list("pk", flat=True)
    assert team.everybody == set(readers)


def test_what_is_in_order_is_not_written_again(here, policy, effective):
    services.give(document=policy, by=here.controller, audience="everybody")
    many(here, 30, person=here.staff)
    services.keep_project(here.project)  # the others of the team are asked about the thirty

    assert Reading.objects.count() == 6 * 31
    with queries(12):
        assert services.keep_project(here.project) == 0
    ProjectUserGrant.objects.filter(user=here.staff).delete()
    assert services.keep_project(here.project) == 31
    assert not Reading.objects.filter(person=here.staff).exists()
