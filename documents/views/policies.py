"""The checklist of a policy: what its standards ask it to say, and the sentence that says it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from documents import sentences
from documents.drafting import of_revision
from documents.forms.policies import PASTE, TakeBackForm, TickForm
from documents.models import Revision, Source
from documents.selectors import commitment as selectors
from documents.services import commitment as services
from documents.services.document import may_write
from projects.permissions import Perm
from projects.views.base import SeeOther, answer, project_access, shown

from .revision import WRITE, must_write, one


def _may_tick(request: HttpRequest, revision: Revision) -> bool:
    return (
        revision.source == Source.AUTHORED
        and revision.status in services.OPEN_TO_TICK
        and may_write(request.user, revision.document, request.perms_here)
    )


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def checklist(request: HttpRequest, number: str, revision: int) -> HttpResponse:
    shown_one = one(request, number, revision)
    found = selectors.checklist(shown_one)
    if found is None:
        raise Http404
    context = {
        "project": request.project, "document": shown_one.document, "revision": shown_one, "checklist": found,
        "may_tick": _may_tick(request, shown_one), "home": of_revision("detail", shown_one),
        "editor": of_revision("edit", shown_one) if shown_one.is_draft else "",
    }  # fmt: skip
    return render(request, "documents/commitment/list.html", context)


def _line(request: HttpRequest, number: str, revision: int, slug: str) -> tuple[Revision, selectors.Line]:
    """The revision and the row of its checklist, for who writes it. Raises Http404, PermissionDenied."""
    draft = one(request, number, revision)
    must_write(request, draft.document)
    line = selectors.line_of(draft, slug)
    if line is None:
        raise Http404
    return draft, line


@project_access(WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def tick(request: HttpRequest, number: str, revision: int, slug: str) -> HttpResponse:
    """Names the sentence of the text that answers a commitment."""
    draft, line = _line(request, number, revision, slug)
    back = of_revision("commitments", draft) + f"#{slug}"
    if not _may_tick(request, draft):
        messages.info(request, _("The checklist of this revision stays as it was."))
        return SeeOther(back)
    form = TickForm(request.POST if request.method == "POST" else None, initial={"version": line.version})
    if request.method == "POST" and form.is_valid() and form.carry_out(
        lambda: services.tick(
            revision=draft, slug=slug, sentence=form.cleaned_data["sentence"], version=form.cleaned_data["version"],
            by=request.user,
        )
    ):  # fmt: skip
        shown(request, _("The commitment is covered."))
        return SeeOther(back)
    theirs: Any = form.conflict
    if theirs is not None:
        form.take_over()
    parts = sentences.offered(sentences.blocks(draft.body))
    chosen = form.chosen if form.is_bound else (line.tick.sentence if line.tick and not line.is_gone else "")
    context = {
        "project": request.project, "document": draft.document, "revision": draft, "line": line, "form": form,
        "theirs": theirs, "back": back, "chosen": chosen, "paste": PASTE,
        "parts": [(part.under, [(one, sentences.read(one)) for one in part.sentences]) for part in parts],
        "closest": [(one, sentences.read(one)) for one in sentences.closest(line.row.asks(draft.document.language), parts)],
        "editor": of_revision("edit", draft) if draft.is_draft else "",
    }  # fmt: skip
    return render(request, "documents/commitment/tick.html", context, status=422 if request.method == "POST" else 200)


@project_access(WRITE)
@require_POST
def take_back(request: HttpRequest, number: str, revision: int, slug: str) -> HttpResponse:
    """The commitment is not covered after all."""
    draft, _line_now = _line(request, number, revision, slug)
    form = TakeBackForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else -1
    return answer(
        request, lambda: services.take_back(revision=draft, slug=slug, version=version, by=request.user),
        back=of_revision("commitments", draft) + f"#{slug}",
    )  # fmt: skip
