"""Values that apps above put into texts: the scope, later the objectives.

A text may hold `{{scope}}`; who writes texts asks here for the value, and the app that knows it hangs its answer up in
its `apps.py`, so that neither has to import the other. What a text may hold is listed in `documents/filling.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Source = Callable[[Any], str]
"""Takes a project and answers plain text (no markup; it is escaped), or "" as long as there is none."""

_sources: dict[str, Source] = {}


def hang(name: str, source: Source) -> None:
    """Says where the value of a placeholder comes from: `placeholders.hang("scope", scope.sentence_of)`."""
    _sources[name] = source


def value_of(name: str, project: Any) -> str:
    """The value in this project; "" where nobody knows one."""
    source = _sources.get(name)
    return source(project) if source else ""
