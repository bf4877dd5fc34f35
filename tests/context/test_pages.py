"""The pages of the mandate: six questions each, what is kept of what was typed, and their budgets."""

from __future__ import annotations

import pytest
from django.urls import reverse

from context.forms.mandate import MoneyField
from context.models import Mandate
from projects.models import PlanStep
from tests.context.conftest import WHOLE, sign
from tests.factories.projects import make_activity, make_step
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db


def posted(version=0, *, lines=(("Consulting", "40'000"),), team=(("", "Mia", "Lead", "60"),), **fields):
    """The form as a browser sends it, with three empty rows after each list."""
    data = {
        "version": version, "motives": "Customers ask.", "benefits": "", "resources": "", "risks": "", "currency": "CHF",
        "budget-TOTAL_FORMS": len(lines) + 3, "budget-INITIAL_FORMS": 0,
        "team-TOTAL_FORMS": len(team) + 3, "team-INITIAL_FORMS": 0,
    }  # fmt: skip
    for n, (what, amount) in enumerate([*lines, *[("", "")] * 3]):
        data |= {f"budget-{n}-what": what, f"budget-{n}-amount": amount}
    for n, row in enumerate([*team, *[("", "", "", "")] * 3]):
        data |= {
            f"team-{n}-{name}": value for name, value in zip(("person", "name", "role", "share"), row, strict=True)
        }
    return {**data, **fields}


# ---- six questions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["manager", "consultant", "boss", "auditor", "certifier"])
def test_whoever_reads_the_project_reads_its_mandate(crew, write, who):
    write()
    page = crew.client(who).get(crew.url()).content.decode()

    assert "Customers ask for it." in page and "52,500.50" in page and "Not approved yet" in page
    assert ("Ask for approval" in page) == (who in ("manager", "consultant"))
    assert (crew.url("mandate-edit") in page) == (who in ("manager", "consultant"))


@pytest.mark.parametrize(
    ("who", "read", "edit"),
    [("boss", 200, 403), ("auditor", 200, 403), ("certifier", 200, 403), ("staff", 403, 403), ("stranger", 404, 404)],
)
def test_who_may_open_what(crew, write, who, read, edit):
    write()
    client = crew.client(who)

    assert client.get(crew.url()).status_code == read
    assert client.get(crew.url("mandate-edit")).status_code == edit
    assert client.post(crew.url("mandate-edit"), posted(1, motives="Foul")).status_code == edit
    assert Mandate.objects.get().motives == "Customers ask for it."


def test_other_methods_are_refused(crew, write):
    write()
    client = crew.client("manager")

    assert [getattr(client, verb)(crew.url()).status_code for verb in ("post", "put", "delete")] == [405] * 3
    assert [getattr(client, verb)(crew.url("mandate-edit")).status_code for verb in ("put", "delete")] == [405] * 2


def test_before_it_is_written_the_page_says_what_it_is_for(crew):
    page = crew.client("manager").get(crew.url()).content.decode()
    assert "No mandate yet" in page and crew.url("mandate-edit") in page

    page = crew.client("boss").get(crew.url()).content.decode()
    assert "No mandate yet" in page and crew.url("mandate-edit") not in page


# ---- writing -----------------------------------------------------------------------------------------------------


def test_the_form_saves_texts_rows_and_money_as_people_type_it(crew):
    lines = [("Consulting", "40'000"), ("", ""), ("Audit", "12500,50")]
    team = [(str(crew.consultant.pk), "", "Method", "20"), ("", "Otto Extern", "Hall", "100")]

    answer = crew.client("manager").post(crew.url("mandate-edit"), posted(lines=lines, team=team))

    assert answer.status_code == 303 and answer["Location"] == crew.url()
    mandate = Mandate.objects.get()
    assert mandate.budget == [{"what": "Consulting", "amount": "40000.00"}, {"what": "Audit", "amount": "12500.50"}]
    assert mandate.team == [
        {"name": "Consultant Person", "role": "Method", "share": 20, "person": crew.consultant.pk},
        {"name": "Otto Extern", "role": "Hall", "share": 100, "person": None},
    ]


def test_an_emptied_row_is_taken_away(crew, write):
    write()
    page = crew.client("manager").get(crew.url("mandate-edit"))
    assert page.context["form"].budget.total_form_count() == 5 and b'value="Consulting"' in page.content

    crew.client("manager").post(crew.url("mandate-edit"), posted(1, lines=[("", ""), ("Audit", "12500.50")]))

    assert [line.what for line in Mandate.objects.get().lines] == ["Audit"]


def test_what_is_wrong_is_said_and_everything_typed_is_kept(crew):
    lines = [("Consulting", "much"), ("", "500"), ("Fine", "7")]
    team = [
        ("", "", "Lead", "50"),
        (str(crew.boss.pk), "And a name", "", "120"),
        ("999999999999999999999", "", "", "5"),
    ]

    answer = crew.client("manager").post(crew.url("mandate-edit"), posted(lines=lines, team=team, motives="Kept words"))
    page = answer.content.decode()

    assert answer.status_code == 422 and not Mandate.objects.exists()
    for kept in ("Kept words", 'value="much"', 'value="500"', 'value="Fine"', 'value="And a name"', 'value="120"'):
        assert kept in page, kept
    for said in (
        "Budget, line 1, Amount",
        "Budget, line 2, What",
        "Project team, line 1, Person",
        "Project team, line 2",
    ):
        assert said in page, said


