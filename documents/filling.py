"""Placeholders of a text, filled from the project: `{{organization}}`, `{{role:top_management}}`.

The list is closed (`KNOWN`), so that a slip of the pen is named and never printed. A text may also hold sections for
standards, which stay when the project has that standard in any edition and go without a trace when it has not:

    {{#iso_14001 iso_50001}}
    - We use energy and materials sparingly.
    {{/iso_14001 iso_50001}}

Sections do not nest. Values are escaped: a name is a name, whatever Markdown would read into it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from documents import commitments
from pdca.selectors import standards as standard_selectors
from projects import placeholders
from projects.models import Project
from projects.permissions import Role
from projects.selectors import project as project_selectors
from projects.selectors import team

MARK = re.compile(r"\{\{([^{}\n]*)\}\}")
TAG = re.compile(
    r"^[ \t]*\{\{([#/])([^{}\n]*)\}\}[ \t]*(?:\n|\Z)|\{\{([#/])([^{}\n]*)\}\}", re.MULTILINE
)  # a tag alone on its line takes the line with it, so that lists and tables stay whole
AND = {"en": "and", "de": "und", "fr": "et"}


# --- what may be filled ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Placeholder:
    """A word in double braces. `comes_from`: where the value comes from; `if_missing`: what to do without one."""

    name: str
    comes_from: Any
    if_missing: Any

    @property
    def mark(self) -> str:
        return "{{" + self.name + "}}"


def _roles() -> Iterable[Placeholder]:
    for role in Role:
        yield Placeholder(
            f"role:{role.value}",
            gettext_lazy("The names of those who hold this role in the project, from its team."),
            gettext_lazy("Nobody holds this role in the project. Give it on the team page, or write the name here."),
        )


KNOWN: dict[str, Placeholder] = {
    one.name: one
    for one in (
        Placeholder(
            "organization",
            gettext_lazy("The name of the organization, from its settings."),
            gettext_lazy("The organization has no name. Write it in its settings."),
        ),
        Placeholder(
            "project",
            gettext_lazy("The name of the project, from its settings."),
            gettext_lazy("The project has no name. Write it in its settings."),
        ),
        Placeholder(
            "standards",
            gettext_lazy("The standards the project has to satisfy, with their editions, from its settings."),
            gettext_lazy("The project has no standard yet. Choose its standards in its settings, or name them here."),
        ),
        Placeholder(
            "scope",
            gettext_lazy("The scope of the management system, from the scope statement."),
            gettext_lazy(
                "There is no scope statement yet. Write the statement of step 1.5, or say here what is covered."
            ),
        ),
        Placeholder(
            "objectives",
            gettext_lazy("The objectives of the management system, from their register."),
            gettext_lazy("No objectives are registered. Name the objectives here, or where they are kept."),
        ),
        Placeholder(
            "headcount",
            gettext_lazy("How many people work in the scope, from the project's settings."),
            gettext_lazy("The number of people in the scope is not known. Write it in the project's settings."),
        ),
        *_roles(),
    )
}
"""Every placeholder a text may hold."""


class Values:
    """What the project says; each question is asked once, and only if a text needs it."""

    def __init__(self, project: Project, language: str) -> None:
        self.project, self.language = project, language

    @cached_property
    def standards(self) -> list[str]:
        return [str(one.code) for one in standard_selectors.by_number(project_selectors.standards_of(self.project))]

    @cached_property
    def holders(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for member in team.members_of(self.project):
            for role in dict.fromkeys(one.role.value for one in member.holdings if not one.has_expired):
                found.setdefault(role, []).append(str(member.person))
        return found

    def joined(self, names: list[str]) -> str:
        """ "a, b and c" in the language of the text."""
        *others, last = names or [""]
        return f"{', '.join(others)} {AND.get(self.language, AND['en'])} {last}" if others else last

    def of(self, name: str) -> str:
        if name.startswith("role:"):
            return self.joined(self.holders.get(name.removeprefix("role:"), []))
        return sources[name](self) if name in sources else placeholders.value_of(name, self.project)


sources: dict[str, Callable[[Values], str]] = {
    "organization": lambda values: values.project.organization.name,
    "project": lambda values: values.project.name,
    "standards": lambda values: values.joined(values.standards),
    "headcount": lambda values: str(values.project.headcount or ""),
}
"""What is known here; the rest (scope, objectives) is hung into `projects/placeholders.py` by the app that knows it."""


# --- sections -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wrong:
    """Something in double braces that cannot be what its writer meant; `at` is its place in the text."""

    at: int
    mark: str
    sentence: str


@dataclass(frozen=True)
class Piece:
    """Part of a text: for these families of standards, or for all (none named)."""

    families: tuple[str, ...]
    text: str


def pieces(text: str) -> tuple[list[Piece], list[Wrong]]:
    """A text in its sections, and the tags that do not fit together."""
    found: list[Piece] = []
    wrong: list[Wrong] = []
    opened: tuple[str, ...] = ()
    mark = ""
    opened_at = start = 0
    for tag in TAG.finditer(text):
        sign, words = (tag[1], tag[2]) if tag[1] else (tag[3], tag[4])
        names, shown = tuple(words.split()), "{{" + sign + words + "}}"
        found.append(Piece(opened, text[start : tag.start()]))
        start = tag.end()
        if sign == "#":
            if opened:
                inside = _("A section stands inside the section %(other)s. Close that one first.")
                wrong.append(Wrong(tag.start(), shown, inside % {"other": mark}))
            unknown = sorted(set(names) - commitments.families()) or ([""] if not names else [])
            if unknown:
                wrong.append(Wrong(tag.start(), shown, _not_a_standard(unknown[0])))
            opened, mark, opened_at = names or ("?",), shown, tag.start()
        else:
            if names != opened:
                wrong.append(Wrong(tag.start(), shown, _("This closes a section that is not open.")))
            opened = ()
    if opened:
        wrong.append(Wrong(opened_at, mark, _("This section is not closed.")))
    found.append(Piece(opened, text[start:]))
    return [piece for piece in found if piece.text], wrong


def _not_a_standard(name: str) -> str:
    known = ", ".join(sorted(commitments.families()))
    return _("“%(name)s” is not a standard. Known: %(known)s.") % {"name": name, "known": known}


def only(text: str, standards: Iterable[str]) -> str:
    """The text with the sections of these standards (codes) and no others; unchanged if its tags do not fit."""
    here = {commitments.family(code) for code in standards}
    found, wrong = pieces(text)
    if wrong:
        return text
    return "".join(piece.text for piece in found if not piece.families or here.intersection(piece.families))


# --- filling --------------------------------------------------------------------------------------------------------

INLINE = re.compile(r"[\\`*_{}\[\]<>|~]|&(?=[#\w])|(?<!\S)#")  # a lone # opens, and closes, a heading
LINE_START = re.compile(r"(?:^|\n)[ \t]*(?:(?:[-*+>]|\d+[.)])[ \t]+)*\Z")


def escaped(value: str, *, at_start: bool = False) -> str:
    """A value as Markdown that shows exactly it, on one line; `at_start` where it begins a line or a list item."""
    plain = " ".join("".join(one for one in value if one.isprintable() or one.isspace()).split())
    text = INLINE.sub(lambda found: "\\" + found[0], plain)
    if at_start and text.startswith(("+", "-", "=", ":")):
        return "\\" + text
    return re.sub(r"\A(\d+)([.)])", r"\1\\\2", text) if at_start else text


@dataclass(frozen=True)
class Filled:
    """A text with what the project knows; what it does not know is named and still stands in the text."""

    text: str
    missing: list[Placeholder]
    unknown: list[str]


def fill(text: str, project: Project, language: str = "en") -> Filled:
    """Puts the project's values into a text and drops the sections of standards it does not have.

    Filling what is filled changes nothing. `unknown` names what stands in double braces and means nothing here.
    """
    return filled_with(text, Values(project, language))


def filled_with(text: str, values: Values) -> Filled:
    missing: dict[str, Placeholder] = {}
    unknown: dict[str, None] = {}
    if TAG.search(text):
        text = only(text, values.standards)

    def value(found: re.Match) -> str:
        name = found[1].strip()
        if name not in KNOWN:
            unknown[found[0]] = None
            return found[0]
        before = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        shown = escaped(values.of(name), at_start=LINE_START.match(before) is not None)
        if not shown:
            missing[name] = KNOWN[name]
            return KNOWN[name].mark
        return shown

    return Filled(MARK.sub(value, text), list(missing.values()), list(unknown))


def standards_of(project: Project) -> list[str]:
    """The codes of the project's standards, by number."""
    return Values(project, "en").standards


