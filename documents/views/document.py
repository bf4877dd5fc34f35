"""The document register and a document's own page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals.selectors import panel as panels
from core import dates, nav, once, together
from core.htmx import respond, wants_fragment
from documents.forms.document import (
    MOST_AT_ONCE,
    MOST_OFFERED,
    BulkForm,
    DocumentEditForm,
    DocumentFilter,
    DocumentForm,
    ReviewedForm,
    WithdrawForm,
    key_of,
)
from documents.models import Document, Kind
from documents.selectors import document as selectors
from documents.selectors import page as pages
from documents.selectors import register as lists
from documents.services import document as services
from pdca.models import MandatoryDocument, MergeGroup
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, project_access, shown

PAGE = 50
TREE_PAGE = 30
REGISTERS = (Perm.MANAGE_DOCUMENTS, Perm.WRITE_OWN_DOCUMENTS)


def found(request: HttpRequest, number: str) -> Document:
    """The document of this address. Raises Http404."""
    document = selectors.one(request.project, number)
    if document is None:
        raise Http404
    return document


def writable(request: HttpRequest, number: str) -> Document:
    """The document of this address, for who may write it. Raises Http404, PermissionDenied."""
    document = found(request, number)
    if not services.may_write(request.user, document, request.perms_here):
        raise PermissionDenied
    return document


def may_register(request: HttpRequest) -> bool:
    return any(perm in request.perms_here for perm in REGISTERS)


# ---- the list ---------------------------------------------------------------------------------------------------


def filter_of(request: HttpRequest, query: QueryDict) -> DocumentFilter:
    """The filters that a query string asks for. Two queries."""
    standards, tags = lists.offered(request.project)
    return DocumentFilter(query, people=people_of(request.project), standards=standards, tags=tags)


def rows_of(request: HttpRequest, chosen: DocumentFilter) -> Any:
    """The documents that the filters leave over, in no order yet."""
    return lists.narrowed(
        selectors.of(request.project),
        chosen.wanted,
        today=dates.today(request.organization.time_zone),
        user=request.user,
    )


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    chosen = filter_of(request, request.GET)
    is_tree = request.GET.get("view") == "tree"
    rows = rows_of(request, chosen)
    today = dates.today(request.organization.time_zone)
    context: dict[str, Any] = {
        "project": request.project,
        "filter": chosen,
        "chosen": chosen.chosen,
        "today": today,
        "query": request.GET.urlencode(),
        "is_tree": is_tree,
        "may_register": may_register(request),
        "may_manage": Perm.MANAGE_DOCUMENTS in request.perms_here,
        "most_at_once": MOST_AT_ONCE,
        "views": _views(request, is_tree),
    }
    number = request.GET.get("page", "")[:9]
    if is_tree:
        page = Paginator(lists.tree(rows, request.project), TREE_PAGE).get_page(number)
        context |= {"page": page, "nodes": page.object_list}
    else:
        page = Paginator(lists.in_order(rows, chosen.wanted.get("sort", "")), PAGE).get_page(number)
        context |= {"page": page, "rows": lists.dressed(page.object_list, request.project, today)}
        if context["may_manage"] and page.paginator.count:
            context["bulk"] = BulkForm(people=chosen.people)
    if not page.paginator.count:
        context["has_any"] = Document.objects.filter(project=request.project).exists()
    return respond(request, "documents/document/list.html", context)


def _views(request: HttpRequest, is_tree: bool) -> list[tuple[str, str, str, bool]]:
    """List or tree, keeping the filters: label, icon, address, whether it is this one."""
    kept = request.GET.copy()
    for name in ("page", "view"):
        kept.pop(name, None)
    tree = kept.copy()
    tree["view"] = "tree"
    tree.pop("sort", None)
    home = _home(request)
    return [
        (_("List"), "list", home + (f"?{kept.urlencode()}" if kept else ""), not is_tree),
        (_("What belongs under what"), "hierarchy", f"{home}?{tree.urlencode()}", is_tree),
    ]


def _home(request: HttpRequest) -> str:
    return reverse("documents:document-list", kwargs=request.project.address)


@project_access(Perm.MANAGE_DOCUMENTS)
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Changes the chosen documents, or all that match the filters of the address."""
    chosen = filter_of(request, request.GET)
    form = BulkForm(request.POST, people=chosen.people)
    query = request.GET.urlencode()
    back = _home(request) + (f"?{query}" if query else "")
    numbers = {number for text in request.POST.getlist("chosen") if (number := Document.number_of(text)) is not None}
    if request.POST.get("all_matching"):
        numbers = set(rows_of(request, chosen).values_list("number", flat=True)[: MOST_AT_ONCE + 1])
    if not numbers:
        messages.error(request, _("No document was chosen. Tick the rows that should change."))
        return SeeOther(back)
    if len(numbers) > MOST_AT_ONCE:
        messages.error(
            request,
            _("More than %(most)s documents match. Narrow the list with the filters first.") % {"most": MOST_AT_ONCE},
        )
        return SeeOther(back)
    if form.is_valid() and form.carry_out(
        lambda: services.change_many(project=request.project, by=request.user, numbers=numbers, values=form.values())
    ):
        changed = form.result
        messages.success(
            request,
            ngettext("%(n)s document changed.", "%(n)s documents changed.", changed) % {"n": changed}
            if changed
            else _("Nothing had to change: the documents were like that already."),
        )
        return SeeOther(back)
    for name, errors in form.errors.items():
        label = "" if name == "__all__" else f"{form.fields[name].label}: "
        messages.error(request, label + " ".join(str(error) for error in errors))
    return SeeOther(back)


