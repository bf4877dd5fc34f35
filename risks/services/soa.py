"""The Statement of Applicability: begun from a set of controls, answered row by row or many at once, linked.

Who manages risks writes everything; the owner of a row says how far it is: status, target date and links. (IMS2 1.8)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from approvals.services import request as approvals
from core.rules import RuleBroken, StaleRecord, refused
from documents.models import Document
from pdca.models import Standard
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import Project, Task
from projects.permissions import Perm
from risks.models import Implementation, Reason, SetKind, Soa, SoaDocument, SoaEntry, SoaTask
from risks.models.soa import LONGEST_TEXT
from risks.selectors import soa as selectors

from . import asset as assets

KIND = selectors.KIND
ANSWER = ("is_applicable", "reasons", "justification", "status", "owner", "target_on")
OWN = ("status", "target_on")
"""What the owner of a row says about it."""
BULK = ("is_applicable", "reasons", "justification", "status", "owner", "target_on")
WORKABLE = tuple(status for status in Implementation if status != Implementation.NOT_APPLICABLE)
MOST_ROWS = 500
MOST_LINKS = 50


# ---- may they -------------------------------------------------------------------------------------------------------


def may_write(user: Any, entry: SoaEntry, held: frozenset[Perm] | None = None) -> bool:
    """Whether this person says how far a row is: who manages risks, and its owner."""
    held = access.perms_in(user, entry.project) if held is None else held
    return Perm.MANAGE_RISKS in held or (Perm.WRITE_OWN_RISKS in held and entry.owner_id == user.pk)


def _permit(project: Project, by: Any) -> None:
    if not access.can(by, Perm.MANAGE_RISKS, project):
        raise NotPermitted(_("You may not write the Statement of Applicability of this project."))


# ---- beginning ------------------------------------------------------------------------------------------------------


def begin(*, project: Project, by: Any, standard: Standard) -> Soa:
    """The statement about the controls of a standard's Annex A, with a row for each. Raises RuleBroken, NotPermitted."""
    with journal.change(project, by=by) as log:
        _permit(project, by)
        if Soa.objects.filter(project=project, standard=standard).exists():
            raise RuleBroken(_("There is a statement about %(set)s already.") % {"set": standard})
        controls = list(standard.controls.select_related("theme").order_by("position"))
        if not controls:
            raise RuleBroken(_("%(set)s has no controls.") % {"set": standard})
        soa = _begun(project, by, log, kind=SetKind.CATALOGUE, name=str(standard.code), standard=standard)
        _fill(soa, by, log, [
            {"control": control, "ref": control.ref, "title": control.title, "theme": str(control.theme.title),
             "attributes": control.attributes, "intent": control.intent}
            for control in controls
        ])  # fmt: skip
    return soa


def begin_own(*, project: Project, by: Any, name: str, rows: Sequence[dict[str, Any]]) -> Soa:
    """The statement about an organization's own control set. `rows`: ref, title and, if wanted, theme and intent of each.

    Raises RuleBroken with the row that cannot be, NotPermitted.
    """
    with journal.change(project, by=by) as log:
        _permit(project, by)
        name = " ".join(str(name or "").split())
        if not name or len(name) > 200:
            raise refused("name", _("Give the control set a name of at most 200 characters."))
        if Soa.objects.filter(project=project, name=name).exists():
            raise refused("name", _("There is a statement about %(set)s already.") % {"set": name})
        checked = _checked_rows(rows, set())
        if not checked:
            raise refused("rows", _("A control set has one control at least: a number and a title."))
        soa = _begun(project, by, log, kind=SetKind.OWN, name=name)
        _fill(soa, by, log, checked)
    return soa


def begin_actions(*, project: Project, by: Any) -> Soa:
    """The statement of selected and unselected actions, for projects without a control set: a row for each clause that the
    project's standards share in the harmonized structure. Raises RuleBroken, NotPermitted. (IMS2 1.8)
    """
    with journal.change(project, by=by) as log:
        _permit(project, by)
        if Soa.objects.filter(project=project, kind=SetKind.ACTIONS).exists():
            raise RuleBroken(_("There is a statement of actions already."))
        name = _("Actions of the management system")
        soa = _begun(project, by, log, kind=SetKind.ACTIONS, name=name)
        _fill(soa, by, log, [
            {"ref": action.ref, "title": action.title[:200], "theme": action.theme[:200], "intent": action.intent,
             "attributes": {"standards": list(action.standards)} if action.standards else {}}
            for action in selectors.actions_of(project)
        ])  # fmt: skip
    return soa


