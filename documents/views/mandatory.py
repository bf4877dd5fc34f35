"""Mandatory documented information: what the standards of a project want written, and how far it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.htmx import respond
from documents import sheets
from documents.forms.mandatory import MandatoryFilter
from documents.models import Document
from documents.selectors import document as documents
from documents.selectors import mandatory as selectors
from documents.services import mandatory as services
from documents.services.document import may_write
from projects.addresses import address
from projects.permissions import Perm
from projects.views.base import answer, project_access

WRITE = (Perm.MANAGE_DOCUMENTS, Perm.WRITE_OWN_DOCUMENTS)
OFFERED = 20


def _writes(request: HttpRequest) -> bool:
    return bool(request.perms_here & set(WRITE))


def _found(request: HttpRequest) -> tuple[list[selectors.Row], list[selectors.Row], MandatoryFilter]:
    """All rows, those that pass the filters, and the filters."""
    every = selectors.rows(request.project)
    standards = list(dict.fromkeys(item.standard for row in every for item in row.items))
    chosen = MandatoryFilter(request.GET, standards=selectors.by_number(standards))
    wanted = dict(chosen.wanted)
    return every, selectors.narrowed(every, text=wanted.pop("q", ""), **wanted), chosen


def _row(request: HttpRequest, key: str) -> selectors.Row:
    row = selectors.one(request.project, key)
    if row is None:
        raise Http404
    return row


def _address(request: HttpRequest, name: str, **parts: str) -> str:
    return address(f"documents:{name}", **request.project.address, **parts)


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    every, rows, chosen = _found(request)
    new = _address(request, "document-create")
    for row in rows:
        row.url = _address(request, "mandatory-detail", row=row.key)
        row.create_url = f"{new}?{row.presets}"
    figures = selectors.summarized(every)
    context = {
        "project": request.project, "rows": rows, "filter": chosen, "chosen": chosen.chosen, "summary": figures,
        "in_words": selectors.counts_in_words(figures), "has_any": bool(every), "may_write": _writes(request),
        "states": [(state.value, state.label, figures.states[state.value], selectors.BADGES[state]) for state in selectors.State],
        "query": request.GET.urlencode(), "here_url": _address(request, "mandatory-list"),
    }  # fmt: skip
    return respond(request, "documents/mandatory/list.html", context)


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def detail(request: HttpRequest, row: str) -> HttpResponse:
    """One row: what each standard wants of it, which documents it is, and which it could be."""
    found = _row(request, row)
    text = request.GET.get("q", "").strip()[:200].replace("\x00", "")
    may_link = _writes(request)
    offered = []
    if may_link:
        owner = None if Perm.MANAGE_DOCUMENTS in request.perms_here else request.user
        offered = list(selectors.candidates(request.project, found, text, owner)[: OFFERED + 1])
    for held in found.documents:
        held.may_unlink = may_write(request.user, held.document, request.perms_here)
    context = {
        "project": request.project, "row": found, "q": text, "offered": offered[:OFFERED], "may_write": may_link,
        "has_more": len(offered) > OFFERED, "create_url": f"{_address(request, 'document-create')}?{found.presets}",
        "link_url": _address(request, "mandatory-link", row=found.key),
        "unlink_url": _address(request, "mandatory-unlink", row=found.key),
        "list_url": _address(request, "mandatory-list"),
    }  # fmt: skip
    return render(request, "documents/mandatory/detail.html", context)


@project_access(WRITE)
@require_POST
def link(request: HttpRequest, row: str) -> HttpResponse:
    """ "It is this one": an existing document is this too."""
    return _change(request, row, services.link, _("%(document)s is “%(row)s” now."))


@project_access(WRITE)
@require_POST
def unlink(request: HttpRequest, row: str) -> HttpResponse:
    return _change(request, row, services.unlink, _("%(document)s is not “%(row)s” any more."))


def _change(request: HttpRequest, key: str, change: Callable[..., Document], done: str) -> HttpResponse:
    found = _row(request, key)
    document = documents.one(request.project, request.POST.get("document", "")[:20])
    back = _address(request, "mandatory-detail", row=found.key)
    if document is None:
        return answer(request, lambda: None, back=back)
    groups, items = found.links
    if change is services.unlink:  # whichever way it was linked: as a whole, or by one of its items
        groups, items = [found.group] if found.group else [], list(found.items)
    return answer(
        request, lambda: change(document=document, by=request.user, groups=groups, items=items), back=back,
        done=done % {"document": document.code, "row": found.name},
    )  # fmt: skip


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The filtered rows as a spreadsheet."""
    _every, rows, _chosen = _found(request)
    sheet = sheets.Sheet(
        _("Mandatory documents"),
        [(_("Document"), 50), (_("State"), 12), (_("Asked for"), 14), (_("Standards and clauses"), 60), (_("Needed"), 40),
         (_("How it merges"), 36), (_("Kept as"), 22), (_("Documents"), 50)],
        (_line(row) for row in rows),
    )  # fmt: skip
    project = request.project
    return sheets.workbook(f"mandatory-{project.organization.slug}-{project.slug}", sheet)


def _line(row: selectors.Row) -> Sequence[Any]:
    clauses = "; ".join(
        f"{one.standard.code}: {', '.join(dict.fromkeys(item.clause.ref for item in one.items))}" for one in row.served
    )
    return (
        row.name, row.state.label, _("by a clause") if row.is_explicit else _("by custom"), clauses,
        "; ".join(row.conditions), row.how, row.keep, ", ".join(str(one.document) for one in row.documents),
    )  # fmt: skip
