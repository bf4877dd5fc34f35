"""What is said in German and French: whole for reports and mails, placeholders kept, compiled as it is written.

Needs neither gettext nor a package: the catalogues are read by tests/helpers/po.py, the sources by Python's own parser
and Django's.
"""

from __future__ import annotations

import ast
import calendar
import datetime as dt
import gettext
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation.template import templatize

from tests.helpers import po

ROOT = Path(settings.ROOT)
LANGUAGES = ("de", "fr")
WHOLE = (
    "reports/selectors",
    "reports/frame.py",
    "reports/apps.py",
    "reports/revision_pdf.py",
    "documents/selectors/revision.py",
    "documents/flows.py",
    "reports/forms",
    "templates/reports",
    "templates/emails",
    "notifications/notices.py",
    "notifications/reminding",
    "context/models/scope.py",
    "context/scope_text.py",
    "templates/context/scope/_body.html",
    "templates/context/scope/document.html",
    "core/svg",
    "core/templatetags/ui.py",
    "pdca/titles.py",
    "projects/permissions.py",
    "projects/journal_words.py",
    "projects/models",
    "projects/progress.py",
    "projects/selectors/step.py",
    "projects/selectors/project.py",
    "projects/selectors/portfolio.py",
)
"""What reports and mails are made of. The rest of the pages follows page by page (docs/translations.md)."""

CALLS = {
    "_": (0, None, None), "gettext": (0, None, None), "gettext_lazy": (0, None, None), "gettext_noop": (0, None, None),
    "ngettext": (0, 1, None), "ngettext_lazy": (0, 1, None),
    "pgettext": (1, None, 0), "pgettext_lazy": (1, None, 0),
    "npgettext": (1, 2, 0), "npgettext_lazy": (1, 2, 0),
}  # fmt: skip
"""Where a call has its msgid, its plural and its context."""

MONTHS, WEEKDAYS = tuple(calendar.month_name)[1:], tuple(calendar.day_name)
HOLES = re.compile(r"%\(\w+\)[sd]|%%|%[sd]")


@cache
def catalogue(language: str) -> dict[tuple[str | None, str], po.Entry]:
    return {entry.key: entry for entry in po.read(folder_of(language) / "django.po")}


def folder_of(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES"


def said_in(path: Path) -> set[tuple[str | None, str]]:
    """The messages a source asks for: (context, msgid)."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return _said_in_python(text)
    return _said_in_template(templatize(text, origin=str(path)))


def _said_in_python(text: str) -> set[tuple[str | None, str]]:
    found = set()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in CALLS:
            continue
        at, _plural, context = CALLS[name]
        words = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
        if len(words) > at and isinstance(words[at], str):
            found.add((words[context] if context is not None else None, words[at]))
    return found


TEMPLATE_CALL = re.compile(
    r"\b(gettext|pgettext|ngettext|npgettext|_)\(\s*((?:u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\s*,?\s*)+)",
    re.DOTALL,
)
WORD = re.compile(r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")", re.DOTALL)


def _said_in_template(text: str) -> set[tuple[str | None, str]]:
    found = set()
    for call in TEMPLATE_CALL.finditer(text):
        words = [ast.literal_eval(f"{word[:1] * 2}{word}{word[:1] * 2}") for word in WORD.findall(call[2])]
        at, _plural, context = CALLS[call[1]]
        if len(words) > at:
            found.add((words[context] if context is not None else None, words[at]))
    return found


def sources() -> list[Path]:
    found = []
    for place in WHOLE:
        path = ROOT / place
        assert path.exists(), f"{place} is gone: take it out of WHOLE, or name what came in its place."
        found += (
            [path] if path.is_file() else [one for one in path.rglob("*") if one.suffix in (".py", ".html", ".txt")]
        )
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_reports_and_mails_are_said_whole(language):
    known = catalogue(language)

    missing = sorted(
        f"{path.relative_to(ROOT)}: {msgid[:70]!r}"
        for path in sources()
        for context, msgid in said_in(path)
        if (context, msgid) not in known or not known[context, msgid].is_translated
    )

    assert missing == [], f"Say these in {language} (docs/translations.md tells how)."


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_loses_or_invents_a_placeholder(language):
    wrong = []
    for entry in catalogue(language).values():
        if not entry.msgid or not entry.is_translated:
            continue
        wanted = set(HOLES.findall(entry.msgid)) | set(HOLES.findall(entry.plural or ""))
        for at, text in entry.texts.items():
            asked = set(HOLES.findall(entry.plural if at and entry.plural else entry.msgid))
            if not asked <= set(HOLES.findall(text)) <= wanted:
                wrong.append(f"{entry.msgid[:60]!r}: {text[:60]!r}")

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_guessed(language):
    assert [entry.msgid[:60] for entry in catalogue(language).values() if entry.msgid and "fuzzy" in entry.flags] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language):
    with (folder_of(language) / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    written = {}
    for entry in catalogue(language).values():
        if not entry.is_translated or not entry.msgid:
            continue
        key = entry.msgid if entry.context is None else f"{entry.context}\x04{entry.msgid}"
        if entry.plural is None:
            written[key] = entry.texts[0]
        else:
            written |= {(key, at): text for at, text in entry.texts.items()}

    assert {key: text for key, text in compiled.items() if key != ""} == written


@pytest.mark.parametrize(("language", "month"), [("de", "Mai"), ("fr", "mai")])
def test_no_word_of_ours_takes_the_place_of_a_month_or_weekday(language, month):
    """Django looks for the names of months and weekdays among our words first: “May” as a verb gets a context."""
    with translation.override(language):
        assert date_format(dt.date(2028, 5, 5), "j F Y").lower() == f"5 {month.lower()} 2028"
    ours = catalogue(language)
    assert [name for name in (*MONTHS, *WEEKDAYS) if (None, name) in ours] == []


def test_the_reader_of_sources_finds_what_is_marked(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '{% load i18n %}{% translate "One" %}{% translate "Open" context "tasks" %}'
        "{% blocktranslate count n=3 %}{{ n }} page{% plural %}{{ n }} pages{% endblocktranslate %}"
    )
    module = tmp_path / "module.py"
    module.write_text('x = _("Two")\ny = pgettext("date", "Start")\nz = ngettext("a day", "days", 2)\n')

    assert said_in(page) == {(None, "One"), ("tasks", "Open"), (None, "%(n)s page")}
    assert said_in(module) == {(None, "Two"), ("date", "Start"), (None, "a day")}
