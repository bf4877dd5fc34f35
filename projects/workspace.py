"""What the apps hang up in a step's workspace: a register appears there without `projects` knowing it.

An app registers in its `apps.py`:  `workspace.hang(step="risk-assessment", panel=Panel(...))`. Steps are named by their
code; `step=""` hangs the panel into every step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Panel:
    """One part of a workspace: a title, a template and a function that loads its context in a constant number of queries.

    `load(step, user, perms)` returns the template's context, or None to stay away; `perm` is what a reader needs.
    """

    key: str
    title: Any
    template: str
    load: Callable[[Any, Any, frozenset], dict[str, Any] | None]
    perm: str = ""
    order: int = 100


_panels: dict[str, list[Panel]] = {}


def hang(*, panel: Panel, step: str = "") -> None:
    found = _panels.setdefault(step, [])
    if panel.key not in {p.key for p in found}:
        found.append(panel)


def panels_for(step: Any, user: Any, perms: frozenset) -> list[tuple[Panel, dict[str, Any]]]:
    """The panels of a step that the holder of `perms` may see, loaded, in their order."""
    # A step of the organization's own has no code, and nothing hangs in it alone.
    hung = [*_panels.get("", []), *(_panels.get(step.code, []) if step.code else [])]
    shown = [p for p in hung if not p.perm or p.perm in perms]
    loaded = [(p, p.load(step, user, perms)) for p in sorted(shown, key=lambda p: (p.order, p.key))]
    return [(panel, context) for panel, context in loaded if context is not None]
