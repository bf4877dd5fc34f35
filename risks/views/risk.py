"""One risk: its page, its line, its ratings, its reviews and its moves."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import dates, once
from core.htmx import respond
from core.rules import RuleBroken
from projects.forms.task import ReasonForm
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, answer, project_access, shown
from risks import levels, profiles, risk_panels
from risks.flows import RISK
from risks.forms.register import MOST_ASSETS, RateForm, ReviewedForm, RiskEditForm, RiskForm
from risks.models import RatingKind, Risk
from risks.profiles import Discipline
from risks.selectors import asset as assets
from risks.selectors import page as pages
from risks.selectors import register as lists
from risks.selectors import risk as selectors
from risks.services import rating as ratings
from risks.services import risk as services

from .register import WRITERS, home


def found(request: HttpRequest, number: str) -> Risk:
    """The risk of this address. Raises Http404."""
    risk = selectors.one(request.project, number)
    if risk is None:
        raise Http404
    return risk


def writable(request: HttpRequest, number: str) -> Risk:
    """The risk of this address, for who may write it. Raises Http404, PermissionDenied."""
    risk = found(request, number)
    if not services.may_write(request.user, risk, request.perms_here):
        raise PermissionDenied
    return risk


@project_access(Perm.VIEW_RISKS)
@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    risk = found(request, number)
    if number != risk.label:
        return HttpResponseRedirect(risk.get_absolute_url())
    today = dates.today(request.organization.time_zone)
    may_write = services.may_write(request.user, risk, request.perms_here)
    page = pages.of(risk, today, may_write=may_write)
    lists.dressed([risk], request.project, page.scales)
    base = risk.get_absolute_url()
    moves = [
        (move, f"{base}move/{move.name}/")
        for move in RISK.possible(risk.status, request.perms_here)
        if may_write and (move.guard is None or move.guard(risk, request.user) is None)
    ]
    context = {
        "project": request.project,
        "risk": risk,
        "page": page,
        "profile": profiles.of(risk.discipline),
        "today": today,
        "may_write": may_write,
        "may_rate": may_write and risk.is_open and page.scales.in_force is not None,
        "main_move": next((one for one in moves if one[0].is_main), None),
        "moves": [one for one in moves if not one[0].is_main],
        "panels": risk_panels.of(risk, request),
        "told": pages.story_of(risk, request.perms_here),
        "base": base,
    }
    return render(request, "risks/risk/detail.html", context)


# ---- its line -----------------------------------------------------------------------------------------------------


def _shared(request: HttpRequest, risk: Risk | None = None) -> dict[str, Any]:
    """What the form chooses from. Two queries."""
    return {
        "people": people_of(request.project),
        "offered": list(assets.offered(request.project, risk)[:MOST_ASSETS]),
        "may_manage": Perm.MANAGE_RISKS in request.perms_here,
        "risk": risk,
    }


def _form_page(request: HttpRequest, form: Any, status: int, **more: Any) -> HttpResponse:
    context = {
        "project": request.project, "form": form, "categories": lists.categories_of(request.project),
        "conflict": [], "saved_at": None, "asset_create": reverse("risks:asset-create", kwargs=request.project.address),
        **more,
    }  # fmt: skip
    return respond(request, "risks/risk/form.html", context, fragment="risks/risk/_profile.html", status=status)


def _only_shows(request: HttpRequest) -> bool:
    """Whether another discipline was chosen: its fields are shown, nothing is saved."""
    return request.method == "POST" and ("show" in request.POST or "show" in request.GET)


@project_access(WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Takes up a risk or an opportunity. Choosing a discipline comes back with its fields and everything typed."""
    shared, context = _shared(request), {"risk": None, "back": home(request)}
    if request.method != "POST":
        wanted = request.GET.get("discipline", "")
        first = {
            "discipline": wanted if wanted in Discipline.values else Discipline.GENERAL,
            "title": request.GET.get("title", "")[:200], "owner": str(request.user.pk),
            "assets": [str(one.pk) for one in shared["offered"] if one.label in request.GET.getlist("asset")],
        }  # fmt: skip
        return _form_page(request, RiskForm(initial=first, **shared), 200, **context)
    form = RiskForm(request.POST, **shared)
    if _only_shows(request):
        return _form_page(request, _unjudged(form), 200, **context)
    if form.is_valid() and form.carry_out(lambda: _take_up(request, form)):
        shown(request, _("The risk is in the register."))
        return SeeOther(form.result)
    return _form_page(request, form, 422, **context)


