"""All clients on one page: the consultant's Monday."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import View

from core import dates
from core.access_check import SignedInMixin
from core.htmx import respond
from portal.selectors import portfolio, standing
from portal.views import workbook
from projects.models.project import ProjectStatus

STATES = ("behind", "overdue", *ProjectStatus.values)


class Asked(SignedInMixin, View):
    """What the address asks for; the page and its workbook read it alike."""

    signed_in = "lists only projects that the person's own roles open"
    http_method_names = ["get", "head", "options"]

    def asked(self) -> dict[str, Any]:
        asked = self.request.GET
        state = asked.get("state", "")
        return {
            "today": dates.today(self.request.user.time_zone),
            "q": asked.get("q", "").replace("\0", "").strip()[:200],
            "state": state if state in STATES else "",
            "sort": asked.get("sort", ""),
        }


class Portfolio(Asked):
    def get(self, request: HttpRequest) -> HttpResponse:
        asked = self.asked()
        q, state, today = asked["q"], asked["state"], asked["today"]
        found = portfolio.of(standing.readable(request), page=request.GET.get("page", 1), **asked)
        states = [
            ("", _("All open")),
            ("behind", _("Behind plan")),
            ("overdue", _("With overdue tasks")),
            *((str(value), str(label)) for value, label in ProjectStatus.choices),
        ]
        context = {
            "portfolio": found,
            "today": today,
            "q": q,
            "state": state,
            "states": states,
            "exported": urlencode({name: asked[name] for name in ("q", "state", "sort") if asked[name]}),
            "chosen": self.chosen(q, state, dict(states)),
            "may_start": standing.here(request).may_start,
        }
        return respond(request, "portal/portfolio.html", context)

    def chosen(self, q: str, state: str, words: dict[str, str]) -> list[dict[str, Any]]:
        """The filters in force, as chips that can be removed."""
        rows = [("q", _("Search"), q, q), ("state", _("Show"), state, words.get(state, ""))]
        return [{"name": n, "label": label, "value": v, "text": t} for n, label, v, t in rows if v]


class Workbook(Asked):
    """The same list, filters and order as a spreadsheet: all rows of it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = self.asked()
        chosen = portfolio.choose(standing.readable(request), **asked)
        return HttpResponse(
            workbook.portfolio(chosen.lines(chosen.rows)),
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            headers={"Content-Disposition": f'attachment; filename="portfolio-{asked["today"]:%Y-%m-%d}.xlsx"'},
        )
