"""The entries follow every change after its commit; what was missed is mended."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Q

from accounts.services import people
from projects.models import JournalEntry, Task
from projects.permissions import Role
from projects.services import settings as project_settings
from projects.services import start, team
from projects.services import task as tasks
from search import full_text, kinds, receivers
from search import tasks as scheduled
from search.models import Filling, SearchEntry
from search.services import entries
from tests.factories.projects import full_catalogue, grant, make_organization, make_project, make_task, make_user
from tests.helpers.budget import count_queries, queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return make_project(make_organization("acme", name="Acme"), "ims")


@pytest.fixture
def manager(project):
    person = make_user(name="Mia Manager")
    grant(person, Role.PROJECT_MANAGER, project)
    return person


def renamed(task, by, title):
    tasks.edit(task=task, by=by, version=task.version, values={"title": title})


def test_a_new_task_is_found_after_its_commit_and_renamed_under_its_new_name(
    project, manager, ask, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        task = tasks.create(project=project, by=manager, title="Walk through the warehouse")
    assert ask(manager, "warehouse")["tasks"] == ["Walk through the warehouse"]

    with django_capture_on_commit_callbacks(execute=True):
        renamed(task, manager, "Walk through the foundry")

    assert ask(manager, "warehouse") == {}
    assert ask(manager, "foundry")["tasks"] == ["Walk through the foundry"]


def test_a_completed_task_sinks_below_open_ones_and_says_so(project, manager, as_person, ask, filled,
                                                            django_capture_on_commit_callbacks):  # fmt: skip
    first, _second = tasks.create_many(
        project=project, by=manager, rows=[{"title": "Gauge", "assignee": manager}, {"title": "Gauge again and again"}]
    )
    filled()
    assert ask(manager, "gauge")["tasks"] == ["Gauge", "Gauge again and again"]

    with django_capture_on_commit_callbacks(execute=True):
        tasks.move(task=first, name="complete", by=manager)

    assert ask(manager, "gauge")["tasks"] == ["Gauge again and again", "Gauge"]
    assert "Done" in as_person(manager).get("/search/", {"q": "gauge"}).content.decode()


def test_a_project_started_brings_its_whole_plan_from_the_background(django_capture_on_commit_callbacks, ask, bells):
    organization, by = make_organization(), make_user()
    catalogue = full_catalogue()
    grant(by, Role.CLIENT_ADMIN, organization)
    from pdca.models import Standard

    with django_capture_on_commit_callbacks(execute=True):
        start.start(
            organization=organization, by=by, name="Fresh", slug="fresh", catalogue=catalogue,
            standards=list(Standard.objects.filter(slug="iso-9001-2026")), start_on=make_project().start_on,
        )  # fmt: skip

    assert ask(by, "fresh")["projects"] == ["Fresh"], "the project itself at once"
    assert bells == ["rung"] and not SearchEntry.objects.filter(kind="task").exists()
    scheduled.catch_up()
    assert entries.catch_up() == 0

    counts = {key: SearchEntry.objects.filter(kind=key).count() for key in ("project", "step", "activity")}
    assert counts == {"project": 1, "step": 20, "activity": 101}
    assert SearchEntry.objects.filter(kind="task").count() == Task.objects.count() > 300


def test_a_project_whose_bell_was_lost_is_indexed_by_the_sweep_and_by_the_command(project, manager, ask, monkeypatch):
    def broken(**options):
        raise ConnectionError("no broker")

    monkeypatch.setattr(scheduled.catch_up, "apply_async", broken)
    make_task(project, "Gauge")
    receivers.put_off(project.pk)
    receivers.put_off(project.pk)

    scheduled.catch_up()

    assert ask(manager, "gauge")["tasks"] == ["Gauge"]


def test_the_client_leads_to_its_projects_and_a_new_name_follows(project, manager, ask, filled,
                                                                 django_capture_on_commit_callbacks):  # fmt: skip
    grant(manager, Role.CLIENT_ADMIN, project.organization)
    filled()
    assert set(ask(manager, "acme")) == {"projects", "organizations"}

    with django_capture_on_commit_callbacks(execute=True):
        team.edit_organization(organization=project.organization, by=manager, values={"name": "Umbrella"})

    assert set(ask(manager, "umbrella")) == {"projects", "organizations"} and ask(manager, "acme") == {}


def test_a_persons_name_follows_from_the_profile_and_the_invitation(project, manager, ask, as_person,
                                                                    django_capture_on_commit_callbacks):  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        guest, _made = people.find_or_create_invited(email="nora@example.org", name="Nora Guest")
    grant(guest, Role.HR, project)
    assert ask(manager, "nora")["people"] == ["Nora Guest"]

    fields = {"name": "Nora Newname", "language": "en", "time_zone": "Europe/Zurich", "theme": "auto"}
    assert as_person(guest).post("/accounts/profile/", fields).status_code == 303

    assert ask(manager, "newname")["people"] == ["Nora Newname"]


def test_whoever_takes_a_role_is_found(project, manager, ask, django_capture_on_commit_callbacks):
    newcomer = make_user(name="Ned Newcomer")
    with django_capture_on_commit_callbacks(execute=True):
        team.grant(to=newcomer, role=Role.HR, scope=project, by=None, reason="", is_set_up=True)

    assert ask(manager, "newcomer")["people"] == ["Ned Newcomer"]


def test_a_catalogue_loaded_is_found(django_capture_on_commit_callbacks, ask):
    with django_capture_on_commit_callbacks(execute=True):
        call_command("load_catalogue", verbosity=0)

    assert ask(make_user(), "calibration")["standards"]


# ---- what it costs -----------------------------------------------------------------------------------------------


def test_a_change_of_a_task_costs_one_statement_when_its_words_stay_and_a_few_when_they_change(project):
    task = make_task(project, "Gauge")
    kind, it = kinds.of("task"), Q(pk=task.pk)
    entries.refresh(kind, it)

    with queries(1, exactly=True):
        assert entries.refresh(kind, it) == 0

    Task.objects.filter(pk=task.pk).update(title="Gauges")
    with queries(5):  # read, write in a transaction of its own, read again
        assert entries.refresh(kind, it) == 1


def test_fifty_records_cost_as_many_statements_as_two(project):
    some = [make_task(project, f"Gauge {k}").pk for k in range(52)]
    kind = kinds.of("task")

    two = count_queries(lambda: entries.refresh(kind, Q(pk__in=some[:2])))
    fifty = count_queries(lambda: entries.refresh(kind, Q(pk__in=some[2:])))

    assert fifty == two


def test_what_leaves_the_words_of_a_record_as_they_are_is_not_followed():
    kind = kinds.of("audit")

    def of(*actions):
        entries = [
            JournalEntry(action=action, target_kind="audits.audit", target_id=n) for n, action in enumerate(actions, 1)
        ]
        return receivers.touched(kind, entries)[1]

    assert of("checklist.generated", "checklist.assigned") == []
    assert of("checklist.generated", "audit.changed") == [2]


# ---- when something went wrong -----------------------------------------------------------------------------------


def test_a_failure_is_logged_and_breaks_nothing(project, manager, monkeypatch, caplog,
                                                django_capture_on_commit_callbacks):  # fmt: skip
    def fail(*args, **kwargs):
        raise RuntimeError("no index today")

    monkeypatch.setattr(receivers.services, "refresh", fail)
    with django_capture_on_commit_callbacks(execute=True):
        task = tasks.create(project=project, by=manager, title="Gauge")

    assert Task.objects.filter(pk=task.pk).exists()
    assert "no index today" in caplog.text and "kind task" in caplog.text


def test_the_night_mends_what_was_missed_and_says_how_much(project, manager, ask, filled, caplog):
    kept, lost = make_task(project, "Gauge"), make_task(project, "Ruler")
    filled()
    scheduled.heal()
    assert "differed and were mended" not in caplog.text
    Task.objects.filter(pk=kept.pk).update(title="Micrometer")
    SearchEntry.objects.filter(kind="task", subject_id=lost.pk).delete()
    SearchEntry.objects.create(kind="task", subject_id=999_999, title="Ghost", words="ghost", digest="")

    scheduled.heal()

    assert "3 entries of kind task differed and were mended" in caplog.text
    assert ask(manager, "micrometer")["tasks"] == ["Micrometer"] and ask(manager, "ruler")["tasks"] == ["Ruler"]
    assert not SearchEntry.objects.filter(title="Ghost").exists() and ask(manager, "gauge") == {}


def test_an_entry_of_a_record_that_is_gone_goes_with_the_next_change(project):
    gone = SearchEntry.objects.create(kind="task", subject_id=999_999, title="Ghost", words="ghost", digest="")

    assert entries.refresh(kinds.of("task"), Q(pk=gone.subject_id), [gone.subject_id]) == 1

    assert not SearchEntry.objects.exists()


def test_filling_goes_on_where_it_was_stopped(project, monkeypatch):
    many = [make_task(project, f"Gauge {k}") for k in range(7)]
    kind, calls = kinds.of("task"), []

    def stop(text):
        calls.append(text)
        if len(calls) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        entries.fill(kind, chunk=2, say=stop)
    assert SearchEntry.objects.filter(kind="task").count() == 4
    assert Filling.objects.get(pk="task").reached == many[3].pk and not entries.is_filled(kind)

    with queries(40):
        assert entries.fill(kind, chunk=2) == 3
    assert SearchEntry.objects.filter(kind="task").count() == 7 and entries.is_filled(kind)


def test_the_command_fills_everything_once_and_only_what_is_unfinished(project, manager, ask, capsys):
    make_task(project, "Gauge")
    call_command("rebuild_search")
    assert "task: 1 entries written" in capsys.readouterr().out
    assert ask(manager, "gauge")["tasks"] == ["Gauge"]

    call_command("rebuild_search", "--unfinished")
    assert capsys.readouterr().out == ""
    call_command("rebuild_search")
    assert "task: 0 entries written" in capsys.readouterr().out


def test_an_entry_of_a_kind_nobody_registers_any_longer_goes():
    SearchEntry.objects.create(kind="fax", subject_id=1, title="Fax", words="fax", digest="")

    call_command("rebuild_search", verbosity=0)

    assert not SearchEntry.objects.filter(kind="fax").exists()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite makes a table anew to alter it")
def test_the_index_is_made_again_when_a_migration_has_lost_it(project, manager, ask, filled):
    make_task(project, "Gauge")
    filled()
    full_text.remove(connection)
    assert not full_text.is_whole(connection)

    full_text.ensure(using="default")

    assert full_text.is_whole(connection) and ask(manager, "gauge")["tasks"] == ["Gauge"]


def test_words_of_project_settings_follow(project, manager, ask, filled, django_capture_on_commit_callbacks):
    filled()
    with django_capture_on_commit_callbacks(execute=True):
        project_settings.change(project=project, by=manager, version=project.version, values={"name": "Orion"})

    assert ask(manager, "orion")["projects"] == ["Orion"]
