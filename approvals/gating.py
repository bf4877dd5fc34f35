"""An approval as the exit criterion of a step: what the apps with subjects hang up in `projects/gates.py`.

gates.hang(gating.approved("mandate", of_project=mandate.of, label=_("Mandate approved")), step="ms-project")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _

from projects.gates import Criterion

from . import subjects
from .models import Approval
from .selectors import approval as selectors

KINDS: set[str] = set()
"""The kinds that gates ask for."""


def load_all(project: Any) -> None:
    """All that was asked and decided about what gates ask for, before their checks are asked (projects.gates.prepare)."""
    selectors.load_together(project, KINDS)


def approved(kind: str, *, of_project: Callable[[Any], Any | None], label: Any) -> Callable[[Any], Iterable[Criterion]]:
    """The criterion that the record `of_project(project)` gives is approved as it stands; red with the reason and a link."""
    KINDS.add(kind)

    def check(step: Any) -> Iterable[Criterion]:
        record = of_project(step.project)
        if record is None:
            yield Criterion(label, is_met=False, reason=_("It has not been written yet."))
            return
        url = subjects.of(kind).url(record)
        standing = selectors.standing_of(kind, record)
        if standing.is_approved:
            yield Criterion(label, is_met=True, url=standing.in_force.get_absolute_url())
        elif standing.asked is not None:
            reason = _("%(label)s awaits %(who)s.") % {
                "label": standing.asked.label, "who": ", ".join(standing.waiting),
            }  # fmt: skip
            yield Criterion(label, is_met=False, reason=reason, url=standing.asked.get_absolute_url())
        elif standing.is_stale:
            reason = _("The working copy differs from edition %(n)s.") % {"n": standing.in_force.edition}
            yield Criterion(label, is_met=False, reason=reason, url=url)
        else:
            yield Criterion(label, is_met=False, reason=_("It is not approved yet."), url=url)

    return check


def in_force(kind: str) -> Callable[[Any], bool]:
    """Whether a project has a decision of this kind in force, for `projects.gates.Hold`; one query.

    A later change of what was decided on does not stop work that was released: it asks for a new decision instead.
    """

    def asked(project: Any) -> bool:
        return Approval.objects.filter(project=project, subject_kind=kind, is_in_force=True).exists()

    return asked
