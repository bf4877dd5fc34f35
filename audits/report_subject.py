"""The audit report as something that its lead auditor signs (approvals/subjects.py)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.services.request import Planned
from approvals.subjects import Obstacle, Subject
from projects import access
from projects.permissions import Perm

from . import flows, rights
from .models import Audit, Conclusion
from .selectors import report as selectors
from .services import report as services


def planned(audit: Audit, by: Any) -> list[Planned]:
    """The lead auditor; what a certification body's lead wrote is put on record by who asks."""
    lead = audit.lead
    signer = lead.person if lead is not None and lead.person is not None else by
    return [Planned([signer], label=_("Lead auditor"))]


def obstacles(audit: Audit) -> list[Obstacle]:
    """What has to be there before it can be issued, each with the place where it is mended."""
    address = {**audit.project.address, "number": audit.label}
    edit = reverse("audits:report-edit", kwargs=address)
    if audit.status != flows.AuditStatus.REPORTED:
        return [Obstacle(_("The work on site is not done yet: say so first."), audit.get_absolute_url())]
    report, found = selectors.of(audit), []
    if report is None or not report.summary:
        found.append(Obstacle(_("The summary is missing."), edit))
    if report is None or not report.distribution:
        found.append(Obstacle(_("Say who receives the report."), edit))
    open_ = [
        one.standard.code
        for one in audit.standard_links.select_related("standard")
        if one.conclusion == Conclusion.NONE
    ]
    if open_:
        found.append(
            Obstacle(_("The conclusion about %(standards)s is missing.") % {"standards": ", ".join(open_)}, edit)
        )
    for guard in (flows.nonconformities_are_noted(audit), flows.independence_is_settled(audit, None)):
        if guard:
            found.append(Obstacle(guard, audit.get_absolute_url()))
    lead = audit.lead
    if lead is not None and lead.person is not None and not access.can(lead.person, Perm.CONDUCT_AUDITS, audit.project):
        team = reverse("audits:audit-team", kwargs=address)
        found.append(Obstacle(_("%(lead)s holds no role that conducts audits here.") % {"lead": lead.name}, team))
    return found


REPORT = Subject(
    selectors.KIND,
    gettext_lazy("Audit report"),
    load=selectors.load,
    title=lambda audit: _("Report of %(audit)s") % {"audit": audit},
    snapshot=selectors.snapshot,
    document=selectors.paper,
    authors=selectors.authors,
    meaning=selectors.meaning,
    url=lambda audit: reverse("audits:report", kwargs={**audit.project.address, "number": audit.label}),
    request_perm=Perm.CONDUCT_AUDITS,
    approver_perm=Perm.CONDUCT_AUDITS,
    opened_by=Perm.VIEW_AUDITS,
    is_signed_by_author=True,
    may_ask=lambda audit, by: rights.may_conduct(by, audit),
    planned=planned,
    obstacles=obstacles,
    approved=services.approved,
    labels=selectors.LABELS,
)
