"""The checklist at work: one line after the other on a tablet, saved by itself, and by plain forms without scripts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from audits import rights
from audits.flows import BEFORE_THE_WORK, AuditStatus
from audits.forms.checklist import RESULTS, AnswerForm, PartFilter
from audits.models import Audit, ChecklistLine, Result
from audits.selectors import checklist as selectors
from audits.selectors import criteria
from audits.services import answering as services
from core import files
from core.htmx import asks_by_itself, wants_fragment
from core.rules import RuleBroken, StaleRecord
from projects import evidencing
from projects.addresses import address
from projects.flow import NotPermitted
from projects.permissions import Perm
from projects.views.base import SeeOther, project_access, shown

ICONS = {
    Result.CONFORM: "circle-check", Result.NC_MINOR: "alert-triangle", Result.NC_MAJOR: "urgent",
    Result.OBSERVATION: "eye", Result.OFI: "trending-up", Result.STRENGTH: "star", Result.NOT_SAMPLED: "circle-dashed",
}  # fmt: skip
ORDER = (
    Result.CONFORM, Result.NC_MINOR, Result.NC_MAJOR, Result.OBSERVATION, Result.OFI, Result.STRENGTH, Result.NOT_SAMPLED,
)  # fmt: skip


def audit_here(request: HttpRequest, number: str) -> Audit:
    """The audit of this address. Raises Http404."""
    found = selectors.audit_of(request.project, number)
    if found is None:
        raise Http404
    return found


def place(request: HttpRequest, audit: Audit, name: str = "checklist", **more: Any) -> str:
    return address(f"audits:{name}", **request.project.address, number=audit.label, **more)


def writes(request: HttpRequest, audit: Audit) -> str:
    """What this person can write in the checklist now: "all", "plan" before the work begins, "" nothing."""
    if audit.status not in (*BEFORE_THE_WORK, AuditStatus.IN_PROGRESS):
        return ""
    if not rights.may_conduct(request.user, audit, request.perms_here):
        return ""
    return "all" if audit.status == AuditStatus.IN_PROGRESS else "plan"


@project_access(Perm.CONDUCT_AUDITS)
@require_safe
def walk(request: HttpRequest, number: str) -> HttpResponse:
    """The checklist with one line open: the one asked for, else the first without a result."""
    audit = audit_here(request, number)
    if number != audit.label:
        return HttpResponseRedirect(place(request, audit))
    return show(request, audit)


def show(
    request: HttpRequest, audit: Audit, *, form: AnswerForm | None = None, at: ChecklistLine | None = None
) -> HttpResponse:
    """The page; `form` is the one of line `at` that came back with something to mend."""
    begun = timezone.now()
    project, lines, sessions = request.project, selectors.lines_of(audit), selectors.sessions_of(audit)
    structure = criteria.structure()
    titles, shared = (
        {row.ref: row.title for row in structure if not row.parent},
        {row.ref: row.intent for row in structure},
    )
    chapters, by_session = selectors.by_chapter(lines, titles), selectors.by_session(lines, sessions)
    chosen = PartFilter(request.GET, lines=lines, sessions=by_session, chapters=chapters)
    part = [line for line in lines if selectors.matches(line, chosen.part)]
    asked = at.pk if at else request.GET.get("line", "")
    current = next((line for line in lines if str(line.pk) == str(asked)), None)
    current = current or next((line for line in part if not line.result), None) or (part[0] if part else None)
    may_write = writes(request, audit)
    if current is not None:
        current.audit, current.project = audit, project
    if form is None and current is not None:
        form = AnswerForm(initial=AnswerForm.initial_of(current), sessions=sessions)
    query = request.GET.copy()
    query.pop("line", None)
    separately, together = selectors.saving(lines)
    order = [line.pk for line in part]
    here = order.index(current.pk) if current and current.pk in order else -1
    context: dict[str, Any] = {
        "project": project, "audit": audit, "lines": lines, "filter": chosen, "chosen": chosen.chosen, "form": form,
        "current": current, "may_write": may_write, "progress": selectors.progress(lines), "chapters": chapters,
        "by_session": by_session if sessions else [], "groups": _grouped(part, chapters), "separately": separately,
        "together": together, "query": query.urlencode(), "conflict": form.conflict_rows() if form else [],
        "before": order[here - 1] if here > 0 else None, "after": order[here + 1] if 0 <= here < len(order) - 1 else None,
        "results": [(str(one), Result(one).label, ICONS[one]) for one in ORDER],
        "additions": selectors.additions_of(current) if current else [],
        "intent": selectors.intent_of(current, shared) if current else "",
        "sheet": {
            "me": str(request.user.pk), "audit": audit.pk, "place": f"{request.organization.slug}/{project.slug}",
            "line": f"{place(request, audit)}0/", "since": place(request, audit, "checklist-since"),
            "finding": place(request, audit, "finding-new"), "moment": begun.isoformat(), "writes": may_write,
            "evidence": f"{place(request, audit)}0/evidence/", "largest": files.limit_bytes(),
            "add": reverse("projects:evidence-add", kwargs={**project.address, "kind": evidencing.kind_of(ChecklistLine), "target": 0}),
            "current": current.pk if current else None, "order": order, "query": query.urlencode(),
            "rows": selectors.told(lines, project, user=request.user, shared=shared),
            "chapters": {str(line.pk): selectors.chapter_of(line) or "own" for line in lines},
        },
        "sheet_words": _words(), "accept": ",".join(f".{extension}" for extension in files.EXTENSIONS),
    }  # fmt: skip
    if form is not None:
        form.take_over()
    return render(request, "audits/checklist/walk.html", context, status=422 if form and form.is_bound else 200)


def _grouped(
    part: list[ChecklistLine], chapters: list[selectors.Share]
) -> list[tuple[selectors.Share, list[ChecklistLine]]]:
    """The shown lines by chapter, each line with what its entry in the list says."""
    for line in part:
        line.icon = ICONS.get(line.result, "circle")
        line.shorts = [selectors.short(code) for code in selectors.standards_of(line)]
    found = []
    for share in chapters:
        mine = [line for line in part if (selectors.chapter_of(line) or "own") == share.key]
        if mine:
            found.append((share, mine))
    return found


@project_access(Perm.CONDUCT_AUDITS)
@require_POST
@never_cache
def line(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Saves a line. The page's script asks for JSON: 200 with the line, 409 with the colleague's, 422 with a sentence."""
    audit = audit_here(request, number)
    found = selectors.one(audit, pk)
    if found is None:
        raise Http404
    form = AnswerForm(request.POST, sessions=selectors.sessions_of(audit))
    if "application/json" in request.headers.get("Accept", ""):
        return _said(request, form, found)
    if form.is_valid() and form.carry_out(lambda: _save(request, form, found)):
        shown(request)
        return SeeOther(f"{place(request, audit)}?{_next(request, audit, found)}#line")
    return show(request, audit, form=form, at=form.conflict or found)


