"""What closing asks: which risks, documents and tasks change because of it. They lead back to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from core.rules import refused
from improvement.models import Consequence, Nonconformity
from projects import pointing
from projects.models import Project

CONSEQUENCES = ("risks", "documents", "plan")
MOST_POINTED_AT = 50


def pointed_at(project: Project, by: Any, changing: Mapping[str, Iterable[int]]) -> dict[str, list[int]]:
    """The keys of what is pointed at, as they are kept; only records of this project that `by` may know of."""
    found = {}
    for key in CONSEQUENCES:
        wanted = sorted(set(changing.get(key, ())))
        if len(wanted) > MOST_POINTED_AT:
            raise refused(key, _("Name at most %(n)s of them.") % {"n": MOST_POINTED_AT})
        known = {one.pk for one in pointing.load(key, project, by, wanted)}
        if set(wanted) - known:
            raise refused(key, _("Choose records of this project that you may see."))
        if wanted:
            found[key] = wanted
    return found


def lead_back(record: Nonconformity, links: Mapping[str, Iterable[int]]) -> None:
    """What was pointed at leads back here; what an earlier closing pointed at does not any more."""
    record.consequence_links.all().delete()
    Consequence.objects.bulk_create(
        Consequence(nonconformity=record, key=key, record_id=pk) for key, pks in links.items() for pk in pks
    )
