"""The register: filters, order, what is overdue in which phase, many at once, what it teaches, its grades."""

from __future__ import annotations

import datetime as dt

import pytest

from core import dates
from core.rules import RuleBroken, StaleRecord
from improvement import pictures
from improvement.models import Nonconformity, Round
from improvement.selectors import grade as grades
from improvement.selectors import nonconformity as selectors
from improvement.selectors import register as lists
from improvement.selectors import statistics
from improvement.services import grade as scale_services
from improvement.services import nonconformity as services
from projects import access, reminders
from projects.flow import NotPermitted
from projects.models import JournalEntry, Task
from tests.factories.improvement import bring_to, fresh, make_nonconformity
from tests.helpers.budget import count_queries, queries

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def seen(here, who="manager"):
    person = getattr(here, who)
    return selectors.visible(here.project, person, access.perms_in(person, here.project))


def titles(here, today=None, **wanted):
    rows = lists.narrowed(seen(here), wanted, today=today or dates.today(), user=here.manager, people={})
    return {row.title for row in rows}


@pytest.fixture
def told(here, hands):
    """One in each phase, all of them late."""
    today = dates.today()
    for title, status in (
        ("Fresh", "reported"), ("Hot", "accepted"), ("Why", "contained"), ("Doing", "planned"), ("Proving", "verifying"),
        ("Over", "closed"),
    ):  # fmt: skip
        record = make_nonconformity(
            here.project, here.doer, title=title, source="supplier" if title == "Hot" else "complaint"
        )
        if status != "reported":
            bring_to(record, status, **hands)
    late = today - 3 * DAY
    current = Round.objects.filter(project=here.project, verdict="")
    current.update(correction_due_on=late, analysis_due_on=late)
    current.filter(nonconformity__status="verifying").update(check_on=late)
    Task.objects.filter(project=here.project, is_open=True).update(due_on=late)
    return here


def test_the_filters_leave_over_what_they_say(told):
    here = told
    assert titles(here) == {"Fresh", "Hot", "Why", "Doing", "Proving"}
    assert titles(here, state="all") == {"Fresh", "Hot", "Why", "Doing", "Proving", "Over"}
    assert titles(here, state="closed") == {"Over"}
    assert titles(here, source="supplier") == {"Hot"}
    assert titles(here, grade="none") == {"Fresh"}
    assert titles(here, owner="none") == {"Fresh"}
    assert titles(here, q="nc-002") == {"Hot"} and titles(here, q="prov") == {"Proving"}
    assert titles(here, asks="overdue") == {"Hot", "Why", "Doing", "Proving"}
    assert titles(here, asks="overdue", today=dates.today() - 5 * DAY) == set()
    by_phase = {phase: titles(here, phase=phase) for phase in lists.Phase.values}
    assert by_phase == {"contain": {"Hot"}, "analyse": {"Why"}, "act": {"Doing"}, "verify": {"Proving"}}
    found = lists.figures(seen(here), grades.scale_of(here.project), dates.today())
    assert (found.total, found.open, found.reported, found.nobody, found.overdue) == (6, 5, 1, 1, 4)
    assert found.late == {"contain": 1, "analyse": 1, "act": 1, "verify": 1}


@pytest.mark.parametrize("sort", [*lists.SORTS, "", "-due", "-state", "-age", "nonsense"])
def test_every_order_holds_all_rows_once(told, sort):
    rows = list(lists.in_order(seen(told), sort).values_list("number", flat=True))
    assert sorted(rows) == [1, 2, 3, 4, 5, 6]
    if sort == "state":
        assert rows[0] == 1 and rows[-1] == 6


@pytest.mark.parametrize(
    "wanted",
    [
        {}, {"sort": "due"}, {"state": "all"}, {"state": "reported"}, {"state": "verifying"}, {"asks": "overdue"},
        {"asks": "overdue", "state": "planned"}, {"asks": "overdue", "owner": "none"}, {"phase": "contain"}, {"phase": "act"},
        {"owner": "none"}, {"owner": "me"}, {"source": "supplier"}, {"q": "Hot"},
    ],
)  # fmt: skip
def test_what_the_figures_have_counted_is_what_the_filters_leave_over(told, wanted):
    make_nonconformity(told.project, told.doer, title="Nobody's")
    counted = lists.figures(seen(told), grades.scale_of(told.project), dates.today())

    known = lists.count_in(counted, wanted)

    assert known is None or known == len(titles(told, **wanted))
    if wanted in ({}, {"asks": "overdue"}, {"phase": "act"}, {"state": "all"}):
        assert known, "counted, and there is something"


