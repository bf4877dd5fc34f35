"""The team of an audit, its auditees, and who would judge their own work."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audits.forms.audit import AuditeeForm, JustifyForm, MemberForm, RoleForm
from audits.models import Audit, TeamRole
from audits.selectors import audit as selectors
from audits.selectors import independence
from audits.services import team as services
from core import together
from projects.permissions import Perm
from projects.selectors.task import people_of
from projects.views.base import SeeOther, answer, project_access, shown

from .audit import READERS, found, head_of, may_write


@project_access(READERS)
@require_safe
def show(request: HttpRequest, number: str) -> HttpResponse:
    return page(request, found(request, number))


def page(request: HttpRequest, audit: Audit, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page; `forms` are those that came back with something to mend."""
    with together.asking():
        return _page(request, audit, status, forms)


def _page(request: HttpRequest, audit: Audit, status: int, forms: dict[str, Any]) -> HttpResponse:
    writes = may_write(request, audit)
    standing = independence.of_audit(audit)
    overrides: dict[int, list[Any]] = {}
    for override in selectors.overrides_of(audit):
        overrides.setdefault(override.member_id, []).append(override)
    team = selectors.team_of(audit)
    for one in team:
        one.conflicts = standing.of_member(one.pk)
        one.is_settled = all(conflict.is_settled for conflict in one.conflicts)
        one.ties = ties_of(one.conflicts)
        one.justified = overrides.get(one.pk, [])
        one.may_be_justified = writes and not one.is_settled and one.person_id != request.user.pk
    people = people_of(request.project) if writes else {}
    context = head_of(request, audit) | {
        "team": team, "standing": standing, "roles": TeamRole.choices, "auditees": list(audit.auditees.all()),
        "member": MemberForm(people=people, auto_id="member_%s") if writes else None,
        "auditee": AuditeeForm(people=people, auto_id="auditee_%s") if writes else None,
        "justify": JustifyForm(auto_id="justify_%s"), "justified_member": None, "opened": "",
    }  # fmt: skip
    return render(request, "audits/audit/team.html", context | forms, status=status)


class Tie(NamedTuple):
    """A reason against somebody's independence, and the sessions it touches (none: the audit as a whole)."""

    says: str
    is_justified: bool
    sessions: list[str]


def ties_of(conflicts: list[Any]) -> list[Tie]:
    """Each reason once, the open ones first."""
    found: dict[str, Tie] = {}
    for conflict in conflicts:
        for key, says in conflict.reasons.items():
            tie = found.setdefault(key, Tie(says, key in conflict.covered, []))
            if conflict.session is not None:
                tie.sessions.append(conflict.title)
    return sorted(found.values(), key=lambda tie: tie.is_justified)


def _writable(request: HttpRequest, number: str) -> Audit:
    audit = found(request, number)
    if Perm.MANAGE_AUDIT_PROGRAMME not in request.perms_here:
        raise PermissionDenied
    return audit


def _home(audit: Audit) -> str:
    return reverse("audits:audit-team", kwargs={**audit.project.address, "number": audit.label})


def _member(audit: Audit, pk: int) -> Any:
    member = audit.members.filter(pk=pk).first()
    if member is None:
        raise Http404
    member.audit, member.project = audit, audit.project
    return member


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_POST
def add_member(request: HttpRequest, number: str) -> HttpResponse:
    audit = _writable(request, number)
    form = MemberForm(request.POST, people=people_of(request.project), auto_id="member_%s")
    if form.is_valid() and form.carry_out(
        lambda: services.add_member(
            audit=audit, by=request.user, role=form.cleaned_data["role"], company=form.cleaned_data["company"], **form.who
        )
    ):  # fmt: skip
        shown(request, _("%(person)s is in the team.") % {"person": form.result.name})
        return SeeOther(_home(audit))
    return page(request, audit, status=422, member=form, opened="member")


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_POST
def change_member(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    audit = _writable(request, number)
    member, form = _member(audit, pk), RoleForm(request.POST)
    role = form.cleaned_data["role"] if form.is_valid() else ""
    return answer(
        request, lambda: services.change_member(member=member, by=request.user, role=role), back=_home(audit),
        done=_("The role is changed."),
    )  # fmt: skip


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_POST
def remove_member(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    audit = _writable(request, number)
    member = _member(audit, pk)
    return answer(request, lambda: services.remove_member(member=member, by=request.user), back=_home(audit))


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_POST
def justify(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Somebody else than the auditor says in writing why they judge their own work all the same."""
    audit = _writable(request, number)
    member, form = _member(audit, pk), JustifyForm(request.POST, auto_id="justify_%s")
    if form.is_valid() and form.carry_out(
        lambda: services.justify(member=member, by=request.user, justification=form.cleaned_data["justification"])
    ):
        shown(request, _("The justification is recorded; the report prints it."))
        return SeeOther(_home(audit))
    return page(request, audit, status=422, justify=form, justified_member=member.pk)


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_POST
def add_auditee(request: HttpRequest, number: str) -> HttpResponse:
    audit = _writable(request, number)
    form = AuditeeForm(request.POST, people=people_of(request.project), auto_id="auditee_%s")
    if form.is_valid() and form.carry_out(
        lambda: services.add_auditee(audit=audit, by=request.user, function=form.cleaned_data["function"], **form.who)
    ):
        shown(request, _("%(person)s is among the auditees.") % {"person": form.result.name})
        return SeeOther(_home(audit))
    return page(request, audit, status=422, auditee=form, opened="auditee")


@project_access(Perm.MANAGE_AUDIT_PROGRAMME)
@require_POST
def remove_auditee(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    audit = _writable(request, number)
    auditee = audit.auditees.filter(pk=pk).first()
    if auditee is None:
        raise Http404
    auditee.audit, auditee.project = audit, audit.project
    return answer(request, lambda: services.remove_auditee(auditee=auditee, by=request.user), back=_home(audit))
