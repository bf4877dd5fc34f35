"""The journal extract: what it holds, in whose words, and that a forged entry cannot pass."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from core import append_only
from projects.models import JournalEntry
from projects.permissions import Role
from projects.services import plan as plans
from projects.services import task as tasks
from reports.selectors import journal
from tests.factories.projects import grant, make_organization, make_project, make_user
from tests.helpers.budget import queries
from tests.reports import worlds
from tests.reports.conftest import text_of

pytestmark = pytest.mark.django_db
BUDGET = 6


@pytest.fixture
def project(db):
    return make_project(make_organization(name="Alpenblick", time_zone="Pacific/Auckland"), name="System 2027")


@pytest.fixture
def manager(project):
    person = make_user(name="Mia Manager")
    grant(person, Role.PROJECT_MANAGER, project)
    return person


def asked(project, **parameters):
    return worlds.asked_for(project, **{"since": "2000-01-01", "until": "2100-01-01", **parameters})


def test_each_entry_says_who_what_from_what_to_what_and_why(project, manager):
    activity = project.planactivitys.earliest("position")
    plans.move(activity=activity, name="exclude", by=manager, reason="We buy this.")

    (line,) = journal.select(asked(project))["lines"]

    assert (line.told.who, line.told.verb, line.reason) == ("Mia Manager", "excluded activity", "We buy this.")
    first = line.told.changes[0]
    assert (first.label, first.before, first.after) == ("Status", "Not started", "Excluded")
    assert line.mark == JournalEntry.objects.get(project=project).hash[:16]
    assert line.at.utcoffset() in (dt.timedelta(hours=12), dt.timedelta(hours=13))


def test_the_oldest_comes_first_and_a_long_extract_says_what_it_leaves_out(project, manager, monkeypatch):
    monkeypatch.setattr(journal, "MOST", 2)
    for n in range(5):
        tasks.create(project=project, by=manager, title=f"Task {n}")

    found = journal.select(asked(project))

    assert [line.seq for line in found["lines"]] == [1, 2]
    assert (found["total"], found["more"]) == (5, 3)
    assert found["left_out"] == ["Entries: 3 more lines are not printed."]


def test_only_the_kind_and_the_days_that_were_asked_for(project, manager):
    tasks.create(project=project, by=manager, title="One")
    plans.move(activity=project.planactivitys.earliest("position"), name="start", by=manager)

    assert [line.told.entry.action for line in journal.select(asked(project, kind="activity"))["lines"]] == [
        "activity.start"
    ]
    assert journal.select(asked(project, until="2001-01-01"))["lines"] == []
    assert journal.select(asked(project, kind="' OR 1"))["total"] == 2


def test_the_verdict_counts_the_way_from_the_extract_to_the_sealed_end(project, manager):
    for n in range(4):
        tasks.create(project=project, by=manager, title=f"Task {n}")

    found = journal.select(asked(project))

    assert (found["checked"].holds, found["checked"].is_walked, found["checked"].count) == (True, True, 4)
    assert found["head"].seq == 4
    assert found["head"].hash == JournalEntry.objects.get(seq=4).hash


@pytest.mark.parametrize("most_walked", [20_000, 0])
def test_a_forged_entry_is_named(project, manager, monkeypatch, most_walked):
    monkeypatch.setattr(journal, "MOST_WALKED", most_walked)
    for n in range(4):
        tasks.create(project=project, by=manager, title=f"Task {n}")
    from django.db import connection

    table = JournalEntry._meta.db_table
    append_only.run(connection, append_only.release_sql(connection.vendor, table))
    JournalEntry.objects.filter(seq=2).update(actor_name="Somebody Else")
    append_only.run(connection, append_only.protect_sql(connection.vendor, table))

    checked = journal.select(asked(project))["checked"]

    assert (checked.holds, checked.fault_seq) == (False, 2)
    assert "The journal does not hold" in worlds.html_of("journal", asked(project)).html


@pytest.mark.parametrize("entries", [5, 500])
def test_the_price_does_not_depend_on_the_number_of_entries(project, manager, entries):
    tasks.create_many(project=project, by=manager, rows=[{"title": f"Task {n}"} for n in range(entries)])
    request = asked(project)

    with queries(BUDGET, exactly=True):
        found = journal.select(request)

    assert found["total"] == entries


def test_another_projects_entries_are_not_told(project, manager):
    other = make_project(project.organization, name="CANARY")
    boss = make_user(name="CANARY-PERSON")
    grant(boss, Role.PROJECT_MANAGER, other)
    tasks.create(project=other, by=boss, title="CANARY-TASK")
    tasks.create(project=project, by=manager, title="Ours")

    html = worlds.html_of("journal", asked(project)).html

    assert "Ours" in html
    assert "CANARY" not in html


def test_the_pdf_names_the_zone_the_key_and_the_way_to_check_it(project, manager):
    tasks.create(project=project, by=manager, title="One")

    text = " ".join(text_of(worlds.printed_of("journal", asked(project, language="de"))).split())

    assert "Pacific/Auckland" in text
    assert "Das Journal stimmt" in text
    assert "tools/verify_journal_offline.py" in text
    assert "hat hinzugefügt: Aufgabe" in text


def test_who_may_not_read_the_journal_is_refused_the_extract(project, client):
    owner = make_user()
    grant(owner, Role.PROCESS_OWNER, project)
    client.force_login(owner)

    answer = client.get(reverse("reports:report-ask", kwargs={**project.address, "kind": "journal"}))

    assert answer.status_code in (403, 404)
