"""The pages of a team and of an organization: who sees whom, who may press what, and what it costs."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from projects.models import Invitation, OrganizationUserGrant, Project, ProjectUserGrant
from projects.permissions import MAY, Perm, Role
from projects.services import team
from tests.factories.projects import grant, join, make_firm, make_organization, make_project, make_user
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return make_project(make_organization("acme", name="Acme"), "ims", name="IMS of Acme")


@pytest.fixture
def admin(project):
    person = make_user(name="Ada Admin")
    grant(person, Role.CLIENT_ADMIN, project.organization)
    return person


@pytest.fixture
def manager(project):
    person = make_user(name="Max Manager")
    grant(person, Role.PROJECT_MANAGER, project)
    return person


@pytest.fixture
def auditor(project):
    person = make_user(name="Eva Auditor")
    grant(person, Role.AUDITOR, project)
    return person


@pytest.fixture
def foreign():
    """Another tenant with people, an invitation and a project of the same short name."""
    project = make_project(make_organization("other", name="Other Secrets"), "ims")
    person = make_user("canary@other.example", name="Canary Bird")
    grant(person, Role.PROJECT_MANAGER, project)
    grant(make_user(name="Canary Admin"), Role.CLIENT_ADMIN, project.organization)
    team.invite(scope=project, email="canary.invited@other.example", role=Role.HR, by=person)
    return project


def text_of(answer) -> str:
    return answer.content.decode()


# ---- the team of a project ---------------------------------------------------------------------------------------


def test_the_team_says_where_a_role_comes_from_until_when_and_why(client, project, manager):
    firm = make_firm("firn", name="Firn Consulting")
    join(make_user(name="Connie Consultant"), firm)
    grant(firm.team, Role.CONSULTANT, project.organization)
    held = grant(make_user(name="Cora Certifier"), Role.CERTIFICATION_AUDITOR, project)
    ProjectUserGrant.objects.filter(pk=held.pk).update(reason="Stage 1 audit")
    expired = make_user(name="Earl Expired")
    grant(expired, Role.HR, project, expires_at=timezone.now() - dt.timedelta(days=1))
    client.force_login(manager)

    page = client.get("/org/acme/ims/team/")

    html = text_of(page)
    assert "through Firn Consulting" in html and "Stage 1 audit" in html and "until" in html
    assert [m.person.name for m in page.context["members"]] == ["Connie Consultant", "Cora Certifier", "Max Manager"]
    assert [m.person.name for m in page.context["former"]] == ["Earl Expired"]


def test_a_reader_of_the_team_sees_no_button_no_invitation_and_nobody_former(client, project, manager, auditor):
    team.invite(scope=project, email="new@example.org", role=Role.HR, by=manager)
    client.force_login(auditor)

    html = text_of(client.get("/org/acme/ims/team/"))

    assert "Max Manager" in html
    for hidden in ("/team/invite/", "/team/give/", "/team/held/", "new@example.org"):
        assert hidden not in html


@pytest.mark.parametrize(
    ("address", "perm"),
    [
        ("team/", Perm.VIEW_TEAM),
        ("team/invite/", Perm.INVITE),
        ("team/give/", Perm.MANAGE_TEAM),
    ],
)
@pytest.mark.parametrize("role", Role)
def test_each_role_opens_the_pages_its_row_of_the_table_allows(client, project, address, perm, role):
    person = make_user()
    grant(person, role, project if role != Role.CLIENT_ADMIN else project.organization)
    client.force_login(person)

    assert client.get(f"/org/acme/ims/{address}").status_code == (200 if perm in MAY[role] else 403)


def test_strangers_and_other_methods_get_nowhere(client, project, manager, foreign):
    addresses = ["team/", "team/invite/", "team/give/", "roles/", "team/held/project/1/"]
    client.force_login(make_user())
    assert {client.get(f"/org/acme/ims/{a}").status_code for a in addresses} == {404}
    client.force_login(manager)
    assert {client.get(f"/org/other/ims/{a}").status_code for a in addresses} == {404}
    assert client.get("/org/acme/nothing/team/").status_code == 404
    assert client.post("/org/acme/ims/team/").status_code == 405
    assert client.post("/org/acme/ims/roles/").status_code == 405
    assert client.get("/org/acme/ims/team/invitations/1/revoke/").status_code == 405
    client.logout()
    assert client.get("/org/acme/ims/team/")["Location"].startswith("/accounts/login/")


def test_grants_and_invitations_of_another_tenant_are_not_found(client, manager, foreign):
    held = ProjectUserGrant.objects.get(content_object=foreign)
    invitation = Invitation.objects.get(project=foreign)
    client.force_login(manager)

    for kind in ("project", "organization", "firm", "firm-project", "nothing"):
        assert client.get(f"/org/acme/ims/team/held/{kind}/{held.pk}/").status_code == 404
        assert client.post(f"/org/acme/ims/team/held/{kind}/{held.pk}/", {"end-reason": "x"}).status_code == 404
    for move in ("resend", "revoke"):
        assert client.post(f"/org/acme/ims/team/invitations/{invitation.pk}/{move}/").status_code == 404
    assert client.get("/org/acme/ims/team/held/project/99999999999999999999999/").status_code == 404
    assert ProjectUserGrant.objects.filter(pk=held.pk).exists()
    invitation.refresh_from_db()
    assert invitation.is_waiting


def test_a_role_is_given_changed_and_ended_by_the_pages(client, project, manager, auditor):
    client.force_login(manager)
    until = timezone.localdate() + dt.timedelta(days=9)

    given = client.post("/org/acme/ims/team/give/", {"person": auditor.pk, "role": "hr", "reason": "stands in"})
    assert (given.status_code, given["Location"]) == (303, "/org/acme/ims/team/")
    held = ProjectUserGrant.objects.get(user=auditor, permission__codename="as_hr")
    address = f"/org/acme/ims/team/held/project/{held.pk}/"
    assert "Eva Auditor" in text_of(client.get(address))
    changed = client.post(
        address, {"do": "change", "change-ends_on": until.isoformat(), "change-reason": "until Ann is back"}
    )
    assert changed.status_code == 303
    held.refresh_from_db()
    assert held.expires_at == team.end_of(until, project.organization)

    assert client.post(address, {"do": "end", "end-reason": ""}).status_code == 422
    assert client.post(address, {"do": "end", "end-reason": "Ann is back"}).status_code == 303
    assert not ProjectUserGrant.objects.filter(pk=held.pk).exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"role": "hr"}, "person"),
        ({"person": "0", "role": "hr", "reason": "x"}, "person"),
        ({"person": "me", "role": "king", "reason": "x"}, "role"),
        ({"person": "me", "role": "client_admin", "reason": "x"}, "role"),
        ({"person": "me", "role": "certification_auditor", "reason": "x"}, "ends_on"),
        ({"person": "me", "role": "hr", "reason": "x", "ends_on": "2000-01-01"}, "ends_on"),
        ({"person": "me", "role": "hr", "reason": "x", "ends_on": "2999-01-01"}, "ends_on"),
        ({"person": "me", "role": "hr", "reason": "A\0B"}, "reason"),
    ],
)
def test_what_was_typed_stays_when_a_role_cannot_be_given(client, manager, auditor, typed, said):
    client.force_login(manager)
    typed = {name: str(auditor.pk) if value == "me" else value for name, value in typed.items()}

    page = client.post("/org/acme/ims/team/give/", typed)

    assert page.status_code == 422
    assert said in page.context["form"].errors
    assert ProjectUserGrant.objects.filter(user=auditor).count() == 1


def test_people_of_another_project_are_a_choice_only_for_who_sees_the_organization(client, project, manager, admin):
    colleague = make_user(name="Olga Other")
    grant(colleague, Role.AUDITOR, make_project(project.organization, "second"))
    typed = {"person": colleague.pk, "role": "hr", "reason": "x"}
    for person, status in ((manager, 422), (admin, 303)):
        client.force_login(person)
        assert ("Olga Other" in text_of(client.get("/org/acme/ims/team/give/"))) == (person == admin)
        assert client.post("/org/acme/ims/team/give/", typed).status_code == status


def test_people_of_another_tenant_and_oneself_are_no_choice(client, manager, auditor, foreign):
    client.force_login(manager)
    page = client.get("/org/acme/ims/team/give/")
    assert "Canary" not in text_of(page) and "Eva Auditor" in text_of(page)
    canary = ProjectUserGrant.objects.get(content_object=foreign).user
    for person in (canary, manager):
        answer = client.post("/org/acme/ims/team/give/", {"person": person.pk, "role": "hr", "reason": "x"})
        assert answer.status_code == 422
        assert "person" in answer.context["form"].errors


def test_inviting_sending_again_and_withdrawing_by_the_pages(client, project, manager):
    client.force_login(manager)
    sent = client.post("/org/acme/ims/team/invite/", {"email": "New@Example.org", "role": "hr", "another": "1"})
    assert sent["Location"] == "/org/acme/ims/team/invite/"
    twin = client.post("/org/acme/ims/team/invite/", {"email": "new@example.org", "role": "hr", "message": "Hello!"})
    assert twin.status_code == 422 and "invited as HR already" in text_of(twin) and "Hello!" in text_of(twin)
    invitation = Invitation.objects.get()

    assert client.post(f"/org/acme/ims/team/invitations/{invitation.pk}/resend/").status_code == 303
    assert client.post(f"/org/acme/ims/team/invitations/{invitation.pk}/revoke/").status_code == 303
    assert "in the meantime" in text_of(
        client.post(f"/org/acme/ims/team/invitations/{invitation.pk}/resend/", follow=True)
    )
    invitation.refresh_from_db()
    assert invitation.state == "revoked"


def test_inviting_tells_nothing_about_who_has_an_account(client, project, manager):
    make_user("known@example.org", name="Known Person")
    client.force_login(manager)
    pages = [
        client.post("/org/acme/ims/team/invite/", {"email": f"{who}@example.org", "role": "hr"}, follow=True)
        for who in ("known", "unknown")
    ]
    texts = [text_of(page).replace("unknown@", "known@").replace("unknown", "known") for page in pages]
    assert "Known Person" not in texts[0]
    assert [page.status_code for page in pages] == [200, 200]


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "‮evil😀", "=1+1", "x" * 2000])
def test_hostile_text_in_an_invitation_is_text(client, project, manager, hostile):
    client.force_login(manager)
    client.post(
        "/org/acme/ims/team/invite/",
        {"email": "new@example.org", "role": "hr", "name": hostile[:120], "message": hostile},
    )
    assert "<script>alert" not in text_of(client.get("/org/acme/ims/team/"))
    assert Invitation.objects.get().message == hostile


# ---- the organization --------------------------------------------------------------------------------------------


def test_the_directory_shows_people_with_a_role_here_and_nobody_else(client, project, admin, auditor, foreign):
    make_user(name="Nobody Anywhere")
    client.force_login(admin)

    for address in ("/org/acme/", "/org/acme/people/", "/org/acme/people/give/", "/org/acme/ims/team/"):
        html = text_of(client.get(address))
        assert "Ada Admin" in html
        assert "Canary" not in html and "canary" not in html and "Nobody Anywhere" not in html
    assert "Eva Auditor" in text_of(client.get("/org/acme/people/"))


def test_organization_pages_are_for_who_belongs_to_the_organization(client, project, admin, auditor, manager):
    for person, expected in [(admin, 200), (manager, 403), (auditor, 403), (make_user(), 404)]:
        client.force_login(person)
        assert client.get("/org/acme/").status_code == expected
        assert client.get("/org/acme/settings/").status_code == expected
        assert client.get("/org/acme/people/").status_code == expected
    reader = make_user()
    grant(reader, Role.TOP_MANAGEMENT, project.organization)
    client.force_login(reader)
    assert client.get("/org/acme/").status_code == 200
    assert client.get("/org/acme/settings/").status_code == 403
    assert client.get("/org/acme/people/give/").status_code == 403
    assert client.get("/org/acme/people/invite/").status_code == 403
    assert client.get("/org/nowhere/").status_code == 404


def test_the_settings_are_saved_and_refused_by_sentences(client, project, admin):
    client.force_login(admin)
    good = {"name": "Acme AG", "country": "CH", "region": "ZH", "language": "de", "time_zone": "Europe/Zurich"}

    assert client.post("/org/acme/settings/", good | {"slug": "stolen", "is_active": ""}).status_code == 303
    project.organization.refresh_from_db()
    here = project.organization
    assert (here.name, here.region, here.language, here.slug, here.is_active) == ("Acme AG", "ZH", "de", "acme", True)
    for wrong in (
        {"name": ""},
        {"region": "BY"},
        {"country": "XX", "region": ""},
        {"time_zone": "Mars"},
        {"headcount": "-1"},
    ):
        page = client.post("/org/acme/settings/", good | wrong)
        assert page.status_code == 422 and next(iter(wrong)) in page.context["form"].errors


def test_a_consultant_invites_the_first_admin_from_the_team_page_until_there_is_one(client, project):
    firm = make_firm()
    consultant = join(make_user(), firm)
    grant(firm.team, Role.CONSULTANT, project.organization)
    client.force_login(consultant)
    assert "/org/acme/people/invite/" in text_of(client.get("/org/acme/ims/team/"))

    sent = client.post("/org/acme/people/invite/", {"email": "ada@acme.example", "role": "client_admin"})

    assert sent.status_code == 303
    assert "/org/acme/people/invite/" not in text_of(client.get("/org/acme/ims/team/"))
    assert client.get("/org/acme/people/invite/").status_code == 403


def test_an_engagement_ends_by_the_page_and_closes_the_client(client, project, admin):
    firm = make_firm(name="Firn Consulting")
    consultant = join(make_user(), firm)
    held = grant(firm.team, Role.CONSULTANT, project.organization)
    client.force_login(admin)
    address = f"/org/acme/people/held/firm/{held.pk}/"
    assert address in text_of(client.get("/org/acme/"))
    assert "Firn Consulting" in text_of(client.get(address))

    assert client.post(address, {"do": "end", "end-reason": "contract over"}).status_code == 303

    client.force_login(consultant)
    assert client.get("/org/acme/").status_code == 404
    assert client.get("/org/acme/ims/team/").status_code == 404


def test_a_firm_withdraws_from_a_client_by_itself(client, project, admin):
    firm = make_firm()
    boss, junior = make_user(), join(make_user(), firm)
    firm.team.user_set.add(boss)
    grant(boss, Role.CLIENT_ADMIN, firm)
    address = f"/org/acme/people/held/firm/{grant(firm.team, Role.CONSULTANT, project.organization).pk}/"
    client.force_login(junior)
    assert address not in text_of(client.get("/org/acme/"))
    assert client.get(address).status_code == 403
    client.force_login(boss)
    assert address in text_of(client.get("/org/acme/"))

    answer = client.post(address, {"do": "end", "end-reason": "no time"})

    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert client.get("/org/acme/").status_code == 404


def test_a_firm_shows_its_clients_to_its_people_and_leaving_is_one_page(client, project):
    firm = make_firm("firn", name="Firn Consulting")
    boss, junior = make_user(name="Fay Firm"), join(make_user(name="June Junior"), firm)
    firm.team.user_set.add(boss)
    grant(boss, Role.CLIENT_ADMIN, firm)
    grant(firm.team, Role.CONSULTANT, project.organization)
    client.force_login(junior)
    assert "Acme" in text_of(client.get("/org/firn/"))
    assert client.get(f"/org/firn/people/leave/{boss.pk}/").status_code == 404
    assert client.get(f"/org/acme/people/leave/{junior.pk}/").status_code == 404

    assert client.post(f"/org/firn/people/leave/{junior.pk}/", {"reason": ""}).status_code == 422
    assert client.post(f"/org/firn/people/leave/{junior.pk}/", {"reason": "new job"}).status_code == 303

    assert client.get("/org/firn/").status_code == 404
    assert client.get("/org/acme/ims/team/").status_code == 404
    client.force_login(boss)
    assert client.post(f"/org/firn/people/leave/{boss.pk}/", {"reason": "bye"}).status_code == 422


def test_the_own_role_can_be_laid_down_but_not_lengthened(client, project, manager):
    held = ProjectUserGrant.objects.get(user=manager)
    client.force_login(manager)
    address = f"/org/acme/ims/team/held/project/{held.pk}/"
    assert client.get(address).context["change"] is None

    answer = client.post(address, {"do": "end", "end-reason": "handed over"})

    assert (answer.status_code, answer["Location"]) == (303, "/")


# ---- what it costs -----------------------------------------------------------------------------------------------


def _grow(project: Project, firm) -> None:
    organization = project.organization
    for _ in range(3):
        grant(make_user(), Role.AUDITOR, project)
        grant(make_user(), Role.TOP_MANAGEMENT, organization)
        join(make_user(), firm)
        team.invite(scope=project, email=f"{make_user().pk}@example.org", role=Role.HR, by=organization.boss)
        make_project(organization)


@pytest.mark.parametrize(
    ("address", "most"), [("/org/acme/ims/team/", 16), ("/org/acme/", 20), ("/org/acme/people/", 18)]
)
def test_pages_cost_the_same_for_few_and_for_many(client, project, admin, address, most):
    firm = make_firm()
    grant(firm.team, Role.CONSULTANT, project.organization)
    project.organization.boss = admin
    _grow(project, firm)
    client.force_login(admin)
    client.get(address)
    counts = []
    for _ in range(2):
        with queries(most) as asked:
            client.get(address)
        counts.append(len(asked))
        _grow(project, firm)
    assert counts[0] == counts[1]
    assert OrganizationUserGrant.objects.count() > 6
