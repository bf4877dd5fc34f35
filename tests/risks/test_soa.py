"""Statements of Applicability: begun, answered row by row or many at once, linked, put to the decision."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals.models import Approval
from approvals.selectors.approval import standing_of
from approvals.services import decision
from approvals.services import request as requests
from core.rules import RuleBroken, StaleRecord
from documents.services import document as documents
from pdca.models import Standard
from projects.flow import NotPermitted
from projects.models import JournalEntry, ProjectStandard
from projects.permissions import Role
from risks import applicability
from risks.models import Implementation, Reason, Risk, SoaEntry, Treatment, TreatmentControl
from risks.selectors import soa as selectors
from risks.services import soa as services
from risks.soa_hanging import authorized, gate, is_authorized
from tests.factories.projects import grant, make_project, make_task, make_user
from tests.factories.risks import make_risk, make_soa
from tests.helpers.budget import queries
from tests.risks.test_applicability import adds_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(db):
    return make_project()


def made(project, role, **values):
    person = make_user(**values)
    grant(person, role, project)
    return person


@pytest.fixture
def manager(project):
    return made(project, Role.PROJECT_MANAGER, name="Mia Manager")


@pytest.fixture
def owner(project):
    return made(project, Role.RISK_OWNER, name="Olga Owner")


@pytest.fixture
def boss(project):
    return made(project, Role.TOP_MANAGEMENT, name="Bea Boss")


@pytest.fixture
def soa(project, manager):
    return make_soa(project, manager)


def row(soa, ref="C.1"):
    return selectors.entry(soa, ref)


def answer(soa, by, ref="C.1", **values):
    entry = row(soa, ref)
    return services.answer(entry=entry, by=by, version=entry.version, values=values)


def use(soa, manager, *refs, number=1, status="planned", stale=False):
    """A treatment that relies on these rows."""
    risk = make_risk(soa.project, manager, owner=manager)
    if stale:
        Risk.objects.filter(pk=risk.pk).update(acceptance_state="stale", stale_because="It changed.")
    treatment = Treatment(
        organization=soa.organization, project=soa.project, number=number, risk=risk, option="modify", title="Lock it",
        status=status, cancelled_because="No" if status == "cancelled" else "", created_by=manager,
    )  # fmt: skip
    Treatment.objects.bulk_create([treatment])
    for ref in refs:
        TreatmentControl.objects.create(treatment=treatment, entry=row(soa, ref))
    return treatment


# ---- beginning ------------------------------------------------------------------------------------------------------


def test_an_own_set_is_begun_with_the_rows_as_they_were_typed(project, manager):
    soa = services.begin_own(project=project, by=manager, name=" House  rules ", rows=[
        {"ref": "H1", "title": "Keys  are counted", "theme": "Doors"}, {"ref": "", "title": ""},
        {"ref": "H2", "title": "Visitors sign", "intent": "Know who is here."},
    ])  # fmt: skip

    assert (soa.name, soa.slug, soa.kind) == ("House rules", "house-rules", "own")
    assert list(soa.entries.values_list("position", "ref", "title", "theme", "intent")) == [
        (1, "H1", "Keys are counted", "Doors", ""), (2, "H2", "Visitors sign", "", "Know who is here."),
    ]  # fmt: skip
    assert SoaEntry.history.filter(soa_id=soa.pk).count() == 2


@pytest.mark.parametrize(
    "rows, says",
    [
        ([], "one control at least"), ([{"ref": "1", "title": "A"}, {"ref": "1", "title": "B"}], "Row 2: the number 1 is there twice"),
        ([{"ref": "1"}], "Row 1 .1. needs a number and a title"), ([{"ref": "a/b", "title": "A"}], "a/b"),
        ([{"ref": "1", "title": "x" * 201}], "too long"), ([{"ref": str(n), "title": "x"} for n in range(501)], "at most 500"),
    ],
)  # fmt: skip
def test_an_own_set_that_cannot_be_is_refused_whole(project, manager, rows, says):
    with pytest.raises(RuleBroken, match=says):
        services.begin_own(project=project, by=manager, name="Set", rows=rows)
    assert not SoaEntry.objects.exists()


def test_the_statement_of_actions_has_the_rows_that_the_standards_share(catalogue, manager, project):
    for slug in ("iso-9001-2026", "iso-27001-2022"):
        ProjectStandard.objects.create(project=project, standard=Standard.objects.get(slug=slug))

    soa = services.begin_actions(project=project, by=manager)

    rows = {entry.ref: entry for entry in soa.entries.all()}
    assert {"4.1", "4.3", "5.2", "9.2.1", "10.2"} <= set(rows) and len(rows) > 20
    assert rows["4.1"].theme.startswith("4 ") and len(rows["4.1"].attributes["standards"]) == 2
    assert not {"A.5.1", "8.3"} & set(rows)
    with pytest.raises(RuleBroken, match="already"):
        services.begin_actions(project=project, by=manager)
    added = services.add_action(
        project=project, by=manager, values={"ref": "X.1", "title": "Our fair", "theme": rows["4.1"].theme}
    )
    assert [e.ref for e in soa.entries.filter(theme=added.theme)][-1] == "X.1"
    positions = list(soa.entries.values_list("position", flat=True))
    assert len(set(positions)) == len(positions)


def test_a_catalogue_set_takes_no_rows_of_ones_own(soa, manager):
    with pytest.raises(RuleBroken, match="are given"):
        services.add_row(soa=soa, by=manager, values={"ref": "X.1", "title": "Own"})


@pytest.mark.parametrize("role", [Role.RISK_OWNER, Role.TOP_MANAGEMENT, Role.STAFF])
def test_only_who_manages_risks_begins_and_answers(project, soa, role):
    person = made(project, role)
    for change in (
        lambda: services.begin_own(project=project, by=person, name="S", rows=[{"ref": "1", "title": "A"}]),
        lambda: services.begin_actions(project=project, by=person),
        lambda: answer(soa, person, is_applicable=True),
        lambda: services.answer_many(soa=soa, by=person, values={"is_applicable": True}, refs=["C.1"]),
    ):
        with pytest.raises(NotPermitted):
            change()
    assert not SoaEntry.objects.filter(is_applicable=True).exists()


# ---- answering ------------------------------------------------------------------------------------------------------


def test_an_excluded_row_is_not_applicable_and_comes_back_as_not_started(soa, manager):
    answer(soa, manager, is_applicable=True, reasons=["legal"], status="implemented", target_on=dt.date(2027, 1, 1))
    assert row(soa).implemented_at

    entry = answer(soa, manager, is_applicable=False, justification=" Not here. ")
    assert (entry.status, entry.reasons, entry.target_on, entry.implemented_at) == ("not_applicable", [], None, None)
    assert entry.justification == "Not here."

    assert answer(soa, manager, is_applicable=True).status == "not_started"
    answer(soa, manager, is_applicable=False)
    assert answer(soa, manager, is_applicable=None).status == "not_started"
    told = JournalEntry.objects.filter(action="soa.answered", target_label="C.1 Control 1")
    assert told.count() == 5 and told.latest("seq").changes["is_applicable"] == [False, None]


def test_the_day_of_implementation_stays_while_it_is_implemented(soa, manager):
    first = answer(soa, manager, is_applicable=True, status="implemented").implemented_at
    assert answer(soa, manager, justification="More words").implemented_at == first
    assert answer(soa, manager, status="in_progress").implemented_at is None


@pytest.mark.parametrize(
    "values, field",
    [
        ({"status": "not_applicable"}, "status"), ({"reasons": ["because"]}, "reasons"), ({"status": "perhaps"}, "status"),
        ({"justification": "x" * 4001}, "justification"), ({"is_applicable": "maybe"}, "is_applicable"),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_is_refused_by_its_field(soa, manager, values, field):
    with pytest.raises(RuleBroken) as refusal:
        answer(soa, manager, **values)
    assert refusal.value.field == field and row(soa).version == 1


def test_the_second_editor_sees_the_first_ones_change_and_nothing_is_overwritten(soa, manager):
    mine = row(soa)
    answer(soa, manager, is_applicable=True, justification="Theirs")

    with pytest.raises(StaleRecord) as stale:
        services.answer(entry=mine, by=manager, version=mine.version, values={"justification": "Mine"})

    assert stale.value.current.justification == "Theirs" == row(soa).justification
    again = stale.value.current
    assert (
        services.answer(entry=again, by=manager, version=again.version, values={"justification": "Both"}).version == 3
    )


def test_the_owner_of_a_row_says_how_far_it_is_and_no_more(soa, manager, owner):
    answer(soa, manager, is_applicable=True, owner=owner)
    day = dt.date(2027, 2, 1)

    answer(soa, owner, status="in_progress", target_on=day, is_applicable=False, justification="Mine", owner=None)

    entry = row(soa)
    assert (entry.status, entry.target_on, entry.is_applicable, entry.justification, entry.owner) == (
        "in_progress", day, True, "", owner,
    )  # fmt: skip
    with pytest.raises(NotPermitted):
        answer(soa, owner, "C.2", status="planned")
    task = make_task(soa.project)
    services.link_task(entry=row(soa), by=owner, task=task)
    assert selectors.computed(soa).rows[0].tasks == (task.label,)
    with pytest.raises(NotPermitted):
        services.link_task(entry=row(soa, "C.2"), by=owner, task=task)


def test_many_are_answered_alike_or_none_is(soa, manager, owner):
    assert (
        services.answer_many(
            soa=soa, by=manager, theme="People", values={"is_applicable": True, "reasons": ["baseline"]}
        )
        == 3
    )
    assert services.answer_many(soa=soa, by=manager, refs=["C.1", "C.2"], values={"owner": owner}) == 2
    assert row(soa, "C.2").is_applicable is True and row(soa, "C.2").reasons == ["baseline"]
    answer(soa, manager, "C.2", is_applicable=False)

    with pytest.raises(RuleBroken, match=r"C\.2 is excluded"):
        services.answer_many(soa=soa, by=manager, refs=["C.1", "C.2", "C.4"], values={"status": "planned"})

    assert set(soa.entries.values_list("status", flat=True)) == {"not_started", "not_applicable"}
    with pytest.raises(RuleBroken, match="Choose rows"):
        services.answer_many(soa=soa, by=manager, refs=["C.1", "X.9"], values={"status": "planned"})
    with pytest.raises(RuleBroken, match="does not belong"):
        services.answer_many(soa=soa, by=manager, refs=["C.1"], values={"owner": make_user()})


ANSWERS = st.fixed_dictionaries({}, optional={
    "is_applicable": st.sampled_from([True, False, None]), "status": st.sampled_from(Implementation.values),
    "reasons": st.lists(st.sampled_from(Reason.values), max_size=2), "justification": st.sampled_from(["", "Because."]),
})  # fmt: skip
REFS = st.sets(st.sampled_from([f"C.{n}" for n in range(1, 7)]), min_size=1, max_size=4)
EDITS = st.tuples(st.sampled_from(["one", "many", "theme"]), REFS, ANSWERS, st.booleans())


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(EDITS, min_size=1, max_size=5))
def test_totals_equal_the_list_after_any_sequence_of_answers(soa, manager, edits):
    """Whoever answers what in which order, also what is refused: every row is counted once, and nothing is half written."""
    SoaEntry.objects.filter(soa=soa).update(is_applicable=None, reasons=[], justification="", status="not_started")
    theme = selectors.computed(soa).themes[0][0]
    for way, refs, values, is_current in edits:
        before = applicability.snapshot(selectors.computed(soa))
        try:
            if way == "one":
                entry = row(soa, min(refs))
                version = entry.version if is_current else entry.version + 1
                services.answer(entry=entry, by=manager, version=version, values=dict(values))
            else:
                chosen = {"theme": theme} if way == "theme" else {"refs": refs}
                services.answer_many(soa=soa, by=manager, values=dict(values), **chosen)
        except RuleBroken:
            assert applicability.snapshot(selectors.computed(soa)) == before
        statement = selectors.computed(soa)
        adds_up(statement)
        assert statement.totals.whole.total == 6 and len({one.number for one in statement.rows}) == 6
        assert all((one.applicable is False) == (one.status == "not_applicable") for one in statement.rows)


def test_links_stay_within_the_project_and_are_told(soa, manager):
    document = documents.create(
        project=soa.project, by=manager, values={"title": "Keys", "kind": "procedure", "owner": manager}
    )
    services.link_document(entry=row(soa), by=manager, document=document)
    services.link_document(entry=row(soa), by=manager, document=document)
    assert selectors.computed(soa).rows[0].documents == (document.code,)
    stranger = make_task(make_project())
    with pytest.raises(RuleBroken, match="of this project"):
        services.link_task(entry=row(soa), by=manager, task=stranger)
    services.unlink_document(entry=row(soa), by=manager, document=document)
    actions = JournalEntry.objects.filter(project=soa.project, action__startswith="soa.document").values_list(
        "action", flat=True
    )
    assert list(actions.order_by("seq")) == ["soa.document_linked", "soa.document_unlinked"]


# ---- what follows from links ----------------------------------------------------------------------------------------


def test_a_treatment_gives_its_controls_a_reason_until_it_is_cancelled(soa, manager):
    answer(soa, manager, is_applicable=True)
    treatment = use(soa, manager, "C.1", "C.2")
    assert selectors.computed(soa).rows[0].derived == ("risk_treatment",)
    assert selectors.row_of(row(soa)) == selectors.computed(soa).rows[0]

    Treatment.objects.filter(pk=treatment.pk).update(status="cancelled", cancelled_because="Too dear")
    found = selectors.computed(soa)
    assert found.rows[0].derived == () == found.rows[0].treatments
    assert [one.code for one in found.findings if one.number == "C.1"] == [applicability.WITHOUT_REASON]


def test_a_treatment_that_changed_after_it_was_accepted_is_a_finding_of_its_controls(soa, manager):
    use(soa, manager, "C.1", stale=True)
    answer(soa, manager, is_applicable=True)
    (finding,) = [one for one in selectors.computed(soa).findings if one.number == "C.1"]
    assert finding.code == applicability.OUTDATED and "TR-001" in finding.says and "R-001" in finding.says


def test_the_statement_takes_two_queries_with_many_treatments_too(soa, manager):
    with queries(2, exactly=True):
        selectors.computed(soa)
    for n in range(1, 6):
        use(soa, manager, "C.1", "C.2", "C.3", number=n)
    with queries(2, exactly=True):
        assert len(selectors.computed(soa).rows[0].treatments) == 5


# ---- the decision ---------------------------------------------------------------------------------------------------


def complete(soa, manager):
    services.answer_many(
        soa=soa,
        by=manager,
        refs=[f"C.{n}" for n in range(1, 7)],
        values={"is_applicable": True, "reasons": ["baseline"]},
    )


def ask(soa, manager, boss):
    return requests.ask(kind="soa", project=soa.project, pk=soa.pk, by=manager, steps=[requests.Planned([boss])])


def approve(soa, manager, boss):
    asked = ask(soa, manager, boss)
    decision.decide(
        approval=asked, by=boss, decision="approved", digest=asked.content.digest, proof=decision.Proof("password")
    )


def test_what_does_not_fit_is_enforced_at_the_request(soa, manager, boss):
    with pytest.raises(RuleBroken, match=r"6 rows are not answered: C\.1, C\.2, C\.3 …"):
        ask(soa, manager, boss)
    complete(soa, manager)
    answer(soa, manager, "C.4", is_applicable=False)
    use(soa, manager, "C.4")
    with pytest.raises(RuleBroken, match=r"without a justification.*TR-001 relies on it"):
        ask(soa, manager, boss)
    answer(soa, manager, "C.4", is_applicable=True, reasons=["legal"])
    assert ask(soa, manager, boss).is_open


def test_every_change_makes_an_open_request_void(soa, manager, boss):
    complete(soa, manager)
    asked = ask(soa, manager, boss)
    answer(soa, manager, "C.1", justification="Better words")
    assert Approval.objects.get(pk=asked.pk).status == "void"

    asked = ask(soa, manager, boss)
    use(soa, manager, "C.1")
    services.follow_project(project_id=soa.project_id, by=manager)
    assert Approval.objects.get(pk=asked.pk).status == "void"


def test_who_answered_does_not_approve(project, soa, manager, boss):
    complete(soa, manager)
    grant(boss, Role.PROJECT_MANAGER, project)
    answer(soa, boss, "C.1", status="planned")
    with pytest.raises(RuleBroken, match="somebody else has to decide"):
        ask(soa, manager, boss)


class AStep:
    def __init__(self, project):
        self.project = project


def test_the_gates_want_every_statement_approved_and_let_the_work_go_on(project, soa, manager, boss):
    step = AStep(project)
    assert [c.is_met for c in gate(step)] == [c.is_met for c in authorized(step)] == [False]
    assert not is_authorized(project)
    complete(soa, manager)
    approve(soa, manager, boss)
    assert is_authorized(project)
    assert standing_of("soa", soa).is_approved
    assert [c.is_met for c in gate(step)] == [c.is_met for c in authorized(step)] == [True]

    answer(soa, manager, "C.1", status="implemented")
    assert standing_of("soa", soa).differs == 1
    assert [c.is_met for c in gate(step)] == [c.is_met for c in authorized(step)] == [True], (
        "progress is the work itself"
    )

    answer(soa, manager, "C.2", is_applicable=False, justification="Not here")
    (criterion,) = authorized(step)
    assert not criterion.is_met and "C.2" in criterion.reason and criterion.url
    assert [c.is_met for c in gate(step)] == [False]
    assert is_authorized(project), "what was authorized goes on; the change asks for a new decision"
    services.begin_own(project=project, by=manager, name="Second", rows=[{"ref": "1", "title": "A"}])
    assert [c.is_met for c in gate(step)] == [False, False]
    assert not is_authorized(project), "the second statement is not decided"


def test_a_project_without_a_statement_may_not_implement(project):
    for check in (gate, authorized):
        (criterion,) = check(AStep(project))
        assert not criterion.is_met and criterion.reason and criterion.url.endswith("/soa/")
