"""The pages of tasks: list, export, bulk, one task, writing, changing, pasting, suggestions."""

from __future__ import annotations

import datetime as dt
import io
import re
from decimal import Decimal

import openpyxl
import pytest
from django.utils import timezone

from core.dates import today
from pdca.models import SuggestedTask
from projects.models import JournalEntry, PlanActivity, Task, TaskComment
from projects.permissions import Role
from projects.services import counters
from projects.services import task as services
from tests.factories.projects import grant, make_full_project, make_task, make_user
from tests.helpers.budget import count_queries, queries

D = dt.date
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "quote": "\"'><img src=x onerror=alert(1)>",
    "template": "{{ 7*7 }}{% now %}",
    "rtl": "\u202eabc\u202c مرحبا",
    "emoji": "👩‍🏭🧯",
    "formula": "=cmd|' /C calc'!A0",
    "long": "x" * 10_000,
    "nul": "a\x00b",
    "control": "a\x07\x1bb",
    "blank": "   ",
}


def titles(response) -> list[str]:
    return [task.title for task in response.context["rows"]]


# ---- list -------------------------------------------------------------------------------------------------------


def test_the_list_shows_open_tasks_by_due_date_undated_ones_last(crew):
    crew.task("undated")
    crew.task("later", due_on=D(2026, 5, 1))
    crew.task("sooner", due_on=D(2026, 4, 1))
    crew.task("finished", status="done")
    make_task(crew.other, "elsewhere")

    response = crew.client("auditor").get(crew.url("task-list"))

    assert titles(response) == ["sooner", "later", "undated"]


def test_staff_see_only_their_own_tasks(crew):
    crew.task("mine", assignee=crew.staff)
    crew.task("of my role", assignee_role=Role.STAFF)
    crew.task("others", assignee=crew.owner)

    response = crew.client("staff").get(crew.url("task-list"))

    assert titles(response) == ["mine", "of my role"]
    assert "others" not in response.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=done", ["done"]),
        ("status=all", ["late", "today", "soon", "none", "done"]),
        ("status=blocked", ["none"]),
        ("assignee=none", ["today", "soon", "none"]),
        ("role=hr", ["soon"]),
        ("priority=4", ["today"]),
        ("due=overdue", ["late"]),
        ("due=today", ["today"]),
        ("due=week", ["today", "soon"]),
        ("due=none", ["none"]),
        ("q=LAT", ["late"]),
        ("q=T-002", ["today"]),
        ("q=2", ["today"]),
        ("q=hidden words", ["soon"]),
        ("activity=1.1.1", ["late"]),
        ("activity=none", ["today", "soon", "none"]),
        ("step=1.1", ["late"]),
        ("sort=title", ["late", "none", "soon", "today"]),
        ("sort=-number", ["none", "soon", "today", "late"]),
        ("sort=-due", ["soon", "today", "late", "none"]),
        ("due=overdue&assignee=none", []),
    ],
)
def test_filters_and_sorting(crew, query, found):
    now = today()
    crew.task("late", due_on=now - dt.timedelta(days=3), assignee=crew.staff, activity=crew.activity)
    crew.task("today", due_on=now, priority=4)
    crew.task("soon", due_on=now + dt.timedelta(days=6), assignee_role=Role.HR, description="Hidden words")
    crew.task("none", status="blocked")
    crew.task("done", status="done", completed_at=timezone.now())

    response = crew.client("manager").get(f"{crew.url('task-list')}?{query}")

    assert titles(response) == found


def test_me_finds_what_is_mine_and_my_roles(crew):
    crew.task("mine", assignee=crew.owner)
    crew.task("role", assignee_role=Role.PROCESS_OWNER)
    crew.task("other", assignee=crew.staff)

    assert titles(crew.client("owner").get(crew.url("task-list") + "?assignee=me")) == ["mine", "role"]


