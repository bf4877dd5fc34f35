"""What changed since I last looked: counted in the portfolio, told on a page, marked as seen by a button."""

from __future__ import annotations

import pytest
from django.urls import reverse

from projects import journal
from projects.models import JournalEntry, ProjectSeen
from projects.permissions import Role
from projects.services import plan, seen, task
from tests.factories.improvement import make_nonconformity
from tests.factories.projects import grant, join, make_firm, make_organization, make_project, make_user
from tests.helpers.budget import count_queries, queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm():
    return make_firm("firn")


@pytest.fixture
def consultant(firm, client):
    person = join(make_user(name="Lena Brunner"), firm)
    client.force_login(person)
    return person


@pytest.fixture
def project(firm):
    found = make_project(make_organization("alpha", name="Alpha"), "ims")
    grant(firm.team, Role.CONSULTANT, found.organization)
    return found


@pytest.fixture
def manager(project):
    person = make_user(name="Mia Manager")
    grant(person, Role.PROJECT_MANAGER, project)
    return person


def url_of(project) -> str:
    return reverse("projects:changes", kwargs=project.address)


def line(client):
    (found,) = client.get("/portfolio/?view=all").context["portfolio"].lines
    return found


def kinds(page) -> dict[str, int]:
    return {group.kind: len(group.told) for group in page.context["changes"].groups}


def test_it_counts_what_others_did_since_the_mark(client, project, consultant, manager):
    task.create(project=project, by=manager, title="Before")
    assert (line(client).changed, line(client).seen_at) == (None, None)
    seen.mark(person=consultant, projects=[project.pk])
    assert line(client).changed == 0

    task.create(project=project, by=manager, title="After")
    task.create(project=project, by=consultant, title="My own")
    with journal.change(project, by=None, job="recount") as log:
        log(project, "project.recounted", {"differences": []})

    assert line(client).changed == 1
    assert "1 new" in client.get("/portfolio/").content.decode()


def test_the_count_ends_at_a_hundred(client, project, consultant, manager):
    seen.mark(person=consultant, projects=[project.pk])
    task.create(project=project, by=manager, title="First")
    seen.mark(person=consultant, projects=[project.pk])
    with journal.change(project, by=manager) as log:
        for _k in range(130):
            log(project, "task.changed", {"title": ["a", "b"]})

    assert line(client).changed == 100
    assert "100 and more new" in client.get("/portfolio/").content.decode()


def test_the_page_tells_them_by_kind(client, project, consultant, manager):
    seen.mark(person=consultant, projects=[project.pk])
    one = task.create(project=project, by=manager, title="Draft the policy")
    task.edit(task=one, by=manager, version=1, values={"due_on": "2027-01-04"})
    task.move(task=one, name="complete", by=manager)
    task.comment(task=one, by=manager, text="Please look")
    plan.move(activity=project.planactivitys.order_by("number")[1], name="exclude", by=manager, reason="Not ours")
    with journal.change(project, by=manager) as log:
        log(project, "role.granted", {"role": "auditor"})
        log(project, "risk.accepted", {})

    page = client.get(url_of(project))

    assert kinds(page) == {"done": 1, "dates": 1, "new": 1, "plan": 1, "people": 1, "talk": 1, "rest": 1}
    assert "Mia Manager" in page.content.decode() and "Draft the policy" in page.content.decode()


@pytest.mark.parametrize("role, counted", [(Role.CONSULTANT, 2), (Role.AUDITOR, 1), (Role.TOP_MANAGEMENT, 1)])
def test_what_is_hidden_from_a_reader_is_not_counted(client, project, consultant, manager, role, counted):
    person = make_user(name="Reader")
    grant(person, role, project)
    other = make_project(make_organization("beta", name="Beta"), "ims")
    grant(person, role, other)
    chief = make_user(name="Chief")
    grant(chief, Role.PROJECT_MANAGER, other)
    for one, by in ((project, manager), (other, chief)):
        task.create(project=one, by=by, title="Before")
    seen.mark(person=person, projects=[project.pk, other.pk])

    make_nonconformity(project, manager, title="Somebody was hurt", is_confidential=True)
    make_nonconformity(project, manager, title="A label is missing")
    make_nonconformity(other, chief, title="Somebody else was hurt", is_confidential=True)

    client.force_login(person)
    found = {one.project.pk: one for one in client.get("/portfolio/?view=all").context["portfolio"].lines}
    assert (found[project.pk].changed, found[other.pk].changed) == (counted, counted - 1)
    page = client.get(url_of(project))
    assert sum(kinds(page).values()) == counted, "the page tells what was counted"


