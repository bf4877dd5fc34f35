"""Two people at one finding or one line in the same moment: nothing is lost, nothing happens twice, on both databases."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import pytest
from django.db import connections

from audits.models import ChecklistLine, Finding
from audits.services import answering
from audits.services import finding as services
from core.rules import RuleBroken, StaleRecord
from improvement.models import Nonconformity
from projects.models import JournalEntry
from tests.factories.audits import WorkingCast

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], object]) -> list[str]:
    """Runs them together; what each ended with: "done", or the name of the refusal."""
    gate, ends = threading.Barrier(len(works)), [""] * len(works)

    def run(n: int, work: Callable[[], object]) -> None:
        try:
            gate.wait()
            work()
            ends[n] = "done"
        except RuleBroken as refusal:
            ends[n] = type(refusal).__name__
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def fresh(finding: Finding) -> Finding:
    return Finding.objects.select_related("project__organization", "audit").get(pk=finding.pk)


def test_of_moves_made_at_once_one_is_made_and_one_nonconformity_is_raised():
    cast = WorkingCast()
    finding = cast.finding()

    def move(name: str, by) -> Callable[[], object]:
        return lambda: services.move(finding=fresh(finding), name=name, by=by, reason="Because")

    ends = at_once(move("open", cast.lead), move("open", cast.second), move("withdraw", cast.lead))
    moves = JournalEntry.objects.filter(action__in=["finding.open", "finding.withdraw"], target_id=finding.pk)
    way = [entry.changes["status"] for entry in moves.order_by("seq")]
    assert ends.count("done") == len(way) and way[0][0] == "noted"
    assert all(earlier[1] == later[0] for earlier, later in itertools.pairwise(way))
    assert fresh(finding).status == way[-1][1]

    other = cast.finding()
    raising = [
        lambda who=who: services.raise_nonconformity(finding=fresh(other), by=who) for who in (cast.lead, cast.second)
    ]
    assert at_once(*raising, *raising) == ["RuleBroken", "RuleBroken", "RuleBroken", "done"]
    assert Nonconformity.objects.count() == 1 and fresh(other).nonconformity == Nonconformity.objects.get()


def test_of_texts_saved_at_once_none_is_lost_unasked():
    cast = WorkingCast()
    line = cast.generate()[0]

    def save(text: str, by) -> Callable[[], object]:
        found = ChecklistLine.objects.select_related("project__organization").get(pk=line.pk)
        return lambda: answering.answer(line=found, by=by, version=1, values={"evidence": text}, key=f"browser-{text}")

    ends = at_once(save("first", cast.lead), save("second", cast.second))

    assert ends == [StaleRecord.__name__, "done"]
    now = ChecklistLine.objects.get(pk=line.pk)
    assert (now.version, now.evidence in ("first", "second")) == (2, True)
    assert JournalEntry.objects.filter(action="checklist.answered").count() == 1