def test_more_rows_come_without_saving_and_without_losing_a_word(crew):
    answer = crew.client("manager").post(crew.url("mandate-edit"), posted(more="budget", motives="Half a thought"))

    assert answer.status_code == 200 and not Mandate.objects.exists()
    form = answer.context["form"]
    assert (form.budget.total_form_count(), form.team.total_form_count()) == (7, 4)
    assert b"Half a thought" in answer.content and b"could not be saved" not in answer.content
    assert b'name="budget-TOTAL_FORMS" value="7"' in answer.content


def test_over_somebody_elses_newer_save_both_texts_are_shown(crew, write):
    write()
    write(by=crew.consultant, motives="Theirs", budget=[{"what": "Tools", "amount": "5"}])

    answer = crew.client("manager").post(crew.url("mandate-edit"), posted(1, motives="Mine"))
    page = answer.content.decode()

    assert answer.status_code == 422 and Mandate.objects.get().motives == "Theirs"
    for text in ("Mine", "Theirs", "Tools: 5.00", "Consulting: 40,000.00", "Consultant Person"):
        assert text in page, text

    again = crew.client("manager").post(crew.url("mandate-edit"), posted(2, motives="Mine"))
    assert again.status_code == 303 and Mandate.objects.get().motives == "Mine"


@pytest.mark.parametrize(
    "data", [{}, {"budget-TOTAL_FORMS": "x"}, {"budget-TOTAL_FORMS": "99999999", "team-TOTAL_FORMS": "-1"}]
)
def test_a_crooked_form_gets_an_answer_and_changes_nothing(crew, data):
    for extra in ({}, {"more": "team"}, {"more": "<x>"}):
        assert crew.client("manager").post(crew.url("mandate-edit"), {**data, **extra}).status_code in (200, 422)
    assert not Mandate.objects.exists()


def test_nul_and_a_text_too_long_are_refused_with_a_sentence(crew):
    for motives in ("a\x00b", "x" * 10_001):
        answer = crew.client("manager").post(crew.url("mandate-edit"), posted(motives=motives))
        assert answer.status_code == 422
    assert not Mandate.objects.exists()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("12'400", "12400"), ("12\u2019400.50", "12400.50"), ("12 400,5", "12400.5"), ("12,400", "12400"), ("1,234,567.89", "1234567.89")],
)  # fmt: skip
def test_money_is_understood_as_people_write_it(typed, meant):
    assert str(MoneyField().clean(typed)) == meant


# ---- in the plan, and what it costs ------------------------------------------------------------------------------


def test_the_step_shows_the_mandate_and_how_it_stands(crew, write, ask):
    PlanStep.objects.filter(project=crew.project).update(code="leadership-and-approval")
    address = reverse("projects:step-detail", kwargs={**crew.project.address, "number": "1.1"})

    def page(who):
        return crew.client(who).get(address).content.decode()

    assert "Write the mandate" in page("manager") and "Write the mandate" not in page("auditor")
    mandate = write()
    assert "Not approved yet" in page("manager") and "Ask for approval" in page("manager")
    assert "Ask for approval" not in page("boss")
    approval = ask(mandate)
    assert "awaits Boss Person" in page("auditor")
    sign(approval, crew.boss)
    assert "edition 1" in page("auditor") and "Ask for approval" not in page("manager")
    write(motives="Other")
    assert "Differs from what was approved" in page("manager")


def test_the_page_costs_the_same_few_queries_with_many_rows(crew, write, ask):
    mandate = write()
    sign(ask(mandate), crew.boss)
    client = crew.client("manager")
    client.get(crew.url())
    with queries(13) as first:
        client.get(crew.url())

    for n in range(3):
        make_activity(make_step(crew.project))
        write(budget=[{"what": f"Line {k}", "amount": "1"} for k in range(20 + n)],
              team=[{"name": f"N {k}", "role": "", "share": 5, "person": None} for k in range(20)])  # fmt: skip

    with queries(len(first), exactly=True):
        client.get(crew.url())


def test_the_form_costs_the_same_few_queries_with_many_rows(crew, write):
    write()
    client = crew.client("manager")
    client.get(crew.url("mandate-edit"))
    with queries(8) as first:
        client.get(crew.url("mandate-edit"))

    write(**{**WHOLE, "budget": [{"what": f"Line {k}", "amount": "1"} for k in range(30)]})

    with queries(len(first), exactly=True):
        client.get(crew.url("mandate-edit"))


def test_nothing_of_one_projects_mandate_stands_on_anothers_page(crew, write):
    write(**{**WHOLE, "motives": "Canary sings"})
    page = crew.client("stranger").get(reverse("context:mandate", kwargs=crew.other.address))

    assert page.status_code == 200 and b"Canary" not in page.content and b"No mandate yet" in page.content
