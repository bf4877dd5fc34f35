"""The journal as people read it, verify it and take it along."""

from __future__ import annotations

import datetime as dt
import io
import json

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import append_only
from projects.models import JournalEntry, PlanActivity
from projects.permissions import Role
from projects.selectors import journal as selectors
from projects.services import plan, task
from tests.factories.projects import grant, make_project, make_user


@pytest.fixture
def told(crew):
    """Three entries of the project by two people on two days, and two of another project of the organization."""
    with time_machine.travel(dt.datetime(2026, 3, 9, 9, 0, tzinfo=dt.UTC), tick=False):
        PlanActivity.objects.filter(project=crew.project).update(dates_are_manual=True)  # nothing moves along
        task.create(project=crew.project, by=crew.manager, title="First", activity=crew.activity)
        plan.move(activity=crew.activity, name="start", by=crew.manager)
    with time_machine.travel(dt.datetime(2026, 3, 10, 22, 30, tzinfo=dt.UTC), tick=False):
        plan.move(activity=crew.activity, name="exclude", by=crew.manager, reason="Because <b>so</b>")
        second = make_project(crew.project.organization, slug="second")
        task.create(project=second, by=crew.manager, title="Of another project CANARY")
    crew.second = second
    return crew


def shown(crew, query: str = "", who: str = "manager") -> list[str]:
    response = crew.client(who).get(crew.url("journal") + query)
    assert response.status_code == 200
    return [line.entry.action for line in response.context["page"].told]


def test_the_journal_tells_who_did_what_newest_first(told):
    text = told.client("manager").get(told.url("journal")).content.decode()

    assert shown(told) == ["activity.exclude", "task.cancelled_with_activity", "activity.start", "task.created"]
    assert "excluded activity" in text
    assert "Because &lt;b&gt;so&lt;/b&gt;" in text
    assert "Sealed" in text
    assert JournalEntry.objects.get(action="activity.exclude").hash[:10] in text
    assert "CANARY" not in text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?action=activity", 2), ("?action=activity.start", 1), ("?action=task.created", 1), ("?action=odd", 4),
        ("?target=T-001", 2), ("?target=first", 2), ("?target=nothing", 0), ("?target=%00", 4),
        ("?since=2026-03-10", 2), ("?until=2026-03-09", 2), ("?until=2026-03-10", 4), ("?since=2026-03-11", 0),
        ("?since=0001-01-01&until=9999-12-31", 4), ("?since=2026-02-30", 4), ("?since=x", 4),
        ("?person=999999", 4), ("?person=99999999999999999999", 4), ("?person=-1", 4), ("?person=%C2%B2", 4),
        ("?before=3", 2), ("?before=0", 0), ("?after=2", 2), ("?after=99999999999999999999", 4), ("?before=x", 4),
        (f"?before={'9' * 5000}", 4),
    ],
)  # fmt: skip
def test_the_journal_is_filtered_and_odd_filters_are_none(told, query, count):
    assert len(shown(told, query)) == count


def test_a_person_is_chosen_among_those_of_the_project(told):
    assert len(shown(told, f"?person={told.manager.pk}")) == 4
    assert len(shown(told, f"?person={told.owner.pk}")) == 0
    text = told.client("manager").get(told.url("journal")).content.decode()
    assert "Sten Stranger" not in text


def test_pages_lead_to_older_and_newer_entries_without_counting(told, monkeypatch):
    monkeypatch.setattr(selectors, "PAGE", 2)
    client = told.client("manager")

    first = client.get(told.url("journal")).context["page"]
    second = client.get(told.url("journal") + f"?before={first.older}").context["page"]
    back = client.get(told.url("journal") + f"?after={second.newer}").context["page"]

    assert [[x.entry.seq for x in page.told] for page in (first, second, back)] == [[4, 3], [2, 1], [4, 3]]
    assert (first.newer, second.older) == (None, None)


