"""Whom one may ask for a decision: the people of a project in a role that decides, and why some of them cannot."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from approvals.subjects import Subject
from projects import access
from projects.models import Project
from projects.permissions import Role, roles_with


class Candidate(NamedTuple):
    """Somebody who holds a role that decides; `barred` says why they cannot decide on this ("": they can)."""

    person: Any
    role: Role
    barred: str

    @property
    def is_preset(self) -> bool:
        return not self.barred and self.role == Role.TOP_MANAGEMENT


def of(project: Project, subject: Subject, record: Any, by: Any) -> list[Candidate]:
    """Everybody in question, top management first; one query for each role that decides."""
    authors = set() if subject.is_signed_by_author else subject.authors(record)
    found: dict[int, Candidate] = {}
    roles = sorted(roles_with(subject.perm_to_decide(record)), key=lambda role: role != Role.TOP_MANAGEMENT)
    for role in roles:
        for person in access.people_as(project, [role]).order_by("name", "pk"):
            barred = ""
            if person.pk in authors:
                barred = _("wrote or last edited it")
            elif person.pk == by.pk and not subject.is_signed_by_author:
                barred = _("asks for the decision")
            found.setdefault(person.pk, Candidate(person, role, barred))
    return list(found.values())
