"""What a newer edition of the criteria would make of the ratings: one group for each risk, sorted by what would change.

A new edition re-rates nothing by itself (IMS2 1.7.2): this is the question, services.rating.rerate the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from projects.addresses import address
from projects.models import Project
from projects.permissions import Perm
from risks.models import RatingKind, Risk

from .register import Scales
from .risk import Change, outdated

OTHER, SAME, OUTSIDE = "other", "same", "outside"
LABELS = {
    OTHER: _("Would change level"),
    SAME: _("Would keep their level"),
    OUTSIDE: _("Outside the new scales"),
}


@dataclass
class Group:
    """The outdated ratings of one risk. `sort` is what would become of it; outside the scales it is rated by hand."""

    risk: Risk
    href: str
    may_choose: bool
    changes: list[tuple[str, Change]] = field(default_factory=list)

    @property
    def sort(self) -> str:
        if any(change.new is None for _label, change in self.changes):
            return OUTSIDE
        return OTHER if any(change.is_other for _label, change in self.changes) else SAME


def groups(project: Project, scales: Scales, *, user: Any, perms: frozenset[Perm]) -> list[Group]:
    """The open risks whose ratings rest on an older edition, in the order of their numbers. Two queries at most."""
    if scales.in_force is None:
        return []
    found: dict[int, Group] = {}
    words = dict(RatingKind.choices)
    slugs = project.address
    for change in outdated(project, scales.in_force):
        risk = change.risk
        if risk.pk not in found:
            mine = Perm.MANAGE_RISKS in perms or (Perm.WRITE_OWN_RISKS in perms and risk.owner_id == user.pk)
            found[risk.pk] = Group(risk, address("risks:risk-detail", **slugs, number=risk.label), mine)
        found[risk.pk].changes.append((str(words[change.kind]), change))
    for group in found.values():
        group.may_choose = group.may_choose and group.sort != OUTSIDE
    return list(found.values())


def counted(found: list[Group]) -> dict[str, int]:
    """How many risks there are of each sort."""
    return {name: sum(one.sort == name for one in found) for name in LABELS}
