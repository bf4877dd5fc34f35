"""The forecast of a project: kept every night, shown with its drivers, and blind to other clients' words."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from jobs import forecasting, kinds, scheduled
from projects.models import (
    Absence,
    ActivityLink,
    ForecastSnapshot,
    PlanActivity,
    PlanMilestone,
    PlanStep,
    Project,
    StepDependency,
)
from projects.permissions import Role
from projects.selectors import forecast as selectors
from projects.services import baseline as baselines
from projects.services import forecast as services
from projects.services import kit as kits
from projects.services import plan
from tests.factories.projects import (
    grant,
    make_activity,
    make_firm,
    make_organization,
    make_project,
    make_step,
    make_user,
)
from tests.helpers.budget import count_queries, queries

MONDAY = dt.date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _on_the_first_day():
    with time_machine.travel(dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def steps(crew) -> list[PlanStep]:
    """1.1 with two activities, one after the other, then 1.2 with one: five working days each."""
    first = PlanStep.objects.get(project=crew.project)
    second = make_step(crew.project)
    make_activity(second)
    StepDependency.objects.create(
        organization=crew.project.organization, project=crew.project, step=second, predecessor=first
    )
    one, two = PlanActivity.objects.filter(step=first).order_by("number")
    ActivityLink.objects.create(
        organization=crew.project.organization, project=crew.project, activity=two, predecessor=one
    )
    PlanActivity.objects.filter(project=crew.project).update(duration_days=5)
    days = [dt.date(2026, 3, 2), dt.date(2026, 3, 9), dt.date(2026, 3, 16)]
    for one, day in zip(PlanActivity.objects.filter(project=crew.project).order_by("number"), days, strict=True):
        PlanActivity.objects.filter(pk=one.pk).update(starts_on=day, ends_on=day + dt.timedelta(days=4))
    Project.objects.filter(pk=crew.project.pk).update(target_on=dt.date(2026, 3, 27))
    crew.project.refresh_from_db()
    return [first, second]


def forecast_of(crew, day: dt.date = MONDAY) -> selectors.Forecast:
    return selectors.of_project(Project.objects.select_related("organization").get(pk=crew.project.pk), day)


def test_the_end_is_foreseen_from_network_calendar_and_estimates(crew, steps):
    found = forecast_of(crew)

    # Three activities of 3.75 to 10, on average 5.625 working days: 16.9 of them, the end of the fourth week.
    assert found.mean == pytest.approx(16.9, abs=0.1)
    assert dt.date(2026, 3, 23) <= found.p50_on <= dt.date(2026, 3, 24)
    assert found.p50_on < found.p80_on and 50 < found.chance_percent < 90
    assert {driver.activity.number for driver in found.drivers} == {"1.1.1", "1.1.2", "1.2.1"}
    assert found.learned_from == 0


def test_what_is_done_is_a_fact_and_the_rest_begins_today(crew, steps):
    before = forecast_of(crew)
    plan.move(activity=PlanActivity.objects.get(project=crew.project, number="1.1.1"), name="complete", by=crew.manager)

    found = forecast_of(crew)

    # One day instead of 5.6: the rest begins on Tuesday.
    assert found.mean == pytest.approx(before.mean - 4.6, abs=0.1)
    assert "1.1.1" not in {driver.activity.number for driver in found.drivers}
    for one in PlanActivity.objects.filter(project=crew.project).exclude(number="1.1.1"):
        plan.move(activity=one, name="complete", by=crew.manager)
    assert forecast_of(crew) is None


def test_excluded_work_takes_no_time_and_holidays_do(crew, steps):
    before = forecast_of(crew)
    Project.objects.filter(pk=crew.project.pk).update(working_week="1110000")
    assert forecast_of(crew).p50_on > before.p50_on + dt.timedelta(days=10)
    Project.objects.filter(pk=crew.project.pk).update(working_week="1111100")

    plan.move(
        activity=PlanActivity.objects.get(project=crew.project, number="1.1.2"),
        name="exclude",
        by=crew.manager,
        reason="No",
    )

    assert forecast_of(crew).mean == pytest.approx(before.mean - 5.6, abs=0.1)


# --- what finished projects took --------------------------------------------------------------------------------------


def finished(firm, code: str, days: int, **more) -> Project:
    """A closed project of a firm's other client, whose first activity took so many working days instead of five."""
    project = make_project(make_organization(), status="closed")
    if firm is not None:
        grant(firm.team, Role.CONSULTANT, project.organization)
    first = PlanActivity.objects.filter(project=project).earliest("number")
    start = dt.date(2025, 3, 3)
    ends = project.calendar.last_day(start, days)
    values = {"code": code, "duration_days": 5, "started_on": start, "finished_on": ends, "status": "done"}
    PlanActivity.objects.filter(pk=first.pk).update(**values | more)
    return project


