"""Showing where the words were found: the text as it is, escaped, with the words that match marked."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from search import words

AROUND = 90
"""Letters of the text shown before and after the first match."""


def _matches(text: str, wanted: Iterable[str], beginning: str) -> list[tuple[int, int]]:
    """Where words of the text are among `wanted` or begin with `beginning`, as places in the unfolded text."""
    wanted = frozenset(wanted)
    found = []
    for match in words.WORD.finditer(text):
        for word in words.of(match[0]):
            if word in wanted or (beginning and word.startswith(beginning)):
                found.append(match.span())
                break
    return found


def marked(text: str, wanted: Iterable[str], beginning: str = "") -> SafeString:
    """The whole text with <mark> around the words that match."""
    return _with_marks(text, _matches(text, wanted, beginning))


def snippet(text: str, wanted: Iterable[str], beginning: str = "") -> SafeString | str:
    """The part of a long text around the first match, or "" where nothing matches."""
    found = _matches(text, wanted, beginning)
    if not found:
        return ""
    start, end = max(found[0][0] - AROUND, 0), min(found[0][1] + AROUND, len(text))
    if start:
        start = (text.find(" ", start, found[0][0]) + 1) or start
    if end < len(text):
        cut = text.rfind(" ", found[0][1], end)
        end = cut if cut > 0 else end
    inside = [(a - start, b - start) for a, b in found if start <= a and b <= end]
    return format_html(
        "{}{}{}", "… " if start else "", _with_marks(text[start:end], inside), " …" if end < len(text) else ""
    )


def _with_marks(text: str, places: list[tuple[int, int]]) -> SafeString:
    if not places:
        return conditional_escape(text)
    ends = [0, *(end for _start, end in places)]
    pieces = [(text[before:start], text[start:end]) for before, (start, end) in zip(ends, places, strict=False)]
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", pieces), text[ends[-1] :])
