"""The treatment plan, a treatment's page, its forms: what people see, keep and may not do."""

from __future__ import annotations

import datetime as dt
import html
import io

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from projects.models import Task
from projects.permissions import Role
from risks import risk_panels
from risks.flows import TreatmentStatus
from risks.models import Risk, SoaEntry, Treatment, TreatmentTask
from risks.models.treatment import Option
from risks.services import treatment as services
from tests.factories.projects import grant, make_project, make_task
from tests.factories.risks import make_soa
from tests.helpers.budget import count_queries, queries
from tests.helpers.risk_stories import here, make_rated, make_treatment, signed, story

pytestmark = pytest.mark.django_db
__all__ = ["here"]
LIST, DETAIL, FORM = 10, 12, 12


def url(here, name, **parts):
    return reverse(f"risks:{name}", kwargs={**here.project.address, **parts})


def as_(person):
    client = Client()
    client.force_login(person)
    return client


def test_from_the_risk_to_a_treatment_with_its_first_action(here):
    client = as_(here.owner)
    address = url(here, "risk-treat", number=here.risk.label)
    page = client.get(address)
    assert page.status_code == 200 and "data-scale" in page.content.decode()
    entry = make_soa(here.project, here.manager).entries.first()

    answer = client.post(address, {
        "option": "modify", "title": "Two-factor sign-in", "owner": here.other.pk, "due_on": "2027-03-01", "cost": "12000",
        "effort_days": "3.5", "likelihood": "1", "consequence": "2", "controls": [entry.pk], "once": "one-key",
    })  # fmt: skip

    made = Treatment.objects.get()
    assert (answer.status_code, answer.url) == (303, made.get_absolute_url())
    assert (made.owner, made.cost, list(made.control_links.values_list("entry", flat=True))) == (
        here.other,
        12000,
        [entry.pk],
    )
    assert Risk.objects.get(pk=here.risk.pk).expected_likelihood == 1
    again = client.post(address, {"option": "modify", "title": "Two-factor sign-in", "once": "one-key"})
    assert (again.status_code, Treatment.objects.count()) == (303, 1)

    answer = client.post(
        url(here, "treatment-task-add", number=made.label), {"title": "Buy the keys", "assignee": here.other.pk}
    )
    task = Task.objects.get(title="Buy the keys")
    assert (answer.status_code, task.assignee, task.treatment_link.treatment) == (303, here.other, made)
    shown = client.get(made.get_absolute_url()).content.decode()
    for words in ("Buy the keys", "12,000", "Two-factor sign-in", entry.title, "1 × 2"):
        assert words in shown, words


def test_what_was_typed_is_kept_when_it_cannot_be(here):
    client, address = as_(here.owner), url(here, "risk-treat", number=here.risk.label)
    answer = client.post(address, {"option": "retain", "title": "Live with it", "likelihood": "2"})
    text = answer.content.decode()
    assert answer.status_code == 422 and 'value="Live with it"' in text and "Judge both, or neither" in text
    answer = client.post(address, {"option": "retain", "title": "Live with it"})
    assert answer.status_code == 422 and "Say why nothing more is done" in answer.content.decode()
    assert not Treatment.objects.exists()


def test_the_second_sees_both_texts_and_can_save_theirs(here):
    made = make_treatment(here.risk, here.owner, title="First")
    address = url(here, "treatment-edit", number=made.label)
    typed = {"version": made.version, "option": "modify", "title": "By the manager", "description": "Long text"}
    as_(here.owner).post(address, typed | {"title": "By the owner", "description": ""})

    client = as_(here.manager)
    answer = client.post(address, typed)

    text = answer.content.decode()
    assert answer.status_code == 422 and "By the owner" in text and "By the manager" in text and "Long text" in text
    fresh = Treatment.objects.get(pk=made.pk)
    assert f'name="version" value="{fresh.version}"' in text
    answer = client.post(address, typed | {"version": fresh.version})
    assert (answer.status_code, Treatment.objects.get(pk=made.pk).title) == (303, "By the manager")


def test_an_excluded_control_is_warned_about_and_not_refused(here):
    entry = make_soa(here.project, here.manager).entries.first()
    SoaEntry.objects.filter(pk=entry.pk).update(is_applicable=False, status="not_applicable")
    made = make_treatment(here.risk, here.owner, controls=[entry])
    text = as_(here.auditor).get(made.get_absolute_url()).content.decode()
    assert "It relies on a control that the Statement of Applicability excludes" in text
    form = as_(here.owner).get(url(here, "treatment-edit", number=made.label)).content.decode()
    assert "Excluded in the statement" in form