def test_only_readers_of_the_whole_organization_see_other_projects(told):
    admin = make_user()
    grant(admin, Role.CLIENT_ADMIN, told.project.organization)
    told.admin = admin

    assert "CANARY" not in told.client("manager").get(told.url("journal") + "?scope=organization").content.decode()
    assert "CANARY" in told.client("admin").get(told.url("journal") + "?scope=organization").content.decode()
    assert "CANARY" not in told.client("admin").get(told.url("journal")).content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [("manager", 200), ("auditor", 200), ("owner", 403), ("certifier", 403), ("staff", 403), ("stranger", 404)],
)
@pytest.mark.parametrize("name", ["journal", "journal-verify", "journal-export", "journal-workbook"])
def test_the_journal_is_for_those_who_may_read_it(told, who, status, name):
    client = told.client(who)

    assert client.get(told.url(name)).status_code == status
    assert client.post(told.url(name)).status_code in ({405} if status == 200 else {status, 405})


def lines_of(client, url) -> list[dict]:
    body = b"".join(client.get(url).streaming_content).decode()
    return [json.loads(line) for line in body.splitlines()]


def test_a_reader_of_one_project_takes_only_hashes_of_others_along(told):
    lines = lines_of(told.client("manager"), told.url("journal-export"))

    assert lines[0]["scope"] == "project"
    assert [len(line) > 3 for line in lines[1:]] == [True, True, True, True, False]
    assert "CANARY" not in json.dumps(lines)
    assert told.second.name not in json.dumps(lines)


def test_a_reader_of_the_organization_takes_the_whole_chain_along(told):
    told.admin = make_user()
    grant(told.admin, Role.CLIENT_ADMIN, told.project.organization)

    lines = lines_of(told.client("admin"), told.url("journal-export"))

    assert lines[0]["scope"] == "organization"
    assert [len(line) > 3 for line in lines[1:]] == [True] * 5


def test_the_workbook_holds_the_filtered_entries_as_text(told):
    task.create(project=told.project, by=told.manager, title="=HYPERLINK(1)")

    response = told.client("manager").get(told.url("journal-workbook") + "?action=task.created")

    rows = list(openpyxl.load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["No.", 6, 1]
    assert rows[1][4] == "T-002 =HYPERLINK(1)"
    assert "CANARY" not in str(rows)
    assert response["Content-Disposition"].startswith(
        f'attachment; filename="journal-{told.project.organization.slug}-ims-'
    )


def test_verifying_now_says_that_it_holds_or_names_the_entry(told):
    client = told.client("manager")
    assert "The chain is intact" in client.get(told.url("journal-verify")).content.decode()
    append_only.run(connection, append_only.release_sql(connection.vendor, "projects_journalentry"))
    JournalEntry.objects.filter(seq=2).update(reason="x")

    text = client.get(told.url("journal-verify")).content.decode()

    assert "The chain does not hold" in text
    assert "Entry 2: content changed" in text


def test_a_long_chain_is_checked_at_its_end_and_says_so(told, monkeypatch):
    from projects.views import journal

    monkeypatch.setattr(journal, "MOST_VERIFIED", 2)

    text = told.client("manager").get(told.url("journal-verify")).content.decode()

    assert "the last 2 entries are checked" in text
    assert "4 to 5" in text


def test_an_empty_journal_says_what_it_is_for(crew):
    assert "Nothing was changed yet" in crew.client("manager").get(crew.url("journal")).content.decode()
    assert "There is no entry yet" in crew.client("manager").get(crew.url("journal-verify")).content.decode()


def test_the_list_takes_the_same_few_queries_however_long_the_journal_is(told):
    client = told.client("manager")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(told.url("journal"))
        return len(captured)

    queries()
    first = queries()
    for n in range(60):
        task.create(project=told.project, by=told.manager, title=f"T{n}")

    assert queries() == first <= 11
    assert PlanActivity.objects.count() == 6
