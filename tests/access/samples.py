"""Real values for the changing parts of every address: the one table a new address has to be entered in.

A part that every address means the same by (`org`, `project`) needs no entry. Each value is made from a Target, so that
the same address can be tried in the own project, in another project and in a foreign organization.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.urls import reverse

from core.access_check import Address
from notifications import unsubscribing
from tests.helpers.worlds import Target

Values = Callable[[Target], dict[str, Any]]

STEP: Values = lambda t: {"number": t.objects["step"].number}  # noqa: E731
ACTIVITY: Values = lambda t: {"number": t.objects["activity"].number}  # noqa: E731
DOCUMENT: Values = lambda t: {"number": t.objects["document"].label}  # noqa: E731
REVISION: Values = lambda t: DOCUMENT(t) | {"revision": t.objects["revision"].number}  # noqa: E731
COMMITMENT: Values = lambda t: POLICY(t) | {"slug": "improves-continually"}  # noqa: E731
POLICY: Values = lambda t: {"number": t.objects["policy"].label, "revision": 1}  # noqa: E731
TASK: Values = lambda t: {"number": t.objects["task"].label}  # noqa: E731
GLOBAL: dict[str, dict[str, Any]] = {
    "pdca:step": {"number": "1.7"},
    "pdca:standard-detail": {"slug": "iso-9001-2026"},
    "account_reset_password_from_key": {"uidb36": "1", "key": "set-password"},
    "mfa_remove_webauthn": {"pk": 1},
    "mfa_edit_webauthn": {"pk": 1},
    "portal:portfolio-view": {"pk": 1},
    "portal:portfolio-view-delete": {"pk": 1},
    "approvals:delegation-end": {"pk": 1},
    "reports:own-ask": {"kind": "portfolio"},
}
# Addresses of something that one person has and nobody of the worlds does: everybody else finds nothing there.
OF_A_PERSON = {
    "approvals:delegation-end",
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
    "notifications:open",
    "portal:portfolio-view",
    "portal:portfolio-view-delete",
    "projects:invitation-open",
    "reports:own-detail",
    "reports:own-download",
    "reports:own-remove",
}
# Of them, those that operators open too: they see that the work is there, and none of its words.
OF_A_PERSON_AND_OPERATORS = {"jobs:job-detail", "jobs:job-state", "jobs:job-cancel", "jobs:job-again"}
OF_A_PERSON |= OF_A_PERSON_AND_OPERATORS
# Addresses where a rule about the record narrows what the permission opens: those who may are turned away there too.
NARROWER = {
    **dict.fromkeys(
        (
            "audits:audit-detail",
            "audits:audit-team",
            "audits:audit-agenda",
            "audits:audit-agenda-ics",
            "audits:audit-evidence",
        ),
        "an auditor of a certification body sees the audits they are invited to",
    ),
    "approvals:approval-ask": "each sort of record says which permission asks for a decision on it",
    "documents:document-content": "only who manages documents, and the owner of this one",
    "documents:document-starter": "only who manages documents, and the owner of this one",
    "documents:document-starters": "only who manages documents, and the owner of this one",
    "documents:revision-commitment": "only who manages documents, and the owner of this one",
    "documents:revision-commitment-end": "only who manages documents, and the owner of this one",
    "documents:revision-placeholders": "only who manages documents, and the owner of this one",
    "documents:document-pictures": "only who manages documents, and the owner of this one",
    "documents:document-start": "only who manages documents, and the owner of this one",
    "documents:revision-drop": "only who manages documents, and the owner of this one",
    "documents:revision-edit": "only who manages documents, and the owner of this one",
    "documents:revision-file": "the revision of the worlds is written there and is no file",
    "documents:revision-preview": "only who manages documents, and the owner of this one",
    "documents:revision-register": "only who manages documents, and the owner of this one",
    "documents:document-edit": "only who manages documents, and the owner of this one",
    "documents:document-reviewed": "only who manages documents, and the owner of this one",
    **dict.fromkeys(
        (
            "improvement:nonconformity-edit",
            "improvement:nonconformity-move",
            "improvement:nonconformity-work",
            "improvement:nonconformity-cause-add",
            "improvement:nonconformity-cause",
            "improvement:nonconformity-action-add",
            "improvement:nonconformity-action-drop",
            "improvement:nonconformity-earlier",
        ),
        "only who manages nonconformities, and the owner of this one",
    ),
    **dict.fromkeys(
        (
            "audits:checklist-generate",
            "audits:checklist-add",
            "audits:checklist-assign",
            "audits:checklist-change",
            "audits:checklist-question",
            "audits:checklist-line",
            "audits:earlier-note",
            "audits:finding-new",
            "audits:finding-edit",
            "audits:finding-raise",
            "audits:report-edit",
        ),
        "only the auditors of this audit write in it",
    ),
    "audits:report": "before it is issued only who sees the work reads a report",
    "audits:finding-detail": "a finding is read by its auditors, by whom it is handed to, and in issued reports",
    "audits:finding-move": "only the auditors of its audit, and who answers it",
    "audits:finding-respond": "only who answers it",
    **dict.fromkeys(
        ("improvement:proposal-edit", "improvement:proposal-step-add", "improvement:proposal-move"),
        "only who manages nonconformities and proposals, the owner of this one, and who made it while nobody has judged it",
    ),
    "improvement:proposal-detail": "who only proposes sees what they proposed themselves",
    "improvement:export-file": "only who asked for it: it holds what that person sees",
    "improvement:nonconformity-detail": "who only reports sees what they reported themselves",
    "improvement:nonconformity-judge": "only the person named for it judges",
    "risks:asset-edit": "only who manages risks, and the owner of this one",
    "risks:asset-retire": "only who manages risks, and the owner of this one",
    "risks:risk-edit": "only who manages risks, and the owner of this one",
    "risks:risk-move": "only who manages risks, and the owner of this one",
    "risks:risk-rate": "only who manages risks, and the owner of this one",
    "risks:risk-reviewed": "only who manages risks, and the owner of this one",
    "risks:risk-treat": "only who manages risks, and the owner of this one",
    "risks:treatment-edit": "only who manages risks, its risk owner, and who is responsible for it",
    "risks:treatment-cancel": "only who manages risks, and its risk owner",
    "risks:treatment-task-add": "only who manages risks, its risk owner, and who is responsible for it",
    "risks:treatment-task-link": "only who manages risks, its risk owner, and who is responsible for it",
    "risks:treatment-task-unlink": "only who manages risks, its risk owner, and who is responsible for it",
    "risks:acceptance-revoke": "only who signed it, and top management",
    "risks:soa-answer": "only who manages risks, and the owner of this row",
    "risks:soa-link": "only who manages risks, and the owner of this row",
    "projects:absence-remove": "one's own, or anybody's for who edits the plan",
    "projects:gate-let-through": "only a step that a decision of the method belongs to; that of the worlds is another",
    "projects:evidence-add": "each sort of record says who may add evidence to it",
    "projects:evidence-withdraw": "each sort of record says who may withdraw what others added",
    "projects:start": "only who may start a project somewhere; the page itself asks the grants of all organizations",
    "projects:kit-save": "only people of a consulting firm take a plan along as a kit",
    "projects:kit-list": "kits are for consulting firms; here the organizations are clients",
    "projects:kit-detail": "kits are for consulting firms; here the organizations are clients",
    "projects:kit-edit": "kits are for consulting firms; here the organizations are clients",
    "projects:organization-leave": "leaving is for consulting firms; here the organizations are clients",
    "projects:organization-people-invite": "a consultant brings in the first client admin only, and here there is one",
    "reports:own-ask": "only who reads a project somewhere; the page asks the grants of all organizations",
    "reports:logo": "the organizations of the worlds have no logo",
    "reports:report-again": "only one's own, or anybody's for who manages the project",
    "reports:report-cancel": "only one's own, or anybody's for who manages the project",
    "reports:report-remove": "only one's own, or anybody's for who manages the project",
    "projects:organization-people-role": "the firm's own people end its engagement, nobody else's role",
}
SAMPLES: dict[str, Values] = {
    "audits:programme-move": lambda t: {"number": t.objects["programme"].label, "move": "close"},
    "audits:audit-access-end": lambda t: {"number": t.objects["audit"].label, "pk": t.objects["audit_access"].pk},
    "audits:audit-move": lambda t: {"number": t.objects["audit"].label, "move": "plan"},
    "risks:export-file": lambda t: {"pk": t.objects["export_job"].pk},
    "audits:finding-move": lambda t: {"number": t.objects["finding"].label, "move": "open"},
    "audits:finding-new": lambda t: {"number": t.objects["worked_audit"].label},
    "improvement:export-file": lambda t: {"pk": t.objects["nonconformity_export"].pk},
    "improvement:proposal-move": lambda t: {"number": t.objects["proposal"].label, "move": "refuse"},
    "improvement:nonconformity-action-drop": lambda t: {
        "number": t.objects["nonconformity"].label,
        "pk": t.objects["cause"].pk,
    },
    "improvement:nonconformity-move": lambda t: {"number": t.objects["nonconformity"].label, "move": "accept"},
    "approvals:approval-ask": lambda t: {"kind": "world", "pk": t.objects["approval"].subject_id},
    "approvals:approval-certificate": lambda t: {"number": t.objects["approved"].label},
    "approvals:approval-document": lambda t: {"number": t.objects["approved"].label},
    "approvals:approval-signatures": lambda t: {"number": t.objects["approved"].label},
    "context:scope-item": lambda t: {"pk": t.objects["scope_item"].pk},
    "context:scope-item-add": lambda t: {"kind": "site"},
    "context:scope-item-move": lambda t: {"pk": t.objects["scope_item"].pk},
    "context:scope-item-remove": lambda t: {"pk": t.objects["scope_item"].pk},
    "documents:document-starter": lambda t: DOCUMENT(t) | {"slug": "quality-policy"},
    "documents:revision-commitment": COMMITMENT,
    "documents:revision-commitment-end": COMMITMENT,
    "documents:revision-commitments": POLICY,
    "documents:revision-placeholders": POLICY,
    "documents:starter-detail": lambda t: {"slug": "quality-policy"},
    "notifications:feed-project": lambda t: {"secret": t.objects["feed_project"]},
    "notifications:feed-work": lambda t: {"secret": t.objects["feed_work"]},
    "notifications:open": lambda t: {"pk": t.objects["notice"].pk},
    "notifications:unsubscribe": lambda t: {"token": unsubscribing.token(t.objects["person"], "digest")},
    "documents:document-distribution-end": lambda t: DOCUMENT(t) | {"pk": t.objects["distribution"].pk},
    "documents:mandatory-detail": lambda t: {"row": t.objects["mandatory"]},
    "documents:mandatory-link": lambda t: {"row": t.objects["mandatory"]},
    "documents:mandatory-unlink": lambda t: {"row": t.objects["mandatory"]},
    "documents:published-file": lambda t: {"number": t.objects["paper"].label},
    "documents:published-picture": lambda t: DOCUMENT(t) | {"pk": t.objects["picture"].pk},
    "documents:reading-person": lambda t: {"pk": t.objects["reader"].pk},
    "documents:document-picture": lambda t: DOCUMENT(t) | {"pk": t.objects["picture"].pk},
    "documents:revision-edit": lambda t: DOCUMENT(t) | {"revision": t.objects["draft"].number},
    "documents:revision-drop": lambda t: DOCUMENT(t) | {"revision": t.objects["draft"].number},
    "documents:document-master-file": lambda t: {"pk": t.objects["list_job"].pk},
    "projects:kit-detail": lambda t: {"pk": 1},
    "projects:kit-edit": lambda t: {"pk": 1},
    "projects:tailor-activity": ACTIVITY,
    "projects:tailor-activity-do": lambda t: ACTIVITY(t) | {"what": "exclude"},
    "projects:tailor-round": STEP,
    "projects:tailor-step": STEP,
    "projects:tailor-step-do": lambda t: STEP(t) | {"what": "exclude"},
    "projects:evidence-add": lambda t: {"kind": "projects.task", "target": t.objects["task"].pk},
    "projects:evidence-file": lambda t: {"pk": t.objects["evidence"].pk},
    "projects:evidence-withdraw": lambda t: {"pk": t.objects["evidence"].pk},
    "projects:absence-remove": lambda t: {"pk": t.objects["absence"].pk},
    "projects:activity-dates": ACTIVITY,
    "projects:activity-detail": ACTIVITY,
    "projects:activity-redate": ACTIVITY,
    "projects:activity-link": ACTIVITY,
    "projects:activity-schedule": ACTIVITY,
    "projects:activity-unlink": lambda t: ACTIVITY(t) | {"other": t.objects["activity"].number},
    "projects:closure-remove": lambda t: {"pk": t.objects["closure"].pk},
    "projects:activity-edit": ACTIVITY,
    "projects:activity-move": lambda t: ACTIVITY(t) | {"move": "start"},
    "projects:invitation": lambda t: {"token": t.objects["token"]},
    "projects:organization-leave": lambda t: {"pk": t.objects["person"].pk},
    "projects:organization-people-resend": lambda t: {"pk": t.objects["invitation"].pk},
    "projects:organization-people-revoke": lambda t: {"pk": t.objects["invitation"].pk},
    "projects:organization-people-role": lambda t: {
        "kind": "organization",
        "pk": t.objects["organization_grant"].pk,
    },
    "projects:task-item-check": lambda t: TASK(t) | {"pk": t.objects["item"].pk},
    "projects:task-item-remove": lambda t: TASK(t) | {"pk": t.objects["item"].pk},
    "projects:task-move": lambda t: TASK(t) | {"move": "start"},
    "projects:task-predecessor-remove": lambda t: TASK(t) | {"other": t.objects["predecessor"].label},
    "projects:task-dates": TASK,
    "projects:task-redate": TASK,
    "projects:task-schedule": TASK,
    "projects:task-take": lambda t: {"number": t.objects["role_task"].label},
    "projects:team-resend": lambda t: {"pk": t.objects["invitation"].pk},
    "projects:team-revoke": lambda t: {"pk": t.objects["invitation"].pk},
    "projects:team-role": lambda t: {"kind": "project", "pk": t.objects["grant"].pk},
    "risks:soa-numbered": lambda t: {"number": t.objects["entry"].pk},
    "risks:risk-move": lambda t: {"number": t.objects["risk"].label, "move": "close"},
    "reports:own-detail": lambda t: {"mark": t.objects["own_report"].mark},
    "reports:own-download": lambda t: {"mark": t.objects["own_report"].mark},
    "reports:own-remove": lambda t: {"mark": t.objects["own_report"].mark},
    "reports:report-again": lambda t: {"pk": t.objects["report_job"].pk},
    "reports:report-ask": lambda t: {"kind": "status"},
    "reports:report-cancel": lambda t: {"pk": t.objects["report_job"].pk},
    "reports:report-detail": lambda t: {"mark": t.objects["report"].mark},
    "reports:report-download": lambda t: {"mark": t.objects["report"].mark},
    "reports:report-remove": lambda t: {"mark": t.objects["report"].mark},
}
# What has to stand behind the question mark for the address to find something.
QUERIES: dict[str, Callable[[Target], str]] = {
    "projects:task-suggestions": lambda t: f"?activity={t.objects['activity'].number}",
}
PREFIXES: list[tuple[str, Values]] = [
    ("approvals:approval-", lambda t: {"number": t.objects["approval"].label}),
    ("documents:document-", DOCUMENT),
    ("documents:published-", DOCUMENT),
    ("documents:revision-", REVISION),
    ("jobs:job-", lambda t: {"pk": t.objects["job"].pk}),
    ("risks:risk-", lambda t: {"number": t.objects["risk"].label}),
    ("risks:asset-", lambda t: {"number": t.objects["asset"].label}),
    ("risks:treatment-", lambda t: {"number": t.objects["treatment"].label}),
    ("risks:acceptance-", lambda t: {"number": t.objects["acceptance"].label}),
    ("risks:soa-", lambda t: {"slug": t.objects["soa"].slug, "ref": t.objects["entry"].ref}),
    ("risks:import-", lambda t: {"pk": t.objects["sheet_import"].pk}),
    ("improvement:proposal-", lambda t: {"number": t.objects["proposal"].label}),
    ("improvement:import-", lambda t: {"pk": t.objects["nonconformity_import"].pk}),
    ("improvement:nonconformity-", lambda t: {"number": t.objects["nonconformity"].label, "pk": t.objects["cause"].pk}),
    ("audits:programme-", lambda t: {"number": t.objects["programme"].label}),
    ("audits:line-", lambda t: {"number": t.objects["programme"].label, "pk": t.objects["programme_line"].pk}),
    ("audits:audit-", lambda t: {"number": t.objects["audit"].label, "pk": t.objects["audit_member"].pk}),
    ("audits:auditee-", lambda t: {"number": t.objects["audit"].label, "pk": t.objects["auditee"].pk}),
    ("audits:session-", lambda t: {"number": t.objects["audit"].label, "pk": t.objects["audit_session"].pk}),
    ("audits:checklist", lambda t: {"number": t.objects["worked_audit"].label, "pk": t.objects["checklist_line"].pk}),
    ("audits:earlier", lambda t: {"number": t.objects["worked_audit"].label, "finding": t.objects["finding"].label}),
    ("audits:report", lambda t: {"number": t.objects["worked_audit"].label}),
    ("audits:import-", lambda t: {"pk": t.objects["finding_import"].pk}),
    ("audits:finding-", lambda t: {"number": t.objects["finding"].label}),
    ("projects:baseline-", lambda t: {"number": t.objects["baseline"].number}),
    ("projects:milestone-detail", lambda t: {"number": t.objects["milestone"].label}),
    ("projects:milestone-redate", lambda t: {"number": t.objects["milestone"].label}),
    ("projects:milestone-", lambda t: {"pk": t.objects["milestone"].pk}),
    ("projects:step-", STEP),
    ("projects:activity-add", STEP),
    ("projects:gate", STEP),
    ("projects:phase-gate", lambda t: {"phase": 1}),
    ("projects:task-", TASK),
]
PARTS: dict[str, Callable[[Target], Any]] = {
    "org": lambda t: t.organization.slug,
    "project": lambda t: t.project.slug,
}


def parts_of(pattern: str) -> set[str]:
    """The names of the changing parts of an address."""
    return set(re.findall(r"<(?:[^:<>]+:)?(\w+)>", pattern)) | set(re.findall(r"\(\?P<(\w+)>", pattern))


def values_for(address: Address, target: Target) -> dict[str, Any]:
    """The keyword arguments for `reverse`. Raises LookupError naming an address without an entry."""
    wanted = parts_of(address.pattern)
    known: dict[str, Any] = {name: make(target) for name, make in PARTS.items()} | GLOBAL.get(address.name, {})
    if wanted - known.keys():
        entry = SAMPLES.get(address.name) or next((v for p, v in PREFIXES if address.name.startswith(p)), None)
        known |= entry(target) if entry else {}
    if missing := wanted - known.keys():
        raise LookupError(
            f"The address {address.name} ({address.pattern}) has no sample for {', '.join(sorted(missing))}: "
            "enter it in tests/access/samples.py."
        )
    return {name: known[name] for name in wanted}


def is_scoped(address: Address) -> bool:
    return "org" in parts_of(address.pattern)


def path_of(address: Address, target: Target) -> str:
    """The address with real values, ready to be asked for."""
    path = reverse(address.name, kwargs=values_for(address, target))
    return path + (QUERIES[address.name](target) if address.name in QUERIES else "")