# --- what still blocks a request ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unfilled:
    """A placeholder that still stands in a text: in which line (from 1), and why and what next in a sentence."""

    mark: str
    line: int
    sentence: str


def unfilled(text: str) -> list[Unfilled]:
    """Everything in double braces that is left in a text, in its order; nothing may be when approval is asked for."""
    wrong = pieces(text)[1]
    found = [(one.at, one.mark, one.sentence) for one in wrong]
    reported = {one.at for one in wrong}
    for tag in TAG.finditer(text):
        if tag.start() not in reported:
            shown = "{{" + (tag[1] or tag[3]) + (tag[2] if tag[1] else tag[4]) + "}}"
            found.append(
                (tag.start(), shown, _("A mark for the section of a standard was left in the text. Remove it."))
            )
    for one in MARK.finditer(text):
        name = one[1].strip()
        if name[:1] in ("#", "/"):
            continue
        found.append((one.start(), one[0], str(KNOWN[name].if_missing) if name in KNOWN else _not_known(name)))
    return [Unfilled(mark, text.count("\n", 0, at) + 1, sentence) for at, mark, sentence in sorted(found)]


def _not_known(name: str) -> str:
    close = get_close_matches(name.casefold(), KNOWN, 1)
    if close:
        return _("There is no such placeholder. Did you mean {{%(close)s}}?") % {"close": close[0]}
    return _("There is no such placeholder. Write the text itself here.")


def reason_not_to_ask(text: str) -> str:
    """The sentence that refuses a request for approval, or "" if nothing is left to fill."""
    left = unfilled(text)
    if not left:
        return ""
    first = ngettext(
        "Approval cannot be asked for: %(n)s placeholder is not filled.",
        "Approval cannot be asked for: %(n)s placeholders are not filled.",
        len(left),
    ) % {"n": len(left)}
    lines = [_("Line %(line)s, %(mark)s: %(sentence)s") % vars(one) for one in left]
    return " ".join([first, *lines])