def test_three_finished_projects_of_the_same_firm_teach_and_those_of_others_do_not(crew, steps):
    firm, other = make_firm("own-firm"), make_firm("other-firm")
    grant(firm.team, Role.CONSULTANT, crew.project.organization)
    PlanActivity.objects.filter(project=crew.project, number="1.1.1").update(code="interview")
    for days in (5, 10):
        finished(firm, "interview", days)
    for _n in range(4):
        finished(other, "interview", 25)
        finished(None, "interview", 25)
    finished(firm, "interview", 40, status="in_progress", finished_on=None)
    assert selectors.ratios_for(crew.project) == {}, "two are too few"

    finished(firm, "interview", 15)

    assert {code: sorted(some) for code, some in selectors.ratios_for(crew.project).items()} == {"interview": [1, 2, 3]}
    found = forecast_of(crew)
    first = PlanActivity.objects.get(project=crew.project, number="1.1.1")
    assert found.sources.estimates["activity", first.pk][:4] == (5, 10, 15, 3)
    assert found.learned_from == 1


def test_what_it_took_is_measured_against_the_plan_at_the_start_not_the_re_dated_one(crew, steps):
    firm = make_firm("own-firm")
    grant(firm.team, Role.CONSULTANT, crew.project.organization)
    PlanActivity.objects.filter(project=crew.project, number="1.1.1").update(code="interview")
    for days in (10, 10, 15):
        project = finished(firm, "interview", 5)
        first = PlanActivity.objects.get(project=project, code="interview")
        PlanActivity.objects.filter(pk=first.pk).update(starts_on=first.started_on, ends_on=first.finished_on)
        baselines.take(project=project, by=crew.manager, name="At the start")
        PlanActivity.objects.filter(pk=first.pk).update(
            finished_on=project.calendar.last_day(first.started_on, days), duration_days=days
        )
        baselines.take(project=project, by=crew.manager, name="Re-dated to what happened")

    assert sorted(selectors.ratios_for(crew.project)["interview"]) == [2, 2, 3]


# --- what a kit knows -------------------------------------------------------------------------------------------------


def test_a_project_from_a_kit_is_estimated_from_what_the_kit_knows(crew, steps):
    firm, consultant = make_firm("own-firm"), make_user(name="Cora Consultant")
    consultant.groups.add(firm.team)
    grant(consultant, Role.CONSULTANT, firm)
    old = finished(None, "", 6, title="Interviews")  # an activity of the firm's own, which has no code
    grant(firm.team, Role.CONSULTANT, old)
    version = kits.save(project=old, firm=firm, by=consultant, name="Medtech")
    known = [one for step in version.content["steps"] for one in step["activities"]]
    assert [one["took"] for one in known if one["took"]] == [[90, 120, 240]]

    PlanActivity.objects.filter(project=crew.project, number="1.1.1").update(title="Interviews")
    Project.objects.filter(pk=crew.project.pk).update(kit=version)

    found = forecast_of(crew)
    first = PlanActivity.objects.get(project=crew.project, number="1.1.1")
    assert found.sources.estimates["activity", first.pk] == (4.5, 6, 12, 0, True)
    assert (found.learned_from, found.learned_from_kit) == (0, 1)
    assert "1 activity is estimated from what the kit knows" in text_of(crew)


# --- who is away, and what the chance is measured against --------------------------------------------------------------


def away(person, crew, first: int, last: int) -> None:
    Absence.objects.create(
        organization=crew.project.organization, person=person, first_on=dt.date(2026, 3, first), last_on=dt.date(2026, 3, last)
    )  # fmt: skip


