"""The inventory of what is at risk, and one asset, process or activity of it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import once
from core.htmx import respond
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, project_access, shown
from risks.forms.asset import AssetEditForm, AssetFilter, AssetForm, RetireForm
from risks.models import Asset, AssetKind
from risks.selectors import asset as selectors
from risks.selectors import page as pages
from risks.selectors import register as lists
from risks.selectors import risk as risks
from risks.services import asset as services

from .register import WRITERS, may_add

PAGE = 50


def home(request: HttpRequest) -> str:
    return reverse("risks:asset-list", kwargs=request.project.address)


def found(request: HttpRequest, number: str) -> Asset:
    """The asset of this address. Raises Http404."""
    asset = risks.asset(request.project, number)
    if asset is None:
        raise Http404
    return asset


def writable(request: HttpRequest, number: str) -> Asset:
    """The asset of this address, for who may write it. Raises Http404, PermissionDenied."""
    asset = found(request, number)
    if not services.may_write(request.user, asset, request.perms_here):
        raise PermissionDenied
    return asset


@project_access(Perm.VIEW_RISKS)
@require_safe
def inventory(request: HttpRequest) -> HttpResponse:
    project = request.project
    chosen = AssetFilter(request.GET, people=people_of(project))
    rows = selectors.narrowed(selectors.of(project), chosen.wanted, user=request.user, people=chosen.people)
    rows = selectors.in_order(rows, chosen.wanted.get("sort", ""))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page", "")[:9])
    context: dict[str, Any] = {
        "project": project,
        "filter": chosen,
        "chosen": chosen.chosen,
        "page": page,
        "rows": selectors.dressed(page.object_list, project, chosen.people),
        "may_add": may_add(request),
        "query": request.GET.urlencode(),
    }
    if not context["rows"]:
        context["has_any"] = selectors.has_any(project)
    return respond(request, "risks/asset/list.html", context)


@project_access(Perm.VIEW_RISKS)
@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    asset = found(request, number)
    if number != asset.label:
        return HttpResponseRedirect(asset.get_absolute_url())
    selectors.dressed([asset], request.project, people_of(request.project))
    scales = lists.Scales(request.project)
    may_write = services.may_write(request.user, asset, request.perms_here)
    context = {
        "project": request.project,
        "asset": asset,
        "properties": selectors.properties_of(asset),
        "risks": lists.dressed(selectors.risks_of(asset), request.project, scales),
        "most": selectors.MOST_SHOWN,
        "told": pages.story_of(asset, request.perms_here),
        "may_write": may_write and not asset.is_retired,
        "may_add": may_add(request) and not asset.is_retired,
    }
    return render(request, "risks/asset/detail.html", context)


@project_access(WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    shared = {"people": people_of(request.project), "may_manage": Perm.MANAGE_RISKS in request.perms_here}
    if request.method == "POST":
        form = AssetForm(request.POST, **shared)
        if form.is_valid() and form.carry_out(lambda: _add(request, form)):
            shown(request, _("The asset is in the inventory."))
            return SeeOther(form.result)
    else:
        kind = request.GET.get("kind", "")
        first = {"kind": kind if kind in AssetKind.values else "", "owner": str(request.user.pk)}
        form = AssetForm(initial=first, **shared)
    context = {"project": request.project, "form": form, "asset": None, "back": home(request)}
    return render(request, "risks/asset/form.html", context, status=422 if request.method == "POST" else 200)


def _add(request: HttpRequest, form: AssetForm) -> str:
    """Adds it once, however often the form is sent; returns where it is."""
    return once.carry_out(
        form.cleaned_data["once"],
        person=request.user,
        change=lambda: services.create(project=request.project, by=request.user, values=form.values),
        address=lambda made: made.get_absolute_url(),
    )


@project_access(WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    asset = writable(request, number)
    shared = {
        "people": people_of(request.project), "asset": asset, "may_manage": Perm.MANAGE_RISKS in request.perms_here,
    }  # fmt: skip
    conflict: list[dict[str, str]] = []
    if request.method == "POST":
        form = AssetEditForm(request.POST, **shared)
        if form.is_valid() and form.carry_out(
            lambda: services.change(
                asset=asset, by=request.user, version=form.cleaned_data["version"], values=form.values
            )
        ):
            shown(request)
            return SeeOther(asset.get_absolute_url())
        conflict = form.conflict_rows()
        form.take_over()
    else:
        form = AssetEditForm(initial=AssetEditForm.initial_of(asset), **shared)
    context = {
        "project": request.project,
        "form": form,
        "asset": asset,
        "back": asset.get_absolute_url(),
        "conflict": conflict,
        "saved_at": form.conflict.updated_at if form.conflict is not None else None,
    }
    return render(request, "risks/asset/form.html", context, status=422 if request.method == "POST" else 200)


@project_access(WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def retire(request: HttpRequest, number: str) -> HttpResponse:
    """Takes an asset out of the inventory; it stays in the risks that name it."""
    asset = writable(request, number)
    form = RetireForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.carry_out(
        lambda: services.retire(asset=asset, by=request.user, reason=form.cleaned_data["reason"])
    ):  # fmt: skip
        shown(request, _("%(asset)s is retired.") % {"asset": asset.label})
        return SeeOther(asset.get_absolute_url())
    context = {
        "project": request.project, "asset": asset, "form": form, "back": asset.get_absolute_url(),
        "risks": selectors.risks_of(asset),
    }  # fmt: skip
    return render(request, "risks/asset/retire.html", context, status=422 if request.method == "POST" else 200)
