"""What must hold of the schedule, whatever is tailored in whatever order; dates are saved after every decision."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.dates import WorkingCalendar
from projects.schedule import Axis
from projects.schedule.plan import ACTIVITY, STEP, ActivityRow, Plan, PlanLink, StepRow, reckon

MONDAY = dt.date(2035, 1, 1)
TODAY = dt.date(2034, 12, 1)
COUNT = 6


@st.composite
def plans(draw):
    """Six steps in a row with one to three activities each, waiting for steps before them (and against the order)."""
    steps, activities, links = {}, {}, []
    blank = dict.fromkeys(ActivityRow._fields)
    for at in range(1, COUNT + 1):
        steps[at] = StepRow(at, f"1.{at}", f"Step {at}", 1, MONDAY, MONDAY, True, None)
        earlier = None
        for place in range(1, draw(st.integers(1, 3)) + 1):
            pk = 10 * at + place
            activities[pk] = ActivityRow(
                **blank
                | {
                    "pk": pk, "step": at, "number": f"1.{at}.{place}", "title": "Work", "status": "planned",
                    "duration_days": draw(st.integers(1, 8)), "starts_on": MONDAY, "ends_on": MONDAY,
                    "dates_are_manual": False,
                }
            )  # fmt: skip
            if earlier is not None:
                links.append(PlanLink(ACTIVITY, earlier, pk))
            earlier = pk
    pairs = draw(st.sets(st.tuples(st.integers(1, COUNT), st.integers(1, COUNT)), max_size=9))
    links += [PlanLink(STEP, a, b, lag=draw(st.integers(0, 2))) for a, b in sorted(pairs) if a != b]
    return saved(Plan(MONDAY, Axis(MONDAY, WorkingCalendar()), steps, activities, {}, {}, tuple(links)))


def saved(plan: Plan) -> Plan:
    """The plan with the dates that follow, as the service stores them."""
    spans = reckon(plan, TODAY).spans
    rows = {STEP: plan.steps, ACTIVITY: plan.activities}
    made = {
        of: {pk: row._replace(**spans[of, pk]._asdict()) for pk, row in found.items()} for of, found in rows.items()
    }
    return replace(plan, steps=made[STEP], activities=made[ACTIVITY])


def applies(plan: Plan, step: int, is_applicable: bool) -> Plan:
    status = "planned" if is_applicable else "excluded"
    rows = {pk: row._replace(status=status) if row.step == step else row for pk, row in plan.activities.items()}
    steps = {**plan.steps, step: plan.steps[step]._replace(is_applicable=is_applicable)}
    return replace(plan, steps=steps, activities=rows)


def merged(plan: Plan, step: int, into: int | None) -> Plan:
    return replace(plan, steps={**plan.steps, step: plan.steps[step]._replace(merged_into=into)})


def longer(plan: Plan, activity: int, days: int) -> Plan:
    return plan.with_activity(activity, duration_days=days)


def counted(plan: Plan) -> dict:
    """The dates of all that is worked."""
    return {row.number: (row.starts_on, row.ends_on) for row in plan.activities.values() if not row.is_out}


@given(plans(), st.integers(1, COUNT), st.integers(1, COUNT))
def test_exclude_then_include_and_merge_then_split_are_identities(plan, step, other):
    assert saved(applies(saved(applies(plan, step, False)), step, True)) == plan
    if step != other:
        assert saved(merged(saved(merged(plan, step, other)), step, None)) == plan


@given(plans(), st.permutations(range(1, COUNT + 1)), st.integers(1, 12))
def test_the_order_of_independent_decisions_does_not_matter(plan, steps, days):
    out, host, joined, resized, back, _rest = steps
    plan = saved(applies(plan, back, False))
    decisions = [
        lambda found: applies(found, out, False),
        lambda found: merged(found, joined, host),
        lambda found: longer(found, 10 * resized + 1, days),
        lambda found: applies(found, back, True),
    ]

    def made(order):
        found = plan
        for decide in order:
            found = saved(decide(found))
        return counted(found)

    assert made(decisions) == made(decisions[::-1])


@given(plans(), st.integers(1, COUNT), st.integers(1, 10))
def test_a_longer_activity_never_makes_an_earlier_end(plan, step, more):
    pk = 10 * step + 1
    after = saved(longer(plan, pk, plan.activities[pk].duration_days + more))

    assert all(after.activities[one].ends_on >= row.ends_on for one, row in plan.activities.items())


@given(plans(), st.integers(1, COUNT), st.integers(1, COUNT))
def test_merged_steps_begin_when_all_that_either_waits_for_is_done(plan, step, other):
    if step == other:
        return
    after = reckon(merged(plan, step, other), TODAY)

    first = {one: min(r.starts_on for r in after.plan.activities.values() if r.step == one) for one in (step, other)}
    assert set(first) == {step, other}
    starts = {one: after.spans[STEP, one].starts_on for one in (step, other)}
    assert starts[step] == starts[other]
