"""How every page of a tenant begins: load the scope, ask the grants once, let in or turn away.

A stranger to the organization or project gets 404, as if it did not exist; a member without the permission gets 403.
What was loaded stays on the request: `request.organization`, `request.project`, `request.roles_here`,
`request.perms_here` (also in templates as `perms_here`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from accounts.models import Organization
from core.rules import RuleBroken
from projects import access
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Perm, Role, perms_of

Needs = Perm | tuple[Perm, ...]


class SeeOther(HttpResponseRedirect):
    """303: after a POST the browser gets the record with GET, and a reload posts nothing twice."""

    status_code = 303


def _holds(held: frozenset[Perm], needs: Needs) -> bool:
    return bool(held & set(needs)) if isinstance(needs, tuple) else needs in held


def _label(roles: frozenset[Role]) -> str:
    return ", ".join(str(role.label) for role in Role if role in roles)


def enter_project(request: HttpRequest, org: str, project: str, needs: Needs) -> Project:
    """Loads a project for this request in two queries. Raises Http404 for strangers, PermissionDenied for members."""
    found = (
        Project.objects.select_related("organization", "catalogue", "manager")
        .filter(organization__slug=org, slug=project)
        .first()
    )
    roles = access.roles_of(request.user, found) if found else frozenset()
    if not roles:
        raise Http404
    access.remember(request.user, found, roles)
    request.project, request.organization = found, found.organization
    request.roles_here, request.perms_here, request.role_label = roles, perms_of(roles), _label(roles)
    if not _holds(request.perms_here, needs):
        raise PermissionDenied
    return found


def enter_organization(request: HttpRequest, org: str, needs: Needs) -> Organization:
    """The same for an organization; who only belongs to one of its projects is a member without permission."""
    found = Organization.objects.filter(slug=org).first()
    roles = access.roles_of(request.user, found) if found else frozenset()
    if not found or not (roles or access.organizations_of(request.user).filter(pk=found.pk).exists()):
        raise Http404
    request.organization = found
    request.roles_here, request.perms_here, request.role_label = roles, perms_of(roles), _label(roles)
    if not _holds(request.perms_here, needs):
        raise PermissionDenied
    return found


class ScopedView:
    """What views of a project and of an organization share; set `needs` to a Perm, or to several of which one will do."""

    needs: Needs

    def enter(self, request: HttpRequest) -> None:
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        self.enter(request)
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotPermitted as refusal:
            raise PermissionDenied(refusal.as_text) from refusal


class ProjectView(ScopedView):
    """Mixin for class-based views under /org/<org>/<project>/."""

    def enter(self, request: HttpRequest) -> None:
        self.project = enter_project(request, self.kwargs["org"], self.kwargs["project"], self.needs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # A TemplateView hands over the parts of its address, the slug of the project among them.
        return super().get_context_data(**{**kwargs, "project": self.project, "perms_here": self.request.perms_here})


class OrganizationView(ScopedView):
    """Mixin for class-based views under /org/<org>/."""

    def enter(self, request: HttpRequest) -> None:
        self.organization = enter_organization(request, self.kwargs["org"], self.needs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        here = {"organization": self.organization, "perms_here": self.request.perms_here}
        return super().get_context_data(**{**kwargs, **here})


def _access(needs: Needs, enter: Callable) -> Callable:
    def mark(view: Callable) -> Callable:
        @wraps(view)
        def guarded(request: HttpRequest, org: str, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            kwargs = enter(request, org, kwargs)
            try:
                return view(request, *args, **kwargs)
            except NotPermitted as refusal:
                raise PermissionDenied(refusal.as_text) from refusal

        guarded.needs = needs
        return guarded

    return mark


def project_access(needs: Needs) -> Callable:
    """For function views of a project: `view(request, **the other parts of the address)`, with `request.project`."""

    def enter(request: HttpRequest, org: str, kwargs: dict) -> dict:
        enter_project(request, org, kwargs.pop("project"), needs)
        return kwargs

    return _access(needs, enter)


def organization_access(needs: Needs) -> Callable:
    """For function views of an organization: `view(request, …)`, with `request.organization`."""

    def enter(request: HttpRequest, org: str, kwargs: dict) -> dict:
        enter_organization(request, org, needs)
        return kwargs

    return _access(needs, enter)


def answer(
    request: HttpRequest, change: Callable[[], Any], *, back: str | Callable[[Any], str], done: str = ""
) -> HttpResponse:
    """Calls a service for a POST without a form: says what happened, or the rule that was broken, and goes `back` (303).

    `back` is an address, or makes one from what the service returned. NotPermitted passes on and becomes 403.
    """
    result = None
    try:
        result = change()
    except NotPermitted:
        raise
    except RuleBroken as refusal:
        messages.error(request, refusal.as_text)
    else:
        if done:
            messages.success(request, done)
    return SeeOther(back if isinstance(back, str) else back(result))


def shown(request: HttpRequest, text: str = "") -> None:
    """A message of success for the next page."""
    messages.success(request, text or _("Saved."))
