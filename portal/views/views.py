"""A person's saved views of the portfolio: kept, renamed, deleted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from core.access_check import SignedInMixin
from portal.forms.view import ViewForm
from portal.models import SavedView
from portal.services import views as services
from portal.views.asked import asked_in
from projects.views.base import SeeOther


class Page(SignedInMixin, View):
    signed_in = "a person's own views; those of others are not found"
    http_method_names = ["get", "head", "post", "options"]

    def own(self) -> SavedView:
        found = SavedView.objects.filter(person=self.request.user, pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def page(self, form: ViewForm, status: int = 200, **context: Any) -> HttpResponse:
        return render(self.request, "portal/portfolio_view.html", {"form": form, **context}, status=status)


class Keep(Page):
    """The filters behind the address become a view."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(ViewForm(), query=asked_in(request.GET).query)

    def post(self, request: HttpRequest) -> HttpResponse:
        form, query = ViewForm(request.POST), asked_in(request.GET).query
        if form.is_valid() and form.carry_out(
            lambda: services.save(person=request.user, query=query, **form.cleaned_data)
        ):
            messages.success(request, _("The view is saved."))
            return SeeOther(form.result.get_absolute_url())
        return self.page(form, 422, query=query)


class Change(Page):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = self.own()
        return self.page(ViewForm(initial={"name": view.name, "is_default": view.is_default}), view=view)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        view, form = self.own(), ViewForm(request.POST)
        if form.is_valid() and form.carry_out(lambda: services.change(view=view, **form.cleaned_data)):
            messages.success(request, _("The view is saved."))
            return SeeOther(view.get_absolute_url())
        return self.page(form, 422, view=self.own())


class Delete(Page):
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        services.delete(view=self.own())
        messages.success(request, _("The view is deleted. The projects are not affected."))
        return SeeOther(reverse("portal:portfolio") + "?view=all")
