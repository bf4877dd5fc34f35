"""Nonconformities on paper: the register with what it teaches, one of them in eight steps, in three languages."""

from __future__ import annotations

import datetime as dt

import pytest

from core.rules import RuleBroken
from improvement import origins
from improvement.services import nonconformity as services
from projects.permissions import Perm, Role
from reports import kinds
from reports.forms.improvement import NonconformitiesForm, NonconformityForm
from reports.selectors import improvement as reports
from tests.factories.improvement import bring_to, fresh, make_nonconformity
from tests.factories.projects import grant, make_user
from tests.helpers.budget import count_queries
from tests.reports import worlds
from tests.reports.conftest import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def hands(project, manager):
    found = {"by": manager}
    for name, role in (("owner", Role.PROCESS_OWNER), ("doer", Role.STAFF), ("verifier", Role.AUDITOR)):
        found[name] = make_user(name=f"{name.title()} {name.title()}")
        grant(found[name], role, project)
    return found


@pytest.fixture
def register(project, manager, hands):
    """One closed, one that was not effective once and is in its second round, one reported, one confidential."""
    bring_to(
        make_nonconformity(project, hands["doer"], title="Scale without label", source="supplier"), "closed", **hands
    )
    again = bring_to(make_nonconformity(project, hands["doer"], title="Door stood open"), "verifying", **hands)
    services.judge(record=again, by=hands["verifier"], verdict="not_effective", note="Twice in May")
    make_nonconformity(project, manager, title="Just seen", source="supplier")
    make_nonconformity(project, manager, title="Secret smell", is_confidential=True)
    return project


def test_the_register_is_printed_with_what_it_teaches_and_says_what_it_leaves_out(register):
    found = reports.register(worlds.asked_for(register))
    assert [(heading, [row.title for row in rows]) for heading, rows in found["groups"]] == [
        ("Open", ["Just seen", "Door stood open"]), ("Closed and refused", ["Scale without label"]),
    ]  # fmt: skip
    assert found["left_out"] == ["1 confidential nonconformity is neither listed nor counted."]
    assert [row.count for row in found["facts"].by_source] == [2, 1]
    assert all("<svg" in chart.picture for chart in found["charts"] if chart.rows)
    open_ones = reports.register(worlds.asked_for(register, state="open", source="supplier"))
    assert [row.title for row in open_ones["groups"][0][1]] == ["Just seen"] and open_ones["groups"][1][1] == []


def test_one_is_told_from_the_report_to_its_rounds(register):
    tell = lambda one, user, perms: origins.Origin("Finding F-012", note="Audit A-003")  # noqa: E731
    origins.tellers.append(tell)
    try:
        found = reports.record(worlds.asked_for(register, number="NC-002"))
    finally:
        origins.tellers.remove(tell)
    assert [(turn.number, turn.verdict, turn.note) for turn in found["turns"]] == [
        (1, "Not effective", "Twice in May"), (2, "Not judged yet", ""),
    ]  # fmt: skip
    assert found["turns"][0].roots[0].text == "Nobody was told" and "<svg" in found["turns"][0].tree
    assert "<svg" in found["turns"][0].fishbone and found["turns"][1].tree == ""
    assert [(role, name) for role, name in found["team"]][-1] != ("Verified by", "–")
    assert found["origins"][0].label == "Finding F-012"
    with pytest.raises(RuleBroken, match="confidential"):
        reports.record(worlds.asked_for(register, number="NC-004"))
    with pytest.raises(RuleBroken, match="no nonconformity"):
        reports.record(worlds.asked_for(register, number="NC-099"))


def test_who_may_not_see_one_cannot_ask_for_it(register, hands):
    record = fresh(register.nonconformitys.get(number=4))
    for person, number, is_valid in ((hands["owner"], "NC-001", True), (hands["owner"], record.label, False)):
        form = NonconformityForm({"number": number, "language": "en"}, project=register, by=person)
        assert form.is_valid() is is_valid
    wrong = {"since": "2026-05-01", "until": "2026-04-01", "language": "en"}
    assert "until" in NonconformitiesForm(wrong, project=register, by=hands["owner"]).errors


def test_the_price_does_not_grow_with_the_register(project, manager, hands):
    asked = worlds.asked_for(project)
    make_nonconformity(project, manager)
    few = count_queries(lambda: reports.register(asked))
    for _n in range(5):
        bring_to(make_nonconformity(project, manager, detected_on=dt.date(2026, 3, 4)), "contained", **hands)
    assert count_queries(lambda: reports.register(asked)) <= few + 1 <= 26


def test_both_are_pressed_whole_and_offered_to_readers_only(register, manager):
    for slug, number in (("nonconformities", ""), ("nonconformity", "NC-002")):
        text = text_of(worlds.printed_of(slug, worlds.asked_for(register, manager, number=number)))
        assert "Door stood open" in text and "Secret smell" not in text
    offered = {kind.slug for kind in kinds.for_perms({Perm.VIEW_PROJECT})}
    assert not offered & {"nonconformities", "nonconformity"}
