"""All clients on one page: the consultant's Monday."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from core import dates
from core.access_check import SignedInMixin
from core.htmx import respond
from portal.models import SavedView
from portal.selectors import standing
from portal.views import workbook
from portal.views.asked import Asked, asked_in
from projects.forecast import pace
from projects.models.project import ProjectStatus
from projects.permissions import Perm, perms_of
from projects.selectors import portfolio
from projects.services import seen
from projects.views.base import SeeOther

MOST_PRINTED = 500


class Listing(SignedInMixin, View):
    signed_in = "lists only projects that the person's own roles open"
    http_method_names = ["get", "head", "options"]

    def find(self, asked: Asked) -> dict[str, Any]:
        """What the selector is asked."""
        return {
            "today": dates.today(self.request.user.time_zone),
            "person": self.request.user,
            **asked._asdict(),
        }


class Portfolio(Listing):
    def get(self, request: HttpRequest) -> HttpResponse:
        views = list(SavedView.objects.filter(person=request.user))
        if not request.GET and (preferred := next((view for view in views if view.is_default), None)):
            return redirect(preferred.get_absolute_url())
        asked = asked_in(request.GET)
        found = portfolio.of(standing.readable(request), page=request.GET.get("page", 1), **self.find(asked))
        return respond(request, "portal/portfolio.html", self.context(asked, found) | self.tabs(asked, views))

    def context(self, asked: Asked, found: portfolio.Portfolio) -> dict[str, Any]:
        states = [
            ("", _("All open")),
            ("behind", _("Behind plan")),
            ("late", _("Forecast after the audit")),
            ("overdue", _("With overdue tasks")),
            *((str(value), str(label)) for value, label in ProjectStatus.choices),
        ]
        consultants = [(str(one.pk), one.name) for one in found.chosen.consultants]
        if consultants:
            consultants.append((portfolio.NOBODY, _("Nobody in charge")))
        return {
            "portfolio": found,
            "shows": found.shows,
            "today": found.chosen.today,
            "asked": asked,
            "states": states,
            "consultants": consultants,
            "chosen": self.chosen(asked, dict(states), dict(consultants)),
            "rule": pace.RULE,
            "may_start": standing.here(self.request).may_start,
        }

    def chosen(self, asked: Asked, states: dict[str, str], consultants: dict[str, str]) -> list[dict[str, Any]]:
        """The filters in force, as chips that can be removed."""
        rows = [
            ("q", _("Search"), asked.q, asked.q),
            ("state", _("Show"), asked.state, states.get(asked.state, "")),
            ("consultant", _("Consultant"), asked.consultant, consultants.get(asked.consultant, _("somebody else"))),
            ("group", _("Grouped by"), asked.group, _("consultant")),
        ]
        return [{"name": n, "label": label, "value": v, "text": t} for n, label, v, t in rows if v]

    def tabs(self, asked: Asked, views: list[SavedView]) -> dict[str, Any]:
        """The person's views; the one that this address shows is marked, and anything else can be kept."""
        current = next((view for view in views if view.query == asked.query), None)
        return {"views": views, "current": current, "is_new": bool(asked.query) and current is None}


class Print(Listing):
    """The same list on paper: one table, all of its rows."""

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = asked_in(request.GET)
        found = portfolio.of(standing.readable(request), size=MOST_PRINTED, **self.find(asked))
        context = {"portfolio": found, "shows": found.shows, "today": found.chosen.today, "asked": asked}
        return respond(request, "portal/portfolio_print.html", context)


class Workbook(Listing):
    """The same list, filters and order as a spreadsheet: all rows of it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = self.find(asked_in(request.GET))
        chosen = portfolio.choose(standing.readable(request), **asked)
        return HttpResponse(
            workbook.portfolio(chosen.lines()),
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            headers={"Content-Disposition": f'attachment; filename="portfolio-{asked["today"]:%Y-%m-%d}.xlsx"'},
        )


class Seen(Listing):
    """Marks every project as seen whose journal the person may read."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        readable = standing.readable(request)
        seen.mark(person=request.user, projects=[o.pk for o in readable if Perm.VIEW_JOURNAL in perms_of(o.roles)])
        messages.success(request, _("Everything is marked as seen. New changes are counted from here."))
        return SeeOther(reverse("portal:portfolio"))
