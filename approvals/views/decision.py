"""One page, one decision: what is asked, what changed, who decides; and the confirmation before it is signed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.services import confirming
from approvals import showing
from approvals.forms.decision import WORDS, DecisionForm
from approvals.forms.request import WithdrawForm
from approvals.models import Approval, Decision
from approvals.selectors import approval as selectors
from approvals.selectors import inbox
from approvals.services import decision as services
from core import dates, once
from projects.flow import NotPermitted
from projects.permissions import Perm
from projects.views.base import SeeOther, project_access

from .request import may_ask


def found(request: HttpRequest, number: str) -> Approval:
    """The approval of this address. Raises Http404."""
    approval = selectors.one(request.project, number)
    if approval is None:
        raise Http404
    return approval


@project_access(Perm.VIEW_PROJECT)
@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    approval = found(request, number)
    user = request.user
    seat = selectors.seat_of(approval, user)
    stages = selectors.stages(approval, user)
    before = selectors.edition_before(approval)
    mine = next((line.signature for stage in stages for line in stage.deciders if _is_of(line.signature, user)), None)
    upcoming, rest = inbox.after(user, approval) if mine else (None, 0)
    place, waiting = inbox.place_of(user, approval) if seat else (0, 0)
    context = {
        "project": request.project,
        "approval": approval,
        "kind": selectors.kind_label(approval.subject_kind),
        "subject_url": selectors.subject_url(approval, request.perms_here),
        "stages": stages,
        "seat": seat,
        "mine": mine,
        "upcoming": upcoming,
        "rest": rest,
        "place": place,
        "waiting": waiting,
        "before": before,
        "changes": selectors.changes_since(approval, before),
        "document": showing.clean(approval.content.document),
        "today": dates.today(),
        "is_overdue": selectors.is_overdue(approval, dates.today()),
        "may_withdraw": approval.is_open and may_ask(request, approval.subject_kind),
        "withdraw_form": WithdrawForm(),
        "decisions": Decision,
    }
    return render(request, "approvals/approval/detail.html", context)


def _is_of(signature: Any, user: Any) -> bool:
    return signature is not None and signature.signer_id == user.pk


@project_access(Perm.VIEW_PROJECT)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """The confirmation, and the signature. The first POST brings the decision here, the second signs; GET never does."""
    approval = found(request, number)
    seat = selectors.seat_of(approval, request.user)
    if request.method != "POST":
        if seat is not None and "application/json" in request.headers.get("Accept", ""):
            return JsonResponse({"request_options": confirming.begin_passkey(request)})
        return SeeOther(approval.get_absolute_url())
    if done := once.address_of(request.POST.get("once", "")[:40], person=request.user):
        return SeeOther(done)
    if seat is None:
        return _too_late(request, approval)
    ways = confirming.ways_of(request.user)
    if "sign" not in request.POST:
        chosen = request.POST.get("decision", "")
        started = {
            "decision": chosen if chosen in WORDS else Decision.APPROVED,
            "comment": request.POST.get("comment", "")[:4_000],
            "digest": approval.content.digest,
        }
        return confirmation(request, approval, seat, DecisionForm(initial=started, ways=ways))
    form = DecisionForm(request.POST, ways=ways)
    if form.is_valid() and (proof := form.confirmed(request)) and form.carry_out(
        lambda: once.carry_out(
            form.cleaned_data["once"], person=request.user, address=lambda signature: approval.get_absolute_url(),
            change=lambda: services.decide(
                approval=approval, by=request.user, decision=form.cleaned_data["decision"],
                digest=form.cleaned_data["digest"], comment=form.cleaned_data["comment"],
                proof=services.Proof(proof.method, proof.address),
            ),
        )
    ):  # fmt: skip
        messages.success(request, _("Signed."))
        return SeeOther(form.result)
    return confirmation(request, approval, seat, form)


def confirmation(request: HttpRequest, approval: Approval, seat: selectors.Seat, form: DecisionForm) -> HttpResponse:
    context = {
        "project": request.project,
        "approval": approval,
        "kind": selectors.kind_label(approval.subject_kind),
        "seat": seat,
        "form": form,
        "unable": "" if form.ways.is_able else confirming.unable(),
    }
    return render(request, "approvals/approval/confirm.html", context, status=422 if form.is_bound else 200)


def _too_late(request: HttpRequest, approval: Approval) -> HttpResponse:
    """Who is not asked gets 403; who was, and comes too late, hears what is so now."""
    asked = {approver.person_id for step in approval.steps.all() for approver in step.approvers.all()}
    signed = {
        approver.signature.signer_id
        for step in approval.steps.all()
        for approver in step.approvers.all()
        if hasattr(approver, "signature")
    }
    if request.user.pk not in asked | signed:
        raise NotPermitted(_("You are not among those who decide on this."))
    if request.user.pk in signed:
        said = _("You have decided on this already.")
    elif approval.is_open:
        said = _("It is not your turn now.")
    else:
        said = _("There is nothing to decide any more: “%(state)s”.") % {"state": approval.get_status_display()}
    messages.error(request, said)
    return SeeOther(approval.get_absolute_url())
