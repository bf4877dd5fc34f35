"""The register of nonconformities: its list, many at once, what it teaches, and its workbook."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import dates, files
from core.htmx import respond
from improvement import exporting, pictures
from improvement.forms.register import BulkForm, RegisterFilter
from improvement.models import Nonconformity
from improvement.selectors import nonconformity as selectors
from improvement.selectors import register as lists
from improvement.selectors import statistics
from improvement.selectors.grade import scale_of
from improvement.services import nonconformity as services
from improvement.services.nonconformity import MOST_AT_ONCE
from jobs.models import Job
from jobs.models.job import JobState
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, project_access
from sheets.exporting import XLSX, ask, headers

PAGE = 50


def home(request: HttpRequest) -> str:
    return reverse("improvement:nonconformity-list", kwargs=request.project.address)


def filter_of(request: HttpRequest, query: QueryDict) -> RegisterFilter:
    """The filters that a query string asks for. Four queries."""
    project = request.project
    seen = selectors.visible(project, request.user, request.perms_here)
    return RegisterFilter(
        query, people=people_of(project), scale=scale_of(project), processes=lists.processes_used(seen),
        clauses=lists.clauses_used(seen),
    )  # fmt: skip


def rows_of(request: HttpRequest, chosen: RegisterFilter) -> Any:
    """What the filters leave over of what this person sees."""
    seen = selectors.visible(request.project, request.user, request.perms_here)
    today = dates.today(request.organization.time_zone)
    return lists.narrowed(seen, chosen.wanted, today=today, user=request.user, people=chosen.people)


@project_access(Perm.REPORT_NONCONFORMITY)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The register for who reads it; for everybody else what they reported themselves."""
    if Perm.VIEW_NONCONFORMITIES not in request.perms_here:
        return _own(request)
    project, today = request.project, dates.today(request.organization.time_zone)
    chosen = filter_of(request, request.GET)
    found, sort = rows_of(request, chosen), chosen.wanted.get("sort", "")
    seen = selectors.visible(project, request.user, request.perms_here)
    figures = lists.figures(seen, scale_of(project), today)
    numbers = Paginator(lists.in_order(found, sort).select_related(None).values_list("number", flat=True), PAGE)
    if (known := lists.count_in(figures, chosen.wanted)) is not None:
        numbers.count = known
    page = numbers.get_page(request.GET.get("page", "")[:9])
    page.object_list = selectors.dressed(lists.rows_of(project, page.object_list, sort), project, today)
    context: dict[str, Any] = {
        "project": project, "filter": chosen, "chosen": chosen.chosen, "page": page, "today": today,
        "rows": page.object_list, "figures": figures, "query": request.GET.urlencode(),
        "may_manage": Perm.MANAGE_NONCONFORMITIES in request.perms_here, "most_at_once": MOST_AT_ONCE, "home": home(request),
        "phases": lists.Phase.choices,
    }  # fmt: skip
    if context["may_manage"] and context["rows"]:
        context["bulk"] = BulkForm(people=chosen.people, scale=scale_of(project))
    return respond(request, "improvement/nonconformity/list.html", context)


def _own(request: HttpRequest) -> HttpResponse:
    """What a person reported, and how far it is."""
    project, today = request.project, dates.today(request.organization.time_zone)
    rows = selectors.visible(project, request.user, request.perms_here).order_by("-number")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page", "")[:9])
    context = {
        "project": project, "page": page, "today": today, "home": home(request),
        "rows": selectors.dressed(page.object_list, project, today),
    }  # fmt: skip
    return respond(request, "improvement/nonconformity/own.html", context)


