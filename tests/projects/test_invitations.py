"""Invited by e-mail: written, sent again, withdrawn, and accepted by the right person, once."""

from __future__ import annotations

import datetime as dt
import re
import threading

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from core.models import OutgoingMail
from core.rules import RuleBroken
from projects import access
from projects.flow import NotPermitted
from projects.models import Invitation, JournalEntry, ProjectUserGrant
from projects.permissions import Role
from projects.services import team
from tests.factories.accounts import PASSWORD
from tests.factories.projects import grant, join, make_firm, make_organization, make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return make_project(make_organization("acme"), "ims")


@pytest.fixture
def manager(project):
    person = make_user("manager@acme.example", name="Max Manager")
    grant(person, Role.PROJECT_MANAGER, project)
    return person


@pytest.fixture
def consultant(project):
    firm = make_firm("firn")
    person = join(make_user(name="Connie"), firm)
    grant(firm.team, Role.CONSULTANT, project.organization)
    return person


def invite(project, by, email="new@example.org", role=Role.AUDITOR, **more):
    return team.invite(scope=project, email=email, role=role, by=by, **more)


def link_of(invitation) -> str:
    return f"/invitations/{invitation.token}/"


# ---- writing -----------------------------------------------------------------------------------------------------


def test_the_mail_carries_a_link_to_the_configured_address_and_the_row_only_its_digest(project, manager):
    invitation = invite(project, manager, name="Nora", message="Welcome aboard")

    mail = OutgoingMail.objects.get()
    assert mail.recipient == "new@example.org"
    assert mail.subject == "Max Manager invites you to Acme"
    assert f"{settings.BASE_URL}/invitations/{invitation.token}/" in mail.text
    assert "Welcome aboard" in mail.text and "Auditor" in mail.text and "Hello Nora," in mail.text
    assert mail.is_secret
    stored = {str(value) for value in Invitation.objects.values().get().values()}
    assert not any(invitation.token in value for value in stored)
    assert not any(invitation.token in str(e.changes) for e in JournalEntry.objects.all())


def test_a_hostile_host_header_reaches_no_mail(client, project, manager, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client.force_login(manager)
    client.post(
        "/org/acme/ims/team/invite/",
        {"email": "new@example.org", "role": "auditor"},
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
    )

    mail = OutgoingMail.objects.get()
    for text in (mail.subject, mail.text, mail.html):
        assert "evil.example" not in text
    links = re.findall(r"https?://[^\s\"'<]+", mail.text + mail.html)
    assert links and all(link.startswith(settings.BASE_URL) for link in links)


def test_an_invitation_needs_the_right_to_invite(project):
    auditor = make_user()
    grant(auditor, Role.AUDITOR, project)
    for nobody in (auditor, make_user()):
        with pytest.raises(NotPermitted):
            invite(project, nobody)
    assert not Invitation.objects.exists()


def test_nobody_invites_themselves_twice_or_who_is_there(project, manager):
    with pytest.raises(RuleBroken, match="Nobody gives a role to themselves"):
        invite(project, manager, email=" MANAGER@acme.example ")
    invite(project, manager)
    with pytest.raises(RuleBroken, match="invited as Auditor already"):
        invite(project, manager, email="NEW@example.org")
    auditor = make_user("auditor@acme.example")
    grant(auditor, Role.AUDITOR, project)
    with pytest.raises(RuleBroken, match="is Auditor here already"):
        invite(project, manager, email="auditor@acme.example")


def test_a_dated_role_is_offered_with_its_date(project, manager):
    with pytest.raises(RuleBroken, match="until when"):
        invite(project, manager, role=Role.CERTIFICATION_AUDITOR)

    last_day = timezone.localdate() + dt.timedelta(days=5)
    invitation = invite(project, manager, role=Role.CERTIFICATION_AUDITOR, role_ends_on=last_day)
    person = make_user("new@example.org")
    team.accept(invitation=invitation, user=person)

    held = ProjectUserGrant.objects.get(user=person)
    assert held.expires_at.astimezone(dt.timezone(dt.timedelta(hours=1))).date() in {
        last_day, last_day + dt.timedelta(days=1)
    }  # fmt: skip
    assert held.expires_at == team.end_of(last_day, project.organization)


def test_a_consultant_names_the_first_client_admin_and_no_second(project, consultant):
    organization = project.organization
    invitation = team.invite(scope=organization, email="admin@acme.example", role=Role.CLIENT_ADMIN, by=consultant)

    with pytest.raises(NotPermitted):
        team.invite(scope=organization, email="b@acme.example", role=Role.CLIENT_ADMIN, by=consultant)
    with pytest.raises(NotPermitted):
        team.invite(scope=organization, email="b@acme.example", role=Role.TOP_MANAGEMENT, by=consultant)
    team.resend(invitation=invitation, by=consultant)
    admin = make_user("admin@acme.example")
    team.accept(invitation=Invitation.objects.get(), user=admin)
    with pytest.raises(NotPermitted):
        team.invite(scope=organization, email="c@acme.example", role=Role.CLIENT_ADMIN, by=consultant)
    assert access.roles_of(admin, organization) == {Role.CLIENT_ADMIN}


def test_a_firm_takes_on_a_consultant_by_invitation(project, consultant):
    firm = consultant.groups.get().firm
    admin = make_user()
    firm.team.user_set.add(admin)
    grant(admin, Role.CLIENT_ADMIN, firm)
    person = make_user("junior@firn.example")

    team.accept(invitation=team.invite(scope=firm, email=person.email, role=Role.CONSULTANT, by=admin), user=person)

    assert access.roles_of(person, project) == {Role.CONSULTANT}


# ---- sending again, withdrawing ----------------------------------------------------------------------------------


def test_sending_again_replaces_the_link(client, project, manager):
    first = invite(project, manager)
    old_link = link_of(first)
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(days=1))

    again = team.resend(invitation=first, by=manager)

    assert OutgoingMail.objects.count() == 2
    assert again.is_waiting
    assert client.get(old_link).status_code == 404
    assert client.get(link_of(again)).status_code == 200


