"""The demo: believable, complete, once, and not in production."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Organization, User
from approvals import verifying
from approvals.models import Approval
from approvals.selectors import approval as approvals
from approvals.selectors import inbox
from context.models import Mandate
from context.selectors import scope as scopes
from core.models import OutgoingMail
from projects import access, demo, journal_check
from projects.models import Evidence, Invitation, JournalEntry, PlanActivity, PlanStep, Project, Task, TaskComment
from projects.permissions import Role
from projects.services import counters
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db


def said(*arguments, **options) -> str:
    out = StringIO()
    call_command("seed_demo", *arguments, stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def seeded(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_catalogue", verbosity=0)
        call_command("seed_demo", verbosity=0)
        yield Project.objects.select_related("organization").get(organization__slug="alpenblick", slug="ims")
        transaction.set_rollback(True)


def test_everybody_of_the_list_signs_in_and_holds_the_role_it_names(seeded):
    for email, title in demo.SIGN_INS:
        person = User.objects.get(email=email)
        assert person.is_demo
        assert person.check_password(demo.PASSWORD)
        held = {str(role.label) for role in access.roles_of(person, seeded)}
        assert title in held, f"{email} holds {held}"


def test_nobody_of_the_demo_signs_in_in_production(seeded, settings, rf):
    settings.PRODUCTION = True
    assert authenticate(rf.post("/"), email="manager@demo.example", password=demo.PASSWORD) is None
    with pytest.raises(CommandError, match="refused in production"):
        call_command("seed_demo")


def test_the_project_is_half_way_and_shows_every_state(seeded):
    today = timezone.localdate()
    assert 40 <= seeded.progress_percent <= 70
    assert dt.timedelta(days=150) < today - seeded.start_on < dt.timedelta(days=260)
    assert dt.timedelta(days=90) < seeded.target_on - today
    tasks = Task.objects.filter(project=seeded)
    assert set(tasks.values_list("status", flat=True)) == {"open", "in_progress", "blocked", "done", "cancelled"}
    assert 3 <= tasks.filter(is_open=True, due_on__lt=today).count() <= 20
    assert tasks.filter(activity__source__isnull=False).count() >= 328
    assert tasks.exclude(recurrence="").exists()
    assert tasks.filter(checklist_count__gt=0).exists()
    activities = PlanActivity.objects.filter(project=seeded)
    assert activities.filter(status="excluded").exclude(justification="").count() == 1
    assert activities.filter(source=None).exclude(justification="").count() == 1
    assert TaskComment.objects.filter(project=seeded, mentions__isnull=False).count() >= 4
    evidence = Evidence.objects.filter(project=seeded)
    assert evidence.exclude(link="").exists()
    assert {e.file_type for e in evidence.filter(link="")} >= {"application/pdf", "image/png"}
    assert Invitation.objects.filter(project=seeded, accepted_at=None).count() == 1


def test_one_scope_is_approved_and_another_waits_for_somebody_to_choose_its_words(seeded):
    scope = scopes.of_project(seeded)
    assert approvals.standing_of("scope", scope).is_approved and not scope.is_edited
    assert scopes.paper_of(scope).excluded and scopes.paper_of(scope).requirements

    other = scopes.of_project(Project.objects.select_related("organization").get(organization__slug="seefeld"))
    assert other.is_edited and scopes.paper_of(other).is_outdated
    assert approvals.standing_of("scope", other).last is None


def test_the_mandate_is_released_and_two_other_clients_wait_for_their_management(seeded):
    mandate = Mandate.objects.select_related("project__organization").get(project=seeded)
    standing = approvals.standing_of("mandate", mandate)
    assert standing.is_approved and standing.in_force.edition == 1
    signature = standing.in_force.signatures.get()
    assert signature.signer.email == "management@demo.example" and "December" in signature.comment
    assert dt.timedelta(days=60) < timezone.now() - signature.signed_at < dt.timedelta(days=200)
    waiting = Approval.objects.filter(subject_kind="mandate", status="open").order_by("project__organization__slug")
    assert [one.project.organization.slug for one in waiting] == ["rhonetal", "seefeld"]
    assert inbox.count(User.objects.get(email="management@seefeld.example")) == 1
    assert list(verifying.faults()) == []


def test_work_is_spread_over_the_months_by_real_people(seeded):
    entries = JournalEntry.objects.filter(project=seeded)
    assert entries.count() > 500
    assert len({(at.year, at.month) for at in entries.values_list("at", flat=True)}) >= 6
    assert not entries.filter(at__gt=timezone.now()).exists()
    assert entries.exclude(actor=None).values("actor").distinct().count() >= 9
    assert list(entries.order_by("seq").values_list("at", flat=True)) == sorted(entries.values_list("at", flat=True))
    done = Task.objects.filter(project=seeded, status="done").values_list("completed_at", flat=True)
    assert len({(at.year, at.month) for at in done}) >= 6


def test_counters_and_chains_hold(seeded):
    for project in Project.objects.all():
        assert counters.recount(project) == []
    assert {verdict.fault for verdict in journal_check.check_all(use_anchors=False)} == {None}


def test_no_mail_goes_out_for_what_happened_long_ago(seeded):
    assert not OutgoingMail.objects.exists()


def test_the_certification_auditor_reads_until_a_date(seeded):
    grant = seeded.user_grants.get(permission__codename=Role.CERTIFICATION_AUDITOR.codename)
    assert timezone.now() < grant.expires_at < timezone.now() + dt.timedelta(days=90)


def test_the_second_client_shares_nothing_with_the_first(seeded):
    first, second = Organization.objects.get(slug="alpenblick"), Organization.objects.get(slug="seefeld")
    ours = set(access.people_of(first).values_list("pk", flat=True))
    theirs = set(access.people_of(second).values_list("pk", flat=True))
    assert ours and theirs and not ours & theirs
    client = Client()
    client.force_login(User.objects.get(email="consultant@seefeld.example"), backend="accounts.backends.Backend")
    assert client.get("/org/seefeld/ims/").status_code == 200
    assert client.get("/org/alpenblick/ims/").status_code == 404


def test_seeding_again_says_so_and_changes_nothing(seeded):
    before = JournalEntry.objects.count()
    assert "there already" in said()
    assert "nothing to do" in said("--if-empty")
    assert JournalEntry.objects.count() == before


def test_further_clients_come_in_bulk_with_right_counters_and_the_firm_engaged(seeded):
    with transaction.atomic():
        assert "2 further clients" in said("--scale", "2", "--tasks", "340")
        consultant = User.objects.get(email="consultant@demo.example")
        for project in Project.objects.filter(organization__slug__startswith="scale-"):
            assert project.task_count == Task.objects.filter(project=project).count() == 340
            assert counters.recount(project) == []
            assert Role.CONSULTANT in access.roles_of(consultant, project)
        transaction.set_rollback(True)


def test_the_journal_of_the_demo_runs_forward_in_time(seeded):
    for organization in Organization.objects.filter(is_demo=True):
        moments = list(
            JournalEntry.objects.filter(organization=organization).order_by("seq").values_list("at", flat=True)
        )
        assert moments == sorted(moments), organization
        assert moments


MOST_OF_A_STEP = {"1.7": 26, "3.2": 28, "2.3": 21, "2.4": 21, "2.2": 21}
"""Steps where registers hang in much: their panels, their criteria. Every other workspace takes 20 at most."""


def test_with_everything_that_the_apps_hang_up_the_pages_of_the_plan_keep_to_their_budgets(seeded):
    client = Client()
    client.force_login(User.objects.get(email="manager@demo.example"))
    base = f"/org/{seeded.organization.slug}/{seeded.slug}/"
    numbers = PlanStep.objects.filter(project=seeded).order_by("position").values_list("number", flat=True)
    budgets = {"readiness/": 36, "gates/": 12}
    budgets |= {f"steps/{number}/": MOST_OF_A_STEP.get(number, 20) for number in numbers}
    budgets |= {f"steps/{number}/gate/": {"2.4": 19}.get(number, 18) for number in numbers}
    client.get(base)

    for page, most in budgets.items():
        with queries(most):
            assert client.get(f"{base}{page}", follow=False).status_code == 200, page


def test_readiness_answers_from_this_moment(seeded):
    client = Client()
    client.force_login(User.objects.get(email="manager@demo.example"))
    page = f"/org/{seeded.organization.slug}/{seeded.slug}/readiness/"
    before = {thing.item.label for thing in client.get(page).context["found"].things}
    mandate = Mandate.objects.get(project=seeded)
    assert "1.4 The project mandate is approved" not in before

    Mandate.objects.filter(pk=mandate.pk).update(motives=f"{mandate.motives} And more.")

    assert "1.4 The project mandate is approved" in {
        thing.item.label for thing in client.get(page).context["found"].things
    }
    Mandate.objects.filter(pk=mandate.pk).update(motives=mandate.motives)
