"""Proposals for improvement as pages read them: who sees which, the best first, the picture of benefit and effort."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet, TextChoices
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from improvement.flows import ProposalStatus
from improvement.models import Proposal
from improvement.selectors.register import EVERY, of_owner
from projects.addresses import address
from projects.models import JournalEntry, Project
from projects.permissions import Perm

BADGES = {
    ProposalStatus.PROPOSED: ("open", "bulb"),
    ProposalStatus.ASSESSED: ("prog", "scale"),
    ProposalStatus.ACCEPTED: ("prog", "progress"),
    ProposalStatus.REFUSED: ("plain", "x"),
    ProposalStatus.DONE: ("done", ""),
}
MOST_DRAWN = 60


class Worth(TextChoices):
    """How benefit and effort stand to each other."""

    QUICK = "quick", gettext_lazy("Much benefit, little effort")
    UNMARKED = "none", gettext_lazy("Not assessed yet")


# The most benefit for the least effort comes first, then what nobody has assessed.
BEST_FIRST = ((F("benefit") - F("effort")).desc(nulls_last=True), F("benefit").desc(nulls_last=True), "number")
SORTS: dict[str, tuple[Any, ...]] = {
    "number": ("number",),
    "title": (Lower("title"), "number"),
    "status": ("status", "number"),
    "owner": (Lower("owner__name"), "number"),
    "benefit": (F("benefit").asc(nulls_last=True), "number"),
    "effort": (F("effort").asc(nulls_last=True), "number"),
    "updated": ("updated_at", "number"),
}


def of(project: Project) -> QuerySet[Proposal]:
    return Proposal.objects.filter(project=project).select_related("owner", "created_by")


def visible(project: Project, user: Any, perms: Iterable[Perm]) -> QuerySet[Proposal]:
    """Readers of the register see all; everybody else what they proposed."""
    if Perm.VIEW_NONCONFORMITIES in perms:
        return of(project)
    return of(project).filter(created_by=user)


def one(project: Project, number: str, user: Any, perms: Iterable[Perm]) -> Proposal | None:
    """The one of this number ("IP-012"), for who may see it. One query."""
    wanted = Proposal.number_of(number)
    if wanted is None:
        return None
    found = visible(project, user, perms).filter(number=wanted).select_related("nonconformity", "assessed_by").first()
    if found is not None:
        found.project = project
    return found


def narrowed(
    rows: QuerySet[Proposal], wanted: dict[str, Any], *, user: Any = None, people: Iterable[int] = ()
) -> QuerySet[Proposal]:
    """Applies the filters of the list (`forms.proposal.ProposalFilter.wanted`)."""
    state = wanted.get("state", "")
    if state in ProposalStatus.values:
        rows = rows.filter(status=state)
    elif state != EVERY:
        rows = rows.filter(is_open__in=[True])
    if owner := wanted.get("owner"):
        rows = of_owner(rows, owner, user, people)
    if worth := wanted.get("worth"):
        rows = rows.filter(benefit__gte=4, effort__lte=2) if worth == Worth.QUICK else rows.filter(benefit__isnull=True)
    if process := wanted.get("process"):
        rows = rows.filter(process__iexact=process)
    if text := wanted.get("q"):
        matches = Q(title__icontains=text) | Q(description__icontains=text) | Q(gain__icontains=text)
        if text.upper().startswith(f"{Proposal.PREFIX}-") and (number := Proposal.number_of(text)) is not None:
            matches |= Q(number=number)
        rows = rows.filter(matches)
    return rows


def in_order(rows: QuerySet[Proposal], sort: str = "") -> QuerySet[Proposal]:
    """The best first; or by one of SORTS, "-" the other way round."""
    name = sort.removeprefix("-")
    if name not in SORTS:
        return rows.order_by(*BEST_FIRST)
    first, *equals = SORTS[name]
    if not sort.startswith("-"):
        return rows.order_by(first, *equals)
    if isinstance(first, str):
        return rows.order_by(f"-{first}", *equals)
    if getattr(first, "nulls_last", None):
        return rows.order_by(F(first.expression.name).desc(nulls_last=True), *equals)
    return rows.order_by(first.desc(), *equals)


def badge(status: str) -> tuple[str, str]:
    return BADGES[ProposalStatus(status)]


def dressed(rows: Iterable[Proposal], project: Project) -> list[Proposal]:
    """Puts on each row what the template prints: address and badge. No query."""
    rows = list(rows)
    slugs = project.address
    for row in rows:
        row.href = address("improvement:proposal-detail", **slugs, number=row.label)
        row.badge = badge(row.status)
    return rows


class Figures(NamedTuple):
    total: int
    open: int
    proposed: int
    assessed: int
    accepted: int
    done: int
    quick: int


def figures(rows: QuerySet[Proposal]) -> Figures:
    """How the rows somebody sees stand. One query."""
    undecided = Q(status__in=[ProposalStatus.PROPOSED, ProposalStatus.ASSESSED])
    return Figures(
        **rows.order_by().aggregate(
            total=Count("pk"), open=Count("pk", filter=Q(is_open=True)),
            **{
                str(status): Count("pk", filter=Q(status=status))
                for status in (ProposalStatus.PROPOSED, ProposalStatus.ASSESSED, ProposalStatus.ACCEPTED, ProposalStatus.DONE)
            },
            quick=Count("pk", filter=undecided & Q(benefit__gte=4, effort__lte=2)),
        )
    )  # fmt: skip


def drawn(rows: QuerySet[Proposal]) -> list[Proposal]:
    """Those in the picture: assessed and not decided, the best first. One query."""
    found = rows.filter(status=ProposalStatus.ASSESSED, benefit__isnull=False)
    return list(found.order_by(*BEST_FIRST)[:MOST_DRAWN])


def steps_of(record: Proposal) -> list[Any]:
    """The tasks that carry it out. One query."""
    return list(record.steps.select_related("task__assignee").order_by("task__due_on", "task__number"))


def journal_of(record: Proposal) -> QuerySet[JournalEntry]:
    return JournalEntry.objects.filter(
        project=record.project, target_kind="improvement.proposal", target_id=record.pk
    ).order_by("-seq")


def load(project: Project, pk: int) -> Proposal | None:
    found = of(project).filter(pk=pk).first()
    if found is not None:
        found.project = project
    return found


def waiting(project: Project, today: dt.date) -> int:
    """How many nobody has assessed for a month. One query."""
    before = today - dt.timedelta(days=30)
    rows = Proposal.objects.filter(project=project, status=ProposalStatus.PROPOSED, created_at__date__lt=before)
    return rows.count()
