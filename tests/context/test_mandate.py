"""The mandate: written, changed, released; what is signed, and what a change does to it."""

from __future__ import annotations

import json

import pytest

from approvals import subjects
from approvals.models import ApprovalStatus
from approvals.selectors import approval as approvals
from approvals.verifying import faults
from context import panels
from context.models import Mandate
from context.selectors import mandate as selectors
from core.rules import RuleBroken, StaleRecord
from projects import gates
from projects.flow import NotPermitted
from projects.models import JournalEntry, PlanStep, Project, StepDependency
from projects.selectors import hold as holds
from projects.services import plan, settings
from search import kinds
from tests.context.conftest import BUDGET, TEAM, WHOLE, sign
from tests.factories.projects import make_activity, make_step

pytestmark = pytest.mark.django_db


def standing(crew):
    return approvals.standing_of("mandate", selectors.of_project(crew.project))


# ---- writing -----------------------------------------------------------------------------------------------------


def test_the_first_save_creates_the_mandate_and_the_journal_says_so(crew, write):
    mandate = write()

    assert (mandate.version, mandate.created_by, mandate.edited_by) == (1, crew.manager, crew.manager)
    assert f"{mandate.total:.2f}" == "52500.50" and mandate.share == 85
    assert [line.what for line in mandate.lines] == ["Consulting", "Audit"]
    entry = JournalEntry.objects.filter(project=crew.project).latest("seq")
    assert (entry.action, entry.target_kind) == ("mandate.written", "context.mandate")
    assert entry.changes["budget"][1] == ["Consulting 40000.00", "Audit 12500.50"]


def test_a_change_is_told_from_what_to_what_and_leaves_the_rest(crew, write):
    write()

    changed = write(by=crew.consultant, budget=[BUDGET[0]], motives="The law asks for it.")

    assert (changed.version, changed.edited_by, changed.created_by) == (2, crew.consultant, crew.manager)
    assert changed.benefits == "Fewer audits."
    entry = JournalEntry.objects.filter(project=crew.project).latest("seq")
    assert entry.action == "mandate.changed" and set(entry.changes) == {"budget", "motives"}
    assert entry.changes["motives"] == ["Customers ask for it.", "The law asks for it."]
    assert [h.motives for h in changed.history.order_by("history_id")] == [
        "Customers ask for it.",
        "The law asks for it.",
    ]
    assert changed.history.latest("history_id").history_user_id == crew.consultant.pk


def test_saving_the_same_again_changes_nothing(crew, write):
    write()
    before = JournalEntry.objects.count()

    assert write(**WHOLE).version == 1
    assert JournalEntry.objects.count() == before


def test_who_saves_over_a_newer_version_is_told_and_nothing_is_lost(crew, write):
    write()
    write(motives="Newer.")

    with pytest.raises(StaleRecord) as stale:
        write(version=1, motives="Mine.")
    assert stale.value.current.motives == "Newer."
    assert Mandate.objects.get().motives == "Newer."


def test_two_who_write_the_first_mandate_at_once_do_not_overwrite_each_other(crew, write):
    write()

    with pytest.raises(StaleRecord):
        write(version=0, by=crew.consultant, motives="Also first.")


@pytest.mark.parametrize("who", ["boss", "auditor", "certifier", "staff", "stranger"])
def test_only_who_manages_the_project_writes(crew, write, who):
    with pytest.raises(NotPermitted):
        write(by=getattr(crew, who))
    assert not Mandate.objects.exists()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"currency": "XXX"}, "currency"),
        ({"budget": [{"what": "", "amount": "1"}]}, "needs words and an amount"),
        ({"budget": [{"what": "Refund", "amount": "-1"}]}, "needs words and an amount"),
        ({"team": [{**TEAM[0], "share": 101}]}, "between 1 and 100"),
        ({"team": [{**TEAM[0], "name": " "}]}, "needs a name"),
        ({"budget": [BUDGET[0]] * 61}, "at most 60"),
    ],
)
def test_rows_that_cannot_be_are_refused_with_a_sentence(crew, write, values, says):
    with pytest.raises(RuleBroken, match=says):
        write(**values)
    assert not Mandate.objects.exists()


# ---- what is signed ----------------------------------------------------------------------------------------------


def test_the_snapshot_is_plain_and_holds_money_dates_and_the_plan(crew, write):
    mandate = write()
    content = json.loads(approvals_text(mandate))

    assert content["budget"] == [{"amount": "40000.00", "name": "Consulting"}, {"amount": "12500.50", "name": "Audit"}]
    assert content["starts_on"] == "2026-03-02" and content["target_on"] is None
    assert content["steps"] == [
        {"number": "1.1", "title": "Step 1", "starts_on": "2026-03-02", "ends_on": "2026-03-13"}
    ]
    assert content["phases"][0]["title"] == "Plan"
    assert content["organization"] == crew.project.organization.name


def approvals_text(mandate):
    from core import canonical

    return canonical.text(subjects.of("mandate").snapshot(mandate))


def test_work_that_goes_on_changes_nothing_of_what_is_signed(crew, write):
    mandate = write()
    before = approvals_text(mandate)
    activity = crew.project.planactivitys.select_related("project__organization").first()

    plan.move(activity=activity, name="start", by=crew.manager)

    assert approvals_text(selectors.of_project(Project.objects.get(pk=crew.project.pk))) == before


