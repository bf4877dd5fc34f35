"""A mail's template made once and then filled ten thousand times, as fast as a format string.

The template is rendered once for each language, with holes where a mail differs, and its styles are put onto the
elements once. In a template:

    {{ hole.title }}                                  a hole
    <!--part:line--> … <!--/part:line-->              a part that comes any number of times (in a text: [[line]] … [[/line]])

    sheet = stencil("digest.html", "de")
    sheet(title="…", line="".join(sheet.part("line")(text=one) for one in lines))

Where a part stood, the whole has a hole of its name. Values are put in as they are: whoever fills an HTML stencil escapes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.template.loader import get_template
from django.utils import translation
from django.utils.safestring import mark_safe

from . import inlining

HOLE = re.compile(r"qq0(\w+?)0qq")
PARTS = (
    re.compile(r"<!--part:(\w+)-->(.*?)<!--/part:\1-->", re.DOTALL),
    re.compile(r"\[\[(\w+)\]\]\n?(.*?)\[\[/\1\]\]\n?", re.DOTALL),
)


class _Holes:
    """`{{ hole.name }}` leaves a mark that neither a translation nor the putting on of styles takes for its own."""

    def __getitem__(self, name: str) -> str:
        return mark_safe(f"qq0{name}0qq")  # noqa: S308  a mark of our own, letters and digits


class Stencil:
    def __init__(self, text: str) -> None:
        self._parts: dict[str, Stencil] = {}
        for pattern in PARTS:
            text = pattern.sub(self._cut, text)
        self.holes = frozenset(HOLE.findall(text))
        self._pattern = HOLE.sub(r"%(\1)s", text.replace("%", "%%"))

    def _cut(self, found: re.Match[str]) -> str:
        self._parts[found[1]] = Stencil(found[2])
        return f"qq0{found[1]}0qq"

    def part(self, name: str) -> Stencil:
        """The part of that name. Raises KeyError."""
        return self._parts[name]

    def __call__(self, **values: Any) -> str:
        """The text with its holes filled. Raises KeyError for one without a value."""
        return self._pattern % values

    @property
    def fill(self) -> Callable[[dict[str, Any]], str]:
        """The same for a mapping, for loops."""
        return self._pattern.__mod__


@lru_cache(maxsize=64)
def stencil(template: str, language: str) -> Stencil:
    """The stencil of a template under `emails/` in a language; made once in the life of a process."""
    with translation.override(language):
        found = get_template(f"emails/{template}")
        context = {"hole": _Holes()}
        if template.endswith(".html"):
            return Stencil(inlining.inlined(found.render(context)))
        from django.template import Context

        return Stencil(found.template.render(Context(context, autoescape=False)))
