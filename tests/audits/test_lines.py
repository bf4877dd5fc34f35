"""A checklist made and worked on: from the criteria, by hand, saved beside a colleague."""

from __future__ import annotations

import pytest

from audits.flows import AuditStatus
from audits.models import AuditClause, AuditStandard, ChecklistLine, ChecklistLineClause, LineKind
from audits.selectors import checklist as selectors
from audits.services import answering
from audits.services import checklist as services
from core.rules import RuleBroken, StaleRecord
from pdca.models import Clause, Standard
from projects.flow import NotPermitted
from projects.models import JournalEntry
from tests.factories.audits import WorkingCast, make_working_audit
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return WorkingCast()


def credits(line) -> list[str]:
    return [str(link.clause) for link in line.clause_links.all()]


def set_status(audit, status) -> None:
    type(audit).objects.filter(pk=audit.pk).update(status=status)


def last(action: str) -> dict:
    return JournalEntry.objects.filter(action=action).latest("seq").changes


def test_a_checklist_is_made_from_the_criteria_in_one_go(cast):
    with queries(22):
        made = services.generate(audit=cast.audit, by=cast.lead)

    lines = selectors.lines_of(cast.audit)
    assert made == 4
    assert [(line.ref, line.kind, line.hs) for line in lines] == [
        ("4.1", "shared", "4.1"), ("4.2", "shared", "4.2"), ("5.4", "addition", ""), ("8.3", "addition", ""),
    ]  # fmt: skip
    assert lines[0].title == "Circumstances" and lines[0].prompts == ["Minutes", "Record of 4.1"]
    assert credits(lines[1]) == ["4.2 quality 4.2", "4.2 safety 4.2"]
    assert [link.clause.intent for link in selectors.additions_of(lines[1])] == [
        "quality wants 4.2.",
        "safety wants 4.2.",
    ]
    assert selectors.saving(lines) == (6, 4)
    assert last("checklist.generated") == {"new": 4, "left": 0, "clauses": 6}
    assert ChecklistLine.history.filter(history_type="+").count() == 4


def test_the_lines_of_published_standards_are_worked_out_once(cast):
    Standard.objects.update(digest="as published")
    others = [make_working_audit(cast.project, cast.lead) for _n in range(2)]
    for audit in others:
        for standard in (cast.standards["quality"], cast.standards["safety"]):
            AuditStandard.objects.create(audit=audit, standard=standard)

    services.generate(audit=cast.audit, by=cast.lead)
    with queries(20):  # neither clauses nor structure are read again
        services.generate(audit=others[0], by=cast.lead)

    def told(audit):
        return [(line.ref, line.title, credits(line)) for line in selectors.lines_of(audit)]

    assert told(others[0]) == told(cast.audit) != []
    assert JournalEntry.objects.filter(action="checklist.generated").count() == 2

    Clause.objects.filter(standard=cast.standards["safety"], ref="5.4").update(title="Participation")
    Standard.objects.filter(pk=cast.standards["safety"].pk).update(digest="as corrected")
    services.generate(audit=others[1], by=cast.lead)

    assert [title for ref, title, _clauses in told(others[1]) if ref == "5.4"] == ["Participation"]


def test_a_standard_that_came_from_no_file_is_read_every_time(cast):
    services.generate(audit=cast.audit, by=cast.lead)
    Clause.objects.filter(standard=cast.standards["safety"], ref="5.4").update(title="Participation")
    other = make_working_audit(cast.project, cast.lead)
    AuditStandard.objects.create(audit=other, standard=cast.standards["safety"])
    AuditStandard.objects.create(audit=other, standard=cast.standards["quality"])

    services.generate(audit=other, by=cast.lead)

    assert other.lines.get(ref="5.4").title == "Participation"


def test_two_audits_with_other_clauses_of_the_same_standards_do_not_share_their_lines(cast):
    Standard.objects.update(digest="as published")
    services.generate(audit=cast.audit, by=cast.lead)
    other = make_working_audit(cast.project, cast.lead)
    AuditClause.objects.create(audit=other, clause=Clause.objects.get(standard=cast.standards["quality"], ref="8.3"))

    services.generate(audit=other, by=cast.lead)

    assert [line.ref for line in other.lines.all()] == ["8.3"]


