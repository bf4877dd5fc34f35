"""All clients on one page: the consultant's Monday."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import View

from core import dates
from core.access_check import SignedInMixin
from core.htmx import respond
from portal.selectors import portfolio, standing
from projects.models.project import ProjectStatus

STATES = ("behind", "overdue", *ProjectStatus.values)


class Portfolio(SignedInMixin, View):
    signed_in = "lists only projects that the person's own roles open"
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET
        q, state = asked.get("q", "").replace("\0", "").strip()[:200], asked.get("state", "")
        state = state if state in STATES else ""
        today = dates.today(request.user.time_zone)
        found = portfolio.of(
            request.user, today=today, q=q, state=state, sort=asked.get("sort", ""), page=asked.get("page", 1)
        )
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
            "chosen": self.chosen(q, state, dict(states)),
            "may_start": standing.here(request).may_start,
        }
        return respond(request, "portal/portfolio.html", context)

    def chosen(self, q: str, state: str, words: dict[str, str]) -> list[dict[str, Any]]:
        """The filters in force, as chips that can be removed."""
        rows = [("q", _("Search"), q, q), ("state", _("Show"), state, words.get(state, ""))]
        return [{"name": n, "label": label, "value": v, "text": t} for n, label, v, t in rows if v]