def test_work_stands_still_while_everybody_who_has_it_is_away(crew, steps):
    before = forecast_of(crew)
    last = PlanActivity.objects.get(project=crew.project, number="1.2.1")
    away(crew.staff, crew, 9, 27)
    assert forecast_of(crew).mean == before.mean, "nothing of the plan is theirs"

    crew.task("Draft", activity=last, assignee=crew.staff)
    alone = forecast_of(crew)
    assert alone.mean > before.mean + 5 and alone.held_up == 1
    assert "1 activity stands still" in text_of(crew)

    crew.task("Review", activity=last, assignee=crew.owner)
    assert forecast_of(crew).mean == pytest.approx(before.mean), "the other one is there"
    away(crew.owner, crew, 9, 20)
    assert before.mean < forecast_of(crew).mean < alone.mean


def test_without_tasks_the_holders_of_the_role_count(crew, steps):
    before = forecast_of(crew)
    PlanActivity.objects.filter(project=crew.project, number="1.2.1").update(responsible=Role.PROCESS_OWNER)
    away(crew.owner, crew, 9, 27)

    assert forecast_of(crew).mean > before.mean + 5


def test_the_chance_is_measured_against_the_agreed_day_of_stage_2_and_says_so(crew, steps):
    before = forecast_of(crew)
    assert (before.target_on, before.sources.stage_2) == (dt.date(2026, 3, 27), None)
    owned = {"organization": crew.project.organization, "project": crew.project}
    stage = PlanMilestone.objects.create(
        **owned, number=1, kind="stage_2", title="Stage 2 with the certifier", on=dt.date(2026, 6, 1), is_fixed=False,
        activity=PlanActivity.objects.get(project=crew.project, number="1.2.1"),
    )  # fmt: skip
    assert forecast_of(crew).target_on == before.target_on, "a day that moves with the work is no target"

    PlanMilestone.objects.filter(pk=stage.pk).update(is_fixed=True)

    found = forecast_of(crew)
    assert (found.target_on, found.chance_percent) == (dt.date(2026, 6, 1), 100)
    assert found.digest != before.digest
    assert "Stage 2 with the certifier: " in text_of(crew)
    kept = services.keep(crew.project, MONDAY)
    assert kept.target_on == dt.date(2026, 6, 1)
    crew.project.refresh_from_db()
    assert selectors.kept_of(crew.project.forecast).target_on == dt.date(2026, 6, 1)
    assert "for stage 2" in crew.client("manager").get(crew.url("project-home")).content.decode()


def text_of(crew) -> str:
    return " ".join(crew.client("manager").get(crew.url("forecast")).content.decode().split())


def test_nothing_of_another_client_shows_on_the_page(crew, steps):
    firm = make_firm("own-firm")
    grant(firm.team, Role.CONSULTANT, crew.project.organization)
    PlanActivity.objects.filter(project=crew.project, number="1.1.1").update(code="interview")
    for place in range(3):
        project = finished(firm, "interview", 10)
        Project.objects.filter(pk=project.pk).update(name=f"Kanari {place}")
        project.organization.name = f"Kanari {place}"
        project.organization.save()
        PlanActivity.objects.filter(project=project).update(title=f"Kanari {place}")
    services.keep(crew.project)

    text = crew.client("manager").get(crew.url("forecast")).content.decode()

    assert "1 activity is estimated from what finished projects took" in text
    assert "Kanari" not in text
    assert "Kanari" not in str(ForecastSnapshot.objects.filter(project=crew.project).values().get())


# --- kept -------------------------------------------------------------------------------------------------------------


def test_the_schedule_keeps_one_row_a_day_and_lists_read_it(crew, steps, _on_the_first_day):
    assert scheduled._daily[forecasting.FORECAST] == dt.time(2, 30)
    assert kinds.of(forecasting.FORECAST).work is forecasting.work
    closed = make_project(status="closed")
    Project.objects.filter(pk=closed.pk).update(forecast={"on": "2026-02-01"})

    class Run:
        seen: list[int] = []

        def progress(self, percent: int) -> None:
            self.seen.append(percent)

    assert forecasting.work(Run()) == {"kept": 2, "without": 0, "failed": 0}
    assert forecasting.work(Run())["kept"] == 2, "twice does no harm"

    kept = ForecastSnapshot.objects.get(project=crew.project)
    found = forecast_of(crew)
    assert (kept.on, kept.p50_on, kept.p80_on, kept.digest) == (MONDAY, found.p50_on, found.p80_on, found.digest)
    assert (kept.target_on, kept.chance_percent) == (dt.date(2026, 3, 27), found.chance_percent)
    crew.project.refresh_from_db()
    shown = selectors.kept_of(crew.project.forecast)
    assert (shown.p80_on, shown.chance_percent, shown.kind) == (found.p80_on, found.chance_percent, "done")
    closed.refresh_from_db()
    assert closed.forecast == {} and selectors.kept_of(closed.forecast) is None
    assert not ForecastSnapshot.objects.filter(project=closed).exists() and Run.seen[-1] == 100
    assert found.counts == kept.ends["counts"], "the page shows what was kept while the plan is the same"


