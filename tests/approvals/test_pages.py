"""Inbox, list, asking, withdrawing, delegating, proof: each page once, its rights and its budget."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import io
import json

import openpyxl
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import timezone

from approvals import subjects
from approvals.models import Approval, Approver, CertifiedPdf, Content, Delegation, Step
from approvals.selectors import approval as selectors
from approvals.selectors import inbox
from approvals.services import delegation, force, request
from core.rules import RuleBroken
from projects import awaiting, reminders
from projects.flow import NotPermitted
from projects.models import JournalEntry
from projects.permissions import Role, perms_of
from tests.factories.projects import grant, make_project, make_task, make_user
from tests.helpers.budget import queries

from .conftest import change, sign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet():
    cache.clear()


def of(person):
    client = Client()
    client.force_login(person, backend="accounts.backends.Backend")
    return client


def approvals_of(project):
    return f"/org/{project.organization.slug}/{project.slug}/approvals/"


def many(people, count, decider):
    """Requests as rows, all awaiting one person."""
    today, now = timezone.localdate(), timezone.now()
    owned = {"organization_id": people.project.organization_id, "project": people.project}
    contents = Content.objects.bulk_create(
        Content(**owned, subject_kind="text", subject_id=10_000 + k, title=f"Text {k}", snapshot="{}", document="",
                digest="0" * 64, frozen_at=now) for k in range(count)
    )  # fmt: skip
    rows = Approval.objects.bulk_create(
        Approval(**owned, number=1_000 + k, content=content, subject_kind="text", subject_id=10_000 + k,
                 title=f"Text {k}", meaning="Yes", created_by=people.manager, due_on=today + dt.timedelta(days=k % 30))
        for k, content in enumerate(contents)
    )  # fmt: skip
    steps = Step.objects.bulk_create(Step(approval=row, position=1, needed=1) for row in rows)
    Approver.objects.bulk_create(
        Approver(**owned, step=step, person=decider, name=str(decider), role=Role.TOP_MANAGEMENT, awaited_since=now)
        for step in steps
    )


# ---- inbox -----------------------------------------------------------------------------------------------------------


def test_the_inbox_lists_the_oldest_due_first_over_all_organizations(people, ask):
    me = people.deciders[0]
    other = make_project()
    grant(me, Role.TOP_MANAGEMENT, other)
    asker = make_user()
    grant(asker, Role.PROJECT_MANAGER, other)
    far = make_task(other, "Far")
    today = timezone.localdate()
    ask(due_on=today + dt.timedelta(days=9))
    request.ask(kind="text", project=other, pk=far.pk, by=asker, steps=[request.Planned([me])],
                due_on=today + dt.timedelta(days=2))  # fmt: skip

    page = of(me).get("/decisions/")

    assert [row.approval.title for row in page.context["rows"]] == ["Far", "Policy"]
    assert other.organization.name.encode() in page.content
    assert list(of(people.deciders[1]).get("/decisions/").context["rows"]) == []
    assert b"No decision awaits you" in of(people.deciders[1]).get("/decisions/").content


def test_the_inbox_costs_ten_queries_with_five_hundred_pending(people, ask):
    client = of(people.deciders[0])
    ask()
    client.get("/decisions/")
    with queries(10):
        client.get("/decisions/")

    many(people, 500, people.deciders[0])

    with queries(10):
        page = client.get("/decisions/")
    assert page.context["page"].paginator.count == 501 and len(page.context["rows"]) == 50
    with queries(1):
        assert inbox.count(people.deciders[0]) == 501


def test_the_inbox_forgets_what_is_signed_asked_by_oneself_or_out_of_reach(people, ask):
    from projects.models import ProjectUserGrant

    a, b = people.deciders[:2]
    approval = ask([a, b])
    assert (inbox.count(a), inbox.count(b)) == (1, 1)
    sign(approval, a)
    ProjectUserGrant.objects.filter(user=b).delete()

    assert (inbox.count(a), inbox.count(b)) == (0, 0)
    assert not inbox.awaiting(a).exists() and not inbox.awaiting(b).exists()


def test_a_delegate_finds_what_awaits_the_other(people, ask):
    giver, delegate = people.deciders[:2]
    ask([giver])
    today = timezone.localdate()
    delegation.give(organization=people.project.organization, person=giver, delegate=delegate, by=giver,
                    starts_on=today, ends_on=today, reason="Ill")  # fmt: skip

    page = of(delegate).get("/decisions/")

    assert f"on behalf of {giver}".encode() in page.content


def test_lists_of_projects_know_what_they_wait_for_and_reminders_whom(people, ask):
    approval = ask(people.deciders[:2], due_on=timezone.localdate() + dt.timedelta(days=3))

    with queries(1):
        (found,) = inbox.awaited([people.project.pk])[people.project.pk]
    assert (found.label, found.who, found.url) == ("Policy", "Decider 0 and Decider 1", approval.get_absolute_url())
    assert inbox.awaited in awaiting._answers
    source = reminders.of("approval")
    columns = ("project_id", source.owner, source.due, source.number, source.title, "version", "updated_at")
    rows = list(source.rows().values_list(*columns))
    assert [row[1] for row in rows] == [people.deciders[0].pk, people.deciders[1].pk]
    assert {row[3:5] for row in rows} == {(1, "Policy")}


# ---- list ------------------------------------------------------------------------------------------------------------


def test_the_list_filters_sorts_and_costs_the_same_for_one_and_for_fifty(people, ask):
    sign(ask(), people.deciders[0])
    here = approvals_of(people.project)
    client = of(people.author)
    client.get(here)
    with queries(12):
        page = client.get(here)
    assert [row.label for row in page.context["page"]] == ["A-001"]
    many(people, 60, people.deciders[0])
    with queries(12):
        page = client.get(here)
    assert len(page.context["page"].object_list) == 50

    assert client.get(f"{here}?status=approved").context["page"].paginator.count == 1
    assert client.get(f"{here}?q=Text 7").context["page"].paginator.count == 1
    assert client.get(f"{here}?q=A-1007").context["page"].object_list[0].title == "Text 7"
    assert client.get(f"{here}?kind=text&sort=title&status=nonsense&page=x").status_code == 200
    for status in ("open", "approved", "rejected", "withdrawn", "void"):
        assert client.get(f"{here}?status={status}").status_code == 200
    assert b"No approval matches" in client.get(f"{here}?q=nothing").content


def test_an_empty_list_says_what_it_is_for(people):
    page = of(people.author).get(approvals_of(people.project))
    assert b"Nothing was put to a decision yet" in page.content


def test_the_workbook_has_the_filtered_rows_as_text(people, ask):
    people.text.title = "=HYPERLINK(1)"
    people.text._change_reason = ""
    people.text.save()
    ask()
    answer = of(people.author).get(f"{approvals_of(people.project)}export/")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert [cell.value for cell in sheet[2]][:4] == ["A-001", "=HYPERLINK(1)", "Text", "Awaiting a decision"]
    assert sheet["B2"].data_type == "s" and sheet["J2"].value == "Decider 0"


# ---- asking ----------------------------------------------------------------------------------------------------------


def test_the_form_offers_who_may_decide_presets_top_management_and_asks(people):
    grant(people.author, Role.TOP_MANAGEMENT, people.project)
    address = f"{approvals_of(people.project)}new/text/{people.text.pk}/"
    client = of(people.manager)

    page = client.get(address)

    form = page.context["form"]
    assert {one.person for one in form.candidates} == set(people.deciders)
    assert [(one.person, one.barred) for one in form.barred] == [(people.author, "wrote or last edited it")]
    assert {field.value() for _one, field in form.rows} == {"1"}
    a, b, c = people.deciders[:3]
    values = {
        f"person_{a.pk}": "1", f"person_{b.pk}": "1", f"person_{c.pk}": "3", "needed_1": "1", "is_in_sequence": "yes",
        "note": "Look.", "due_on": (timezone.localdate() + dt.timedelta(days=5)).isoformat(),
        "once": form.initial["once"],
    }  # fmt: skip
    answers = [client.post(address, values) for _k in range(2)]

    approval = Approval.objects.get()
    assert [answer["Location"] for answer in answers] == [approval.get_absolute_url()] * 2
    assert [(s.position, s.needed, s.approvers.count()) for s in approval.steps.all()] == [(1, 1, 2), (2, 1, 1)]
    assert b"A decision is awaited already" in client.get(address).content


def test_what_is_wrong_lands_on_the_form_with_everything_typed(people):
    address = f"{approvals_of(people.project)}new/text/{people.text.pk}/"
    client = of(people.manager)
    nobody = client.post(address, {"note": "Please look."})
    assert nobody.status_code == 422 and b"at least one person" in nobody.content and b"Please look." in nobody.content
    late = client.post(address, {f"person_{people.deciders[0].pk}": "1", "due_on": "2020-01-01", "note": "Soon."})
    assert late.status_code == 422 and b"has passed" in late.content and b"Soon." in late.content
    stranger = make_user()
    forged = client.post(address, {f"person_{stranger.pk}": "1"})
    assert forged.status_code == 422 and not Approval.objects.exists()


def test_obstacles_are_listed_with_links(people, monkeypatch):
    from approvals import subjects

    kind = subjects.of("text")
    blocked = [subjects.Obstacle("Section 7 is empty.", "/there/"), "Something else."]
    monkeypatch.setitem(subjects._subjects, "text", type(kind)(**{**vars(kind), "obstacles": lambda task: blocked}))
    address = f"{approvals_of(people.project)}new/text/{people.text.pk}/"
    page = of(people.manager).get(address)
    assert b'<a href="/there/">Section 7 is empty.</a>' in page.content and b"Something else." in page.content
    assert b'<form method="post" data-draft' not in page.content
    forced = of(people.manager).post(address, {f"person_{people.deciders[0].pk}": "1"})
    assert forced.status_code == 422 and not Approval.objects.exists()


def test_asking_is_for_those_who_may_and_about_records_of_the_project(people):
    here = approvals_of(people.project)
    other = make_task(make_project(), "Foreign")
    assert of(people.deciders[0]).get(f"{here}new/text/{people.text.pk}/").status_code == 403
    assert of(make_user()).get(f"{here}new/text/{people.text.pk}/").status_code == 404
    assert of(people.manager).get(f"{here}new/text/{other.pk}/").status_code == 404
    assert of(people.manager).get(f"{here}new/nothing/{people.text.pk}/").status_code == 404
    assert of(people.manager).put(f"{here}new/text/{people.text.pk}/").status_code == 405


def test_withdrawing_by_the_button(people, ask):
    approval = ask()
    address = f"{approval.get_absolute_url()}withdraw/"
    assert of(people.deciders[0]).post(address, {"reason": "No"}).status_code == 403
    said = of(people.manager).post(address, {"reason": " "}, follow=True)
    assert b"Say why the request is withdrawn" in said.content
    of(people.manager).post(address, {"reason": "Wrong text"})
    assert Approval.objects.get().ended_because == "Wrong text"


# ---- the panel of a record -------------------------------------------------------------------------------------------


def panel(people, person):
    asked = RequestFactory().get("/")
    asked.user, asked.project, asked.organization = person, people.project, people.project.organization
    from projects import access

    asked.perms_here = perms_of(access.roles_of(person, people.project))
    template = Template('{% load approvals %}{% approval_panel "text" record %}')
    return template.render(Context({"request": asked, "record": people.text}))


def test_the_panel_says_how_the_record_stands(people, ask):
    assert "Not approved yet." in panel(people, people.manager)
    approval = ask()
    assert "from Decider 0" in panel(people, people.manager)
    assert "Ask for approval" not in panel(people, people.manager)
    assert "Read and decide" in panel(people, people.deciders[0])
    sign(approval, people.deciders[0])
    assert "edition 1" in panel(people, people.author) and "Certificate" in panel(people, people.author)
    assert "Ask for approval" not in panel(people, people.manager), "what is approved and unchanged is not asked again"
    change(people.text, people.author, "Other words.")
    assert "Ask for approval" in panel(people, people.manager)
    assert "the working copy differs in 1 place" in panel(people, people.manager)
    sign(ask(), people.deciders[0], "rejected", "Not yet.")
    shown = panel(people, people.manager)
    assert "Not yet." in shown and "Ask for approval" in shown
    with queries(5):
        selectors.standing_of("text", people.text)


def test_the_panel_tells_the_reservations_of_the_edition_in_force(people, ask):
    sign(ask(), people.deciders[0], "reserved", "Only until the move.")

    shown = panel(people, people.manager)

    assert "Approved with reservations" in shown and "Reservation of Decider 0: Only until the move." in shown
    assert "Ask for approval" in shown, "once the reservation is settled, its decider can be asked again"


def test_an_edition_whose_day_has_not_come_leaves_the_one_before_in_force(people, ask, monkeypatch):
    sign(ask(), people.deciders[0])
    change(people.text, people.author, "Words of next year.")
    waiting = dataclasses.replace(subjects.of("text"), waits=lambda record: True)
    monkeypatch.setitem(subjects._subjects, "text", waiting)
    ahead = ask()
    sign(ahead, people.deciders[0])
    ahead.refresh_from_db()

    shown = panel(people, people.manager)

    assert ahead.is_ahead and "Approved, not in force yet" in shown and "differs" not in shown
    assert "Ask for approval" not in shown
    assert list(Approval.objects.filter(is_in_force=True).values_list("edition", flat=True)) == [1]
    force.begin(ahead)
    assert list(Approval.objects.filter(is_in_force=True).values_list("edition", flat=True)) == [2]
    assert not Approval.objects.get(edition=1).is_ahead


# ---- delegation ------------------------------------------------------------------------------------------------------


def test_a_person_lets_another_decide_and_ends_it(people):
    me, other = people.deciders[:2]
    today = timezone.localdate()
    client = of(me)
    values = {
        "organization": people.project.organization.slug, "delegate": other.pk, "starts_on": today.isoformat(),
        "ends_on": (today + dt.timedelta(days=9)).isoformat(), "reason": "Holidays",
    }  # fmt: skip
    assert client.post("/decisions/delegations/", values).status_code == 303
    held = Delegation.objects.get()
    assert (held.person, held.delegate, held.reason) == (me, other, "Holidays")
    assert "I decide for" in of(other).get("/decisions/delegations/").content.decode()
    again = client.post("/decisions/delegations/", values)
    assert again.status_code == 422 and b"decides for you already" in again.content

    assert of(other).post(f"/decisions/delegations/{held.pk}/end/").status_code == 404
    client.post(f"/decisions/delegations/{held.pk}/end/")

    assert Delegation.objects.get().ended_at is not None
    assert list(JournalEntry.objects.order_by("seq").values_list("action", flat=True)) == [
        "delegation.given", "delegation.ended",
    ]  # fmt: skip


def test_nobody_gives_away_to_strangers_themselves_or_for_others(people):
    me, other, stranger = people.deciders[0], people.deciders[1], make_user()
    today = timezone.localdate()

    def give(**more):
        values = {
            "organization": people.project.organization, "person": me, "delegate": other, "by": me,
            "starts_on": today, "ends_on": today, "reason": "Ill",
        }  # fmt: skip
        return delegation.give(**(values | more))

    for wrong in (
        {"delegate": stranger}, {"delegate": me}, {"reason": " "}, {"ends_on": today - dt.timedelta(days=1)},
        {"ends_on": today + dt.timedelta(days=400)},
    ):  # fmt: skip
        with pytest.raises(RuleBroken):
            give(**wrong)
    with pytest.raises(NotPermitted):
        give(by=other)
    with pytest.raises(NotPermitted):
        give(person=stranger, by=stranger)
    assert not Delegation.objects.exists()


# ---- proof -----------------------------------------------------------------------------------------------------------


def test_the_certificate_carries_everything_an_auditor_compares(people, ask):
    approval = ask()
    signature = sign(approval, people.deciders[0], comment="Go.")
    entry = JournalEntry.objects.get(action="approval.signed")
    page = of(people.author).get(f"{approval.get_absolute_url()}certificate/").content.decode()
    for said in (
        "Decider 0", "Top management", signature.meaning, "Go.", signature.digest, signature.record_hash, "password",
        entry.hash, f"{signature.signed_at:%Y-%m-%d %H:%M:%S.%f} UTC", "/verify/",
    ):  # fmt: skip
        assert said in page, said


def test_the_export_is_for_readers_of_the_journal(people, ask):
    approval = ask()
    sign(approval, people.deciders[0])
    owner = make_user()
    grant(owner, Role.PROCESS_OWNER, people.project)
    assert of(owner).get(f"{approval.get_absolute_url()}signatures/").status_code == 403
    body = json.loads(of(people.manager).get(f"{approval.get_absolute_url()}signatures/").content)
    assert body["content"]["digest"] == approval.content.digest and len(body["signatures"]) == 1


def test_the_page_says_that_the_signatures_hold_or_which_one_does_not(people, ask):
    from .test_verifying import past_the_triggers

    address = f"{approvals_of(people.project)}hold/"
    client = of(people.manager)
    assert b"There is no signature yet" in client.get(address).content
    signature = sign(ask(), people.deciders[0], comment="Go.")
    assert b"They hold" in client.get(address).content
    past_the_triggers(
        "approvals_signature", "UPDATE approvals_signature SET comment = 'Stop.' WHERE id = %s", signature.pk
    )
    assert f"signature {signature.pk}".encode() in client.get(address).content


def test_anybody_learns_of_a_pdf_whether_it_is_approved_and_nothing_else(people, ask):
    approval = ask()
    sign(approval, people.deciders[0])
    data = b"%PDF-1.7 signed %%EOF"
    CertifiedPdf.objects.create(
        organization=people.project.organization, project=people.project, approval=approval, pages=1,
        sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data), made_at=timezone.now(),
    )  # fmt: skip

    def check(content, name="x.pdf"):
        return Client().post("/verify/", {"file": SimpleUploadedFile(name, content)})

    found = check(data)
    assert b"Approved, and in force" in found.content and b"edition 1" in found.content
    assert b"Decider" not in found.content and b"promises" not in found.content
    assert b"Not known here" in check(data + b" ").content
    assert check(b"").status_code == 422 and Client().post("/verify/").status_code == 422
    change(people.text, people.author, "Other words.")
    sign(ask(), people.deciders[0])
    assert b"no longer in force" in check(data).content


def test_checking_is_throttled(people):
    client = Client()
    answers = [client.post("/verify/", {"file": SimpleUploadedFile("x.pdf", b"x")}).status_code for _k in range(31)]
    assert answers == [200] * 30 + [429]


def test_who_decides_sees_the_page_in_the_navigation_and_others_do_not(people, ask):
    ask()
    assert b'href="/decisions/"' in of(people.deciders[0]).get(approvals_of(people.project)).content
    assert b'href="/decisions/"' not in of(people.author).get(approvals_of(people.project)).content