def add_row(*, soa: Soa, by: Any, values: dict[str, Any]) -> SoaEntry:
    """A further control of an own set, or an action of the organization's own. Raises RuleBroken, NotPermitted."""
    with journal.change(soa.project, by=by) as log:
        _permit(soa.project, by)
        if soa.kind == SetKind.CATALOGUE:
            raise RuleBroken(
                _("The controls of %(set)s are given. Begin an own control set for controls of your own.")
                % {"set": soa.name}
            )
        rows = list(soa.entries.order_by("position").values_list("ref", "theme", "position"))
        if len(rows) >= MOST_ROWS:
            raise RuleBroken(_("A control set has at most %(n)s controls.") % {"n": MOST_ROWS})
        if " ".join(str(values.get("ref") or "").split()).lower() in {ref.lower() for ref, _theme, _position in rows}:
            raise refused("ref", _("There is a row %(ref)s already.") % {"ref": values["ref"]})
        checked = _checked_rows([values], set(), field="ref")
        if not checked:
            raise refused("ref", _("A row needs a number and a title."))
        # At the end of its theme: the rows below make room.
        theme = checked[0]["theme"]
        last = max((position for _ref, here, position in rows if here == theme), default=None)
        if last is not None:
            soa.entries.filter(position__gt=last).update(position=F("position") + 1)
        position = last + 1 if last is not None else max((p for *_rest, p in rows), default=0) + 1
        entry = _fill(soa, by, log, checked, first=position, says="soa.row_added")[0]
        approvals.changed(kind=KIND, record=soa, by=by)
    return entry


def add_action(*, project: Project, by: Any, values: dict[str, Any]) -> SoaEntry:
    """An action of the organization's own in its statement of actions. Raises RuleBroken, NotPermitted."""
    soa = Soa.objects.filter(project=project, kind=SetKind.ACTIONS).first()
    if soa is None:
        raise RuleBroken(_("Begin the statement of actions first."))
    soa.project = project
    return add_row(soa=soa, by=by, values=values)


def _begun(
    project: Project, by: Any, log: journal.Log, *, kind: str, name: str, standard: Standard | None = None
) -> Soa:
    soa = Soa(
        organization_id=project.organization_id, project=project, kind=kind, standard=standard, name=name[:200],
        slug=selectors.free_slug(project, standard.slug if standard else name), created_by=by,
    )  # fmt: skip
    log.mark(soa).save()
    return soa


def _fill(
    soa: Soa, by: Any, log: journal.Log, rows: Sequence[dict[str, Any]], *, first: int = 1, says: str = "soa.begun"
) -> list[SoaEntry]:
    entries = [
        SoaEntry(
            organization_id=soa.organization_id, project=soa.project, soa=soa, position=position, edited_by=by, **values
        )
        for position, values in enumerate(rows, start=first)
    ]
    entries = SoaEntry.objects.bulk_create(entries)
    SoaEntry.history.bulk_history_create(entries, default_user=by, default_date=log.at)
    if says == "soa.begun":
        log(soa, says, {"set": soa.name, "controls": len(entries)})
    else:
        for entry in entries:
            log(entry, says, {"set": soa.name})
    return entries


def _checked_rows(rows: Sequence[dict[str, Any]], taken: set[str], *, field: str = "rows") -> list[dict[str, Any]]:
    """The rows of an own set as they are stored, without empty ones. Raises RuleBroken naming the row that is wrong."""
    if len(rows) > MOST_ROWS:
        raise refused(field, _("A control set has at most %(n)s controls.") % {"n": MOST_ROWS})
    found = []
    for at, row in enumerate(rows, start=1):
        ref, title, theme = (" ".join(str(row.get(name) or "").split()) for name in ("ref", "title", "theme"))
        intent = str(row.get("intent") or "").strip()
        if not (ref or title):
            continue
        where = {"at": at, "ref": ref or "–"}
        if not title or not ref:
            raise refused(field, _("Row %(at)s (%(ref)s) needs a number and a title.") % where)
        if not selectors.REF.fullmatch(ref):
            raise refused(
                field,
                _("Row %(at)s: the number “%(ref)s” may have up to 20 letters, digits, dots, hyphens and brackets.")
                % where,
            )
        if ref.lower() in taken:
            raise refused(field, _("Row %(at)s: the number %(ref)s is there twice.") % where)
        if len(title) > 200 or len(theme) > 200 or len(intent) > LONGEST_TEXT:
            raise refused(field, _("Row %(at)s (%(ref)s) is too long: title and theme take 200 characters.") % where)
        taken.add(ref.lower())
        found.append({"ref": ref, "title": title, "theme": theme, "intent": intent})
    return found


