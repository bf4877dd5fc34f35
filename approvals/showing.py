"""The frozen document as a page may show it: only harmless HTML, below the page's own headings."""

from __future__ import annotations

import re

import nh3
from django.utils.safestring import SafeString, mark_safe

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt", "em",
    "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p",
    "pre", "q", "s", "section", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead",
    "tr", "u", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
PICTURES = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+\Z")
LINKS = re.compile(r"(?:https?://|mailto:|/(?!/)|#)", re.IGNORECASE)
HEADING = re.compile(r"<(/?)h([1-6])>")
BELOW = 2  # a document's h1 is an h3 of the page: the page has its title, the part its heading


def clean(html: str, below: int = BELOW) -> SafeString:
    """The document without anything that runs, loads or reaches out; its headings `below` levels lower."""
    harmless = nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, attribute_filter=_kept, url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow", clean_content_tags={"script", "style", "template", "noscript"},
    )  # fmt: skip
    lowered = HEADING.sub(lambda found: f"<{found[1]}h{min(6, int(found[2]) + below)}>", harmless)
    return mark_safe(lowered)  # noqa: S308  what nh3 let through


def _kept(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if PICTURES.match(value) else None
    if name == "href":
        return value if LINKS.match(value) else None
    return value