NONSENSE = [
    "x",
    "-1",
    "0",
    "9" * 40,
    "1.5",
    "%00",
    "<script>",
    "2026-02-30",
    "9999-12-31",
    "0001-01-01",
    "%F0%9F%98%80",
]
PARAMETERS = ["q", "status", "assignee", "role", "priority", "due", "step", "activity", "sort", "page", "month"]


@pytest.mark.parametrize("page", ["task-list", "task-board", "task-calendar", "task-export"])
def test_nonsense_in_the_address_is_no_error(crew, page):
    crew.task("there", due_on=today())
    client = crew.client("manager")

    # Every parameter carries a different nonsense in each request, and over all requests each of them.
    for turn in range(len(NONSENSE)):
        query = "&".join(f"{name}={NONSENSE[(turn + at) % len(NONSENSE)]}" for at, name in enumerate(PARAMETERS))
        response = client.get(f"{crew.url(page)}?{query}")
        assert response.status_code == 200, query
        assert b"<script>" not in response.content


def test_a_stranger_finds_nothing_and_another_tenants_task_never_shows(crew):
    assert crew.client("stranger").get(crew.url("task-list")).status_code == 404
    assert crew.client("manager").get(crew.url("task-list")).status_code == 200


def test_pages_of_fifty_keep_the_filters(crew):
    for n in range(60):
        crew.task(f"Task {n:02d}", due_on=D(2026, 4, 1) + dt.timedelta(days=n // 2), priority=3)

    response = crew.client("manager").get(crew.url("task-list") + "?priority=3&page=2")

    assert [len(titles(response)), titles(response)[0]] == [10, "Task 50"]
    assert "priority=3&amp;page=1" in response.content.decode()


def test_empty_lists_say_what_to_do(crew):
    manager, staff, auditor = crew.client("manager"), crew.client("staff"), crew.client("auditor")
    assert "Add the first task" in manager.get(crew.url("task-list")).content.decode()
    assert "Nothing waits for you" in staff.get(crew.url("task-list")).content.decode()
    assert "Add the first task" not in auditor.get(crew.url("task-list")).content.decode()
    crew.task("there")
    assert "Remove all filters" in manager.get(crew.url("task-list") + "?q=nowhere").content.decode()


@pytest.mark.parametrize(("page", "most"), [("task-list", 10), ("task-board", 15), ("task-calendar", 10)])
@pytest.mark.parametrize("who", ["manager", "staff"])
def test_lists_take_the_same_queries_for_one_task_and_for_many(crew, page, most, who):
    client, url = crew.client(who), crew.url(page)

    def fill(count):
        for _n in range(count):
            crew.task(due_on=today(), assignee=crew.staff, activity=crew.activity)
            crew.task(assignee=crew.staff)
            crew.task(status="in_progress", assignee=crew.staff, due_on=today())

    fill(1)
    client.get(url)
    with queries(most):
        client.get(url)
    few = count_queries(lambda: client.get(url))
    fill(5)

    assert count_queries(lambda: client.get(url)) == few


# ---- export -----------------------------------------------------------------------------------------------------


def test_the_export_has_the_filtered_rows_and_runs_no_formula(crew):
    crew.task('=HYPERLINK("http://evil")', priority=4, due_on=D(2026, 4, 1), assignee=crew.staff)
    crew.task("@SUM(1)", priority=4, description="\x07")
    crew.task("not this", priority=1)

    response = crew.client("certifier").get(crew.url("task-export") + "?priority=4")

    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [row[:2] for row in rows] == [("T-001", '=HYPERLINK("http://evil")'), ("T-002", "@SUM(1)")]
    assert rows[0][6] == dt.datetime(2026, 4, 1)
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}


def test_the_export_takes_eight_queries(crew):
    for _n in range(30):
        crew.task(assignee=crew.staff)
    client = crew.client("manager")
    client.get(crew.url("task-export"))

    with queries(8):
        client.get(crew.url("task-export"))


# ---- bulk -------------------------------------------------------------------------------------------------------


def test_chosen_tasks_change_and_the_list_comes_back_with_its_filters(crew):
    one, two, three = crew.task(), crew.task(), crew.task()

    response = crew.client("manager").post(
        crew.url("task-bulk") + "?sort=title",
        {"chosen": [one.label, two.label], "who": f"u:{crew.staff.pk}", "priority": "4"},
    )

    assert (response.status_code, response.url) == (303, crew.url("task-list") + "?sort=title")
    assert [(t.assignee, t.priority) for t in Task.objects.filter(project=crew.project).order_by("number")] == [
        (crew.staff, 4), (crew.staff, 4), (None, 2),
    ]  # fmt: skip
    assert three.version == 1


def test_all_that_match_change(crew):
    for n in range(55):
        crew.task(priority=3 if n else 1)

    crew.client("manager").post(
        crew.url("task-bulk") + "?priority=3", {"all_matching": "1", "activity": "1.1.2", "due_on": "2026-05-04"}
    )

    changed = Task.objects.filter(project=crew.project, activity__number="1.1.2", due_on=D(2026, 5, 4))
    assert changed.count() == 54
    crew.project.refresh_from_db()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "No task was chosen"),
        ({"chosen": "T-001"}, "Say what should change"),
        ({"chosen": "T-001", "due_on": "2026-05-04", "shift_days": "2"}, "not both"),
        ({"chosen": "T-001", "who": "u:999999"}, "Select a valid choice"),
        ({"chosen": "T-001", "activity": "9.9.9"}, "There is no activity 9.9.9"),
        ({"chosen": "T-001", "shift_days": "99999"}, "less than or equal to 500"),
    ],
)
def test_a_bulk_change_that_makes_no_sense_says_so_and_changes_nothing(crew, data, words):
    task = crew.task()

    response = crew.client("manager").post(crew.url("task-bulk"), data, follow=True)

    assert words in response.content.decode()
    assert Task.objects.get(pk=task.pk).version == 1