def test_linking_and_unlinking_tasks(here):
    made, client = make_treatment(here.risk, here.owner), as_(here.owner)
    task = make_task(here.project, "Already planned")
    link, unlink = (url(here, f"treatment-task-{name}", number=made.label) for name in ("link", "unlink"))
    assert client.post(link, {"task": f"{task.label} Already planned"}).status_code == 303
    assert TreatmentTask.objects.get().task == task
    for wrong in ("T-999", "nothing", ""):
        assert client.post(link, {"task": wrong}).status_code == 422
    assert client.post(unlink, {"task": task.label}).status_code == 303
    assert not TreatmentTask.objects.exists() and Task.objects.filter(pk=task.pk).exists()
    assert client.post(unlink, {"task": "T-999"}).status_code == 404


def test_who_may_and_who_may_not(here):
    made = make_treatment(here.risk, here.owner, owner=here.other)
    edit, cancel = (url(here, f"treatment-{name}", number=made.label) for name in ("edit", "cancel"))
    treat = url(here, "risk-treat", number=here.risk.label)
    for person, on_edit, on_cancel in (
        (here.manager, 200, 200), (here.owner, 200, 200), (here.other, 200, 403), (here.boss, 403, 403),
        (here.auditor, 403, 403), (here.staff, 403, 403),
    ):  # fmt: skip
        client = as_(person)
        assert (client.get(edit).status_code, client.get(cancel).status_code) == (on_edit, on_cancel), person
        assert client.get(treat).status_code == on_cancel, person
    assert 'name="option"' not in as_(here.other).get(edit).content.decode()
    assert as_(here.auditor).get(made.get_absolute_url()).status_code == 200
    assert as_(here.staff).get(url(here, "treatment-list")).status_code == 403


def test_foreign_and_strange_numbers_are_not_there(here):
    other = story()
    theirs = make_treatment(other.risk, other.owner)
    make_treatment(here.risk, here.owner)
    client = as_(here.owner)
    assert client.get(theirs.get_absolute_url()).status_code == 404
    for number in ("TR-002", "TR-999999999999", "R-001", "x"):
        assert client.get(url(here, "treatment-detail", number=number)).status_code == 404
    assert client.get(url(here, "treatment-detail", number="1")).status_code == 302
    foreign_task = make_task(make_project(), "Theirs")
    answer = client.post(url(here, "treatment-task-link", number="TR-001"), {"task": foreign_task.label})
    assert answer.status_code == 422
    entry = make_soa(other.project, other.manager).entries.first()
    answer = client.post(
        url(here, "risk-treat", number=here.risk.label), {"option": "modify", "title": "X", "controls": [entry.pk]}
    )
    assert answer.status_code == 422


def test_the_plan_is_filtered_sorted_and_summed(here):
    late = make_treatment(here.risk, here.owner, title="Late one", due_on=here.today - dt.timedelta(days=3), cost=100)
    make_treatment(here.risk, here.owner, title="Retained", option="retain", description="Because", cost=20)
    gone = make_treatment(here.risk, here.owner, title="Gone", cost=7)
    services.cancel(treatment=gone, by=here.owner, reason="No")
    client, address = as_(here.auditor), url(here, "treatment-list")

    def titles(query=""):
        return [one.title for one in client.get(f"{address}?{query}").context["rows"]]

    assert titles() == ["Late one", "Retained"]
    assert client.get(address).context["totals"].cost == 120
    assert titles("due=overdue") == ["Late one"] and titles("option=retain") == ["Retained"]
    assert titles("status=cancelled") == ["Gone"] and titles("status=all&sort=-cost") == [
        "Late one",
        "Retained",
        "Gone",
    ]
    assert titles("q=TR-001") == titles("status=open") == [late.title]
    assert titles("discipline=opportunity") == titles("q=nothing") == []
    assert "No treatment matches" in client.get(f"{address}?q=nothing").content.decode()
    for sort in ("number", "title", "risk", "owner", "due", "cost", "status"):
        assert titles(f"sort={sort}") == titles(f"sort=-{sort}")[::-1] or sort in ("risk", "owner", "due")
    assert titles("sort=%00&owner=abc&risk=zzz") == ["Late one", "Retained"]