def test_old_inputs_are_forgotten_and_the_dates_stay(crew, steps):
    services.keep(crew.project, MONDAY)
    services.keep(crew.project, MONDAY + dt.timedelta(days=40))

    old, new = ForecastSnapshot.objects.filter(project=crew.project).order_by("on")
    assert old.inputs == {} and old.drivers and new.inputs


def test_a_circle_is_named_and_does_not_stop_the_night(crew, steps):
    """Steps wait in the order of the plan alone; an activity that waits for one of a later step still closes a circle."""
    first, second = (PlanActivity.objects.filter(step=step).first() for step in steps[:2])
    ActivityLink.objects.create(
        organization=crew.project.organization, project=crew.project, activity=first, predecessor=second
    )

    assert services.keep_all() == {"kept": 1, "without": 0, "failed": 1}
    text = crew.client("manager").get(crew.url("forecast")).content.decode()
    assert "These wait for each other" in text and "1.1 → 1.2" in text.replace("1.2 → 1.1 → 1.2", "1.1 → 1.2")


def test_what_slipped_since_last_week_is_told_by_activity(crew, steps, _on_the_first_day):
    services.keep(crew.project)
    _on_the_first_day.move_to(dt.datetime(2026, 3, 9, 9, 0, tzinfo=dt.UTC))
    PlanActivity.objects.filter(project=crew.project, number="1.2.1").update(duration_days=10)

    response = crew.client("manager").get(crew.url("forecast"))

    since = response.context["since"]
    assert [(one.activity.number, round(one.slip.days)) for one in since.slips] == [("1.2.1", 6), ("1.1.1", 5)]
    assert since.total == pytest.approx(10.6, abs=0.2) and not since.has_rest
    text = response.content.decode()
    assert "10.6 working days later" in text and "+5.6" in text
    assert "takes longer than thought" in text and "could have been worked on, and was not" in text


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_says_dates_chance_and_drivers_with_links(crew, steps):
    found = forecast_of(crew)

    text = crew.client("auditor").get(crew.url("forecast")).content.decode()

    for words in (
        f"{found.p80_on:%-d} March 2026", f"{found.chance_percent} percent", 'id="spread-wide"', 'id="spread-narrow"',
        crew.url("activity-detail", number="1.2.1"), "The plan is played 5,000 times", "The forecast is kept every night",
    ):  # fmt: skip
        assert words in text, words
    again = crew.client("auditor").get(crew.url("forecast")).context
    assert (again["found"].counts, again["wide"]) == (found.counts, again["wide"]), "it does not flicker"


def test_the_page_knows_a_plan_without_work_and_turns_others_away(crew):
    url = crew.url("forecast")
    assert crew.client("staff").get(url).status_code == 403
    assert crew.client("stranger").get(url).status_code == 404
    assert crew.client("manager").post(url).status_code == 405
    for one in PlanActivity.objects.filter(project=crew.project):
        plan.move(activity=one, name="complete", by=crew.manager)
    assert "All work is done" in crew.client("manager").get(url).content.decode()
    PlanActivity.objects.filter(project=crew.project).update(status="excluded", justification="None")
    Project.objects.filter(pk=crew.project.pk).update(activity_count=0)
    assert "No plan yet" in crew.client("manager").get(url).content.decode()


def test_the_page_costs_the_same_for_one_step_and_for_three(crew):
    client, url = crew.client("manager"), crew.url("forecast")
    client.get(url)
    with queries(18):
        client.get(url)
    one = count_queries(lambda: client.get(url))
    for _n in range(2):
        make_activity(make_step(crew.project))

    assert count_queries(lambda: client.get(url)) == one
