"""The inbox, and the number beside the bell."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import View

from core.access_check import SignedInMixin, signed_in
from core.htmx import asks_by_itself, respond
from notifications import notices
from notifications.selectors import notice as selectors
from notifications.services import notice as services
from projects.views.base import SeeOther

FURTHEST_PAGE = 2000  # what lies behind is older than anybody reads, and the nightly job removes it


def _number(text: str) -> int | None:
    """A number as it may stand in an address or a form; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


class Inbox(SignedInMixin, View):
    signed_in = "lists only notices of the person, and of those only what their roles still open"
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET
        kind = asked.get("kind", "") if asked.get("kind") in notices.KINDS else ""
        projects = selectors.projects_of(request.user)
        wanted = _number(asked.get("project", ""))
        project = next((one for one in projects if one.pk == wanted), None)
        page = min(max(_number(asked.get("page", "")) or 1, 1), FURTHEST_PAGE)
        context = {
            "inbox": selectors.inbox(request.user, kind=kind, project=project and project.pk, page=page),
            "unread": selectors.unread_count(request.user),
            "most": selectors.MOST_COUNTED,
            "kind": kind,
            "kinds": [(name, entry.label) for name, entry in notices.KINDS.items()],
            "project": project,
            "projects": projects,
            "chosen": _chosen(kind, project),
        }
        return respond(request, "notifications/inbox.html", context)


def _chosen(kind: str, project: Any) -> list[dict[str, Any]]:
    """The filters in force, as chips that can be removed."""
    rows = []
    if project:
        name = f"{project.organization.name}: {project.name}"
        rows.append({"name": "project", "label": _("Project"), "value": project.pk, "text": name})
    if kind:
        rows.append({"name": "kind", "label": _("Kind"), "value": kind, "text": notices.of(kind).label})
    return rows


@signed_in("marks a notice of the person as read and leads to what it tells of; that page asks for its own rights")
@require_POST
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """A POST, because it changes something: a link that is only looked at in advance marks nothing as read."""
    notice = selectors.own(request.user, pk)
    if notice is None:
        raise Http404
    services.mark_read(person=request.user, ids=[notice.pk])
    address = notice.get_absolute_url()
    return SeeOther(address if url_has_allowed_host_and_scheme(address, allowed_hosts=None) else _back(request))


@signed_in("marks the person's own notices as read, nobody else's")
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """One notice (`notice`), or all that stood there when the page was made (`until`)."""
    one, until = _number(request.POST.get("notice", "")), _number(request.POST.get("until", ""))
    if one is not None:
        services.mark_read(person=request.user, ids=[one])
    elif until is not None:
        count = services.mark_all_read(person=request.user, until=until)
        told = ngettext("%(n)s notice is marked as read.", "%(n)s notices are marked as read.", count) % {"n": count}
        messages.success(request, told if count else _("Nothing was unread."))
    return SeeOther(_back(request))


def _back(request: HttpRequest) -> str:
    """The inbox as it was filtered."""
    here = reverse("notifications:inbox")
    back = request.POST.get("next", "")
    is_ours = back.startswith(here) and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if is_ours else here


@asks_by_itself
@signed_in("says how many notices of the person are unread")
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """The number beside the bell and how it is said; 304 while it is what the page knows already. One query."""
    number = selectors.unread_count(request.user)
    shown = f"{selectors.MOST_COUNTED}+" if number > selectors.MOST_COUNTED else str(number)
    said = ngettext("%(n)s unread notice", "%(n)s unread notices", number) % {"n": shown}
    answer = JsonResponse({"count": number, "shown": shown if number else "", "said": said if number else ""})
    answer["ETag"] = f'"{sha256(answer.content).hexdigest()[:16]}"'
    if request.headers.get("If-None-Match") == answer["ETag"]:
        return HttpResponse(status=304, headers={"ETag": answer["ETag"]})
    return answer
