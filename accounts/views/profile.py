"""The pages on which people look after themselves."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView, UpdateView

from accounts import hooks
from accounts.forms.profile import ProfileForm
from accounts.models import User
from accounts.models.user import Theme
from accounts.selectors import sessions as selectors
from accounts.services import sessions as services
from core.access_check import SignedInMixin, public


class Profile(SignedInMixin, UpdateView):
    signed_in = "everybody edits their own profile, nobody another's"
    form_class = ProfileForm
    template_name = "accounts/profile.html"
    success_url = reverse_lazy("accounts:profile")
    http_method_names = ["get", "head", "options", "post"]

    def get_object(self, queryset: Any = None) -> User:
        # A second copy: a refused form must not change who the rest of the page is about.
        return User.objects.get(pk=self.request.user.pk)

    def form_valid(self, form: ProfileForm) -> HttpResponse:
        hooks.tell_changed(form.save())
        with translation.override(form.instance.language):
            messages.success(self.request, _("Your profile is saved."))
        response = HttpResponseRedirect(self.get_success_url(), status=303)
        _remember(response, "theme", form.instance.theme)
        return _remember(response, settings.LANGUAGE_COOKIE_NAME, form.instance.language)

    def form_invalid(self, form: ProfileForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422 if self.request.htmx else 200)


class Sessions(SignedInMixin, TemplateView):
    signed_in = "everybody sees and ends their own sessions"
    template_name = "accounts/sessions.html"
    http_method_names = ["get", "head", "options", "post"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = selectors.of(self.request.user, current_key=self.request.session.session_key or "")
        return super().get_context_data(**kwargs) | {
            "open_sessions": rows,
            "others": sum(not row.is_this for row in rows),
            "events": selectors.latest_events(self.request.user),
            "idle_minutes": settings.SESSION_IDLE_MINUTES,
            "longest_hours": settings.SESSION_HOURS,
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ends one listed session (`session`), or all others."""
        which = request.POST.get("session", "")
        if which:
            ended = which.isdigit() and len(which) < 19
            ended = ended and services.end_session(user=request.user, key=int(which), by=request.user, request=request)
            if ended:
                messages.success(request, _("That session has ended."))
            else:
                messages.info(request, _("That session had ended already."))
        else:
            services.sign_out_everywhere(
                user=request.user, by=request.user, keep=request.session.session_key, request=request
            )
            messages.success(request, _("You are signed out everywhere but here."))
        return HttpResponseRedirect(request.path, status=303)


@public("choosing the language of the pages, signed in or not")
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keeps the language in a cookie and, for somebody signed in, in their profile; goes back to where it was asked."""
    wanted = request.POST.get("language", "")
    response = HttpResponseRedirect(_back(request), status=303)
    if wanted not in dict(settings.LANGUAGES) or not check_for_language(wanted):
        return response
    if request.user.is_authenticated and request.user.language != wanted:
        User.objects.filter(pk=request.user.pk).update(language=wanted)
    return _remember(response, settings.LANGUAGE_COOKIE_NAME, wanted)


@public("choosing light or dark, signed in or not")
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps the appearance in a cookie and, for somebody signed in, in their profile; goes back to where they were."""
    wanted = request.POST.get("theme", "")
    # The switch in the page's head sends it along from a script and has nowhere to go.
    response = HttpResponseRedirect(_back(request), status=303) if "next" in request.POST else HttpResponse(status=204)
    if wanted not in Theme.values:
        return response
    if request.user.is_authenticated and request.user.theme != wanted:
        User.objects.filter(pk=request.user.pk).update(theme=wanted)
    return _remember(response, "theme", wanted)


@public("leads to the profile, or to the door")
def start(request: HttpRequest) -> HttpResponse:
    return redirect("accounts:profile")


def _back(request: HttpRequest) -> str:
    """The page named by the form, if it is one of ours."""
    back = request.POST.get("next") or "/"
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}) else "/"


def _remember(response: HttpResponse, name: str, value: str) -> HttpResponse:
    response.set_cookie(
        name,
        value,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=name != "theme",  # the switch in the page's head writes that one itself
        samesite="Lax",
    )
    return response