def test_who_owes_something_is_reminded_of_its_day(told):
    here = told
    owners = {}
    for kind in ("correction", "analysis", "verification"):
        source = reminders.of(kind)
        owners[kind] = list(source.rows().values_list(source.owner, source.title, source.due))
    late = dates.today() - 3 * DAY
    assert owners["correction"] == [(here.owner.pk, "Hot", late)]
    assert owners["analysis"] == [(here.owner.pk, "Why", late)]
    assert (here.verifier.pk, "Proving", late) in owners["verification"]


def test_many_get_an_owner_and_a_day_at_once_or_none_does(here, hands):
    for _n in range(3):
        make_nonconformity(here.project, here.doer)
    day = dates.today() + 5 * DAY
    given = {"owner": here.owner, "correction_due_on": day}
    assert services.change_many(project=here.project, by=here.manager, numbers=[1, 2], values=given) == 2
    assert services.change_many(project=here.project, by=here.manager, numbers=[1, 2], values=given) == 0
    assert Nonconformity.objects.filter(owner=here.owner).count() == 2
    assert Round.objects.filter(correction_due_on=day).count() == 2
    assert JournalEntry.objects.filter(action="nonconformity.changed").count() == 2
    with pytest.raises(NotPermitted):
        services.change_many(project=here.project, by=here.owner, numbers=[1], values=given)
    bring_to(fresh(Nonconformity.objects.get(number=3)), "planned", **hands)
    with pytest.raises(RuleBroken, match=r"NC-003.*another verifier"):
        services.change_many(project=here.project, by=here.manager, numbers=[1, 3], values={"owner": here.verifier})
    assert not Nonconformity.objects.filter(owner=here.verifier).exists()
    with pytest.raises(RuleBroken, match="scale"):
        services.change_many(project=here.project, by=here.manager, numbers=[1], values={"grade": "huge"})


def test_a_project_grades_by_its_own_scale_and_gives_days(here):
    rows = [
        {"name": "Critical", "is_grave": True, "contain_days": 1, "analyse_days": 7}, {"name": "Level B"}, {"name": "Hint"},
    ]  # fmt: skip
    made = scale_services.save(project=here.project, by=here.manager, version=0, rows=rows)
    assert [one["key"] for one in made.grades] == ["critical", "level-b", "hint"]
    record = make_nonconformity(here.project, here.doer)
    with pytest.raises(RuleBroken, match="scale"):
        services.change(record=record, by=here.manager, version=1, values={"grade": "minor"})
    record = services.change(
        record=record, by=here.manager, version=1, values={"grade": "critical", "owner": here.owner}
    )
    services.move(record=record, name="accept", by=here.manager)
    today = dates.today(here.project.organization.time_zone)
    current = fresh(record).round
    assert (current.correction_due_on, current.analysis_due_on) == (today + DAY, today + 7 * DAY)
    kept = [{**one, "name": "Very bad"} if one["key"] == "critical" else one for one in made.grades]
    scale_services.save(project=here.project, by=here.manager, version=1, rows=kept)
    assert grades.scale_of(here.project).name("critical") == "Very bad"
    with pytest.raises(RuleBroken, match=r"Very bad.*in use"):
        scale_services.save(project=here.project, by=here.manager, version=2, rows=kept[1:])
    with pytest.raises(StaleRecord):
        scale_services.save(project=here.project, by=here.manager, version=1, rows=kept)
    for wrong in ([{"name": "One"}], [{"name": "A"}, {"name": "a"}], [{"name": str(n)} for n in range(7)]):
        with pytest.raises(RuleBroken):
            scale_services.save(project=here.project, by=here.manager, version=2, rows=wrong)
    with pytest.raises(NotPermitted):
        scale_services.save(project=here.project, by=here.owner, version=2, rows=kept)


def test_what_the_register_teaches(told):
    here = told
    earlier, later = Nonconformity.objects.get(title="Over"), Nonconformity.objects.get(title="Hot")
    services.change(
        record=later, by=here.manager, version=later.version, values={"recurrence_of": earlier, "process": "Packing"}
    )
    fresh_one = Nonconformity.objects.get(title="Why")
    services.change(record=fresh_one, by=here.manager, version=fresh_one.version, values={"process": "packing"})
    refused = make_nonconformity(here.project, here.doer, title="No", source="supplier")
    services.move(record=refused, name="refuse", by=here.manager, reason="It is as it should be")
    found = statistics.of(seen(here), dates.today())
    assert found.total == 6
    assert [(row.label, row.count, row.query) for row in found.by_source] == [
        ("Complaint", 5, "source=complaint"), ("Supplier", 1, "source=supplier"),
    ]  # fmt: skip
    assert [(row.label, row.count) for row in found.by_process] == [("packing", 2)] or [
        (row.label, row.count) for row in found.by_process
    ] == [("Packing", 2)]
    assert sum(row.count for row in found.by_cause) == 3, "three of them know a root cause"
    assert (found.recurrence.again, found.recurrence.percent) == (1, 17)
    assert (found.recurrence.judged, found.recurrence.effective_percent) == (1, 100)
    assert found.times.contained == 4 and found.times.closed == 1 and found.times.close_days < 1
    assert sum(bucket.count for bucket in found.ages) == 5
    none = statistics.of(seen(here).none(), dates.today())
    assert (none.total, none.recurrence.percent, none.times.said_close) == (0, 0, "–")
    assert titles(here, asks="again") == {"Hot"} and titles(here, process="PACKING") == {"Hot", "Why"}
    picture = pictures.pareto_svg(found.by_source, key="source", title="By source", href=lambda query: f"?{query}")
    assert 'href="?source=complaint"' in picture and "5 · 83 %" in picture


