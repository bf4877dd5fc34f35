"""Preparing a checklist: from the criteria, with questions of one's own, by session, in an order of one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits import rights
from audits.forms.checklist import QuestionForm
from audits.models import Audit, ChecklistLine, LineKind
from audits.selectors import checklist as selectors
from audits.selectors import clauses as clause_selectors
from audits.services import checklist as services
from core import once
from projects.permissions import Perm
from projects.views.base import SeeOther, answer, project_access, shown

from .checklist import audit_here, place, writes


@project_access(Perm.CONDUCT_AUDITS)
@require_safe
def prepare(request: HttpRequest, number: str) -> HttpResponse:
    return show(request, audit_here(request, number))


def show(request: HttpRequest, audit: Audit, form: QuestionForm | None = None) -> HttpResponse:
    """The page; `form` is the question that came back with something to mend."""
    lines, sessions = selectors.lines_of(audit), selectors.sessions_of(audit)
    names = {one.pk: one.title for one in sessions}
    for n, line in enumerate(lines, start=1):
        line.place, line.session_name = n, names.get(line.session_id, "")
        line.shorts = [selectors.short(code) for code in selectors.standards_of(line)]
        line.is_own, line.is_touched = line.kind == LineKind.OWN, services.is_touched(line) or bool(line.findings.all())
    separately, together = selectors.saving(lines)
    may_write = bool(writes(request, audit))
    context: dict[str, Any] = {
        "project": request.project, "audit": audit, "lines": lines, "sessions": sessions, "may_write": may_write,
        "separately": separately, "together": together, "progress": selectors.progress(lines),
        "form": (form or _form(audit, sessions)) if may_write else None, "base": place(request, audit),
    }  # fmt: skip
    return render(request, "audits/checklist/prepare.html", context, status=422 if form else 200)


def _form(audit: Audit, sessions: list[Any], *args: Any, **kwargs: Any) -> QuestionForm:
    return QuestionForm(*args, sessions=sessions, clauses=clause_selectors.of_audit(audit), **kwargs)


def _home(request: HttpRequest, audit: Audit) -> str:
    return place(request, audit, "checklist-prepare")


def _line(audit: Audit, pk: int) -> ChecklistLine:
    found = selectors.one(audit, pk)
    if found is None:
        raise Http404
    return found


@project_access(Perm.CONDUCT_AUDITS)
@require_POST
def generate(request: HttpRequest, number: str) -> HttpResponse:
    """Brings the checklist up to the criteria."""
    audit = audit_here(request, number)

    def change() -> int:
        made = services.generate(audit=audit, by=request.user)
        text = ngettext("%(n)s line was added.", "%(n)s lines were added.", made) % {"n": made}
        messages.success(request, text if made else _("The checklist asks about all criteria already."))
        return made

    return answer(request, change, back=_home(request, audit))


@project_access(Perm.CONDUCT_AUDITS)
@require_POST
def add(request: HttpRequest, number: str) -> HttpResponse:
    """A question of one's own."""
    audit = audit_here(request, number)
    rights.permit_conduct(audit, request.user)
    form = _form(audit, selectors.sessions_of(audit), request.POST)
    where = _home(request, audit)
    if form.is_valid() and form.carry_out(
        lambda: once.carry_out(
            form.cleaned_data["once"], person=request.user, address=lambda made: f"{where}#own",
            change=lambda: services.add_question(audit=audit, by=request.user, values=form.values),
        )
    ):  # fmt: skip
        shown(request, _("The question was added."))
        return SeeOther(form.result)
    return show(request, audit, form)


@project_access(Perm.CONDUCT_AUDITS)
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A question of one's own in other words."""
    audit = audit_here(request, number)
    rights.permit_conduct(audit, request.user)
    line, sessions = _line(audit, pk), selectors.sessions_of(audit)
    if line.kind != LineKind.OWN:
        raise Http404
    form = _form(
        audit, sessions, request.POST if request.method == "POST" else None, initial=QuestionForm.initial_of(line)
    )
    if form.is_bound and form.is_valid() and form.carry_out(
        lambda: services.change_question(
            line=line, by=request.user, version=form.cleaned_data["version"] or 0, values=form.values
        )
    ):  # fmt: skip
        shown(request)
        return SeeOther(_home(request, audit))
    if form.conflict is not None:
        form.data = form.data.copy()
        form.data["version"] = str(form.conflict.version)
    context = {"project": request.project, "audit": audit, "line": line, "form": form, "back": _home(request, audit)}
    return render(request, "audits/checklist/question.html", context, status=422 if form.is_bound else 200)


@project_access(Perm.CONDUCT_AUDITS)
@require_POST
def change(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Takes a line away (`remove`), or puts it at another place (`to`)."""
    audit = audit_here(request, number)
    line = _line(audit, pk)

    def work() -> None:
        if "remove" in request.POST:
            services.remove(line=line, by=request.user)
        else:
            to = request.POST.get("to", "")
            services.reorder(line=line, by=request.user, to=int(to) if to.isdecimal() and len(to) < 6 else 1)

    return answer(request, work, back=f"{_home(request, audit)}#line-{pk}")


@project_access(Perm.CONDUCT_AUDITS)
@require_POST
def assign(request: HttpRequest, number: str) -> HttpResponse:
    """Puts the ticked lines into a session."""
    audit = audit_here(request, number)
    ticked = [int(pk) for pk in request.POST.getlist("line") if pk.isdecimal() and len(pk) < 12]
    chosen = request.POST.get("session", "")
    session = next((one for one in selectors.sessions_of(audit) if str(one.pk) == chosen), None)

    def work() -> int:
        return services.assign(audit=audit, by=request.user, lines=ticked, session=session)

    def said(n: int) -> str:
        if n:
            where = session.title if session else _("No session")
            messages.success(request, f"{where}: " + ngettext("%(n)s line.", "%(n)s lines.", n) % {"n": n})
        return _home(request, audit)

    back: Callable[[Any], str] = lambda n: said(n or 0)  # noqa: E731
    return answer(request, work, back=back)
