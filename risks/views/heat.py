"""The heat maps of the risks, and how their levels went over time."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import dates, nav
from core.svg import layers
from projects.addresses import address
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import project_access
from risks import pictures, trends
from risks.forms.heat import GAIN, HeatFilter
from risks.models import RatingKind, Risk
from risks.profiles import Discipline
from risks.selectors import criteria
from risks.selectors import heat as selectors
from risks.selectors import register as lists
from risks.selectors import trend as courses


def filter_of(request: HttpRequest) -> HeatFilter:
    """The filters of the query string. Two queries."""
    return HeatFilter(request.GET, people=people_of(request.project), categories=lists.categories_of(request.project))


def _rows(request: HttpRequest, chosen: HeatFilter) -> Any:
    """The open risks, or opportunities, that the filters leave over."""
    today = dates.today(request.organization.time_zone)
    rows = lists.narrowed(Risk.objects.filter(project=request.project), chosen.wanted, today=today, user=request.user)
    return selectors.on_side(rows, chosen.is_gain)


def _links(request: HttpRequest, chosen: HeatFilter, kind: str) -> pictures.Link | bool:
    """The address of the register's list of a cell, with the filters of this page."""
    home = nav.address("risks:risk-list", **request.project.address)
    if not home:
        return False
    side = Discipline.OPPORTUNITY.value if chosen.is_gain else lists.RISKS_ONLY
    more = urlencode({"discipline": side} | chosen.wanted)
    return lambda likelihood, consequence: f"{home}?kind={kind}&l={likelihood}&c={consequence}&{more}"


def _switch(request: HttpRequest, name: str, chosen: HeatFilter) -> list[dict[str, Any]]:
    """Risks or opportunities, and map or trend, keeping the filters."""
    kept = {key: value for key, value in chosen.wanted.items() if key != "discipline"}

    def to(where: str, is_gain: bool) -> str:
        query = kept | ({"show": GAIN} if is_gain else {})
        return address(where, **request.project.address) + (f"?{urlencode(query)}" if query else "")

    here = chosen.is_gain
    return [
        {"label": _("Risks"), "icon": "alert-triangle", "url": to(name, False), "is_here": not here},
        {"label": _("Opportunities"), "icon": "bulb", "url": to(name, True), "is_here": here},
    ]


def _context(request: HttpRequest, name: str) -> dict[str, Any]:
    chosen = filter_of(request)
    edition = criteria.in_force(request.project)
    kept = request.GET.copy()
    for own in ("risk", "also"):
        kept.pop(own, None)
    query = f"?{kept.urlencode()}" if kept else ""
    return {
        "project": request.project,
        "filter": chosen,
        "chosen": chosen.chosen,
        "is_gain": chosen.is_gain,
        "edition": edition,
        "criteria": edition.criteria if edition is not None else None,
        "sides": _switch(request, name, chosen),
        "views": [
            {
                "label": label, "icon": icon, "url": address(where, **request.project.address) + query,
                "is_here": where == name,
            }
            for label, icon, where in (
                (_("Heat map"), "layout-grid", "risks:heat"), (_("Trend"), "timeline", "risks:trend"),
            )
        ],
        "register": nav.address("risks:risk-list", **request.project.address),
        "may_write": bool({Perm.WRITE_OWN_RISKS, Perm.MANAGE_RISKS} & request.perms_here),
    }  # fmt: skip


@project_access(Perm.VIEW_RISKS)
@require_safe
def maps(request: HttpRequest) -> HttpResponse:
    """Inherent, current and expected side by side; below, the way of the risks that are ticked."""
    context = _context(request, "risks:heat")
    edition, chosen = context["edition"], context["filter"]
    if edition is None:
        return render(request, "risks/heat/map.html", context)
    rows = _rows(request, chosen)
    found = selectors.counted(rows, edition)
    movers = selectors.movers(request.project, rows, chosen.numbers)
    moves = [one.move for one in movers if one.is_chosen]
    scales = context["criteria"]
    context |= {
        "maps": [_map(request, chosen, scales, kind, found[kind]) for kind in RatingKind.values],
        "movers": movers,
        "moves": moves,
        "movement": [
            pictures.heat_svg(
                scales, {}, RatingKind.CURRENT, arrows=moves, is_gain=chosen.is_gain, names=is_wide,
                title=_("Movement"), id="movement" if is_wide else "movement-narrow",
            )
            for is_wide in (True, False)
        ],
        "most": pictures.MOST_ARROWS,
        "is_empty": not any(found[RatingKind.CURRENT].cells) and not found[RatingKind.CURRENT].unrated,
    }  # fmt: skip
    return render(request, "risks/heat/map.html", context)


def _map(request: HttpRequest, chosen: HeatFilter, scales: Any, kind: str, found: selectors.Counted) -> dict[str, Any]:
    """A map with its legend, its figures as a table, and what it does not show."""
    total = found.rated + found.unrated
    return {
        "kind": kind,
        "title": pictures.kind_title(kind),
        "picture": pictures.heat_svg(
            scales, found.cells, kind, links=_links(request, chosen, kind), is_gain=chosen.is_gain
        ),
        "legend": pictures.legend(scales, found.cells),
        "table": pictures.table(scales, found.cells),
        "said": _("%(rated)s of %(total)s rated") % {"rated": found.rated, "total": total},
        "unrated": found.unrated,
        "older": found.older,
        "outside": pictures.outside(scales, found.cells),
    }


@project_access(Perm.VIEW_RISKS)
@require_safe
def trend(request: HttpRequest) -> HttpResponse:
    """How many open risks there were of each level, by week or by month."""
    context = _context(request, "risks:trend")
    scales = context["criteria"]
    if scales is None:
        return render(request, "risks/heat/trend.html", context)
    chosen = context["filter"]
    today = dates.today(request.organization.time_zone)
    rows, zone = _narrowing(request, chosen), request.organization.time_zone
    first = courses.begins(request.project, rows, zone)
    by = request.GET.get("by") if request.GET.get("by") in trends.STEPS else trends.step_for(first, today)
    days = trends.days(first, today, by)
    shifts = courses.shifts(request.project, rows, days, zone)
    counts = trends.counts(shifts, len(days))
    names = trends.names(shifts, scales)
    series = trends.series(counts, names, scales, is_gain=chosen.is_gain)
    title = _("Open opportunities by level") if chosen.is_gain else _("Open risks by level")
    kept = {**chosen.wanted, **({"show": GAIN} if chosen.is_gain else {})}
    context |= {
        "pictures": [
            layers(days, series, id=f"trend-{size}", title=title, size=size, is_gain=chosen.is_gain)
            for size in ("wide", "narrow")
        ],
        "names": names[::-1],
        "rows": trends.table(days, counts, names[::-1])[::-1],
        "is_empty": first is None,
        "steps": [
            {"label": label, "url": f"?{urlencode(kept | {'by': key})}", "is_here": key == by}
            for key, label in trends.STEPS.items()
        ],
        "by": by,
    }  # fmt: skip
    return render(request, "risks/heat/trend.html", context)


def _narrowing(request: HttpRequest, chosen: HeatFilter) -> Any:
    """The risks of the filters, the closed ones too: a closed risk was open before."""
    today = dates.today(request.organization.time_zone)
    rows = Risk.objects.filter(project=request.project)
    rows = lists.narrowed(rows, chosen.wanted | {"status": lists.EVERY}, today=today, user=request.user)
    return selectors.on_side(rows, chosen.is_gain)