# ---- answering ------------------------------------------------------------------------------------------------------


def answer(*, entry: SoaEntry, by: Any, version: int, values: dict[str, Any]) -> SoaEntry:
    """Saves what a person says about a row they saw as `version`; `values`: some of ANSWER.

    An excluded row is "not applicable" and has no reasons; one that applies again begins as "not started". Raises
    StaleRecord when somebody saved first, RuleBroken, NotPermitted.
    """
    with journal.change(entry.project, by=by) as log:
        found = _fresh(entry, by)
        if found.version != version:
            raise StaleRecord(
                _("%(row)s was changed by somebody else while you were typing. Your text is kept below.")
                % {"row": found.ref},
                found,
            )
        if not access.can(by, Perm.MANAGE_RISKS, found.project):
            values = {name: value for name, value in values.items() if name in OWN}
            if found.is_applicable is not True:
                raise NotPermitted(_("%(row)s is not applicable yet: who manages risks says so.") % {"row": found.ref})
        if _apply(found, values, by, log):
            _changed(found.soa, by)
    return found


def answer_many(
    *, soa: Soa, by: Any, values: dict[str, Any], refs: Iterable[str] = (), theme: str | None = None
) -> int:
    """Answers the chosen rows, or all of a theme, alike: only what is in `values` is set; how many changed. All or nothing.

    Raises RuleBroken naming the row that cannot take it, NotPermitted.
    """
    values = {name: value for name, value in values.items() if name in BULK}
    wanted = set(refs)
    with journal.change(soa.project, by=by) as log:
        _permit(soa.project, by)
        if not values:
            raise RuleBroken(_("Choose what is to be set."))
        rows = soa.entries.select_related("owner").order_by("position")
        rows = rows.filter(theme=theme) if theme is not None else rows.filter(ref__in=wanted)
        found = list(rows)
        if not found or (theme is None and len(found) != len(wanted)):
            raise RuleBroken(_("Choose rows of this statement."))
        done = 0
        for entry in found:
            entry.soa, entry.project = soa, soa.project
            done += _apply(entry, dict(values), by, log)
        if done:
            _changed(soa, by)
    return done


def _apply(entry: SoaEntry, values: dict[str, Any], by: Any, log: journal.Log) -> bool:
    """Writes the values that differ, with what follows from them; whether any did."""
    values = _checked(entry, values)
    before = {name: getattr(entry, name) for name in ANSWER}
    told = journal.differences(before, values)
    if not told:
        return False
    for name, value in values.items():
        setattr(entry, name, value)
    if entry.status != Implementation.IMPLEMENTED:
        entry.implemented_at = None
    elif entry.implemented_at is None:
        entry.implemented_at = log.at
    entry.edited_by = by
    entry.version += 1
    log.mark(entry).save()
    if "reasons" in told:
        told["reasons"] = [[str(Reason(one).label) for one in side] for side in told["reasons"]]
    log(entry, "soa.answered", told)
    return True


