"""Published documents: what readers see, and confirm. Only the revision in effect; older ones are not for readers."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import dates, files, nav
from core.htmx import respond
from documents import writing
from documents.models import Document, Picture, Revision, Source
from documents.selectors import reading as selectors
from documents.services import reading as services
from projects.addresses import address
from projects.permissions import Perm
from projects.views.base import answer, project_access

PAGE = 50
MOST_AWAITED = 50


def _published(request: HttpRequest) -> Any:
    return selectors.published(request.project, request.user, request.perms_here, request.roles_here)


def _found(request: HttpRequest, number: str) -> Revision:
    """The revision in effect of a document that this person may read. Raises Http404."""
    shown = _published(request).filter(document__number=Document.number_of(number) or 0).first()
    if shown is None:
        raise Http404
    shown.project = shown.document.project = request.project
    return shown


@project_access(Perm.READ_PUBLISHED)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What awaits this person's confirmation, then everything published to them."""
    rows = _published(request)
    text, kind = request.GET.get("q", "").strip()[:200].replace("\x00", ""), request.GET.get("kind", "")
    found = selectors.narrowed(rows, text=text)
    kinds = selectors.kinds_of(found)
    kind = kind if kind in {key for key, _label, _count in kinds} else ""
    page = Paginator(selectors.narrowed(found, kind=kind), PAGE).get_page(request.GET.get("page", "")[:9])
    awaited = list(selectors.awaited_from(request.project, request.user)[: MOST_AWAITED + 1])
    for one in [*awaited, *page.object_list]:
        one.href = _address(request, one.document)
    context = {
        "project": request.project, "page": page, "kinds": kinds, "kind": kind, "q": text,
        "total": sum(count for _key, _label, count in kinds), "awaited": awaited[:MOST_AWAITED],
        "has_more_awaited": len(awaited) > MOST_AWAITED, "today": _today(request),
    }  # fmt: skip
    return respond(request, "documents/published/list.html", context)


@project_access(Perm.READ_PUBLISHED)
@require_safe
def read(request: HttpRequest, number: str) -> HttpResponse:
    """A document as it is in effect, with the question at its end where this person is asked."""
    revision = _found(request, number)
    document = revision.document
    here = {**request.project.address, "number": document.label}
    mine = selectors.of_both(document, request.user)
    text = writing.written(revision.body, _pictures(revision, here)) if revision.source == Source.AUTHORED else None
    context = {
        "project": request.project, "document": document, "revision": revision, "text": text,
        "file_url": address("documents:published-file", **here) if revision.source == Source.FILE else "",
        "pdf_url": nav.address("documents:revision-pdf", **here, revision=revision.number) if text is not None else "",
        "confirm_url": address("documents:published-confirm", **here),
        "asks": mine is not None and mine.confirmed_id is None,
        "reading": mine, "confirmed": mine.confirmed if mine is not None else None,
        "next": _next(request, document) if mine is not None and mine.confirmed_id else None,
        "today": _today(request),
    }  # fmt: skip
    return render(request, "documents/published/detail.html", context)


@project_access(Perm.READ_PUBLISHED)
@require_POST
def confirm(request: HttpRequest, number: str) -> HttpResponse:
    """ "Read and understood", for the revision that was on the page; a newer one has to be read first."""
    document = _found(request, number).document
    wanted = request.POST.get("revision", "")
    seen = document.revisions.filter(number=int(wanted) if wanted.isdecimal() and len(wanted) < 10 else 0).first()
    back = _address(request, document)
    if seen is None:
        return answer(request, lambda: None, back=back)
    seen.project, seen.document = request.project, document
    return answer(
        request, lambda: services.acknowledge(revision=seen, by=request.user), back=f"{back}#confirm",
        done=_("Thank you: you confirmed %(document)s.") % {"document": document.code},
    )  # fmt: skip


@project_access(Perm.READ_PUBLISHED)
@require_safe
def file(request: HttpRequest, number: str) -> FileResponse:
    """The uploaded file of the revision in effect, byte by byte as it was handed in."""
    revision = _found(request, number)
    if revision.source != Source.FILE or not revision.sha256:
        raise Http404
    return _file(revision.sha256, revision.file_name, revision.file_type, revision.organization_id)


@project_access(Perm.READ_PUBLISHED)
@require_safe
def picture(request: HttpRequest, number: str, pk: int) -> FileResponse:
    """A picture that the text in effect shows; others of the document are not for readers."""
    revision = _found(request, number)
    found = Picture.objects.filter(document=revision.document, pk=pk).first()
    if found is None or revision.source != Source.AUTHORED or pk not in writing.pictures_in(revision.body):
        raise Http404
    # An attachment is shown inside a page all the same; opened by itself it is a download.
    return _file(found.sha256, found.name, found.file_type, found.organization_id)


def _file(sha256: str, name: str, content_type: str, organization_id: int) -> FileResponse:
    try:
        return files.attachment(organization_id=organization_id, sha256=sha256, name=name, content_type=content_type)
    except FileNotFoundError:
        raise Http404 from None


def _pictures(revision: Revision, here: dict[str, str]) -> writing.PictureOf:
    """The addresses of the pictures of this document; nothing for numbers it does not have."""
    shown = writing.pictures_in(revision.body)
    known = set(Picture.objects.filter(document=revision.document, pk__in=shown).values_list("pk", flat=True))
    return lambda pk: reverse("documents:published-picture", kwargs={**here, "pk": pk}) if pk in known else ""


def _next(request: HttpRequest, document: Document) -> Any:
    """What this person has to read next in this project, once this one is confirmed."""
    found = selectors.awaited_from(request.project, request.user).exclude(document=document).first()
    if found is not None:
        found.href = _address(request, found.document)
    return found


def _address(request: HttpRequest, document: Document) -> str:
    return address("documents:published-detail", **request.project.address, number=document.label)


def _today(request: HttpRequest) -> Any:
    return dates.today(request.organization.time_zone)
