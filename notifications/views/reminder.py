"""The page on which an organization says when its people are reminded, with what that means in days."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.generic import View

from notifications.forms.reminder import ReminderRuleForm
from notifications.selectors import reminder as selectors
from notifications.services import reminder as services
from projects.permissions import Perm
from projects.views.base import OrganizationView, SeeOther


class ReminderRules(OrganizationView, View):
    """One form for each sort of record; the field `kind` says which one was sent."""

    needs = (Perm.MANAGE_ORGANIZATION, Perm.MANAGE_PROJECT)
    http_method_names = ["get", "head", "options", "post"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        kind = request.POST.get("kind", "")
        ruled = next((one for one in selectors.of_organization(self.organization) if one.source.kind == kind), None)
        if ruled is None:
            messages.error(request, _("Say which reminders you want to set."))
            return self.page(status=422)
        form = ReminderRuleForm.of(ruled.rule, ruled.version, kind, request.POST)
        if form.is_valid() and form.carry_out(
            lambda: services.set_rule(
                organization=self.organization, kind=kind, version=form.cleaned_data["version"], by=request.user,
                rule=form.rule,
            )
        ):  # fmt: skip
            messages.success(request, _("Saved. It holds from the next morning on."))
            return SeeOther(request.path)
        return self.page(form, 422)

    def page(self, sent: ReminderRuleForm | None = None, status: int = 200) -> HttpResponse:
        week, today = selectors.week_of(self.organization), selectors.today_in(self.organization)
        parts = []
        for ruled in selectors.of_organization(self.organization):
            kind = ruled.source.kind
            form = (
                sent
                if sent is not None and sent.prefix == kind
                else ReminderRuleForm.of(ruled.rule, ruled.version, kind)
            )
            parts.append({"ruled": ruled, "form": form, "preview": selectors.preview(ruled.rule, week, today)})
        context = {"organization": self.organization, "perms_here": self.request.perms_here, "parts": parts}
        return render(self.request, "notifications/reminder_rules.html", context, status=status)
