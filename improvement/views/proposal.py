"""Proposals for improvement: made, listed, shown, assessed, decided, carried out."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import dates, once
from core.htmx import respond
from improvement import exporting, pictures
from improvement.flows import PROPOSAL, ProposalStatus
from improvement.forms.nonconformity import ActionForm, ReasonForm
from improvement.forms.proposal import AcceptForm, AssessForm, DoneForm, ProposalFilter, ProposalForm, ProposeForm
from improvement.models import Proposal
from improvement.selectors import nonconformity as nonconformities
from improvement.selectors import proposal as selectors
from improvement.selectors.place import offered as offered_places
from improvement.services import proposal as services
from projects import journal_words
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, project_access, shown

from .register import export_of

PAGE = 50
STORY = 12


def home(request: HttpRequest) -> str:
    return reverse("improvement:proposal-list", kwargs=request.project.address)


def found(request: HttpRequest, number: str) -> Proposal:
    """The proposal of this address, if this person sees it. Raises Http404."""
    record = selectors.one(request.project, number, request.user, request.perms_here)
    if record is None:
        raise Http404
    return record


def workable(request: HttpRequest, number: str) -> Proposal:
    """The same for who may work on it. Raises Http404, PermissionDenied."""
    record = found(request, number)
    if not services.may_work(request.user, record, request.perms_here):
        raise PermissionDenied
    return record


def _seen(request: HttpRequest) -> Any:
    return nonconformities.visible(request.project, request.user, request.perms_here)


# ---- register -----------------------------------------------------------------------------------------------------


@project_access(Perm.REPORT_NONCONFORMITY)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The register with the picture of benefit and effort; for who only proposes, their own."""
    project = request.project
    sees_all = Perm.VIEW_NONCONFORMITIES in request.perms_here
    chosen = ProposalFilter(request.GET, people=people_of(project) if sees_all else {})
    seen = selectors.visible(project, request.user, request.perms_here)
    wanted = chosen.wanted if sees_all else chosen.wanted | {"state": "all"}
    rows = selectors.narrowed(seen, wanted, user=request.user, people=chosen.people)
    page = Paginator(selectors.in_order(rows, wanted.get("sort", "")), PAGE).get_page(request.GET.get("page", "")[:9])
    drawn = selectors.drawn(seen) if sees_all else []
    for one in drawn:
        one.project = project
    context = {
        "project": project, "filter": chosen, "chosen": chosen.chosen, "page": page, "query": request.GET.urlencode(),
        "rows": selectors.dressed(page.object_list, project), "sees_all": sees_all, "home": home(request), "drawn": drawn,
        "figures": selectors.figures(seen), "today": dates.today(request.organization.time_zone),
        "picture": pictures.effort_svg(drawn) if drawn else "",
        "picture_narrow": pictures.effort_svg(drawn, id="benefit-effort-narrow", size="narrow") if drawn else "",
    }  # fmt: skip
    return respond(request, "improvement/proposal/list.html", context)


@project_access(Perm.VIEW_NONCONFORMITIES)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """The register as it is filtered."""
    chosen = ProposalFilter(request.GET, people=people_of(request.project))
    return export_of(request, exporting.PROPOSALS_KIND, chosen)


@project_access(Perm.REPORT_NONCONFORMITY)
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """One line is a proposal."""
    form = ProposeForm(
        request.POST if request.method == "POST" else None, seen=_seen(request),
        initial={"nonconformity": request.GET.get("from", "")[:20]},
    )  # fmt: skip
    if form.is_bound and form.is_valid() and form.carry_out(
        lambda: once.carry_out(
            form.cleaned_data["once"], person=request.user, address=lambda made: made.get_absolute_url(),
            change=lambda: services.propose(project=request.project, by=request.user, values=form.values),
        )
    ):  # fmt: skip
        shown(request, _("Thank you: it is in the register. You can follow here what becomes of it."))
        return SeeOther(form.result)
    offered = offered_places(request.project, with_used=Perm.VIEW_NONCONFORMITIES in request.perms_here)
    context = {"project": request.project, "form": form, "offered": offered, "home": home(request)}
    return render(request, "improvement/proposal/propose.html", context, status=422 if form.is_bound else 200)


# ---- one ----------------------------------------------------------------------------------------------------------


@project_access(Perm.REPORT_NONCONFORMITY)
@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    record = found(request, number)
    if number != record.label:
        return HttpResponseRedirect(record.get_absolute_url())
    return show(request, record)