def _checked(entry: SoaEntry, values: dict[str, Any]) -> dict[str, Any]:
    """The values as they are stored, with what follows from them. Raises RuleBroken with the field that is wrong."""
    values = {name: value for name, value in values.items() if name in ANSWER}
    row = {"row": entry.ref}
    if values.get("is_applicable") not in (None, True, False):
        raise refused("is_applicable", _("%(row)s: it applies or it does not.") % row)
    applies = values.get("is_applicable", entry.is_applicable)
    if "reasons" in values:
        chosen = {str(one) for one in values["reasons"] or ()}
        if chosen - set(Reason.values):
            raise refused("reasons", _("%(row)s: choose reasons of the list.") % row)
        values["reasons"] = [one for one in Reason.values if one in chosen]
    if "justification" in values:
        values["justification"] = str(values["justification"] or "").strip()
        if len(values["justification"]) > LONGEST_TEXT:
            raise refused("justification", _("Use at most %(n)s characters.") % {"n": LONGEST_TEXT})
    status = values.get("status")
    if "status" in values and status not in Implementation.values:
        raise refused("status", _("%(row)s: choose how far it is.") % row)
    if (owner := values.get("owner")) is not None:
        assets.check_people(entry.project, [owner])
    if applies is False:
        if "status" in values and "is_applicable" not in values and status != Implementation.NOT_APPLICABLE:
            raise refused("status", _("%(row)s is excluded: include it before you say how far it is.") % row)
        return values | {"status": Implementation.NOT_APPLICABLE, "reasons": [], "target_on": None}
    if status == Implementation.NOT_APPLICABLE:
        raise refused("status", _("%(row)s: exclude it to say that it is not applicable.") % row)
    if "status" not in values and entry.status == Implementation.NOT_APPLICABLE:
        values["status"] = Implementation.NOT_STARTED
    return values


# ---- links ----------------------------------------------------------------------------------------------------------


def link_document(*, entry: SoaEntry, by: Any, document: Document) -> SoaEntry:
    """Says that a document describes how a control works. Raises RuleBroken, NotPermitted."""
    return _link(entry, by, document, SoaDocument, "document", _("Choose a document of this project."))


def unlink_document(*, entry: SoaEntry, by: Any, document: Document) -> SoaEntry:
    return _unlink(entry, by, document, SoaDocument, "document")


def link_task(*, entry: SoaEntry, by: Any, task: Task) -> SoaEntry:
    """Says that a task implements a control. Raises RuleBroken, NotPermitted."""
    return _link(entry, by, task, SoaTask, "task", _("Choose a task of this project."))


def unlink_task(*, entry: SoaEntry, by: Any, task: Task) -> SoaEntry:
    return _unlink(entry, by, task, SoaTask, "task")


def _link(entry: SoaEntry, by: Any, other: Any, through: Any, name: str, strange: str) -> SoaEntry:
    with journal.change(entry.project, by=by) as log:
        found = _fresh(entry, by)
        if other.project_id != found.project_id:
            raise refused(name, strange)
        if through.objects.filter(entry=found, **{name: other}).exists():
            return found
        if through.objects.filter(entry=found).count() >= MOST_LINKS:
            raise refused(name, _("A row has at most %(n)s links of one sort.") % {"n": MOST_LINKS})
        through.objects.create(entry=found, **{name: other})
        log(found, f"soa.{name}_linked", {name: str(other)})
        _changed(found.soa, by)
    return found


def _unlink(entry: SoaEntry, by: Any, other: Any, through: Any, name: str) -> SoaEntry:
    with journal.change(entry.project, by=by) as log:
        found = _fresh(entry, by)
        gone, _rows = through.objects.filter(entry=found, **{name: other}).delete()
        if gone:
            log(found, f"soa.{name}_unlinked", {name: str(other)})
            _changed(found.soa, by)
    return found


# ---- what others tell -----------------------------------------------------------------------------------------------


def count_evidence(entry: SoaEntry, n: int) -> None:
    """Stores how many pieces of evidence are valid now; runs in the transaction of that change."""
    SoaEntry.objects.filter(pk=entry.pk).update(evidence_count=n)


def follow_project(*, project_id: int, by: Any) -> None:
    """Voids open requests about a project's statements that its treatments have moved away from."""
    project = Project.objects.select_related("organization").get(pk=project_id)
    for soa in selectors.of(project):
        approvals.changed(kind=KIND, record=soa, by=by)


def _changed(soa: Soa, by: Any) -> None:
    approvals.changed(kind=KIND, record=soa, by=by)


def _fresh(entry: SoaEntry, by: Any) -> SoaEntry:
    """The row read again under the lock, for who may write it. Raises NotPermitted."""
    found = SoaEntry.objects.select_related("project__organization", "owner", "soa").get(pk=entry.pk)
    found.soa.project = found.project
    if not may_write(by, found):
        raise NotPermitted(_("%(row)s is not yours to change.") % {"row": found.ref})
    return found
