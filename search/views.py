"""The page of search, its suggestions, and the way straight to a number. Nothing that was asked is stored."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.generic import View

from core.access_check import SignedInMixin
from core.htmx import respond, wants_fragment
from projects.views.base import SeeOther
from search import highlight, kinds, words
from search.selectors import find, people
from search.selectors import sight as sights

MOST_SUGGESTED = 12
SUGGESTIONS = "search-suggestions"


class Search(SignedInMixin, View):
    signed_in = "finds only what the person's own roles open"
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = find.question(request.GET.get("q", ""))
        here = request.GET.get("in", "").replace("\0", "")[:120]
        group = request.GET.get("group", "")
        group = group if group in {one.key for one in kinds.groups()} else ""
        page = _number(request.GET.get("page", ""))
        is_suggesting = wants_fragment(request) and request.htmx.target == SUGGESTIONS
        if is_suggesting and len(asked.text) < 2:
            asked = find.question("")
        found = find.Found(asked, [])
        if not asked.is_empty:
            sight = sights.of(request.user, here)
            found = find.find(sight, asked, group="" if is_suggesting else group, page=page)
            people.place([hit for hit in found.hits if hit.kind.key == "person"], sight)
            _dress(found)
        if is_suggesting:
            context = {"found": found, "rows": _suggested(found), "all_url": _address(asked.text, here)}
            answer = render(request, "search/_suggestions.html", context)
            patch_vary_headers(answer, ["HX-Request", "HX-Target"])
            return answer
        if not wants_fragment(request) and not group and page == 1 and (straight := found.straight_to):
            return SeeOther(straight.url)
        return respond(request, "search/page.html", self.page(found, here, group, page), fragment="search/_found.html")

    def page(self, found: find.Found, here: str, group: str, page: int) -> dict[str, Any]:
        text = found.asked.text
        shown = next((part for part in found.parts if part.key == group), None)
        return {
            "found": found,
            "q": text,
            "here": here,
            "group": group,
            "is_all": not group,
            "shown": [shown] if shown else found.parts if not group else [],
            "tabs": [(part, _address(text, here, part.key), part.key == group) for part in found.parts],
            "all_url": _address(text, here),
            "meant_url": _address(found.meant, here) if found.meant else "",
            "pages": _pages(shown, page, lambda number: _address(text, here, group, number)) if shown else None,
            "kinds": [str(one.label) for one in kinds.groups()],
        }


def _address(text: str, here: str, group: str = "", page: int = 1) -> str:
    asked = {"q": text, "in": here, "group": group, "page": page if page > 1 else ""}
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def _number(text: str) -> int:
    return min(max(int(text), 1), find.MOST) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _dress(found: find.Found) -> None:
    """Puts on each hit what its row prints: title and text with the words marked, address, badge."""
    asked = found.asked
    wanted = {w for word in asked.words for w in (words.similar(word) if found.is_loose else [word])}
    if found.meant:
        wanted |= set(words.of(found.meant))
    beginning = asked.words[-1] if asked.has_prefix and not found.is_loose else ""
    badges: dict[str, Any] = {}
    for hit in found.hits:
        hit.href = hit.url
        hit.title_marked = highlight.marked(hit.title, wanted, beginning)
        hit.snippet = highlight.snippet(hit.text, wanted, beginning)
        if hit.kind.key not in badges:
            badges[hit.kind.key] = hit.kind.badges()
        hit.badge = badges[hit.kind.key].get(hit.state)


def _suggested(found: find.Found) -> list[Any]:
    """The first rows of each group, the ranked order kept inside a group; as many of each as there is room for."""
    room, rows = MOST_SUGGESTED, []
    each = max(2, room // max(len(found.parts), 1))
    for part in found.parts:
        taken = part.hits[: min(each, room)]
        room -= len(taken)
        if taken:
            rows.append(SimpleNamespace(key=part.key, label=part.label, count=part.count, hits=taken))
    return rows


def _pages(part: find.Part, page: int, address: Any) -> dict[str, Any] | None:
    if part.pages < 2:
        return None
    page = min(page, part.pages)
    return {
        "number": page,
        "all": part.pages,
        "previous": address(page - 1) if page > 1 else "",
        "next": address(page + 1) if page < part.pages else "",
    }
