"""Registering, changing, reviewing and withdrawing a document: the line of the master list, not its content."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from approvals.services import force
from approvals.services import request as approvals
from core import dates
from core.rules import RuleBroken, StaleRecord
from documents import numbering
from documents.flows import RevisionStatus
from documents.models import Answer, Disposal, Document, DocumentClause, Kind, Numbering, Revision
from documents.models.document import Classification
from pdca.models import Clause, MandatoryDocument, MergeGroup
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Perm

from . import retention

KIND = "document"
EDITABLE = (
    "title", "kind", "code", "owner", "classification", "language", "parent", "tags", "review_months", "next_review_on",
    "retention_years", "disposal",
)  # fmt: skip
MOST_TAGS, DEEPEST = 12, 8


def may_write(user: Any, document: Document, held: frozenset[Perm] | None = None) -> bool:
    """Whether this person writes revisions of a document: who manages documents, and its owner."""
    held = access.perms_in(user, document.project) if held is None else held
    return Perm.MANAGE_DOCUMENTS in held or (Perm.WRITE_OWN_DOCUMENTS in held and document.owner_id == user.pk)


def permit(document: Document, by: Any) -> None:
    """Raises NotPermitted unless `by` may write this document."""
    if not may_write(by, document):
        raise NotPermitted(_("%(document)s is not yours to write.") % {"document": document.code})


def create(
    *,
    project: Project,
    by: Any,
    values: dict[str, Any],
    clauses: Iterable[Clause] = (),
    groups: Iterable[MergeGroup] = (),
    items: Iterable[MandatoryDocument] = (),
) -> Document:
    """Registers a document; without a code it gets the next one. `values`: some of EDITABLE, title and kind at least.

    `clauses` are those it serves, `groups` and `items` the documented information it is. Raises RuleBroken, NotPermitted.
    """
    with journal.change(project, by=by) as log:
        held = access.perms_in(by, project)
        if Perm.MANAGE_DOCUMENTS not in held:
            if Perm.WRITE_OWN_DOCUMENTS not in held:
                raise NotPermitted(_("You may not register documents in this project."))
            values = values | {"owner": by}
        values = _checked(project, None, values)
        values["code"] = values.get("code") or next_code(project, values["kind"])
        _check_code(project, None, values["code"])
        number = (Document.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0) + 1
        document = Document(
            organization_id=project.organization_id, project=project, number=number, created_by=by, **values
        )
        log.mark(document).save()
        _serve(document, clauses)
        _answer(document, groups, items)
        log(document, "document.created", {"code": document.code, "title": document.title, "kind": document.kind})
    return document


def change(
    *,
    document: Document,
    by: Any,
    version: int,
    values: dict[str, Any],
    clauses: Iterable[Clause] | None = None,
    groups: Iterable[MergeGroup] | None = None,
    items: Iterable[MandatoryDocument] | None = None,
) -> Document:
    """Saves what a person saw as `version`; None leaves clauses or answers as they are.

    Raises StaleRecord when somebody saved first, RuleBroken, NotPermitted.
    """
    with journal.change(document.project, by=by) as log:
        fresh = _fresh(document)
        permit(fresh, by)
        if fresh.version != version:
            raise StaleRecord(
                _("The document was changed by somebody else while you were typing. Your text is kept below."), fresh
            )
        if "owner" in values and Perm.MANAGE_DOCUMENTS not in access.perms_in(by, fresh.project):
            values = {name: value for name, value in values.items() if name != "owner"}
        values = _checked(fresh.project, fresh, values)
        if "code" in values:
            _check_code(fresh.project, fresh, values["code"])
        before = {name: getattr(fresh, name) for name in values} | _links(fresh)
        for name, value in values.items():
            setattr(fresh, name, value)
        if clauses is not None:
            _serve(fresh, clauses)
        if groups is not None or items is not None:
            _answer(fresh, groups or (), items or ())
        retention.reckon(fresh)
        told = journal.differences(before, {name: getattr(fresh, name) for name in values} | _links(fresh))
        if not told:
            return fresh
        fresh.version += 1
        log.mark(fresh).save()
        log(fresh, "document.changed", told)
        approvals.changed(kind=KIND, record=fresh, by=by)
    return fresh


def change_many(*, project: Project, by: Any, numbers: Iterable[int], values: dict[str, Any]) -> int:
    """Gives several documents the same owner or review interval; returns how many changed. Raises RuleBroken, NotPermitted.

    A document in effect that had no next review gets one, counted from the day it took effect. Numbers that are not of
    this project, and withdrawn documents, are left as they are.
    """
    with journal.change(project, by=by) as log:
        if not access.can(by, Perm.MANAGE_DOCUMENTS, project):
            raise NotPermitted(_("You may not change many documents of this project at once."))
        values = _checked(project, None, {"title": "-", "kind": Kind.RECORD} | values)
        values = {name: value for name, value in values.items() if name in ("owner", "review_months")}
        rows = Document.objects.filter(project=project, number__in=list(numbers), withdrawn_at__isnull=True)
        since: dict[int, Any] = {}
        if values.get("review_months"):
            effective = Revision.objects.filter(document__in=rows.values("pk"), status=RevisionStatus.EFFECTIVE)
            since = dict(effective.values_list("document_id", "effective_on"))
        changed = 0
        for document in rows.select_related("owner").order_by("number"):
            now = dict(values)
            if document.pk in since and document.next_review_on is None:
                now["next_review_on"] = dates.plus_months(since[document.pk], values["review_months"])
            told = journal.differences({name: getattr(document, name) for name in now}, now)
            if not told:
                continue
            for name, value in now.items():
                setattr(document, name, value)
            document.project = project
            document.version += 1
            log.mark(document).save()
            log(document, "document.changed", told)
            changed += 1
    return changed


def withdraw(*, document: Document, by: Any, reason: str) -> Document:
    """Takes a document out of use: nothing of it is in effect any more, everything of it stays for the record."""
    with journal.change(document.project, by=by, reason=reason) as log:
        fresh = _fresh(document)
        if not access.can(by, Perm.MANAGE_DOCUMENTS, fresh.project):
            raise NotPermitted(_("You may not withdraw documents of this project."))
        if not log.reason:
            raise RuleBroken(_("Say why the document is withdrawn."), "7.5.3")
        if fresh.is_withdrawn:
            raise RuleBroken(_("%(document)s was withdrawn already.") % {"document": fresh.code})
        if fresh.revisions.filter(status=RevisionStatus.IN_REVIEW).exists():
            raise RuleBroken(
                _("A decision on %(document)s is awaited. Withdraw that request first.") % {"document": fresh.code}
            )
        fresh.withdrawn_at, fresh.withdrawn_because = log.at, log.reason[:500]
        retention.reckon(fresh)
        fresh.version += 1
        log.mark(fresh).save()
        for revision in fresh.revisions.filter(status__in=("draft", "approved", "effective")):
            revision.status, revision.ended_at = RevisionStatus.WITHDRAWN, log.at
            revision.version += 1
            log.mark(revision).save()
        force.end(kind=KIND, pk=fresh.pk)
        fresh.readings.all().delete()
        log(fresh, "document.withdrawn", {"code": fresh.code})
    return fresh


def reviewed(*, document: Document, by: Any, note: str = "") -> Document:
    """Notes that the document was reviewed and is still suitable; the next review is set. Clause 7.5.2 c)."""
    with journal.change(document.project, by=by, reason=note) as log:
        fresh = _fresh(document)
        permit(fresh, by)
        if not fresh.revisions.filter(status=RevisionStatus.EFFECTIVE).exists():
            raise RuleBroken(_("Only a document in effect is reviewed: %(document)s has no effective revision.") % {
                "document": fresh.code
            })  # fmt: skip
        before = fresh.next_review_on
        today = dates.today(fresh.project.organization.time_zone)
        fresh.next_review_on = dates.plus_months(today, fresh.review_months or 12)
        fresh.version += 1
        log.mark(fresh).save()
        log(fresh, "document.reviewed", {"next_review_on": [before, fresh.next_review_on]})
    return fresh


def set_numbering(*, project: Project, by: Any, pattern: str) -> Numbering:
    """Sets how new codes look; existing codes stay. Raises RuleBroken, NotPermitted."""
    with journal.change(project, by=by) as log:
        if not access.can(by, Perm.MANAGE_DOCUMENTS, project):
            raise NotPermitted(_("You may not change the numbering of this project."))
        pattern = numbering.checked(pattern)
        found = Numbering.objects.filter(project=project).first()
        before = found.pattern if found else numbering.DEFAULT
        if found is None:
            found = Numbering(organization_id=project.organization_id, project=project, version=0)
        found.pattern = pattern
        found.version += 1
        found.save()
        if before != pattern:
            log(project, "documents.numbered", {"pattern": [before, pattern]})
    return found


def next_code(project: Project, kind: str) -> str:
    """The code that a new document of this kind would get."""
    pattern = Numbering.objects.filter(project=project).values_list("pattern", flat=True).first() or numbering.DEFAULT
    taken = Document.objects.filter(project=project).values_list("code", flat=True)
    return numbering.following(pattern, kind=kind, org=project.organization.slug, taken=taken)


def _fresh(document: Document) -> Document:
    return Document.objects.select_related("project__organization", "owner", "parent").get(pk=document.pk)


def _checked(project: Project, document: Document | None, values: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in values.items() if name in EDITABLE}
    if "title" in values or document is None:
        values["title"] = " ".join(values.get("title", "").split())
        if not values["title"]:
            raise RuleBroken(_("A document needs a title."))
    if (document is None or "kind" in values) and values.get("kind") not in Kind.values:
        raise RuleBroken(_("Choose what type of document it is."))
    if document is not None and "kind" in values and values["kind"] != document.kind and document.revisions.exclude(
        status="draft").exists():  # fmt: skip
        raise RuleBroken(_("The type stays once a revision was put to a decision: register a new document."))
    if values.get("classification", "internal") not in Classification.values:
        raise RuleBroken(_("Choose a classification."))
    if values.get("disposal", "review") not in Disposal.values:
        raise RuleBroken(_("Choose what happens after the retention time."))
    if "tags" in values:
        values["tags"] = tags_of(values["tags"])
    if (parent := values.get("parent")) is not None:
        _check_parent(project, document, parent)
    if (owner := values.get("owner")) is not None and not access.people_of(project).filter(pk=owner.pk).exists():
        raise RuleBroken(_("%(person)s does not belong to this project.") % {"person": owner})
    return values


def _check_parent(project: Project, document: Document | None, parent: Document) -> None:
    if parent.project_id != project.pk:
        raise RuleBroken(_("The document above has to be one of this project."))
    seen, above, depth = {document.pk if document else None}, parent, 0
    while above is not None:
        if above.pk in seen or (depth := depth + 1) > DEEPEST:
            raise RuleBroken(_("A document cannot lie below itself, and at most eight levels deep."))
        seen.add(above.pk)
        above = above.parent


def _check_code(project: Project, document: Document | None, code: str) -> None:
    code = code.strip()
    if not numbering.CODE.fullmatch(code):
        raise RuleBroken(
            _("A code has up to 40 letters, digits, blanks and . / : _ - and begins with a letter or digit.")
        )
    same = Document.objects.filter(project=project, code__iexact=code).exclude(pk=document.pk if document else None)
    if same.exists():
        raise RuleBroken(_("The code “%(code)s” is taken: each document has its own.") % {"code": code})


def tags_of(text: str) -> str:
    """ "Crisis, IT" as it is stored: lower case, each once, between bars. Raises RuleBroken for too many."""
    tags = sorted({" ".join(tag.split()).casefold() for tag in re.split(r"[,;|\n]", text)} - {""})
    joined = f"|{'|'.join(tags)}|" if tags else ""
    if len(tags) > MOST_TAGS or len(joined) > 300:
        raise RuleBroken(_("A document has at most %(n)s short tags.") % {"n": MOST_TAGS})
    return joined


def _links(document: Document) -> dict[str, Any]:
    """Clauses and answers as a reader of the journal sees them."""
    served = document.served.select_related("clause__standard")
    answers = document.answers.select_related("group", "item")
    return {
        "clauses": sorted(f"{one.clause.standard.code} {one.clause.ref}" for one in served),
        "answers": sorted(str(one) for one in answers),
    }


def _serve(document: Document, clauses: Iterable[Clause]) -> None:
    wanted = {clause.pk for clause in clauses}
    allowed = document.project.chosen_standards.values("standard")
    known = set(Clause.objects.filter(pk__in=wanted, standard__in=allowed).values_list("pk", flat=True))
    here = set(document.served.values_list("clause_id", flat=True))
    if foreign := wanted - known - here:
        raise RuleBroken(_("%(n)s of these clauses belong to no standard of this project.") % {"n": len(foreign)})
    document.served.exclude(clause__in=wanted).delete()
    DocumentClause.objects.bulk_create(DocumentClause(document=document, clause_id=pk) for pk in sorted(wanted - here))


def _answer(document: Document, groups: Iterable[MergeGroup], items: Iterable[MandatoryDocument]) -> None:
    group_ids, item_ids = {one.pk for one in groups}, {one.pk for one in items}
    document.answers.exclude(Q(group__in=group_ids) | Q(item__in=item_ids)).delete()
    has = document.answers.values_list("group_id", "item_id")
    has_groups, has_items = {group for group, _item in has}, {item for _group, item in has}
    Answer.objects.bulk_create(
        [Answer(document=document, group_id=pk) for pk in sorted(group_ids - has_groups)]
        + [Answer(document=document, item_id=pk) for pk in sorted(item_ids - has_items)]
    )
