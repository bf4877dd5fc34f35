"""The frame of every report: what stands on the cover, in the contents, in the running lines and in "About this report".

A kind's selector and template give the content; the frame renders them in the reader's language, gives each heading its
anchor, and makes the contents from them. The result is HTML for the press; nothing in it is fetched from anywhere.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from html import unescape
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.models import Organization
from accounts.selectors import brand
from core.svg.base import Drawing, sector
from projects.selectors import journal as journals

from .kinds import Asked, ReportKind
from .selectors.lines import long_day_format

HEADING = re.compile(r"<h([23])((?:\s[^>]*)?)>(.*?)</h\1>", re.DOTALL)
ID = re.compile(r"\sid=\"([^\"]+)\"")
TAG = re.compile(r"<[^>]+>")
EMPTY = re.compile(r'<section class="summary"[^>]*>\s*</section>|<main class="content">\s*</main>')
TOC_MARK = "<!--contents-->"
MOST_LISTED = 120
"""Lines of the contents; where there are more, the smaller headings are left out of it (the bookmarks have them all)."""


@dataclass(frozen=True)
class Cover:
    """What the frame knows about the report besides its content."""

    title: str
    organization: str
    project: str
    date: str
    by: str
    mark: str
    made_at: dt.datetime
    period: str = ""
    has_logo: bool = False
    initials: str = ""


@dataclass(frozen=True)
class Sheet:
    """A report ready for the press."""

    html: str
    css: str
    images: dict[str, tuple[str, bytes]]
    title: str
    # The ids of the projects in a report over many: who reads one of them no longer is not given the report.
    projects: tuple[int, ...] = ()


def version() -> str:
    return getattr(settings, "VERSION", "0.1.0")


def render(
    kind: ReportKind, asked: Asked, *, mark: str, made_at: dt.datetime, said: list[tuple[str, str]] | None = None
) -> Sheet:
    """The whole report as HTML, in `asked.language`. `mark` is its number, `said` its parameters in words."""
    organization: Organization | None = asked.organization
    is_personal = kind.scope == "person" or organization is None
    zone = ZoneInfo(asked.by.time_zone if is_personal else organization.time_zone)
    # Templates show a moment on the clock in force: a worker's own is UTC.
    with translation.override(asked.language), timezone.override(zone):
        content = kind.select(asked)
        logo = brand.logo_of(organization)
        color = brand.color_of(organization)
        title = str(content.get("title") or kind.title)
        local = made_at.astimezone(zone)
        cover = Cover(
            title=title,
            organization=str(organization or ""),
            project=str(asked.project or ""),
            date=date_format(local, long_day_format()),
            by=str(asked.by or ""),
            mark=mark,
            made_at=local,
            period=str(content.get("period") or ""),
            has_logo=logo is not None,
            initials=initials(str(organization or "IMS2")),
        )
        context = {
            **content,
            "asked": asked,
            "kind": kind,
            "cover": cover,
            "project": asked.project,
            "organization": organization,
            "today": asked.today,
            "parameters_in_words": said or [],
            "motif": motif(color),
            "chain": journals.end_of(organization) if organization else None,
            "zone": str(zone),
            "version": version(),
        }
        html = with_contents(render_to_string(kind.template, context))
        images = {"logo": (logo[1], logo[0])} if logo else {}
        return Sheet(html, colors(color), images, title, tuple(content.get("projects", ())))


def initials(name: str) -> str:
    """Two letters for a cover without a logo."""
    words = [word for word in re.split(r"[\W_]+", name) if word]
    return ("".join(word[0] for word in words[:2]) if len(words) > 1 else name[:2]).upper()


# ---- contents ---------------------------------------------------------------------------------------------------


def with_contents(html: str) -> str:
    """Gives every h2 and h3 without one an id that is stable and unique, and lists them where the template says so."""
    taken = {unescape(found) for found in re.findall(r"\sid=\"([^\"]+)\"", html)}
    lines: list[tuple[int, str, str]] = []
    count = [0, 0]

    def anchored(found: re.Match) -> str:
        level, attributes, inside = int(found[1]), found[2], found[3]
        count[level - 2] += 1
        if level == 2:
            count[1] = 0
        if known := ID.search(attributes):
            anchor = unescape(known[1])
        else:
            anchor = f"s-{count[0]}" if level == 2 else f"s-{count[0]}-{count[1]}"
            while anchor in taken:
                anchor += "x"
            taken.add(anchor)
            attributes += f' id="{anchor}"'
        words = " ".join(unescape(TAG.sub(" ", inside)).split())
        if words and "no-contents" not in attributes:
            lines.append((level, anchor, words))
        return f"<h{level}{attributes}>{inside}</h{level}>"

    html = HEADING.sub(anchored, html)
    html = EMPTY.sub("", html)
    return html.replace(TOC_MARK, _contents(lines), 1)


def _contents(lines: list[tuple[int, str, str]]) -> str:
    shown = lines if len(lines) <= MOST_LISTED else [line for line in lines if line[0] == 2]
    # The page stands before the words: a float takes the right end of the first line only.
    return "".join(
        f'<li class="toc-{level}"><a href="#{escape(anchor)}"><span class="toc-words">{escape(words)}</span></a></li>'
        for level, anchor, words in shown
    )


# ---- colours and the picture of the cover -----------------------------------------------------------------------


def colors(color: str) -> str:
    """The organization's colour for the print style, and a light and a dark one made from it."""
    return (
        f":root{{--brand:{color};--brand-soft:{mixed(color, '#ffffff', 0.9)};--brand-line:{mixed(color, '#ffffff', 0.65)};"
        f"--brand-dark:{mixed(color, '#000000', 0.35)}}}"
    )


def mixed(color: str, other: str, part: float) -> str:
    """`color` with `part` (0 to 1) of `other` in it."""
    pairs = [(int(color[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def motif(color: str) -> SafeString:
    """The wheel as an ornament: four quarters in shades of the colour, for the corner of the cover."""
    svg = Drawing(400, 400, id="motif", title=_("Ornament"), css="motif")
    gap = math.radians(2.2)
    for ring, (inner, outer) in enumerate(((96, 128), (136, 168), (176, 196))):
        for quarter in range(4):
            start = quarter * math.pi / 2 + ring * 0.5
            for piece in range(5):
                begin = start + piece * math.pi / 10
                shade = mixed(color, "#ffffff", 0.06 + 0.17 * ((quarter + ring) % 4) + 0.035 * piece)
                svg.add(
                    "path",
                    fill=shade,
                    d=sector(200, 200, inner, outer, begin + gap / 2, begin + math.pi / 10 - gap / 2),
                )
    return mark_safe(svg.done())  # noqa: S308
