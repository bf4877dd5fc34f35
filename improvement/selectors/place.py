"""The processes and sites of a project as nonconformities name them: those of its scope, and those in use already."""

from __future__ import annotations

from context.models import ScopeItem, ScopeKind
from improvement.models import Nonconformity
from projects.models import Project

KINDS = {"process": ScopeKind.PROCESS, "site": ScopeKind.SITE}


def item_of(project: Project, name: str, text: str) -> ScopeItem | None:
    """The process or site of the scope that bears this name. One query."""
    if not text:
        return None
    return ScopeItem.objects.filter(project=project, kind=KINDS[name], name__iexact=text).first()


def items_of(project: Project) -> dict[tuple[str, str], ScopeItem]:
    """The processes and sites of the scope by ("process" or "site", name in small letters). One query."""
    names = {str(kind): name for name, kind in KINDS.items()}
    items = ScopeItem.objects.filter(project=project, kind__in=KINDS.values())
    return {(names[item.kind], item.name.casefold()): item for item in items}


def offered(project: Project, *, with_used: bool = True) -> dict[str, list[str]]:
    """What a form offers as processes and sites: the scope's own first, then words used before. Three queries, or one.

    Who may not read the register is not told which words stand in it (`with_used`).
    """
    found: dict[str, list[str]] = {"process": [], "site": []}
    items = ScopeItem.objects.filter(project=project, kind__in=KINDS.values()).order_by("position", "pk")
    for kind, text in items.values_list("kind", "name"):
        found["process" if kind == ScopeKind.PROCESS else "site"].append(text)
    if not with_used:
        return found
    for name, words in found.items():
        known = {word.casefold() for word in words}
        used = Nonconformity.objects.filter(project=project, is_confidential=False).exclude(**{name: ""}).order_by(name)
        words += [word for word in used.values_list(name, flat=True).distinct()[:50] if word.casefold() not in known]
    return found
