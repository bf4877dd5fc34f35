"""Evidence of a task: handed in, read, withdrawn; and what is left behind by a crash.

What every sort of record shares, and citing, stands in test_evidencing.py."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from core import files
from core.rules import RuleBroken
from projects import flow, sweeps
from projects.models import Evidence, JournalEntry
from projects.permissions import Role
from projects.services import evidence as services
from tests.factories.projects import grant, make_task, make_user
from tests.helpers import stores

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(autouse=True, params=stores.KINDS)
def own_storage(request, settings, tmp_path):
    with stores.use(request.param, settings, tmp_path):
        yield


def stored():
    return [*stores.contents()]


def upload(name="Plan.pdf", data=PDF):
    return SimpleUploadedFile(name, data, content_type="text/html")


def adding(crew, task):
    return crew.url("evidence-add", kind="projects.task", target=task.pk)


def hand_in(client, crew, task, **data):
    return client.post(adding(crew, task), data)


def test_a_file_is_handed_in_and_read_by_who_may_see_the_task(crew):
    task = crew.task(assignee=crew.staff)

    response = hand_in(crew.client("staff"), crew, task, file=upload("../Pl\u202eän .pdf"), title="The plan")

    one = Evidence.objects.get()
    assert (response.status_code, one.title, one.file_name, one.added_by) == (303, "The plan", "Plän.pdf", crew.staff)
    task.refresh_from_db()
    assert task.evidence_count == 1
    assert JournalEntry.objects.get(action="task.evidence_added").changes["sha256"] == one.sha256
    url = crew.url("evidence-file", pk=one.pk)
    for who in ("staff", "manager", "certifier"):
        got = crew.client(who).get(url)
        assert b"".join(got.streaming_content) == PDF
        assert got["Content-Disposition"].startswith("attachment;")
        assert got["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in got["Content-Security-Policy"]
        assert "no-store" in got["Cache-Control"]
    assert crew.client("stranger").get(url).status_code == 404


def test_staff_do_not_reach_evidence_of_others_and_no_key_reaches_another_project(crew):
    task = crew.task(assignee=crew.owner)
    one = services.add_file(record=task, upload=upload(), by=crew.owner)
    theirs = services.add_file(record=make_task(crew.other), upload=upload(), by=crew.stranger)

    for name in ("evidence-file", "evidence-withdraw"):
        assert crew.client("staff").get(crew.url(name, pk=one.pk)).status_code == 404
        assert crew.client("manager").get(crew.url(name, pk=theirs.pk)).status_code == 404
        assert crew.client("manager").get(crew.url(name, pk=10**20)).status_code == 404
    client = crew.client("manager")
    assert client.post(crew.url("evidence-withdraw", pk=theirs.pk), {"reason": "x"}).status_code == 404
    for wrong in (theirs.target_id, 10**20):
        url = crew.url("evidence-add", kind="projects.task", target=wrong)
        assert (client.get(url).status_code, client.post(url, {"link": "https://a.example"}).status_code) == (404, 404)
    for kind in ("projects.project", "accounts.user", "nothing", "projects.Task"):
        assert client.get(crew.url("evidence-add", kind=kind, target=task.pk)).status_code == 404
    assert crew.client("staff").get(adding(crew, task)).status_code == 404
    assert Evidence.objects.count() == 2 and not Evidence.objects.exclude(withdrawn_at=None).exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"file": ("a.pdf", b"<html>")}, "is not a PDF file"),
        ({"file": ("a.exe", b"MZ")}, "is not accepted"),
        ({"file": ("a.pdf", b"")}, "is empty"),
        ({"link": "javascript:alert(1)"}, "no web address"),
        ({"link": "ftp://example.org/x"}, "no web address"),
        ({"link": "https://" + "x" * 1000}, "at most 1000"),
        ({"link": "//evil.example"}, "no web address"),
        ({}, "Choose a file or enter a link"),
        ({"file": ("a.pdf", PDF), "link": "https://example.org"}, "one after the other"),
    ],
)
def test_what_is_refused_says_why_keeps_what_was_typed_and_stores_nothing(crew, data, words):
    task = crew.task(assignee=crew.staff)
    if "file" in data:
        data = {**data, "file": upload(*data["file"])}

    response = hand_in(crew.client("staff"), crew, task, title="What I typed", **data)

    text = response.content.decode()
    assert response.status_code == 422
    assert words in text
    assert 'value="What I typed"' in text
    assert "<html>" not in text.replace("<html lang", "")
    assert (Evidence.objects.count(), stored()) == (0, [])


def test_too_large_is_told_without_reading_it_all(crew, settings):
    settings.MAX_UPLOAD_MB = 1
    task = crew.task(assignee=crew.staff)

    response = hand_in(crew.client("staff"), crew, task, file=upload("a.pdf", PDF + b"x" * 4_000_000))

    assert response.status_code == 422
    assert "larger than 1 MB" in response.content.decode()
    assert stored() == []


def test_a_link_is_evidence_too(crew):
    task = crew.task(assignee=crew.staff)

    hand_in(crew.client("staff"), crew, task, link="https://intranet.example/plan?a=1")

    text = crew.client("staff").get(crew.url("task-detail", number=task.label)).content.decode()
    assert 'href="https://intranet.example/plan?a=1" rel="noopener noreferrer nofollow" target="_blank"' in text
    one = Evidence.objects.get()
    assert one.title == "intranet.example"
    assert crew.client("staff").get(crew.url("evidence-file", pk=one.pk)).status_code == 404


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://", "", "x" * 9]
)
def test_no_other_kind_of_link_gets_past_the_service(crew, link):
    with pytest.raises(RuleBroken):
        services.add_link(record=crew.task(), link=link, by=crew.manager)


def test_a_form_posted_twice_is_one_piece_of_evidence(crew):
    task = crew.task(assignee=crew.staff)
    client = crew.client("staff")
    page = client.get(crew.url("task-detail", number=task.label)).content.decode()
    once = re.search(r'data-draft="evidence-.*?name="once" value="([^"]+)"', page, re.DOTALL)[1]

    for _n in range(2):
        assert hand_in(client, crew, task, link="https://example.org", once=once).status_code == 303

    assert Evidence.objects.count() == 1


@pytest.mark.parametrize("who", ["owner", "auditor", "certifier"])
def test_who_does_not_do_the_work_hands_nothing_in(crew, who):
    task = crew.task(assignee=crew.staff)

    assert hand_in(crew.client(who), crew, task, file=upload()).status_code == 403
    with pytest.raises(flow.NotPermitted):
        services.add_file(record=task, upload=upload(), by=getattr(crew, who))

    assert stored() == []


def test_evidence_is_withdrawn_with_a_reason_and_the_row_stays(crew):
    task = crew.task(assignee=crew.staff)
    one = services.add_file(record=task, upload=upload(), by=crew.staff)
    url = crew.url("evidence-withdraw", pk=one.pk)
    download = crew.url("evidence-file", pk=one.pk)
    client = crew.client("staff")

    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "The wrong plan"}).status_code == 303

    one.refresh_from_db()
    task.refresh_from_db()
    assert (one.withdrawn_reason, task.evidence_count, len(stored())) == ("The wrong plan", 0, 1)
    assert JournalEntry.objects.get(action="task.evidence_withdrawn").reason == "The wrong plan"
    assert "The wrong plan" in client.get(crew.url("task-detail", number=task.label)).content.decode()
    assert client.get(download).status_code == 404
    assert crew.client("manager").get(download).status_code == 200
    assert "withdrawn already" in client.post(url, {"reason": "again"}).content.decode()


def test_nobody_withdraws_what_another_one_added_but_who_manages_tasks(crew):
    task = crew.task(assignee=crew.staff)
    one = services.add_link(record=task, link="https://example.org", by=crew.manager)
    url = crew.url("evidence-withdraw", pk=one.pk)

    assert crew.client("staff").post(url, {"reason": "x"}).status_code == 403
    assert crew.client("manager").post(url, {"reason": "x"}).status_code == 303


def test_two_organizations_never_share_a_stored_file(crew):
    services.add_file(record=crew.task(), upload=upload(), by=crew.manager)
    services.add_file(record=make_task(crew.other), upload=upload(), by=crew.stranger)

    assert len(stored()) == 2


def test_a_file_that_the_storage_lost_is_told_in_words(crew):
    task = crew.task()
    one = services.add_file(record=task, upload=upload(), by=crew.manager)
    default_storage.delete(stored()[0])

    response = crew.client("manager").get(crew.url("evidence-file", pk=one.pk))

    assert response.status_code == 410
    assert one.sha256 in response.content.decode()


def test_a_role_that_ended_opens_no_file_any_more(crew):
    task = crew.task()
    one = services.add_file(record=task, upload=upload(), by=crew.manager)
    person = make_user()
    held = grant(person, Role.CERTIFICATION_AUDITOR, crew.project)
    crew.guest = person
    client, url = crew.client("guest"), crew.url("evidence-file", pk=one.pk)
    assert client.get(url).status_code == 200

    held.expires_at = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    held.save()

    assert client.get(url).status_code == 404


def test_the_nightly_sweep_keeps_what_a_record_names(crew):
    services.add_file(record=crew.task(), upload=upload(), by=crew.manager)
    files.keep(upload("b.txt", b"left by a crash"), organization_id=crew.project.organization_id)
    later = timezone.now() + dt.timedelta(hours=25)

    with time_machine.travel(later, tick=True):
        assert sweeps.sweep()["files"] == 1

    assert [*stores.contents().values()] == [PDF]