def test_only_who_manages_tasks_changes_many(crew):
    task = crew.task(assignee=crew.staff)

    for who in ("staff", "owner", "certifier"):
        response = crew.client(who).post(crew.url("task-bulk"), {"chosen": task.label, "priority": "4"})
        assert response.status_code == 403


# ---- one task ---------------------------------------------------------------------------------------------------


def test_a_task_of_somebody_else_does_not_exist_for_staff(crew):
    task = crew.task(assignee=crew.owner)

    client = crew.client("staff")

    for name in ("task-detail", "task-move", "task-comment", "task-item-add", "task-hours"):
        more = {"move": "complete"} if name == "task-move" else {}
        url = crew.url(name, number=task.label, **more)
        method = client.get if name == "task-detail" else client.post
        assert method(url).status_code == 404, name


def test_the_number_is_read_as_people_say_it(crew):
    crew.task()
    client = crew.client("manager")

    for said in ("T-1", "t-001", "1"):
        assert client.get(crew.url("task-detail", number=said)).url == crew.url("task-detail", number="T-001")
    for wrong in ("T-002", "x", "T-99999999999999999999", "١"):
        assert client.get(crew.url("task-detail", number=wrong)).status_code == 404


def test_staff_get_a_simple_page_with_one_big_button(crew):
    task = services.create(project=crew.project, by=crew.manager, title="Read it", assignee=crew.staff)

    page = crew.client("staff").get(crew.url("task-detail", number=task.label))

    assert page.templates[0].name == "projects/task/contributor.html"
    text = page.content.decode()
    assert f'action="{crew.url("task-move", number=task.label, move="complete")}"' in text
    assert "edit/" not in text
    response = crew.client("staff").post(crew.url("task-move", number=task.label, move="complete"))
    assert (response.status_code, Task.objects.get(pk=task.pk).completed_by) == (303, crew.staff)


def test_a_certification_auditor_reads_but_changes_nothing(crew):
    task = crew.task("Read it")
    client = crew.client("certifier")

    text = client.get(crew.url("task-detail", number=task.label)).content.decode()

    assert 'method="post" action="/org' not in re.sub(r"<form[^>]*data-sign-out.*?</form>", "", text, flags=re.S)
    for name in ("task-comment", "task-item-add", "task-hours"):
        assert client.post(crew.url(name, number=task.label), {"text": "x"}).status_code == 403
    assert client.post(crew.url("task-move", number=task.label, move="complete")).status_code == 403