def test_the_portfolio_costs_the_same_where_something_is_hidden(client, consultant, project, manager):
    person = make_user(name="Reader")
    grant(person, Role.TOP_MANAGEMENT, project)
    client.force_login(person)
    client.get("/portfolio/?view=all")
    one = count_queries(lambda: client.get("/portfolio/?view=all"))
    for n in range(2):
        other = make_project(make_organization(f"other-{n}", name=f"Other {n}"), "ims")
        grant(person, Role.TOP_MANAGEMENT, other)
    task.create(project=project, by=manager, title="Before")
    seen.mark(person=person, projects=[project.pk])
    make_nonconformity(project, manager, is_confidential=True)

    assert count_queries(lambda: client.get("/portfolio/?view=all")) == one


def test_looking_changes_nothing_and_the_button_marks_what_was_shown(client, project, consultant, manager):
    task.create(project=project, by=manager, title="Shown")
    upto = client.get(url_of(project)).context["changes"].upto
    task.create(project=project, by=manager, title="Came meanwhile")
    assert not ProjectSeen.objects.exists()
    before = JournalEntry.objects.count()

    answer = client.post(url_of(project), {"upto": upto})

    assert (answer.status_code, answer["Location"]) == (303, "/portfolio/")
    assert ProjectSeen.objects.get().seq == upto
    assert line(client).changed == 1
    page = client.get(url_of(project))
    assert "Came meanwhile" in page.content.decode() and "Shown" not in page.content.decode()
    assert JournalEntry.objects.count() == before, "a mark is no business data"


def test_a_mark_never_goes_back_nor_past_the_end(client, project, consultant, manager):
    task.create(project=project, by=manager, title="One")
    last = JournalEntry.objects.filter(project=project).latest("seq").seq
    for upto, seq in ((last + 900, last), (0, last), (2**63 - 1, last)):
        assert client.post(url_of(project), {"upto": upto}).status_code == 303
        assert ProjectSeen.objects.get().seq == seq
    for bad in ("", "x", "-1", "9" * 30, "²"):
        answer = client.post(url_of(project), {"upto": bad})
        assert answer.status_code == 422 and "Press the button again" in answer.content.decode(), bad
    assert ProjectSeen.objects.get().seq == last


def test_everything_is_marked_at_once_where_the_journal_may_be_read(client, project, consultant, manager, firm):
    second = make_project(make_organization("beta", name="Beta"), "ims")
    grant(firm.team, Role.CONSULTANT, second.organization)
    owner_only = make_project(make_organization("gamma", name="Gamma"), "ims")
    grant(consultant, Role.PROCESS_OWNER, owner_only)
    foreign = make_project(make_organization("canary", name="Canary"), "ims")
    for one in (project, second, owner_only, foreign):
        with journal.change(one, by=manager) as log:
            log(one, "task.changed", {})

    assert client.post("/portfolio/seen/").status_code == 303

    assert set(ProjectSeen.objects.values_list("person", "project")) == {
        (consultant.pk, project.pk), (consultant.pk, second.pk),
    }  # fmt: skip
    assert client.get("/portfolio/seen/").status_code == 405


def test_who_may_not_read_the_journal_is_told_nothing_of_it(client, project, manager):
    owner = make_user()
    for one in (project, make_project(make_organization("beta"), "ims")):
        grant(owner, Role.PROCESS_OWNER, one)
    task.create(project=project, by=manager, title="Quiet")
    ProjectSeen.objects.create(person=owner, project=project, seq=0, at=project.created_at)
    client.force_login(owner)

    page = client.get("/portfolio/")

    assert {line.changed for line in page.context["portfolio"].lines} == {None}
    assert "changes/" not in page.content.decode()
    assert client.get(url_of(project)).status_code == 403
    assert client.post(url_of(project), {"upto": 1}).status_code == 403
    stranger = make_user()
    client.force_login(stranger)
    assert client.get(url_of(project)).status_code == 404


def test_the_marks_of_one_person_are_not_those_of_another(client, project, consultant, manager, firm):
    colleague = join(make_user(), firm)
    task.create(project=project, by=manager, title="New")
    seen.mark(person=colleague, projects=[project.pk])

    assert (line(client).seen_at, line(client).changed) == (None, None)


def test_the_page_costs_the_same_for_few_entries_and_for_many(client, project, consultant, manager):
    counts = []
    for size in (1, 300):
        with journal.change(project, by=manager) as log:
            for _k in range(size):
                log(project, "task.changed", {"title": ["a", "b"]})
        client.get(url_of(project))
        with queries(12) as asked:
            page = client.get(url_of(project))
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert (page.context["changes"].count, page.context["changes"].is_all) == (200, False)
