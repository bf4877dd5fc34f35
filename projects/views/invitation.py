"""Accepting an invitation: the way in for somebody new, one button for somebody known.

The secret of the link stays out of other addresses: who has to sign in first finds the invitation again through the
session, and no page here says more to another site than where it comes from.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from accounts.models import User
from accounts.services import people
from core.rules import RuleBroken
from projects import access
from projects.forms.invitation import SetUpForm
from projects.models import Invitation
from projects.permissions import Perm
from projects.services import team
from projects.views.base import SeeOther

REMEMBERED = "invitation"
GONE = 410


class Accept(View):
    public = "the link in the mail is the proof; it opens nothing but its own invitation"
    http_method_names = ["get", "head", "options", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().dispatch(request, *args, **kwargs)
        response["Referrer-Policy"] = "strict-origin"  # never the path, which is the secret
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    # ---- the page ----------------------------------------------------------------------------------------------

    def get(self, request: HttpRequest, token: str = "") -> HttpResponse:
        return self.page(team.invitation_behind(self.secret(token)))

    def secret(self, token: str) -> str:
        return token or self.request.session.get(REMEMBERED, "")

    def page(self, invitation: Invitation | None, form: SetUpForm | None = None, problem: str = "") -> HttpResponse:
        situation = self.situation_of(invitation)
        if situation == "new" and form is None:
            form = SetUpForm(email=invitation.email, initial={"name": invitation.name})
        status = 200
        if situation == "unknown":
            status = 404
        elif situation in {"accepted", "revoked", "expired", "closed"}:
            status = GONE
        elif (form is not None and form.is_bound) or problem:
            status = 422
        context = {"invitation": invitation, "situation": situation, "form": form, "problem": problem}
        return render(self.request, "projects/invitation/accept.html", context, status=status)

    def situation_of(self, invitation: Invitation | None) -> str:
        """Which of the page's sentences is true: unknown, accepted, revoked, expired, closed, mine, other, new, known."""
        if invitation is None:
            return "unknown"
        if not invitation.is_waiting:
            return invitation.state
        if not invitation.organization.is_active:
            return "closed"
        user = self.request.user
        if user.is_authenticated:
            return "mine" if user.email == invitation.email else "other"
        known = User.objects.filter(email=invitation.email).first()
        return "new" if known is None or people.has_to_set_up(known) else "known"

    # ---- what can be pressed -----------------------------------------------------------------------------------

    def post(self, request: HttpRequest, token: str = "") -> HttpResponse:
        secret = self.secret(token)
        invitation = team.invitation_behind(secret)
        situation = self.situation_of(invitation)
        if situation == "other" and "leave" in request.POST:
            logout(request)
            return self.to_sign_in(secret, invitation)
        if situation == "known":
            return self.to_sign_in(secret, invitation)
        if situation == "mine":
            return self.accept(invitation)
        if situation == "new":
            return self.set_up(invitation)
        return self.page(invitation)

    def to_sign_in(self, secret: str, invitation: Invitation) -> HttpResponse:
        self.request.session[REMEMBERED] = secret
        query = urlencode({"next": reverse("projects:invitation-open"), "email": invitation.email})
        return SeeOther(f"{reverse('account_login')}?{query}")

    def accept(self, invitation: Invitation) -> HttpResponse:
        try:
            team.accept(invitation=invitation, user=self.request.user)
        except RuleBroken as refusal:
            invitation.refresh_from_db()
            return self.page(invitation, problem=refusal.as_text)
        self.request.session.pop(REMEMBERED, None)
        self.welcome(invitation)
        return SeeOther(self.destination(invitation, self.request.user))

    def set_up(self, invitation: Invitation) -> HttpResponse:
        form = SetUpForm(self.request.POST, email=invitation.email)
        if not form.is_valid() or not form.carry_out(lambda: self.join(invitation, form.cleaned_data)):
            invitation.refresh_from_db()
            return self.page(invitation, form)
        self.welcome(invitation)
        user = form.result
        answer = people.sign_in_invited(self.request, user=user, redirect_to=self.destination(invitation, user))
        if isinstance(answer, HttpResponseRedirect):
            answer.status_code = 303
        return answer

    @transaction.atomic
    def join(self, invitation: Invitation, said: dict[str, str]) -> User:
        """The account and the role together, or neither."""
        organization = invitation.organization
        user, _is_new = people.find_or_create_invited(
            email=invitation.email,
            name=said["name"],
            language=organization.language,
            time_zone=organization.time_zone,
        )
        people.set_up_account(user=user, name=said["name"], password=said["password"])
        team.accept(invitation=invitation, user=user)
        return user

    def welcome(self, invitation: Invitation) -> None:
        messages.success(
            self.request,
            _("Welcome. In %(scope)s you are %(role)s.")
            % {"scope": invitation.project or invitation.organization, "role": invitation.get_role_display()},
        )

    @staticmethod
    def destination(invitation: Invitation, user: User) -> str:
        """The project for who reads it; everybody else begins where they always begin."""
        project = invitation.project
        if project is not None and access.can(user, Perm.VIEW_PROJECT, project):
            return project.get_absolute_url()
        return reverse("portal:home")
