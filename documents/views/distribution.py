"""Who gets a document, who is asked to confirm it, and how far they are; the same by person over all documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from core import dates
from core.htmx import respond
from documents import sheets
from documents.flows import RevisionStatus
from documents.forms.distribution import GiveForm, people_in_words
from documents.models import Acknowledgement, Document, Reading
from documents.selectors import reading as selectors
from documents.selectors.audience import Team, team_of
from documents.services import reading as services
from projects.addresses import address
from projects.permissions import Perm
from projects.views.base import SeeOther, answer, project_access, shown

from .document import found

PAGE = 50


def _today(request: HttpRequest) -> Any:
    return dates.today(request.organization.time_zone)


def _text(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:200].replace("\x00", "")


def _readers(request: HttpRequest, document: Document, state: str) -> Any:
    rows = selectors.in_state(selectors.readers(document), state, _today(request))
    for word in _text(request).split()[:10]:
        rows = rows.filter(person__name__icontains=word)
    return rows


def _form(request: HttpRequest, data: Any, team: Team) -> GiveForm:
    return GiveForm(data, team=team, people=User.objects.filter(pk__in=team.everybody).order_by("name", "pk"))


# ---- one document ----------------------------------------------------------------------------------------------------


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """To whom the document goes, and who confirmed which revision when. A filled form in the address is only a preview."""
    document = found(request, number)
    return _page(request, document, request.GET if "audience" in request.GET else None)


def _page(request: HttpRequest, document: Document, data: Any, form: GiveForm | None = None) -> HttpResponse:
    may_give = Perm.MANAGE_DOCUMENTS in request.perms_here and not document.is_withdrawn
    team = team_of(request.project)
    form = form or (_form(request, data, team) if may_give else None)
    is_ready = form is not None and form.is_bound and form.is_valid()
    state = request.GET.get("state", "")
    state = state if state in (*selectors.STATES, "record") else ""
    rows = selectors.confirmations(document) if state == "record" else _readers(request, document, state)
    here = {**request.project.address, "number": document.label}
    given = selectors.given(document, team)
    for one in given:
        one.distribution.end_url = reverse(
            "documents:document-distribution-end", kwargs={**here, "pk": one.distribution.pk}
        )
    context = {
        "project": request.project, "document": document, "given": given, "form": form, "may_give": may_give,
        "preview": selectors.preview(document, form.people, asks=form.cleaned_data["asks"]) if is_ready else None,
        "preview_people": people_in_words(len(form.people)) if is_ready else "",
        "effective": document.revisions.filter(status=RevisionStatus.EFFECTIVE).first(),
        "progress": selectors.progress(document, _today(request)), "state": state, "q": _text(request),
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page", "")[:9]), "today": _today(request),
        "here_url": address("documents:document-distribution", **here),
        "give_url": address("documents:document-distribution-give", **here),
        "export_url": address("documents:document-distribution-export", **here),
    }  # fmt: skip
    status = 422 if form is not None and form.is_bound and not is_ready else 200
    return respond(request, "documents/distribution/detail.html", context, status=status)


@project_access(Perm.MANAGE_DOCUMENTS)
@require_POST
def give(request: HttpRequest, number: str) -> HttpResponse:
    document = found(request, number)
    form = _form(request, request.POST, team_of(request.project))
    if form.is_valid() and form.carry_out(
        lambda: services.give(
            document=document, by=request.user, **form.whom, asks=form.cleaned_data["asks"],
            within_days=form.cleaned_data["within_days"],
        )
    ):  # fmt: skip
        shown(request, _("%(document)s goes to: %(whom)s.") % {"document": document.code, "whom": form.in_words})
        return SeeOther(address("documents:document-distribution", **request.project.address, number=document.label))
    return _page(request, document, None, form)


@project_access(Perm.MANAGE_DOCUMENTS)
@require_POST
def take_back(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    document = found(request, number)
    distribution = document.distribution.filter(pk=pk).first()
    if distribution is None:
        raise Http404
    distribution.document = document
    return answer(
        request, lambda: services.take_back(distribution=distribution, by=request.user),
        back=address("documents:document-distribution", **request.project.address, number=document.label),
        done=_("Taken back. What people confirmed stays on record."),
    )  # fmt: skip


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def export(request: HttpRequest, number: str) -> HttpResponse:
    """The evidence for an auditor: who is asked and where they stand, and everything that was ever confirmed."""
    document = found(request, number)
    today = _today(request)
    asked = sheets.Sheet(
        _("Readers"),
        [(_("Person"), 30), (_("E-mail"), 34), (_("To read: revision"), 16), (_("Due"), 12), (_("State"), 14),
         (_("Confirmed revision"), 18), (_("Confirmed at (UTC)"), 20)],
        (_reader(row, today) for row in selectors.readers(document)[: sheets.MOST_ROWS + 1]),
    )  # fmt: skip
    record = sheets.Sheet(
        _("All confirmations"),
        [(_("Confirmed at (UTC)"), 20), (_("Revision"), 10), (_("Name"), 30), (_("Role at that time"), 30), (_("E-mail"), 34)],
        (_confirmation(row) for row in selectors.confirmations(document)[: sheets.MOST_ROWS + 1]),
    )  # fmt: skip
    return sheets.workbook(f"readers-{request.organization.slug}-{document.label}", asked, record)


def state_of(row: Reading, today: Any) -> str:
    if row.confirmed_id is not None:
        return _("confirmed")
    return _("overdue") if row.due_on < today else _("open")


def _reader(row: Reading, today: Any) -> Sequence[Any]:
    confirmed = row.confirmed
    return (
        str(row.person), row.person.email, row.revision.number, row.due_on, state_of(row, today),
        confirmed.revision.number if confirmed else None, confirmed.acknowledged_at if confirmed else None,
    )  # fmt: skip


def _confirmation(row: Acknowledgement) -> Sequence[Any]:
    return row.acknowledged_at, row.revision.number, row.name, row.role, row.person.email


# ---- people over all documents ---------------------------------------------------------------------------------------


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """How far each person is with everything they are asked to confirm."""
    rows = selectors.people(request.project, _text(request))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page", "")[:9])
    standings = selectors.standings(request.project, page.object_list, _today(request))
    context = {
        "project": request.project, "page": page, "q": _text(request), "today": _today(request),
        "rows": [(one, _person_url(request, one.person.pk)) for one in standings],
        "total": selectors.behind(request.project, _today(request)),
        "export_url": address("documents:reading-export", **request.project.address),
    }  # fmt: skip
    return respond(request, "documents/distribution/people.html", context)


def _person_url(request: HttpRequest, pk: int) -> str:
    return f"{address('documents:reading-people', **request.project.address)}{pk}/"


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything one person is asked to confirm in this project: the open ones first."""
    who = selectors.people(request.project).filter(pk=pk).first()
    if who is None:
        raise Http404
    today = _today(request)
    state = request.GET.get("state", "")
    rows = selectors.in_state(selectors.of_person(request.project, who), state, today)
    page = Paginator(rows.order_by(F("confirmed").asc(nulls_first=True), "due_on", "pk"), PAGE).get_page(
        request.GET.get("page", "")[:9]
    )
    for row in page.object_list:
        row.href = address("documents:document-distribution", **request.project.address, number=row.document.label)
    (standing,) = selectors.standings(request.project, [who], today)
    context = {
        "project": request.project, "who": who, "page": page, "progress": standing.progress, "today": today,
        "state": state if state in selectors.STATES else "", "list_url": address("documents:reading-people", **request.project.address),
    }  # fmt: skip
    return render(request, "documents/distribution/person.html", context)


