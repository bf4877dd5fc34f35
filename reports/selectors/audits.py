"""The audit programme and the plan of an audit on paper, from the same selectors as their pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.selectors import approval as approvals
from audits import pictures
from audits.models import Audit
from audits.selectors import audit as audit_selectors
from audits.selectors import coverage, independence
from audits.selectors import programme as programmes
from core.rules import RuleBroken
from reports.kinds import MOST_ROWS, Asked

from .lines import said_day


def programme(asked: Asked) -> dict[str, Any]:
    """What the report of a programme shows. Raises RuleBroken where there is none."""
    project = asked.project
    chosen = asked.parameters.get("programme") or ""
    found = programmes.one(project, chosen) if chosen else programmes.current(project, asked.today)
    if found is None:
        raise RuleBroken(_("There is no audit programme to print yet: write it in step 3.2."))
    lines = programmes.lines_of(found)
    grid = coverage.of_project(project, asked.today, found)
    standing = approvals.standing_of("audit_programme", found)
    audits = Audit.objects.filter(programme_links__line__programme=found).order_by("starts_on", "number").distinct()
    rows = audit_selectors.dressed(audit_selectors.counted(audits)[:MOST_ROWS], project)
    late = sum(line.next_on is not None and line.next_on < asked.today for line in lines)
    return {
        "programme": found, "lines": lines, "today": asked.today, "late": late, "audits": rows,
        "sheets": pictures.coverage_sheets(grid, id="report-coverage"), "legend": pictures.legend(grid), "grid": grid,
        "stands": _stands(standing), "is_draft": not standing.is_approved,
        "period": f"{said_day(found.starts_on)} – {said_day(found.ends_on)}",
        "cover_facts": [
            (_("Programme"), found.label), (_("Managed by"), str(found.owner or "–")), (_("Standing"), _stands(standing)),
        ],
    }  # fmt: skip


def _stands(standing: Any) -> str:
    """How the programme stands towards its approval, in a sentence."""
    if standing.is_approved:
        on = said_day(standing.in_force.ended_at.date())
        return _("Edition %(n)s, approved by top management on %(on)s.") % {"n": standing.in_force.edition, "on": on}
    if standing.asked is not None:
        return _("Draft; a decision on it is awaited (%(label)s).") % {"label": standing.asked.label}
    if standing.in_force is not None:
        return _("Draft; differs from edition %(n)s.") % {"n": standing.in_force.edition}
    return _("Draft; not approved yet.")


def plan(asked: Asked) -> dict[str, Any]:
    """What the plan of an audit shows. Raises RuleBroken where there is no audit."""
    project = asked.project
    seen = audit_selectors.visible(project, asked.by, asked.perms)
    chosen = Audit.number_of(asked.parameters.get("audit") or "")
    found = (seen.filter(number=chosen) if chosen else seen.order_by("-is_open", "-number")).first()
    if found is None:
        raise RuleBroken(_("There is no audit to print yet: plan one in step 3.2."))
    found.project = project
    audit_selectors.dressed([found], project)
    page = audit_selectors.page_of(found)
    standing = independence.of_audit(found)
    overrides = list(found.overrides.order_by("pk"))
    return {
        "audit": found, "page": page, "days": audit_selectors.agenda_of(found), "standing": standing,
        "overrides": overrides, "statement": statement(standing, len(overrides)),
        "period": _when(found),
        "cover_facts": [
            (_("Audit"), found.label), (_("Kind"), str(found.kind_word)), (_("Method"), str(found.method_word)),
            (_("Lead auditor"), str(found.lead.name if found.lead else "–")),
        ],
    }  # fmt: skip


def _when(audit: Audit) -> str:
    if not audit.starts_on:
        return _("No date yet")
    first, last = said_day(audit.starts_on), said_day(audit.ends_on)
    return first if first == last else f"{first} – {last}"


def statement(standing: independence.Standing, justified: int) -> str:
    """The independence of a team in a sentence."""
    if standing.unsettled:
        n = len({one.member for one in standing.unsettled})
        return ngettext(
            "%(n)s person of the team would audit their own work: this is not settled yet.",
            "%(n)s people of the team would audit their own work: this is not settled yet.",
            n,
        ) % {"n": n}
    if justified:
        return _("The team is independent, with the exceptions justified below.")
    return _("Nobody of the team owns, wrote, approved or does what they audit, as far as the registers say.")
