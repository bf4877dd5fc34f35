"""Making the scale of grades a project's own."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken, StaleRecord
from improvement.models import GradeScale
from improvement.selectors import grade as selectors
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Perm

FEWEST, MOST, LONGEST, MOST_DAYS = 2, 6, 60, 730


def save(*, project: Project, by: Any, version: int, rows: list[dict[str, Any]]) -> GradeScale:
    """Keeps the grades of a project, the gravest first. A row: name, key ("" for a new one), is_grave, contain_days, analyse_days.

    `version` is what the person saw (0: none yet). A grade in use stays. Raises StaleRecord, RuleBroken, NotPermitted.
    """
    with journal.change(project, by=by) as log:
        if not access.can(by, Perm.MANAGE_NONCONFORMITIES, project):
            raise NotPermitted(_("You may not change how nonconformities are graded."))
        scale = selectors.of_project(project)
        if (scale.version if scale is not None else 0) != version:
            raise StaleRecord(_("Somebody else changed the grades while you were typing. Look at them again."), scale)
        before = selectors.scale_of(project)
        made = _made(rows)
        kept = {row["key"] for row in made}
        missing = [
            before.name(key) for key, count in selectors.used(project).items() if count and key not in kept
        ]  # fmt: skip
        if missing:
            says = _("“%(grade)s” is in use: rename it, but it cannot be taken away.")
            raise RuleBroken(says % {"grade": ", ".join(missing)})
        if scale is None:
            scale = GradeScale(organization_id=project.organization_id, project=project, version=0)
        was = [grade.name for grade in before.grades]
        if scale.pk and scale.grades == made:
            return scale
        scale.grades, scale.edited_by = made, by
        scale.version += 1
        log.mark(scale).save()
        log(scale, "grades.changed", {"grades": [[str(name) for name in was], [row["name"] for row in made]]})
        selectors.forget(project)
    return scale


def _made(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as they are stored, with a key for each. Raises RuleBroken."""
    found: list[dict[str, Any]] = []
    for row in rows:
        name = " ".join(str(row.get("name") or "").split())
        if not name:
            continue
        if len(name) > LONGEST:
            raise RuleBroken(_("The name of a grade has at most %(n)s characters.") % {"n": LONGEST})
        if name.casefold() in {one["name"].casefold() for one in found}:
            raise RuleBroken(_("Two grades are called “%(name)s”.") % {"name": name})
        days = {part: row.get(part) for part in ("contain_days", "analyse_days")}
        if any(value is not None and not 0 <= value <= MOST_DAYS for value in days.values()):
            raise RuleBroken(_("Give at most %(n)s days.") % {"n": MOST_DAYS})
        found.append({"key": row.get("key") or "", "name": name, "is_grave": bool(row.get("is_grave")), **days})
    if not FEWEST <= len(found) <= MOST:
        raise RuleBroken(_("A scale has from %(few)s to %(most)s grades.") % {"few": FEWEST, "most": MOST})
    taken = {one["key"] for one in found if one["key"]}
    for one in found:
        if not one["key"]:
            one["key"] = _key(one["name"], taken)
            taken.add(one["key"])
    return found


def _key(name: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:16] or "grade"
    key, n = base, 2
    while key in taken:
        key, n = f"{base}-{n}", n + 1
    return key