def test_made_again_it_follows_the_criteria_and_keeps_what_was_worked_on(cast):
    lines = cast.generate()
    seen = {line.ref: line for line in lines}
    answering.answer(line=seen["8.3"], by=cast.lead, version=1, values={"result": "conform"})
    cast.only("4.1")  # of the first standard only this clause is left

    services.generate(audit=cast.audit, by=cast.lead)

    now = selectors.lines_of(cast.audit)
    assert [line.ref for line in now] == ["4.1", "4.2", "5.4", "8.3"]
    assert {line.pk for line in now} == {line.pk for line in lines}
    assert services.generate(audit=cast.audit, by=cast.lead) == 0
    cast.audit.standard_links.filter(standard__slug="safety").delete()
    services.generate(audit=cast.audit, by=cast.lead)
    assert [line.ref for line in selectors.lines_of(cast.audit)] == ["4.1", "8.3"]


def test_a_standard_that_comes_later_is_credited_in_the_lines_that_are_there(cast):
    link = cast.audit.standard_links.get(standard__slug="safety")
    standard = link.standard
    link.delete()
    cast.generate()
    cast.audit.standard_links.create(standard=standard)

    made = services.generate(audit=cast.audit, by=cast.lead)

    assert made == 1
    lines = selectors.lines_of(cast.audit)
    assert [line.ref for line in lines] == ["4.1", "4.2", "5.4", "8.3"]
    assert credits(lines[0]) == ["4.1 quality 4.1", "4.1 safety 4.1"]
    assert ChecklistLineClause.objects.count() == 6


def test_only_its_auditors_prepare_it_and_only_until_the_work_is_done(cast):
    for person in (cast.outsider, cast.manager, cast.auditee):
        with pytest.raises(NotPermitted, match="Only the auditors of AU-001"):
            services.generate(audit=cast.audit, by=person)
    set_status(cast.audit, AuditStatus.REPORTED)
    with pytest.raises(RuleBroken, match="stays as it is"):
        services.generate(audit=cast.audit, by=cast.lead)
    set_status(cast.audit, AuditStatus.DRAFT)
    cast.audit.standard_links.all().delete()
    with pytest.raises(RuleBroken, match="Name the criteria first"):
        services.generate(audit=cast.audit, by=cast.lead)


def test_an_audit_that_strangers_lead_is_kept_by_who_conducts_audits_here(cast):
    cast.audit.members.filter(role="lead").update(person=None)
    assert services.generate(audit=cast.audit, by=cast.outsider) == 4
    with pytest.raises(NotPermitted):
        services.generate(audit=cast.audit, by=cast.manager)


def test_questions_of_ones_own_come_go_and_move(cast):
    cast.generate()
    clause = Clause.objects.get(standard__slug="safety", ref="5.4")
    asked = {"title": "  Who knows  the alarm? ", "prompts": ["Drill"], "clauses": [clause]}
    line = services.add_question(audit=cast.audit, by=cast.second, values=asked)
    assert (line.title, line.kind, credits(line)) == ("Who knows the alarm?", LineKind.OWN, ["5.4 safety 5.4"])

    services.change_question(line=line, by=cast.lead, version=1, values={"title": "Who hears it?", "clauses": []})
    line.refresh_from_db()
    assert (line.title, line.version, credits(line)) == ("Who hears it?", 2, [])
    with pytest.raises(StaleRecord):
        services.change_question(line=line, by=cast.second, version=1, values={"title": "Other"})

    services.reorder(line=line, by=cast.lead, to=2)
    assert [one.ref for one in selectors.lines_of(cast.audit)] == ["4.1", "", "4.2", "5.4", "8.3"]
    assert last("checklist.moved")["place"] == [5, 2]
    services.remove(line=line, by=cast.lead)
    assert not ChecklistLine.objects.filter(pk=line.pk).exists()
    assert last("checklist.removed")["question"] == "Who hears it?"


