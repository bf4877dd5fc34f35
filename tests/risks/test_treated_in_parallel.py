"""Several people at the same treatment or risk in the same instant: nothing is lost, nothing untrue is accepted."""

from __future__ import annotations

import json

import pytest

from approvals.models import Approval
from core.rules import StaleRecord
from projects.models import JournalEntry
from risks.models import AcceptedRisk, Risk, Treatment
from risks.services import acceptance as acceptances
from risks.services import rating as ratings
from risks.services import treatment as services
from tests.approvals.test_in_parallel import together
from tests.factories.projects import make_task
from tests.helpers.risk_stories import ask, drawn_up, here, make_rated, make_treatment, sign

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["here"]


def test_ten_people_change_the_same_treatment_and_one_wins(here):
    made = make_treatment(here.risk, here.owner)
    calls = [
        lambda n=n: services.change(
            treatment=made,
            by=here.owner if n % 2 else here.manager,
            version=made.version,
            values={"title": f"Title {n}"},
        )
        for n in range(10)
    ]

    results, refusals, faults = together(calls)

    assert (len(results), len(refusals), faults) == (1, 9, [])
    assert all("changed by somebody else" in text for text in refusals)
    fresh = Treatment.objects.get(pk=made.pk)
    assert (fresh.title, fresh.version) == (results[0].title, made.version + 1)
    with pytest.raises(StaleRecord):
        calls[0]()


def test_one_task_goes_to_one_of_ten_treatments_and_numbers_are_given_once(here):
    made, refused, faults = together([lambda: make_treatment(here.risk, here.owner)] * 10)
    assert (sorted(one.number for one in made), refused, faults) == (list(range(1, 11)), [], [])
    task = make_task(here.project, "Wanted by all")

    linked, refused, faults = together(
        [lambda one=one: services.link_task(treatment=one, by=here.owner, task=task) for one in made]
    )

    assert (len(linked), len(refused), faults) == (1, 9, [])


@pytest.mark.parametrize("turn", range(3))
def test_rated_again_while_the_owner_signs(here, turn):
    """Whoever comes first: an accepted risk is rated as in the frozen row, or it is not accepted."""
    low = make_rated(here, 1, 2)
    approval = ask(here, drawn_up(here, [low]))
    rate = [
        lambda n=n: ratings.rate(risk=low, by=here.manager, kind="current", likelihood=n, consequence=1) for n in (2, 1)
    ]

    together([rate[0], lambda: sign(approval, here.owner), rate[1], lambda: make_treatment(low, here.manager)])

    risk, approval = Risk.objects.get(pk=low.pk), Approval.objects.get(pk=approval.pk)
    frozen = json.loads(approval.content.snapshot)["risks"][0]
    marks = f"{frozen['likelihood'][0]} × {frozen['consequence'][0]}"
    if risk.acceptance_state == "accepted":
        assert f"{risk.current_likelihood} × {risk.current_consequence}" == marks
        assert AcceptedRisk.objects.get(risk=risk).is_holding
    else:
        assert not AcceptedRisk.objects.filter(risk=risk, is_holding=True).exists()
        assert approval.status in ("void", "approved")
    assert approval.is_in_force == (risk.acceptance_state == "accepted")


def test_signing_taking_back_and_expiring_at_once_end_it_once(here):
    low = make_rated(here, 1, 1)
    acceptance = drawn_up(here, [low])
    sign(ask(here, acceptance), here.owner)

    calls = [lambda: acceptances.revoke(acceptance=acceptance, by=here.owner, reason="No")] * 6
    results, refusals, faults = together(calls)

    assert (len(results), len(refusals), faults) == (1, 5, [])
    assert Risk.objects.get(pk=low.pk).acceptance_state == "stale"
    assert JournalEntry.objects.filter(action="risk.acceptance_stale").count() == 1
