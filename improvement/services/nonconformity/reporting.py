"""Reporting a nonconformity, raising one from a judgement made elsewhere, and putting its facts right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from core import dates
from core.rules import RuleBroken, refused
from improvement import telling
from improvement.flows import Status
from improvement.models import Nonconformity, NonconformityClause, Round, Source
from improvement.selectors import grade as grades
from improvement.selectors import place as places
from pdca.models import Clause
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Perm
from projects.services import evidence

from .common import begin_round, fresh, said, same

REPORTED = (
    "title", "description", "source", "detected_on", "detected_by", "place", "process", "site", "requirement", "evidence",
    "suspicion", "is_confidential",
)  # fmt: skip
RAISED = (*REPORTED, "grade", "owner", "recurrence_of")
EDITABLE = RAISED
LINES = ("title", "detected_by", "place", "process", "site")
AREAS = ("description", "requirement", "evidence", "suspicion")
BULK = ("owner", "grade", "process", "is_confidential")
BULK_DUES = ("correction_due_on", "analysis_due_on")
MOST_AT_ONCE = 200


def report(*, project: Project, by: Any, values: dict[str, Any], clauses: Iterable[Clause] = ()) -> Nonconformity:
    """What somebody of the project saw; `values`: some of REPORTED, the title at least. Raises RuleBroken, NotPermitted."""
    return _written(project, by, {name: value for name, value in values.items() if name in REPORTED}, clauses, "")


def raise_from(
    *, project: Project, by: Any, values: dict[str, Any], clauses: Iterable[Clause] = (), origin: str
) -> Nonconformity:
    """A nonconformity that follows from a judgement made elsewhere (a finding, a review): all of it is carried over.

    `values`: some of RAISED, the title at least; what was graded there keeps its grade. `origin` says in words where it was
    raised ("F-012 of A-003") and stands in the journal; the caller keeps the link and tells the way back (improvement.origins).
    Who may raise there is the caller's rule; `by` has to be somebody who may report. Raises RuleBroken, NotPermitted.
    """
    return _written(project, by, {name: value for name, value in values.items() if name in RAISED}, clauses, origin)


def _written(
    project: Project, by: Any, values: dict[str, Any], clauses: Iterable[Clause], origin: str
) -> Nonconformity:
    with journal.change(project, by=by) as log:
        held = access.perms_in(by, project)
        if Perm.REPORT_NONCONFORMITY not in held:
            raise NotPermitted(_("You may not report to this project."))
        values = _checked(project, values)
        values.setdefault("detected_on", dates.today(project.organization.time_zone))
        number = (Nonconformity.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0) + 1
        record = Nonconformity(
            organization_id=project.organization_id,
            project=project,
            number=number,
            created_by=by,
            edited_by=by,
            **values,
        )
        log.mark(record).save()
        begin_round(record, log)
        _name_clauses(record, clauses)
        told = {"title": record.title, "source": record.source} | ({"origin": origin} if origin else {})
        log(record, "nonconformity.reported", said(record, told))
        telling.reported(record, by)
    return record


def report_with_file(*, project: Project, by: Any, values: dict[str, Any], upload: Any = None) -> Nonconformity:
    """A report with a photo or file as its first evidence; a file that is refused leaves no report either.

    Raises what `report` and services.evidence.add_file raise.
    """
    with journal.change(project, by=by):
        record = report(project=project, by=by, values=values)
        if upload is not None:
            try:
                evidence.add_file(record=record, upload=upload, by=by)
            except RuleBroken as refusal:
                refusal.field = "file"
                raise
    return record


def count_evidence(record: Nonconformity, n: int) -> None:
    """Stores how many pieces of evidence are valid; called in the transaction of a change of them."""
    Nonconformity.objects.filter(pk=record.pk).update(evidence_count=n)


def change(
    *, record: Nonconformity, by: Any, version: int, values: dict[str, Any], clauses: Iterable[Clause] | None = None
) -> Nonconformity:
    """Saves the record a person saw as `version`. Raises StaleRecord, RuleBroken, NotPermitted."""
    with journal.change(record.project, by=by) as log:
        found = fresh(record, by)
        same(found.version, version, found, found.label)
        values = {name: value for name, value in values.items() if name in EDITABLE}
        if not access.can(by, Perm.MANAGE_NONCONFORMITIES, found):
            values = {name: value for name, value in values.items() if name not in ("grade", "owner")}
        values = _checked(found.project, {"title": found.title} | values)
        if found.status not in (Status.REPORTED, Status.REFUSED):
            if "owner" in values and values["owner"] is None:
                raise refused("owner", _("An accepted nonconformity keeps an owner."))
            if "grade" in values and not values["grade"]:
                raise refused("grade", _("An accepted nonconformity keeps a grade."))
        _not_the_verifier(found, values)
        before_owner, was_confidential = found.owner_id, found.is_confidential
        told = {name: value for name, value in values.items() if name in EDITABLE}
        changes: dict[str, Any] = journal.differences({name: getattr(found, name) for name in told}, told)
        if clauses is not None:
            before = _clauses_said(found)
            _name_clauses(found, clauses)
            if before != (after := _clauses_said(found)):
                changes["clauses"] = [before, after]
        if not changes:
            return found
        for name, value in values.items():
            setattr(found, name, value)
        found.edited_by = by
        found.version += 1
        log.mark(found).save()
        log(found, "nonconformity.changed", said(found, changes, was_confidential))
        if found.owner_id != before_owner:
            telling.given(found, by)
    return found


def _not_the_verifier(record: Nonconformity, values: dict[str, Any]) -> None:
    if (owner := values.get("owner")) is not None and record.is_open and owner.pk == record.round.verifier_id:
        raise refused("owner", _("Who verifies the effectiveness cannot own it: name another verifier first."))


def change_many(*, project: Project, by: Any, numbers: Iterable[int], values: dict[str, Any]) -> int:
    """Sets owner, grade, process or the due dates of many open ones (BULK); how many changed. All or nothing.

    Raises RuleBroken naming the one that stands in the way, NotPermitted.
    """
    wanted = sorted(set(numbers))
    if len(wanted) > MOST_AT_ONCE:
        raise RuleBroken(_("Change at most %(n)s nonconformities at once.") % {"n": MOST_AT_ONCE})
    with journal.change(project, by=by) as log:
        if not access.can(by, Perm.MANAGE_NONCONFORMITIES, project):
            raise NotPermitted(_("You may not change many nonconformities at once."))
        if any(name in values and not values[name] for name in ("owner", "grade")):
            raise RuleBroken(_("Name an owner and a grade; neither is taken away from many at once."))
        own = _checked(project, {name: values[name] for name in BULK if name in values} | {"title": "–"})
        del own["title"]
        dues = {name: values[name] for name in BULK_DUES if name in values}
        rows = Nonconformity.objects.filter(project=project, number__in=wanted, is_open=True).order_by("number")
        records = list(rows.select_related("owner"))
        rounds = {
            one.nonconformity_id: one
            for one in Round.objects.filter(nonconformity__in=[record.pk for record in records], verdict="")
        }
        done = 0
        for record in records:
            record.project = project
            done += _changed_one(record, rounds.get(record.pk), own, dues, by, log)
    return done


def _changed_one(
    record: Nonconformity, current: Round | None, own: dict[str, Any], dues: dict[str, Any], by: Any, log: journal.Log
) -> bool:
    if current is not None:
        record._round = current
    if "owner" in own:
        try:
            _not_the_verifier(record, own)
        except RuleBroken as refusal:
            raise RuleBroken(f"{record.label}: {refusal.as_text}") from refusal
    told = {name: value for name, value in own.items() if name in BULK}
    changes: dict[str, Any] = journal.differences({name: getattr(record, name) for name in told}, told)
    if changes:
        was = record.owner_id
        for name, value in own.items():
            setattr(record, name, value)
        record.edited_by = by
        record.version += 1
        log.mark(record).save()
        if record.owner_id != was:
            telling.given(record, by)
    if current is not None and dues:
        moved = journal.differences({name: getattr(current, name) for name in dues}, dues)
        if moved:
            for name, value in dues.items():
                setattr(current, name, value)
            current.version += 1
            log.mark(current).save()
            changes |= moved
    if changes:
        log(record, "nonconformity.changed", said(record, changes))
    return bool(changes)


def _checked(project: Project, values: dict[str, Any]) -> dict[str, Any]:
    for name in (*LINES, *AREAS):
        if name in values:
            text = str(values[name] or "").strip()
            values[name] = text if name in AREAS else " ".join(text.split())
            most = Nonconformity._meta.get_field(name).max_length
            if len(values[name]) > most:
                raise refused(name, _("Use at most %(n)s characters.") % {"n": most})
    if not values.get("title"):
        raise refused("title", _("Say in a few words what happened."))
    if values.get("source", Source.OBSERVATION) not in Source.values:
        raise refused("source", _("Choose where it comes from."))
    if (grade := values.get("grade")) and grades.scale_of(project).of(grade) is None:
        raise refused("grade", _("Choose a grade of this project's scale."))
    day = values.get("detected_on")
    if day is not None and day > dates.today(project.organization.time_zone):
        raise refused("detected_on", _("It cannot have been found in the future."))
    if day is None:
        values.pop("detected_on", None)
    if (owner := values.get("owner")) is not None and not access.people_of(project).filter(pk=owner.pk).exists():
        raise refused("owner", _("%(person)s does not belong to this project.") % {"person": owner})
    if (earlier := values.get("recurrence_of")) is not None and earlier.project_id != project.pk:
        raise refused("recurrence_of", _("Choose a nonconformity of this project."))
    for name in ("process", "site"):
        if name in values:
            values[f"{name}_item"] = places.item_of(project, name, values[name])
    return values


def _name_clauses(record: Nonconformity, clauses: Iterable[Clause]) -> None:
    wanted = {clause.pk for clause in clauses}
    allowed = record.project.chosen_standards.values("standard")
    here = set(record.clause_links.values_list("clause_id", flat=True))
    known = set(Clause.objects.filter(pk__in=wanted - here, standard__in=allowed).values_list("pk", flat=True))
    if wanted - here - known:
        raise refused("clauses", _("Choose clauses of this project's standards."))
    record.clause_links.exclude(clause__in=wanted).delete()
    NonconformityClause.objects.bulk_create(
        NonconformityClause(nonconformity=record, clause_id=pk) for pk in sorted(wanted - here)
    )


def _clauses_said(record: Nonconformity) -> list[str]:
    return [
        f"{one.clause.standard.code} {one.clause.ref}" for one in record.clause_links.select_related("clause__standard")
    ]
