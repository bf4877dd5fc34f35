"""Parts of drafting that other pages include.

{% load starters %} {% unfilled revision %}           what a draft still has to say, with "fill again from the project"
{% load starters %} {% commitments_of revision %}     how many commitments of a policy its text covers, with a link

Both show nothing where there is nothing to say; the page links documents/policies.css.
"""

from __future__ import annotations

from typing import Any

from django import template

from documents.drafting import of_revision
from documents.models import Kind, Revision
from documents.selectors import commitment, starter

register = template.Library()


@register.inclusion_tag("documents/starter/_unfilled.html", takes_context=True)
def unfilled(context: dict[str, Any], revision: Revision) -> dict[str, Any]:
    """The placeholders left in a draft. Must not stand inside another form: it brings its own."""
    left = starter.left_in(revision)
    return {
        "csrf_token": context.get("csrf_token"), "revision": revision, "left": left,
        "fillable": sum(bool(one.value) for one in left), "fill_url": of_revision("placeholders", revision),
    }  # fmt: skip


@register.inclusion_tag("documents/commitment/_summary.html")
def commitments_of(revision: Revision) -> dict[str, Any]:
    """How far the checklist of a policy is. No query for other documents, five for a policy."""
    found = commitment.checklist(revision) if revision.document.kind == Kind.POLICY else None
    return {"checklist": found, "url": of_revision("commitments", revision)}
