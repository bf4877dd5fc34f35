"""The standards as lists, and one standard with its clauses or controls."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from pdca.models import Clause, ControlTheme, DocumentedInformation, MandatoryDocument, Match, Standard
from pdca.models.standards import Kind


def listed() -> QuerySet[Standard]:
    """Every standard, catalogue of controls and the structure, with what it counts; one query.

    `requirement_count` are leaves (what is answered one by one), `control_count` controls.
    """
    return (
        Standard.objects.select_related("successor", "supersedes", "requirements")
        .annotate(
            requirement_count=Count("clauses", filter=Q(clauses__is_leaf=True), distinct=True),
            control_count=Count("controls", distinct=True),
        )
        .order_by("code")
    )


def by_number(standards: Iterable[Standard]) -> list[Standard]:
    """In the order people name them: ISO 9001 before ISO 14001, older editions before newer ones."""
    return sorted(standards, key=lambda s: ([int(part) for part in re.findall(r"\d+", s.code)], s.code))


def certifiable() -> QuerySet[Standard]:
    """What a project can aim at: certifiable requirements, current editions before superseded ones."""
    return listed().filter(kind=Kind.REQUIREMENTS, is_certifiable=True).order_by("status", Length("code"), "code")


def comparable() -> list[Standard]:
    """What the crosswalk can put side by side: requirements built on the harmonized structure, by number; one query."""
    return by_number(
        Standard.objects.select_related("successor")
        .filter(kind=Kind.REQUIREMENTS, uses_hs=True)
        .annotate(requirement_count=Count("clauses", filter=Q(clauses__is_leaf=True)))
    )


@dataclass(frozen=True)
class Group:
    """Standards of one sort under a heading."""

    heading: str
    sub: str
    standards: list[Standard]
    is_comparable: bool = False


def grouped() -> list[Group]:
    """The list of standards by what they are for; groups without any are left out."""
    standards = by_number(listed())
    wanted = [s for s in standards if s.kind == Kind.REQUIREMENTS]
    groups = [
        Group(
            _("Requirements"),
            _("What an organization is certified against, in the edition that applies now."),
            [s for s in wanted if not s.is_superseded],
            is_comparable=True,
        ),
        Group(
            _("Superseded editions"),
            _("Still met in running certificates; each says until when."),
            [s for s in wanted if s.is_superseded],
            is_comparable=True,
        ),
        Group(
            _("Catalogues of controls"),
            _("Chosen from in a Statement of Applicability."),
            [s for s in standards if s.kind == Kind.CONTROLS],
        ),
        Group(
            _("The structure they share"),
            _("Where clauses of different standards meet."),
            [s for s in standards if s.kind == Kind.STRUCTURE],
        ),
    ]
    return [group for group in groups if group.standards]


@dataclass(frozen=True)
class Filter:
    """A choice over one standard's rows: `value` is what is chosen ("" for all)."""

    name: str
    label: str
    options: list[tuple[str, str]]
    value: str

    @property
    def text(self) -> str:
        return dict(self.options).get(self.value, "")


def chosen(asked: Mapping[str, str], name: str, label: str, options: list[tuple[str, str]]) -> Filter:
    """The filter with the choice of the query string; what is not offered counts as not chosen."""
    value = asked.get(name, "")
    return Filter(name, label, options, value if value in dict(options) else "")


@dataclass
class Part:
    """A chapter or theme with those of its rows that pass the filters."""

    head: Clause | ControlTheme
    rows: list[Any]

    @property
    def anchor(self) -> str:
        return f"part-{self.head.ref}"


@dataclass
class Found:
    """What a standard's page shows: parts with rows, of `total` rows `count` pass the filters."""

    parts: list[Part]
    filters: list[Filter]
    total: int
    count: int
    matches: Counter = field(default_factory=Counter)
    is_filtered: bool = False


def says(search: str, *texts: str) -> bool:
    """Whether every word of the search stands somewhere in the texts, small or capital."""
    words = search.casefold().split()
    if not words:
        return True
    text = " ".join(texts).casefold()
    return all(word in text for word in words[:20])


