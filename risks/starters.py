"""Criteria to begin with, as files in fixtures/risk_criteria/: read once, in the language asked for."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from django.conf import settings

from . import levels

FOLDER = Path("fixtures/risk_criteria")
ENGLISH = "en"


class Starter(NamedTuple):
    """A set of criteria to begin with: `content` is what levels.parsed reads."""

    slug: str
    title: str
    text: str
    method: str
    content: dict[str, Any]


def every(language: str = ENGLISH) -> list[Starter]:
    """All of them in the language of the reader, English where there is none."""
    return [_said(one, language) for one in _loaded()]


def of(slug: str, language: str = ENGLISH) -> Starter:
    """One of them. Raises LookupError."""
    for one in _loaded():
        if one["slug"] == slug:
            return _said(one, language)
    raise LookupError(slug)


@lru_cache(maxsize=1)
def _loaded() -> tuple[dict[str, Any], ...]:
    files = sorted((Path(settings.ROOT) / FOLDER).glob("*.yaml"))
    found = tuple(
        {"slug": file.stem, **yaml.safe_load(file.read_text(encoding="utf-8"))["risk_criteria"]} for file in files
    )
    for one in found:
        for language in one["title"]:
            levels.parsed(_said(one, language).content)
    return found


def _said(one: dict[str, Any], language: str) -> Starter:
    language = language if language in one["title"] else ENGLISH

    def said(value: Any) -> Any:
        if isinstance(value, dict) and ENGLISH in value:
            return value.get(language, value[ENGLISH])
        if isinstance(value, dict):
            return {name: said(part) for name, part in value.items()}
        return [said(part) for part in value] if isinstance(value, list) else value

    return Starter(
        one["slug"], said(one["title"]), said(one["text"]), said(one["method"]).strip(), said(one["content"])
    )