def full_task(crew, count):
    task = crew.task("Full", assignee=crew.staff, activity=crew.activity)
    for n in range(count):
        services.add_item(task=task, text=f"item {n}", by=crew.manager)
        services.comment(task=task, by=crew.owner, text="@Sina Staff @Mia Manager look")
        services.add_predecessor(task=task, predecessor=crew.task(), by=crew.manager)
        from projects.services import evidence

        evidence.add_link(record=task, link=f"https://example.org/{n}", by=crew.manager)
    return task


@pytest.mark.parametrize(
    ("who", "query", "most"), [("manager", "", 15), ("staff", "", 15), ("manager", "?tab=history", 13)]
)
def test_a_task_takes_the_same_queries_with_one_and_with_three_of_everything(crew, who, query, most):
    client = crew.client(who)
    one, three = (crew.url("task-detail", number=full_task(crew, n).label) + query for n in (1, 3))
    client.get(one)

    with queries(most):
        client.get(one)
    assert count_queries(lambda: client.get(three)) == count_queries(lambda: client.get(one))


def test_the_history_says_what_changed_and_the_journal_is_for_who_may_read_it(crew):
    task = services.create(project=crew.project, by=crew.manager, title="Old")
    services.edit(task=task, by=crew.owner, version=1, values={"title": "New", "assignee": crew.staff})
    url = crew.url("task-detail", number=task.label) + "?tab=history"

    text = crew.client("manager").get(url).content.decode()

    assert "<del>Old</del>" in text
    assert "<ins>New</ins>" in text
    assert "Journal" in text
    assert "<h2>Journal" not in crew.client("owner").get(url).content.decode()


# ---- moves ------------------------------------------------------------------------------------------------------


def test_completing_takes_at_most_fourteen_queries_for_the_whole_post(crew):
    one = services.create(project=crew.project, by=crew.manager, title="x", activity=crew.activity)
    two = services.create(project=crew.project, by=crew.manager, title="y", activity=crew.activity)
    client = crew.client("manager")
    client.post(crew.url("task-move", number=one.label, move="complete"))

    with queries(MOST_TO_COMPLETE):
        client.post(crew.url("task-move", number=two.label, move="complete"))

    assert counters.recount(crew.project) == []


MOST_TO_COMPLETE = 16  # two of them are the savepoint of the test's own transaction


def test_a_move_that_needs_a_reason_asks_for_it_and_keeps_where_to_go(crew):
    task = crew.task()
    client, url = crew.client("manager"), crew.url("task-move", number=task.label, move="block")
    board = crew.url("task-board")

    asked = client.post(url, {"next": board})
    empty = client.post(url, {"next": board, "reason": " "})
    done = client.post(url, {"next": board, "reason": "the landlord"})

    assert (asked.status_code, empty.status_code, done.status_code, done.url) == (200, 422, 303, board)
    assert f'name="next" value="{board}"' in asked.content.decode()
    assert Task.objects.get(pk=task.pk).blocked_reason == "the landlord"


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil", "/\\evil"]
)
def test_a_move_leads_nowhere_outside(crew, where):
    task = crew.task()

    response = crew.client("manager").post(crew.url("task-move", number=task.label, move="start"), {"next": where})

    assert response.url == crew.url("task-detail", number=task.label)


def test_a_get_moves_nothing(crew):
    task = crew.task()

    for move in ("complete", "block"):
        assert crew.client("manager").get(crew.url("task-move", number=task.label, move=move)).status_code == 200

    assert Task.objects.get(pk=task.pk).version == 1


# ---- new --------------------------------------------------------------------------------------------------------


def form_data(client, url, **data):
    form = client.get(url).context["form"]
    return {"once": form["once"].value(), "priority": "2", "title": "A task", **data}