@project_access(Perm.VIEW_DOCUMENTS)
@require_safe
def people_export(request: HttpRequest) -> HttpResponse:
    """People with their figures, and a second sheet with everything that is open."""
    today = _today(request)
    persons = selectors.standings(request.project, selectors.people(request.project, _text(request)), today)
    figures = sheets.Sheet(
        _("People"),
        [(_("Person"), 30), (_("E-mail"), 34), (_("Asked"), 10), (_("Confirmed"), 12), (_("Open"), 10), (_("Overdue"), 10)],
        ((str(one.person), one.person.email, one.progress.asked, one.progress.confirmed, one.progress.open,
          one.progress.overdue) for one in persons),
    )  # fmt: skip
    waiting = sheets.Sheet(
        _("Open"),
        [(_("Person"), 30), (_("Code"), 16), (_("Title"), 60), (_("Revision"), 10), (_("Due"), 12), (_("State"), 14)],
        _open(request, [one.person.pk for one in persons], today),
    )
    project = request.project
    return sheets.workbook(f"reading-{request.organization.slug}-{project.slug}", figures, waiting)


def _open(request: HttpRequest, persons: Iterable[int], today: Any) -> Iterator[Sequence[Any]]:
    rows = (
        Reading.objects.filter(project=request.project, confirmed__isnull=True, person__in=list(persons))
        .select_related("person", "document", "revision")
        .order_by("person__name", "due_on", "pk")
    )
    for row in rows[: sheets.MOST_ROWS + 1]:
        yield (
            str(row.person),
            row.document.code,
            row.document.title,
            row.revision.number,
            row.due_on,
            state_of(row, today),
        )