def test_the_document_escapes_what_people_typed_and_links_nowhere(crew, write):
    mandate = write(**{**WHOLE, "motives": "<script>alert(1)</script>\n\nhttps://elsewhere.example"})
    html = subjects.of("mandate").document(mandate)

    assert "<script" not in html and "&lt;script&gt;" in html
    assert "<a " not in html and "src=" not in html
    for word in ("52,500.50", "Consulting", "Mia Manager", "0.85", "Step 1", "13 Mar 2026"):
        assert word in html, word


@pytest.mark.parametrize(
    ("missing", "says", "part"),
    [("motives", "motives are missing", "#case"), ("budget", "budget has no line", "#budget"), ("team", "team is empty", "#team")],
)  # fmt: skip
def test_what_is_missing_is_said_with_the_place_to_mend_it(crew, write, ask, missing, says, part):
    mandate = write(**{**WHOLE, missing: "" if missing == "motives" else []})

    found = subjects.of("mandate").obstacles(mandate)

    assert len(found) == 1 and says in found[0] and found[0].url == crew.url("mandate-edit") + part
    with pytest.raises(RuleBroken, match=says):
        ask(mandate)


# ---- released ----------------------------------------------------------------------------------------------------


def test_top_management_releases_the_project_and_the_gate_turns_green(crew, write, ask):
    step = PlanStep.objects.select_related("project__organization").get(project=crew.project)
    PlanStep.objects.filter(pk=step.pk).update(code="organizational-structure")
    step.code = "organizational-structure"

    def gate():
        return next(one for one in gates.criteria_of(step) if "mandate" in str(one.label))

    assert not gate().is_met and gate().url == crew.url()
    mandate = write()
    assert not gate().is_met and gate().url == crew.url()
    approval = ask(mandate)
    assert not gate().is_met and "Boss Person" in gate().reason

    signature = sign(approval, crew.boss)

    assert gate().is_met and gate().url == approval.get_absolute_url()
    assert signature.meaning == "I release this project with the resources named, on behalf of top management."
    assert standing(crew).is_approved
    assert list(faults(crew.project.organization)) == []


def test_what_follows_its_step_waits_for_the_release_and_a_later_change_stops_nothing(crew, write, ask):
    step, later = PlanStep.objects.get(project=crew.project), make_step(crew.project)
    PlanStep.objects.filter(pk=step.pk).update(code=panels.STEP)
    StepDependency.objects.create(
        organization=crew.project.organization, project=crew.project, step=later, predecessor=step
    )

    (held,) = holds.of_step(crew.project, later.pk)
    assert (held.words, held.url) == ("the project mandate (step 1.1)", crew.url())
    assert holds.of_step(crew.project, step.pk) == []
    sign(ask(write()), crew.boss)
    assert holds.of_step(crew.project, later.pk) == []
    write(motives="The law asks for it.")
    assert not standing(crew).is_approved and holds.of_step(crew.project, later.pk) == []


def test_nobody_releases_a_mandate_they_wrote_or_edited(crew, write, ask):
    mandate = write()
    Mandate.objects.filter(pk=mandate.pk).update(edited_by=crew.boss)

    with pytest.raises(RuleBroken, match="somebody else has to decide"):
        ask(mandate)
    assert subjects.of("mandate").authors(selectors.of_project(crew.project)) == {crew.manager.pk, crew.boss.pk}


def test_a_change_after_the_request_voids_it_and_says_who(crew, write, ask):
    approval = ask(write())

    write(motives="Another reason.")

    approval.refresh_from_db()
    assert approval.status == ApprovalStatus.VOID and "Manager Person changed it" in approval.ended_because


def test_a_change_after_the_approval_makes_it_stale_and_counts_the_places(crew, write, ask):
    sign(ask(write()), crew.boss)

    write(budget=[{**BUDGET[0], "amount": "45000"}, BUDGET[1]], motives="Another reason.")

    found = standing(crew)
    assert found.is_stale and found.differs == 2
    assert found.in_force.edition == 1


@pytest.mark.django_db(transaction=True)
def test_a_moved_plan_voids_an_open_request_and_other_news_do_not(crew, write, ask):
    approval = ask(write())
    activity = crew.project.planactivitys.select_related("project__organization").first()
    plan.move(activity=activity, name="start", by=crew.manager)
    approval.refresh_from_db()
    assert approval.is_open

    settings.change(project=crew.project, by=crew.consultant, version=crew.project.version, values={"headcount": 321})

    approval.refresh_from_db()
    assert approval.status == ApprovalStatus.VOID and "Consultant Person changed it" in approval.ended_because


def test_excluded_and_merged_steps_are_no_part_of_the_plan(crew, write):
    mandate = write()
    make_activity(make_step(crew.project, title="Out", is_applicable=False, justification="Not here"))
    make_activity(make_step(crew.project, title="In"))

    titles = [step["title"] for step in selectors.snapshot(selectors.of_project(crew.project))["steps"]]

    assert "In" in titles and "Out" not in titles
    assert mandate.project == crew.project


def test_the_mandate_is_found_by_its_words(crew, write):
    mandate = write()
    kind = kinds.of("mandate")
    draft = kind.draft(kind.rows().get(pk=mandate.pk))

    assert "Customers ask for it." in draft.texts and "Consulting" in draft.texts and "Otto" in draft.texts
