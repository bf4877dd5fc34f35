"""Closing a nonconformity asks what else has to change: records that are pointed at, or words that say why nothing has to."""

from __future__ import annotations

import re
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps

from core.rules import RuleBroken
from improvement.models import Consequence, Nonconformity
from improvement.services import nonconformity as services
from projects.permissions import Role
from tests.factories.documents import make_document
from tests.factories.improvement import bring_to, fresh, make_nonconformity, prepare
from tests.factories.projects import grant, make_project, make_task, make_user
from tests.factories.risks import make_risk

pytestmark = pytest.mark.django_db


def foreign():
    """The second risk of another project."""
    boss = make_user()
    project = make_project(slug="far")
    grant(boss, Role.PROJECT_MANAGER, project)
    return [make_risk(project, boss, title="CANARY") for _n in range(2)][1]


@pytest.fixture
def closing(here, hands):
    """A nonconformity whose action was found effective, and what can be pointed at."""
    record = bring_to(make_nonconformity(here.project, here.doer), "verifying", **hands)
    prepare(record, "close", **hands)
    return SimpleNamespace(
        record=fresh(record), risk=make_risk(here.project, here.manager, title="Label gone"),
        paper=make_document(here.project, here.manager, code="POL-007"),
        task=make_task(here.project, "Write it down"), foreign=foreign(),
        page=f"{record.get_absolute_url()}move/close/",
    )  # fmt: skip


def test_closing_points_at_what_changes_and_the_record_leads_there(here, closing, client_of):
    client = client_of(here.manager)
    page = client.get(closing.page).content.decode()
    assert "Label gone" in page and "POL-007" in page and "Write it down" in page and "CANARY" not in page

    sent = {
        "risks_ticked": [closing.risk.pk], "documents_named": " pol-007 ", "plan_named": "", "plan": "No: it was one label.",
    }  # fmt: skip
    assert client.post(closing.page, sent).status_code == 303

    record = fresh(closing.record)
    assert record.status == "closed" and record.consequences == {
        "risks": "", "documents": "", "plan": "No: it was one label.",
        "links": {"risks": [closing.risk.pk], "documents": [closing.paper.pk]},
    }  # fmt: skip
    shown = client.get(record.get_absolute_url()).content.decode()
    for one in (closing.risk, closing.paper):
        assert f'href="{one.get_absolute_url()}">{one}</a>' in shown
    assert "No: it was one label." in shown


def test_closing_keeps_what_was_chosen_until_every_question_is_answered(here, closing, client_of):
    client = client_of(here.manager)
    answer = client.post(
        closing.page, {"risks_ticked": [closing.risk.pk], "plan_named": "T-099 R-001", "documents": " "}
    )

    text = answer.content.decode()
    assert answer.status_code == 422 and fresh(closing.record).status == "verifying"
    assert f'value="{closing.risk.pk}" checked' in text and 'value="T-099 R-001"' in text
    assert "There is no “T-099” here" in text and "There is no “R-001” here" in text
    assert text.count("Choose what changes, or say why nothing has to.") >= 1


@pytest.mark.parametrize("name", ["risks_ticked", "risks_named"])
def test_nobody_points_at_records_of_another_project(here, closing, client_of, name):
    value = closing.foreign.pk if name == "risks_ticked" else closing.foreign.label
    sent = {name: value, "documents": "No", "plan": "No"}

    answer = client_of(here.manager).post(closing.page, sent)

    assert answer.status_code == 422 and "CANARY" not in answer.content.decode()
    with pytest.raises(RuleBroken, match="Choose records of this project"):
        services.move(
            record=closing.record, name="close", by=here.manager, consequences={"documents": "No", "plan": "No"},
            changing={"risks": [closing.foreign.pk]},
        )  # fmt: skip
    assert fresh(closing.record).status == "verifying"


def test_who_may_not_see_what_changes_is_told_that_there_is_something(here, closing, client_of):
    services.move(
        record=closing.record, name="close", by=here.manager, consequences={"documents": "No", "plan": "No"},
        changing={"risks": [closing.risk.pk]},
    )  # fmt: skip

    text = client_of(here.doer).get(closing.record.get_absolute_url()).content.decode()

    assert "and 1 that you may not see" in text and "Label gone" not in text and closing.risk.label not in text


def close(closing, by):
    services.move(
        record=closing.record, name="close", by=by,
        changing={"risks": [closing.risk.pk], "documents": [closing.paper.pk], "plan": [closing.task.pk]},
    )  # fmt: skip


def said(client, one) -> str:
    """What the page of a record says of why it changed."""
    text = client.get(one.get_absolute_url()).content.decode()
    assert one.title in text
    found = re.search(r'id="because".*?</ul>', text, re.DOTALL)
    return found[0] if found else ""


@pytest.mark.parametrize("name", ["risk", "paper", "task"])
def test_what_changes_leads_back_to_the_nonconformity(here, closing, client_of, name):
    one, client = getattr(closing, name), client_of(here.manager)
    assert said(client, one) == ""

    close(closing, here.manager)

    record = fresh(closing.record)
    assert f'<a href="{record.get_absolute_url()}">{record.label} {record.title}</a>' in said(client, one)
    other = {"risk": make_risk(here.project, here.manager), "paper": make_document(here.project, here.manager),
             "task": make_task(here.project, "Another")}[name]  # fmt: skip
    assert said(client, other) == ""


@pytest.mark.parametrize("name", ["risk", "paper", "task"])
def test_a_confidential_reason_is_read_by_who_may_see_it_alone(here, closing, client_of, name):
    close(closing, here.manager)
    reader = make_user()
    grant(reader, Role.TOP_MANAGEMENT, here.project)
    one, record = getattr(closing, name), closing.record
    assert record.label in said(client_of(reader), one)

    Nonconformity.objects.filter(pk=record.pk).update(is_confidential=True)

    assert said(client_of(reader), one) == ""
    assert record.label not in client_of(reader).get(one.get_absolute_url()).content.decode()
    assert record.label in said(client_of(here.manager), one)


def test_closed_again_only_what_the_last_closing_said_leads_back(here, closing, hands):
    close(closing, here.manager)
    assert Consequence.objects.filter(nonconformity=closing.record).count() == 3
    services.lead_back(closing.record, {"risks": [closing.risk.pk]})

    assert [(one.key, one.record_id) for one in closing.record.consequence_links.all()] == [("risks", closing.risk.pk)]


def test_what_was_closed_before_leads_back_too(here, closing, client_of):
    close(closing, here.manager)
    Consequence.objects.all().delete()

    import_module("improvement.migrations.0008_consequences_of_before").lead_back(apps, None)

    assert closing.record.label in said(client_of(here.manager), closing.task)
