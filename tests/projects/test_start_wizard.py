"""Starting a project on one page: what works, what is refused by a sentence, and what is never lost."""

from __future__ import annotations

import datetime as dt
import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Organization
from core import dates, places
from core.models import OutgoingMail
from projects import access
from projects.models import Invitation, JournalEntry, OrganizationGroupGrant, Project, Task
from projects.permissions import Role
from projects.services import opening
from tests.factories.projects import grant, join, make_firm, make_organization, make_project, make_user
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db
START = dt.date(2027, 3, 1)


@pytest.fixture
def firm(catalogue):
    return make_firm("firn", name="Firn Consulting")


@pytest.fixture
def consultant(firm):
    return join(make_user("consultant@firn.example", name="Connie Consultant"), firm)


@pytest.fixture
def page(client, consultant):
    client.force_login(consultant)
    return client


def typed(**changes):
    """What a consultant types for a new client; None leaves a field out."""
    fields = {
        "client": "+",
        "client_name": "Alpenblick Medical",
        "language": "de",
        "time_zone": "Europe/Zurich",
        "standards": ["iso-9001-2026", "iso-27001-2022"],
        "start_on": START.isoformat(),
        "target_on": "2028-06-30",
        "headcount": "120",
        "country": "CH",
        "region": "ZH",
        "region_of": "CH",
        "working_days": ["0", "1", "2", "3", "4"],
        "name": "Integrated management system",
        "manager": "me",
        "tasks": "all",
    } | changes
    return {name: value for name, value in fields.items() if value is not None}


def errors_of(answer) -> dict[str, list[str]]:
    return {name: list(found) for name, found in answer.context["form"].errors.items()}


# ---- it works ----------------------------------------------------------------------------------------------------


def test_a_new_client_is_running_after_one_page(page, consultant, firm):
    answer = page.post("/start/", typed())

    assert (answer.status_code, answer["Location"]) == (303, "/org/alpenblick-medical/ims/")
    client = Organization.objects.get(slug="alpenblick-medical")
    assert (client.name, client.country, client.region, client.language) == ("Alpenblick Medical", "CH", "ZH", "de")
    assert OrganizationGroupGrant.objects.get(content_object=client).group == firm.team
    project = Project.objects.get()
    assert (project.organization, project.manager, project.created_by) == (client, consultant, consultant)
    assert (project.start_on, project.target_on) == (START, dt.date(2028, 6, 30))
    assert (project.headcount, project.working_week) == (120, "1111100")
    assert (project.holiday_country, project.holiday_region) == ("CH", "ZH")
    assert sorted(s.slug for s in project.standards.all()) == ["iso-27001-2022", "iso-9001-2026"]
    assert (project.activity_count, project.task_count) == (101, 328)
    assert access.roles_of(consultant, project) == {Role.CONSULTANT, Role.PROJECT_MANAGER}
    actions = list(JournalEntry.objects.filter(organization=client).order_by("seq").values_list("action", flat=True))
    assert actions == ["organization.founded", "role.granted", "project.started", "role.taken"]
    home = page.get(answer["Location"])
    assert home.status_code == 200
    assert "invite the people who will work on it" in home.content.decode()


def test_few_fields_are_enough(page):
    """Only the client's name and one standard are typed; everything else stands in the form already."""
    form = page.get("/start/").context["form"]
    fields = {name: form.value_of(name) for name in form.fields if form.value_of(name) not in (None, [])}
    fields |= {"client_name": "Seefeld", "standards": ["iso-9001-2026"]}

    assert page.post("/start/", fields).status_code == 303
    assert Project.objects.get().task_count == 328


def test_a_client_admin_starts_in_the_own_organization_and_founds_no_client(client, catalogue):
    organization = make_organization("acme", country="DE", time_zone="Europe/Berlin", headcount=40)
    admin = make_user()
    grant(admin, Role.CLIENT_ADMIN, organization)
    client.force_login(admin)
    form = client.get("/start/").context["form"]
    assert [value for value, _label in form.fields["client"].choices] == ["acme"]
    assert (form.value_of("client"), form.value_of("country"), form.value_of("headcount")) == ("acme", "DE", 40)

    assert "client" in errors_of(client.post("/start/", typed()))
    answer = client.post("/start/", typed(client="acme", region=""))

    assert answer["Location"] == "/org/acme/ims/"
    assert Organization.objects.count() == 1


