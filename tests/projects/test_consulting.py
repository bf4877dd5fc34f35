"""The consultant in charge and the days sold and used: entered in the settings, the consultant known from the start."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from core.rules import RuleBroken
from projects.models import JournalEntry
from projects.permissions import Role
from projects.services import settings
from tests.factories.projects import (
    grant,
    join,
    make_firm,
    make_full_project,
    make_organization,
    make_task,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm():
    return make_firm("firn")


@pytest.fixture
def project(firm):
    organization = make_organization("client")
    grant(firm.team, Role.CONSULTANT, organization)
    return make_full_project(organization, by=join(make_user(), firm), with_tasks=False)


@pytest.fixture
def consultant(project):
    return project.created_by


def change(project, by, **values):
    return settings.change(project=project, by=by, version=project.version, values=values)


def test_who_starts_a_project_as_a_consultant_is_in_charge(project, consultant):
    assert project.consultant == consultant


def test_a_client_that_starts_its_own_project_has_nobody_in_charge():
    organization = make_organization("own")
    admin = make_user()
    grant(admin, Role.CLIENT_ADMIN, organization)

    assert make_full_project(organization, by=admin, with_tasks=False).consultant is None


def test_a_colleague_takes_over_and_the_journal_says_so(project, consultant, firm):
    colleague = join(make_user(name="Marc Rochat"), firm)

    changed = change(project, consultant, consultant=colleague, days_sold=Decimal(40), days_used=Decimal("12.5"))

    assert (changed.consultant, changed.days_sold, changed.days_used) == (colleague, 40, Decimal("12.5"))
    entry = JournalEntry.objects.filter(project=project).latest("seq")
    assert entry.action == "project.changed"
    assert entry.changes["consultant"][1] == "Marc Rochat"


def test_nobody_is_in_charge_who_is_no_consultant_here(project, consultant):
    manager, stranger = make_user(), join(make_user(), make_firm("other"))
    grant(manager, Role.PROJECT_MANAGER, project)

    for person in (manager, stranger):
        with pytest.raises(RuleBroken, match="not a consultant of this project"):
            change(project, consultant, consultant=person)
    project.refresh_from_db()
    assert project.consultant == consultant


def form_of(project, **changed):
    return {
        "version": project.version, "name": project.name, "status": project.status, "target_on": "",
        "headcount": project.headcount, "working_days": list("01234"), "holiday_country": "", "holiday_region": "",
        "manager": "", "consultant": project.consultant_id or "", "days_sold": "", "days_used": "",
        "standards": ["iso-9001-2026"], **changed,
    }  # fmt: skip


def test_the_settings_take_days_and_keep_what_was_typed_wrongly(client, project, consultant):
    url = reverse("projects:project-settings", kwargs=project.address)
    make_task(project, assignee=consultant, effort_hours_spent=20)
    make_task(project, assignee=None, effort_hours_spent=7)
    client.force_login(consultant)

    assert "20 hours (2.5 days) are noted" in client.get(url).content.decode()
    for wrong in ("-1", "1000000", "12.345", "many", "NaN"):
        answer = client.post(url, form_of(project, days_sold="40", days_used=wrong))
        assert answer.status_code == 422, wrong
        assert f'value="{wrong}"' in answer.content.decode()
    assert client.post(url, form_of(project, days_sold="40", days_used="12.5")).status_code == 303
    project.refresh_from_db()
    assert (project.days_sold, project.days_used, project.consultant) == (40, Decimal("12.5"), consultant)


def test_the_settings_offer_the_consultants_of_this_project_alone(client, project, consultant, firm):
    colleague = join(make_user(name="Marc Rochat"), firm)
    join(make_user(name="Other Firm"), make_firm("other"))
    client.force_login(consultant)

    page = client.get(reverse("projects:project-settings", kwargs=project.address))

    offered = {person.pk for person in page.context["form"].fields["consultant"].queryset}
    assert offered == {consultant.pk, colleague.pk}
    assert "Other Firm" not in page.content.decode()


def test_a_made_up_consultant_is_refused(client, project, consultant):
    client.force_login(consultant)
    stranger = make_user()

    url = reverse("projects:project-settings", kwargs=project.address)
    answer = client.post(url, form_of(project, consultant=stranger.pk))

    assert answer.status_code == 422
    project.refresh_from_db()
    assert project.consultant == consultant
