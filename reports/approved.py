"""The signed document: what was frozen and approved, with a last page of signatures, sealed, made once by a worker."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.selectors import brand
from approvals import proof, showing
from approvals.models import Approval
from approvals.services import certified
from core import files, outbox
from core.rules import RuleBroken
from jobs import ledger, rights
from jobs.kinds import Kind
from jobs.models import Job
from jobs.running import Run
from projects.permissions import Perm

from . import pdf_seal, pictures, press, revision_pdf

JOB = "approved-pdf"


class Made(NamedTuple):
    """A signed document whose bytes are stored and whose row is still to be written."""

    sha256: str
    size_bytes: int
    pages: int
    made_at: dt.datetime


def ask(approval: Approval, by: Any) -> Job:
    """What hangs in `approvals.hooks.approved`: the PDF is asked for in the transaction of the last signature."""
    return ledger.ask(
        kind=JOB, key=f"approved-pdf:{approval.pk}", by=by, project=approval.project, subject=str(approval)[:250],
        parameters={"approval": approval.pk}, is_once=True,
    )  # fmt: skip


def work(run: Run) -> Made:
    """Prints and seals; a worker that dies here leaves nothing but a file that nobody names."""
    job = run.job
    approval = (
        Approval.objects.filter(project=job.project, pk=job.parameters["approval"])
        .select_related("content", "project__organization").first()
    )  # fmt: skip
    if approval is None or approval.edition is None:
        raise RuleBroken(_("There is no approved edition to print."))
    signatures = list(approval.signatures.order_by("signed_at", "pk"))
    entries = proof.entries_of(signatures)
    for one in signatures:
        one.entry = entries.get(one.pk)
    organization = approval.project.organization
    made_at = timezone.now()
    run.progress(20, _("Laying out the pages"))
    language = getattr(approval.created_by, "language", "") or "en"
    with translation.override(language):
        html = render_to_string(
            "reports/approved/document.html",
            {
                "approval": approval, "organization": organization, "project": approval.project,
                "signatures": signatures, "document": showing.clean(approval.content.document, below=0),
                "verify_url": outbox.absolute(reverse("approvals:verify")), "language": language, "made_at": made_at,
            },
        )  # fmt: skip
    from .frame import colors

    html, images = pictures.apart(html)
    printed = press.printed(
        html, title=approval.title, css=colors(brand.color_of(organization)) + revision_pdf.style(), images=images,
        check=lambda step, page: run.check(),
    )  # fmt: skip
    run.progress(85, _("Sealing the PDF"))
    pdf = pdf_seal.sealed(printed.pdf, reason=f"{approval.label} {approval.title}"[:120])
    sha256 = files.store(pdf, organization_id=organization.pk, folder=certified.FOLDER)
    return Made(sha256, len(pdf), printed.pages, made_at)


def effect(run: Run, made: Made) -> dict[str, Any]:
    """Writes down that these bytes are this edition, in the transaction that ends the job."""
    approval = Approval.objects.select_related("project__organization").get(pk=run.job.parameters["approval"])
    certified.keep(
        approval=approval, sha256=made.sha256, size_bytes=made.size_bytes, pages=made.pages, is_sealed=True,
        made_at=made.made_at, by=run.job.actor,
    )  # fmt: skip
    return {"url": f"{approval.get_absolute_url()}certificate/"}


KIND = Kind(
    JOB,
    gettext_lazy("Signed document"),
    work=work,
    effect=effect,
    may=rights.may(Perm.VIEW_PROJECT),
    icon="certificate",
)