def test_an_invitation_whose_role_would_be_over_is_not_sent_again(project, manager):
    invitation = invite(project, manager, role_ends_on=timezone.localdate() + dt.timedelta(days=1))
    Invitation.objects.update(role_ends_on=timezone.localdate() - dt.timedelta(days=2))
    invitation.refresh_from_db()

    with pytest.raises(RuleBroken, match="write a new one"):
        team.resend(invitation=invitation, by=manager)


def test_a_withdrawn_invitation_opens_nothing(client, project, manager):
    invitation = invite(project, manager)
    link = link_of(invitation)
    team.revoke(invitation=invitation, by=manager)

    page = client.get(link)
    assert page.status_code == 410
    assert "withdrawn" in page.content.decode()
    with pytest.raises(RuleBroken):
        team.accept(invitation=invitation, user=make_user("new@example.org"))
    with pytest.raises(RuleBroken):
        team.revoke(invitation=invitation, by=manager)
    with pytest.raises(RuleBroken):
        team.resend(invitation=invitation, by=manager)


def test_strangers_handle_no_invitation(project, manager, consultant):
    invitation = invite(project, manager)
    stranger = make_user()
    auditor = make_user()
    grant(auditor, Role.AUDITOR, project)
    for nobody in (stranger, auditor):
        with pytest.raises(NotPermitted):
            team.resend(invitation=invitation, by=nobody)
        with pytest.raises(NotPermitted):
            team.revoke(invitation=invitation, by=nobody)


# ---- accepting: the rule -----------------------------------------------------------------------------------------


def test_only_the_invited_address_accepts(project, manager):
    invitation = invite(project, manager)
    other = make_user("other@example.org")

    with pytest.raises(RuleBroken, match=r"was sent to new@example\.org"):
        team.accept(invitation=invitation, user=other)

    assert access.roles_of(other, project) == frozenset()
    assert Invitation.objects.get().is_waiting


def test_accepting_twice_gives_one_role(project, manager):
    invitation = invite(project, manager)
    person = make_user("new@example.org")
    team.accept(invitation=invitation, user=person)

    with pytest.raises(RuleBroken, match="already accepted"):
        team.accept(invitation=invitation, user=person)

    assert ProjectUserGrant.objects.filter(user=person).count() == 1
    actions = list(JournalEntry.objects.order_by("seq").values_list("action", flat=True))
    assert actions == ["invitation.sent", "invitation.accepted", "role.taken"]