def test_the_plan_costs_the_same_with_five_and_with_three_hundred(here):
    client, address = as_(here.auditor), url(here, "treatment-list")
    owned = {"organization": here.project.organization, "project": here.project, "risk": here.risk, "owner": here.owner}

    def fill(first, last):
        rows = [
            Treatment(**owned, number=n, option="modify", title=f"Treatment {n}", created_by=here.owner, cost=n)
            for n in range(first, last)
        ]
        Treatment.objects.bulk_create(rows)
        task = make_task(here.project, f"Task {first}")
        TreatmentTask.objects.create(treatment=Treatment.objects.get(number=first), task=task)

    fill(1, 6)
    client.get(address)
    with queries(LIST, exactly=True):
        client.get(address)
    fill(6, 301)
    with queries(LIST, exactly=True):
        client.get(address)


def test_a_treatment_costs_the_same_with_one_and_with_ten_actions(here):
    entries = list(make_soa(here.project, here.manager).entries.all())
    small, large = make_treatment(here.risk, here.owner), make_treatment(here.risk, here.owner, controls=entries)
    services.add_task(treatment=small, by=here.owner, title="One", assignee=here.other)
    for n in range(10):
        services.add_task(treatment=large, by=here.owner, title=f"Task {n}", assignee=here.other)
    client = as_(here.auditor)
    for made in (small, large):
        address = Treatment.objects.select_related("project__organization").get(pk=made.pk).get_absolute_url()
        client.get(address)
        with queries(DETAIL):
            client.get(address)
    writer = as_(here.owner)
    assert count_queries(lambda: writer.get(url(here, "treatment-edit", number=small.label))) == count_queries(
        lambda: writer.get(url(here, "treatment-edit", number=large.label))
    )
    with queries(FORM):
        writer.get(url(here, "treatment-edit", number=large.label))


def test_the_page_of_a_risk_and_of_its_step_show_it(here, rf):
    made = make_treatment(here.risk, here.owner)
    signed(here, [here.risk])
    request = rf.get("/")
    request.user, request.project, request.perms_here = here.auditor, here.project, frozenset({"view_risks"})
    risk = Risk.objects.select_related("project__organization", "owner").get(pk=here.risk.pk)
    found = next(one for one in risk_panels.of(risk, request) if one["template"].endswith("_risk_panel.html"))
    assert [one.label for one in found["context"]["treatments"]] == [made.label]
    assert (found["context"]["acceptance"].label, found["context"]["may_treat"]) == ("Accepted", False)


def test_every_state_and_option_can_be_shown(here):
    gain = make_rated(here, 3, 3, discipline="opportunity")
    client = as_(here.owner)

    def shown(made):
        return client.get(url(here, "treatment-detail", number=made.label)).content.decode()

    for risk, options in (
        (here.risk, ("modify", "retain", "avoid", "share")),
        (gain, ("pursue", "share_gain", "enhance", "ignore")),
    ):
        for option in options:
            made = make_treatment(risk, here.owner, option=option, description="Why")
            assert str(Option(option).label) in html.unescape(shown(made))
    for status in TreatmentStatus:
        Treatment.objects.filter(pk=made.pk).update(status=status)
        assert str(status.label) in shown(made)
    every = client.get(url(here, "treatment-list") + "?status=all").content.decode()
    assert all(f">TR-00{n}" in every or f"TR-00{n}/" in every for n in range(1, 9))


def test_an_empty_plan_says_what_it_is_for(here):
    empty = make_project()
    grant(here.auditor, Role.AUDITOR, empty)
    text = as_(here.auditor).get(reverse("risks:treatment-list", kwargs=empty.address)).content.decode()
    assert "Nothing is being treated yet" in text


def test_the_plan_comes_as_a_spreadsheet_that_runs_nothing(here):
    entries = list(make_soa(here.project, here.manager).entries.all()[:2])
    made = make_treatment(here.risk, here.owner, title="=1+1", cost=120, due_on=here.today, controls=entries)
    services.add_task(treatment=made, by=here.owner, title="One")
    make_treatment(here.risk, here.owner, title="Other", option="avoid")

    answer = as_(here.auditor).get(url(here, "treatment-export") + "?option=modify")

    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    head, *rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) == 1 and dict(zip(head, rows[0], strict=True)) == {
        "Number": "TR-001", "Treatment": "=1+1", "Risk": here.risk.label, "Title of the risk": here.risk.title,
        "Option": "Modify", "Description": "", "Responsible": "", "State": "Planned", "Actions done": 0, "Actions": 1,
        "Due on": here.today, "Cost": 120, "Effort in days": "", "Controls": f"{entries[0].ref}, {entries[1].ref}",
    }  # fmt: skip
