"""Nonconformities: reported, listed, shown, changed, moved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import dates, nav, once
from core.rules import RuleBroken
from improvement import origins, pictures
from improvement.flows import NONCONFORMITY
from improvement.forms.nonconformity import (
    MOST_OFFERED,
    ActionForm,
    CauseForm,
    CloseForm,
    JudgeForm,
    ReasonForm,
    RecordForm,
    ReportForm,
    WorkForm,
)
from improvement.models import Category, Nonconformity
from improvement.selectors import nonconformity as selectors
from improvement.selectors import register
from improvement.selectors.grade import scale_of
from improvement.selectors.place import offered as offered_places
from improvement.services import nonconformity as services
from projects import journal_words, pointing
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, project_access, shown

STORY = 12


def found(request: HttpRequest, number: str) -> Nonconformity:
    """The nonconformity of this address, if this person sees it. Raises Http404."""
    record = selectors.one(request.project, number, request.user, request.perms_here)
    if record is None:
        raise Http404
    return record


def workable(request: HttpRequest, number: str) -> Nonconformity:
    """The same for who may work on it. Raises Http404, PermissionDenied."""
    record = found(request, number)
    if not services.may_work(request.user, record, request.perms_here):
        raise PermissionDenied
    return record


# ---- report ------------------------------------------------------------------------------------------------------


@project_access(Perm.REPORT_NONCONFORMITY)
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """One line is a report; a photo or a file goes with it as evidence."""
    today = dates.today(request.organization.time_zone)
    if request.method == "POST":
        form = ReportForm(request.POST, request.FILES)
        if form.is_valid() and form.carry_out(lambda: _reported(request, form)):
            shown(request, _("Thank you: it is reported. You can follow here what becomes of it."))
            return SeeOther(form.result)
    else:
        form = ReportForm(initial={"detected_on": today})
    offered = offered_places(request.project, with_used=Perm.VIEW_NONCONFORMITIES in request.perms_here)
    context = {"project": request.project, "form": form, "offered": offered}
    return render(request, "improvement/nonconformity/report.html", context, status=422 if form.is_bound else 200)


def _reported(request: HttpRequest, form: ReportForm) -> str:
    return once.carry_out(
        form.cleaned_data["once"], person=request.user, address=lambda made: made.get_absolute_url(),
        change=lambda: services.report_with_file(
            project=request.project, by=request.user, values=form.values, upload=form.cleaned_data["file"]
        ),
    )  # fmt: skip


# ---- one ---------------------------------------------------------------------------------------------------------


@project_access(Perm.REPORT_NONCONFORMITY)
@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    record = found(request, number)
    if number != record.label:
        return HttpResponseRedirect(record.get_absolute_url())
    return show(request, record)


def show(request: HttpRequest, record: Nonconformity, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page; `forms` are those that came back with something to mend."""
    perms = request.perms_here
    seen = selectors.visible(request.project, request.user, perms)
    words = " ".join(request.GET.get("like", "")[:200].split())
    page = selectors.page_of(record, seen, words)
    selectors.graded([record], scale_of(request.project))
    may_work = services.may_work(request.user, record, perms)
    current = page.rounds[0]
    is_workable = may_work and record.is_open and not current.verdict
    people = people_of(request.project) if is_workable else {}
    told = []
    if Perm.VIEW_JOURNAL in perms:
        told = journal_words.tell(selectors.journal_of(record)[:STORY], request.project)
    base, at = record.get_absolute_url(), selectors.place(record.status)
    context: dict[str, Any] = {
        "project": request.project, "record": record, "page": page, "current": current, "told": told, "base": base,
        "today": dates.today(request.organization.time_zone), "badge": selectors.badge(record.status),
        "may_work": may_work, "is_workable": is_workable, "consequences": selectors.consequences_of(record, request.user),
        "offers": [
            (offer, f"{base}move/{offer.name}/")
            for offer in (NONCONFORMITY.possible(record.status, perms) if may_work else [])
        ],
        "work": WorkForm(initial=WorkForm.initial_of(current), people=people, status=record.status)
        if is_workable else None,
        "cause": CauseForm(auto_id="cause_%s") if is_workable and at > 2 else None,
        "action": ActionForm(project=request.project, people=people) if is_workable and at > 3 else None,
        "judge": JudgeForm(auto_id="judge_%s")
        if record.status == "verifying" and current.verifier_id == request.user.pk and not current.verdict
        else None,
        "pictures": _pictures(record, page), "words": words,
        "next": register.due_in(record.status, page.rounds[0], [one.task for one in page.actions]),
        "reads_all": Perm.VIEW_NONCONFORMITIES in perms, "categories": Category.choices, "print_url": _print_url(record, perms),
        "life": selectors.LIFE, "at": at, "origins": origins.of(record, request.user, perms),
    }  # fmt: skip
    return render(request, "improvement/nonconformity/detail.html", context | forms, status=status)


