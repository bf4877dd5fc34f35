"""Start from a model: choose one, see how it would read here, draft it; and what a draft still has to say."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from core import once
from documents.drafting import of_revision
from documents.forms.policies import BeginForm, DraftForm, FillForm, LanguageForm
from documents.models import Document, Source
from documents.selectors import document as documents
from documents.selectors import starter as selectors
from documents.services import document as services
from documents.services import starter as drafting
from projects.addresses import address
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, project_access, shown

from .document import REGISTERS, found, writable
from .revision import must_write
from .revision import one as revision_of


def _language(request: HttpRequest, preset: str = "") -> str:
    """The language asked for in the address, or that of most people here. One query at most."""
    asked = LanguageForm(request.GET).chosen("")
    return asked or preset or selectors.usual_language(request.project)


def _languages(language: str, only: tuple[str, ...] = ()) -> list[tuple[str, Any, bool]]:
    """The choice of language: code, name, whether it is this one."""
    return [(code, label, code == language) for code, label in selectors.languages() if not only or code in only]


def _model(request: HttpRequest, slug: str, language: str) -> selectors.Model:
    model = selectors.one(request.project, slug, language)
    if model is None:
        raise Http404
    return model


@project_access(REGISTERS)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All models by kind, in a language."""
    return _index(request, None)


@project_access(REGISTERS)
@require_safe
def for_document(request: HttpRequest, number: str) -> HttpResponse:
    """The same, to begin the text of a document that is registered already."""
    return _index(request, writable(request, number))


def _index(request: HttpRequest, document: Document | None) -> HttpResponse:
    language = _language(request, document.language if document else "")
    shelves = selectors.shelves(request.project, language)
    for shelf in shelves:
        for model in (*shelf.models, *shelf.others):
            model.url = _url(request, document, model.starter.slug) + f"?language={language}"
    if document is not None:
        shelves.sort(key=lambda shelf: shelf.kind != document.kind)
    context = {
        "project": request.project, "document": document, "shelves": shelves, "languages": _languages(language),
        "language": language, "integrated": _integrated(shelves),
        "all_here": sum(model.is_here for shelf in shelves for model in shelf.models),
        "all_fitting": sum(len(shelf.models) for shelf in shelves),
    }  # fmt: skip
    return render(request, "documents/starter/list.html", context)


def _integrated(shelves: list[selectors.Shelf]) -> selectors.Model | None:
    """The integrated policy, where the project has several standards and no such document yet: the first thing to draft."""
    models = (model for shelf in shelves for model in shelf.models)
    found = next((one for one in models if one.starter.slug == selectors.POLICY_MODEL), None)
    return found if found is not None and not found.here and len(found.serves) > 1 else None


def _url(request: HttpRequest, document: Document | None, slug: str) -> str:
    here = request.project.address
    if document is None:
        return address("documents:starter-detail", **here, slug=slug)
    return address("documents:document-starter", **here, number=document.label, slug=slug)


@project_access(REGISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """GET shows the model filled from this project; POST drafts the document and leads to its editor."""
    language = _language(request)
    model = _model(request, slug, language)
    shared = {"people": people_of(request.project), "may_manage": Perm.MANAGE_DOCUMENTS in request.perms_here}
    if request.method == "POST":
        form = DraftForm(request.POST, **shared)
        if form.is_valid() and form.carry_out(lambda: _create(request, model, form)):
            shown(request, _("The document is registered with its first draft. Read it and make it yours."))
            return SeeOther(form.result)
    else:
        form = DraftForm(initial={"title": model.starter.title, "owner": str(request.user.pk)}, **shared)
    return _preview(request, model, language, form, None)


def _create(request: HttpRequest, model: selectors.Model, form: DraftForm) -> str:
    """Drafts once, however often the form is sent; gives the address of the editor."""
    return once.carry_out(
        form.cleaned_data["once"],
        person=request.user,
        change=lambda: drafting.create(
            project=request.project, by=request.user, slug=model.starter.slug, language=model.starter.language,
            title=form.cleaned_data["title"], owner=form.cleaned_data.get("owner"),
        ),
        address=lambda made: _editor(made, 1),
    )  # fmt: skip


def _editor(document: Document, number: int) -> str:
    here = {**document.project.address, "number": document.label, "revision": number}
    return reverse("documents:revision-edit", kwargs=here)


@project_access(REGISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, number: str, slug: str) -> HttpResponse:
    """A model as the next text of a document that exists."""
    document = writable(request, number)
    language = _language(request, document.language)
    model = _model(request, slug, language)
    form = BeginForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and form.carry_out(lambda: _begin(request, document, model, form)):
        shown(request, _("The draft begins with the text of the model. Read it and make it yours."))
        return SeeOther(form.result)
    return _preview(request, model, language, form, document)


def _begin(request: HttpRequest, document: Document, model: selectors.Model, form: BeginForm) -> str:
    return once.carry_out(
        form.cleaned_data["once"],
        person=request.user,
        change=lambda: drafting.begin(
            document=document, by=request.user, slug=model.starter.slug, language=model.starter.language
        ),
        address=lambda revision: _editor(document, revision.number),
    )


def _preview(
    request: HttpRequest, model: selectors.Model, language: str, form: Any, document: Document | None
) -> HttpResponse:
    project = request.project
    here = project.address
    context = {
        "project": project, "document": document, "model": model, "form": form,
        "preview": selectors.preview(project, model), "languages": _languages(language, model.starter.languages),
        "language": language, "wanted": dict(selectors.languages())[language],
        "back": (
            address("documents:document-starters", **here, number=document.label)
            if document
            else address("documents:starter-list", **here)
        ) + f"?language={language}",
        "code": "" if document else services.next_code(project, model.starter.kind),
        "group": next(iter(selectors.group_of(model.starter)), None),
    }  # fmt: skip
    return render(request, "documents/starter/detail.html", context, status=422 if request.method == "POST" else 200)


@project_access(REGISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def placeholders(request: HttpRequest, number: str, revision: int) -> HttpResponse:
    """What a draft still has to say; POST fills it again from the project where there is a value by now."""
    draft = revision_of(request, number, revision)
    must_write(request, draft.document)
    if draft.source != Source.AUTHORED:
        raise Http404
    form = FillForm(request.POST if request.method == "POST" else None, initial={"version": draft.version})
    if request.method == "POST" and form.is_valid() and form.carry_out(
        lambda: drafting.fill_again(revision=draft, by=request.user, version=form.cleaned_data["version"])
    ):  # fmt: skip
        saved, places = form.result
        if places:
            messages.success(
                request, ngettext("%(n)s place was filled.", "%(n)s places were filled.", places) % {"n": places}
            )
        else:
            messages.info(request, _("The project has no new value for what is left. Write it into the text."))
        left = selectors.left_in(saved) if places else True
        return SeeOther(of_revision("placeholders" if left else "edit", draft))
    if form.conflict is not None:
        draft = documents.revision(found(request, number), revision)
        form.take_over()
    left = selectors.left_in(draft)
    context = {
        "project": request.project, "document": draft.document, "revision": draft, "form": form, "left": left,
        "fillable": sum(bool(one.value) for one in left) if draft.is_draft else 0,
        "editor": of_revision("edit", draft) if draft.is_draft else "", "home": of_revision("detail", draft),
    }  # fmt: skip
    return render(request, "documents/starter/placeholders.html", context, status=422 if form.errors else 200)
