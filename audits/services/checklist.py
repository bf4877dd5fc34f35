"""Making an audit's checklist: from the criteria, by questions of one's own, in an order of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from audits import rights
from audits.checklist import Line
from audits.flows import BEFORE_THE_WORK, AuditStatus
from audits.models import Audit, ChecklistLine, ChecklistLineClause, LineKind, Session
from audits.selectors import criteria
from core import links
from core.rules import RuleBroken, StaleRecord, refused
from projects import first_history, journal

CLAUSE = "9.2.2"
STEP = 10
"""Lines stand that far apart, so that a later one finds room between two."""
MOST_LINES = 600
PREPARING = (*BEFORE_THE_WORK, AuditStatus.IN_PROGRESS)


def _fresh(audit: Audit, by: Any) -> Audit:
    """The audit as it is now, for who may prepare its checklist. Raises NotPermitted, RuleBroken."""
    found = Audit.objects.select_related("project__organization").get(pk=audit.pk)
    rights.permit_conduct(found, by)
    if found.status not in PREPARING:
        raise RuleBroken(
            _("%(audit)s is “%(state)s”: its checklist stays as it is.")
            % {"audit": found.label, "state": found.get_status_display()},
            CLAUSE,
        )
    return found


# ---- from the criteria -------------------------------------------------------------------------------------------


def generate(*, audit: Audit, by: Any) -> int:
    """Brings the checklist up to the criteria, and says how many lines came new.

    A line for each clause that several standards share, for each clause of one alone, and for each document. Lines that
    are there keep their place, their words and their result; a clause that is no criterion any more leaves a line that
    nobody has worked on. Raises RuleBroken, NotPermitted.
    """
    with journal.change(audit.project, by=by) as log:
        audit = _fresh(audit, by)
        wanted = criteria.lines(audit)
        documents = list(audit.documents.order_by("code"))
        if not wanted and not documents:
            raise RuleBroken(_("Name the criteria first: a standard, clauses or a document."), CLAUSE)
        there = list(audit.lines.prefetch_related("clause_links").order_by("position", "pk"))
        gone = _leave(there, {part.clause.pk for line in wanted for part in line.parts}, log)
        new = _missing(wanted, [line for line in there if line.pk not in gone], log)
        made = _lines(audit, by, new) + _of_documents(audit, by, documents, there, wanted)
        ChecklistLine.objects.bulk_create(made)
        credits = (
            (row.pk, part.clause.pk) for row, (line, _place) in zip(made, new, strict=False) for part in line.parts
        )
        links.insert(ChecklistLineClause, ("line", "clause"), credits)
        if there:
            ChecklistLine.history.bulk_history_create(made, default_user=by, default_date=log.at)
        elif made:
            first_history.copy(ChecklistLine, log, audit_id=audit.pk)
        told = {"new": len(made), "left": len(gone), "clauses": sum(len(line.parts) for line in wanted)}
        log(audit, "checklist.generated", told)
    return len(made)


def is_touched(line: ChecklistLine) -> bool:
    """Whether somebody has worked on the line: it is not taken away or widened by itself."""
    return bool(line.result or line.evidence or line.sampling or line.not_sampled_because or line.evidence_count)


def _leave(there: Sequence[ChecklistLine], wanted: set[int], log: journal.Log) -> set[int]:
    """Takes away the lines of clauses that are no criterion any more, where nobody has worked on them; their keys."""
    gone = [
        line
        for line in there
        if line.kind != LineKind.OWN and not is_touched(line)
        and not any(link.clause_id in wanted for link in line.clause_links.all())
    ]  # fmt: skip
    kept = {line.pk for line in gone if line.findings.exists()}
    for line in gone:
        if line.pk not in kept:
            log.mark(line).delete()
    return {line.pk for line in gone} - kept


def _missing(wanted: Sequence[Line], there: Sequence[ChecklistLine], log: journal.Log) -> list[tuple[Line, int]]:
    """The lines to be made, with their places; a line that nobody has worked on takes what is shared with it."""
    credited = {link.clause_id: line for line in there for link in line.clause_links.all()}
    by_row = {line.hs: line for line in there if line.kind == LineKind.SHARED and not is_touched(line)}
    new, place = [], 0
    for n, line in enumerate(wanted, start=1):
        parts = tuple(part for part in line.parts if part.clause.pk not in credited)
        present = [credited[part.clause.pk] for part in line.parts if part.clause.pk in credited]
        place = present[0].position if present else place + 1 if there else n * STEP
        if not parts:
            continue
        if line.row and (old := by_row.get(line.row)) is not None:
            _widen(old, replace(line, parts=parts), log)
        else:
            new.append((replace(line, parts=parts), place))
    return new


def _widen(old: ChecklistLine, line: Line, log: journal.Log) -> None:
    ChecklistLineClause.objects.bulk_create(
        ChecklistLineClause(line=old, clause_id=part.clause.pk) for part in line.parts
    )
    known = {text.casefold() for text in old.prompts}
    old.ref, old.title = line.ref, line.title
    old.prompts = [*old.prompts, *(text for text in line.prompts if text.casefold() not in known)]
    old.version += 1
    log.mark(old).save()


def _lines(audit: Audit, by: Any, new: Sequence[tuple[Line, int]]) -> list[ChecklistLine]:
    sessions = _sessions(audit)
    # Keys and no records: a model takes a record through its relation, which is half the time of making a line.
    owned = {
        "organization_id": audit.organization_id, "project_id": audit.project_id, "audit_id": audit.pk,
        "edited_by_id": by.pk,
    }  # fmt: skip
    return [
        ChecklistLine(
            **owned, kind=LineKind.SHARED if line.hs else LineKind.ADDITION, hs=line.hs, ref=line.ref,
            title=line.title[:300], prompts=list(line.prompts), position=position,
            session_id=next((sessions[part.clause.pk] for part in line.parts if part.clause.pk in sessions), None)
            if sessions else None,
        )
        for line, position in new
    ]  # fmt: skip


def _sessions(audit: Audit) -> dict[int, int]:
    """The first session of the agenda that names a clause, by the clause. One query."""
    rows = audit.sessions.filter(clause_links__isnull=False).order_by("-day", "-starts_at", "-pk")
    return dict(rows.values_list("clause_links__clause_id", "pk"))


def _of_documents(
    audit: Audit, by: Any, documents: Sequence[Any], there: Sequence[ChecklistLine], wanted: Sequence[Line]
) -> list[ChecklistLine]:
    """A question for each document among the criteria: is it done as it says?"""
    known = {line.ref for line in there if line.kind == LineKind.OWN}
    last = max([line.position for line in there] + [len(wanted) * STEP])
    return [
        ChecklistLine(
            organization_id=audit.organization_id, project_id=audit.project_id, audit=audit, kind=LineKind.OWN,
            ref=document.label, title=_("Is it done as “%(title)s” says?") % {"title": document.title[:240]},
            position=last + n * STEP, edited_by=by,
        )
        for n, document in enumerate((one for one in documents if one.label not in known), start=1)
    ]  # fmt: skip


# ---- by hand -----------------------------------------------------------------------------------------------------

ASKED = ("title", "ref", "prompts", "session", "clauses")


def add_question(*, audit: Audit, by: Any, values: dict[str, Any]) -> ChecklistLine:
    """A question of one's own; `values`: some of ASKED, the title at least. Raises RuleBroken, NotPermitted."""
    with journal.change(audit.project, by=by) as log:
        audit = _fresh(audit, by)
        if audit.lines.count() >= MOST_LINES:
            raise RuleBroken(_("A checklist has at most %(n)s lines.") % {"n": MOST_LINES})
        values = _checked(audit, values)
        clauses = values.pop("clauses", [])
        last = audit.lines.aggregate(last=Max("position"))["last"] or 0
        line = ChecklistLine(
            organization_id=audit.organization_id, project=audit.project, audit=audit, kind=LineKind.OWN,
            position=last + STEP, edited_by=by, **values,
        )  # fmt: skip
        log.mark(line).save()
        ChecklistLineClause.objects.bulk_create(ChecklistLineClause(line=line, clause=clause) for clause in clauses)
        log(line, "checklist.added", {"audit": audit.label, "question": line.title})
    return line


