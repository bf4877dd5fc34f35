"""What drafting hangs into the others: obstacles of a request, panels of the steps, and the gate of step 1.6."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.selectors import approval as approvals
from approvals.subjects import Obstacle
from core import nav
from documents import filling
from documents.flows import RevisionStatus
from documents.models import Document, Kind, Revision, Source
from documents.models.revision import BADGES
from documents.selectors import commitment as checklists
from documents.selectors import starter as models
from projects.addresses import address
from projects.gates import Criterion
from projects.permissions import Perm

POLICY_STEP = "policy"
ORDER = {
    RevisionStatus.EFFECTIVE: 4, RevisionStatus.APPROVED: 3, RevisionStatus.IN_REVIEW: 2, RevisionStatus.DRAFT: 1,
}  # fmt: skip
"""How far a policy is: a newer draft beside one in effect takes nothing back."""


def of_revision(name: str, revision: Revision, **more: str) -> str:
    """An address of a revision by its name."""
    document = revision.document
    here = {**document.project.address, "number": document.label, "revision": str(revision.number)}
    return nav.address(f"documents:revision-{name}", **here, **more)


# ---- before a decision -------------------------------------------------------------------------------------------


def unfilled(document: Document, revision: Revision) -> list[Obstacle]:
    """Everything in double braces that is left in the text, each with the editor as the place to mend it."""
    if revision.source != Source.AUTHORED or "{{" not in revision.body:
        return []
    editor = of_revision("edit", revision)
    return [
        Obstacle(_("Line %(line)s, %(mark)s: %(sentence)s") % vars(one), editor)
        for one in filling.unfilled(revision.body)
    ]


# ---- step 1.6 ----------------------------------------------------------------------------------------------------


def policies(project: Any) -> list[Document]:
    """The policies of the standards (5.2), each with the revision that says how far it is. Two queries."""
    found = list(
        Document.objects.filter(
            project=project, kind=Kind.POLICY, withdrawn_at__isnull=True, answers__group__slug=checklists.POLICY
        )
        .select_related("owner")
        .order_by("code", "pk")
    )
    furthest: dict[int, Revision] = {}
    if found:
        rows = Revision.objects.filter(document__in=found, status__in=list(ORDER)).defer("body")
        for one in rows:
            best = furthest.get(one.document_id)
            if best is None or ORDER[one.status] > ORDER[best.status]:
                furthest[one.document_id] = one
    for document in found:
        document.project = project
        document.furthest = furthest.get(document.pk)
        if document.furthest is not None:
            document.furthest.document, document.furthest.project = document, project
    return sorted(found, key=lambda one: -ORDER.get(one.furthest.status, 0) if one.furthest else 0)


def gate(step: Any) -> Iterable[Criterion]:
    """The policy is approved: red with the reason and a link. Three queries, six while a decision is awaited."""
    label = gettext_lazy("The policy is approved")
    found = policies(step.project)
    best = found[0] if found else None
    if best is None:
        url = address("documents:starter-list", **step.project.address)
        yield Criterion(label, is_met=False, reason=_("It has not been written yet."), url=url)
        return
    status = best.furthest.status if best.furthest else ""
    url = best.get_absolute_url()
    if status in (RevisionStatus.APPROVED, RevisionStatus.EFFECTIVE):
        yield Criterion(label, is_met=True, url=url)
    elif status == RevisionStatus.IN_REVIEW and (standing := approvals.standing_of("document", best)).asked is not None:
        reason = _("%(label)s awaits %(who)s.") % {
            "label": standing.asked.label, "who": ", ".join(standing.waiting),
        }  # fmt: skip
        yield Criterion(label, is_met=False, reason=reason, url=standing.asked.get_absolute_url())
    elif status:
        yield Criterion(label, is_met=False, reason=_("%(code)s is a draft.") % {"code": best.code}, url=url)
    else:
        yield Criterion(label, is_met=False, reason=_("%(code)s has no text yet.") % {"code": best.code}, url=url)


def panel_of_policy(step: Any, user: Any, perms: frozenset) -> dict[str, Any]:
    """The policies in the workspace of step 1.6, or the first step towards one."""
    project = step.project
    here = project.address
    rows = []
    for document in policies(project):
        state = document.furthest
        kind, icon = BADGES[RevisionStatus(state.status)] if state else ("open", "circle-dashed")
        words = str(state.get_status_display()) if state else _("No text yet")
        rows.append((document, state, kind, icon, words))
    may_draft = bool({Perm.MANAGE_DOCUMENTS, Perm.WRITE_OWN_DOCUMENTS} & perms)
    return {
        "rows": rows,
        "models_url": address("documents:starter-list", **here) if may_draft else "",
        "integrated_url": address("documents:starter-detail", **here, slug=models.POLICY_MODEL) if may_draft else "",
    }


# ---- every step that begins with a model -------------------------------------------------------------------------


def panel_of_models(step: Any, user: Any, perms: frozenset) -> dict[str, Any] | None:
    """The models of a step and what the project has of them; only for who drafts."""
    if not {Perm.MANAGE_DOCUMENTS, Perm.WRITE_OWN_DOCUMENTS} & perms:
        return None
    found = models.of_step(step.project, step.code, getattr(user, "language", "") or "en")
    if not found and step.code not in ALWAYS:
        return None
    here = step.project.address
    return {
        "rows": [(one, address("documents:starter-detail", **here, slug=one.starter.slug)) for one in found],
        "models_url": address("documents:starter-list", **here),
    }


ALWAYS = ("document-management", "design-of-controls-and-procedures")
"""Steps 2.2 and 2.3 write documents: they lead to the models even where none is theirs alone."""
STEPS = (
    *ALWAYS, "internal-audit", "implementation-of-controls-and-procedures", "operations-management", "risk-assessment",
    "treatment-of-nonconformities",
)  # fmt: skip
"""The steps that models name, apart from that of the policy, which has its own panel."""