def test_a_task_is_written(crew):
    client, url = crew.client("manager"), crew.url("task-create") + "?activity=1.1.2"

    response = client.post(
        url,
        form_data(
            client, url, description="Well.", who=f"u:{crew.staff.pk}", due_on="24.12.2026", activity="1.1.2",
            effort_hours_planned="3,5 h", recurrence="monthly",
        ),
    )  # fmt: skip

    task = Task.objects.get(project=crew.project)
    assert (response.status_code, response.url) == (303, crew.url("task-detail", number="T-001"))
    assert (task.assignee, task.due_on, task.activity.number, str(task.effort_hours_planned), task.recurrence) == (
        crew.staff, D(2026, 12, 24), "1.1.2", "3.50", "monthly",
    )  # fmt: skip


def test_a_form_posted_twice_makes_one_task(crew):
    client, url = crew.client("manager"), crew.url("task-create")
    data = form_data(client, url)

    first, second = client.post(url, data), client.post(url, data)

    assert first.url == second.url
    assert Task.objects.filter(project=crew.project).count() == 1
    assert JournalEntry.objects.filter(action="task.created").count() == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"title": ""}, "This field is required"),
        ({"title": "x" * 201}, "at most 200 characters"),
        ({"due_on": "2026-02-30"}, "Enter a valid date"),
        ({"due_on": "1999-12-31"}, "between 2000 and 2100"),
        ({"due_on": "9999-12-31"}, "between 2000 and 2100"),
        ({"starts_on": "2026-05-02", "due_on": "2026-05-01"}, "before it starts"),
        ({"who": "u:999999"}, "Select a valid choice"),
        ({"who": "r:emperor"}, "Select a valid choice"),
        ({"activity": "9.9.9"}, "Select a valid choice"),
        ({"priority": "9"}, "Select a valid choice"),
        ({"effort_hours_planned": "-1"}, "Enter hours such as"),
        ({"effort_hours_planned": "NaN"}, "Enter hours such as"),
        ({"effort_hours_planned": "999999"}, "more than a project has"),
        ({"recurs_until": "2027-01-01"}, "Say how often"),
    ],
)
def test_a_wrong_entry_is_told_and_everything_typed_stays(crew, data, words):
    client, url = crew.client("manager"), crew.url("task-create")

    response = client.post(url, form_data(client, url, **{"description": "A long text I typed", **data}))

    text = response.content.decode()
    assert response.status_code == 422
    assert words in text
    assert "A long text I typed" in text
    assert not Task.objects.filter(project=crew.project).exists()


def test_people_of_other_projects_and_ended_ones_cannot_be_chosen(crew):
    ended = make_user(name="Ended Eve")
    grant(ended, Role.STAFF, crew.project, expires_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))

    text = crew.client("manager").get(crew.url("task-create")).content.decode()

    assert "Sina Staff" in text
    assert "Ended Eve" not in text
    assert "Sten Stranger" not in text


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_is_stored_or_refused_and_shown_escaped(crew, kind):
    client, url, text = crew.client("manager"), crew.url("task-create"), HOSTILE[kind]
    short = text[:190]

    response = client.post(url, form_data(client, url, title=short, description=text))

    if kind in ("nul", "blank"):
        assert response.status_code == 422
        assert not Task.objects.filter(project=crew.project).exists()
        return
    task = Task.objects.get(project=crew.project)
    assert task.title == short.strip()
    services.comment(task=task, by=crew.manager, text=text)
    services.add_item(task=task, text=text[:300], by=crew.manager)
    for page in ("task-list", "task-board", "task-calendar", "task-paste"):
        assert client.get(crew.url(page), {"q": text[:150]}).status_code == 200
    for suffix in ("", "?tab=history"):
        shown = client.get(crew.url("task-detail", number=task.label) + suffix).content.decode()
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert kind != "template" or "{{ 7*7 }}" in shown