def test_a_second_project_of_a_client_gets_the_next_short_name(page, firm):
    organization = make_organization("acme")
    grant(firm.team, Role.CONSULTANT, organization)
    make_project(organization, "ims")

    answer = page.post("/start/", typed(client="acme"))

    assert answer["Location"] == "/org/acme/ims-2/"


def test_the_project_manager_is_invited(page, consultant):
    page.post("/start/", typed(manager="invite", manager_name="Lea", manager_email="Lea@Acme.example"))

    project = Project.objects.get()
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role, invitation.project) == ("lea@acme.example", "project_manager", project)
    assert project.manager is None
    assert access.roles_of(consultant, project) == {Role.CONSULTANT}
    assert OutgoingMail.objects.get().recipient == "lea@acme.example"


@pytest.mark.parametrize(("choice", "count"), [("all", 328), ("none", 0)])
def test_suggested_tasks_are_taken_or_left(page, choice, count):
    page.post("/start/", typed(tasks=choice))

    assert Task.objects.count() == Project.objects.get().task_count == count


def test_suggested_tasks_are_taken_by_step(page, catalogue):
    first, second = catalogue.steps.order_by("sequence")[:2]

    page.post("/start/", typed(tasks="steps", task_steps=[first.code, second.code]))

    steps = {task.activity.step.number for task in Task.objects.select_related("activity__step")}
    assert steps == {first.number, second.number}


def test_the_plan_is_shown_first_and_nothing_is_written(page):
    answer = page.post("/start/", typed(client_name="", standards=None, preview="1"))

    assert answer.status_code == 200
    plan = answer.context["plan"]
    assert plan.step_count == 20
    assert plan.ends_on < plan.target_on
    assert "in reserve before the audit" in plan.verdict
    assert not errors_of(answer)
    assert not Project.objects.exists() and not Organization.objects.filter(kind="client").exists()