# ---- one document -----------------------------------------------------------------------------------------------


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    document = found(request, number)
    if number != document.label:
        return HttpResponseRedirect(document.get_absolute_url())
    with together.asking():
        return _show(request, document)


def _show(request: HttpRequest, document: Document) -> HttpResponse:
    today = dates.today(request.organization.time_zone)
    page = pages.of(document, today)
    has_panel = document.needs_approval and not document.is_withdrawn
    panel = panels.of(services.KIND, document, request) if has_panel else None
    may_write = services.may_write(request.user, document, request.perms_here)
    may_manage = Perm.MANAGE_DOCUMENTS in request.perms_here
    step = pages.step_of(page, panel, may_write=may_write, may_manage=may_manage, today=today)
    context = {
        "project": request.project,
        "document": document,
        "page": page,
        # What comes next is the main button of the page: the panel says how the approval stands and repeats no button.
        "panel": replace(panel, ask_url="", may_decide=False) if panel is not None else None,
        "today": today,
        "step": step,
        "life": pages.life(),
        "told": pages.story_of(document, request.perms_here),
        "may_write": may_write and not document.is_withdrawn,
        "may_manage": may_manage and not document.is_withdrawn,
        "may_review": may_write and page.effective is not None,
        "distribution_url": pages.of_document("document-distribution", document),
        "compare_url": pages.of_document("document-compare", document) if len(page.revisions) > 1 else "",
    }
    return render(request, "documents/document/detail.html", context)