def test_the_pages_work_and_ask_no_more_for_more(told, client_of, url):
    here = told
    client = client_of(here.manager)
    places = {url("nonconformity-list"): 12, url("statistics"): 15}
    few = {}
    for place, most in places.items():
        client.get(place)
        with queries(most) as sent:
            page = client.get(place).content.decode()
        few[place] = len(sent)
        assert page.count("<h1") == 1
    for _n in range(40):
        make_nonconformity(here.project, here.doer, process="Packing")
    for place in places:
        assert count_queries(lambda place=place: client.get(place)) == few[place]
    page = client.get(url("nonconformity-list") + "?sort=due&asks=overdue&q=x%00").content.decode()
    assert "Nothing matches" not in page or "NUL" not in page
    assert client_of(here.doer).get(url("statistics")).status_code == 403
    assert client_of(here.stranger).get(url("statistics")).status_code == 404


def test_many_at_once_by_the_page(here, client_of, url):
    for _n in range(2):
        make_nonconformity(here.project, here.doer)
    client = client_of(here.manager)
    answer = client.post(
        url("nonconformity-bulk"), {"chosen": ["NC-001", "NC-002"], "owner": here.owner.pk}, follow=True
    )
    assert "2 nonconformities changed." in answer.content.decode()
    answer = client.post(url("nonconformity-bulk") + "?owner=me", {"all_matching": "1", "grade": "minor"}, follow=True)
    assert "Nothing was chosen" in answer.content.decode() and not Nonconformity.objects.exclude(grade="").exists()
    answer = client.post(url("nonconformity-bulk"), {"chosen": ["NC-001"]}, follow=True)
    assert "Choose an owner" in answer.content.decode()
    assert client_of(here.owner).post(url("nonconformity-bulk"), {"chosen": ["NC-001"]}).status_code == 403


def test_grades_are_changed_on_their_page(here, client_of, url):
    client = client_of(here.manager)
    page = client.get(url("grades"))
    form = page.context["form"]
    data = {name: str(value) for name in form.fields if (value := form[name].value())}
    data["version"] = "0"
    answer = client.post(url("grades"), data | {"name_2": "Hint", "contain_0": "2"})
    assert answer.status_code == 303 and grades.of_project(here.project).grades[0]["contain_days"] == 2
    wrong = client.post(url("grades"), data | {"name_0": "", "name_1": "", "version": "1"})
    assert wrong.status_code == 422 and "from 2 to 6" in wrong.content.decode()
    assert client_of(here.owner).get(url("grades")).status_code == 403


def test_a_confidential_one_stands_in_no_count_of_strangers_to_it(here, hands, client_of, url):
    record = make_nonconformity(
        here.project, here.manager, title="Secret smell", process="Hidden hall", is_confidential=True
    )
    assert record.is_confidential
    reader = client_of(here.reader)
    for name in ("nonconformity-list", "statistics"):
        page = reader.get(url(name) + "?state=all").content.decode()
        assert "Secret smell" not in page and "Hidden hall" not in page
    assert reader.get(record.get_absolute_url()).status_code == 404
    assert lists.figures(seen(here, "reader"), grades.scale_of(here.project), dates.today()).total == 0
    assert "Hidden hall" not in reader.get(url("proposal-propose")).content.decode()
    record = bring_to(record, "analysed", **hands)
    told = JournalEntry.objects.filter(project=here.project).values_list("target_label", "changes")
    words = ("Secret smell", "Hidden hall", "Nobody was told", "The batch is set apart")
    assert not [entry for entry in told if any(word in str(entry) for word in words)], "the journal is read whole"
    Round.objects.filter(nonconformity=record).update(correction_due_on=dates.today())
    source = reminders.of("verification")
    Round.objects.filter(nonconformity=record).update(check_on=dates.today(), verifier=here.verifier)
    assert list(source.rows().values_list(source.title, flat=True)) == ["confidential"]
