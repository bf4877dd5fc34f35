"""Everybody's own work over all projects: in and out in two minutes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.generic import View

from core import dates
from core.access_check import SignedInMixin
from core.htmx import respond
from improvement.selectors import owed as owing
from portal.selectors import reading, standing, work
from projects.permissions import Role

TABS = ("mine", "role", "reading", "mentions")


class MyWork(SignedInMixin, View):
    signed_in = "lists only tasks of the person, or of a role the person holds"
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        here = standing.here(request)
        tab = request.GET.get("tab", "")
        tab = tab if tab in TABS else "mine"
        today = dates.today(user.time_zone)
        roles = [role for role in Role if role in here.roles]
        reach = work.reach_of(user, here)
        mine, waiting = work.by_name(reach), work.by_role(reach)
        page = request.GET.get("page", 1)
        context = {
            "tab": tab,
            "today": today,
            "is_contributor": here.works and not here.reads,
            "is_nobody": here.is_nobody,
            "roles": roles,
            "many": work.MANY,
            "published": reading.homes(user) if here.works and not here.reads else [],
        }
        to_read = reading.of(user, page if tab == "reading" else 1, is_short=tab != "reading")
        context |= {"to_read": to_read, "reading_count": to_read.total}
        owed = owing.by(user) if tab == "mine" and here.reads else []
        context["owed"] = owed
        if tab == "reading":
            context |= {"mine_count": work.some(mine), "role_count": work.some(waiting)}
        elif tab == "mentions":
            context |= {
                "mentions": work.mentions_of(user),
                "mine_count": work.some(mine),
                "role_count": work.some(waiting),
            }
        else:
            shown = work.page_of(mine if tab == "mine" else waiting, today, page)
            other = work.some(waiting if tab == "mine" else mine)
            context |= {
                "work": shown,
                "lead": work.words(
                    shown.total + to_read.total + len(owed),
                    shown.overdue + to_read.overdue + sum(1 for one in owed if one.is_late),
                )
                if tab == "mine"
                else "",
                "mine_count": shown.total if tab == "mine" else other,
                "role_count": other if tab == "mine" else shown.total,
            }
        return respond(request, "portal/work.html", context)