def change_question(*, line: ChecklistLine, by: Any, version: int, values: dict[str, Any]) -> ChecklistLine:
    """Other words for a question of one's own that a person saw as `version`. Raises StaleRecord, RuleBroken, NotPermitted."""
    with journal.change(line.project, by=by) as log:
        audit = _fresh(line.audit, by)
        line = ChecklistLine.objects.get(pk=line.pk, audit=audit)
        if line.kind != LineKind.OWN:
            raise RuleBroken(_("The words of a line from the criteria stay: add a question of your own."))
        if line.version != version:
            says = _("This line was changed by somebody else while you were typing. Your text is kept below.")
            raise StaleRecord(says, line)
        values = _checked(audit, {"title": line.title} | values)
        clauses = values.pop("clauses", None)
        changes = journal.differences({name: getattr(line, name) for name in values}, values)
        if clauses is not None:
            before = set(line.clause_links.values_list("clause_id", flat=True))
            wanted = {clause.pk for clause in clauses}
            if before != wanted:
                line.clause_links.exclude(clause_id__in=wanted).delete()
                ChecklistLineClause.objects.bulk_create(
                    ChecklistLineClause(line=line, clause_id=pk) for pk in sorted(wanted - before)
                )
                changes["clauses"] = [len(before), len(wanted)]
        if not changes:
            return line
        for name, value in values.items():
            setattr(line, name, value)
        line.edited_by = by
        line.version += 1
        log.mark(line).save()
        log(line, "checklist.changed", {"audit": audit.label} | changes)
    return line


