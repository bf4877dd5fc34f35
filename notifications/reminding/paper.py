"""A person's day as a mail: text and HTML from stencils, the sentences from memory; no query and no template per mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from core import outbox
from core.models import OutgoingMail
from core.models.mail import Urgency
from core.stencil import Stencil, stencil
from notifications import unsubscribing
from notifications.reminding import wording
from notifications.reminding.branding import PROGRAM, Brand
from notifications.reminding.selection import Item
from projects import reminders
from projects.selectors.holders import Place

MOST_LINES, MOST_NEWS = 30, 10


class Reader(NamedTuple):
    """The columns of a person that a mail of the morning needs."""

    pk: int
    name: str
    email: str
    language: str
    wants_mail: bool


class Sheet:
    """What all digests of one chunk share: the day, the projects, the addresses, the names of others."""

    def __init__(
        self, today: dt.date, places: dict[int, Place], names: dict[int, str], brands: dict[int, Brand]
    ) -> None:
        self.today, self.places, self.names, self.brands = today, places, names, brands
        self.now = timezone.now()
        self.work = outbox.absolute(reverse("portal:my-work"))
        self.choices = outbox.absolute(reverse("notifications:preferences"))
        self._homes: dict[tuple[str, int], str] = {}
        self._prefixes = {source.kind: source.prefix for source in reminders.every()}

    def home(self, kind: str, project: int) -> str:
        """The address of a project's records of a kind, that a record's label is put behind."""
        key = (kind, project)
        if key not in self._homes:
            path = reverse(reminders.of(kind).home, kwargs=self.places[project].address)
            self._homes[key] = f"{settings.BASE_URL}{path}{self._prefixes[kind]}-"
        return self._homes[key]


def digest(reader: Reader, items: list[Item], news: Sequence[Any], sheet: Sheet) -> OutgoingMail:
    """The digest of one person; `items` are sorted here, the most urgent first, and cut after MOST_LINES."""
    today, language = sheet.today, reader.language
    items.sort(key=_urgency)
    late = sum(item.due < today for item in items)
    on_day = sum(item.due == today for item in items)
    counts = (late, on_day, len(items) - late - on_day, len(news))
    title, hello = wording.title(language, today, *counts), wording.greeting(language, reader.name)
    more = wording.more(language, len(items) - MOST_LINES) if len(items) > MOST_LINES else ""
    stop = outbox.absolute(unsubscribing.link(reader, "digest"))
    groups = _groups(items, sheet)
    brand = _brand(items, news, sheet)
    subject = wording.subject(language, *counts)
    shared = {"work": sheet.work, "choices": sheet.choices, "stop": stop}
    paper, page = stencil("digest.txt", language), stencil("digest.html", language)
    return OutgoingMail(
        key=f"digest:{reader.pk}:{today}",
        recipient=reader.email,
        subject=subject,
        text=paper(
            title=title, greeting=hello, news=_news(paper, news, _same),
            group="".join([_text_group(paper, group, reader, sheet) for group in groups]),
            more=paper.part("more")(words=more) if more else "", **shared,
        ),
        html=page(
            subject=subject, title=title, greeting=escape(hello), news=_news(page, news, escape),
            group="".join([_page_group(page, group, reader, sheet) for group in groups]),
            more=page.part("more")(words=more, work=sheet.work) if more else "",
            **sender(page, brand), **shared,
        ),
        headers=unsubscribe_headers(stop),
        pictures=list(brand.pictures),
        urgency=Urgency.BULK,
        not_before=sheet.now,
    )  # fmt: skip


def _urgency(item: Item) -> tuple[dt.date, int]:
    return item[5], item[3]  # due, number


def _same(text: str) -> str:
    return text


def _groups(items: Sequence[Item], sheet: Sheet) -> list[tuple[Place, list[Item]]]:
    """The first items by project, the project with the most urgent one first."""
    found: dict[int, list[Item]] = {}
    for item in items[:MOST_LINES]:
        found.setdefault(item.project_id, []).append(item)
    return [(sheet.places[pk], lines) for pk, lines in found.items()]


def _owner(item: Item, reader: Reader, sheet: Sheet) -> str:
    return sheet.names.get(item.owner_id, "") if item.owner_id and item.owner_id != reader.pk else ""


def _text_group(paper: Stencil, group: tuple[Place, list[Item]], reader: Reader, sheet: Sheet) -> str:
    (place, items), language, today = group, reader.language, sheet.today
    part = paper.part("group")
    line = part.part("line").fill
    lines = []
    for item in items:
        kind, _pk, project, number, title, due, late, why, _owner_id = item
        label = f"{number:03d}"
        own = "" if why == "own" else wording.why(language, why, _owner(item, reader, sheet))
        home = sheet.home(kind, project)
        lines.append(
            line({
                "name": f"{home.rpartition('/')[2]}{label} {title}", "when": wording.when(language, due, today, late),
                "why": own, "url": f"{home}{label}/",
            })
        )  # fmt: skip
    return part(project=place.name, organization=place.organization, line="".join(lines))


def _page_group(page: Stencil, group: tuple[Place, list[Item]], reader: Reader, sheet: Sheet) -> str:
    (place, items), language, today = group, reader.language, sheet.today
    part = page.part("group")
    late_line, today_line, soon_line = (part.part(name).fill for name in ("late", "today", "soon"))
    lines = []
    for item in items:
        kind, _pk, project, number, title, due, late, why, _owner_id = item
        label = f"{number:03d}"
        own = "" if why == "own" else escape(wording.why(language, why, _owner(item, reader, sheet)))
        home = sheet.home(kind, project)
        line = late_line if due < today else today_line if due == today else soon_line
        lines.append(
            line({
                "name": f"{home.rpartition('/')[2]}{label} {escape(title)}",
                "when": wording.when(language, due, today, late), "why": own, "url": f"{home}{label}/",
            })
        )  # fmt: skip
    return part(
        project=escape(place.name), organization=escape(place.organization), late="".join(lines), today="", soon=""
    )


def _news(whole: Stencil, news: Sequence[Any], clean: Any) -> str:
    if not news:
        return ""
    part = whole.part("news")
    one = part.part("notice")
    lines = []
    for notice in news[:MOST_NEWS]:
        words = one.part("words")(text=clean(" ".join(notice.text.split())[:300])) if notice.text else ""
        url = outbox.absolute(notice.get_absolute_url())
        lines.append(one(title=clean(notice.title), words=words, url=clean(url)))
    return part(notice="".join(lines))


def _brand(items: Sequence[Item], news: Sequence[Any], sheet: Sheet) -> Brand:
    spoken_of = {sheet.places[item.project_id].organization_id for item in items}
    spoken_of |= {notice.organization_id for notice in news if notice.organization_id}
    return sheet.brands.get(spoken_of.pop(), PROGRAM) if len(spoken_of) == 1 else PROGRAM


def sender(page: Stencil, brand: Brand) -> dict[str, str]:
    """The two parts of `_sender.html`, of which one is filled."""
    name = escape(brand.name)
    filled, empty = ("logo", "sender") if brand.pictures else ("sender", "logo")
    return {filled: page.part(filled)(organization=name), empty: ""}


def unsubscribe_headers(stop: str) -> dict[str, str]:
    """What lets a mail program offer "unsubscribe" as one click (RFC 8058)."""
    return {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
