"""What nonconformities and proposals hang into the others: notices, steps 4.1 and 4.2 with their gates, search, words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import reverse

from core.rules import RuleBroken
from improvement import hanging, panels
from improvement.services import nonconformity as services
from improvement.services import proposal as proposals
from notifications.models import Notice
from projects import access, gates, workspace
from projects.models import PlanStep
from search import kinds
from tests.factories.improvement import bring_to, fresh, make_nonconformity, make_proposal

pytestmark = pytest.mark.django_db


def told(person):
    return list(Notice.objects.filter(person=person).order_by("pk").values_list("title", flat=True))


def test_each_hears_what_concerns_them_and_nobody_their_own_doing(here, hands):
    record = bring_to(make_nonconformity(here.project, here.doer, title="Label gone"), "verifying", **hands)
    services.judge(record=record, by=here.verifier, verdict="not_effective", note="Twice")
    refused = make_nonconformity(here.project, here.doer, title="Nothing")
    services.move(record=refused, name="refuse", by=here.manager, reason="As it should be")
    assert told(here.manager) == ["Reported: NC-001 Label gone", "Reported: NC-002 Nothing"]
    assert "NC-001 Label gone is yours" in told(here.owner)
    assert "Not effective, a new round begins: NC-001 Label gone" in told(here.owner)
    assert [title for title in told(here.doer) if "NC-" in title] == [
        "Accepted: NC-001 Label gone",
        "Refused: NC-002 Nothing",
    ]
    assert told(here.verifier) == ["Was it effective? NC-001 Label gone"]
    assert Notice.objects.get(person=here.doer, title__startswith="Refused").text == "As it should be"


def test_a_confidential_one_is_told_by_its_number_alone(here):
    make_nonconformity(here.project, here.doer, title="Secret smell", is_confidential=True)
    assert told(here.manager) == ["Reported: NC-001"]


def test_who_proposed_hears_what_was_decided(here):
    record = make_proposal(here.project, here.doer, title="A board")
    record = proposals.assess(record=record, by=here.manager, version=1, benefit=5, effort=1, assessment="")
    proposals.accept(record=record, by=here.manager, owner=here.owner, task={"title": "Buy it"})
    assert told(here.manager) == ["Proposed: IP-001 A board"]
    assert told(here.doer) == ["Accepted: IP-001 A board"] and told(here.owner) == [
        "IP-001 A board is yours to carry out"
    ]


def step_of(here, code):
    step = PlanStep.objects.filter(project=here.project).first()
    step.code, step.project = code, here.project
    return step


def met(here, code):
    return {
        str(one.label): one.is_met
        for one in gates.criteria_of(step_of(here, code))
        if "activities" not in str(one.label)
    }


def test_the_steps_show_the_registers_and_their_gates_follow_them(here, hands):
    perms = access.perms_in(here.manager, here.project)
    open_gates = {
        "No nonconformity is overdue": True, "Every report is accepted or refused": True, "No grave nonconformity is open": True,
    }  # fmt: skip
    assert met(here, panels.TREATMENT) == open_gates
    assert met(here, panels.IMPROVEMENT) == {"Improvement proposals are weighed and decided": False}
    record = make_nonconformity(here.project, here.doer)
    make_proposal(here.project, here.doer)
    assert met(here, panels.TREATMENT)["Every report is accepted or refused"] is False
    services.change(record=record, by=here.manager, version=1, values={"grade": "major", "owner": here.owner})
    assert met(here, panels.TREATMENT)["No grave nonconformity is open"] is False
    services.move(record=fresh(record), name="refuse", by=here.manager, reason="It was fine")
    assert met(here, panels.TREATMENT) == open_gates
    for code, key in ((panels.TREATMENT, "nonconformities"), (panels.IMPROVEMENT, "proposals")):
        found = {
            panel.key: context for panel, context in workspace.panels_for(step_of(here, code), here.manager, perms)
        }
        assert found[key]["figures"].total == 1
        staff = access.perms_in(here.doer, here.project)
        assert key not in {panel.key for panel, _c in workspace.panels_for(step_of(here, code), here.doer, staff)}


def test_search_knows_them_but_nothing_confidential(here):
    make_nonconformity(here.project, here.doer, title="Seen")
    make_nonconformity(here.project, here.doer, title="Secret", is_confidential=True)
    make_proposal(here.project, here.doer, title="Better")
    by_key = {kind.key: kind for kind in kinds.every()}
    assert [row.title for row in by_key["nonconformity"].rows()] == ["Seen"]
    assert by_key["proposal"].draft(by_key["proposal"].rows().get()).label == "IP-001"


def test_the_journal_has_a_word_for_everything_that_is_written():
    used = set()
    for path in (Path(hanging.__file__).parent / "services").glob("*.py"):
        used |= set(re.findall(r'"((?:nonconformity|proposal|grades|nonconformities)\.[a-z_]+)"', path.read_text()))
    assert used and used <= set(hanging.VERBS)


def test_what_looks_alike_is_linked_and_unlinked_by_the_page(here, hands, client_of):
    first = make_nonconformity(here.project, here.doer, title="Scale without label")
    second = bring_to(make_nonconformity(here.project, here.doer, title="Label of scale missing"), "accepted", **hands)
    owner = client_of(here.owner)
    page = owner.get(second.get_absolute_url()).content.decode()
    assert "Scale without label" in page and "words: label, scale" in page
    owner.post(f"{second.get_absolute_url()}earlier/", {"earlier": first.label})
    assert fresh(second).recurrence_of == first
    assert "It happened again" in client_of(here.manager).get(first.get_absolute_url()).content.decode()
    owner.post(f"{second.get_absolute_url()}earlier/", {})
    assert fresh(second).recurrence_of is None
    answer = owner.post(f"{second.get_absolute_url()}earlier/", {"earlier": "NC-077"}, follow=True)
    assert "There is no nonconformity of this number" in answer.content.decode()


def test_a_cause_is_said_in_other_words_and_an_action_taken_out(here, hands, client_of):
    record = bring_to(make_nonconformity(here.project, here.doer), "analysed", **hands)
    cause = record.round.causes.get()
    owner = client_of(here.owner)
    data = {"text": "The list was old", "category": "method"}
    assert owner.post(f"{record.get_absolute_url()}causes/{cause.pk}/", data).status_code == 303
    cause.refresh_from_db()
    assert (cause.text, cause.category, cause.is_root) == ("The list was old", "method", True)
    action = services.add_action(record=record, by=here.owner, values={"title": "New list"})
    page = owner.get(record.get_absolute_url()).content.decode()
    assert "fishbone" in page and 'id="whys"' in page and 'id="whys-narrow"' in page
    assert owner.post(f"{record.get_absolute_url()}actions/{action.pk}/drop/").status_code == 303
    assert not record.round.actions.exists()
    with pytest.raises(RuleBroken):
        services.change_cause(record=record, by=here.owner, pk=cause.pk, text="x", category="stars")


def test_my_work_says_whose_turn_it_is(here, hands, client_of):
    contained = bring_to(make_nonconformity(here.project, here.doer, title="Find the cause"), "contained", **hands)
    bring_to(make_nonconformity(here.project, here.doer, title="Judge me"), "verifying", **hands)
    bring_to(make_nonconformity(here.project, here.doer, title="Over"), "closed", **hands)
    place = reverse("portal:my-work")
    owner, verifier = client_of(here.owner).get(place), client_of(here.verifier).get(place)
    assert [(one.title, one.phase) for one in owner.context["owed"]] == [("Find the cause", "Cause and plan")]
    assert [(one.title, one.is_late) for one in verifier.context["owed"]] == [("Judge me", True)]
    assert contained.get_absolute_url() in owner.content.decode()
    assert client_of(here.manager).get(place).context["owed"] == []
