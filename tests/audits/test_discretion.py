"""What is seen in an audit stays with its auditors until the report is issued, in the journal too. (ISO 19011:2018, 4 d)"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from audits.flows import AuditStatus
from audits.models import Audit
from audits.services import answering
from audits.services import audit as audits
from projects import journal
from projects.services import evidence
from search.models import SearchEntry
from tests.factories.audits import WorkingCast

pytestmark = pytest.mark.django_db
SEEN = "The safe stands open"


@pytest.fixture
def cast():
    cast = WorkingCast()
    line = cast.generate()[0]
    cast.noted = cast.finding(statement=SEEN, line=line)
    return cast


def reads(cast, person, name="projects:changes") -> str:
    client = Client()
    client.force_login(person, backend="accounts.backends.Backend")
    answer = client.get(reverse(name, kwargs=cast.project.address))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("name", ["projects:changes", "projects:journal", "projects:project-home"])
def test_a_finding_is_told_and_linked_where_it_may_be_opened(cast, name):
    leads_there = f'href="{cast.noted.get_absolute_url()}"'
    assert leads_there in reads(cast, cast.second, name)

    before = reads(cast, cast.manager, name)
    assert SEEN not in before and leads_there not in before

    Audit.objects.filter(pk=cast.audit.pk).update(status=AuditStatus.ISSUED)
    assert leads_there in reads(cast, cast.manager, name)


def test_lines_of_the_checklist_stay_working_papers(cast):
    line = cast.audit.lines.order_by("pk").last()
    answering.answer(line=line, by=cast.lead, version=line.version, values={"result": "conform", "evidence": "Seen"})
    Audit.objects.filter(pk=cast.audit.pk).update(status=AuditStatus.ISSUED)

    assert "noted at the line" in reads(cast, cast.second)
    assert "noted at the line" not in reads(cast, cast.manager)


def test_a_finding_is_found_from_the_day_its_report_is_issued(cast, django_capture_on_commit_callbacks):
    found = SearchEntry.objects.filter(kind="finding", subject_id=cast.noted.pk)
    with django_capture_on_commit_callbacks(execute=True):
        evidence.add_link(record=cast.noted, link="https://example.org/safe", by=cast.lead)
    assert not found.exists()
    Audit.objects.filter(pk=cast.audit.pk).update(status=AuditStatus.REPORTED)

    with django_capture_on_commit_callbacks(execute=True), journal.change(cast.project, by=cast.lead) as log:
        audits.issue(audit=cast.audit, by=cast.lead, log=log)

    assert found.get().title == SEEN
