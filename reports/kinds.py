"""The reports there are. An app registers its own in `apps.py`:

    kinds.register(ReportKind("status", _("Project status"), _("Where the project stands, for …"), "report-analytics",
                              "reports/status/report.html", select=status.select, perm=Perm.VIEW_PROJECT))

`select(asked)` returns what the template shows; the template extends `reports/frame.html` and fills `summary` and
`body`. `select` may also return `period` (words under the title), `left_out` (sentences for "About this report") and
`cover_facts` ((label, value) pairs); of a report with the scope "person" it returns `projects`, the ids of all that are
in it. `form` asks for parameters: a `forms.parameters.ParametersForm`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken
from projects.permissions import Perm

MOST_ROWS = 1000
"""The longest table a PDF shows; the rest is in the XLSX, and the report says so. (RELIABILITY M19)"""


class UnknownReport(RuleBroken):
    """No app makes this report: its link is older than the version of the program, or newer."""


@dataclass(frozen=True)
class Asked:
    """What a report is made from: for whom, about what, with which parameters, with the rights of this moment."""

    project: Any
    organization: Any
    by: Any
    parameters: dict[str, Any]
    today: dt.date
    perms: frozenset[Perm] = frozenset()
    language: str = "en"


@dataclass(frozen=True)
class ReportKind:
    """`perm` is needed to ask for it, to have it made and to take it away. `scope`: "project", "organization" or
    "person" (what somebody sees over all projects)."""

    slug: str
    title: Any
    text: Any
    icon: str
    template: str
    select: Callable[[Asked], dict[str, Any]]
    perm: Perm
    form: Any = None
    scope: str = "project"
    orientation: str = "portrait"
    # For whom it is, in a few words; shown on the card.
    readers: Any = ""
    order: int = field(default=100, compare=False)


_kinds: dict[str, ReportKind] = {}


def register(kind: ReportKind) -> None:
    """Adds a report; one with the same slug is replaced."""
    _kinds[kind.slug] = kind


def of(slug: str) -> ReportKind:
    """The report of that name. Raises UnknownReport."""
    try:
        return _kinds[slug]
    except KeyError:
        raise UnknownReport(_("This version of the program makes no report “%(kind)s”.") % {"kind": slug}) from None


def every() -> list[ReportKind]:
    return sorted(_kinds.values(), key=lambda kind: kind.order)


def for_perms(perms: Iterable[Perm], scope: str = "project") -> list[ReportKind]:
    """What somebody with these rights may ask for, in the order of the cards."""
    held = frozenset(perms)
    return [kind for kind in every() if kind.scope == scope and kind.perm in held]


def of_scope(scope: str) -> list[ReportKind]:
    return [kind for kind in every() if kind.scope == scope]


def title_of(slug: str) -> str:
    """The name people read; the technical one where no app makes the report any more."""
    return str(_kinds[slug].title) if slug in _kinds else slug
