"""The status report: its figures, its words in three languages, what its reader may see, and its price."""

from __future__ import annotations

import datetime as dt

import pytest

from projects import awaiting
from projects.models import Project, Task
from projects.permissions import Role
from reports.selectors import status
from tests.factories.projects import grant, make_full_project, make_organization, make_user
from tests.helpers.budget import queries
from tests.reports import worlds
from tests.reports.conftest import reader, text_of

pytestmark = pytest.mark.django_db
BUDGET = 31  # with baseline, forecast (today and last week) and gates passed over; and one for each app that knows of decisions


def select(project, **parameters):
    return status.select(worlds.asked_for(project, **parameters))


@pytest.mark.parametrize("tasks", [5, 500])
def test_the_price_does_not_depend_on_the_number_of_tasks(tasks, monkeypatch):
    monkeypatch.setattr(awaiting, "_answers", [])
    project = worlds.small(tasks)
    asked = worlds.asked_for(project)

    with queries(BUDGET, exactly=True):
        found = status.select(asked)

    assert found["overdue"].total > 0


def test_it_counts_what_the_pages_count():
    project = worlds.small(30)

    found = select(project)

    late = Task.objects.filter(project=project, is_open=True, due_on__lt=worlds.TODAY)
    assert found["overdue"].total == late.count() == sum(age.count for age in found["ages"])
    assert found["overdue"].lines[0].number == late.order_by("due_on", "number").first().label
    assert found["blocked"].total == 5
    assert {line.note for line in found["blocked"].lines} == {"The supplier has not answered."}
    assert found["done"].total == 5
    assert {line.on for line in found["done"].lines} == {dt.date(2026, 6, 10)}


def test_what_was_done_is_counted_from_the_day_that_was_asked_for():
    project = worlds.small(12)

    assert select(project, since="2026-06-11")["done"].total == 0
    assert select(project, since=dt.date(2026, 6, 10))["done"].total == 2


def test_a_long_list_says_how_much_it_leaves_out(monkeypatch):
    monkeypatch.setattr(status, "MOST", 2)

    found = select(worlds.small(60))

    assert len(found["overdue"].lines) == 2
    assert found["left_out"][0] == f"Overdue tasks: {found['overdue'].total - 2} more lines are not printed."


def test_the_sentence_says_how_far_and_the_reasons_say_why():
    project = worlds.small(30)
    Project.objects.filter(pk=project.pk).update(target_on=worlds.TODAY)

    found = select(project)

    assert "was planned by today" in found["where"] and "points behind" in found["where"]
    assert any("past its end: 1.1" in reason for reason in found["reasons"])
    assert any("tasks are overdue, the oldest for" in reason for reason in found["reasons"])
    assert any(reason == "5 tasks wait for something else." for reason in found["reasons"])


def test_decisions_are_told_once_an_app_knows_of_them(monkeypatch):
    project = worlds.small(5)
    one = awaiting.Awaited("Scope statement", "Rolf Direktor", "/x", dt.date(2026, 6, 1))
    monkeypatch.setattr(awaiting, "_answers", [])
    before = select(project)
    monkeypatch.setattr(awaiting, "_answers", [lambda projects: {pk: [one] for pk in projects}])

    found = select(project)

    assert not before["knows_decisions"]
    assert found["awaited"] == [one]
    assert any("1 decision is awaited, the longest since 1 June 2026: Scope statement" in r for r in found["reasons"])


def test_titles_of_the_method_are_translated_until_the_plan_changes_them():
    project = make_full_project(make_organization())
    project.planphases.filter(number=2).update(title="Doing")
    project.plansteps.filter(number="1.5").update(title="Scope of ours")

    html = worlds.html_of("status", worlds.asked_for(project, language="de")).html

    assert "Verstehen der Organisation" in html and "Understanding the organization" not in html
    assert "Scope of ours" in html and "Doing" in html
    assert "Managementbewertung" in html


@pytest.mark.parametrize(
    ("language", "title", "words"),
    [
        ("en", "Project status", ["At a glance", "Next milestones", "Who carries what", "Overdue tasks"]),
        ("de", "Projektstatus", ["Auf einen Blick", "Nächste Meilensteine", "Wer was trägt", "Überfällige Aufgaben"]),
        ("fr", "État du projet", ["En un coup d’œil", "Prochains jalons", "Qui porte quoi", "Tâches en retard"]),
    ],
)
def test_the_pdf_speaks_the_language_of_its_reader(language, title, words):
    project = worlds.small(5, name="System 2027")

    pdf = worlds.printed_of("status", worlds.asked_for(project, language=language))

    text, document = text_of(pdf), reader(pdf)
    assert [word for word in words if word not in text] == []
    assert document.trailer["/Root"]["/Lang"] == language
    assert title in document.metadata.title
    assert words[0] in {line.title for line in document.outline if not isinstance(line, list)}
    assert len(document.pages) >= 4


def test_nothing_of_another_client_is_in_it():
    other = worlds.small(9, name="CANARY-PROJECT", organization="CANARY-ORG", title="CANARY-TASK")
    person = make_user(name="CANARY-PERSON")
    Task.objects.filter(project=other).update(assignee=person)
    project = worlds.small(9)

    html = worlds.html_of("status", worlds.asked_for(project)).html

    assert "Task for the step" in html
    assert "CANARY" not in html


def test_a_page_of_names_is_escaped():
    project = worlds.small(6, title="<script>alert(1)</script>")

    html = worlds.html_of("status", worlds.asked_for(project)).html

    assert "&lt;script&gt;" in html
    assert "<script" not in html


def test_who_only_sees_own_work_is_refused_the_report(client):
    from django.urls import reverse

    project = worlds.small(1)
    staff, auditor = make_user(), make_user()
    grant(staff, Role.STAFF, project)
    grant(auditor, Role.AUDITOR, project)
    address = reverse("reports:report-ask", kwargs={**project.address, "kind": "status"})

    client.force_login(auditor)
    assert client.get(address).status_code == 200
    client.force_login(staff)
    assert client.get(address).status_code in (403, 404)
