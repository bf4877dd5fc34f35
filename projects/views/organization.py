"""An organization: its projects, its people, its firms; a consulting firm: its consultants and its clients."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from accounts.models import User
from core import dates
from projects import access
from projects.forms.organization import OrganizationForm
from projects.forms.team import EndForm
from projects.permissions import Perm
from projects.selectors import organization as selectors
from projects.selectors import team as team_selectors
from projects.services import team
from projects.views.base import OrganizationView, SeeOther


class Page(OrganizationView, View):
    def page(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        perms = self.request.perms_here
        return render(
            self.request,
            f"projects/organization/{template}",
            {"organization": self.organization, "perms_here": perms, **context},
            status=status,
        )


class Home(Page):
    needs = Perm.VIEW_ORGANIZATION
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, org: str) -> HttpResponse:
        here = self.organization
        projects = list(selectors.readable_projects(request.user, here))
        for project in projects:
            project.organization = here
        manages = Perm.MANAGE_ORGANIZATION in request.perms_here
        return self.page(
            "home.html",
            lines=selectors.lines(projects, dates.today(here.time_zone), with_last=False),
            members=[m for m in team_selectors.members_of(here) if not m.is_former],
            engagements=[] if here.is_firm else self.engagements(manages),
            clients=list(selectors.clients_of(here)) if here.is_firm else [],
            manages=manages,
            is_member=selectors.is_member(request.user, here),
        )

    def engagements(self, manages: bool) -> list[Any]:
        """The firms engaged here; each can be ended by the client's admin and by the firm's own."""
        found = team_selectors.firms_engaged(self.organization)
        own = set()
        if found and not manages:
            firms = access.organizations_with(self.request.user, Perm.MANAGE_ORGANIZATION)
            own = set(firms.exclude(team=None).values_list("team", flat=True))
        for grant in found:
            grant.may_end = manages or grant.group_id in own
        return found


class Settings(Page):
    needs = Perm.MANAGE_ORGANIZATION
    http_method_names = ["get", "head", "options", "post"]

    def get(self, request: HttpRequest, org: str) -> HttpResponse:
        return self.page("settings.html", form=OrganizationForm(organization=self.organization))

    def post(self, request: HttpRequest, org: str) -> HttpResponse:
        form = OrganizationForm(request.POST, organization=self.organization)
        if form.is_valid() and form.carry_out(
            lambda: team.edit_organization(organization=self.organization, by=request.user, values=form.cleaned_data)
        ):
            messages.success(request, _("Saved."))
            return SeeOther(request.path)
        return self.page("settings.html", 422, form=form)


class Leave(Page):
    """A person leaves a consulting firm, by themselves or because its admin says so; `pk` is the person."""

    needs = Perm.VIEW_ORGANIZATION
    http_method_names = ["get", "head", "options", "post"]

    def person(self) -> User:
        here = self.organization
        found = access.people_of(here).filter(pk=self.kwargs["pk"]).first() if here.is_firm else None
        if found is None or (found != self.request.user and Perm.MANAGE_ORGANIZATION not in self.request.perms_here):
            raise Http404
        return found

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page("leave.html", person=self.person(), form=EndForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        person, form = self.person(), EndForm(request.POST)
        if form.is_valid() and form.carry_out(
            lambda: team.leave_firm(
                firm=self.organization, user=person, by=request.user, reason=form.cleaned_data["reason"]
            )
        ):
            if person == request.user:
                messages.success(request, _("You have left %(firm)s.") % {"firm": self.organization})
                return SeeOther(reverse("portal:home"))
            messages.success(request, _("%(person)s has left the firm.") % {"person": person})
            return SeeOther(reverse("projects:organization-people", kwargs={"org": self.organization.slug}))
        return self.page("leave.html", 422, person=person, form=form)
