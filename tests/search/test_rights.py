"""Who finds what: the grants decide at every search, and nothing of another tenant is found, counted or suggested."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from projects.models import ProjectUserGrant
from projects.permissions import Role
from search.selectors import find
from search.selectors import sight as sights
from tests.factories.projects import grant, join, make_firm, make_organization, make_project, make_task, make_user
from tests.helpers.worlds import make_world

pytestmark = pytest.mark.django_db

PLAN = {"projects", "steps", "activities", "tasks"}


@pytest.fixture
def client_project():
    project = make_project(make_organization("acme", name="Acme"), "ims", name="Zephyr rollout")
    make_task(project, "Zephyr interview", description="About the zephyr valve")
    return project


def person_as(role, scope, **fields):
    person = make_user(**fields)
    grant(person, role, scope)
    return person


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.STAFF, Role.CLIENT_ADMIN)])
def test_who_reads_the_plan_finds_it(role, client_project, filled, ask):
    ends = {"expires_at": timezone.now() + dt.timedelta(days=5)} if role == Role.CERTIFICATION_AUDITOR else {}
    person = make_user()
    grant(person, role, client_project, **ends)
    filled()

    assert ask(person, "zephyr") == {"projects": ["Zephyr rollout"], "tasks": ["Zephyr interview"]}


def test_staff_find_their_own_tasks_and_their_roles_and_not_the_plan(client_project, filled, ask):
    staff = person_as(Role.STAFF, client_project)
    make_task(client_project, "Zephyr of mine", assignee=staff)
    make_task(client_project, "Zephyr of the role", assignee_role=Role.STAFF)
    make_task(client_project, "Zephyr of another role", assignee_role=Role.HR)
    make_task(client_project, "Zephyr of somebody", assignee=make_user(), assignee_role=Role.STAFF)
    filled()

    found = ask(staff, "zephyr")

    assert set(found) == {"tasks"}
    assert sorted(found["tasks"]) == ["Zephyr of mine", "Zephyr of the role"]


def test_a_task_given_to_somebody_else_is_gone_before_the_index_knows(client_project, filled, ask):
    staff = person_as(Role.STAFF, client_project)
    task = make_task(client_project, "Zephyr of mine", assignee=staff)
    filled()
    type(task).objects.filter(pk=task.pk).update(assignee=make_user())  # the entry still stands as it was

    assert ask(staff, "zephyr") == {}


def test_a_role_elsewhere_opens_no_own_tasks_here(client_project, filled, ask):
    staff = person_as(Role.STAFF, client_project)
    other = make_project(name="Zephyr elsewhere")
    make_task(other, "Zephyr assigned without a role", assignee=staff)
    make_task(other, "Zephyr for any staff", assignee_role=Role.STAFF)
    filled()

    assert ask(staff, "zephyr") == {}


def test_a_role_that_ends_closes_the_search_at_the_next_request(client_project, filled, as_person):
    person = person_as(Role.AUDITOR, client_project)
    filled()
    client = as_person(person)
    assert "Zephyr interview" in plain(client.get("/search/", {"q": "zephyr"}))

    ProjectUserGrant.objects.filter(user=person).update(expires_at=timezone.now() - dt.timedelta(seconds=1))

    html = plain(client.get("/search/", {"q": "zephyr"}))
    assert "Zephyr" not in html and "Nothing found" in html


def test_an_organization_that_is_closed_is_found_by_nobody(client_project, filled, ask):
    admin = person_as(Role.CLIENT_ADMIN, client_project.organization, name="Zora Zephyr")
    filled()
    assert set(ask(admin, "zephyr")) == {"projects", "tasks", "people"}
    assert ask(admin, "acme")["organizations"] == ["Acme"]

    type(client_project.organization).objects.update(is_active=False)

    assert ask(admin, "zephyr") == {} and ask(admin, "acme") == {}


def test_people_are_found_in_a_shared_project_by_who_sees_its_team(client_project, filled, ask):
    auditor = person_as(Role.AUDITOR, client_project)
    staff = person_as(Role.STAFF, client_project)
    certifier = make_user()
    ends = timezone.now() + dt.timedelta(days=5)
    grant(certifier, Role.CERTIFICATION_AUDITOR, client_project, expires_at=ends)
    person_as(Role.HR, client_project, name="Quentin Near", email="q.near@example.org")
    person_as(Role.HR, make_project(), name="Quentin Far")
    firm = make_firm()
    join(make_user(name="Quentin Consultant"), firm)
    grant(firm.team, Role.CONSULTANT, client_project.organization)
    gone = make_user(name="Quentin Gone", is_active=False)
    grant(gone, Role.HR, client_project)
    filled()

    assert sorted(ask(auditor, "quentin")["people"]) == ["Quentin Consultant", "Quentin Near"]
    assert ask(auditor, "q.near")["people"] == ["Quentin Near"]
    assert ask(staff, "quentin") == {} and ask(certifier, "quentin") == {}


def test_a_person_leads_to_the_team_of_a_project_both_belong_to(client_project, filled, as_person):
    auditor = person_as(Role.AUDITOR, client_project)
    person_as(Role.HR, client_project, name="Quentin Near")
    filled()

    html = as_person(auditor).get("/search/", {"q": "quentin"}).content.decode()

    assert 'href="/org/acme/ims/team/"' in html and "Acme · Zephyr rollout" in html


def test_a_colleague_of_a_firm_without_projects_is_found_on_the_firms_page(filled, as_person):
    firm = make_firm("firn", name="Firn")
    me, _colleague = join(make_user(), firm), join(make_user(name="Quentin Colleague"), firm)
    filled()

    html = as_person(me).get("/search/", {"q": "quentin"}).content.decode()

    assert 'href="/org/firn/"' in html


def test_method_and_standards_are_found_by_everybody_signed_in(catalogue, filled, ask, client):
    nobody = make_user()
    filled()

    assert set(ask(nobody, "calibration")) <= {"method", "standards"} and ask(nobody, "calibration")["standards"]
    assert client.get("/search/", {"q": "calibration"}).status_code == 302


# ---- canaries ----------------------------------------------------------------------------------------------------

OURS, THEIRS = "OURCANARY", "THEIRCANARY"


@pytest.fixture
def two_worlds(catalogue, filled):
    ours, theirs = make_world(OURS), make_world(THEIRS)
    filled()
    return ours, theirs


def test_nothing_of_another_tenant_is_found_counted_or_suggested(two_worlds, as_person):
    ours, _theirs = two_worlds
    questions = [THEIRS, "THEIRCANERY", "task", "T-001", "client"]
    for name in ("project_manager", "staff", "consultant", "client_admin", "no_role", "superuser", "expired"):
        person = ours.people[name]
        client = as_person(person)
        for text in questions:
            group = "people" if text == THEIRS else "tasks"
            for extra, headers in (
                ({"in": "client-theircanary/ims"}, {}),
                ({"group": group}, {}),
                ({"in": "client-theircanary/ims"}, {"HX-Request": "true", "HX-Target": "search-suggestions"}),
            ):
                answer = client.get("/search/", {"q": text, **extra}, headers=headers, follow=True)
                said = answer.content.decode().lower()
                for echo in ("client-theircanary/ims", "client-theircanary%2fims", text.lower()):
                    said = said.replace(echo, "")
                assert answer.status_code == 200 and THEIRS.lower() not in said, (name, text, extra)
        assert find.find(sights.of(person), find.question(THEIRS)).count == 0, name


def test_the_canaries_are_there_to_be_found(two_worlds):
    _ours, theirs = two_worlds
    manager = theirs.people["project_manager"]

    found = find.find(sights.of(manager), find.question(THEIRS))

    assert {part.key for part in found.parts} >= {*PLAN, "people"} and found.count > 100
    meant = find.find(sights.of(manager), find.question("THEIRCANERY"))
    assert meant.is_loose and meant.meant == THEIRS.lower()


def test_a_slip_is_corrected_only_to_words_the_person_may_see(two_worlds):
    ours, _theirs = two_worlds

    found = find.find(sights.of(ours.people["project_manager"]), find.question("THEIRCANERY"))

    assert found.meant == "" and found.parts == []


def plain(answer) -> str:
    """The words of a page, without the marks around what was found and the box that repeats the question."""
    return answer.content.decode().replace("<mark>", "").replace("</mark>", "").replace('value="zephyr"', "")