def test_what_was_worked_on_is_not_taken_away_and_words_of_the_criteria_stay(cast):
    line = cast.generate()[0]
    with pytest.raises(RuleBroken, match="add a question of your own"):
        services.change_question(line=line, by=cast.lead, version=1, values={"title": "x"})
    answering.answer(line=line, by=cast.lead, version=1, values={"evidence": "Minutes of May"})
    with pytest.raises(RuleBroken, match="say that it was not sampled"):
        services.remove(line=line, by=cast.lead)
    other = Clause.objects.get(standard__slug="harmonized-structure", ref="4.1")
    for values, field in (({"title": " "}, "title"), ({"title": "x", "clauses": [other]}, "clauses")):
        with pytest.raises(RuleBroken) as refusal:
            services.add_question(audit=cast.audit, by=cast.lead, values=values)
        assert refusal.value.field == field


# ---- answers -----------------------------------------------------------------------------------------------------


def test_an_answer_is_somebodys_and_stands_in_the_journal(cast):
    line = cast.generate()[0]
    with queries(16):
        saved = answering.answer(
            line=line, by=cast.second, version=1, key="abcdefgh",
            values={"result": "nc_minor", "evidence": "  3 of 10\r\nmissing ", "sampling": "10 of 80"},
        )  # fmt: skip
    assert (saved.result, saved.evidence, saved.version, saved.answered_by) == (
        "nc_minor",
        "3 of 10\nmissing",
        2,
        cast.second,
    )
    assert last("checklist.answered") == {
        "audit": "AU-001", "result": ["", "nc_minor"], "evidence": ["", "3 of 10\nmissing"], "sampling": ["", "10 of 80"],
    }  # fmt: skip
    taken_back = answering.answer(line=saved, by=cast.lead, version=2, values={"result": ""})
    assert (taken_back.result, taken_back.answered_by, taken_back.answered_at) == ("", None, None)


def test_not_sampled_says_why_and_another_result_forgets_it(cast):
    line = cast.generate()[0]
    with pytest.raises(RuleBroken, match="Say why it was not sampled") as refusal:
        answering.answer(line=line, by=cast.lead, version=1, values={"result": "not_sampled"})
    assert refusal.value.field == "not_sampled_because"
    line = answering.answer(
        line=line, by=cast.lead, version=1, values={"result": "not_sampled", "not_sampled_because": "No time"}
    )
    line = answering.answer(line=line, by=cast.lead, version=2, values={"result": "conform"})
    assert (line.result, line.not_sampled_because) == ("conform", "")


def test_a_colleagues_newer_text_is_not_overwritten_and_both_are_known(cast):
    line = cast.generate()[0]
    answering.answer(line=line, by=cast.second, version=1, values={"evidence": "Theirs"})

    with pytest.raises(StaleRecord, match="changed by Second") as stale:
        answering.answer(line=line, by=cast.lead, version=1, values={"evidence": "Mine"})

    assert stale.value.current.evidence == "Theirs"
    line.refresh_from_db()
    assert line.evidence == "Theirs"
    same = answering.answer(line=line, by=cast.lead, version=1, values={"evidence": "Theirs"})
    assert same.version == 2


def test_a_save_whose_answer_was_lost_is_no_conflict_with_itself(cast):
    line = cast.generate()[0]
    key = "one-browser"
    answering.answer(line=line, by=cast.lead, version=1, values={"evidence": "Half"}, key=key)
    saved = answering.answer(line=line, by=cast.lead, version=1, values={"evidence": "Half a sentence"}, key=key)
    assert (saved.evidence, saved.version) == ("Half a sentence", 3)
    answering.answer(line=line, by=cast.second, version=3, values={"evidence": "Whole"}, key="another-one")
    with pytest.raises(StaleRecord):
        answering.answer(line=line, by=cast.lead, version=1, values={"evidence": "Half"}, key=key)


@pytest.mark.parametrize("status, says", [("planned", "begin the audit"), ("reported", "stays as it is")])
def test_results_are_noted_while_the_audit_is_at_work(cast, status, says):
    line = cast.generate()[0]
    set_status(cast.audit, status)
    with pytest.raises(RuleBroken, match=says):
        answering.answer(line=line, by=cast.lead, version=1, values={"result": "conform"})
    if status == "planned":
        assert (
            answering.answer(line=line, by=cast.lead, version=1, values={"sampling": "5 of 50"}).sampling == "5 of 50"
        )
    with pytest.raises(NotPermitted):
        answering.answer(line=line, by=cast.outsider, version=1, values={"evidence": "x"})
    with pytest.raises(RuleBroken, match="one of the results"):
        answering.answer(line=line, by=cast.lead, version=1, values={"result": "fine"})
