"""The scope: read as the document that is approved, its items, and its words."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from context.forms.scope import ItemForm, RemoveForm, StatementForm, TakeForm
from context.models import ScopeItem, ScopeKind
from context.selectors import scope as selectors
from context.services import scope as services
from projects import journal_words
from projects.addresses import address
from projects.permissions import Perm
from projects.views.base import SeeOther, answer, project_access, shown

STORY = 6


def _place(request: HttpRequest, name: str = "scope", **more: Any) -> str:
    return address(f"context:{name}", **request.project.address, **more)


def _items_at(request: HttpRequest, kind: str) -> str:
    return f"{_place(request, 'scope-items')}#{kind}"


@project_access(Perm.VIEW_PROJECT)
@require_safe
def detail(request: HttpRequest) -> HttpResponse:
    project = request.project
    found = selectors.of_project(project)
    context: dict[str, Any] = {"project": project, "scope": found}
    if found is not None:
        paper, told = selectors.paper_of(found), []
        if Perm.VIEW_JOURNAL in request.perms_here:
            told = journal_words.tell(selectors.told(project)[:STORY], project)
        context |= {"paper": paper, "told": told}
    return render(request, "context/scope/detail.html", context)


def _paper(request: HttpRequest) -> selectors.Paper:
    scope = selectors.of_project(request.project)
    return selectors.paper_of(scope) if scope is not None else selectors.blank(request.project)


@project_access(Perm.MANAGE_PROJECT)
@require_http_methods(["GET", "HEAD", "POST"])
def statement(request: HttpRequest) -> HttpResponse:
    """The words, beside those that the items give. Who saves has seen both: the words then count for today's items."""
    paper = _paper(request)
    form = StatementForm(request.POST if request.method == "POST" else None, scope=paper.scope, seen=paper.seen)
    if form.is_bound and form.is_valid() and form.carry_out(
        lambda: services.write(
            project=request.project, by=request.user, version=form.cleaned_data["version"],
            statement=form.cleaned_data["statement"], seen=form.cleaned_data["seen"],
        )
    ):  # fmt: skip
        shown(request, _("The statement is saved."))
        return SeeOther(_place(request))
    conflict, stale = form.differences(), form.conflict
    form.take_over()
    if form.is_bound:  # the page shows what the items give now: the next save has seen that
        form.data = form.data.copy()
        form.data["seen"] = paper.seen
    context = {
        "project": request.project, "form": form, "paper": paper, "home": _place(request), "conflict": conflict,
        "editor": stale.edited_by if stale is not None else None,
        "changed_at": stale.updated_at if stale is not None else None,
    }  # fmt: skip
    return render(request, "context/scope/statement.html", context, status=422 if form.is_bound else 200)


@project_access(Perm.MANAGE_PROJECT)
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Puts the text of the items in the place of the statement: chosen by who has both on the page."""
    form = TakeForm(request.POST)
    if not form.is_valid():
        return SeeOther(_place(request, "scope-statement"))
    return answer(
        request,
        lambda: services.take_generated(
            project=request.project,
            by=request.user,
            version=form.cleaned_data["version"],
            seen=form.cleaned_data["seen"],
        ),
        back=_place(request, "scope-statement"),
        done=_("The statement says now what the items give."),
    )


@project_access(Perm.MANAGE_PROJECT)
@require_safe
def items(request: HttpRequest) -> HttpResponse:
    """All items by kind, to add, change, order and remove."""
    context = {"project": request.project, "paper": _paper(request), "home": _place(request)}
    return render(request, "context/scope/items.html", context)


def _item_page(
    request: HttpRequest, form: ItemForm, paper: selectors.Paper, item: ScopeItem | None = None
) -> HttpResponse:
    conflict, stale = form.differences(), form.conflict
    form.take_over()
    context = {
        "project": request.project, "form": form, "item": item, "kind": form.kind, "paper": paper,
        "home": _place(request), "back": _items_at(request, form.kind), "conflict": conflict,
        "editor": stale.edited_by if stale is not None else None, "changed_at": stale.updated_at if stale is not None else None,
        "may_be_out": form.kind != ScopeKind.INTERFACE,
    }  # fmt: skip
    return render(request, "context/scope/item.html", context, status=422 if form.is_bound else 200)


@project_access(Perm.MANAGE_PROJECT)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in ScopeKind.values:
        raise Http404
    paper = selectors.blank(request.project)
    form = ItemForm(request.POST if request.method == "POST" else None, kind=ScopeKind(kind), standards=paper.standards)
    if form.is_bound and form.is_valid() and form.carry_out(
        lambda: services.add_item(project=request.project, by=request.user, kind=kind, values=form.values)
    ):  # fmt: skip
        shown(request, _("“%(name)s” is added.") % {"name": form.result.name})
        if request.POST.get("another"):
            return SeeOther(_place(request, "scope-item-add", kind=kind))
        return SeeOther(_items_at(request, kind))
    return _item_page(request, form, paper)


@project_access(Perm.MANAGE_PROJECT)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """One item. Where somebody removed it while another was typing, the typed text comes back to be added anew."""
    project, data = request.project, request.POST if request.method == "POST" else None
    item = selectors.item(project, pk)
    paper = selectors.blank(project)
    if item is None:
        kind = selectors.kind_once_here(project, pk) if data is not None else None
        if kind is None:
            raise Http404
        return _come_back(request, kind, paper)
    form = ItemForm(data, kind=ScopeKind(item.kind), standards=paper.standards, item=item)
    if data is not None and form.is_valid() and form.carry_out(
        lambda: services.change_item(
            project=project, pk=pk, by=request.user, version=form.cleaned_data["version"], values=form.values
        )
    ):  # fmt: skip
        shown(request)
        return SeeOther(_items_at(request, item.kind))
    return _item_page(request, form, paper, item)


def _come_back(request: HttpRequest, kind: ScopeKind, paper: selectors.Paper) -> HttpResponse:
    form = ItemForm(request.POST, kind=kind, standards=paper.standards)
    form.add_error(
        None, _("Somebody has removed this item in the meantime. Your text is kept: save it to add it again.")
    )
    form.posts_to = _place(request, "scope-item-add", kind=kind)
    return _item_page(request, form, paper)


@project_access(Perm.MANAGE_PROJECT)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    item = selectors.item(request.project, pk)
    if item is None:
        raise Http404
    return answer(
        request,
        lambda: services.move_item(project=request.project, pk=pk, by=request.user, up=request.POST.get("to") == "up"),
        back=_items_at(request, item.kind),
    )


@project_access(Perm.MANAGE_PROJECT)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    item = selectors.item(request.project, pk)
    if item is None:
        raise Http404
    form = RemoveForm(request.POST if request.method == "POST" else None, initial={"version": item.version})
    if form.is_bound and form.is_valid() and form.carry_out(
        lambda: services.remove_item(
            project=request.project, pk=pk, by=request.user, version=form.cleaned_data["version"]
        )
    ):  # fmt: skip
        shown(request, _("“%(name)s” is removed.") % {"name": item.name})
        return SeeOther(_items_at(request, item.kind))
    form.take_over()
    paper = selectors.blank(request.project)
    context = {
        "project": request.project, "form": form, "item": item, "row": paper.row_of(item), "home": _place(request),
        "back": _items_at(request, item.kind),
    }  # fmt: skip
    return render(request, "context/scope/remove.html", context, status=422 if form.is_bound else 200)
