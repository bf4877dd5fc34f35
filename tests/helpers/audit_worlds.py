"""The audits of a world (tests.helpers.worlds): one of everything that an address can name, with the canary in its words."""

from __future__ import annotations

import datetime as dt
from typing import Any

from audits.models import AuditAccess, Auditee, AuditMember, Session
from pdca.models import Standard
from projects.models import Project, ProjectStandard
from tests.factories.audits import make_audit, make_line, make_programme


def things(project: Project, world: Any) -> dict[str, Any]:
    canary = world.canary
    manager = world.people["project_manager" if project.slug == "ims" else "organization_manager"]
    standard = Standard.objects.get(slug="iso-9001-2026")
    ProjectStandard.objects.get_or_create(project=project, standard=standard)
    programme = make_programme(
        project, manager, title=f"Programme {canary}", objectives=f"Objectives {canary}", risks=f"Risks {canary}",
        resources=f"Resources {canary}",
    )  # fmt: skip
    line = make_line(programme, manager, [standard], subject=f"Subject {canary}", reason=f"Reason {canary}")
    audit = make_audit(
        project, manager, standards=[standard], lines=[line], title=f"Audit {canary}", objectives=f"Aims {canary}",
        scope=f"Scope {canary}",
    )  # fmt: skip
    owned = {"organization": project.organization, "project": project, "audit": audit}
    member = AuditMember(**owned, role="auditor", name=f"Member {canary}", company=f"Company {canary}")
    session = Session(
        **owned, title=f"Session {canary}", day=audit.starts_on, starts_at=dt.time(9), ends_at=dt.time(10),
        place=f"Room {canary}",
    )  # fmt: skip
    for row in (member, session):
        row._change_reason = ""
        row.save()
    auditee = Auditee.objects.create(**owned, name=f"Auditee {canary}", function=f"Function {canary}")
    invited = AuditAccess.objects.create(
        **owned, email=f"{canary}@body.example".lower(), ends_on=dt.date(2099, 1, 1), granted_by=manager
    )
    return {
        "programme": programme,
        "programme_line": line,
        "audit": audit,
        "audit_member": member,
        "audit_access": invited,
        "auditee": auditee,
        "audit_session": session,
    }