def clauses_of(standard: Standard, search: str, asked: Mapping[str, str]) -> Found:
    """The clauses by chapter; filters `match` and `documents`. Titles above a clause that passes stay. One query."""
    clauses = list(standard.clauses.order_by("position"))
    match = chosen(asked, "match", _("In the structure"), [(m.value, str(m.label)) for m in Match])
    keeps = [k for k in DocumentedInformation if k != DocumentedInformation.NONE]
    documents = chosen(
        asked,
        "documents",
        _("Documented information"),
        [("any", _("asked for")), *((k.value, str(k.label)) for k in keeps)],
    )
    filters = [documents] if standard.kind == Kind.STRUCTURE else [match, documents]
    is_filtered = bool(search or any(one.value for one in filters))
    by_key = {clause.pk: clause for clause in clauses}
    leaves = [clause for clause in clauses if clause.is_leaf]
    passing = {clause.pk for clause in clauses if not is_filtered} | {
        clause.pk
        for clause in leaves
        if says(search, clause.ref, clause.title, clause.intent, *clause.document_names, *clause.evidence_examples)
        and (not match.value or clause.match == match.value)
        and documents.value
        in ("", clause.documented_information, "any" if clause.documented_information != "none" else "")
    }
    shown = set(passing)
    for key in passing:
        above = by_key[key].parent_id
        while above and above not in shown:
            shown.add(above)
            above = by_key[above].parent_id
    parts: list[Part] = []
    for clause in clauses:
        if clause.parent_id is None:
            parts.append(Part(clause, [clause] if clause.is_leaf and clause.pk in shown else []))
        elif clause.pk in shown:
            top = clause
            while top.parent_id:
                top = by_key[top.parent_id]
            next(part for part in parts if part.head is top).rows.append(clause)
    return Found(
        parts=[part for part in parts if part.rows],
        filters=filters,
        total=len(leaves),
        count=sum(clause.pk in passing for clause in leaves),
        matches=Counter(clause.match for clause in leaves),
        is_filtered=is_filtered,
    )


def words_of(slug: str) -> str:
    """A value of the data as people read it: "asset_management" becomes "Asset management"."""
    return slug.replace("_", " ").capitalize()


def controls_of(standard: Standard, search: str, asked: Mapping[str, str]) -> Found:
    """The controls by theme; one filter for the theme and one for every attribute declared. Two queries."""
    themes = list(standard.themes.order_by("position"))
    controls = list(standard.controls.order_by("position"))
    theme = chosen(asked, "theme", _("Theme"), [(t.slug, f"{t.ref} {t.title}") for t in themes])
    attributes = [
        chosen(asked, name, words_of(name), [(value, words_of(value)) for value in values])
        for name, values in standard.attribute_values.items()
    ]
    theme_of = {t.pk: t for t in themes}
    passing = [
        control
        for control in controls
        if says(search, control.ref, control.title, control.intent, *control.evidence_examples)
        and theme.value in ("", theme_of[control.theme_id].slug)
        and all(one.value in ("", *control.attributes.get(one.name, [])) for one in attributes)
    ]
    declared = standard.attribute_values
    for control in passing:
        control.attribute_words = [
            (words_of(name), [words_of(value) for value in values])
            for name, values in control.attributes.items()
            if name in declared
        ]
    parts = [Part(t, [control for control in passing if control.theme_id == t.pk]) for t in themes]
    return Found(
        parts=[part for part in parts if part.rows],
        filters=[theme, *attributes],
        total=len(controls),
        count=len(passing),
        is_filtered=bool(search or theme.value or any(one.value for one in attributes)),
    )


def documents_of(standard: Standard) -> list[MandatoryDocument]:
    """What the standard asks to be written, explicit demands and custom, in the order of clauses; one query."""
    return list(standard.mandatory_documents.select_related("clause", "group").order_by("position"))