@pytest.mark.parametrize("who", ["staff", "owner", "auditor", "certifier"])
@pytest.mark.parametrize("page", ["task-create", "task-paste"])
def test_only_who_manages_tasks_writes_new_ones(crew, who, page):
    assert crew.client(who).get(crew.url(page)).status_code == 403
    assert crew.client(who).post(crew.url(page), {"title": "x"}).status_code == 403


# ---- edit -------------------------------------------------------------------------------------------------------


def edit_data(page):
    form = page.context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def test_a_task_is_changed(crew):
    task = services.create(project=crew.project, by=crew.manager, title="Old", due_on=D(2026, 4, 1), priority=3)
    client, url = crew.client("manager"), crew.url("task-edit", number=task.label)

    response = client.post(url, {**edit_data(client.get(url)), "due_on": "2026-04-01", "title": "New"})

    task.refresh_from_db()
    assert (response.status_code, task.title, task.due_on, task.priority) == (303, "New", D(2026, 4, 1), 3)
    assert JournalEntry.objects.get(action="task.changed").changes == {"title": ["Old", "New"]}


def test_who_saves_second_sees_both_texts_and_decides(crew):
    task = services.create(project=crew.project, by=crew.manager, title="Old", description="old text")
    client, url = crew.client("manager"), crew.url("task-edit", number=task.label)
    mine = {**edit_data(client.get(url)), "title": "Mine", "description": "my long text"}
    services.edit(task=task, by=crew.owner, version=1, values={"title": "Theirs", "assignee": crew.staff})

    response = client.post(url, mine)

    text = response.content.decode()
    assert response.status_code == 422
    assert [(row["mine"], row["theirs"]) for row in response.context["conflict"]] == [
        ("Mine", "Theirs"), ("my long text", "old text"), ("Nobody yet", "Sina Staff"),
    ]  # fmt: skip
    assert "Otto Owner" in text
    assert "my long text" in text
    assert Task.objects.get(pk=task.pk).title == "Theirs"

    again = client.post(url, {**mine, "version": response.context["form"]["version"].value()})

    assert again.status_code == 303
    assert Task.objects.get(pk=task.pk).title == "Mine"


def test_a_named_person_leaves_the_role_and_a_role_takes_the_person_away(crew):
    task = services.create(project=crew.project, by=crew.manager, title="x", assignee_role=Role.HR)
    client, url = crew.client("manager"), crew.url("task-edit", number=task.label)

    client.post(url, {**edit_data(client.get(url)), "who": f"u:{crew.staff.pk}"})
    task.refresh_from_db()
    assert (task.assignee, task.assignee_role) == (crew.staff, "hr")

    client.post(url, {**edit_data(client.get(url)), "who": "r:auditor"})
    task.refresh_from_db()
    assert (task.assignee, task.assignee_role) == (None, "auditor")


def test_a_task_of_somebody_who_left_can_still_be_saved(crew):
    from projects.models import ProjectUserGrant

    task = services.create(project=crew.project, by=crew.manager, title="x", assignee=crew.staff)
    ProjectUserGrant.objects.filter(user=crew.staff).delete()
    client, url = crew.client("manager"), crew.url("task-edit", number=task.label)

    response = client.post(url, {**edit_data(client.get(url)), "title": "y"})

    assert response.status_code == 303


# ---- paste ------------------------------------------------------------------------------------------------------

LINES = """Title; Who; Due
- Interview the process owners; @Sina Staff; 2026-12-24; 3h
Collect suppliers; HR; 11.12.2026; 1.1.2; 2 d; urgent

Spreadsheet line\tOtto\t24/12/2026\t1,5
3. Only a title
"""


