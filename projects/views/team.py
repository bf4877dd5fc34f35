"""Who belongs to a project or an organization, as what and until when; the table of what each role may do.

The same pages serve both: `ProjectView` or `OrganizationView` loads the scope, everything else is shared.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from projects.forms.team import ChangeEndForm, EndForm, GiveForm, InviteForm, roles_to_give, roles_to_invite
from projects.models import Task
from projects.permissions import Perm, Role
from projects.selectors import team as selectors
from projects.services import team
from projects.views.base import OrganizationView, ProjectView, SeeOther, answer

FORM_METHODS = ["get", "head", "options", "post"]


class OfProject(ProjectView):
    """Pages under …/team/."""

    list_name = "projects:team"

    @property
    def scope(self) -> Any:
        return self.project

    @property
    def address(self) -> dict[str, str]:
        return self.project.address


class OfOrganization(OrganizationView):
    """The same under /org/<org>/people/."""

    list_name = "projects:organization-people"

    @property
    def scope(self) -> Any:
        return self.organization

    @property
    def address(self) -> dict[str, str]:
        return {"org": self.organization.slug}


class TeamPage(View):
    """What the pages of both scopes share."""

    def to(self, name: str, **more: Any) -> str:
        return reverse(f"{self.list_name}{name}", kwargs={**self.address, **more})

    def page(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        return render(
            self.request,
            template,
            {
                "scope": self.scope,
                "project": getattr(self, "project", None),
                "organization": self.request.organization,
                "perms_here": self.request.perms_here,
                "list_url": self.to(""),
                **context,
            },
            status=status,
        )


# ---- the list ----------------------------------------------------------------------------------------------------


class People(TeamPage):
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        perms = request.perms_here
        writes = bool(perms & {Perm.MANAGE_TEAM, Perm.MANAGE_ORGANIZATION, Perm.INVITE})
        members = selectors.members_of(self.scope)
        manages = self.manages(perms)
        for member in members:
            for holding in member.holdings:
                holding.url = self.edit_url(holding, perms)
        return self.page(
            "projects/team/list.html",
            members=[m for m in members if not m.is_former],
            former=[m for m in members if m.is_former] if manages else [],
            invitations=[self.dressed(one) for one in selectors.invitations_of(self.scope)] if writes else [],
            may_invite=bool(roles_to_invite(request.user, self.scope, perms)) if writes else False,
            may_give=bool(roles_to_give(request.user, self.scope, perms)) if manages else False,
            invite_url=self.to("-invite"),
            give_url=self.to("-give"),
            **self.more(),
        )

    def manages(self, perms: Any) -> bool:
        return Perm.MANAGE_TEAM in perms

    def more(self) -> dict[str, Any]:
        return {}

    def dressed(self, invitation: Any) -> Any:
        """The invitation with its buttons, where this person may press them."""
        if team.may_handle(self.request.user, invitation, self.request.perms_here):
            invitation.resend_url = self.to("-resend", pk=invitation.pk)
            invitation.revoke_url = self.to("-revoke", pk=invitation.pk)
        return invitation

    def edit_url(self, holding: Any, perms: Any) -> str:
        raise NotImplementedError


class ProjectPeople(OfProject, People):
    needs = Perm.VIEW_TEAM

    def edit_url(self, holding: Any, perms: Any) -> str:
        if holding.kind in {"project", "firm-project"} and Perm.MANAGE_TEAM in perms:
            return self.to("-role", kind=holding.kind, pk=holding.pk)
        if holding.kind in {"organization", "firm"} and Perm.MANAGE_ORGANIZATION in perms:
            return reverse("projects:organization-people", kwargs={"org": self.project.organization.slug})
        return ""

    def more(self) -> dict[str, Any]:
        organization = self.project.organization
        may = Perm.INVITE in self.request.perms_here and not organization.is_firm
        may = may and team.may_invite(self.request.user, Role.CLIENT_ADMIN, organization)
        return {"may_name_admin": may and not team.has_client_admin(organization)}


class OrganizationPeople(OfOrganization, People):
    needs = Perm.VIEW_ORGANIZATION

    def manages(self, perms: Any) -> bool:
        return Perm.MANAGE_ORGANIZATION in perms

    def edit_url(self, holding: Any, perms: Any) -> str:
        if Perm.MANAGE_ORGANIZATION not in perms:
            return ""
        if holding.kind in {"project", "firm-project"}:
            return reverse(
                "projects:team-role", kwargs={**holding.scope.address, "kind": holding.kind, "pk": holding.pk}
            )
        return self.to("-role", kind=holding.kind, pk=holding.pk)


# ---- inviting and giving -----------------------------------------------------------------------------------------


class Invite(TeamPage):
    http_method_names = FORM_METHODS
    first_admin = False

    def form(self, data: Any = None) -> InviteForm:
        form = InviteForm(data, by=self.request.user, scope=self.scope)
        if len(form.fields["role"].choices) == 1:
            raise PermissionDenied(_("You may not invite people here."))
        return form

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page("projects/team/invite.html", form=self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if form.is_valid() and form.send():
            messages.success(request, _("%(email)s is invited; the mail is on its way.") % {"email": form.result.email})
            return SeeOther(self.to("-invite") if "another" in request.POST else self.to(""))
        return self.page("projects/team/invite.html", 422, form=form)


class ProjectInvite(OfProject, Invite):
    needs = Perm.INVITE


class OrganizationInvite(OfOrganization, Invite):
    needs = Perm.INVITE


class Give(TeamPage):
    http_method_names = FORM_METHODS

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page("projects/team/give.html", form=GiveForm(by=request.user, scope=self.scope))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = GiveForm(request.POST, by=request.user, scope=self.scope)
        if form.is_valid() and form.give():
            messages.success(
                request,
                _("%(person)s is now %(role)s.")
                % {"person": form.cleaned_data["person"], "role": Role(form.cleaned_data["role"]).label},
            )
            return SeeOther(self.to(""))
        return self.page("projects/team/give.html", 422, form=form)


class ProjectGive(OfProject, Give):
    needs = Perm.MANAGE_TEAM


class OrganizationGive(OfOrganization, Give):
    needs = Perm.MANAGE_ORGANIZATION


# ---- one role ----------------------------------------------------------------------------------------------------


class RolePage(TeamPage):
    """Two forms: another end date, or the end now (`do` says which)."""

    http_method_names = FORM_METHODS

    def grant(self) -> Any:
        found = selectors.grant_of(self.scope, self.kwargs["kind"], self.kwargs["pk"])
        if found is None:
            raise Http404
        holder = getattr(found, "user", None) or found.group
        if not team.may_end(self.request.user, found.role, self.scope, holder):
            raise PermissionDenied(_("You may not change this role."))
        return found

    def show(self, grant: Any, change: Any, end: Any, status: int = 200) -> HttpResponse:
        person = getattr(grant, "user", None)
        holder = person or grant.group.firm
        context = {"grant": grant, "role": grant.role, "holder": holder, "change": change, "end": end}
        if person is not None and getattr(self, "project", None) is not None:
            context["open_tasks"] = Task.objects.filter(project=self.project, assignee=person, is_open=True).count()
        return self.page("projects/team/role.html", status, **context)

    def change_form(self, grant: Any, data: Any = None) -> ChangeEndForm | None:
        """None for firms, whose engagement has no end date, and for one's own role."""
        if getattr(grant, "user", None) in (None, self.request.user):
            return None
        if not isinstance(self.scope, type(self.request.organization)) or not self.scope.is_firm:
            return ChangeEndForm(data, grant=grant, by=self.request.user, prefix="change")
        return None

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        grant = self.grant()
        return self.show(grant, self.change_form(grant), EndForm(prefix="end"))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        grant = self.grant()
        if request.POST.get("do") == "change" and (change := self.change_form(grant, request.POST)):
            if change.is_valid() and change.change():
                messages.success(request, _("The end of the role is changed."))
                return SeeOther(self.to(""))
            return self.show(grant, change, EndForm(prefix="end"), 422)
        end = EndForm(request.POST, prefix="end")
        is_own = (
            grant.user == request.user
            if hasattr(grant, "user_id")
            else request.user.groups.filter(pk=grant.group_id).exists()
        )
        if end.is_valid() and end.carry_out(
            lambda: team.end(grant=grant, by=request.user, reason=end.cleaned_data["reason"])
        ):
            messages.success(request, _("The role has ended."))
            # Who laid down an own role may not belong here any more: home knows where they belong.
            return SeeOther(reverse("portal:home") if is_own else self.to(""))
        return self.show(grant, self.change_form(grant), end, 422)


