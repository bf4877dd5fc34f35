"""Statements of Applicability: the list, the table of one, a row, many rows, the picture, editions, the spreadsheet."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals.selectors import approval as approvals
from core import dates
from core.htmx import respond, wants_fragment
from core.rules import RuleBroken
from documents.models import Document
from pdca.models import Standard
from projects.models import Task
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, project_access, shown
from risks import applicability, soa_sheet
from risks.applicability import UNANSWERED
from risks.forms.soa import (
    WORKING,
    AnswerForm,
    BulkForm,
    CompareForm,
    LinkForm,
    OwnSetForm,
    RowForm,
    SoaFilter,
)
from risks.models import SetKind, Soa, SoaEntry
from risks.selectors import soa as selectors
from risks.selectors import soa_page as pages
from risks.services import soa as services

WRITE = (Perm.MANAGE_RISKS, Perm.WRITE_OWN_RISKS)


def found(request: HttpRequest, slug: str) -> Soa:
    """The statement of this address. Raises Http404."""
    soa = selectors.one(request.project, slug)
    if soa is None:
        raise Http404
    return soa


def found_entry(request: HttpRequest, slug: str, ref: str) -> SoaEntry:
    """The row of this address. Raises Http404."""
    entry = selectors.entry(found(request, slug), ref)
    if entry is None:
        raise Http404
    return entry


def writable_entry(request: HttpRequest, slug: str, ref: str) -> SoaEntry:
    """The row of this address, for who may write it. Raises Http404, PermissionDenied."""
    entry = found_entry(request, slug, ref)
    if not services.may_write(request.user, entry, request.perms_here):
        raise PermissionDenied
    return entry


def _manages(request: HttpRequest) -> bool:
    return Perm.MANAGE_RISKS in request.perms_here


def _today(request: HttpRequest) -> Any:
    return dates.today(request.organization.time_zone)


def _list_url(request: HttpRequest) -> str:
    return reverse("risks:soa-list", kwargs=request.project.address)


# ---- the list, and beginning ----------------------------------------------------------------------------------------


@project_access(Perm.VIEW_RISKS)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The statements of a project; without any, what one can begin with."""
    soas = selectors.of(request.project)
    context = {
        "project": request.project,
        "cards": pages.cards_of(request.project, soas),
        "may_manage": _manages(request),
    }
    if not soas and context["may_manage"]:
        context["offers"] = [offer for offer in selectors.offers(request.project, soas) if offer.is_own]
    return render(request, "risks/soa/list.html", context)


@project_access(Perm.MANAGE_RISKS)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Begins a statement: about a standard's controls, an own set, or the actions of the management system."""
    project, form = request.project, OwnSetForm()
    if request.method == "POST":
        how = request.POST.get("how", "")
        if how == SetKind.OWN:
            form = OwnSetForm(request.POST)
            if form.is_valid() and form.carry_out(lambda: services.begin_own(
                project=project, by=request.user, name=form.cleaned_data["name"], rows=form.cleaned_data["rows"]
            )):  # fmt: skip
                return _begun(request, form.result)
        else:
            try:
                return _begun(request, _begin_given(request, how))
            except RuleBroken as refusal:
                messages.error(request, refusal.as_text)
                return SeeOther(_list_url(request))
    soas = selectors.of(project)
    context = {
        "project": project,
        "form": form,
        "offers": selectors.offers(project, soas),
        "has_actions": any(soa.kind == SetKind.ACTIONS for soa in soas),
        "import_url": pages.import_url(project),
        "back": _list_url(request),
    }
    return render(request, "risks/soa/begin.html", context, status=422 if request.method == "POST" else 200)


def _begin_given(request: HttpRequest, how: str) -> Soa:
    if how == SetKind.ACTIONS:
        return services.begin_actions(project=request.project, by=request.user)
    standard = Standard.objects.filter(slug=request.POST.get("standard", "")[:80]).first()
    if how != SetKind.CATALOGUE or standard is None:
        raise RuleBroken(_("Choose the controls to begin with."))
    return services.begin(project=request.project, by=request.user, standard=standard)


def _begun(request: HttpRequest, soa: Soa) -> HttpResponse:
    shown(request, _("The statement is there. Answer what is alike in one go, then the rest row by row."))
    return SeeOther(soa.get_absolute_url())


# ---- the table ------------------------------------------------------------------------------------------------------


