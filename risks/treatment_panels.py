"""What treatments and acceptances hang into step 1.7 and into the page of a risk: panels, and two exit criteria."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Window
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import dates, nav
from projects.addresses import address
from projects.gates import Criterion

from .models import Risk
from .selectors import acceptance as acceptances
from .selectors import treatment as treatments
from .services import risk as risks
from .services.treatment import READY


def of_step(step: Any, user: Any, perms: frozenset) -> dict[str, Any] | None:
    """How far treatment and acceptance are. Four queries; nothing before there is a risk."""
    project = step.project
    accepted = acceptances.figures(project)
    if not accepted.total:
        return None
    plan = address("risks:treatment-list", **project.address)
    return {
        "accepted": accepted,
        "treated": treatments.figures(project, dates.today(project.organization.time_zone)),
        "plan": plan,
        "home": address("risks:acceptance-list", **project.address),
    }


def of_risk(risk: Risk, request: HttpRequest) -> dict[str, Any]:
    """The treatments of a risk and how its acceptance stands. Three queries."""
    may_write = risk.is_open and risks.may_write(request.user, risk, request.perms_here)
    is_ready = risk.status in READY and risk.current_level is not None
    line = acceptances.line_of(risk)
    return {
        "template": "risks/treatment/_risk_panel.html",
        "context": {
            "treatments": treatments.of_risk(risk),
            "treat_url": address("risks:risk-treat", **risk.project.address, number=risk.label),
            "may_treat": may_write and is_ready,
            "why_not": ""
            if is_ready or not risk.is_open
            else _("It is treated once it has an owner and a current rating."),
            "today": dates.today(risk.project.organization.time_zone),
            "acceptance": line,
        },
    }


def treated(step: Any) -> Iterable[Criterion]:
    """Every risk above the threshold has a treatment. (ISO/IEC 27001:2022, 6.1.3 a)"""
    project, label = step.project, _("Treatments decided for every risk above the threshold")
    if not acceptances.figures(project).rated:
        yield Criterion(label, is_met=False, reason=_("No risk is rated yet."), url=_register(project))
        return
    left = list(treatments.undecided(project).annotate(left=Window(Count("pk")))[:3])
    if not left:
        yield Criterion(label, is_met=True, url=address("risks:treatment-list", **project.address))
        return
    count = left[0].left
    reason = ngettext("%(n)s risk has none: %(risks)s", "%(n)s risks have none: %(risks)s", count) % {
        "n": count, "risks": ", ".join(risk.label for risk in left) + (" …" if count > 3 else ""),
    }  # fmt: skip
    url = address("risks:risk-detail", **project.address, number=left[0].label)
    yield Criterion(label, is_met=False, reason=reason, url=url)


def accepted(step: Any) -> Iterable[Criterion]:
    """The owners accepted what is left of every open risk. (ISO/IEC 27001:2022, 6.1.3 f)"""
    project, label = step.project, _("Residual risks accepted")
    found = acceptances.figures(project)
    home = address("risks:acceptance-list", **project.address)
    if not found.total:
        yield Criterion(label, is_met=False, reason=_("No risk is rated yet."), url=_register(project))
    elif not found.left:
        yield Criterion(label, is_met=True, url=home)
    else:
        reason = ngettext(
            "%(left)s of %(n)s risk is not accepted", "%(left)s of %(n)s risks are not accepted", found.total
        ) % {"left": found.left, "n": found.total}
        if found.asked:
            reason += ", " + _("%(n)s awaiting a decision") % {"n": found.asked}
        if found.stale:
            reason += ", " + _("%(n)s no longer accepted") % {"n": found.stale}
        yield Criterion(label, is_met=False, reason=reason, url=home)


def _register(project: Any) -> str:
    return nav.address("risks:risk-list", **project.address) or address("risks:criteria", **project.address)
