"""What a person has to read and confirm over all projects, beside their tasks; where they find what is published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.db.models import Count, Q

from core import dates
from documents.models import Reading
from documents.selectors import reading as selectors
from projects import access
from projects.addresses import address
from projects.models.project import ProjectStatus
from projects.permissions import Perm

from .work import PAGE, Counted

SHORT = 5
HOMES = 6


@dataclass
class ToRead:
    """Documents to read: a page of them, or the most urgent ones."""

    rows: list[Reading]
    page: Page
    total: int
    overdue: int

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


def of(user: Any, number: Any = 1, *, is_short: bool = False) -> ToRead:
    """What awaits this person's confirmation, the most urgent first; two queries, whatever their number."""
    found = selectors.to_read(user)
    counts = found.order_by().aggregate(
        total=Count("pk"), late=Count("pk", filter=Q(due_on__lt=dates.today(user.time_zone)))
    )
    page = Counted(found, SHORT if is_short else PAGE, counts["total"]).get_page(number)
    rows = list(page.object_list)
    for row in rows:
        row.href = address("documents:published-detail", **row.project.address, number=row.document.label)
    return ToRead(rows, page, counts["total"], counts["late"])


def homes(user: Any) -> list[tuple[str, str, str]]:
    """Where who sees no plan finds what is published to them: (organization, project, address). One query."""
    found = access.projects_with(user, Perm.READ_PUBLISHED).exclude(status=ProjectStatus.CLOSED)
    rows = found.order_by("organization__name", "name", "pk").values_list(
        "organization__name", "name", "organization__slug", "slug"
    )
    return [
        (organization, name, address("documents:published-list", org=org, project=slug))
        for organization, name, org, slug in rows[:HOMES]
    ]