def _pictures(record: Nonconformity, page: selectors.Page) -> dict[str, Any]:
    """The whys as a tree (wide and narrow) and by category, of the newest round; nothing before there is a cause."""
    if not page.causes:
        return {}
    return {
        "tree": pictures.whys_svg(record, page.causes),
        "tree_narrow": pictures.whys_svg(record, page.causes, id="whys-narrow", size="narrow"),
        "fishbone": pictures.fishbone_svg(record, page.causes),
    }


def _print_url(record: Nonconformity, perms: frozenset[Perm]) -> str:
    """Where the record is asked for on paper; "" for who may not, or where nothing is printed."""
    if record.is_confidential or Perm.VIEW_NONCONFORMITIES not in perms:
        return ""
    place = nav.address("reports:report-ask", **record.project.address, kind="nonconformity")
    return f"{place}?number={record.label}" if place else ""


@project_access(Perm.WORK_ON_NONCONFORMITIES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    record = workable(request, number)
    shared = {
        "project": request.project, "people": people_of(request.project),
        "may_manage": Perm.MANAGE_NONCONFORMITIES in request.perms_here,
    }  # fmt: skip
    conflict: list[dict[str, str]] = []
    if request.method == "POST":
        form = RecordForm(request.POST, **shared)
        if form.is_valid() and form.carry_out(
            lambda: services.change(
                record=record, by=request.user, version=form.cleaned_data["version"], values=form.values,
                clauses=form.unmet,
            )
        ):  # fmt: skip
            shown(request)
            return SeeOther(record.get_absolute_url())
        conflict = form.conflict_rows()
        form.take_over()
    else:
        form = RecordForm(initial=RecordForm.initial_of(record), **shared)
    context = {
        "project": request.project, "record": record, "form": form, "conflict": conflict,
        "saved_at": form.conflict.updated_at if form.conflict is not None else None,
    }  # fmt: skip
    return render(
        request, "improvement/nonconformity/edit.html", context, status=422 if request.method == "POST" else 200
    )


@project_access(Perm.WORK_ON_NONCONFORMITIES)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, number: str, move: str) -> HttpResponse:
    """Moves it along; refusing and reopening ask a reason first, closing asks what else has to change."""
    record = workable(request, number)
    if move not in NONCONFORMITY:
        raise Http404
    step = NONCONFORMITY[move]
    if move != "close" and not step.asks_reason:
        if request.method != "POST":
            return HttpResponseRedirect(record.get_absolute_url())
        try:
            services.move(record=record, name=move, by=request.user)
        except RuleBroken as refusal:
            if type(refusal) is not RuleBroken:
                raise
            messages.error(request, refusal.as_text)
        return SeeOther(record.get_absolute_url())
    data = request.POST if request.method == "POST" else None
    form = _closing(request, data) if move == "close" else ReasonForm(data)
    if form.is_bound and form.is_valid() and form.carry_out(
        lambda: services.move(
            record=record, name=move, by=request.user, reason=form.cleaned_data.get("reason", ""),
            consequences=form.cleaned_data, changing=getattr(form, "changing", None),
        )
    ):  # fmt: skip
        return SeeOther(record.get_absolute_url())
    context = {"project": request.project, "record": record, "form": form, "step": step}
    template = "improvement/nonconformity/close.html" if move == "close" else "improvement/nonconformity/move.html"
    return render(request, template, context, status=422 if form.is_bound else 200)


def _closing(request: HttpRequest, data: Any) -> CloseForm:
    offers = {}
    for key in services.CONSEQUENCES:
        sort = pointing.of(key)
        if sort is not None and sort.needs in request.perms_here:
            offers[key] = list(sort.offered(request.project)[:MOST_OFFERED])
    return CloseForm(data, project=request.project, user=request.user, offers=offers)