def test_pasted_lines_are_shown_first_and_then_added_all_at_once(crew):
    client, url = crew.client("manager"), crew.url("task-paste")
    data = {"once": client.get(url).context["form"]["once"].value(), "lines": LINES, "activity": "1.1.1"}

    preview = client.post(url, {**data, "do": "preview"})
    assert preview.status_code == 200
    assert not Task.objects.filter(project=crew.project).exists()
    assert "Add 4 tasks" in preview.content.decode()
    for _n in range(2):
        response = client.post(url, {**data, "do": "add"})

    assert response.status_code == 303
    assert [
        (t.title, t.assignee, t.assignee_role, t.due_on, t.effort_hours_planned, t.activity.number, t.priority)
        for t in Task.objects.filter(project=crew.project).order_by("number")
    ] == [
        ("Interview the process owners", crew.staff, "", D(2026, 12, 24), 3, "1.1.1", 2),
        ("Collect suppliers", None, "hr", D(2026, 12, 11), 16, "1.1.2", 4),
        ("Spreadsheet line", crew.owner, "", D(2026, 12, 24), Decimal("1.5"), "1.1.1", 2),
        ("Only a title", None, "", None, None, "1.1.1", 2),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("x; @Nobody Here", "no person or role"),
        ("x; @Sten Stranger", "no person or role"),
        ("x; 2026-02-30", "is no date"),
        ("x; 1999-01-01", "between 2000 and 2100"),
        ("; 2026-01-01", "title is missing"),
        ("x" * 201, "longer than 200"),
        ("x; 999999h", "more than a project"),
        ("x; 9.9.9", "no person or role"),
        ("x; <script>alert(1)</script>", "no person or role"),
    ],
)
def test_a_line_that_is_not_understood_says_why_and_nothing_is_added(crew, line, words):
    client, url = crew.client("manager"), crew.url("task-paste")

    response = client.post(url, {"lines": f"Fine\n{line}", "do": "add"})

    assert response.status_code == 422
    assert words in response.content.decode()
    assert "<script>alert" not in response.content.decode()
    assert not Task.objects.filter(project=crew.project).exists()


def test_a_first_name_that_two_people_have_is_asked_back(crew):
    grant(make_user(name="Otto Other"), Role.STAFF, crew.project)

    response = crew.client("manager").post(crew.url("task-paste"), {"lines": "x; @Otto", "do": "add"})

    assert "could be Otto Other or Otto Owner" in response.content.decode()


@pytest.mark.parametrize(
    ("lines", "words"),
    [("\n" * 3, "required|no line"), ("x\n" * 201, "at most 200"), ("a\x00b", "Null characters")],
)
def test_too_many_or_no_lines(crew, lines, words):
    response = crew.client("manager").post(crew.url("task-paste"), {"lines": lines, "do": "add"})

    assert response.status_code == 422
    assert re.search(words, response.content.decode())


# ---- suggestions ------------------------------------------------------------------------------------------------


def test_suggestions_are_what_the_plan_does_not_have_yet(db):
    project = make_full_project(with_tasks=False)
    manager = make_user()
    grant(manager, Role.PROJECT_MANAGER, project)
    from django.test import Client
    from django.urls import reverse

    client = Client()
    client.force_login(manager)
    url = reverse("projects:task-suggestions", kwargs=project.address) + "?activity=1.7.3"
    page = client.get(url)
    known = list(SuggestedTask.objects.filter(activity__number="1.7.3"))
    assert page.context["offered"] == known
    data = {"once": page.context["form"]["once"].value(), "chosen": [known[0].pk]}

    answers = [client.post(url, data).status_code for _n in range(2)]

    assert answers == [303, 303]
    assert [task.title for task in Task.objects.filter(project=project)] == [known[0].title]
    assert client.get(url).context["offered"] == known[1:]
    assert client.get(url.replace("1.7.3", "77.7")).status_code == 404
    foreign = SuggestedTask.objects.exclude(activity__number="1.7.3").first()
    assert client.post(url, {"chosen": [foreign.pk]}).status_code == 422


# ---- dependencies and hours -------------------------------------------------------------------------------------