class ProjectRole(OfProject, RolePage):
    needs = Perm.MANAGE_TEAM


class OrganizationRole(OfOrganization, RolePage):
    needs = (Perm.MANAGE_ORGANIZATION, Perm.VIEW_ORGANIZATION)


# ---- invitations -------------------------------------------------------------------------------------------------


class InvitationMove(TeamPage):
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        invitation = selectors.invitation_of(self.scope, kwargs["pk"])
        if invitation is None:
            raise Http404
        return answer(
            request,
            lambda: self.change(invitation),
            back=self.to(""),
            done=self.done % {"email": invitation.email},
        )

    done = ""

    def change(self, invitation: Any) -> Any:
        raise NotImplementedError


class Resend(InvitationMove):
    @property
    def done(self) -> str:
        return _("Sent again to %(email)s. The earlier link no longer works.")

    def change(self, invitation: Any) -> Any:
        return team.resend(invitation=invitation, by=self.request.user)


class Revoke(InvitationMove):
    @property
    def done(self) -> str:
        return _("The invitation of %(email)s is withdrawn.")

    def change(self, invitation: Any) -> Any:
        return team.revoke(invitation=invitation, by=self.request.user)


class ProjectResend(OfProject, Resend):
    needs = Perm.INVITE


class ProjectRevoke(OfProject, Revoke):
    needs = Perm.INVITE


class OrganizationResend(OfOrganization, Resend):
    needs = Perm.INVITE


class OrganizationRevoke(OfOrganization, Revoke):
    needs = Perm.INVITE


# ---- the table ---------------------------------------------------------------------------------------------------


class RoleTable(OfProject, TeamPage):
    needs = (Perm.VIEW_PROJECT, Perm.VIEW_TEAM, Perm.VIEW_OWN_WORK)
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(
            "projects/team/roles.html",
            roles=[(role, role in request.roles_here) for role in Role],
            rows=selectors.role_table(),
        )
