"""The register of risks and opportunities: its list, many at once, and a new edition of the criteria."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import dates
from core.htmx import respond
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, project_access, shown
from risks.forms.register import MOST_AT_ONCE, BulkForm, RerateForm, RiskFilter
from risks.models import Risk
from risks.selectors import register as lists
from risks.selectors import rerating
from risks.selectors import risk as selectors
from risks.services import rating as ratings
from risks.services import risk as services

PAGE = 50
RERATE_PAGE = 100
WRITERS = (Perm.MANAGE_RISKS, Perm.WRITE_OWN_RISKS)


def home(request: HttpRequest) -> str:
    return reverse("risks:risk-list", kwargs=request.project.address)


def may_add(request: HttpRequest) -> bool:
    return any(perm in request.perms_here for perm in WRITERS)


def filter_of(request: HttpRequest, query: QueryDict, scales: lists.Scales) -> RiskFilter:
    """The filters that a query string asks for. Two queries."""
    return RiskFilter(
        query, people=people_of(request.project), categories=lists.categories_of(request.project), criteria=scales.now
    )


def rows_of(request: HttpRequest, chosen: RiskFilter, scales: lists.Scales) -> Any:
    """The risks that the filters leave over, in no order yet."""
    return lists.narrowed(
        Risk.objects.filter(project=request.project), chosen.wanted, today=dates.today(request.organization.time_zone),
        user=request.user, edition=scales.in_force, people=chosen.people,
    )  # fmt: skip


@project_access(Perm.VIEW_RISKS)
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """The list: the numbers of the page are found in one index, then only these rows are read."""
    project = request.project
    scales = lists.Scales(project)
    chosen = filter_of(request, request.GET, scales)
    found = lists.in_order(rows_of(request, chosen, scales), chosen.wanted.get("sort", ""))
    page = Paginator(found.values_list("number", flat=True), PAGE).get_page(request.GET.get("page", "")[:9])
    rows = lists.dressed(lists.rows_of(project, list(page.object_list)), project, scales, chosen.people)
    context: dict[str, Any] = {
        "project": project,
        "filter": chosen,
        "chosen": chosen.chosen,
        "page": page,
        "rows": rows,
        "today": dates.today(request.organization.time_zone),
        "query": request.GET.urlencode(),
        "may_add": may_add(request),
        "has_criteria": scales.in_force is not None,
        "is_outdated": scales.in_force is not None
        and any(selectors.why_to_look_at(one, scales.in_force) == "criteria" for one in rows),
        "edition": scales.in_force,
        "most_at_once": MOST_AT_ONCE,
    }
    if Perm.MANAGE_RISKS in request.perms_here and rows:
        context["bulk"] = BulkForm(people=chosen.people)
        context["categories"] = [value for value, _label in chosen.fields["category"].widget.choices if value]
    if not rows:
        context["has_any"] = Risk.objects.filter(project=project).exists()
    return respond(request, "risks/risk/list.html", context)


@project_access(Perm.MANAGE_RISKS)
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Changes the chosen risks, or all that match the filters of the address: all of them or none."""
    scales = lists.Scales(request.project)
    chosen = filter_of(request, request.GET, scales)
    form = BulkForm(request.POST, people=chosen.people)
    query = request.GET.urlencode()
    back = home(request) + (f"?{query}" if query else "")
    numbers = {number for text in request.POST.getlist("chosen") if (number := Risk.number_of(text)) is not None}
    if request.POST.get("all_matching"):
        matching = rows_of(request, chosen, scales).order_by("number")
        numbers = set(matching.values_list("number", flat=True)[: MOST_AT_ONCE + 1])
    if not numbers:
        messages.error(request, _("No risk was chosen. Tick the rows that should change."))
        return SeeOther(back)
    if len(numbers) > MOST_AT_ONCE:
        messages.error(
            request,
            _("More than %(most)s risks match. Narrow the list with the filters first.") % {"most": MOST_AT_ONCE},
        )
        return SeeOther(back)
    if form.is_valid() and form.carry_out(
        lambda: services.change_many(project=request.project, by=request.user, numbers=numbers, values=form.values())
    ):
        changed = form.result
        messages.success(
            request,
            ngettext("%(n)s risk changed.", "%(n)s risks changed.", changed) % {"n": changed}
            if changed
            else _("Nothing had to change: the risks were like that already."),
        )
        return SeeOther(back)
    for name, errors in form.errors.items():
        label = "" if name == "__all__" else f"{form.fields[name].label}: "
        messages.error(request, label + " ".join(str(error) for error in errors))
    return SeeOther(back)


# ---- a new edition ------------------------------------------------------------------------------------------------


@project_access(WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def rerate(request: HttpRequest) -> HttpResponse:
    """What the edition in force would change of the ratings made by older ones; a person decides about each."""
    project = request.project
    scales = lists.Scales(project)
    groups = rerating.groups(project, scales, user=request.user, perms=request.perms_here)
    form = RerateForm(request.POST or None)
    ticked = set(request.POST.getlist("chosen"))
    if request.method == "POST":
        show = request.GET.get("show", "")
        offered = [
            one for one in groups if one.may_choose and (not request.POST.get("all_matching") or one.sort == show)
        ]
        numbers = {one.risk.number for one in offered if request.POST.get("all_matching") or one.risk.label in ticked}
        if not numbers and form.is_valid():
            form.add_error(None, _("Tick the risks that should be rated again."))
        elif form.is_valid() and form.carry_out(
            lambda: ratings.rerate(
                project=project, by=request.user, numbers=numbers, reason=form.cleaned_data["reason"]
            )
        ):
            n = form.result
            shown(
                request,
                ngettext("%(n)s risk was rated again.", "%(n)s risks were rated again.", n) % {"n": n}
                if n
                else _("Nothing had to change: somebody else has rated these risks again."),
            )
            return SeeOther(request.get_full_path())
    sorts = rerating.counted(groups)
    show = request.GET.get("show", "")
    if show not in sorts:
        show = next((name for name, count in sorts.items() if count), rerating.OTHER)
    page = Paginator([one for one in groups if one.sort == show], RERATE_PAGE).get_page(request.GET.get("page", "")[:9])
    context = {
        "project": project,
        "edition": scales.in_force,
        "groups": page.object_list,
        "page": page,
        "sorts": [(name, rerating.LABELS[name], count, name == show) for name, count in sorts.items()],
        "show": show,
        "total": len(groups),
        "ticked": ticked,
        "may_choose": any(one.may_choose for one in page.object_list),
        "form": form,
        "home": home(request),
    }
    return render(request, "risks/risk/rerate.html", context, status=422 if request.method == "POST" else 200)
