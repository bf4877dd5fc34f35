"""What nonconformities and proposals hang into the steps 4.1 and 4.2: their figures, and what has to be so before the step ends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import dates
from projects.addresses import address
from projects.gates import Criterion
from projects.permissions import Perm

from .models import Nonconformity, Proposal
from .selectors import nonconformity as selectors
from .selectors import proposal as proposals
from .selectors import register
from .selectors.grade import scale_of

TREATMENT, IMPROVEMENT = "treatment-of-nonconformities", "continual-improvement"


def of_treatment(step: Any, user: Any, perms: frozenset) -> dict[str, Any]:
    """The figures of the register in the workspace of step 4.1. Two queries."""
    project = step.project
    today = dates.today(project.organization.time_zone)
    found = register.figures(selectors.visible(project, user, perms), scale_of(project), today)
    home = address("improvement:nonconformity-list", **project.address)
    rows = [
        ("late", "clock", _("Overdue"), found.overdue, "asks=overdue"),
        ("late", "alert-triangle", _("Grave ones"), found.grave, ""),
        ("open", "flag", _("To be accepted"), found.reported, "state=reported"),
        ("prog", "eye", _("Being verified"), found.verifying, "state=verifying"),
        ("open", "user-question", _("Without an owner"), found.nobody, "owner=none"),
    ]
    return {
        "figures": found,
        "closed_percent": 100 * (found.total - found.open) // found.total if found.total else 0,
        "home": home,
        "report": address("improvement:nonconformity-report", **project.address),
        "learned": address("improvement:statistics", **project.address),
        "rows": [(kind, icon, label, n, f"{home}?{query}" if query else home) for kind, icon, label, n, query in rows if n],
    }  # fmt: skip


def of_improvement(step: Any, user: Any, perms: frozenset) -> dict[str, Any]:
    """The figures of the proposals in the workspace of step 4.2. One query."""
    project = step.project
    found = proposals.figures(proposals.visible(project, user, perms))
    home = address("improvement:proposal-list", **project.address)
    rows = [
        ("open", "bulb", _("To assess"), found.proposed, "state=proposed"),
        ("prog", "scale", _("To decide"), found.assessed, "state=assessed"),
        ("done", "flag", _("Much benefit, little effort"), found.quick, "worth=quick"),
        ("prog", "progress", _("In work"), found.accepted, "state=accepted"),
        ("done", "", _("Done"), found.done, "state=done"),
    ]
    return {
        "figures": found,
        "home": home,
        "propose": address("improvement:proposal-propose", **project.address),
        "rows": [(kind, icon, label, n, f"{home}?{query}") for kind, icon, label, n, query in rows if n],
    }


# ---- gates --------------------------------------------------------------------------------------------------------


def nothing_overdue(step: Any) -> Iterable[Criterion]:
    """No nonconformity is late in its phase, and every grave one is at least contained. Two queries. (10.2; IMS2 4.1)"""
    project = step.project
    today = dates.today(project.organization.time_zone)
    everything = Nonconformity.objects.filter(project=project)
    scale = scale_of(project)
    found = register.figures(everything, scale, today)
    home = address("improvement:nonconformity-list", **project.address)
    late = found.overdue
    yield Criterion(
        gettext_lazy("No nonconformity is overdue"), is_met=late == 0, url=f"{home}?asks=overdue" if late else home,
        reason=ngettext("%(n)s is overdue", "%(n)s are overdue", late) % {"n": late} if late else "",
    )  # fmt: skip
    waiting = found.reported
    yield Criterion(
        gettext_lazy("Every report is accepted or refused"), is_met=waiting == 0, url=f"{home}?state=reported",
        reason=ngettext("%(n)s waits for an answer", "%(n)s wait for an answer", waiting) % {"n": waiting}
        if waiting else "",
    )  # fmt: skip
    grave = found.grave
    yield Criterion(
        gettext_lazy("No grave nonconformity is open"), is_met=grave == 0, url=home,
        reason=ngettext("%(n)s is open", "%(n)s are open", grave) % {"n": grave} if grave else "",
    )  # fmt: skip


def proposals_decided(step: Any) -> Iterable[Criterion]:
    """Every proposal was weighed, and none waits for a decision. One query. (10.1; IMS2 4.2.1)"""
    project = step.project
    found = proposals.figures(Proposal.objects.filter(project=project))
    home = address("improvement:proposal-list", **project.address)
    left = found.proposed + found.assessed
    reason = ""
    if not found.total:
        reason = _("Nobody has proposed anything yet")
    elif left:
        reason = ngettext("%(n)s is not decided", "%(n)s are not decided", left) % {"n": left}
    yield Criterion(
        gettext_lazy("Improvement proposals are weighed and decided"), is_met=bool(found.total) and not left, reason=reason,
        url=f"{home}?state=proposed" if found.proposed else home,
    )  # fmt: skip


def hang() -> None:
    from projects import gates, workspace

    workspace.hang(step=TREATMENT, panel=workspace.Panel(
        "nonconformities", gettext_lazy("Nonconformities"), "improvement/nonconformity/_step_panel.html", of_treatment,
        Perm.VIEW_NONCONFORMITIES, 30,
    ))  # fmt: skip
    workspace.hang(step=IMPROVEMENT, panel=workspace.Panel(
        "proposals", gettext_lazy("Improvement proposals"), "improvement/proposal/_step_panel.html", of_improvement,
        Perm.VIEW_NONCONFORMITIES, 30,
    ))  # fmt: skip
    gates.hang(nothing_overdue, step=TREATMENT)
    gates.hang(proposals_decided, step=IMPROVEMENT)
