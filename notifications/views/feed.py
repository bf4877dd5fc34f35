"""Calendars under a secret link, and the page on which people make and end those links."""

from __future__ import annotations

from allauth.core.internal import ratelimit
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import View

from accounts.client import address_of
from core import outbox
from core.access_check import SignedInMixin, public
from notifications import feeds
from notifications.feeds import Entry
from notifications.models import Feed
from notifications.selectors import feed as selectors
from notifications.services import feed as services
from projects import access
from projects.models import Project
from projects.permissions import Perm
from projects.views.base import answer

# A program asks every few minutes at most; a guesser gets nowhere near 256 bits.
RATES = {"feed_reading": "30/10m/key", "feed_guess": "60/10m/key"}
HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}


def _too_often(request: HttpRequest, action: str, key: str) -> HttpResponse | None:
    if ratelimit.consume(request, app="notifications", action=action, config=RATES, key=key, limit_get=True):
        return None
    return HttpResponse(
        _("Asked too often. Try again in ten minutes."),
        status=429,
        content_type="text/plain; charset=utf-8",
        headers={**HEADERS, "Retry-After": "600"},
    )


def _opened(request: HttpRequest, secret: str, *, is_work: bool) -> Feed | HttpResponse:
    """The link that was asked for, or why not. A wrong secret looks like an address that never was."""
    feed = services.find(secret, is_work=is_work)
    if feed is None:
        if refused := _too_often(request, "feed_guess", address_of(request)):
            return refused
        raise Http404
    return _too_often(request, "feed_reading", str(feed.pk)) or feed


def _calendar(request: HttpRequest, feed: Feed, name: str, entries: list[Entry]) -> HttpResponse:
    services.note_reading(feed)
    headers = {**HEADERS, "ETag": f'"{feeds.mark(name, entries)}"'}
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return HttpResponse(status=304, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="ims2.ics"'
    return HttpResponse(feeds.calendar(name, entries), content_type="text/calendar; charset=utf-8", headers=headers)


@public("the secret in the address opens one person's due dates; their roles are asked at every reading")
@require_safe
def my_work(request: HttpRequest, secret: str) -> HttpResponse:
    feed = _opened(request, secret, is_work=True)
    if isinstance(feed, HttpResponse):
        return feed
    with translation.override(feed.person.language):
        return _calendar(request, feed, _("IMS2: my work"), selectors.work(feed.person))


@public("the secret in the address opens one project's milestones; the person's role is asked at every reading")
@require_safe
def project(request: HttpRequest, secret: str) -> HttpResponse:
    feed = _opened(request, secret, is_work=False)
    if isinstance(feed, HttpResponse):
        return feed
    if not access.can(feed.person, Perm.VIEW_PROJECT, feed.project):
        raise Http404
    with translation.override(feed.person.language):
        name = f"{feed.project.organization.name}: {feed.project.name}"
        return _calendar(request, feed, name, selectors.plan(feed.project))


class Feeds(SignedInMixin, View):
    signed_in = "everybody makes and ends their own links, for what their roles open"
    http_method_names = ["get", "head", "options", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        projects = selectors.readable(request.user)
        links = {feed.project_id: feed for feed in selectors.in_force(request.user)}
        for feed in links.values():
            secret = services.secret_of(feed)
            name = "notifications:feed-work" if feed.project_id is None else "notifications:feed-project"
            feed.link = outbox.absolute(reverse(name, kwargs={"secret": secret})) if secret else ""
        chosen = request.GET.get("project", "")
        context = {
            "work": links.get(None),
            "linked": [(one, links[one.pk]) for one in projects if one.pk in links],
            "others": [one for one in projects if one.pk not in links],
            # Of a project that is closed, or no longer open to the person: without its name, but it can be ended.
            "gone": [feed for pk, feed in links.items() if pk and pk not in {one.pk for one in projects}],
            "chosen": int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else None,
        }
        return render(request, "notifications/feeds.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """`end` is the number of a link of the person that is to open nothing any more; else the link for `project` is
        made anew, or with "" the one for their own work."""
        person, here = request.user, reverse("notifications:feeds")
        if end := request.POST.get("end", ""):
            feed = next((one for one in selectors.in_force(person) if str(one.pk) == end), None)
            if feed is None:
                raise Http404
            return answer(
                request,
                lambda: services.revoke(person=person, project=feed.project, by=person),
                back=here,
                done=_("The link opens nothing any more. Remove the calendar from your program too."),
            )
        wanted = request.POST.get("project", "")
        found: Project | None = None
        if wanted:
            found = next((one for one in selectors.readable(person) if str(one.pk) == wanted), None)
            if found is None:
                raise Http404
        return answer(
            request,
            lambda: services.renew(person=person, project=found, by=person),
            back=here,
            done=_("The link is ready. Copy it into your calendar program."),
        )
