"""How ready an organization is for certification, from what is done and what is proved: no queries.

The rule, as the page says it: 60 of 100 points are the work, spread over the planned person-days of all activities that
apply; 40 are the proofs, spread evenly over deliverables, approvals and the registers' exit criteria. A criterion that
several steps ask for counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

WORK, PROOF = 60, 40
NEXT = 5

RULE = _(
    "Readiness counts to 100 points: 60 for the work, spread over the planned person-days of the activities that apply, "
    "and 40 for what an auditor will ask to see: deliverables, approvals and the exit criteria of the registers, each the "
    "same share. What moves it by the same share stands in the order of the plan; work that is held back or waits for "
    "another step stands behind what can be done now."
)


@dataclass(frozen=True)
class Item:
    """One thing that counts: an activity (`weight` in minutes of effort) or a proof (`weight` 1). `done` is 0 to 1."""

    label: str
    url: str
    weight: float
    done: float
    is_proof: bool = False
    place: tuple = ()
    can_begin: bool = True
    why: str = ""
    step: str = ""


@dataclass(frozen=True)
class Thing:
    """What would move the readiness, and by how many points."""

    item: Item
    points: float


@dataclass(frozen=True)
class Readiness:
    items: Sequence[Item]
    work: float
    """Points reached of WORK."""
    proof: float
    """Points reached of PROOF."""
    work_most: float
    proof_most: float
    things: tuple[Thing, ...]

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means everything."""
        most = self.work_most + self.proof_most
        return int(100 * (self.work + self.proof) / most + 1e-9) if most else 0

    @property
    def next_five(self) -> tuple[Thing, ...]:
        return self.things[:NEXT]


def reckon(items: Iterable[Item]) -> Readiness:
    """The readiness and all that would move it, what can be done now first and the greatest step first.

    Without any proof asked for the work is all there is, and the other way round.
    """
    every = list(items)
    weights = {kind: sum(one.weight for one in every if one.is_proof is kind) for kind in (False, True)}
    shares = {False: WORK if weights[True] else WORK + PROOF, True: PROOF if weights[False] else WORK + PROOF}
    most = {kind: float(shares[kind]) if weights[kind] else 0.0 for kind in weights}

    def points(one: Item, part: float) -> float:
        return most[one.is_proof] * one.weight / weights[one.is_proof] * part if weights[one.is_proof] else 0.0

    open_ones = [Thing(one, points(one, 1 - one.done)) for one in every if one.done < 1 and one.weight]
    open_ones.sort(key=lambda thing: (not thing.item.can_begin, -round(thing.points, 6), thing.item.place))
    reached = {kind: sum(points(one, one.done) for one in every if one.is_proof is kind) for kind in weights}
    return Readiness(every, reached[False], reached[True], most[False], most[True], tuple(open_ones))
