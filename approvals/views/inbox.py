"""What awaits my decision, over all organizations."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from approvals.selectors import inbox as selectors
from core import dates
from core.access_check import signed_in
from core.htmx import respond

PAGE = 50


@signed_in("lists what awaits this person's own decision, in projects that their roles still open")
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    page = Paginator(selectors.awaiting(request.user), PAGE).get_page(request.GET.get("page", "")[:9])
    context = {
        "page": page,
        "rows": selectors.dressed(list(page.object_list), request.user),
        "today": dates.today(),
    }
    return respond(request, "approvals/inbox.html", context)
