"""Several people at the same nonconformity in the same instant: one move is made once, none is lost."""

from __future__ import annotations

import pytest

from improvement.models import Nonconformity, Round
from improvement.services import nonconformity as services
from projects.models import JournalEntry
from tests.approvals.test_in_parallel import together
from tests.factories.improvement import bring_to, fresh, make_nonconformity, prepare

pytestmark = pytest.mark.django_db(transaction=True)
ANSWERS = dict.fromkeys(services.CONSEQUENCES, "none")


def test_the_same_move_by_ten_people_is_made_once_and_its_number_is_given_once(here, hands):
    made, refused, faults = together(
        [lambda n=n: make_nonconformity(here.project, here.doer, title=f"At once {n}") for n in range(8)]
    )
    assert (sorted(one.number for one in made), refused, faults) == (list(range(1, 9)), [], [])
    record = fresh(made[0])
    prepare(record, "accept", **hands)

    results, refused, faults = together(
        [lambda: services.move(record=record, name="accept", by=here.manager)] * 5
        + [lambda: services.move(record=record, name="refuse", by=here.manager, reason="No")] * 5
    )

    assert (len(results), len(refused), faults) == (1, 9, [])
    assert all("no longer possible" in text for text in refused)
    told = JournalEntry.objects.filter(target_id=record.pk, action__in=["nonconformity.accept", "nonconformity.refuse"])
    assert told.count() == 1 and fresh(record).status == told.get().changes["status"][1]


def test_a_verdict_is_given_once_and_begins_one_round(here, hands):
    record = bring_to(make_nonconformity(here.project, here.doer), "verifying", **hands)

    results, refused, faults = together([
        lambda verdict=verdict: services.judge(record=record, by=here.verifier, verdict=verdict, note="Looked")
        for verdict in ("not_effective", "effective") * 4
    ])  # fmt: skip

    assert (len(results), len(refused), faults) == (1, 7, [])
    rounds = Round.objects.filter(nonconformity=record).order_by("number")
    verdict = rounds[0].verdict
    assert rounds.count() == (2 if verdict == "not_effective" else 1)
    assert Nonconformity.objects.get(pk=record.pk).status == ("accepted" if verdict == "not_effective" else "verifying")
    assert JournalEntry.objects.filter(target_id=record.pk, action="nonconformity.judged").count() == 1
