"""The entry grid of a risk workshop: rows saved one by one, and what others write meanwhile."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import nav
from core.htmx import asks_by_itself
from core.rules import RuleBroken, StaleRecord
from projects.addresses import address
from projects.flow import NotPermitted
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, project_access, shown
from risks.forms.workshop import RowForm
from risks.models import Risk
from risks.profiles import Discipline
from risks.selectors import register as lists
from risks.selectors import workshop as selectors
from risks.services import workshop as services

WRITES = (Perm.WRITE_OWN_RISKS, Perm.MANAGE_RISKS)


def _form(request: HttpRequest, data: Any, scale: dict[str, Any] | None) -> RowForm:
    return RowForm(
        data, people=people_of(request.project), scale=scale, is_manager=Perm.MANAGE_RISKS in request.perms_here
    )


def _save(request: HttpRequest, form: RowForm) -> Risk:
    said = form.cleaned_data
    return services.save_row(
        project=request.project, by=request.user, key=said["key"], values=form.values(), version=said["version"],
        number=said["number"],
    )  # fmt: skip


@project_access(WRITES)
@require_http_methods(["GET", "HEAD", "POST"])
def grid(request: HttpRequest) -> HttpResponse:
    """The grid; without scripts a plain form for one row, which posts here."""
    project = request.project
    scales = lists.Scales(project)
    scale = selectors.scale(scales.now)
    form = _form(request, request.POST if request.method == "POST" else None, scale)
    if form.is_bound and form.is_valid() and form.carry_out(lambda: _save(request, form)):
        shown(request, _("%(risk)s is saved.") % {"risk": form.result})
        return SeeOther(address("risks:workshop", **project.address))
    begun = timezone.now()
    rows = selectors.touched_last(project)
    context = {
        "project": project,
        "form": form,
        "scale": scale,
        "register": nav.address("risks:risk-list", **project.address),
        "categories": lists.categories_of(project),
        "rows": len(rows),
        "is_cut": len(rows) == selectors.SHOWN,
        "grid": {
            "place": f"{request.organization.slug}/{project.slug}",
            "row": address("risks:workshop-row", **project.address),
            "since": address("risks:workshop-since", **project.address),
            "moment": begun.isoformat(),
            "rows": selectors.told(rows, project, scales, user=request.user, held=request.perms_here),
            "scale": scale,
            "disciplines": [[key, str(label)] for key, label in Discipline.choices],
            "people": [[str(pk), person.name or person.email] for pk, person in form.people.items()],
            "me": str(request.user.pk),
            "me_name": request.user.name or request.user.email,
            "is_manager": Perm.MANAGE_RISKS in request.perms_here,
        },
        "grid_words": _words(),
    }
    return render(request, "risks/workshop/grid.html", context, status=422 if form.is_bound else 200)


@project_access(WRITES)
@require_POST
@never_cache
def row(request: HttpRequest) -> JsonResponse:
    """One row of the grid: 200 with the row as it is stored, 409 with the other's row, 422 with a sentence."""
    project = request.project
    scales = lists.Scales(project)
    form = _form(request, request.POST, selectors.scale(scales.now))
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        return JsonResponse({"error": str(errors[0]), "field": field}, status=422)

    def told(risk: Risk) -> dict[str, Any]:
        return selectors.told([risk], project, scales, user=request.user, held=request.perms_here)[0]

    try:
        saved = _save(request, form)
    except StaleRecord as stale:
        return JsonResponse({"error": stale.as_text, "row": told(stale.current)}, status=409)
    except NotPermitted as refusal:
        return JsonResponse({"error": refusal.as_text, "field": ""}, status=403)
    except RuleBroken as refusal:
        return JsonResponse({"error": refusal.as_text, "field": getattr(refusal, "field", "")}, status=422)
    return JsonResponse({"row": told(saved)})


@asks_by_itself
@project_access(WRITES)
@require_safe
@never_cache
def since(request: HttpRequest) -> JsonResponse:
    """What was written since `moment`; an open grid asks every few seconds."""
    asked = request.GET.get("moment", "")[:40]
    try:
        moment = parse_datetime(asked)
    except ValueError:
        moment = None
    if moment is None or timezone.is_naive(moment):
        moment = timezone.now() - dt.timedelta(minutes=5)
    news = selectors.since(request.project, moment)
    scales = lists.Scales(request.project) if news.rows else None
    rows = (
        selectors.told(news.rows, request.project, scales, user=request.user, held=request.perms_here) if scales else []
    )
    return JsonResponse({"moment": news.moment.isoformat(), "rows": rows, "token": get_token(request)})


def _words() -> dict[str, str]:
    """What the grid says, in the reader's language."""
    return {
        "saved": _("Saved"),
        "saving": _("Saving …"),
        "typing": _("Not saved yet"),
        "kept": _("Not saved yet – kept here"),
        "refused": _("Not saved: see below"),
        "conflict": _("Both of you changed this"),
        "by": _("by %(name)s"),
        "closed": _("Closed"),
        "other": _("%(risk)s was changed by %(name)s."),
        "added": _("%(name)s added %(risk)s."),
        "lost": _("No connection. %(n)s not saved yet, kept in this browser; saving goes on by itself."),
        "waiting": _("%(n)s not saved yet, kept in this browser."),
        "back": _("Everything is saved."),
        "restored": _("%(n)s not saved before; filled in again from this browser."),
        "signed-out": _(
            "You are signed out. Nothing is lost: sign in again in another tab, saving then goes on by itself."
        ),
        "forbidden": _("This was refused. Reload the page; what you typed is kept."),
        "no-storage": _("This browser keeps nothing: rows that are not saved yet are lost when the page is closed."),
        "sign-out": _("Rows are not saved yet. Signing out removes them from this browser. Sign out all the same?"),
        "old": _("Typed more than six days ago: look into the register first, then press Enter to save it."),
        "range": _("From 1 to %(most)s."),
        "mine": _("Keep mine"),
        "theirs": _("Take theirs"),
        "yours": _("Yours"),
        "of": _("By %(name)s"),
        "empty": _("empty"),
        "unrated": _("Not rated"),
        "nobody": _("Nobody yet"),
        "row": _("Row %(n)s"),
        "new": _("New row"),
    }
