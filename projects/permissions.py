"""What a role may do: the one table. A page shows it, the views ask it, the tests expect it.

Who holds which role where stands in the grants (`models/grants.py`); how to ask is in `access.py`.
"""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    CONSULTANT = "consultant", _("Consultant")
    PROJECT_MANAGER = "project_manager", _("Project manager")
    TOP_MANAGEMENT = "top_management", _("Top management")
    AUDITOR = "auditor", _("Auditor")
    PROCESS_OWNER = "process_owner", _("Process owner")
    RISK_OWNER = "risk_owner", _("Risk owner")
    DOCUMENT_CONTROLLER = "document_controller", _("Document controller")
    HR = "hr", _("HR")
    STAFF = "staff", _("Staff")
    CLIENT_ADMIN = "client_admin", _("Client admin")
    CERTIFICATION_AUDITOR = "certification_auditor", _("Certification-body auditor")

    @property
    def codename(self) -> str:
        """The name under which guardian stores a grant of this role."""
        return f"as_{self.value}"

    @classmethod
    def of_codename(cls, codename: str) -> Role:
        return cls(codename.removeprefix("as_"))


ROLE_PERMISSIONS = [(role.codename, f"Acts as {role.label}") for role in Role]


class Perm(TextChoices):
    VIEW_ORGANIZATION = "view_organization", _("See the organization and its projects")
    MANAGE_ORGANIZATION = "manage_organization", _("Change the organization, its people and firms")
    START_PROJECT = "start_project", _("Start a project")
    VIEW_PROJECT = "view_project", _("Read the plan, its steps and all tasks")
    MANAGE_PROJECT = "manage_project", _("Change the project's dates, standards and calendar")
    EDIT_PLAN = "edit_plan", _("Tailor the plan: exclude, add, re-date activities")
    SIGN_TAILORING = "sign_tailoring", _("Sign off the record of tailoring")
    COMPLETE_ACTIVITIES = "complete_activities", _("Start and complete activities")
    CLOSE_GATES = "close_gates", _("Close the gate of a step or a phase when its exit criteria hold")
    OVERRIDE_GATES = (
        "override_gates",
        _("Close a gate, or let work go on, without a criterion or a decision, with a reason"),
    )
    MANAGE_TASKS = "manage_tasks", _("Create, assign, re-date and edit tasks")
    VIEW_OWN_WORK = "view_own_work", _("See one's own tasks")
    WORK_ON_TASKS = "work_on_tasks", _("Work on one's own tasks: move, check off, comment, add evidence")
    VIEW_TEAM = "view_team", _("See who belongs to the project")
    INVITE = "invite", _("Invite people to the project")
    MANAGE_TEAM = "manage_team", _("Give, change and end roles")
    VIEW_JOURNAL = "view_journal", _("Read the journal")
    DECIDE = "decide", _("Sign decisions: mandate, scope, policy, SoA, reviews")
    READ_PUBLISHED = "read_published", _("Read the documents that were given to one, and confirm it")
    VIEW_DOCUMENTS = "view_documents", _("See the document register with its drafts and older revisions")
    WRITE_OWN_DOCUMENTS = "write_own_documents", _("Write new revisions of one's own documents and ask for approval")
    MANAGE_DOCUMENTS = "manage_documents", _("Register, write, distribute and withdraw documents")
    VIEW_RISKS = "view_risks", _("See risks, treatments and the Statement of Applicability")
    WRITE_OWN_RISKS = "write_own_risks", _("Write, rate and treat the risks one owns")
    MANAGE_RISKS = "manage_risks", _("Write risk criteria, all risks and treatments, the Statement of Applicability")
    ACCEPT_RISKS = "accept_risks", _("Accept what is left of a risk one owns")
    REPORT_NONCONFORMITY = "report_nonconformity", _("Report a nonconformity and follow what one reported")
    VIEW_NONCONFORMITIES = "view_nonconformities", _("See the register of nonconformities")
    WORK_ON_NONCONFORMITIES = (
        "work_on_nonconformities",
        _("Work on nonconformities one owns, verify those one is named for"),
    )
    MANAGE_NONCONFORMITIES = "manage_nonconformities", _("Accept, grade, assign and close nonconformities")
    APPROVE_DOCUMENTS = "approve_documents", _("Approve documents, policies excepted")
    VIEW_AUDITS = "view_audits", _("See the audit programme, planned audits and issued reports")
    MANAGE_AUDIT_PROGRAMME = "manage_audit_programme", _("Write the audit programme, plan audits and their teams")
    CONDUCT_AUDITS = "conduct_audits", _("Conduct audits: checklists, findings, reports of the audits one is named for")
    RESPOND_TO_FINDINGS = "respond_to_findings", _("Answer the findings that are addressed to one")
    READ_AUDITED = "read_audited", _("See the audit one is invited to, and what it is about")


