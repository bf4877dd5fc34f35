"""Proof: the certificate of an approval, its export for outsiders, and whether the signatures hold."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from approvals import proof, verifying
from approvals.selectors import approval as selectors
from approvals.services import certified
from core import files, outbox
from projects.models import JournalHead
from projects.permissions import Perm
from projects.views.base import project_access

from .decision import found


@project_access(Perm.VIEW_PROJECT)
@require_safe
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """Who signed what, in words and digits, to be read, printed and compared."""
    approval = found(request, number)
    signatures = list(approval.signatures.order_by("signed_at", "pk"))
    entries = proof.entries_of(signatures)
    for one in signatures:
        one.entry = entries.get(one.pk)
    context = {
        "project": request.project,
        "approval": approval,
        "kind": selectors.kind_label(approval.subject_kind),
        "signatures": signatures,
        "head": JournalHead.objects.filter(pk=request.organization.pk).first(),
        "pdf": approval.pdfs.first(),
        "verify_url": outbox.absolute(reverse("approvals:verify")),
        "may_export": Perm.VIEW_JOURNAL in request.perms_here,
    }
    return render(request, "approvals/approval/certificate.html", context)


@project_access(Perm.VIEW_PROJECT)
@require_safe
def document(request: HttpRequest, number: str) -> HttpResponse:
    """The signed document, byte by byte as it was made."""
    approval = found(request, number)
    pdf = approval.pdfs.first()
    if pdf is None:
        raise Http404
    name = f"{approval.title} - {approval.label}.pdf"
    return files.attachment(
        organization_id=pdf.organization_id, sha256=pdf.sha256, name=name, content_type="application/pdf",
        folder=certified.FOLDER,
    )  # fmt: skip


@project_access(Perm.VIEW_JOURNAL)
@require_safe
def export(request: HttpRequest, number: str) -> HttpResponse:
    """The signatures of one approval with all that an outsider needs to recompute them."""
    approval = found(request, number)
    text = json.dumps(proof.export(approval), ensure_ascii=False, indent=1, sort_keys=True)
    name = f"signatures-{request.organization.slug}-{request.project.slug}-{approval.label}.json"
    return HttpResponse(
        text, content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


@project_access(Perm.VIEW_JOURNAL)
@require_safe
def hold(request: HttpRequest) -> HttpResponse:
    """Whether the latest signatures of this project stand, checked now; all of them are for `manage.py verify_signatures`."""
    verdict = verifying.latest(request.project)
    context = {
        "project": request.project, "verdict": verdict, "checked_at": timezone.now(),
        "most": verifying.MOST_LATEST, "most_entries": verifying.MOST_ENTRIES,
    }  # fmt: skip
    return render(request, "approvals/hold.html", context)
