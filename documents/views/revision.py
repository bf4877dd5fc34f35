"""A revision: begun, read with everything that can be done with it, downloaded, printed, brought into effect, given up."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import dates, files
from documents.flows import ON_ITS_WAY, RevisionStatus
from documents.forms.revision import DropForm, StartForm
from documents.models import Document, Revision, Source
from documents.selectors import document as documents
from documents.selectors import revision as selectors
from documents.services import pdf as printing
from documents.services import revision as services
from documents.services.document import may_write
from projects.permissions import Perm
from projects.views.base import SeeOther, answer, project_access

from .document import found

WRITE = (Perm.WRITE_OWN_DOCUMENTS, Perm.MANAGE_DOCUMENTS)
READ = (Perm.VIEW_DOCUMENTS, Perm.READ_PUBLISHED)


def one(request: HttpRequest, number: str, revision: int) -> Revision:
    """The revision of this address. Raises Http404."""
    shown = documents.revision(found(request, number), revision)
    if shown is None:
        raise Http404
    return shown


def readable(request: HttpRequest, number: str, revision: int) -> Revision:
    """The same, for who reads published documents only: there is nothing else for them. Raises Http404."""
    shown = one(request, number, revision)
    if not selectors.may_read(request.user, shown, request.perms_here, request.roles_here):
        raise Http404
    return shown


def must_write(request: HttpRequest, document: Document) -> None:
    if not may_write(request.user, document, request.perms_here):
        raise PermissionDenied(_("%(document)s is not yours to write.") % {"document": document.code})


def to(revision: Revision, name: str = "detail") -> str:
    """The address of a page of this revision."""
    here = {**revision.document.project.address, "number": revision.document.label, "revision": revision.number}
    return reverse(f"documents:revision-{name}", kwargs=here)


@project_access(WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, number: str) -> HttpResponse:
    """Begins the next revision and opens it for writing."""
    document = found(request, number)
    must_write(request, document)
    current = documents.current(document)
    effective = current if current is not None and current.is_effective else None
    form = StartForm(
        request.POST if request.method == "POST" else None,
        initial={"source": effective.source if effective else Source.AUTHORED},
    )
    if request.method == "POST" and form.is_valid() and form.carry_out(
        lambda: services.start(document=document, by=request.user, source=form.cleaned_data["source"])
    ):  # fmt: skip
        form.result.document.project = request.project
        return SeeOther(to(form.result, "edit"))
    context = {
        "project": request.project, "document": document, "form": form, "effective": effective,
        "under_way": current if current is not None and current.status in ON_ITS_WAY else None,
    }  # fmt: skip
    return render(request, "documents/revision/start.html", context, status=422 if form.errors else 200)


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def detail(request: HttpRequest, number: str, revision: int) -> HttpResponse:
    shown = one(request, number, revision)
    document = shown.document
    current = documents.current(document)
    is_current = current is not None and current.pk == shown.pk
    manages = Perm.MANAGE_DOCUMENTS in request.perms_here
    writes = may_write(request.user, document, request.perms_here)
    is_draft, waits = shown.is_draft, shown.status == RevisionStatus.APPROVED
    context: dict[str, Any] = {
        "project": request.project, "document": document, "revision": shown, "is_current": is_current,
        "history": selectors.history(shown), "today": dates.today(request.organization.time_zone),
        "others": [row for row in selectors.of(document) if row.pk != shown.pk],
        "may_edit": writes and is_draft, "may_drop": writes and (is_draft or (manages and waits)),
        "may_effect": manages and waits, "may_register": writes and is_draft and not document.needs_approval,
        "shows_approval": is_current and document.needs_approval,
    }  # fmt: skip
    if shown.source == Source.AUTHORED:
        context |= {"written": selectors.shown(shown), "sheet": selectors.sheet(shown, request.user)}
    return render(request, "documents/revision/detail.html", context)


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def download(request: HttpRequest, number: str, revision: int) -> HttpResponse:
    """The file as it was handed in: always as a download, never shown by the browser."""
    shown = one(request, number, revision)
    if not shown.sha256:
        raise Http404
    try:
        return files.attachment(
            organization_id=shown.organization_id,
            sha256=shown.sha256,
            name=shown.file_name,
            content_type=shown.file_type,
        )
    except FileNotFoundError:
        return render(
            request, "documents/revision/missing.html", {"project": request.project, "revision": shown}, status=410
        )


@project_access(READ)
@require_http_methods(["GET", "HEAD", "POST"])
def pdf(request: HttpRequest, number: str, revision: int) -> HttpResponse:
    """GET gives the PDF when it says what is so now, or else the page that makes it; POST has it made."""
    shown = readable(request, number, revision)
    if request.method == "POST":
        return answer(request, lambda: printing.ask(revision=shown, by=request.user), back=to(shown, "pdf"))
    if shown.source != Source.AUTHORED:
        raise Http404
    sheet = selectors.sheet(shown, request.user)
    is_lost = False
    if sheet.is_ready:
        name = f"{shown.document.code} r{shown.number} {shown.document.title}.pdf"
        try:
            return files.attachment(
                organization_id=shown.organization_id, sha256=sheet.pdf.sha256, name=name,
                content_type="application/pdf", folder=selectors.FOLDER,
            )  # fmt: skip
        except FileNotFoundError:
            is_lost = True
    context = {
        "project": request.project, "document": shown.document, "revision": shown, "sheet": sheet, "is_lost": is_lost,
        "back": to(shown) if Perm.VIEW_DOCUMENTS in request.perms_here else "",
    }  # fmt: skip
    return render(request, "documents/revision/pdf.html", context)


@project_access(Perm.READ_PUBLISHED)
@require_safe
def published_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The PDF of what is in effect, for who reads published documents."""
    document = found(request, number)
    current = document.revisions.filter(status=RevisionStatus.EFFECTIVE).first()
    if current is None:
        raise Http404
    return redirect(to(readable(request, number, current.number), "pdf"))


@project_access(WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def drop(request: HttpRequest, number: str, revision: int) -> HttpResponse:
    """Gives up a draft, or an approved revision whose day has not come."""
    shown = one(request, number, revision)
    must_write(request, shown.document)
    form = DropForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and form.carry_out(
        lambda: services.drop(revision=shown, by=request.user, reason=form.cleaned_data["reason"])
    ):  # fmt: skip
        messages.success(request, _("The revision is given up. It stays for the record."))
        return SeeOther(to(shown))
    context = {
        "project": request.project,
        "document": shown.document,
        "revision": shown,
        "form": form,
        "back": to(shown),
    }
    return render(request, "documents/revision/drop.html", context, status=422 if request.method == "POST" else 200)


@project_access(Perm.MANAGE_DOCUMENTS)
@require_POST
def effect(request: HttpRequest, number: str, revision: int) -> HttpResponse:
    """An approved revision takes effect before its day."""
    shown = one(request, number, revision)
    return answer(
        request, lambda: services.bring_into_effect(revision=shown, by=request.user), back=to(shown),
        done=_("The revision is in effect."),
    )  # fmt: skip


@project_access(WRITE)
@require_POST
def register(request: HttpRequest, number: str, revision: int) -> HttpResponse:
    """A record or an external document takes effect without an approval."""
    shown = one(request, number, revision)
    must_write(request, shown.document)
    return answer(
        request, lambda: services.register(revision=shown, by=request.user), back=to(shown), done=_("It is registered.")
    )
