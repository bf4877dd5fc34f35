"""The desk at which one app takes spreadsheets in: its table, its sorts of import, who may, and where its pages lie."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .columns import Columns
from .models import SheetImport
from .plan import Plan


def _nothing(record: SheetImport, plan: Plan) -> dict[str, Any]:
    return {}


def _no_guess(record: SheetImport) -> dict[str, Any]:
    return {}


def _no_check(record: SheetImport, options: dict[str, Any]) -> None:
    return None


@dataclass(frozen=True)
class Way:
    """One sort of import. `plan(record, sheet)` is the dry run, `write(record, plan, by, log, progress)` what follows it.

    `options` are the fields of the mapping form that this sort asks for; `prefix` is that of the register's numbers, where
    rows may be found by them; `home(record)` is the address of the register.
    """

    label: Any
    columns: Columns
    plan: Callable[[Any, Any], Plan]
    write: Callable[..., None]
    options: tuple[str, ...]
    home: Callable[[Any], str]
    prefix: str = ""
    folded: frozenset[str] = frozenset()
    """Fields that the form folds away: what only some records are asked."""


@dataclass(frozen=True)
class Desk:
    """`model` extends sheets.models.SheetImport with a `kind`, a key of `ways`; `names` is the namespace of its addresses,
    with `import-begin`, `-mapping`, `-check`, `-run` and `-drop`; `action` is the journal's word for a done import."""

    model: type[SheetImport]
    names: str
    perm: str
    job: str
    folder: str
    action: str
    ways: Callable[[], Mapping[str, Way]]
    crumbs: str
    """The template of the crumbs that lead to the register."""
    related: tuple[str, ...] = ()
    loaded: Callable[[Any], None] = lambda record: None
    guess: Callable[[SheetImport], dict[str, Any]] = _no_guess
    check: Callable[[SheetImport, dict[str, Any]], None] = _no_check
    result: Callable[[SheetImport, Plan], dict[str, Any]] = _nothing

    def way(self, record: Any) -> Way:
        return self.ways()[str(record.kind)]