def test_an_invitation_is_worth_what_its_writer_may_still_do(project, manager):
    invitation = invite(project, manager)
    ProjectUserGrant.objects.filter(user=manager).delete()
    person = make_user("new@example.org")

    with pytest.raises(RuleBroken, match="no longer belongs here"):
        team.accept(invitation=Invitation.objects.select_related("project__organization").get(), user=person)

    assert invitation.project == project
    assert access.roles_of(person, project) == frozenset()


def test_an_admin_who_stepped_down_has_no_admin_invited_any_more(project, consultant):
    organization = project.organization
    admin = make_user()
    held = grant(admin, Role.CLIENT_ADMIN, organization)
    team.invite(scope=organization, email="new@example.org", role=Role.CLIENT_ADMIN, by=admin)
    held.delete()
    grant(admin, Role.PROJECT_MANAGER, organization)
    grant(make_user(), Role.CLIENT_ADMIN, organization)
    person = make_user("new@example.org")

    with pytest.raises(RuleBroken, match="may not give this role any more"):
        team.accept(invitation=Invitation.objects.select_related("organization").get(), user=person)

    assert access.roles_of(person, organization) == frozenset()


def test_of_two_first_admins_whom_a_consultant_invited_only_the_first_becomes_one(project, consultant):
    organization = project.organization
    people = [make_user("one@example.org"), make_user("two@example.org")]
    team.invite(scope=organization, email="one@example.org", role=Role.CLIENT_ADMIN, by=consultant)
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(days=1))
    team.invite(scope=organization, email="two@example.org", role=Role.CLIENT_ADMIN, by=consultant)
    invitations = {one.email: one for one in Invitation.objects.select_related("organization")}
    team.resend(invitation=invitations["one@example.org"], by=consultant)

    team.accept(invitation=invitations["two@example.org"], user=people[1])
    with pytest.raises(RuleBroken, match="may not give this role any more"):
        team.accept(invitation=invitations["one@example.org"], user=people[0])

    assert access.roles_of(people[0], organization) == frozenset()


@pytest.mark.parametrize("role", [Role.PROJECT_MANAGER, Role.TOP_MANAGEMENT])
def test_a_consultant_brings_only_the_first_who_decides_or_gives_roles(project, consultant, role):
    first = team.invite(scope=project, email="first@example.org", role=role, by=consultant)
    with pytest.raises(NotPermitted):
        team.invite(scope=project, email="second@example.org", role=role, by=consultant)
    team.accept(invitation=first, user=make_user("first@example.org"))

    with pytest.raises(NotPermitted):
        team.invite(scope=project, email="second@example.org", role=role, by=consultant)

    assert role in access.roles_of(User.objects.get(email="first@example.org"), project)
    assert team.may_invite(consultant, Role.STAFF, project)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_moment_one_accepts():
    project = make_project(make_organization("acme"), "ims")
    manager = make_user()
    grant(manager, Role.PROJECT_MANAGER, project)
    invitation = invite(project, manager)
    person = make_user("new@example.org")
    outcomes, start = [], threading.Barrier(6)

    def accept():
        try:
            start.wait()
            fresh = Invitation.objects.select_related("project__organization", "invited_by").get(pk=invitation.pk)
            team.accept(invitation=fresh, user=person)
            outcomes.append("accepted")
        except RuleBroken:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=accept) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["accepted"] + ["refused"] * 5
    assert ProjectUserGrant.objects.filter(user=person).count() == 1
    assert JournalEntry.objects.filter(action="invitation.accepted").count() == 1


# ---- accepting: the page -----------------------------------------------------------------------------------------


def test_somebody_new_chooses_name_and_password_and_is_in(client, project, manager):
    link = link_of(invite(project, manager, name="Nora"))
    page = client.get(link)
    assert 'value="Nora"' in page.content.decode()
    assert not User.objects.filter(email="new@example.org").exists()  # GET changes nothing

    answer = client.post(link, {"name": "Nora Keller", "password": PASSWORD})

    assert (answer.status_code, answer["Location"]) == (303, "/org/acme/ims/")
    person = User.objects.get(email="new@example.org")
    assert person.name == "Nora Keller" and person.check_password(PASSWORD)
    assert access.roles_of(person, project) == {Role.AUDITOR}
    assert client.get("/org/acme/ims/roles/").status_code == 200


