"""Who audits, who is audited, and who may judge their own work all the same. (9.2.2; ISO 19011:2018, 5.5.4)"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from audits import following
from audits.models import JUDGES, Audit, Auditee, AuditMember, IndependenceOverride, TeamRole
from audits.selectors import independence
from core.rules import RuleBroken, refused
from projects import journal

from . import audit as audits
from . import checks

MOST = 60


def add_member(
    *, audit: Audit, by: Any, role: str, person: Any = None, name: str = "", company: str = ""
) -> AuditMember:  # fmt: skip
    """Somebody of the team: a person of the project, or a name from elsewhere. Raises RuleBroken, NotPermitted."""
    with journal.change(audit.project, by=by) as log:
        found = audits.fresh(audit, by)
        if role not in TeamRole.values:
            raise refused("role", _("Choose a role in the team."))
        values = {"name": name or (str(person) if person else ""), "company": company}
        checks.texts(AuditMember, values, lines=("name", "company"))
        if not values["name"]:
            raise refused("person", _("Choose a person, or give a name."))
        checks.belongs(found.project, person, "person")
        team = list(found.members.all())
        if len(team) >= MOST:
            raise RuleBroken(_("A team has at most %(n)s people.") % {"n": MOST})
        if person is not None and person.pk in {one.person_id for one in team}:
            raise refused("person", _("%(person)s is in the team already.") % {"person": person})
        if person is not None and role in JUDGES and found.auditees.filter(person=person).exists():
            raise refused("person", _("%(person)s is audited here: choose somebody else.") % {"person": person})
        if role == TeamRole.LEAD and any(one.role == TeamRole.LEAD for one in team):
            raise refused("role", _("The team has a lead auditor already: give that person another role first."))
        member = AuditMember(
            organization_id=found.organization_id,
            project=found.project,
            audit=found,
            role=role,
            person=person,
            **values,
        )
        log.mark(member).save()
        log(found, "audit.member_added", {"who": member.name, "as": str(TeamRole(role).label)})
        following.tell(found, by)
    return member


def change_member(*, member: AuditMember, by: Any, role: str) -> AuditMember:
    """Gives somebody of the team another role; a new lead auditor takes it over from the one before."""
    with journal.change(member.project, by=by) as log:
        found = audits.fresh(member.audit, by)
        one = _member(found, member.pk)
        if role not in TeamRole.values:
            raise refused("role", _("Choose a role in the team."))
        if one.role == role:
            return one
        if role == TeamRole.LEAD:
            for other in found.members.filter(role=TeamRole.LEAD):
                other.role = TeamRole.AUDITOR
                log.mark(other).save()
        before, one.role = one.get_role_display(), role
        log.mark(one).save()
        log(found, "audit.member_changed", {"who": one.name, "as": [str(before), str(TeamRole(role).label)]})
        following.tell(found, by)
    return one


def remove_member(*, member: AuditMember, by: Any) -> None:
    """Takes somebody out of the team, and out of the sessions they were to sit in."""
    with journal.change(member.project, by=by) as log:
        found = audits.fresh(member.audit, by)
        one = _member(found, member.pk)
        if one.overrides.exists():
            says = _("%(person)s's independence was justified in writing: make them an observer instead.")
            raise RuleBroken(says % {"person": one.name}, "9.2.2")
        if one.person_id is not None and found.lines.filter(answered_by=one.person_id).exists():
            says = _("%(person)s has written results in this audit: make them an observer instead.")
            raise RuleBroken(says % {"person": one.name})
        log(found, "audit.member_removed", {"who": one.name})
        log.mark(one).delete()
        following.tell(found, by)


def _member(audit: Audit, pk: int) -> AuditMember:
    found = audit.members.filter(pk=pk).first()
    if found is None:
        raise RuleBroken(_("Somebody has removed this person from the team in the meantime."))
    return found


# ---- auditees ----------------------------------------------------------------------------------------------------


def add_auditee(*, audit: Audit, by: Any, person: Any = None, name: str = "", function: str = "") -> Auditee:
    """Somebody who answers for what is audited. Raises RuleBroken, NotPermitted."""
    with journal.change(audit.project, by=by) as log:
        found = audits.fresh(audit, by)
        values = {"name": name or (str(person) if person else ""), "function": function}
        checks.texts(Auditee, values, lines=("name", "function"))
        if not values["name"]:
            raise refused("person", _("Choose a person, or give a name."))
        checks.belongs(found.project, person, "person")
        if found.auditees.count() >= MOST:
            raise RuleBroken(_("An audit has at most %(n)s auditees.") % {"n": MOST})
        if person is not None and found.auditees.filter(person=person).exists():
            raise refused("person", _("%(person)s is among the auditees already.") % {"person": person})
        if person is not None and found.members.filter(person=person, role__in=JUDGES).exists():
            raise refused("person", _("%(person)s audits here: choose somebody else.") % {"person": person})
        auditee = Auditee.objects.create(
            organization_id=found.organization_id, project=found.project, audit=found, person=person, **values
        )
        log(found, "audit.auditee_added", {"who": auditee.name})
        following.tell(found, by)
    return auditee


def remove_auditee(*, auditee: Auditee, by: Any) -> None:
    with journal.change(auditee.project, by=by) as log:
        found = audits.fresh(auditee.audit, by)
        one = found.auditees.filter(pk=auditee.pk).first()
        if one is None:
            raise RuleBroken(_("Somebody has removed this person in the meantime."))
        log(found, "audit.auditee_removed", {"who": one.name})
        one.delete()
        following.tell(found, by)


# ---- independence ------------------------------------------------------------------------------------------------


def justify(*, member: AuditMember, by: Any, justification: str) -> IndependenceOverride:
    """Lets somebody judge their own work, in writing: the report prints who, why not, and why all the same.

    Covers the reasons that are open today; a tie that comes later asks again. Nobody justifies themselves. Raises
    RuleBroken, NotPermitted.
    """
    with journal.change(member.project, by=by) as log:
        found = audits.fresh(member.audit, by)
        one = _member(found, member.pk)
        justification = justification.strip()
        most = IndependenceOverride._meta.get_field("justification").max_length
        if not justification or len(justification) > most:
            says = _("Say in at most %(n)s characters why nobody else can do it, and what makes up for it.")
            raise refused("justification", says % {"n": most})
        if one.person_id == by.pk:
            raise RuleBroken(_("Nobody justifies their own independence: somebody else decides that."), "9.2.2")
        reasons: dict[str, str] = {}
        for conflict in independence.of_audit(found).of_member(one.pk):
            reasons |= conflict.open_reasons
        if not reasons:
            raise RuleBroken(_("There is nothing to justify: %(person)s is independent here.") % {"person": one.name})
        override = IndependenceOverride.objects.create(
            organization_id=found.organization_id, project=found.project, audit=found, member=one, who=one.name,
            reasons=reasons, justification=justification, decided_by=by, decided_by_name=str(by)[:120], decided_at=log.at,
        )  # fmt: skip
        told = {"who": one.name, "reasons": "; ".join(reasons.values()), "justification": justification}
        log(found, "audit.independence_justified", told)
        following.tell(found, by)
    return override