def show(request: HttpRequest, record: Proposal, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page; `forms` are those that came back with something to mend."""
    perms, project = request.perms_here, request.project
    may_work = services.may_work(request.user, record, perms)
    may_assess = Perm.MANAGE_NONCONFORMITIES in perms and record.status in (
        ProposalStatus.PROPOSED, ProposalStatus.ASSESSED,
    )  # fmt: skip
    may_add = may_work and record.status in (ProposalStatus.ASSESSED, ProposalStatus.ACCEPTED)
    people = people_of(project) if may_add else {}
    told = journal_words.tell(selectors.journal_of(record)[:STORY], project) if Perm.VIEW_JOURNAL in perms else []
    base = record.get_absolute_url()
    origin = record.nonconformity
    if origin is not None and not _seen(request).filter(pk=origin.pk).exists():
        origin = None
    if origin is not None:
        origin.project = project
    initial = {name: getattr(record, name) for name in ("benefit", "effort", "assessment", "version")}
    context: dict[str, Any] = {
        "project": project, "record": record, "badge": selectors.badge(record.status), "told": told, "base": base,
        "origin": origin, "steps": selectors.steps_of(record), "today": dates.today(request.organization.time_zone),
        "may_edit": services.may_edit(request.user, record, perms), "may_work": may_work,
        "offers": [
            (offer, f"{base}move/{offer.name}/")
            for offer in (PROPOSAL.possible(record.status, perms) if may_work else [])
            if offer.name != "assess"
        ],
        "assess": AssessForm(initial=initial, auto_id="assess_%s") if may_assess else None,
        "action": ActionForm(project=project, people=people) if may_add else None,
    }  # fmt: skip
    return render(request, "improvement/proposal/detail.html", context | forms, status=status)


@project_access(Perm.REPORT_NONCONFORMITY)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    record = found(request, number)
    if not services.may_edit(request.user, record, request.perms_here):
        raise PermissionDenied
    may_manage = Perm.MANAGE_NONCONFORMITIES in request.perms_here
    shared = {
        "people": people_of(request.project) if may_manage else {}, "may_manage": may_manage, "seen": _seen(request),
    }  # fmt: skip
    conflict: list[dict[str, str]] = []
    if request.method == "POST":
        form = ProposalForm(request.POST, **shared)
        if form.is_valid() and form.carry_out(
            lambda: services.change(
                record=record, by=request.user, version=form.cleaned_data["version"], values=form.values
            )
        ):  # fmt: skip
            shown(request)
            return SeeOther(record.get_absolute_url())
        conflict = form.conflict_rows()
        form.take_over()
    else:
        form = ProposalForm(initial=ProposalForm.initial_of(record), **shared)
    offered = offered_places(request.project, with_used=Perm.VIEW_NONCONFORMITIES in request.perms_here)
    context = {
        "project": request.project, "record": record, "form": form, "conflict": conflict, "offered": offered,
        "saved_at": form.conflict.updated_at if form.conflict is not None else None,
    }  # fmt: skip
    return render(request, "improvement/proposal/edit.html", context, status=422 if form.is_bound else 200)


@project_access(Perm.MANAGE_NONCONFORMITIES)
@require_POST
def assess(request: HttpRequest, number: str) -> HttpResponse:
    """Gives it marks for benefit and effort."""
    record = found(request, number)
    form = AssessForm(request.POST, auto_id="assess_%s")
    if form.is_valid() and form.carry_out(
        lambda: services.assess(record=record, by=request.user, **form.cleaned_data)
    ):  # fmt: skip
        shown(request)
        return SeeOther(record.get_absolute_url())
    conflict = form.conflict_rows()
    saved_at = form.conflict.updated_at if form.conflict is not None else None
    form.take_over()
    return show(request, record, status=422, assess=form, conflict=conflict, saved_at=saved_at)


@project_access(Perm.WORK_ON_NONCONFORMITIES)
@require_POST
def add_step(request: HttpRequest, number: str) -> HttpResponse:
    """A task that carries it out: a new one, or one that exists by its number."""
    record = workable(request, number)
    form = ActionForm(request.POST, project=request.project, people=people_of(request.project))
    where = f"{record.get_absolute_url()}#steps"

    def change() -> Any:
        if task := form.cleaned_data["task"]:
            return services.link_step(record=record, by=request.user, task=task)
        return services.add_step(record=record, by=request.user, values=form.values)

    if form.is_valid() and form.carry_out(
        lambda: once.carry_out(
            form.cleaned_data["once"], person=request.user, address=lambda made: where, change=change
        )
    ):  # fmt: skip
        return SeeOther(where)
    return show(request, record, status=422, action=form)


@project_access(Perm.WORK_ON_NONCONFORMITIES)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, number: str, move: str) -> HttpResponse:
    """Moves it along: accepting asks who does it, refusing and taking up again why, finishing what came of it."""
    record = workable(request, number)
    if move not in PROPOSAL or move == "assess":
        raise Http404
    step = PROPOSAL[move]
    data = request.POST if request.method == "POST" else None
    if move == "accept":
        people = people_of(request.project)
        has_steps = record.steps.exists()
        initial = {"owner": str(record.owner_id or ""), "task": "" if has_steps else record.title}
        form: Any = AcceptForm(data, people=people, has_steps=has_steps, initial=initial)
    else:
        form = (DoneForm if move == "finish" else ReasonForm)(data)

    def change() -> Proposal:
        if move == "accept":
            return services.accept(record=record, by=request.user, **form.values)
        said = form.cleaned_data
        return services.move(
            record=record, name=move, by=request.user, reason=said.get("reason", ""), result=said.get("result", "")
        )

    if form.is_bound and form.is_valid() and form.carry_out(change):
        return SeeOther(record.get_absolute_url())
    context = {"project": request.project, "record": record, "form": form, "step": step}
    return render(request, "improvement/proposal/move.html", context, status=422 if form.is_bound else 200)
