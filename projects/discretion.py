"""Whose eyes an entry of the journal is for: what is said of a record goes no further than the record itself.

Most records are open to every reader of the journal. An app whose records are not says so in its `apps.py`:

    discretion.keep("improvement.nonconformity", hidden)    # (project, user, perms) -> the rows hidden from them, or None

Every page that tells entries of more than one record takes them through `for_reader` (or `in_organization`), so that an
entry about a hidden record is neither told, linked, found nor counted there. The chain keeps it: its hash is exported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import ngettext

from accounts.models import Organization

from . import access
from .models import JournalEntry, Project
from .permissions import Perm

Hidden = Callable[[Project, Any, frozenset[Perm]], QuerySet | None]

_kept: dict[str, Hidden] = {}


def keep(kind: str, hidden: Hidden) -> None:
    """Says which records of a kind (as the journal names it) are hidden from whom; a later answer replaces the earlier.

    `user` is None where a paper is written for every reader of the journal: then all is hidden that is hidden from some.
    """
    _kept[kind] = hidden


def for_reader(entries: QuerySet[JournalEntry], project: Project, user: Any) -> QuerySet[JournalEntry]:
    """The entries without those about records of `project` that this person may not see.

    No query of its own in a request that entered the project.
    """
    held = access.perms_in(user, project) if user is not None else frozenset()
    return _without(entries, project, user, held)


def unseen(held: Iterable[tuple[int, frozenset[Perm]]], user: Any) -> Q:
    """Which entries of several projects are about records hidden from a person who holds that in each, by its key: an empty
    condition where none can be. No query; for a list that counts over many projects at once."""
    about = Q()
    for pk, perms in held:
        about |= _hidden(Project(pk=pk), user, perms)
    return about


def hides(project: Project, user: Any) -> bool:
    """Whether entries of the project are kept from this person: the page says so. One query at most."""
    about = _hidden(project, user, access.perms_in(user, project))
    return bool(about) and JournalEntry.objects.filter(about).exists()


def says(n: int) -> str:
    """What a paper for every reader of the journal says of the entries that it left out."""
    words = ngettext(
        "%(n)s entry about a record that not every reader of the journal may see.",
        "%(n)s entries about records that not every reader of the journal may see.",
        n,
    )
    return words % {"n": n}


def in_organization(entries: QuerySet[JournalEntry], organization: Organization, user: Any) -> QuerySet[JournalEntry]:
    """The same for the journal of a whole organization, by what the person may do in all of it. Two queries."""
    held = access.perms_in(user, organization)
    for project in Project.objects.filter(organization=organization):
        entries = _without(entries, project, user, held)
    return entries


def _without(entries: QuerySet, project: Project, user: Any, held: frozenset[Perm]) -> QuerySet:
    about = _hidden(project, user, held)
    return entries.exclude(about) if about else entries


def _hidden(project: Project, user: Any, held: frozenset[Perm]) -> Q:
    """Which entries are about records that are hidden; an empty condition where none can be."""
    about = Q()
    for kind, hidden in _kept.items():
        rows = hidden(project, user, held)
        if rows is not None:
            about |= Q(project=project, target_kind=kind, target_id__in=rows.order_by().values("pk"))
    return about
