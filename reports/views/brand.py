"""How an organization looks in its reports and mails, and how long it keeps them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.selectors import brand as selectors
from projects.permissions import Perm
from projects.views.base import SeeOther, organization_access
from reports.forms.brand import ColorForm, KeepingForm, LogoForm
from reports.selectors import report as reports
from reports.services import brand as services
from reports.services import report as report_services


@organization_access(Perm.MANAGE_ORGANIZATION)
@require_http_methods(["GET", "HEAD", "POST"])
def brand(request: HttpRequest) -> HttpResponse:
    """Logo, colour and retention: three small forms, told apart by their button."""
    here, what = request.organization, request.POST.get("what", "")
    forms = {
        "logo": LogoForm(*((request.POST, request.FILES) if what == "logo" else ())),
        "color": ColorForm(request.POST if what == "color" else None, initial={"color": selectors.color_of(here)}),
        "keeping": KeepingForm(request.POST if what == "keeping" else None, days=reports.keep_days(here)),
    }
    if request.method == "POST":
        if what == "no_logo":
            services.remove_logo(organization=here, by=request.user)
            messages.success(request, _("The logo was removed."))
            return SeeOther(request.path)
        form = forms.get(what)
        if form is not None and form.is_valid() and form.carry_out(lambda: CHANGES[what](request, form.cleaned_data)):
            messages.success(request, form.result or _("Saved."))
            return SeeOther(request.path)
    context = {
        "organization": here,
        "perms_here": request.perms_here,
        **{f"{name}_form": f for name, f in forms.items()},
    }
    return render(request, "reports/brand/form.html", context, status=422 if request.method == "POST" else 200)


def _logo(request: HttpRequest, data: dict[str, Any]) -> str:
    services.set_logo(organization=request.organization, upload=data["file"], by=request.user)
    return _("The logo was saved.")


def _color(request: HttpRequest, data: dict[str, Any]) -> str:
    used = services.set_color(organization=request.organization, color=data["color"], by=request.user)
    if used != data["color"]:
        return _("White text could not be read on %(chosen)s; its darker shade %(used)s is used.") % {
            "chosen": data["color"],
            "used": used,
        }
    return _("The colour was saved.")


def _keeping(request: HttpRequest, data: dict[str, Any]) -> str:
    report_services.keep_for(organization=request.organization, days=data["days"], by=request.user)
    return ""


CHANGES: dict[str, Callable[[HttpRequest, dict[str, Any]], str]] = {
    "logo": _logo,
    "color": _color,
    "keeping": _keeping,
}


@organization_access(Perm.VIEW_ORGANIZATION)
@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """The logo, to those who may see the organization; an answer that no cache shares."""
    found = selectors.logo_of(request.organization)
    if found is None:
        raise Http404
    response = HttpResponse(found[0], content_type=found[1])
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
