"""The journal: read, filtered, verified and taken along."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any

import xlsxwriter
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from core.htmx import respond
from projects import discretion, journal_check, journal_words
from projects.permissions import Perm
from projects.selectors import journal as selectors

from .base import ProjectView, project_access

MOST_VERIFIED = 5_000
MOST_ROWS = 50_000


class JournalList(ProjectView, TemplateView):
    needs = Perm.VIEW_JOURNAL
    template_name = "projects/journal/list.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        project, query = self.project, self.request.GET
        may_see_whole = selectors.may_see_whole(self.request.user, project.organization)
        people = selectors.people_in(project)
        asked = selectors.filters_of(query, project, user=self.request.user, may_see_whole=may_see_whole, people=people)
        sparse = query.copy()
        for name in ("before", "after"):
            sparse.pop(name, None)
        return super().get_context_data(
            page=selectors.page_of(asked),
            asked=asked,
            people=people,
            actions=selectors.actions(),
            end=selectors.end_of(project.organization),
            may_see_whole=may_see_whole,
            is_part=discretion.hides(project, self.request.user),
            query=sparse.urlencode(),
            is_first=asked.before is None and asked.after is None,
            **kwargs,
        )

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        return respond(self.request, self.template_name, context)


class JournalVerify(ProjectView, TemplateView):
    """Checks the end of the chain now, at most MOST_VERIFIED entries; the whole is for `manage.py verify_journal`."""

    needs = Perm.VIEW_JOURNAL
    template_name = "projects/journal/verify.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization = self.project.organization
        found = journal_check.heads(organization)
        verdict = journal_check.check(found[0], last_only=MOST_VERIFIED) if found else None
        return super().get_context_data(
            verdict=verdict,
            is_part=bool(verdict and verdict.first > 1),
            most=MOST_VERIFIED,
            checked_at=timezone.now(),
            end=selectors.end_of(organization),
            **kwargs,
        )


def _file_name(request: HttpRequest, ending: str, is_whole: bool) -> str:
    scope = request.organization.slug if is_whole else f"{request.organization.slug}-{request.project.slug}"
    return f"journal-{scope}-{timezone.localdate():%Y-%m-%d}.{ending}"


@require_safe
@project_access(Perm.VIEW_JOURNAL)
def export_chain(request: HttpRequest) -> StreamingHttpResponse:
    """The chain as JSON lines for the offline verifier.

    Readers of the whole organization get every entry; readers of one project get theirs. Of the others, and of records
    that they may not see, only number and hashes, which tell nothing but keep the chain whole.
    """
    is_whole = selectors.may_see_whole(request.user, request.organization)
    told = selectors.entries_of(selectors.Filters(request.project, request.user, is_whole=is_whole)).order_by("seq")
    lines = journal_check.export(request.organization, None if is_whole else request.project, among=told)
    response = StreamingHttpResponse(lines, content_type="application/x-ndjson; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_file_name(request, "jsonl", is_whole)}"'
    return response


PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}


@require_safe
@project_access(Perm.VIEW_JOURNAL)
def export_workbook(request: HttpRequest) -> HttpResponse:
    """The entries of the filtered list as a workbook; text that looks like a formula stays text."""
    project = request.project
    may_see_whole = selectors.may_see_whole(request.user, request.organization)
    people = selectors.people_in(project)
    asked = selectors.filters_of(request.GET, project, user=request.user, may_see_whole=may_see_whole, people=people)
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, PLAIN)
    head = book.add_format({"bold": True, "bg_color": "#E9EFFE", "bottom": 1})
    sheet = book.add_worksheet(_("Journal"))
    for column, width in enumerate((9, 20, 24, 34, 44, 70, 40, 66)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    headings = [_("No."), _("When (UTC)"), _("Who"), _("What"), _("Record"), _("Changes"), _("Why"), _("Hash")]
    sheet.write_row(0, 0, headings, head)
    for at, entry in enumerate(selectors.entries_of(asked)[:MOST_ROWS].iterator(chunk_size=2000), 1):
        changes = "\n".join(
            f"{c.label}: {c.after}" if c.is_fact else f"{c.label}: {c.before} → {c.after}"
            for c in journal_words.changes_of(entry)
        )
        sheet.write_number(at, 0, entry.seq)
        texts = (
            f"{entry.at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}",
            entry.actor_name, journal_words.verb_of(entry.action), entry.target_label, changes, entry.reason, entry.hash,
        )  # fmt: skip
        for column, text in enumerate(texts, 1):
            sheet.write_string(at, column, text[:32_000])
    book.close()
    response = HttpResponse(
        buffer.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response["Content-Disposition"] = f'attachment; filename="{_file_name(request, "xlsx", asked.is_whole)}"'
    return response