def remove(*, line: ChecklistLine, by: Any) -> None:
    """Takes away a line that nobody has worked on. Raises RuleBroken, NotPermitted."""
    with journal.change(line.project, by=by) as log:
        audit = _fresh(line.audit, by)
        line = audit.lines.filter(pk=line.pk).first()
        if line is None:
            return
        if is_touched(line) or line.findings.exists():
            raise RuleBroken(
                _("“%(line)s” was worked on: say that it was not sampled, and why, instead of taking it away.")
                % {"line": line}
            )
        log(line, "checklist.removed", {"audit": audit.label, "question": line.title})
        log.mark(line).delete()


def reorder(*, line: ChecklistLine, by: Any, to: int) -> None:
    """Puts a line at place `to` of the checklist, counted from 1. Raises RuleBroken, NotPermitted."""
    with journal.change(line.project, by=by) as log:
        audit = _fresh(line.audit, by)
        lines = list(audit.lines.order_by("position", "pk"))
        before = [one.pk for one in lines].index(line.pk)
        moved = lines.pop(before)
        lines.insert(max(0, min(to - 1, len(lines))), moved)
        changed = [one for n, one in enumerate(lines, start=1) if one.position != n * STEP]
        for n, one in enumerate(lines, start=1):
            one.position = n * STEP
        if lines.index(moved) == before:
            return
        ChecklistLine.objects.bulk_update(changed, ["position"])
        log(moved, "checklist.moved", {"audit": audit.label, "place": [before + 1, lines.index(moved) + 1]})


def assign(*, audit: Audit, by: Any, lines: Iterable[int], session: Session | None) -> int:
    """Puts several lines into a session, or into none; how many changed. Raises RuleBroken, NotPermitted."""
    with journal.change(audit.project, by=by) as log:
        audit = _fresh(audit, by)
        if session is not None and session.audit_id != audit.pk:
            raise refused("session", _("Choose a session of this audit."))
        changed = [
            line for line in audit.lines.filter(pk__in=list(lines)) if line.session_id != (session and session.pk)
        ]
        for line in changed:
            line.session, line.edited_by = session, by
            line.version += 1
            log.mark(line).save()
        if changed:
            told = {"session": str(session or ""), "lines": len(changed)}
            log(audit, "checklist.assigned", told)
    return len(changed)


def _checked(audit: Audit, values: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in values.items() if name in ASKED}
    values["title"] = " ".join(str(values.get("title") or "").split())
    if not values["title"] or len(values["title"]) > 300:
        raise refused("title", _("Ask in at most 300 characters."))
    if "ref" in values:
        values["ref"] = " ".join(str(values["ref"] or "").split())[:40]
    if "prompts" in values:
        values["prompts"] = [text[:300] for text in values["prompts"] if text][:40]
    session = values.get("session")
    if session is not None and session.audit_id != audit.pk:
        raise refused("session", _("Choose a session of this audit."))
    if "clauses" in values:
        allowed = {clause.pk for clause in criteria.asked(audit)}
        if any(clause.pk not in allowed for clause in values["clauses"]):
            raise refused("clauses", _("Choose clauses among the criteria of this audit."))
    return values
