"""Roles given, changed and ended; firms joined, left, engaged and sent away."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Organization
from core.rules import RuleBroken
from projects import access
from projects.flow import NotPermitted
from projects.models import JournalEntry, OrganizationGroupGrant, OrganizationUserGrant, ProjectUserGrant
from projects.permissions import Perm, Role
from projects.services import team
from tests.factories.projects import grant, join, make_firm, make_organization, make_project, make_user

pytestmark = pytest.mark.django_db
SOON = dt.timedelta(days=10)


@pytest.fixture
def organization():
    return make_organization("acme")


@pytest.fixture
def project(organization):
    return make_project(organization, "ims")


@pytest.fixture
def admin(organization):
    person = make_user(name="Ada Admin")
    grant(person, Role.CLIENT_ADMIN, organization)
    return person


@pytest.fixture
def manager(project):
    person = make_user(name="Max Manager")
    grant(person, Role.PROJECT_MANAGER, project)
    return person


@pytest.fixture
def staff(project):
    person = make_user(name="Stu Staff")
    grant(person, Role.STAFF, project)
    return person


def told(organization) -> list[tuple[str, dict]]:
    entries = JournalEntry.objects.filter(organization=organization).order_by("seq")
    return [(entry.action, entry.changes) for entry in entries]


# ---- giving ------------------------------------------------------------------------------------------------------


def test_a_manager_gives_a_role_with_its_reason_and_the_journal_says_so(project, manager, staff):
    given = team.grant(to=staff, role=Role.AUDITOR, scope=project, by=manager, reason="Trained in 2025")

    assert access.roles_of(staff, project) == {Role.STAFF, Role.AUDITOR}
    assert (given.granted_by, given.reason, given.expires_at) == (manager, "Trained in 2025", None)
    assert told(project.organization) == [
        ("role.granted", {"to": "Stu Staff", "role": "auditor", "until": None}),
    ]


def test_giving_the_same_role_again_changes_only_its_end(project, manager, staff):
    until = timezone.now() + SOON
    team.grant(to=staff, role=Role.AUDITOR, scope=project, by=manager, reason="first")
    team.grant(to=staff, role=Role.AUDITOR, scope=project, by=manager, reason="only until the audit", expires_at=until)
    team.grant(to=staff, role=Role.AUDITOR, scope=project, by=manager, reason="nothing new", expires_at=until)

    held = ProjectUserGrant.objects.get(user=staff, permission__codename="as_auditor")
    assert (held.expires_at, held.reason) == (until, "only until the audit")
    assert [action for action, _changes in told(project.organization)] == ["role.granted", "role.changed"]


@pytest.mark.parametrize("role", [r for r in Role if Perm.MANAGE_TEAM not in access.MAY[r]])
def test_who_does_not_manage_the_team_gives_no_roles(project, staff, role):
    other = make_user()
    grant(other, role, project)

    with pytest.raises(NotPermitted):
        team.grant(to=staff, role=Role.AUDITOR, scope=project, by=other, reason="no")

    assert access.roles_of(staff, project) == {Role.STAFF}


def test_nobody_gives_a_role_to_themselves(project, manager):
    with pytest.raises(RuleBroken, match="Nobody gives a role to themselves"):
        team.grant(to=manager, role=Role.TOP_MANAGEMENT, scope=project, by=manager, reason="me")


def test_a_stranger_is_invited_not_given_a_role(project, manager):
    stranger = make_user()

    with pytest.raises(RuleBroken, match="Invite them"):
        team.grant(to=stranger, role=Role.AUDITOR, scope=project, by=manager, reason="hello")

    assert access.roles_of(stranger, project) == frozenset()


def test_a_project_manager_gives_no_role_of_the_organization(project, manager, staff):
    for scope, role in [(project.organization, Role.AUDITOR), (project, Role.CLIENT_ADMIN)]:
        with pytest.raises(NotPermitted):
            team.grant(to=staff, role=role, scope=scope, by=manager, reason="up")


def test_a_client_admin_is_never_admin_of_one_project(project, admin, staff):
    with pytest.raises(RuleBroken, match="whole organization"):
        team.grant(to=staff, role=Role.CLIENT_ADMIN, scope=project, by=admin, reason="up")


def test_the_certification_auditor_reads_until_a_date(project, manager, staff):
    def give(ends):
        team.grant(
            to=staff, role=Role.CERTIFICATION_AUDITOR, scope=project, by=manager, reason="Stage 1", expires_at=ends
        )

    for ends, why in [
        (None, "until when"),
        (timezone.now() + dt.timedelta(days=91), "At most 90 days"),
        (timezone.now() - SOON, "must lie ahead"),
    ]:
        with pytest.raises(RuleBroken, match=why):
            give(ends)
    give(timezone.now() + SOON)

    assert Role.CERTIFICATION_AUDITOR in access.roles_of(staff, project)


def test_a_role_that_has_expired_gives_nothing(project):
    person = make_user()
    grant(person, Role.PROJECT_MANAGER, project, expires_at=timezone.now() - dt.timedelta(seconds=1))

    assert access.roles_of(person, project) == frozenset()
    assert not access.projects_with(person, Perm.VIEW_PROJECT).exists()
    with pytest.raises(NotPermitted):
        team.invite(scope=project, email="x@example.org", role=Role.STAFF, by=person)


def test_the_first_project_manager_becomes_the_manager_named_on_the_project(project, admin, staff):
    team.grant(to=staff, role=Role.PROJECT_MANAGER, scope=project, by=admin, reason="promoted")

    project.refresh_from_db()
    assert project.manager == staff

    held = ProjectUserGrant.objects.get(user=staff, permission__codename="as_project_manager")
    team.end(grant=held, by=admin, reason="left")
    project.refresh_from_db()
    assert project.manager is None


# ---- ending ------------------------------------------------------------------------------------------------------


def test_a_role_ended_is_gone_at_the_next_request(client, project, manager, staff):
    client.force_login(staff)
    address = "/org/acme/ims/roles/"
    assert client.get(address).status_code == 200

    team.end(grant=ProjectUserGrant.objects.get(user=staff), by=manager, reason="left the company")

    assert client.get(address).status_code == 404
    assert told(project.organization)[-1] == ("role.ended", {"of": "Stu Staff", "role": "staff"})


def test_a_role_ends_with_a_reason_and_by_who_may(project, manager, staff):
    held = ProjectUserGrant.objects.get(user=staff)

    with pytest.raises(RuleBroken, match="Say why"):
        team.end(grant=held, by=manager, reason="  ")
    with pytest.raises(NotPermitted):
        team.end(grant=held, by=staff, reason="I want to")

    assert ProjectUserGrant.objects.filter(pk=held.pk).exists()


def test_a_role_ended_twice_is_said_the_second_time(project, manager, staff):
    held = ProjectUserGrant.objects.get(user=staff)
    team.end(grant=held, by=manager, reason="left")

    again = ProjectUserGrant(pk=held.pk, user=staff, permission=held.permission, content_object=project)
    with pytest.raises(RuleBroken, match="ended in the meantime"):
        team.end(grant=again, by=manager, reason="left")

    assert [action for action, _c in told(project.organization)] == ["role.ended"]


def test_the_last_client_admin_stays(organization, admin):
    held = OrganizationUserGrant.objects.get(user=admin)
    expired, disabled = make_user(), make_user(is_active=False)
    grant(expired, Role.CLIENT_ADMIN, organization, expires_at=timezone.now() - SOON)
    grant(disabled, Role.CLIENT_ADMIN, organization)

    with pytest.raises(RuleBroken, match="last client admin"):
        team.end(grant=held, by=admin, reason="bye")
    assert OrganizationUserGrant.objects.filter(pk=held.pk).exists()

    grant(make_user(), Role.CLIENT_ADMIN, organization)
    team.end(grant=held, by=admin, reason="bye")
    assert access.roles_of(admin, organization) == frozenset()


# ---- firms -------------------------------------------------------------------------------------------------------


@pytest.fixture
def firm():
    return make_firm("firn")


@pytest.fixture
def firm_admin(firm):
    person = make_user(name="Fay Firm")
    firm.team.user_set.add(person)
    grant(person, Role.CLIENT_ADMIN, firm)
    return person


def test_a_member_of_a_firm_founds_a_client_and_sees_it_at_once(firm):
    consultant = join(make_user(name="Connie"), firm)
    colleague = join(make_user(), firm)

    client = team.found_client(firm=firm, by=consultant, name="Newcomer", slug="newcomer", country="CH")

    for person in (consultant, colleague):
        assert access.roles_of(person, client) == {Role.CONSULTANT}
    assert [action for action, _changes in told(client)] == ["organization.founded", "role.granted"]


def test_nobody_else_founds_clients(firm, admin):
    outsider = make_user()
    firm.team.user_set.add(outsider)  # in the group, but without a role in the firm
    for person in (admin, outsider):
        with pytest.raises(NotPermitted):
            team.found_client(firm=firm, by=person, name="X", slug="newcomer")
    assert not Organization.objects.filter(slug="newcomer").exists()


def test_a_short_name_is_taken_once(firm):
    consultant = join(make_user(), firm)
    make_organization("taken")

    with pytest.raises(RuleBroken, match="taken"):
        team.found_client(firm=firm, by=consultant, name="X", slug="taken")


def test_who_leaves_a_firm_loses_all_its_clients_at_the_next_request(client, firm, firm_admin):
    consultant = join(make_user(), firm)
    first, second = make_project(slug="one"), make_project(slug="two")
    for project in (first, second):
        grant(firm.team, Role.CONSULTANT, project.organization)
    client.force_login(consultant)
    pages = [f"/org/{p.organization.slug}/{p.slug}/team/" for p in (first, second)]
    assert [client.get(page).status_code for page in pages] == [200, 200]

    team.leave_firm(firm=firm, user=consultant, by=firm_admin, reason="new job")

    assert [client.get(page).status_code for page in pages] == [404, 404]
    assert not access.organizations_of(consultant).exists()
    assert [a for a, _c in told(firm)] == ["role.ended", "firm.left"]


def test_the_role_from_starting_a_project_goes_with_the_firm(firm, firm_admin, organization, admin):
    leaver, colleague = join(make_user(), firm), join(make_user(), firm)
    grant(firm.team, Role.CONSULTANT, organization)
    started, given, other = (make_project(organization, slug) for slug in ("started", "given", "other"))
    for project, by in ((started, leaver), (other, colleague)):
        team.grant(to=leaver, role=Role.PROJECT_MANAGER, scope=project, by=by, reason="started", is_set_up=True)
    team.grant(to=leaver, role=Role.AUDITOR, scope=given, by=admin, reason="the client asks for it")

    team.leave_firm(firm=firm, user=leaver, by=firm_admin, reason="new job")

    assert access.roles_of(leaver, started) == access.roles_of(leaver, other) == frozenset()
    assert access.roles_of(leaver, given) == {Role.AUDITOR}
    started.refresh_from_db()
    assert started.manager is None
    ended = {"of": str(leaver), "role": Role.PROJECT_MANAGER}
    assert [line for line in told(organization) if line[0] == "role.ended"] == [("role.ended", ended)] * 2


def test_the_role_from_starting_a_project_ends_with_the_last_role_in_the_firm(firm, firm_admin, organization):
    consultant = join(make_user(), firm)
    grant(firm.team, Role.CONSULTANT, organization)
    project = make_project(organization, "ims")
    team.grant(to=consultant, role=Role.PROJECT_MANAGER, scope=project, by=consultant, reason="x", is_set_up=True)

    team.end(grant=OrganizationUserGrant.objects.get(user=consultant), by=firm_admin, reason="left")

    assert access.roles_of(consultant, project) == frozenset()


def test_the_role_from_starting_a_project_ends_with_the_engagement(firm, organization, admin):
    consultant = join(make_user(), firm)
    held = grant(firm.team, Role.CONSULTANT, organization)
    project = make_project(organization, "ims")
    team.grant(to=consultant, role=Role.PROJECT_MANAGER, scope=project, by=consultant, reason="x", is_set_up=True)

    team.end(grant=held, by=admin, reason="contract over")

    assert access.roles_of(consultant, project) == frozenset()
    assert [action for action, _changes in told(organization)][-2:] == ["role.ended", "role.ended"]


def test_leaving_a_firm_is_decided_by_oneself_or_its_admin(firm, firm_admin):
    one, other = join(make_user(), firm), join(make_user(), firm)

    with pytest.raises(NotPermitted):
        team.leave_firm(firm=firm, user=one, by=other, reason="because")
    with pytest.raises(RuleBroken, match="Say why"):
        team.leave_firm(firm=firm, user=one, by=one, reason=" ")
    with pytest.raises(RuleBroken, match="no member"):
        team.leave_firm(firm=firm, user=make_user(), by=firm_admin, reason="because")
    with pytest.raises(RuleBroken, match="last client admin"):
        team.leave_firm(firm=firm, user=firm_admin, by=firm_admin, reason="because")

    team.leave_firm(firm=firm, user=one, by=one, reason="new job")
    assert list(firm.team.user_set.order_by("pk")) == [firm_admin, other]


def test_without_a_role_in_the_firm_nobody_stays_in_its_team(firm, firm_admin):
    consultant = join(make_user(), firm)
    held = OrganizationUserGrant.objects.get(user=consultant)

    team.end(grant=held, by=firm_admin, reason="left")

    assert not consultant.groups.exists()


def test_a_firm_knows_consultants_and_its_admin_without_an_end_date(firm, firm_admin):
    consultant = join(make_user(), firm)

    with pytest.raises(RuleBroken, match="consultants or its admin"):
        team.grant(to=consultant, role=Role.STAFF, scope=firm, by=firm_admin, reason="x")
    with pytest.raises(RuleBroken, match="no end date"):
        team.grant(
            to=consultant, role=Role.CLIENT_ADMIN, scope=firm, by=firm_admin, reason="x",
            expires_at=timezone.now() + SOON,
        )  # fmt: skip


def test_the_client_or_the_firm_ends_an_engagement(firm, firm_admin, organization, admin):
    consultant = join(make_user(), firm)
    for by in (admin, firm_admin):
        held = grant(firm.team, Role.CONSULTANT, organization)
        with pytest.raises(NotPermitted):
            team.end(grant=held, by=consultant, reason="mine")

        team.end(grant=held, by=by, reason="contract over")

        assert access.roles_of(consultant, organization) == frozenset()
    assert not OrganizationGroupGrant.objects.exists()


def test_only_a_firm_is_engaged_and_only_with_a_client(firm, organization, admin):
    with pytest.raises(RuleBroken, match="not a consulting firm"):
        team.engage(firm=organization, client=organization, by=admin)
    with pytest.raises(RuleBroken, match="itself"):
        team.engage(firm=firm, client=make_firm(), by=admin)


def test_an_organization_is_changed_by_who_manages_it_and_the_journal_keeps_what_was(organization, admin, manager):
    with pytest.raises(NotPermitted):
        team.edit_organization(organization=organization, by=manager, values={"name": "Hacked"})

    team.edit_organization(
        organization=organization, by=admin, values={"name": "Acme Ltd", "country": "", "slug": "x", "kind": "firm"}
    )

    organization.refresh_from_db()
    assert (organization.name, organization.slug, organization.kind) == ("Acme Ltd", "acme", "client")
    assert told(organization)[-1] == ("organization.changed", {"name": ["Acme", "Acme Ltd"]})