def test_staff_begin_with_their_work(client, project, manager):
    link = link_of(invite(project, manager, role=Role.STAFF))

    answer = client.post(link, {"name": "Stu", "password": PASSWORD})

    assert client.get(answer["Location"], follow=True).redirect_chain[-1][0] == "/my-work/"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "", "password": PASSWORD}, "This field is required"),
        ({"name": "Nora", "password": "short"}, "too short"),
        ({"name": "Nora", "password": "password123456"[:11]}, "too common"),
        ({"name": "No\0ra", "password": PASSWORD}, "Null characters are not allowed"),
        ({"name": " \t ", "password": PASSWORD}, "required"),
    ],
)
def test_what_was_typed_stays_when_the_account_cannot_be_set_up(client, project, manager, typed, said):
    link = link_of(invite(project, manager))

    page = client.post(link, typed)

    assert page.status_code == 422
    assert said in page.content.decode()
    assert not User.objects.filter(email="new@example.org").exists()
    assert Invitation.objects.get().is_waiting


def test_somebody_known_signs_in_and_accepts_without_the_secret_in_another_address(client, project, manager):
    person = make_user("new@example.org")
    link = link_of(invite(project, manager))
    secret = link.split("/")[2]
    assert "Sign in to accept" in client.get(link).content.decode()

    to_sign_in = client.post(link)
    assert to_sign_in.status_code == 303 and secret not in to_sign_in["Location"]
    client.post(to_sign_in["Location"], {"login": person.email, "password": PASSWORD})
    page = client.get("/invitations/open/")
    assert "Accept" in page.content.decode() and access.roles_of(person, project) == frozenset()
    answer = client.post("/invitations/open/")

    assert (answer.status_code, answer["Location"]) == (303, "/org/acme/ims/")
    assert access.roles_of(person, project) == {Role.AUDITOR}
    assert client.get("/invitations/open/").status_code == 404  # forgotten


def test_the_wrong_account_is_told_so_and_can_sign_out(client, project, manager):
    link = link_of(invite(project, manager))
    other = make_user("other@example.org")
    client.force_login(other)

    page = client.get(link)
    assert "for new@example.org, but you are signed in as other@example.org" in page.content.decode()
    client.post(link)
    assert access.roles_of(other, project) == frozenset()
    assert client.post(link, {"leave": "1"}).status_code == 303
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("token", ["nonsense", "a" * 5000, "%00", "открыть"])
def test_a_link_that_never_was_opens_nothing(client, token):
    assert client.get(f"/invitations/{token}/").status_code == 404
    assert client.post(f"/invitations/{token}/").status_code == 404
    assert client.get("/invitations/open/").status_code == 404


def test_an_expired_link_says_so(client, project, manager):
    link = link_of(invite(project, manager))
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))

    page = client.post(link, {"name": "Nora", "password": PASSWORD})

    assert page.status_code == 410
    assert "expired" in page.content.decode()
    assert not User.objects.filter(email="new@example.org").exists()


def test_a_used_link_says_so(client, project, manager):
    link = link_of(invite(project, manager))
    client.post(link, {"name": "Nora", "password": PASSWORD})

    page = Client().post(link, {"name": "Mallory", "password": PASSWORD})

    assert page.status_code == 410
    assert User.objects.get(email="new@example.org").name == "Nora"


def test_the_secret_leaves_no_trace_in_headers_or_log(client, project, manager, caplog):
    link = link_of(invite(project, manager))
    with caplog.at_level("DEBUG"):
        page = client.get(link)

    assert page["Referrer-Policy"] == "strict-origin"
    assert "no-store" in page["Cache-Control"]
    assert link.split("/")[2] not in caplog.text


def test_the_page_of_an_invitation_costs_few_queries(client, project, manager, django_assert_max_num_queries):
    link = link_of(invite(project, manager))
    with django_assert_max_num_queries(3):
        client.get(link)