def test_htmx_gets_the_plan_alone_and_the_regions_when_the_country_changed(page):
    same = page.post("/start/", typed(), headers={"HX-Request": "true"}).content.decode()
    other = page.post("/start/", typed(country="DE", region=""), headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in same and 'id="plan-preview"' in same and "region-field" not in same
    assert 'hx-swap-oob="true"' in other and "Bayern" in other
    assert not Project.objects.exists()


def test_a_late_plan_warns_and_is_not_forbidden(page):
    shown = page.post("/start/", typed(target_on="2027-06-01", preview="1"))
    assert "after the audit you aim for" in shown.content.decode()

    assert page.post("/start/", typed(target_on="2027-06-01")).status_code == 303


def test_a_superseded_edition_warns_with_its_transition_and_names_the_current_one(page):
    shown = page.post("/start/", typed(standards=["iso-9001-2015"], target_on="", preview="1")).context["plan"]
    late = page.post("/start/", typed(standards=["iso-9001-2015"], target_on="2030-01-31", preview="1")).context["plan"]
    both = page.post("/start/", typed(standards=["iso-9001-2015", "iso-9001-2026"], preview="1")).context["plan"]

    assert shown.warnings == [
        "ISO 9001:2015 is superseded: its transition ends 30 September 2029. ISO 9001:2026 is what applies now."
    ]
    assert "before the audit you aim for. Choose ISO 9001:2026" in late.warnings[0]
    assert "two editions of one standard" in both.warnings[0]
    assert page.post("/start/", typed(standards=["iso-9001-2015"])).status_code == 303


# ---- it is sent twice --------------------------------------------------------------------------------------------


def test_the_form_sent_twice_starts_one_project(page):
    first, second = page.post("/start/", typed()), page.post("/start/", typed())

    assert first["Location"] == second["Location"] == "/org/alpenblick-medical/ims/"
    assert Project.objects.count() == 1
    assert Organization.objects.filter(kind="client").count() == 1


def test_later_the_same_name_is_another_project(page, firm):
    organization = make_organization("acme")
    grant(firm.team, Role.CONSULTANT, organization)
    page.post("/start/", typed(client="acme"))
    Project.objects.update(created_at=timezone.now() - opening.TWICE_WITHIN)

    assert page.post("/start/", typed(client="acme"))["Location"] == "/org/acme/ims-2/"


@pytest.mark.django_db(transaction=True)
def test_at_the_same_moment_one_project_is_started(catalogue):
    from pdca.models import Standard

    firm = make_firm("firn")
    consultant = join(make_user(), firm)
    standards = list(Standard.objects.filter(slug="iso-9001-2026"))
    found, barrier = [], threading.Barrier(3)

    def post():
        try:
            barrier.wait()
            found.append(
                opening.open_project(
                    client=opening.NewClient(firm, "Acme", "acme"), by=consultant, catalogue=catalogue, name="IMS",
                    slug="ims", standards=standards, start_on=START, with_tasks=False,
                )
            )  # fmt: skip
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(is_new for _project, is_new in found) == [False, False, True]
    assert Project.objects.count() == 1


# ---- it is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"start_on": "2027-02-30"}, "start_on", "Enter a valid date"),
        ({"start_on": "1899-01-01"}, "start_on", "Choose a date between"),
        ({"start_on": "9999-12-31"}, "start_on", "Choose a date between"),
        ({"start_on": ""}, "start_on", "required"),
        ({"target_on": "2026-12-31"}, "target_on", "lies before the start"),
        ({"target_on": "2999-01-01"}, "target_on", "Choose a date between"),
        ({"standards": None}, "standards", "at least one standard"),
        ({"standards": ["iso-0000"]}, "standards", "not on offer"),
        ({"standards": ["harmonized-structure"]}, "standards", "not on offer"),
        ({"headcount": "0"}, "headcount", "greater than or equal to 1"),
        ({"headcount": "many"}, "headcount", "whole number"),
        ({"headcount": "99999999999999999999"}, "headcount", "less than or equal"),
        ({"working_days": None}, "working_days", "at least one working day"),
        ({"working_days": ["7"]}, "working_days", "valid choice"),
        ({"country": "XX"}, "country", "valid choice"),
        ({"region": "BY"}, "region", "no region of the chosen country"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "valid choice"),
        ({"client_name": ""}, "client_name", "what the new client is called"),
        ({"client_name": "x" * 201}, "client_name", "at most 200"),
        ({"client_name": "A\0B"}, "client_name", "Null characters"),
        ({"client_slug": "Not A Slug"}, "client_slug", "Small letters"),
        ({"slug": "people"}, "__all__", "a word that addresses use"),
        ({"slug": "<b>"}, "slug", "Small letters"),
        ({"name": "   "}, "name", "required"),
        ({"manager": "invite"}, "manager_email", "whom to invite"),
        ({"manager": "invite", "manager_email": "no address"}, "manager_email", "valid email"),
        ({"manager": "invite", "manager_email": "Consultant@firn.example"}, "manager_email", "That is you"),
        ({"tasks": "steps"}, "task_steps", "at least one step"),
        ({"tasks": "steps", "task_steps": ["9.9"]}, "task_steps", "valid choice"),
        ({"client": "nobody"}, "client", "valid choice"),
    ],
)
def test_each_bad_value_is_a_sentence_and_keeps_the_rest(page, changes, field, said):
    answer = page.post("/start/", typed(**changes))

    assert answer.status_code == 422
    assert said in " ".join(errors_of(answer)[field])
    html = answer.content.decode()
    if "client_name" not in changes:
        assert 'value="Alpenblick Medical"' in html
    if "standards" not in changes:
        assert 'value="iso-27001-2022" checked' in html
    assert not Project.objects.exists()
    assert not Organization.objects.filter(kind="client").exists()
    assert not OutgoingMail.objects.exists()


def test_a_taken_short_name_is_said_and_another_is_proposed_where_none_was_typed(page):
    make_organization("alpenblick-medical")

    assert "taken" in errors_of(page.post("/start/", typed(client_slug="alpenblick-medical")))["__all__"][0]
    assert page.post("/start/", typed())["Location"] == "/org/alpenblick-medical-2/ims/"


def test_a_foreign_organization_is_no_choice_and_learns_nothing(page):
    foreign = make_organization("foreign", name="Foreign Secrets Ltd")
    for value in ("foreign", str(foreign.pk)):
        answer = page.post("/start/", typed(client=value))
        assert "valid choice" in errors_of(answer)["client"][0]
        assert "Foreign Secrets" not in answer.content.decode()
    assert "Foreign Secrets" not in page.get("/start/?org=foreign").content.decode()
    assert not Project.objects.exists()


