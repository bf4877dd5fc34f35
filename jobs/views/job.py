"""Jobs on their pages: a person's own, one project's, one job as it goes on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import TemplateView

from core.access_check import SignedInMixin, signed_in
from core.htmx import asks_by_itself
from core.rules import RuleBroken
from jobs import ledger
from jobs.selectors import job as selectors
from projects.permissions import Perm
from projects.views.base import ProjectView, SeeOther

ROWS = 25
WHO = "the person who asked, the manager of its project and operators; everybody else gets 404"


class JobList(SignedInMixin, TemplateView):
    signed_in = "everybody sees the work they asked for themselves"
    template_name = "jobs/list.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        jobs, states = selectors.choices(selectors.of_person(self.request.user), self.request.GET)
        page = Paginator(jobs, ROWS).get_page(self.request.GET.get("page"))
        return super().get_context_data(**kwargs) | {"page": page, "states": states}


class ProjectJobs(ProjectView, TemplateView):
    needs = Perm.MANAGE_PROJECT
    template_name = "jobs/project.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        jobs, states = selectors.choices(selectors.of_project(self.project), self.request.GET)
        page = Paginator(jobs, ROWS).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, states=states, **kwargs)


def _seen(request: HttpRequest, pk: int) -> selectors.Seen:
    seen = selectors.seen_by(request.user, pk)
    if seen is None:
        raise Http404
    return seen


@signed_in(WHO)
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a job; it follows the work by itself, and without a script when it is reloaded."""
    seen = _seen(request, pk)
    return render(request, "jobs/detail.html", {"seen": seen, "job": seen.job})


@asks_by_itself
@signed_in(WHO)
@require_safe
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of a page that shows how far a job is: `?part=page` for its own page, otherwise the line others embed."""
    seen = _seen(request, pk)
    part = "jobs/_panel.html" if request.GET.get("part") == "page" else "jobs/_line.html"
    return render(request, part, {"seen": seen, "job": seen.job, "is_news": True})


@signed_in(WHO)
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    seen = _seen(request, pk)
    if not ledger.cancel(seen.job):
        messages.info(request, _("It had ended already."))
    elif seen.job.is_live:
        messages.success(request, _("It stops at its next step."))
    else:
        messages.success(request, _("Cancelled."))
    return SeeOther(_back(request, seen))


@signed_in(WHO)
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Tries a failed or cancelled job again, with the rights its person has then."""
    seen = _seen(request, pk)
    try:
        ledger.again(seen.job)
    except RuleBroken as refusal:
        messages.error(request, refusal.as_text)
    else:
        messages.success(request, _("It is tried again."))
    return SeeOther(_back(request, seen))


def _back(request: HttpRequest, seen: selectors.Seen) -> str:
    """Where the form stood, if that is a page of ours; else the page of the job."""
    back = request.POST.get("next", "")
    if back and url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        return back
    return reverse("jobs:job-detail", kwargs={"pk": seen.job.pk})