def _unjudged(form: Any) -> Any:
    """The form with everything typed and no word about what is still missing."""
    form._errors = {}
    return form


def _take_up(request: HttpRequest, form: RiskForm) -> str:
    """Takes it up once, however often the form is sent; returns where it is."""
    return once.carry_out(
        form.cleaned_data["once"],
        person=request.user,
        change=lambda: services.create(
            project=request.project, by=request.user, values=form.values, assets=form.chosen_assets
        ),
        address=lambda made: made.get_absolute_url(),
    )


@project_access(WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    risk = writable(request, number)
    shared, context = _shared(request, risk), {"risk": risk, "back": risk.get_absolute_url()}
    if request.method != "POST":
        return _form_page(request, RiskEditForm(initial=RiskEditForm.initial_of(risk), **shared), 200, **context)
    form = RiskEditForm(request.POST, **shared)
    if _only_shows(request):
        return _form_page(request, _unjudged(form), 200, **context)
    if form.is_valid() and form.carry_out(
        lambda: services.change(
            risk=risk, by=request.user, version=form.cleaned_data["version"], values=form.values,
            assets=form.chosen_assets if "assets" in form.fields else None,
        )
    ):  # fmt: skip
        shown(request)
        return SeeOther(risk.get_absolute_url())
    conflict = form.conflict_rows()
    saved_at = form.conflict.updated_at if form.conflict is not None else None
    form.take_over()
    return _form_page(request, form, 422, **context, conflict=conflict, saved_at=saved_at)


# ---- rating, review, moves ----------------------------------------------------------------------------------------


@project_access(WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, number: str) -> HttpResponse:
    """Rates a risk; the same address with ?show=1 says what the marks would make, and saves nothing."""
    risk = writable(request, number)
    scales = lists.Scales(request.project)
    if scales.in_force is None or not risk.is_open:
        messages.error(
            request,
            _("Nothing can be rated before top management has approved the risk criteria.")
            if risk.is_open
            else _("%(risk)s is closed: reopen it before it is rated.") % {"risk": risk.label},
        )
        return SeeOther(risk.get_absolute_url())
    kind = request.POST.get("kind", "") or request.GET.get("kind", "")
    kind = kind if kind in RatingKind.values else RatingKind.CURRENT.value
    last = ratings.last_of(risk, kind)
    only_shows = _only_shows(request)
    if request.method == "POST":
        form = RateForm(request.POST, criteria=scales.now)
        if not only_shows and form.is_valid() and form.carry_out(
            lambda: ratings.rate(
                risk=risk, by=request.user, kind=kind, reason=form.cleaned_data["reason"],
                after=form.cleaned_data["last"], **form.judgement,
            )
        ):  # fmt: skip
            shown(request, _("Rated: %(level)s.") % {"level": form.result.level_name})
            return SeeOther(risk.get_absolute_url())
        last = form.conflict or last
        form.take_over()
    else:
        form = RateForm(criteria=scales.now, initial=_last_marks(kind, last, scales.now))
    preview = _preview(form, scales.now, is_gain=risk.is_opportunity)
    if only_shows:
        form = _unjudged(form)
    context = {
        "project": request.project,
        "risk": risk,
        "form": form,
        "kind": RatingKind(kind),
        "kinds": [(one, one == kind) for one in RatingKind],
        "last": last,
        "preview": preview,
        "criteria": scales.now,
        "edition": scales.in_force,
        "back": risk.get_absolute_url(),
    }
    status = 422 if request.method == "POST" and not only_shows else 200
    return respond(request, "risks/risk/rate.html", context, fragment="risks/risk/_preview.html", status=status)


def _last_marks(kind: str, last: Any, criteria: levels.Criteria) -> dict[str, Any]:
    """What the form begins with: the last rating of that kind, as far as it fits the scales in force."""
    first: dict[str, Any] = {"kind": kind, "how": RateForm.SORTS, "last": last.pk if last is not None else 0}
    if last is None:
        return first
    first |= {"likelihood": last.likelihood, "consequence": last.consequence}
    first |= {f"sort-{key}": mark for key, mark in last.marks.items()}
    return first | ({} if last.marks else {"how": RateForm.WHOLE})


def _preview(form: RateForm, criteria: levels.Criteria, *, is_gain: bool) -> lists.Mark | None:
    """The level that the marks in the form make, None while something is missing."""
    held = {name: str(form[name].value() or "") for name in form.fields}
    try:
        likelihood = int(held["likelihood"])
        if held["how"] == RateForm.WHOLE:
            consequence = int(held["consequence"])
        else:
            marks = {one.key: int(value) for one in criteria.dimensions if (value := held[f"sort-{one.key}"])}
            consequence = levels.consequence_of(criteria, marks)
        level = levels.level_of(criteria, likelihood=likelihood, consequence=consequence)
    except (ValueError, RuleBroken):  # marks that are missing or outside the scales make no level yet
        return None
    return lists.Scales.marked(criteria, RatingKind.CURRENT, likelihood, consequence, level, is_gain=is_gain)


@project_access(WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def reviewed(request: HttpRequest, number: str) -> HttpResponse:
    """ "Looked at, the rating still holds", with a note and the day of the next review."""
    risk = writable(request, number)
    scales = lists.Scales(request.project)
    criteria = scales.of(risk)
    months = 12
    if criteria is not None and risk.current_level is not None:
        months = criteria.levels[min(risk.current_level, len(criteria.levels) - 1)].review_months
    today = dates.today(request.organization.time_zone)
    form = ReviewedForm(request.POST or None, initial={"next_on": ratings.months_later(today, months)})
    if request.method == "POST" and form.is_valid() and form.carry_out(
        lambda: services.reviewed(
            risk=risk, by=request.user, note=form.cleaned_data["note"], next_on=form.cleaned_data["next_on"]
        )
    ):  # fmt: skip
        shown(request, _("The review is noted."))
        return SeeOther(risk.get_absolute_url())
    context = {
        "project": request.project, "risk": risk, "form": form, "back": risk.get_absolute_url(), "months": months,
        "mark": scales.mark(risk, RatingKind.CURRENT),
    }  # fmt: skip
    return render(request, "risks/risk/reviewed.html", context, status=422 if request.method == "POST" else 200)


@project_access(WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, number: str, move: str) -> HttpResponse:
    """Moves a risk; a move that needs a reason asks for it on a page of its own."""
    if move not in RISK:
        raise Http404
    step = RISK[move]
    risk = writable(request, number)
    form = ReasonForm(request.POST if "reason" in request.POST else None)
    if request.method != "POST" or (step.asks_reason and not form.is_valid()):
        context = {
            "project": request.project,
            "risk": risk,
            "move": step,
            "form": form,
            "back": risk.get_absolute_url(),
        }
        return render(request, "risks/risk/move.html", context, status=422 if form.is_bound else 200)
    said = {
        "identify": _("%(risk)s is in the register."),
        "assess": _("%(risk)s is assessed."),
        "close": _("%(risk)s is closed."),
        "reopen": _("%(risk)s is open again."),
    }[move] % {"risk": risk.label}
    reason = form.cleaned_data["reason"] if step.asks_reason else ""
    return answer(
        request, lambda: services.move(risk=risk, name=move, by=request.user, reason=reason),
        back=risk.get_absolute_url(), done=said,
    )  # fmt: skip
