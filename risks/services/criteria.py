"""Writing the risk criteria, and keeping what was approved."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from approvals.models import Approval
from approvals.services import request as approvals
from core.rules import RuleBroken, StaleRecord
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Perm
from risks import levels, starters
from risks.models import Edition, RiskCriteria
from risks.selectors import criteria as selectors

KIND = "risk_criteria"


def begin(*, project: Project, by: Any, starter: str, language: str = "en") -> RiskCriteria:
    """The first criteria of a project, from a starter of fixtures/risk_criteria. Raises RuleBroken, NotPermitted."""
    try:
        chosen = starters.of(starter, language)
    except LookupError:
        raise RuleBroken(_("Choose one of the criteria to begin with.")) from None
    return write(project=project, by=by, version=0, method=chosen.method, content=chosen.content)


def write(*, project: Project, by: Any, version: int, method: str, content: dict[str, Any]) -> RiskCriteria:
    """Saves the criteria a person saw as `version` (0: there were none yet).

    Raises StaleRecord when somebody saved first, RuleBroken for criteria that cannot be, NotPermitted.
    """
    with journal.change(project, by=by) as log:
        if not access.can(by, Perm.MANAGE_RISKS, project):
            raise NotPermitted(_("You may not change the risk criteria of this project."))
        fresh = selectors.of_project(project)
        if (fresh.version if fresh else 0) != version:
            raise StaleRecord(
                _("The criteria were changed by somebody else while you were typing. Your text is kept below."), fresh
            )
        content = levels.plain(levels.parsed(content))
        is_new = fresh is None
        if is_new:
            fresh = RiskCriteria(organization_id=project.organization_id, project=project, created_by=by, version=0)
        before = {} if is_new else {"method": fresh.method, **fresh.content}
        told = journal.differences(before, {"method": method.strip(), **content})
        if not told:
            return fresh
        fresh.method, fresh.content, fresh.edited_by = method.strip(), content, by
        fresh.version += 1
        log.mark(fresh).save()
        log(fresh, "criteria.written" if is_new else "criteria.changed", told)
        approvals.changed(kind=KIND, record=fresh, by=by)
    return fresh


def keep_edition(record: RiskCriteria, approval: Approval, log: journal.Log) -> Edition:
    """The approved criteria as ratings refer to them; in the transaction of the last signature."""
    edition = Edition.objects.create(
        organization_id=record.organization_id, project=record.project, number=approval.edition, approval=approval,
        method=record.method, content=record.content, approved_at=log.at,
    )  # fmt: skip
    log(record, "criteria.approved", {"edition": edition.number})
    return edition
