"""Documents for tests: one call, one thing."""

from __future__ import annotations

import itertools
from typing import Any

from approvals.services import decision
from approvals.services import request as requests
from documents.models import Document, Revision
from documents.services import document as documents
from documents.services import revision as revisions
from projects.models import Project

_number = itertools.count(1)


def make_document(project: Project, by: Any, **values: Any) -> Document:
    values = {"title": f"Document {next(_number)}", "kind": "procedure"} | values
    more = {name: values.pop(name) for name in ("clauses", "groups", "items") if name in values}
    return documents.create(project=project, by=by, values=values, **more)


def make_draft(document: Document, by: Any, body: str = "# Purpose\n\nWe keep promises.", **values: Any) -> Revision:
    return revisions.start(document=document, by=by, values={"body": body, "change_summary": "First words", **values})


def approve(document: Document, *, by: Any, decider: Any) -> Any:
    """Asked for by `by`, approved by `decider`; returns the approval."""
    asked = requests.ask(
        kind="document", project=document.project, pk=document.pk, by=by, steps=[requests.Planned([decider])]
    )
    decision.decide(
        approval=asked, by=decider, decision="approved", digest=asked.content.digest, proof=decision.Proof("password")
    )
    asked.refresh_from_db()
    return asked


def make_effective(document: Document, *, by: Any, decider: Any, **values: Any) -> Revision:
    """A draft, approved and in effect."""
    revision = make_draft(document, by, **values)
    approve(document, by=by, decider=decider)
    revision.refresh_from_db()
    return revision