@project_access(REGISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Registers a document. htmx asks the same address for the code that the chosen type would get."""
    if request.method != "POST" and wants_fragment(request):
        return respond(
            request, "documents/document/_code.html", {"code": _next_code(request, request.GET.get("kind", ""))},
        )  # fmt: skip
    answers = _answers_of(request.POST.getlist("answers") or _asked_answers(request))
    shared = {
        "project": request.project, "people": people_of(request.project), "answers": answers,
        "may_manage": Perm.MANAGE_DOCUMENTS in request.perms_here,
    }  # fmt: skip
    if request.method == "POST":
        form = DocumentForm(request.POST, **shared)
        if form.is_valid() and form.carry_out(lambda: _register(request, form)):
            shown(request, _("The document is registered. Now its content."))
            return SeeOther(form.result)
    else:
        form = DocumentForm(initial=_initial(request, answers), **shared)
    kind = str(form["kind"].value() or "")
    context = _form_context(request, form) | {
        "document": None,
        "back": _home(request),
        "code": _next_code(request, kind),
    }
    return render(request, "documents/document/form.html", context, status=422 if request.method == "POST" else 200)


def _register(request: HttpRequest, form: DocumentForm) -> str:
    """Registers once, however often the form is sent; returns where its content is begun."""
    return once.carry_out(
        form.cleaned_data["once"],
        person=request.user,
        change=lambda: services.create(
            project=request.project, by=request.user, values=form.values, clauses=form.served, **form.answered
        ),
        address=lambda made: pages.of_document("document-content", made),
    )


def _next_code(request: HttpRequest, kind: str) -> str:
    return services.next_code(request.project, kind) if kind in Kind.values else ""


def _asked_answers(request: HttpRequest) -> list[str]:
    """What "create it" of the mandatory documents asks for: ?answers=<slug of a group>, ?item=<key of a line>."""
    slugs = request.GET.getlist("answers")[:20]
    keys = [f"g:{pk}" for pk in MergeGroup.objects.filter(slug__in=slugs).values_list("pk", flat=True)] if slugs else []
    return keys + [f"i:{text}" for text in request.GET.getlist("item")[:20]]


def _answers_of(keys: list[str]) -> list[MergeGroup | MandatoryDocument]:
    """Groups and single lines by the keys of the form; strange ones are left out."""
    wanted: dict[str, set[int]] = {"g": set(), "i": set()}
    for key in keys[:40]:
        sort, _colon, pk = key.partition(":")
        if sort in wanted and pk.isdecimal() and len(pk) < 10:
            wanted[sort].add(int(pk))
    groups = MergeGroup.objects.filter(pk__in=wanted["g"]) if wanted["g"] else ()
    items = MandatoryDocument.objects.filter(pk__in=wanted["i"]).select_related("clause") if wanted["i"] else ()
    return [*groups, *items]


def _initial(request: HttpRequest, answers: list[Any]) -> dict[str, Any]:
    """What a new form begins with: what the address says, and the clauses of what it answers."""
    project = request.project
    kind = request.GET.get("kind", "")
    first: dict[str, Any] = {
        "kind": kind if kind in Kind.values else "",
        "title": request.GET.get("title", "")[:200],
        "parent": request.GET.get("parent", "")[:40],
        "owner": str(request.user.pk),
        "language": getattr(request.user, "language", "") or "en",
        "review_months": 12,
        "answers": [key_of(one) for one in answers],
    }
    if answers:
        groups = [one.pk for one in answers if isinstance(one, MergeGroup)]
        items = [one.pk for one in answers if isinstance(one, MandatoryDocument)]
        mandatory = MandatoryDocument.objects.filter(standard__in=project.chosen_standards.values("standard"))
        asked = mandatory.filter(group__in=groups) | mandatory.filter(pk__in=items)
        first["clauses"] = sorted({str(pk) for pk in asked.values_list("clause_id", flat=True)})
        first["title"] = first["title"] or str(answers[0] if groups else answers[0].name)[:200]
        if not first["kind"] and "policy" in first["title"].casefold():
            first["kind"] = Kind.POLICY
    return first


def _form_context(request: HttpRequest, form: Any) -> dict[str, Any]:
    parents = Document.objects.filter(project=request.project, withdrawn_at__isnull=True).order_by("code")
    return {
        "project": request.project,
        "form": form,
        "parents": list(parents.values_list("code", "title")[:MOST_OFFERED]),
    }


@project_access(REGISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    document = writable(request, number)
    answers = [one.group or one.item for one in document.answers.select_related("group", "item").order_by("pk")]
    shared = {
        "project": request.project, "people": people_of(request.project), "document": document, "answers": answers,
        "may_manage": Perm.MANAGE_DOCUMENTS in request.perms_here,
    }  # fmt: skip
    conflict: list[dict[str, str]] = []
    if request.method == "POST":
        form = DocumentEditForm(request.POST, **shared)
        answered = form.answered if form.is_valid() and answers else {}
        if form.is_valid() and form.carry_out(
            lambda: services.change(
                document=document, by=request.user, version=form.cleaned_data["version"], values=form.values,
                clauses=form.served, **answered,
            )
        ):  # fmt: skip
            shown(request)
            return SeeOther(document.get_absolute_url())
        conflict = form.conflict_rows()
        form.take_over()
    else:
        form = DocumentEditForm(initial=DocumentEditForm.initial_of(document), **shared)
    context = _form_context(request, form) | {
        "document": document,
        "back": document.get_absolute_url(),
        "conflict": conflict,
        "saved_at": form.conflict.updated_at if form.conflict is not None else None,
    }
    return render(request, "documents/document/form.html", context, status=422 if request.method == "POST" else 200)


@project_access(REGISTERS)
@require_safe
def content(request: HttpRequest, number: str) -> HttpResponse:
    """How the content of the next revision is kept: written here, a file, elsewhere, or from a model."""
    document = writable(request, number)
    page = pages.of(document, dates.today(request.organization.time_zone))
    if document.is_withdrawn or page.ahead is not None:
        messages.info(request, _("A revision is on its way already, or the document is withdrawn: here it is."))
        return SeeOther(document.get_absolute_url())
    context = {
        "project": request.project,
        "document": document,
        "effective": page.effective,
        "start_url": pages.of_document("document-start", document),
        "starters_url": pages.of_document("document-starters", document)
        or nav.address("documents:starter-list", **request.project.address),
    }
    return render(request, "documents/document/content.html", context)


@project_access(REGISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def reviewed(request: HttpRequest, number: str) -> HttpResponse:
    """ "Reviewed, still suitable", with a note."""
    document = writable(request, number)
    form = ReviewedForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.carry_out(
        lambda: services.reviewed(document=document, by=request.user, note=form.cleaned_data["note"])
    ):  # fmt: skip
        shown(request, _("The review is noted; the next one has its date."))
        return SeeOther(document.get_absolute_url())
    context = {"project": request.project, "document": document, "form": form, "back": document.get_absolute_url()}
    return render(request, "documents/document/reviewed.html", context, status=422 if request.method == "POST" else 200)


@project_access(Perm.MANAGE_DOCUMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    document = found(request, number)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.carry_out(
        lambda: services.withdraw(document=document, by=request.user, reason=form.cleaned_data["reason"])
    ):  # fmt: skip
        shown(request, _("%(document)s is withdrawn.") % {"document": document.code})
        return SeeOther(document.get_absolute_url())
    context = {"project": request.project, "document": document, "form": form, "back": document.get_absolute_url()}
    return render(request, "documents/document/withdraw.html", context, status=422 if request.method == "POST" else 200)
