"""What every service of the app checks the same way: people, words, clauses, standards, the version a person saw."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from audits.flows import FROZEN_AUDITS
from context.models import ScopeItem, ScopeKind
from core.rules import RuleBroken, StaleRecord, refused
from documents.models import Document
from pdca.models import Clause, Standard
from projects import access
from projects.models import Project

PLACES = (ScopeKind.PROCESS, ScopeKind.SITE)
"""What of the scope can be audited as a place."""


def same(now: int, seen: int, current: Any, label: str) -> None:
    """Raises StaleRecord unless the person saw what stands now."""
    if now != seen:
        says = _("%(record)s was changed by somebody else while you were typing. Your text is kept below.")
        raise StaleRecord(says % {"record": label}, current)


def texts(model: type[Model], values: dict[str, Any], *, lines: Iterable[str] = (), areas: Iterable[str] = ()) -> None:
    """Trims the texts among the values: `lines` to one line each. Raises RuleBroken for what is too long."""
    for name in (*lines, *areas):
        if name not in values:
            continue
        text = str(values[name] or "").strip()
        values[name] = " ".join(text.split()) if name in lines else text
        most = model._meta.get_field(name).max_length
        if len(values[name]) > most:
            raise refused(name, _("Use at most %(n)s characters.") % {"n": most})


def belongs(project: Project, person: Any, field: str) -> None:
    """Raises RuleBroken unless the person (or nobody) belongs to the project."""
    if person is not None and not access.people_of(project).filter(pk=person.pk).exists():
        raise refused(field, _("%(person)s does not belong to this project.") % {"person": person})


def item(project: Project, found: ScopeItem | None, field: str = "item") -> None:
    """Raises RuleBroken unless it is a process or a site of this project's scope."""
    if found is not None and (found.project_id != project.pk or found.kind not in PLACES):
        raise refused(field, _("Choose a process or a site of this project's scope."))


def standards(project: Project, wanted: Iterable[Standard], known: Iterable[int] = ()) -> list[int]:
    """The ids of standards that the project has to satisfy, or that stood there before. Raises RuleBroken."""
    found = sorted({one.pk for one in wanted})
    allowed = {*known, *project.chosen_standards.values_list("standard_id", flat=True)}
    if set(found) - allowed:
        raise refused("standards", _("Choose standards of this project."))
    return found


def clauses(wanted: Iterable[Clause], allowed: Iterable[int]) -> list[int]:
    """The ids of clauses of the chosen standards. Raises RuleBroken."""
    wanted, allowed = list(wanted), set(allowed)
    if any(one.standard_id not in allowed for one in wanted):
        raise refused("clauses", _("Choose clauses of the chosen standards."))
    return sorted({one.pk for one in wanted})


def documents(project: Project, wanted: Iterable[Document]) -> list[int]:
    wanted = list(wanted)
    if any(one.project_id != project.pk for one in wanted):
        raise refused("documents", _("Choose documents of this project."))
    return sorted({one.pk for one in wanted})


def put(links: Any, column: str, wanted: Iterable[int], **more: Any) -> bool:
    """Makes the rows of a through-model those of `wanted`; whether anything changed. Two queries, three with a change."""
    wanted = set(wanted)
    here = set(links.values_list(column, flat=True))
    if wanted == here:
        return False
    links.filter(**{f"{column}__in": here - wanted}).delete()
    model, owner = links.model, {links.field.name: links.instance}
    model.objects.bulk_create(model(**owner, **{column: pk}, **more) for pk in sorted(wanted - here))
    return True


def nothing_frozen(audit: Any) -> None:
    """Raises RuleBroken for an audit whose report is issued, or that was cancelled."""
    if audit.status in FROZEN_AUDITS:
        says = _("%(audit)s is “%(state)s”: what it says stays as it is.")
        raise RuleBroken(says % {"audit": audit.label, "state": audit.get_status_display()}, "9.2.2")
