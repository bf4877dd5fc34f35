"""A document's text: Markdown as people write it, HTML as pages, PDFs and signatures show it. Pure, without queries.

Headings are numbered here and not by hand, so that "see 4.2" can be said of every document and a new chapter renumbers the
rest. Raw HTML is shown as text. What comes out holds nothing that runs or loads: nh3 has the last word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

PICTURE = re.compile(r"picture:([0-9]{1,12})\Z")
NUMBERED = re.compile(r"^\s*(?:[0-9]+\.)+[0-9]*\s+|^\s*[0-9]+\s+(?=\S)")
DEEPEST = 4
TAGS = {
    "a", "blockquote", "br", "caption", "code", "del", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "img", "li", "ol", "p", "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}, "table": {"tabindex"},
    "td": {"class"}, "th": {"class", "scope"}, "span": {"class"},
    **{f"h{n}": {"id"} for n in range(1, 7)},
}  # fmt: skip
CLASSES = {"number", "align-left", "align-center", "align-right", "missing-picture"}

PictureOf = Callable[[int], str]
"""Gives the address (or data: URI) of a picture by its number, "" when the document has no such picture."""


class Heading(NamedTuple):
    """A heading of the text as a line of its contents: `level` counts from 1, `number` is such as "2.1"."""

    level: int
    number: str
    title: str
    anchor: str


class Written(NamedTuple):
    html: SafeString
    headings: list[Heading]


def _markdown() -> MarkdownIt:
    # Tables and struck-out words beside plain CommonMark; html=False shows typed tags as the text they are.
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])


def written(text: str, picture: PictureOf = lambda number: "") -> Written:
    """The text as harmless HTML with numbered headings, and its contents."""
    tokens = _markdown().parse(text.replace("\x00", ""))
    headings = _number(tokens)
    _dress(tokens, picture)
    md = _markdown()
    html = md.renderer.render(tokens, md.options, {})
    clean = nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, attribute_filter=_kept,
        url_schemes={"http", "https", "mailto", "data"}, link_rel="noopener noreferrer nofollow",
    )  # fmt: skip
    return Written(mark_safe(clean), headings)  # noqa: S308  what nh3 let through


def as_html(text: str, picture: PictureOf = lambda number: "") -> SafeString:
    return written(text, picture).html


def pictures_in(text: str) -> set[int]:
    """The numbers of the pictures that a text shows."""
    found = set()
    for token in _markdown().parse(text):
        for child in token.children or ():
            if child.type == "image" and (hit := PICTURE.match(child.attrGet("src") or "")):
                found.add(int(hit[1]))
    return found


def plain(text: str) -> str:
    """The words without marks, for search and excerpts."""
    tokens = _markdown().parse(text)
    return "\n".join(
        "".join(
            " " if child.type in ("softbreak", "hardbreak") else child.content
            for child in token.children or ()
            if child.type in ("text", "code_inline", "softbreak", "hardbreak")
        )
        for token in tokens
        if token.type == "inline"
    )


def _number(tokens: list[Token]) -> list[Heading]:
    """Numbers the headings by their depth; the shallowest level of the text is counted as 1. "1.2" typed by hand goes."""
    opened = [(i, token) for i, token in enumerate(tokens) if token.type == "heading_open"]
    if not opened:
        return []
    top = min(int(token.tag[1]) for _i, token in opened)
    counts: list[int] = []
    found = []
    for i, token in opened:
        level = min(int(token.tag[1]) - top + 1, DEEPEST)
        level = min(level, len(counts) + 1)  # a heading that skips a level counts as the next one
        counts = [*counts[:level], *([0] if len(counts) < level else [])]
        counts[-1] += 1
        inline = tokens[i + 1]
        number = ".".join(str(n) for n in counts)
        if inline.children and inline.children[0].type == "text":
            inline.children[0].content = NUMBERED.sub("", inline.children[0].content)
        title = "".join(c.content for c in inline.children or () if c.type in ("text", "code_inline")).strip()
        anchor = f"s-{number.replace('.', '-')}"
        token.attrSet("id", anchor)
        token.tag = tokens[i + 2].tag = f"h{level + 1}"
        mark = Token("html_inline", "", 0)
        mark.content = f'<span class="number">{number}</span> '
        inline.children = [mark, *(inline.children or [])]
        found.append(Heading(level, number, title, anchor))
    return found


def _dress(tokens: list[Token], picture: PictureOf) -> None:
    """Pictures get their address, cells their alignment as a class and header cells their scope; a wide table can be
    reached by keyboard, to be scrolled."""
    for token in tokens:
        if token.type == "table_open":
            token.attrSet("tabindex", "0")
        if token.type in ("th_open", "td_open"):
            style = str(token.attrs.pop("style", ""))
            if found := re.search(r"text-align:(left|center|right)", style):
                token.attrSet("class", f"align-{found[1]}")
            if token.type == "th_open":
                token.attrSet("scope", "col")
        for child in token.children or ():
            if child.type != "image":
                continue
            hit = PICTURE.match(str(child.attrGet("src") or ""))
            address = picture(int(hit[1])) if hit else ""
            if address:
                child.attrSet("src", address)
            else:  # nothing from elsewhere is loaded: the words about it stay
                child.type, child.children = "html_inline", None
                child.content = f'<span class="missing-picture">{escape(child.content)}</span>'


def _kept(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return value if value in CLASSES else None
    if name == "tabindex":
        return "0"
    if name == "src":
        return value if value.startswith(("/", "data:image/")) else None
    if name == "href":
        return None if value.startswith(("data:", "//")) else value
    return value