@project_access(Perm.VIEW_RISKS)
@require_safe
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    soa = found(request, slug)
    statement = soa.statement = selectors.computed(soa)
    chosen = _filter(request, statement)
    rows = applicability.narrowed(statement, chosen.wanted, me=request.user.pk)
    query = request.GET.urlencode()
    context = {
        "project": request.project,
        "soa": soa,
        "filter": chosen,
        "chosen": chosen.chosen,
        "query": query,
        "themes": pages.lines_of(
            soa, statement, rows, may_manage=_manages(request), me=request.user.pk, today=_today(request)
        ),
        "matching": len(rows),
        "around": pages.around(soa, statement, pages.in_force_of(soa)),
        "may_manage": _manages(request),
        "is_own": soa.kind != SetKind.CATALOGUE,
        "home": pages.home_of(soa),
        "kind": selectors.kind_words(soa),
    }
    if context["may_manage"] and rows:
        themes = [theme for theme, _rows in statement.themes]
        context["bulk"] = BulkForm(themes=themes, people=chosen.people)
    return respond(request, "risks/soa/detail.html", context)


def _filter(request: HttpRequest, statement: Any) -> SoaFilter:
    """The filters of the query string. One query."""
    return SoaFilter(
        request.GET, themes=[theme for theme, _rows in statement.themes], people=people_of(request.project),
        attributes=pages.attributes_of(statement),
    )  # fmt: skip


@project_access(Perm.MANAGE_RISKS)
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: HttpRequest, slug: str) -> HttpResponse:
    """Answers the ticked rows, a theme, or all that are open, alike. With "more" the whole form is shown first."""
    soa = found(request, slug)
    statement = selectors.computed(soa)
    home = pages.home_of(soa)
    query = request.GET.urlencode()
    back = f"{home}?{query}" if query and "theme" not in request.GET else home
    themes = [theme for theme, _rows in statement.themes]
    people = people_of(request.project)
    sent = request.method == "POST"
    refs = {ref for ref in request.POST.getlist("chosen") if len(ref) <= 20}
    is_asking = not sent or "more" in request.POST
    data = request.POST if sent else None
    form = BulkForm(data, themes=themes, people=people)
    if not sent:
        form.initial["theme"] = request.GET.get("theme", "")
    if (
        sent
        and not is_asking
        and form.is_valid()
        and form.carry_out(lambda: _answer_many(request, soa, statement, form, refs))
    ):
        done = form.result
        messages.success(
            request,
            ngettext("%(n)s row answered.", "%(n)s rows answered.", done) % {"n": done}
            if done
            else _("Nothing had to change: the rows were like that already."),
        )
        return SeeOther(back)
    if is_asking and sent:
        form = BulkForm(themes=themes, people=people)
        form.initial = {
            name: request.POST.getlist(name) if name == "reasons" else request.POST.get(name, "")
            for name in form.fields
        }
    context = {
        "project": request.project, "soa": soa, "form": form, "back": back, "query": query,
        "rows": [row for row in statement.rows if row.number in refs], "kind": selectors.kind_words(soa), "home": home,
    }  # fmt: skip
    return render(request, "risks/soa/bulk.html", context, status=422 if sent and not is_asking else 200)


def _answer_many(request: HttpRequest, soa: Soa, statement: Any, form: BulkForm, refs: set[str]) -> int:
    if form.cleaned_data["theme"] == UNANSWERED:
        refs = {row.number for row in statement.rows if row.applicable is None}
        if not refs:
            raise RuleBroken(_("Every row is answered already."))
    elif not refs and form.theme_wanted is None:
        raise RuleBroken(_("No row was chosen. Tick the rows that should change, or choose a theme."))
    return services.answer_many(soa=soa, by=request.user, values=form.values, refs=refs, theme=form.theme_wanted)


@project_access(Perm.MANAGE_RISKS)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """A further row of an own set or of the actions."""
    soa = found(request, slug)
    themes = [theme for theme, _rows in selectors.computed(soa).themes]
    form = RowForm(request.POST or None, themes=themes, soa=soa)
    if request.method == "POST" and form.is_valid() and form.carry_out(
        lambda: services.add_row(soa=soa, by=request.user, values=form.cleaned_data)
    ):  # fmt: skip
        shown(request, _("%(row)s is added.") % {"row": form.result})
        return SeeOther(form.result.get_absolute_url())
    context = {"project": request.project, "soa": soa, "form": form, "home": pages.home_of(soa)}
    return render(request, "risks/soa/add.html", context, status=422 if request.method == "POST" else 200)


# ---- one row --------------------------------------------------------------------------------------------------------


