"""The one page on which people say what they are told, by what way and when."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from core.access_check import SignedInMixin
from notifications.forms.preference import PreferenceForm
from notifications.selectors import preference as selectors
from notifications.services import preference as services
from projects.views.base import SeeOther


class Preferences(SignedInMixin, View):
    signed_in = "everybody chooses what they are told themselves"
    http_method_names = ["get", "head", "options", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, PreferenceForm.of(request.user, selectors.of(request.user)))

    def post(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        form = PreferenceForm.of(person, selectors.of(person), request.POST)
        if form.is_valid() and form.carry_out(lambda: services.choose(person=person, by=person, **form.cleaned_data)):
            messages.success(request, _("Saved: from now on you are told like this."))
            return SeeOther(reverse("notifications:preferences"))
        return self._page(request, form, 422 if request.htmx else 200)

    def _page(self, request: HttpRequest, form: PreferenceForm, status: int = 200) -> HttpResponse:
        return render(request, "notifications/preferences.html", {"form": form}, status=status)