@project_access(Perm.CONDUCT_AUDITS)
@require_safe
def evidence(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The photos and files of a line: the page asks for them when it goes to another line."""
    audit = audit_here(request, number)
    found = selectors.load(request.project, pk)
    if found is None or found.audit_id != audit.pk:
        raise Http404
    if not wants_fragment(request):
        return HttpResponseRedirect(f"{place(request, audit)}?line={found.pk}#evidence")
    return render(request, "audits/checklist/_evidence.html", {"current": found})


def _save(request: HttpRequest, form: AnswerForm, found: ChecklistLine) -> ChecklistLine:
    said = form.cleaned_data
    return services.answer(line=found, by=request.user, version=said["version"], values=form.values, key=said["key"])


def _next(request: HttpRequest, audit: Audit, found: ChecklistLine) -> str:
    """The query that shows the line the person wants next: the one the button names, else the same one."""
    query = request.GET.copy()
    wanted = request.POST.get("next", "")
    query["line"] = wanted if wanted.isdecimal() else str(found.pk)
    return query.urlencode()


def _said(request: HttpRequest, form: AnswerForm, found: ChecklistLine) -> JsonResponse:
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        return JsonResponse({"error": str(errors[0]), "field": field}, status=422)

    def told() -> dict[str, Any]:
        now = selectors.one(found.audit, found.pk)
        return selectors.told([now], request.project, user=request.user)[0]

    try:
        _save(request, form, found)
    except StaleRecord as stale:
        return JsonResponse({"error": stale.as_text, "row": told()}, status=409)
    except NotPermitted as refusal:
        return JsonResponse({"error": refusal.as_text, "field": ""}, status=403)
    except RuleBroken as refusal:
        return JsonResponse({"error": refusal.as_text, "field": refusal.field or ""}, status=422)
    return JsonResponse({"row": told()})


@asks_by_itself
@project_access(Perm.CONDUCT_AUDITS)
@require_safe
@never_cache
def since(request: HttpRequest, number: str) -> JsonResponse:
    """The lines that changed since `moment`; an open page asks every few seconds."""
    audit = audit_here(request, number)
    try:
        moment = parse_datetime(request.GET.get("moment", "")[:40])
    except ValueError:
        moment = None
    if moment is None or timezone.is_naive(moment):
        moment = timezone.now() - dt.timedelta(minutes=5)
    news = selectors.since(audit, moment)
    rows = selectors.told(news.rows, request.project, user=request.user)
    return JsonResponse({"moment": news.moment.isoformat(), "rows": rows, "token": get_token(request)})


def _words() -> dict[str, str]:
    """What the page says, in the reader's language."""
    return {
        "saved": _("Saved"),
        "saving": _("Saving …"),
        "typing": _("Not saved yet"),
        "kept": _("Not saved yet – kept here"),
        "refused": _("Not saved: see below"),
        "conflict": _("Both of you changed this"),
        "by": _("by %(name)s"),
        "other": _("%(line)s was changed by %(name)s."),
        "lost": _("No connection. %(n)s not saved yet, kept in this browser; saving goes on by itself."),
        "back": _("Everything is saved."),
        "restored": _("%(n)s not saved before; filled in again from this browser."),
        "signed-out": _(
            "You are signed out. Nothing is lost: sign in again in another tab, saving then goes on by itself."
        ),
        "forbidden": _("This was refused. Reload the page; what you typed is kept."),
        "no-storage": _("This browser keeps nothing: what is not saved yet is lost when the page is closed."),
        "sign-out": _("Something is not saved yet. Signing out removes it from this browser. Sign out all the same?"),
        "why-not": _("Say why it was not sampled: the report prints it."),
        "wait": _("No connection: the finding opens when it is back. What you typed is kept."),
        "wait-evidence": _("No connection: the photos and files of this line are shown when it is back."),
        "file-waiting": _("Waiting for the network"),
        "file-sending": _("Sending …"),
        "file-sent": _("Sent"),
        "file-refused": _("Refused: %(reason)s"),
        "too-large": _("“%(name)s” is larger than %(most)s MB.")
        % {"name": "%(name)s", "most": files.limit_bytes() // 2**20},
        "old-file": _("It was sent more than six days ago and may have arrived: look at the evidence first."),
        "not-kept": _("This browser has no room to keep it: leave this page open until it is sent."),
        "again": _("Try again"),
        "remove": _("Remove"),
        "mine": _("Keep mine"),
        "theirs": _("Take theirs"),
        "yours": _("Yours"),
        "of": _("By %(name)s"),
        "empty": _("empty"),
        "no-session": _("No session"),
        "adds": _("%(clause)s adds"),
        "note": _("Note: %(prompt)s"),
        "result": _("Result"),
        "evidence": _("What was seen"),
        "not_sampled_because": _("Why it was not sampled"),
        "sampling": _("Sample"),
        "session": _("Session"),
        **{f"result-{key or 'none'}": str(label) for key, label in [("", _("No result yet")), *RESULTS]},
    }