@project_access(Perm.VIEW_RISKS)
@require_safe
def entry(request: HttpRequest, slug: str, ref: str) -> HttpResponse:
    """A row in full; inside the table htmx asks for it to be answered (`?inline`) or to be read (`?line`)."""
    found = found_entry(request, slug, ref)
    may_write = services.may_write(request.user, found, request.perms_here)
    if wants_fragment(request) and ("inline" in request.GET or "line" in request.GET):
        if "inline" in request.GET and may_write:
            form = _form(request, found)
            return _fragment(
                request, "risks/soa/_edit_row.html", {"entry": found, "form": form, "line": _line(request, found)}
            )
        return _fragment(request, "risks/soa/_row.html", {"line": _line(request, found), "has_focus": True})
    return _entry_page(request, found, form=_form(request, found) if may_write else None)


@project_access(WRITE)
@require_POST
def answer(request: HttpRequest, slug: str, ref: str) -> HttpResponse:
    """Saves a row: from its own page, or from within the table."""
    found = writable_entry(request, slug, ref)
    form = _form(request, found, request.POST)
    is_inline = wants_fragment(request) and "inline" in request.POST
    if form.is_valid() and form.carry_out(lambda: services.answer(
        entry=found, by=request.user, version=form.cleaned_data["version"], values=form.values
    )):  # fmt: skip
        if is_inline:
            return _saved_row(request, found.soa, ref)
        shown(request, _("%(row)s is saved.") % {"row": found.ref})
        return SeeOther(found.get_absolute_url())
    conflict = form.differences()
    context: dict[str, Any] = {"conflict": conflict}
    if form.conflict is not None:
        context["editor"], context["changed_at"] = selectors.last_author(form.conflict)
    form.take_over()
    if is_inline:
        context |= {"entry": found, "form": form, "line": _line(request, selectors.entry(found.soa, ref))}
        return _fragment(request, "risks/soa/_edit_row.html", context, status=422)
    return _entry_page(request, found, form=form, status=422, **context)


def _form(request: HttpRequest, entry: SoaEntry, data: Any = None) -> AnswerForm:
    manages = _manages(request)
    return AnswerForm(data, entry=entry, people=people_of(request.project) if manages else {}, is_manager=manages)


def _line(request: HttpRequest, entry: SoaEntry) -> pages.Line:
    row = selectors.row_of(entry)
    return pages.line_of(entry.soa, row, may_manage=_manages(request), me=request.user.pk, today=_today(request))