def test_predecessors_are_added_by_their_number_and_refused_in_a_sentence(crew):
    a, b = crew.task(), crew.task()
    client = crew.client("manager")
    url = crew.url("task-predecessor-add", number=b.label)

    assert client.post(url, {"number": "t-1"}).status_code == 303
    for number, words in [("T-999", "no task with this number"), ("x", "Write the number"), (b.label, "on itself")]:
        response = client.post(url, {"number": number})
        assert (response.status_code, words in response.content.decode()) == (422, True)
    circle = client.post(crew.url("task-predecessor-add", number=a.label), {"number": b.label})
    assert "T-001 → T-002 → T-001" in circle.content.decode()
    remove = crew.url("task-predecessor-remove", number=b.label, other=a.label)
    assert client.post(remove).status_code == 303
    assert not b.predecessor_links.exists()


def test_hours_are_added_by_who_does_the_work(crew):
    task = crew.task(assignee=crew.staff)
    url = crew.url("task-hours", number=task.label)

    assert crew.client("staff").post(url, {"hours": "1,5"}).status_code == 303
    assert crew.client("staff").post(url, {"hours": "many"}).status_code == 422
    assert crew.client("owner").post(url, {"hours": "1"}).status_code == 403

    assert str(Task.objects.get(pk=task.pk).effort_hours_spent) == "1.50"


# ---- checklist --------------------------------------------------------------------------------------------------


def test_the_checklist_works_with_and_without_htmx(crew):
    task = crew.task(assignee=crew.staff)
    client = crew.client("staff")
    url = crew.url("task-item-add", number=task.label)

    assert client.post(url, {"text": "One"}).status_code == 303
    fragment = client.post(url, {"text": "Two"}, headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert fragment.content.decode().strip().startswith('<section class="panel" id="checklist"')
    item = task.checklist.get(text="One")
    check = crew.url("task-item-check", number=task.label, pk=item.pk)
    assert client.post(check, {"done": "1"}).url.endswith("#checklist")
    assert "1 of 2" in client.post(check, {"done": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert client.post(url, {"text": ""}, headers={"HX-Request": "true"}).status_code == 422
    assert client.post(crew.url("task-item-remove", number=task.label, pk=item.pk)).status_code == 303
    assert client.post(crew.url("task-item-check", number=task.label, pk=10**25), {"done": "1"}).status_code == 404
    other = crew.task(assignee=crew.staff)
    two = task.checklist.get()
    assert client.post(crew.url("task-item-check", number=other.label, pk=two.pk), {"done": "1"}).status_code == 404


def test_every_address_refuses_the_methods_it_does_not_know(crew):
    task = crew.task()
    client = crew.client("manager")

    for name, kwargs in [("task-list", {}), ("task-detail", {"number": task.label}), ("task-export", {})]:
        assert client.post(crew.url(name, **kwargs)).status_code == 405
    for name in ("task-comment", "task-item-add", "task-hours", "task-predecessor-add"):
        assert client.get(crew.url(name, number=task.label)).status_code == 405
    assert client.get(crew.url("task-bulk")).status_code == 405
    assert not TaskComment.objects.exists()


def test_hours_posted_twice_are_added_once(crew):
    task, client = crew.task(), crew.client("manager")
    form = client.get(crew.url("task-detail", number=task.label)).context["hours_form"]
    for _twice in range(2):
        answer = client.post(crew.url("task-hours", number=task.label), {"hours": "2", "once": form["once"].value()})
        assert answer.status_code == 303
    task.refresh_from_db()
    assert task.effort_hours_spent == 2


def test_a_filter_does_not_tell_staff_the_activities_of_the_plan(crew):
    PlanActivity.objects.filter(pk=crew.activity.pk).update(title="Secret reorganization")
    address = f"{crew.url('task-list')}?activity={crew.activity.number}"
    assert "Secret reorganization" in crew.client("manager").get(address).content.decode()
    assert "Secret reorganization" not in crew.client("staff").get(address).content.decode()


def test_suggestions_for_no_activity_at_all_are_not_there(crew):
    """PostgreSQL refuses a NUL in a text: once an error 500 there."""
    for asked in ("", "%00", "9.9.9"):
        assert crew.client("manager").get(f"{crew.url('task-suggestions')}?activity={asked}").status_code == 404
