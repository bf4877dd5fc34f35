"""Writing the scope: its items and its words. Who changes either after a decision was asked for voids that request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext as _

from approvals.services import request as approvals
from context.models import ScopeItem, ScopeKind, ScopeStatement
from context.models.scope import LONGEST, LONGEST_WORDS, MOST_ITEMS, TWO_SIDED, fingerprint
from context.selectors import scope as selectors
from core.rules import RuleBroken, StaleRecord
from pdca import scope_rules
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Perm

KIND = "scope"
CLAUSE = "4.3"
EDITABLE = ("name", "description", "party", "is_included", "justification", "standards")


@contextmanager
def _change(project: Project, by: Any) -> Iterator[tuple[ScopeStatement, journal.Log]]:
    """One change of the scope: permission under the lock, the row begun where it is missing."""
    with journal.change(project, by=by) as log:
        if not access.can(by, Perm.MANAGE_PROJECT, project):
            raise NotPermitted(_("You may not change the scope of this project."))
        scope = selectors.of_project(project)
        if scope is None:
            scope = ScopeStatement(
                organization_id=project.organization_id, project=project, created_by=by, edited_by=by, version=0
            )
        yield scope, log


def _begun(scope: ScopeStatement, log: journal.Log) -> None:
    """Writes the row of a scope that somebody begins with an item."""
    if scope.pk is None:
        log.mark(scope).save()
        log(scope, "scope.begun")


def _refused(message: str, field: str | None = None, clause: str = "") -> RuleBroken:
    refusal = RuleBroken(message, clause)
    refusal.field = field
    return refusal


# ---- items -------------------------------------------------------------------------------------------------------


def add_item(*, project: Project, by: Any, kind: str, values: dict[str, Any]) -> ScopeItem:
    """Adds an item at the end of its kind. Raises RuleBroken, NotPermitted."""
    with _change(project, by) as (scope, log):
        standards = selectors.standards_of(project)
        others = list(selectors.items_of(project))
        if len(others) >= MOST_ITEMS:
            raise RuleBroken(_("A scope has at most %(n)s items: sum some up.") % {"n": MOST_ITEMS})
        item = ScopeItem(
            organization_id=project.organization_id, project=project, kind=ScopeKind(kind), created_by=by, edited_by=by,
            is_included=kind != ScopeKind.REQUIREMENT,
            position=max((one.position for one in others if one.kind == kind), default=0) + 1,
        )  # fmt: skip
        _set(item, values, standards)
        _check(item, others, standards)
        _begun(scope, log)
        item.scope = scope
        log.mark(item).save()
        log(item, "scope.item_added", {"kind": item.kind, **_told(item)})
        _follow(scope, by, log)
    return item


def change_item(*, project: Project, pk: int, by: Any, version: int, values: dict[str, Any]) -> ScopeItem:
    """Saves an item that a person saw as `version`. Raises StaleRecord, RuleBroken, NotPermitted."""
    with _change(project, by) as (scope, log):
        standards = selectors.standards_of(project)
        others = list(selectors.items_of(project))
        item = _found(others, pk)
        if item.version != version:
            raise StaleRecord(
                _("This item was changed by somebody else while you were typing. Your text is kept below."), item
            )
        before = _told(item)
        _set(item, values, standards)
        _check(item, [one for one in others if one.pk != pk], standards)
        changes = journal.differences(before, _told(item))
        if not changes:
            return item
        item.edited_by = by
        item.version += 1
        log.mark(item).save()
        log(item, "scope.item_changed", changes)
        _follow(scope, by, log)
    return item


def move_item(*, project: Project, pk: int, by: Any, up: bool) -> ScopeItem:
    """Puts an item one place earlier or later among those of its kind; at the end nothing happens."""
    with _change(project, by) as (scope, log):
        every = list(selectors.items_of(project))
        item = _found(every, pk)
        row = [one for one in every if one.kind == item.kind]
        at = row.index(item)
        to = at - 1 if up else at + 1
        if not 0 <= to < len(row):
            return item
        row[at], row[to] = row[to], row[at]
        for position, one in enumerate(row, start=1):
            if one.position != position:
                one.position = position
                log.mark(one).save(update_fields=["position"])
        log(item, "scope.item_moved", {"place": [at + 1, to + 1]})
        _follow(scope, by, log)
    return item


def remove_item(*, project: Project, pk: int, by: Any, version: int) -> None:
    """Takes an item out of the list; its history stays. Raises StaleRecord, RuleBroken, NotPermitted."""
    with _change(project, by) as (scope, log):
        item = _found(selectors.items_of(project), pk)
        if item.version != version:
            raise StaleRecord(_("This item was changed in the meantime. Look at it again before you remove it."), item)
        log(item, "scope.item_removed", {"kind": item.kind, **_told(item)})
        log.mark(item).delete()
        _follow(scope, by, log)


def _found(items: Any, pk: int) -> ScopeItem:
    item = next((one for one in items if one.pk == pk), None)
    if item is None:
        raise RuleBroken(_("Somebody has removed this item in the meantime."))
    return item


def _set(item: ScopeItem, values: dict[str, Any], standards: dict[str, str]) -> None:
    for name in EDITABLE:
        if name in values:
            value = values[name]
            if name == "standards":
                value = [slug for slug in standards if slug in value] + [
                    slug for slug in value if slug not in standards
                ]
                # All of them named one by one says the same as none; a requirement belongs to those it is named for.
                if len(value) == len(standards) and not item.is_requirement:
                    value = []
            setattr(item, name, value.strip() if isinstance(value, str) else value)
    item.name = " ".join(item.name.split())
    item.party = " ".join(item.party.split()) if item.is_interface else ""
    if item.kind not in TWO_SIDED:
        item.is_included = item.is_interface
    if item.is_requirement and not item.standards and len(standards) == 1:
        item.standards = list(standards)


def _check(item: ScopeItem, others: list[ScopeItem], standards: dict[str, str]) -> None:
    if not item.name or len(item.name) > 200 or len(item.party) > 200:
        raise _refused(_("An item needs a name of at most 200 characters."), "name")
    if max(len(item.description), len(item.justification)) > LONGEST_WORDS:
        raise _refused(_("Use at most %(n)s characters.") % {"n": LONGEST_WORDS}, "description")
    if any(one.kind == item.kind and one.name.casefold() == item.name.casefold() for one in others):
        raise _refused(
            _("There is “%(name)s” already among these items. Change that one, or use another name.")
            % {"name": item.name},
            "name",
        )
    if not item.is_included and not item.justification:
        says = _("Say why “%(name)s” is left out: an exclusion needs a justification.") % {"name": item.name}
        raise _refused(says, "justification", CLAUSE)
    if any(slug not in standards for slug in item.standards):
        raise _refused(_("Choose standards of this project."), "standards")
    if item.is_requirement:
        if not item.standards:
            raise _refused(_("Say whose requirement it is: choose at least one standard."), "standards")
        for rule in scope_rules.of(item.standards):
            if rule.forbids_requirements:
                raise _refused(forbidden(standards[rule.standard], rule), "standards", rule.where)


def forbidden(code: str, rule: scope_rules.ScopeRule) -> str:
    return _("No requirement of %(standard)s may be left out. %(says)s") % {"standard": code, "says": rule.says}


def _told(item: ScopeItem) -> dict[str, Any]:
    """What the journal tells of an item; a justification only where it is needed."""
    words: dict[str, Any] = {"name": item.name, "description": item.description}
    if item.is_interface:
        words["party"] = item.party
    elif not item.is_requirement:
        words["is_included"] = item.is_included
    if item.justification or not item.is_included:
        words["justification"] = item.justification
    words["standards"] = list(item.standards)
    return words


def _follow(scope: ScopeStatement, by: Any, log: journal.Log) -> None:
    """After a change of the items: words that nobody edited follow them; edited ones stay as they are."""
    selectors.forget(scope)
    new = selectors.paper_of(scope).generated
    if not scope.is_edited and scope.statement != new:
        before, scope.statement, scope.generated = scope.statement, new, new
        scope.version += 1
        log(scope, "scope.followed", {"statement": [before, new]})
    scope.edited_by = by
    log.mark(scope).save()
    approvals.changed(kind=KIND, record=scope, by=by)


# ---- words -------------------------------------------------------------------------------------------------------


def write(*, project: Project, by: Any, version: int, statement: str, seen: str = "") -> ScopeStatement:
    """Saves the statement a person saw as `version` (0: there was none yet).

    `seen` is the fingerprint of what the items gave on the person's page: the words then count as written for these
    items. Raises StaleRecord when somebody saved first, RuleBroken, NotPermitted.
    """
    with _change(project, by) as (scope, log):
        if scope.version != version:
            raise StaleRecord(
                _(
                    "The statement was changed while you were typing, by somebody or by its items. Your text is kept below."
                ),
                scope,
            )
        statement = "\n".join(line.rstrip() for line in statement.splitlines()).strip()
        if not statement:
            raise _refused(_("The statement is empty: write it, or take the text that the items give."), "statement")
        if len(statement) > LONGEST:
            raise _refused(_("Use at most %(n)s characters.") % {"n": LONGEST}, "statement")
        _put(scope, statement, selectors.paper_of(scope) if scope.pk else selectors.blank(project), seen, by, log)
    return scope


def take_generated(*, project: Project, by: Any, version: int, seen: str) -> ScopeStatement:
    """Puts the text that the items give in the place of the statement, for who has seen both."""
    with _change(project, by) as (scope, log):
        paper = selectors.paper_of(scope) if scope.pk else selectors.blank(project)
        if (scope.version, paper.seen) != (version, seen):
            raise RuleBroken(
                _("The statement or its items have changed since you looked. Compare the two texts again.")
            )
        _put(scope, paper.generated, paper, seen, by, log)
    return scope


def _put(scope: ScopeStatement, statement: str, paper: selectors.Paper, seen: str, by: Any, log: journal.Log) -> None:
    is_new = scope.pk is None
    before = scope.statement
    new = paper.generated if seen == fingerprint(paper.generated) else scope.generated
    if before == statement and scope.generated == new and not is_new:
        return
    scope.statement, scope.generated, scope.edited_by = statement, new, by
    scope.version += 1
    log.mark(scope).save()
    if before != statement:
        log(scope, "scope.written" if not before else "scope.changed", {"statement": [before, statement]})
    else:
        log(scope, "scope.confirmed")
    selectors.forget(scope)
    approvals.changed(kind=KIND, record=scope, by=by)


def follow_project(*, project_id: int, by: Any) -> None:
    """After a change of the project: a request about another name or other standards than today's is void."""
    scope = ScopeStatement.objects.select_related("project__organization").filter(project_id=project_id).first()
    if scope is not None:
        approvals.changed(kind=KIND, record=scope, by=by)