def _fragment(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context |= {"project": request.project, "may_manage": _manages(request), "bulk": _manages(request)}
    return respond(request, template, context, status=status)


def _saved_row(request: HttpRequest, soa: Soa, ref: str) -> HttpResponse:
    """The row as it reads now, and everywhere else on the page what it changed."""
    statement = selectors.computed(soa)
    row = next(row for row in statement.rows if row.number == ref)
    line = pages.line_of(soa, row, may_manage=_manages(request), me=request.user.pk, today=_today(request))
    around = pages.around(soa, statement, pages.in_force_of(soa))
    return _fragment(request, "risks/soa/_saved.html", {"line": line, "around": around, "has_focus": True, "soa": soa})


def _entry_page(request: HttpRequest, found: SoaEntry, *, form: Any, status: int = 200, **more: Any) -> HttpResponse:
    row = selectors.row_of(found)
    before, after = selectors.neighbours(found)
    may_link = services.may_write(request.user, found, request.perms_here)
    context = {
        "project": request.project,
        "soa": found.soa,
        "entry": found,
        "line": pages.line_of(found.soa, row, may_manage=_manages(request), me=request.user.pk, today=_today(request)),
        "form": form if form is None or form.fields.get("is_applicable") or found.is_applicable else None,
        "attributes": pages.attributes_in_words(found),
        "treatments": selectors.treatments_of(found),
        "documents": selectors.documents_of(found),
        "tasks": selectors.tasks_of(found),
        "link_form": LinkForm(project=request.project) if may_link else None,
        "may_link": may_link,
        "told": selectors.story_of(found) if Perm.VIEW_JOURNAL in request.perms_here else [],
        "before": before,
        "after": after,
        "home": pages.home_of(found.soa),
        **more,
    }
    return render(request, "risks/soa/entry.html", context, status=status)


@project_access(WRITE)
@require_POST
def link(request: HttpRequest, slug: str, ref: str) -> HttpResponse:
    """Links a document or a task, or takes a link away."""
    entry = writable_entry(request, slug, ref)
    back = entry.get_absolute_url()
    try:
        if drop := request.POST.get("drop", ""):
            _unlink(request, entry, drop)
            return SeeOther(f"{back}#links")
        form = LinkForm(request.POST, project=request.project)
        if not form.is_valid():
            messages.error(request, " ".join(str(one) for errors in form.errors.values() for one in errors))
            return SeeOther(f"{back}#links")
        if document := form.cleaned_data["document"]:
            services.link_document(entry=entry, by=request.user, document=document)
        if task := form.cleaned_data["task"]:
            services.link_task(entry=entry, by=request.user, task=task)
        shown(request, _("The link is made."))
    except RuleBroken as refusal:
        messages.error(request, refusal.as_text)
    return SeeOther(f"{back}#links")


def _unlink(request: HttpRequest, entry: SoaEntry, drop: str) -> None:
    sort, _colon, pk = drop.partition(":")
    if not pk.isdecimal() or len(pk) > 12 or sort not in ("document", "task"):
        raise RuleBroken(_("This link is not there any more."))
    model, unlink = (Document, services.unlink_document) if sort == "document" else (Task, services.unlink_task)
    other = get_object_or_404(model, pk=int(pk), project=request.project)
    unlink(entry=entry, by=request.user, **{sort: other})
    shown(request, _("The link is taken away."))


@project_access(Perm.VIEW_RISKS)
@require_safe
def numbered(request: HttpRequest, number: int) -> HttpResponse:
    """Where a reminder leads: the row with this key."""
    entry = selectors.entry_of(request.project, number)
    if entry is None:
        raise Http404
    return SeeOther(entry.get_absolute_url())


# ---- looking back and out -------------------------------------------------------------------------------------------


@project_access(Perm.VIEW_RISKS)
@require_safe
def picture(request: HttpRequest, slug: str) -> HttpResponse:
    soa = found(request, slug)
    statement = selectors.computed(soa)
    context = {
        "project": request.project,
        "soa": soa,
        "totals": statement.totals,
        "picture": pages.picture(soa, statement, _today(request)),
        "home": pages.home_of(soa),
        "kind": selectors.kind_words(soa),
    }
    return render(request, "risks/soa/picture.html", context)


@project_access(Perm.VIEW_RISKS)
@require_safe
def editions(request: HttpRequest, slug: str) -> HttpResponse:
    soa = found(request, slug)
    statement = soa.statement = selectors.computed(soa)
    context = {
        "project": request.project,
        "soa": soa,
        "lines": pages.edition_lines(soa),
        "around": pages.around(soa, statement, pages.in_force_of(soa)),
        "home": pages.home_of(soa),
    }
    return render(request, "risks/soa/editions.html", context)


@project_access(Perm.VIEW_RISKS)
@require_safe
def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """Two editions, or one and the working copy, row by row."""
    soa = found(request, slug)
    numbers = list(selectors.editions(soa).values_list("edition", flat=True))
    form = CompareForm(request.GET, numbers=numbers)
    context: dict[str, Any] = {
        "project": request.project, "soa": soa, "form": form, "has_any": bool(numbers), "home": pages.home_of(soa),
    }  # fmt: skip
    if numbers and form.is_valid():
        before, after = (_at(soa, form.cleaned_data[name]) for name in ("before", "after"))
        context |= {"is_same": form.cleaned_data["before"] == form.cleaned_data["after"], "count": len(after.rows)}
        context["changes"] = applicability.compared(before, after)
    return render(request, "risks/soa/compare.html", context)


def _at(soa: Soa, which: str) -> applicability.Statement:
    if which == WORKING:
        return selectors.computed(soa)
    return selectors.edition(soa, int(which)).statement


@project_access(Perm.VIEW_RISKS)
@require_safe
def xlsx(request: HttpRequest, slug: str) -> HttpResponse:
    """The working copy with the rows that the filters leave, or `?edition=` as it was signed: both can come back."""
    soa = found(request, slug)
    number = request.GET.get("edition", "")
    if not number:
        statement = soa.statement = selectors.computed(soa)
        chosen = _filter(request, statement)
        return soa_sheet.workbook(
            soa, statement, standing=approvals.standing_of(selectors.KIND, soa), chosen=chosen.chosen,
            rows=applicability.narrowed(statement, chosen.wanted, me=request.user.pk),
        )  # fmt: skip
    kept = selectors.edition(soa, int(number)) if number.isdecimal() and len(number) < 6 else None
    if kept is None:
        raise Http404
    return soa_sheet.workbook(soa, kept.statement, edition=kept)