@project_access(Perm.MANAGE_NONCONFORMITIES)
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Changes the chosen ones, or all that match the filters of the address: all of them or none."""
    chosen = filter_of(request, request.GET)
    form = BulkForm(request.POST, people=chosen.people, scale=scale_of(request.project))
    query = request.GET.urlencode()
    back = home(request) + (f"?{query}" if query else "")
    numbers = {n for text in request.POST.getlist("chosen") if (n := Nonconformity.number_of(text)) is not None}
    if request.POST.get("all_matching"):
        matching = rows_of(request, chosen).order_by("number")
        numbers = set(matching.values_list("number", flat=True)[: MOST_AT_ONCE + 1])
    if not numbers:
        messages.error(request, _("Nothing was chosen. Tick the rows that should change."))
        return SeeOther(back)
    if len(numbers) > MOST_AT_ONCE:
        says = _("More than %(most)s nonconformities match. Narrow the list with the filters first.")
        messages.error(request, says % {"most": MOST_AT_ONCE})
        return SeeOther(back)
    if form.is_valid() and form.carry_out(
        lambda: services.change_many(project=request.project, by=request.user, numbers=numbers, values=form.values())
    ):
        n = form.result
        said = ngettext("%(n)s nonconformity changed.", "%(n)s nonconformities changed.", n) % {"n": n}
        messages.success(
            request, said if n else _("Nothing had to change: they were like that already, or are closed.")
        )
        return SeeOther(back)
    for name, errors in form.errors.items():
        label = "" if name == "__all__" else f"{form.fields[name].label}: "
        messages.error(request, label + " ".join(str(error) for error in errors))
    return SeeOther(back)


@project_access(Perm.VIEW_NONCONFORMITIES)
@require_safe
def learned(request: HttpRequest) -> HttpResponse:
    """Ageing, what is overdue in which phase, Pareto by clause, process, cause and source, times, recurrence."""
    project, today = request.project, dates.today(request.organization.time_zone)
    chosen = filter_of(request, request.GET)
    # Statistics look at everything unless somebody narrows it: a closed one teaches as much as an open one.
    wanted = {"state": lists.EVERY} | chosen.wanted
    seen = selectors.visible(project, request.user, request.perms_here)
    rows = lists.narrowed(seen, wanted, today=today, user=request.user, people=chosen.people)
    found = statistics.of(rows, today)
    figures = lists.figures(rows, scale_of(project), today)
    base = home(request)
    kept = chosen.kept_query()

    def href(query: str) -> str:
        return f"{base}?state=all&{query}" + (f"&{kept}" if kept else "")

    charts = [
        {
            "key": key, "title": title, "rows": slices,
            "wide": pictures.pareto_svg(slices, key=key, title=str(title), href=href),
            "narrow": pictures.pareto_svg(slices, key=key, title=str(title), href=href, size="narrow"),
        }
        for key, title, slices in found.paretos
    ]  # fmt: skip
    context = {
        "project": project, "filter": chosen, "chosen": chosen.chosen, "found": found, "figures": figures, "charts": charts,
        "ages": pictures.ages_svg(found.ages), "home": base,
        "ages_narrow": pictures.ages_svg(found.ages, id="ages-narrow", width=330, label_width=118),
        "late": [(label, figures.late[key], f"{base}?phase={key}") for key, label in lists.Phase.choices],
    }  # fmt: skip
    return respond(request, "improvement/nonconformity/learned.html", context)


# ---- the workbook -------------------------------------------------------------------------------------------------


@project_access(Perm.VIEW_NONCONFORMITIES)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """The register as it is filtered: at once, or by a job where it is long."""
    return export_of(request, exporting.NONCONFORMITIES_KIND, filter_of(request, request.GET))


def export_of(request: HttpRequest, kind: str, chosen: Any) -> HttpResponse:
    project, wanted = request.project, chosen.wanted
    said = [f"{one['label']}: {one['text']}" for one in chosen.chosen]
    if request.method == "POST":
        job = ask(
            exporting.OUTLET, project=project, by=request.user, kind=kind, wanted=_plain(wanted),
            language=get_language() or "en", said=said,
        )  # fmt: skip
        return SeeOther(job.get_absolute_url())
    count = exporting.rows_of(project, kind, wanted, user=request.user).order_by().count()
    if count > exporting.AT_ONCE:
        context = {
            "project": project, "count": count, "said": said, "title": exporting.TITLES[kind],
            "crumbs": "improvement/nonconformity/_register_crumbs.html", "query": request.GET.urlencode(),
        }  # fmt: skip
        return render(request, "sheets/export.html", context)
    data, _rows = exporting.workbook(project, kind, wanted, said, user=request.user)
    return HttpResponse(data, content_type=XLSX, headers=headers(exporting.file_name(project, kind)))


def _plain(wanted: dict[str, Any]) -> dict[str, Any]:
    """The filters as a job keeps them: days as text."""
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in wanted.items()}


@project_access(Perm.VIEW_NONCONFORMITIES)
@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """What a job wrote, for who asked for it: it holds what that person sees."""
    project = request.project
    job = Job.objects.filter(
        project=project, kind=exporting.JOB, state=JobState.DONE, pk=pk, actor=request.user
    ).first()  # fmt: skip
    if job is None:
        raise Http404
    try:
        return files.attachment(
            organization_id=project.organization_id, sha256=job.result.get("sha256", ""), folder=exporting.FOLDER,
            name=exporting.file_name(project, job.parameters.get("kind", exporting.NONCONFORMITIES_KIND)), content_type=XLSX,
        )  # fmt: skip
    except FileNotFoundError:
        messages.info(request, _("This list was kept for a week and is gone. Have a new one made."))
        return HttpResponseRedirect(home(request))