def test_a_foreign_firm_is_not_engaged(page):
    make_firm("other")

    assert "valid choice" in errors_of(page.post("/start/", typed(firm="other")))["firm"][0]
    assert not OrganizationGroupGrant.objects.exists()


HOSTILE = [
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "‮evil‬ 😀 שלום",
    "' OR 1=1 --",
    "{{ 7*7 }}",
    "\\x00\r\nX: y",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_as_text(page, text):
    answer = page.post("/start/", typed(client_name=text, name=text))

    assert answer.status_code == 303
    home = page.get("/portfolio/").content.decode()
    assert "<script>alert" not in home
    assert Organization.objects.filter(kind="client").get().name == " ".join(text.split())


def test_who_may_start_nowhere_is_told_whom_to_ask(client, catalogue):
    person = make_user()
    grant(person, Role.PROJECT_MANAGER, make_project())
    client.force_login(person)
    for answer in (client.get("/start/"), client.post("/start/", typed())):
        assert answer.status_code == 403
    client.logout()
    assert client.get("/start/")["Location"] == "/accounts/login/?next=/start/"


def test_without_a_method_the_page_says_what_to_do(client, db):
    firm = make_firm("firn")
    client.force_login(join(make_user(), firm))

    assert "load_catalogue" in client.get("/start/").content.decode()
    assert client.post("/start/", typed()).status_code == 303


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(page, method):
    assert getattr(page, method)("/start/").status_code == 405


# ---- what it costs -----------------------------------------------------------------------------------------------


def test_the_page_and_its_plan_cost_the_same_for_one_client_and_for_three(page, firm):
    page.get("/start/")
    grant(firm.team, Role.CONSULTANT, make_organization())
    counts = []
    for _ in range(2):
        with queries(30) as whole:
            page.get("/start/")
        with queries(20) as plan:
            page.post("/start/", typed(), headers={"HX-Request": "true"})
        counts.append((len(whole), len(plan)))
        for _more in range(2):
            grant(firm.team, Role.CONSULTANT, make_organization())
    assert counts[0] == counts[1]


def test_starting_takes_the_same_number_of_queries_whatever_else_is_there(page, firm):
    with queries(100) as first:  # SQLite takes 999 values at a time: the rows of a plan come in batches
        page.post("/start/", typed(client_name="First"))
    with queries(100) as second:
        page.post("/start/", typed(client_name="Second"))
    assert len(first) == len(second)


def test_a_new_user_has_a_running_project_in_well_under_five_minutes(page):
    began = time.monotonic()
    page.get("/start/")
    page.post("/start/", typed(preview="1"))
    page.get(page.post("/start/", typed())["Location"])
    assert time.monotonic() - began < 30  # what the server takes of it, on a busy machine


# ---- around it ---------------------------------------------------------------------------------------------------


def test_countries_and_regions_are_those_with_known_holidays():
    assert dict(places.countries())["GB"] == "United Kingdom"
    assert ("ZH", "Zürich") in places.regions("CH")
    assert places.regions("XX") == [] == places.regions("")
    for country in ("CH", "DE", "US"):
        for region, _name in places.regions(country):
            assert len(region) <= places.REGION_LENGTH
            assert dates.public_holidays(country, region, 2027)


def test_the_first_organization_of_an_installation_comes_by_command(capsys, db, client):
    call_command("add_organization", name="Firn Consulting", slug="firn", kind="firm", admin_email="Nora@Firn.example")

    firm = Organization.objects.get()
    assert firm.is_firm and firm.team
    link = capsys.readouterr().out.strip().splitlines()[-1]
    page = client.get(link.partition("8000")[2] or link[link.index("/invitations/") :])
    assert page.status_code == 200
    answer = client.post(page.request["PATH_INFO"], {"name": "Nora Frei", "password": "a long enough sentence"})
    assert answer.status_code == 303
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/portfolio/"
    assert client.get("/start/").status_code == 200

    for wrong in (
        {"slug": "firn", "admin_email": "x@firn.example"},
        {"slug": "No Slug", "admin_email": "x@firn.example"},
        {"slug": "other", "admin_email": "no address"},
    ):
        with pytest.raises(CommandError):
            call_command("add_organization", name="X", kind="firm", **wrong)
    assert Organization.objects.count() == 1
