"""Tasks written, changed, linked, checked off: the services."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.db import connection, connections

from core.models import OutgoingMail
from core.rules import RuleBroken, StaleRecord
from projects import flow
from projects.models import ChecklistItem, JournalEntry, PlanActivity, ProjectUserGrant, Task, TaskDependency
from projects.permissions import Role
from projects.selectors import task as tasks
from projects.selectors import task_history
from projects.services import counters, plan
from projects.services import task as services
from tests.factories.projects import grant, make_project, make_task, make_user

D = dt.date


def new(crew, title="Write it", **fields):
    return services.create(project=crew.project, by=crew.manager, title=title, **fields)


def mails_to(person):
    return list(OutgoingMail.objects.filter(recipient=person.email).order_by("pk"))


# ---- created ----------------------------------------------------------------------------------------------------


def test_tasks_are_numbered_without_a_gap_and_journalled_one_by_one(crew):
    made = services.create_many(
        project=crew.project, by=crew.manager, rows=[{"title": "One"}, {"title": "Two", "activity": crew.activity}]
    )

    assert [task.label for task in made] == ["T-001", "T-002"]
    assert new(crew).label == "T-003"
    assert JournalEntry.objects.filter(project=crew.project, action="task.created").count() == 3
    assert counters.recount(crew.project) == []


def test_two_hundred_tasks_take_a_few_statements_not_one_each(crew, django_assert_max_num_queries):
    """SQLite takes 999 values in a statement, so many rows go in batches."""
    rows = [{"title": f"T {n}", "activity": crew.activity, "assignee": crew.staff} for n in range(200)]

    with django_assert_max_num_queries(40):
        services.create_many(project=crew.project, by=crew.manager, rows=rows)

    assert Task.objects.filter(project=crew.project).count() == 200


def test_nothing_is_created_when_one_row_is_wrong(crew):
    rows = [{"title": "Fine"}, {"title": "Wrong", "assignee": crew.stranger}]

    with pytest.raises(RuleBroken, match="holds no role"):
        services.create_many(project=crew.project, by=crew.manager, rows=rows)

    assert not Task.objects.filter(project=crew.project).exists()
    crew.project.refresh_from_db()
    assert crew.project.last_task_number == 0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"starts_on": D(2026, 3, 5), "due_on": D(2026, 3, 4)}, "before it starts"),
        ({"effort_hours_planned": Decimal("-1")}, "less than none"),
    ],
)
def test_a_task_that_cannot_be_is_refused(crew, fields, words):
    with pytest.raises(RuleBroken, match=words):
        new(crew, **fields)


def test_a_foreign_or_an_excluded_activity_takes_no_task(crew):
    from projects.models import PlanActivity

    foreign = PlanActivity.objects.filter(project=crew.other).first()
    with pytest.raises(RuleBroken, match="another project"):
        new(crew, activity=foreign)
    plan.move(activity=crew.activity, name="exclude", by=crew.manager, reason="not here")
    with pytest.raises(RuleBroken, match="excluded"):
        new(crew, activity=crew.activity)


def test_somebody_whose_role_has_ended_is_given_no_task(crew):
    ProjectUserGrant.objects.filter(user=crew.staff).update(expires_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))

    with pytest.raises(RuleBroken, match="Sina Staff holds no role"):
        new(crew, assignee=crew.staff)


def test_who_gets_tasks_gets_one_mail_for_all_of_them_and_none_for_their_own(crew):
    services.create_many(
        project=crew.project, by=crew.manager,
        rows=[{"title": "One", "assignee": crew.staff}, {"title": "Two", "assignee": crew.staff},
              {"title": "Mine", "assignee": crew.manager}],
    )  # fmt: skip

    (mail,) = mails_to(crew.staff)
    assert mail.subject == f"2 tasks are yours in {crew.project.name}"
    assert f"http://localhost:8000{crew.url('task-detail', number='T-001')}" in mail.text
    assert crew.project.organization.name in mail.html
    assert not mails_to(crew.manager)


def test_who_wants_no_mail_gets_none(crew):
    crew.staff.mail_on_assignment = False
    crew.staff.save()

    new(crew, assignee=crew.staff)

    assert not mails_to(crew.staff)


@pytest.mark.django_db(transaction=True)
def test_many_who_write_at_once_get_different_numbers_and_exact_counters():
    project, manager = make_project(), make_user()
    grant(manager, Role.PROJECT_MANAGER, project)
    activity = project.planactivitys.earliest("position")
    faults: list[BaseException] = []

    def write(n: int) -> None:
        try:
            for k in range(3):
                services.create_many(
                    project=project, by=manager, rows=[{"title": f"{n}-{k}", "activity": activity}, {"title": "loose"}]
                )
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert faults == []
    assert sorted(Task.objects.filter(project=project).values_list("number", flat=True)) == list(range(1, 37))
    assert counters.recount(project) == []
    connection.close()


# ---- changed ----------------------------------------------------------------------------------------------------


def test_a_change_is_saved_with_what_it_was_before(crew):
    task = new(crew, activity=crew.activity)

    saved = services.edit(
        task=task, by=crew.manager, version=1, values={"title": "Write it well", "due_on": D(2026, 4, 1)}
    )

    assert (saved.version, saved.title) == (2, "Write it well")
    entry = JournalEntry.objects.get(action="task.changed")
    assert entry.changes == {"title": ["Write it", "Write it well"], "due_on": [None, "2026-04-01"]}
    assert task_history.history_of(saved)[0]["changes"] == [
        {"label": "Title", "before": "Write it", "after": "Write it well"},
        {"label": "Due on", "before": "", "after": "2026-04-01"},
        {"label": "The dates stay when the plan moves", "before": "no", "after": "yes"},
    ]


def test_saving_the_same_changes_nothing(crew):
    task = new(crew)

    saved = services.edit(task=task, by=crew.manager, version=1, values={"title": "Write it"})

    assert saved.version == 1
    assert task.history.count() == 1


def test_an_older_version_never_overwrites_a_newer_one(crew):
    task = new(crew)
    services.edit(task=task, by=crew.owner, version=1, values={"title": "Theirs"})

    with pytest.raises(StaleRecord) as stale:
        services.edit(task=task, by=crew.manager, version=1, values={"title": "Mine"})

    assert stale.value.current.title == "Theirs"
    assert Task.objects.get(pk=task.pk).title == "Theirs"


def test_a_move_in_between_makes_an_edit_stale(crew):
    task = new(crew)
    services.move(task=task, name="start", by=crew.manager)

    with pytest.raises(StaleRecord):
        services.edit(task=task, by=crew.manager, version=1, values={"title": "Mine"})


def test_moving_a_task_to_another_activity_keeps_the_counters_exact(crew):
    other = crew.project.planactivitys.latest("position")
    task = new(crew, activity=crew.activity, effort_hours_planned=Decimal(3))

    for target in (other, None, crew.activity):
        task = services.edit(task=task, by=crew.manager, version=task.version, values={"activity": target})
        assert counters.recount(crew.project) == []


def test_an_edit_cannot_put_the_end_before_the_start(crew):
    task = new(crew, starts_on=D(2026, 4, 1), due_on=D(2026, 4, 9))

    with pytest.raises(RuleBroken, match="before it starts"):
        services.edit(task=task, by=crew.manager, version=1, values={"due_on": D(2026, 3, 1)})


def test_hours_add_up_whoever_adds_them(crew):
    task = new(crew, assignee=crew.staff)

    services.add_hours(task=task, hours=Decimal("1.5"), by=crew.staff)
    services.add_hours(task=task, hours=Decimal("2"), by=crew.manager)

    assert Task.objects.get(pk=task.pk).effort_hours_spent == Decimal("3.5")
    with pytest.raises(RuleBroken):
        services.add_hours(task=task, hours=Decimal(0), by=crew.staff)
    with pytest.raises(flow.NotPermitted):
        services.add_hours(task=task, hours=Decimal(1), by=crew.auditor)


# ---- many at once -----------------------------------------------------------------------------------------------


def test_many_tasks_change_at_once_and_only_where_something_changes(crew):
    one, two = new(crew, assignee=crew.staff), new(crew)
    foreign = make_task(crew.other)

    changed = services.change_many(
        project=crew.project, by=crew.manager, numbers=[one.number, two.number, foreign.number, 999],
        values={"assignee": crew.staff},
    )  # fmt: skip

    assert changed == 1
    assert Task.objects.get(pk=two.pk).assignee == crew.staff
    assert Task.objects.get(pk=foreign.pk).assignee is None
    assert [e.target_id for e in JournalEntry.objects.filter(action="task.changed")] == [two.pk]


def test_due_dates_shift_by_working_days(crew):
    friday = new(crew, due_on=D(2026, 3, 6), starts_on=D(2026, 3, 5))
    none = new(crew)

    changed = services.change_many(
        project=crew.project, by=crew.manager, numbers=[friday.number, none.number], values={"shift_days": 3}
    )

    friday.refresh_from_db()
    assert (changed, friday.due_on, friday.starts_on) == (1, D(2026, 3, 11), D(2026, 3, 10))


def test_a_due_date_before_the_start_takes_the_start_along(crew):
    task = new(crew, starts_on=D(2026, 4, 1), due_on=D(2026, 4, 9))

    services.change_many(project=crew.project, by=crew.manager, numbers=[task.number], values={"due_on": D(2026, 3, 2)})

    task.refresh_from_db()
    assert (task.starts_on, task.due_on) == (D(2026, 3, 2), D(2026, 3, 2))


def test_moving_many_between_activities_keeps_the_counters_exact(crew):
    loose, here = new(crew), new(crew, activity=crew.activity)
    done = services.move(task=new(crew, activity=crew.activity), name="complete", by=crew.manager)
    gone = services.move(task=new(crew), name="cancel", by=crew.manager, reason="no")
    numbers = [task.number for task in (loose, here, done, gone)]
    other = crew.project.planactivitys.latest("position")

    for target in (other, None, crew.activity):
        services.change_many(project=crew.project, by=crew.manager, numbers=numbers, values={"activity": target})
        assert counters.recount(crew.project) == []


def test_a_hundred_tasks_change_in_a_few_statements_not_one_each(crew, django_assert_max_num_queries):
    made = services.create_many(project=crew.project, by=crew.manager, rows=[{"title": "x"}] * 100)

    with django_assert_max_num_queries(20):
        services.change_many(
            project=crew.project, by=crew.manager, numbers=[t.number for t in made], values={"assignee": crew.staff}
        )


# ---- dependencies -----------------------------------------------------------------------------------------------


def test_a_circle_is_refused_by_naming_it(crew):
    a, b, c = new(crew), new(crew), new(crew)
    services.add_predecessor(task=b, predecessor=a, by=crew.manager)
    services.add_predecessor(task=c, predecessor=b, by=crew.manager)

    with pytest.raises(RuleBroken, match="T-001 → T-003 → T-002 → T-001"):
        services.add_predecessor(task=a, predecessor=c, by=crew.manager)

    assert TaskDependency.objects.count() == 2


def test_a_task_depends_neither_on_itself_nor_on_another_project(crew):
    task = new(crew)
    with pytest.raises(RuleBroken, match="on itself"):
        services.add_predecessor(task=task, predecessor=task, by=crew.manager)
    with pytest.raises(RuleBroken, match="same project"):
        services.add_predecessor(task=task, predecessor=make_task(crew.other), by=crew.manager)


def test_a_dependency_said_twice_is_one_and_can_be_taken_away(crew):
    a, b = new(crew), new(crew)
    for _n in range(2):
        services.add_predecessor(task=b, predecessor=a, by=crew.manager)
    assert TaskDependency.objects.count() == JournalEntry.objects.filter(action="task.dependency_added").count() == 1

    services.remove_predecessor(task=b, predecessor=a, by=crew.manager)

    assert not TaskDependency.objects.exists()


# ---- checklist --------------------------------------------------------------------------------------------------


def test_items_are_checked_off_and_counted(crew):
    task = new(crew, assignee=crew.staff)
    one = services.add_item(task=task, text="One", by=crew.manager)
    services.add_item(task=task, text="Two", by=crew.staff)

    for _n in range(2):
        services.check_item(item=one, is_done=True, by=crew.staff)

    task.refresh_from_db()
    assert (task.checklist_count, task.checklist_done_count) == (2, 1)
    assert JournalEntry.objects.filter(action="task.item_checked").count() == 1
    services.remove_item(item=ChecklistItem.objects.get(text="One"), by=crew.staff)
    task.refresh_from_db()
    assert (task.checklist_count, task.checklist_done_count) == (1, 0)


def test_a_checklist_is_no_place_for_others_for_nothing_or_for_too_much(crew):
    task = new(crew, assignee=crew.staff)
    with pytest.raises(flow.NotPermitted):
        services.add_item(task=task, text="One", by=crew.auditor)
    with pytest.raises(RuleBroken, match="Write what"):
        services.add_item(task=task, text="  ", by=crew.staff)
    ChecklistItem.objects.bulk_create(
        ChecklistItem(organization=crew.project.organization, project=crew.project, task=task, text="x")
        for _n in range(services.MOST_ITEMS)
    )
    with pytest.raises(RuleBroken, match="at most 100"):
        services.add_item(task=task, text="One more", by=crew.staff)


# ---- suggestions ------------------------------------------------------------------------------------------------


def test_suggestions_come_with_role_end_and_share_of_the_effort(crew):
    activity = crew.activity

    made = services.take_suggestions(activity=activity, by=crew.manager, titles=["Ask", "Write"])

    assert [(t.title, t.assignee_role, t.due_on, t.effort_hours_planned) for t in made] == [
        ("Ask", activity.responsible, activity.ends_on, Decimal("4.00")),
        ("Write", activity.responsible, activity.ends_on, Decimal("4.00")),
    ]


# ---- one's own --------------------------------------------------------------------------------------------------


def test_own_work_is_what_is_mine_and_what_my_role_has_while_nobody_is_named(crew):
    mine = crew.task("mine", assignee=crew.owner, due_on=D(2026, 5, 1))
    roled = crew.task("role", assignee_role=Role.PROCESS_OWNER, due_on=D(2026, 4, 1))
    undated = crew.task("undated", assignee=crew.owner)
    crew.task("named", assignee_role=Role.PROCESS_OWNER, assignee=crew.staff)
    crew.task("other role", assignee_role=Role.HR)
    crew.task("done", assignee=crew.owner, status="done")
    make_task(crew.other, "elsewhere", assignee_role=Role.PROCESS_OWNER)

    assert list(tasks.of_person(crew.owner)) == [roled, mine, undated]


def test_an_organization_role_reaches_all_its_projects(crew):
    second = make_project(crew.project.organization, slug="second")
    person = make_user()
    grant(person, Role.HR, crew.project.organization)
    there = [crew.task("a", assignee_role=Role.HR), make_task(second, "b", assignee_role=Role.HR)]
    make_task(crew.other, "c", assignee_role=Role.HR)

    assert set(tasks.of_person(person)) == set(there)


@pytest.mark.parametrize("ended", ["grant", "person", "organization", "auditor only"])
def test_ended_roles_show_no_work(crew, ended):
    person = make_user()
    role = Role.CERTIFICATION_AUDITOR if ended == "auditor only" else Role.STAFF
    held = grant(person, role, crew.project)
    crew.task("mine", assignee=person)
    crew.task("role", assignee_role=role)
    assert tasks.of_person(person).count() == (0 if ended == "auditor only" else 2)

    if ended == "grant":
        held.expires_at = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        held.save()
    elif ended == "person":
        person.is_active = False
    elif ended == "organization":
        crew.project.organization.is_active = False
        crew.project.organization.save()

    assert list(tasks.of_person(person)) == []


def test_own_work_takes_three_queries_however_many_projects(crew, django_assert_num_queries):
    for number in range(3):
        project = make_project(crew.project.organization, slug=f"p{number}")
        make_task(project, "x", assignee_role=Role.HR)
    person = make_user()
    grant(person, Role.HR, crew.project.organization)

    with django_assert_num_queries(3):
        assert len([task.get_absolute_url() for task in tasks.of_person(person)]) == 3


# ---- meanwhile, by others ---------------------------------------------------------------------------------------


def test_an_activity_excluded_since_the_form_was_shown_takes_no_task(crew):
    seen, task = crew.activity, new(crew)
    plan.move(activity=crew.activity, name="exclude", by=crew.manager, reason="not here")

    with pytest.raises(RuleBroken, match="excluded"):
        new(crew, activity=seen)
    with pytest.raises(RuleBroken, match="excluded"):
        services.edit(task=task, by=crew.manager, version=task.version, values={"activity": seen})
    with pytest.raises(RuleBroken, match="excluded"):
        services.change_many(project=crew.project, by=crew.manager, numbers=[task.number], values={"activity": seen})


def test_a_task_that_left_an_excluded_activity_is_not_reopened_with_another(crew):
    first, second = PlanActivity.objects.filter(project=crew.project).order_by("position")[:2]
    task = new(crew, activity=first)
    plan.move(activity=first, name="exclude", by=crew.manager, reason="not here")
    task.refresh_from_db()
    services.edit(task=task, by=crew.manager, version=task.version, values={"activity": second})
    for name in ("reopen", "complete"):
        services.move(task=task, name=name, by=crew.manager)

    plan.move(activity=second, name="exclude", by=crew.manager, reason="not here either")
    plan.move(activity=second, name="include", by=crew.manager)

    task.refresh_from_db()
    assert (task.status, task.is_open) == ("done", False)


def test_an_item_removed_meanwhile_is_neither_ticked_nor_removed_again(crew):
    task = new(crew)
    item = services.add_item(task=task, text="Read it", by=crew.manager)
    services.remove_item(item=ChecklistItem.objects.get(pk=item.pk), by=crew.manager)

    services.check_item(item=item, is_done=True, by=crew.manager)
    services.remove_item(item=item, by=crew.manager)

    actions = JournalEntry.objects.filter(project=crew.project).order_by("seq").values_list("action", flat=True)
    assert list(actions) == ["task.created", "task.item_added", "task.item_removed"]
