"""Who decides for me while I am away, and for whom I do."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from approvals.forms.delegation import DelegationForm
from approvals.selectors import delegation as selectors
from approvals.services import delegation as services
from core import dates
from core.access_check import signed_in
from projects import access
from projects.views.base import SeeOther, answer


@signed_in("a person's own delegations; whom they may choose comes from the organizations they belong to")
@require_http_methods(["GET", "HEAD", "POST"])
def delegations(request: HttpRequest) -> HttpResponse:
    organizations = list(access.organizations_of(request.user).order_by("name", "pk")[:100])
    wanted = request.POST.get("organization") or request.GET.get("organization") or ""
    chosen = next((one for one in organizations if one.slug == wanted), None)
    if chosen is None and len(organizations) == 1:
        chosen = organizations[0]
    form = None
    if chosen is not None:
        data = request.POST if request.method == "POST" else None
        form = DelegationForm(data, organization=chosen, person=request.user)
        if form.is_bound and form.is_valid() and form.carry_out(
            lambda: services.give(organization=chosen, person=request.user, by=request.user, **form.cleaned_data)
        ):  # fmt: skip
            messages.success(request, _("%(who)s decides for you in this time.") % {"who": form.result.delegate})
            return SeeOther(reverse("approvals:delegations"))
    context = {
        "organizations": organizations,
        "organization_chosen": chosen,
        "form": form,
        "own": selectors.own(request.user)[:50],
        "held": selectors.held(request.user)[:50],
        "today": dates.today(),
    }
    return render(
        request, "approvals/delegations.html", context, status=422 if form is not None and form.is_bound else 200
    )


@signed_in("ends only the person's own delegations; the service asks")
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    delegation = selectors.own(request.user).filter(pk=pk).first()
    if delegation is None:
        raise Http404
    return answer(
        request, lambda: services.end(delegation=delegation, by=request.user),
        back=reverse("approvals:delegations"), done=_("The delegation has ended."),
    )  # fmt: skip
