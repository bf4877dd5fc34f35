"""Drafting from a starter model: a new document with its first text, a text for a document, placeholders filled later."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from core.rules import RuleBroken, StaleRecord
from documents import filling, starters
from documents.models import Document, Revision, Source
from documents.selectors import commitment as checklists
from documents.selectors import starter as selectors
from projects import access, journal
from projects.models import Project

from . import commitment
from . import document as documents
from . import revision as revisions


def create(*, project: Project, by: Any, slug: str, language: str, title: str = "", owner: Any = None) -> Document:
    """Registers the document that a model is for, with its first draft filled from the project and its commitments ticked.

    Code by the project's numbering; clauses of the project's standards, merge group and review interval from the model.
    The owner is who drafts it, unless another is named. Raises RuleBroken, NotPermitted.
    """
    starter = _starter(slug, language)
    with journal.change(project, by=by) as log:
        document = documents.create(
            project=project, by=by,
            values={
                "title": title or starter.title, "kind": starter.kind, "language": starter.language,
                "owner": owner or _member(project, by), "review_months": starter.review_months,
            },
            clauses=selectors.clauses_of(project, starter), groups=selectors.group_of(starter),
        )  # fmt: skip
        document.project = project
        _begin(document, starter, by, log, summary=True)
    return document


def begin(*, document: Document, by: Any, slug: str, language: str) -> Revision:
    """Begins the next revision of a document that exists with the text of a model. Raises RuleBroken, NotPermitted."""
    starter = _starter(slug, language)
    with journal.change(document.project, by=by) as log:
        return _begin(document, starter, by, log, summary=not document.revisions.exists())


def fill_again(*, revision: Revision, by: Any, version: int) -> tuple[Revision, int]:
    """Puts the project's values where placeholders still stand, and nothing else; gives how many places were filled.

    `version` is the draft the person saw. Raises StaleRecord when somebody saved first, RuleBroken, NotPermitted.
    """
    with journal.change(revision.project, by=by) as log:
        fresh = Revision.objects.select_related("project__organization", "document__project__organization").get(
            pk=revision.pk
        )
        documents.permit(fresh.document, by)
        if fresh.version != version:
            raise StaleRecord(
                _("Somebody else saved this draft in the meantime. Look at it first; then fill it again."), fresh
            )
        if fresh.source != Source.AUTHORED:
            raise RuleBroken(_("The text of this revision is not written here, so nothing can be filled in."))
        before = fresh.body
        values = filling.Values(fresh.project, fresh.document.language)
        text, places = filled(before, values)
        if not places:
            return fresh, 0
        saved = revisions.save(revision=fresh, by=by, version=version, values={"body": text})
        commitment.follow(saved, before, lambda sentence: filled(sentence, values)[0], log)
    return saved, places


def filled(text: str, values: filling.Values) -> tuple[str, int]:
    """A text with the placeholders that have a value by now, and how many those were; sections are left as they are."""
    places = 0

    def value(found: Any) -> str:
        nonlocal places
        name = found[1].strip()
        if name not in filling.KNOWN:
            return found[0]
        before = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        shown = filling.escaped(values.of(name), at_start=filling.LINE_START.match(before) is not None)
        places += bool(shown)
        return shown or found[0]

    return filling.MARK.sub(value, text), places


def _starter(slug: str, language: str) -> starters.Starter:
    try:
        return starters.of(slug, language)
    except starters.NoSuchStarter as unknown:
        raise RuleBroken(_("There is no such model. Choose one of the list.")) from unknown


def _member(project: Project, by: Any) -> Any:
    """Who drafts it, if they belong to the project: an owner has to."""
    return by if access.people_of(project).filter(pk=by.pk).exists() else None


def _begin(document: Document, starter: starters.Starter, by: Any, log: journal.Log, *, summary: bool) -> Revision:
    draft = starters.drafted(starter, document.project)
    with translation.override(starter.language):
        said = _("First edition") if summary else ""
    revision = revisions.start(
        document=document, by=by, source=Source.AUTHORED, values={"body": draft.body, "change_summary": said}
    )
    wanted = {row.slug for row in checklists.rows_of(revision.document)}
    # A next revision was given the ticks of the one in effect, as far as their sentences stand in the model too.
    wanted -= set(revision.ticks.values_list("slug", flat=True))
    commitment.put(
        revision, [(one.commitment, one.sentence) for one in draft.ticks if one.commitment in wanted], by, log
    )
    return revision
