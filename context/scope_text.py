"""The scope statement in plain sentences, made from the items, in the language of the organization. No queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models.scope import LONGEST, ScopeItem, ScopeKind

LONGEST_REASON = 300

COVERED: tuple[tuple[ScopeKind, Any], ...] = (
    (ScopeKind.PRODUCT, gettext_lazy("It covers these products and services: %(names)s.")),
    (ScopeKind.UNIT, gettext_lazy("It covers these units and functions: %(names)s.")),
    (ScopeKind.PROCESS, gettext_lazy("It covers these processes: %(names)s.")),
    (ScopeKind.SITE, gettext_lazy("It applies at these sites and places of work: %(names)s.")),
    (ScopeKind.SYSTEM, gettext_lazy("It includes these systems and technologies: %(names)s.")),
    (ScopeKind.INTERFACE, gettext_lazy("Its interfaces with others and dependencies on them are: %(names)s.")),
)


def enumerated(words: Sequence[str]) -> str:
    """Words as a reader says them: "a, b and c"; with semicolons where a word has a comma of its own."""
    if len(words) < 2:
        return "".join(words)
    if any("," in word for word in words):
        return "; ".join(words)
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


def generated(
    *, organization: Any, standards: dict[str, str], items: Iterable[ScopeItem], with_reasons: bool = True
) -> str:
    """The statement that the items give; `standards` are the project's, slug to code. At most LONGEST characters."""
    order = list(ScopeKind)
    items = sorted(items, key=lambda item: order.index(ScopeKind(item.kind)))
    with translation.override(organization.language):
        parts = [_opening(organization.name, list(standards.values()))]
        for kind, sentence in COVERED:
            names = [_named(item, standards) for item in items if item.kind == kind and item.is_included]
            if names:
                parts.append(sentence % {"names": enumerated(names)})
        out = [item for item in items if not item.is_included and not item.is_requirement]
        if out:
            parts.append(_listed(_("Outside the scope are:"), out, standards, with_reasons))
        unapplied = [item for item in items if item.is_requirement]
        if unapplied:
            parts.append(_listed(_("These requirements do not apply:"), unapplied, standards, with_reasons))
    text = "\n\n".join(parts)
    if len(text) <= LONGEST:
        return text
    if with_reasons:
        return generated(organization=organization, standards=standards, items=items, with_reasons=False)
    return text[: LONGEST - 1].rstrip() + "…"


def codes_of(item: ScopeItem, standards: dict[str, str]) -> list[str]:
    """The codes of the project's standards that an item names; none where it concerns them all."""
    return [code for slug, code in standards.items() if slug in item.standards]


def _opening(name: str, codes: Sequence[str]) -> str:
    if not codes:
        return _("This is the scope of the management system of %(organization)s.") % {"organization": name}
    said = {"organization": name, "standards": enumerated(codes)}
    if len(codes) == 1:
        return _("The management system of %(organization)s follows %(standards)s.") % said
    return _("The integrated management system of %(organization)s follows %(standards)s.") % said


def _named(item: ScopeItem, standards: dict[str, str]) -> str:
    name = f"{item.name} ({item.party})" if item.is_interface and item.party else item.name
    codes = codes_of(item, standards)
    if not codes or len(codes) == len(standards):
        return name
    return _("%(name)s (%(standards)s only)") % {"name": name, "standards": enumerated(codes)}


def _listed(heading: str, items: Sequence[ScopeItem], standards: dict[str, str], with_reasons: bool) -> str:
    lines = [heading]
    for item in items:
        codes = codes_of(item, standards)
        name = ", ".join([*codes, item.name]) if item.is_requirement else _named(item, standards)
        reason = Truncator(" ".join(item.justification.split())).chars(LONGEST_REASON) if with_reasons else ""
        lines.append(f"– {name}: {reason}" if reason else f"– {name}")
    return "\n".join(lines)