OWN = frozenset(
    {
        Perm.VIEW_OWN_WORK,
        Perm.WORK_ON_TASKS,
        Perm.READ_PUBLISHED,
        Perm.REPORT_NONCONFORMITY,
        Perm.RESPOND_TO_FINDINGS,
    }
)
FINDINGS = frozenset({Perm.VIEW_NONCONFORMITIES, Perm.WORK_ON_NONCONFORMITIES})
READ = (
    frozenset({Perm.VIEW_PROJECT, Perm.VIEW_TEAM, Perm.VIEW_DOCUMENTS, Perm.VIEW_RISKS, Perm.VIEW_AUDITS})
    | FINDINGS
    | OWN
)
AUDITS = frozenset({Perm.MANAGE_AUDIT_PROGRAMME, Perm.CONDUCT_AUDITS})
RISKS = frozenset({Perm.WRITE_OWN_RISKS, Perm.ACCEPT_RISKS})
WRITE = frozenset({Perm.WRITE_OWN_DOCUMENTS, Perm.MANAGE_DOCUMENTS})
OWNER = frozenset({Perm.COMPLETE_ACTIVITIES, Perm.WRITE_OWN_DOCUMENTS, Perm.APPROVE_DOCUMENTS}) | RISKS

MAY: dict[Role, frozenset[Perm]] = {
    Role.CONSULTANT: READ
    | WRITE
    | AUDITS
    | {
        Perm.MANAGE_RISKS,
        Perm.WRITE_OWN_RISKS,
        Perm.MANAGE_NONCONFORMITIES,
        Perm.VIEW_ORGANIZATION,
        Perm.START_PROJECT,
        Perm.MANAGE_PROJECT,
        Perm.EDIT_PLAN,
        Perm.COMPLETE_ACTIVITIES,
        Perm.CLOSE_GATES,
        Perm.MANAGE_TASKS,
        Perm.INVITE,
        Perm.VIEW_JOURNAL,
    },
    Role.PROJECT_MANAGER: READ
    | WRITE
    | RISKS
    | {
        Perm.MANAGE_AUDIT_PROGRAMME,
        Perm.APPROVE_DOCUMENTS,
        Perm.SIGN_TAILORING,
        Perm.MANAGE_RISKS,
        Perm.MANAGE_NONCONFORMITIES,
        Perm.VIEW_ORGANIZATION,
        Perm.MANAGE_PROJECT,
        Perm.EDIT_PLAN,
        Perm.COMPLETE_ACTIVITIES,
        Perm.CLOSE_GATES,
        Perm.OVERRIDE_GATES,
        Perm.MANAGE_TASKS,
        Perm.INVITE,
        Perm.MANAGE_TEAM,
        Perm.VIEW_JOURNAL,
    },
    Role.TOP_MANAGEMENT: READ
    | {Perm.VIEW_ORGANIZATION, Perm.VIEW_JOURNAL, Perm.DECIDE, Perm.SIGN_TAILORING, Perm.APPROVE_DOCUMENTS}
    | RISKS,
    Role.AUDITOR: READ | AUDITS | {Perm.VIEW_JOURNAL},
    Role.PROCESS_OWNER: READ | OWNER,
    Role.RISK_OWNER: READ | OWNER,
    Role.DOCUMENT_CONTROLLER: READ | WRITE | OWNER,
    Role.HR: READ | OWNER,
    Role.STAFF: OWN,
    Role.CLIENT_ADMIN: READ
    | {
        Perm.VIEW_ORGANIZATION,
        Perm.MANAGE_ORGANIZATION,
        Perm.START_PROJECT,
        Perm.MANAGE_PROJECT,
        Perm.INVITE,
        Perm.MANAGE_TEAM,
        Perm.VIEW_JOURNAL,
    },
    Role.CERTIFICATION_AUDITOR: frozenset({Perm.VIEW_PROJECT, Perm.VIEW_RISKS, Perm.READ_PUBLISHED, Perm.READ_AUDITED}),
}

DATED_ROLES = frozenset({Role.CERTIFICATION_AUDITOR})
"""Roles that are only given until a date."""

SECOND_FACTOR_ROLES = frozenset({Role.TOP_MANAGEMENT, Role.CONSULTANT, Role.CLIENT_ADMIN})
"""Roles whose holders sign or open whole organizations: a second factor can be forced for them (RELIABILITY section 3)."""


def roles_with(perm: Perm) -> list[Role]:
    """The roles that hold `perm`, in the order of the table."""
    return [role for role, perms in MAY.items() if perm in perms]


def perms_of(roles) -> frozenset[Perm]:
    """Everything that holders of `roles` may do together."""
    return frozenset().union(*(MAY[role] for role in roles))
