"""Whether signatures hold: each record against its own hash, against the content it signed, and against the journal.

A signature holds when its hash is that of its content; the frozen content it names gives the digest that was signed; and
the organization's journal, whose end is sealed, has the entry that names exactly this record. An entry without its
signature is a signature that was taken away. The journal itself is walked by `projects.journal_check`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.models import Organization
from projects import journal_check
from projects.models import JournalEntry, Project

from .models import Approval, Content, Signature
from .services import record

SIGNED = "approval.signed"
KIND = "approvals.signature"
PAGE = 2_000
MOST_LATEST, MOST_ENTRIES = 300, 5_000


@dataclass(frozen=True)
class Fault:
    """The first thing found that does not hold: the record by name, and the sentence for people."""

    organization: str
    record: str
    says: str

    def __str__(self) -> str:
        return f"{self.organization}, {self.record}: {self.says}"


def faults(organization: Organization | None = None, *, use_anchors: bool = True) -> Iterator[Fault]:
    """Everything that does not hold, chain by chain; empty when all signatures stand."""
    for verdict in journal_check.check_all(organization, use_anchors=use_anchors):
        if verdict.fault is not None:
            yield Fault(verdict.organization, f"journal entry {verdict.fault.seq}", verdict.fault.says)
    scope = {} if organization is None else {"organization": organization}
    yield from _contents(scope)
    yield from _signatures(scope)
    yield from _taken_away(scope)
    yield from _decided(scope)


@dataclass(frozen=True)
class Verdict:
    """What a check of a project's latest signatures found; `is_part` when there are more of them."""

    count: int
    first: Fault | None
    is_part: bool


def latest(project: Project) -> Verdict:
    """The latest signatures of a project and the end of its organization's journal: quick enough for a page."""
    mine = Signature.objects.filter(project=project)
    chosen = list(mine.order_by("-pk").values_list("pk", "approval_id")[: MOST_LATEST + 1])
    is_part, chosen = len(chosen) > MOST_LATEST, chosen[:MOST_LATEST]
    approvals = {approval for _pk, approval in chosen}
    first = next(_journal(project.organization, last_only=MOST_ENTRIES), None)
    first = first or next(_contents({"approval__in": approvals}), None)
    first = first or next(_signatures({"pk__in": [pk for pk, _approval in chosen]}), None)
    first = first or next(_taken_away({"project": project}), None)
    first = first or next(_decided({"project": project, "pk__in": approvals}), None)
    return Verdict(len(chosen), first, is_part)


def _journal(organization: Organization, *, last_only: int) -> Iterator[Fault]:
    for head in journal_check.heads(organization):
        verdict = journal_check.check(head, last_only=last_only)
        if verdict.fault is not None:
            yield Fault(verdict.organization, f"journal entry {verdict.fault.seq}", verdict.fault.says)


def _contents(scope: dict) -> Iterator[Fault]:
    for content in Content.objects.filter(**scope).select_related("organization").order_by("pk").iterator(PAGE):
        if not record.holds(content):
            yield Fault(
                content.organization.slug, f"content {content.pk} “{content.title}”",
                "The frozen content no longer gives the digest that was put to the decision.",
            )  # fmt: skip


def _signatures(scope: dict) -> Iterator[Fault]:
    rows = Signature.objects.filter(**scope).select_related("organization", "approval__content").order_by("pk")
    for signature in rows.iterator(PAGE):
        name = f"signature {signature.pk} of {signature.signer_name} under {signature.approval.label}"
        if record.signature_hash(signature) != signature.record_hash:
            yield Fault(signature.organization.slug, name, "Its content no longer gives its hash: it was changed.")
        elif signature.digest != signature.approval.content.digest:
            yield Fault(signature.organization.slug, name, "It was made over another content than the one kept.")
        elif not _entry_of(signature):
            yield Fault(signature.organization.slug, name, "The journal has no entry of exactly this signature.")


def _entry_of(signature: Signature) -> bool:
    entries = JournalEntry.objects.filter(
        organization=signature.organization_id, target_kind=KIND, target_id=signature.pk, action=SIGNED
    )
    return any(
        changes.get("signature") == signature.record_hash for changes in entries.values_list("changes", flat=True)
    )


def _taken_away(scope: dict) -> Iterator[Fault]:
    entries = (
        JournalEntry.objects.filter(**scope, target_kind=KIND, action=SIGNED)
        .exclude(target_id__in=Signature.objects.values("pk"))
        .select_related("organization")
    )
    for entry in entries.iterator(PAGE):
        yield Fault(
            entry.organization.slug, f"signature {entry.target_id} of {entry.actor_name}",
            f"Entry {entry.seq} of the journal says that it was made; it is gone.",
        )  # fmt: skip


def _decided(scope: dict) -> Iterator[Fault]:
    """A request that calls itself approved has the signatures its steps need, and the journal knows it as that edition."""
    told = _editions(scope)
    approved = Approval.objects.filter(**scope, edition__isnull=False).select_related("organization")
    for approval in approved.prefetch_related("steps__approvers__signature").iterator(PAGE):
        for step in approval.steps.all():
            signed = [a.signature for a in step.approvers.all() if hasattr(a, "signature")]
            if sum(one.decision != "rejected" for one in signed) < step.needed:
                yield Fault(
                    approval.organization.slug, str(approval),
                    f"It is kept as approved, but step {step.position} lacks signatures.",
                )  # fmt: skip
                break
        said = told.pop(approval.pk, None)
        if said != approval.edition:
            yield Fault(
                approval.organization.slug, str(approval),
                f"It calls itself edition {approval.edition}; the journal knows it as edition {said}."
                if said else "It is kept as approved; the journal knows of no approval.",
            )  # fmt: skip
    gone = Approval.objects.filter(pk__in=told).select_related("organization").order_by("pk")
    for approval in gone.iterator(PAGE):
        yield Fault(approval.organization.slug, str(approval), "The journal says it was approved; it is not kept so.")


def _editions(scope: dict) -> dict[int, int]:
    """The editions the journal knows, by the request. One query."""
    where = {("target_id__in" if name == "pk__in" else name): value for name, value in scope.items()}
    entries = JournalEntry.objects.filter(**where, target_kind="approvals.approval", action="approval.approved")
    return {pk: changes.get("edition") for pk, changes in entries.values_list("target_id", "changes")}
