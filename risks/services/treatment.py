"""Treating a risk: one decision, its actions (tasks of the plan), the controls it relies on. (IMS2 1.7.7)

A treatment's status follows its tasks. What an acceptance was signed on (MATTERS, controls, actions) ends it when it changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Max
from django.utils.translation import gettext as _

from core.rules import RuleBroken, StaleRecord, refused
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import PlanActivity, Project, Task
from projects.permissions import Perm
from projects.services import task as tasks
from risks.flows import RiskStatus, TreatmentStatus
from risks.models import Rating, RatingKind, Risk, SoaEntry, Treatment, TreatmentControl, TreatmentTask
from risks.models.treatment import WITHOUT_ACTION, options_of
from risks.selectors import treatment as selectors

from . import asset as assets
from . import frozen, rating
from . import risk as risks

OWN = ("title", "description", "cost", "effort_days", "due_on")
"""What the responsible person writes; option, person and expected rating belong to who may write the risk."""
EDITABLE = ("option", "owner", *OWN)
MATTERS = ("option", "title", "description", "due_on")
"""What an acceptance freezes of a treatment, beside its controls and actions."""
READY = (RiskStatus.ASSESSED, RiskStatus.TREATING, RiskStatus.ACCEPTED)
MOST_COST = 10**15
MOST_CONTROLS, MOST_TASKS = 100, 100


class Expected(NamedTuple):
    """What a treatment is expected to leave of its risk."""

    likelihood: int
    consequence: int


def may_write(user: Any, treatment: Treatment, held: frozenset[Perm] | None = None) -> bool:
    """Who may write its risk, and who is responsible for it."""
    held = access.perms_in(user, treatment.project) if held is None else held
    return risks.may_write(user, treatment.risk, held) or (
        Perm.WRITE_OWN_RISKS in held and treatment.owner_id == user.pk
    )


def create(
    *, risk: Risk, by: Any, values: dict[str, Any], controls: Iterable[SoaEntry] = (), expected: Expected | None = None
) -> Treatment:
    """Decides how a rated risk is treated; the first work brings it "in treatment", an acceptance no longer holds.

    `values`: some of EDITABLE, option and title at least. Raises RuleBroken, NotPermitted.
    """
    with journal.change(risk.project, by=by) as log:
        found = risks.fresh(risk, by)
        _ready(found)
        values = checked(found, None, values)
        number = (Treatment.objects.filter(project=found.project).aggregate(last=Max("number"))["last"] or 0) + 1
        treatment = Treatment(
            organization_id=found.organization_id, project=found.project, number=number, risk=found, created_by=by,
            edited_by=by, **values,
        )  # fmt: skip
        treatment.status = stands(treatment, [])
        log.mark(treatment).save()
        _rely_on(treatment, controls)
        facts = {"risk": found.label, "option": treatment.option, "title": treatment.title}
        log(treatment, "treatment.created", facts)
        _expect(treatment, found, expected, by, log)
        _settle(found, _("%(treatment)s was added.") % {"treatment": treatment.label}, by, log)
    return treatment


def change(
    *,
    treatment: Treatment,
    by: Any,
    version: int,
    values: dict[str, Any],
    controls: Iterable[SoaEntry] | None = None,
    expected: Expected | None = None,
) -> Treatment:
    """Saves what a person saw as `version`; None leaves controls or the expected rating as they are.

    Who is only responsible for it writes OWN and the controls. Raises StaleRecord, RuleBroken, NotPermitted.
    """
    with journal.change(treatment.project, by=by) as log:
        found = fresh(treatment, by)
        if found.version != version:
            raise StaleRecord(
                _("%(treatment)s was changed by somebody else while you were typing. Your text is kept below.")
                % {"treatment": found.label},
                found,
            )
        _is_live(found)
        if not risks.may_write(by, found.risk):
            values = {name: value for name, value in values.items() if name in OWN}
            expected = None
        values = checked(found.risk, found, values)
        changes: dict[str, Any] = journal.differences({name: getattr(found, name) for name in values}, values)
        for name, value in values.items():
            setattr(found, name, value)
        if controls is not None:
            old = controls_in_words(found)
            _rely_on(found, controls)
            if (new := controls_in_words(found)) != old:
                changes["controls"] = [old, new]
        if changes:
            _save(found, changes, by, log)
        is_rated = _expect(found, found.risk, expected, by, log)
        if is_rated or set(changes) & {*MATTERS, "controls"}:
            _settle(found.risk, _("%(treatment)s was changed.") % {"treatment": found.label}, by, log)
    return found


def cancel(*, treatment: Treatment, by: Any, reason: str) -> Treatment:
    """Gives a treatment up; its tasks stay in the plan, the risk is judged without it. Raises RuleBroken, NotPermitted."""
    with journal.change(treatment.project, by=by, reason=reason) as log:
        found = fresh(treatment, by)
        risks.permit(found.risk, by)
        _is_live(found)
        if not log.reason:
            raise RuleBroken(_("Say why the treatment is given up."))
        before, found.status, found.cancelled_because = found.status, TreatmentStatus.CANCELLED, log.reason[:500]
        found.edited_by = by
        found.version += 1
        log.mark(found).save()
        log(found, "treatment.cancelled", {"status": [before, found.status]})
        _settle(found.risk, _("%(treatment)s was cancelled.") % {"treatment": found.label}, by, log)
    return found


# ---- actions ----------------------------------------------------------------------------------------------------


def add_task(*, treatment: Treatment, by: Any, title: str, activity_id: int | None = None, **values: Any) -> Task:
    """A new task of the plan as an action of the treatment. Raises RuleBroken, NotPermitted."""
    with journal.change(treatment.project, by=by) as log:
        found = fresh(treatment, by)
        if activity_id is not None:
            values["activity"] = PlanActivity.objects.filter(project=found.project, pk=activity_id).first()
        task = tasks.create(project=found.project, by=by, title=title, **values)
        _link(found, task, by, log)
    return task


def link_task(*, treatment: Treatment, by: Any, task: Task) -> Treatment:
    """Makes a task that exists an action of the treatment; a task belongs to one treatment. Raises RuleBroken, NotPermitted."""
    with journal.change(treatment.project, by=by) as log:
        found = fresh(treatment, by)
        task = Task.objects.filter(pk=task.pk, project=found.project).first()
        if task is None:
            raise RuleBroken(_("This task belongs to another project."))
        other = TreatmentTask.objects.filter(task=task).select_related("treatment").first()
        if other is not None and other.treatment_id == found.pk:
            return found
        if other is not None:
            raise RuleBroken(
                _("%(task)s belongs to %(treatment)s already: take it out there first.")
                % {"task": task.label, "treatment": other.treatment}
            )
        _link(found, task, by, log)
    return found


def unlink_task(*, treatment: Treatment, by: Any, task: Task) -> Treatment:
    """Takes a task out of the treatment; it stays in the plan. Raises RuleBroken, NotPermitted."""
    with journal.change(treatment.project, by=by) as log:
        found = fresh(treatment, by)
        _is_live(found)
        gone, _counts = TreatmentTask.objects.filter(treatment=found, task=task).delete()
        if gone:
            _acted(found, {"task": [str(task), None]}, "treatment.task_unlinked", by, log)
    return found


def _link(treatment: Treatment, task: Task, by: Any, log: journal.Log) -> None:
    _is_live(treatment)
    if TreatmentTask.objects.filter(treatment=treatment).count() >= MOST_TASKS:
        raise RuleBroken(_("A treatment has at most %(n)s actions.") % {"n": MOST_TASKS})
    TreatmentTask.objects.create(treatment=treatment, task=task)
    _acted(treatment, {"task": [None, str(task)]}, "treatment.task_linked", by, log)


def _acted(treatment: Treatment, changes: dict[str, Any], action: str, by: Any, log: journal.Log) -> None:
    """After its actions changed: journal, status, acceptance."""
    log(treatment, action, changes)
    before, treatment.status = treatment.status, stands(treatment, statuses_of(treatment))
    changes = {"status": [before, treatment.status]} if before != treatment.status else {}
    treatment.edited_by = by
    treatment.version += 1
    log.mark(treatment).save()
    if changes:
        log(treatment, "treatment.followed", changes)
    _settle(treatment.risk, _("The actions of %(treatment)s changed.") % {"treatment": treatment.label}, by, log)


# ---- status follows tasks ---------------------------------------------------------------------------------------


def stands(treatment: Treatment, statuses: list[str]) -> TreatmentStatus:
    """Where it stands by its tasks; cancelled stays cancelled. Pure."""
    if treatment.status == TreatmentStatus.CANCELLED:
        return TreatmentStatus.CANCELLED
    return selectors.by_tasks(treatment.option, statuses)


def statuses_of(treatment: Treatment) -> list[str]:
    return list(TreatmentTask.objects.filter(treatment=treatment).values_list("task__status", flat=True))


def follow(
    *, project: Project, numbers: Iterable[int], is_other: Iterable[int] = (), is_said_otherwise: Iterable[int] = ()
) -> int:
    """Brings treatments to where their tasks stand; how many moved.

    `is_other` are those whose actions are other ones now, which ends an acceptance; `is_said_otherwise` those with an
    action of another title, which voids a request that quotes it.

    Work of the schedule or of a receiver: nobody in person. Twice does no harm.
    """
    moved, other, said = 0, set(is_other), set(is_said_otherwise)
    with journal.change(project, by=None) as log:
        rows = Treatment.objects.filter(project=project, number__in={*numbers, *other, *said}).order_by("number")
        for treatment in rows.select_related("project__organization", "risk__project__organization", "risk__owner"):
            status = stands(treatment, statuses_of(treatment))
            if status != treatment.status:
                before, treatment.status = treatment.status, status
                treatment.version += 1
                log.mark(treatment).save()
                log(treatment, "treatment.followed", {"status": [before, status]})
                moved += 1
            if treatment.number in said:
                frozen.moved_on(treatment.risk, None)
            if treatment.number in other and treatment.status != TreatmentStatus.CANCELLED:
                says = _("The actions of %(treatment)s changed.") % {"treatment": treatment.label}
                _settle(treatment.risk, says, None, log)
    return moved


# ---- within a change --------------------------------------------------------------------------------------------


def fresh(treatment: Treatment, by: Any) -> Treatment:
    """The treatment read again under the lock, for who may write it. Raises NotPermitted."""
    found = (
        Treatment.objects.select_related("project__organization", "owner", "risk__owner")
        .select_related("risk__project__organization")
        .get(pk=treatment.pk)
    )
    if not may_write(by, found):
        raise NotPermitted(_("%(treatment)s is not yours to change.") % {"treatment": found.label})
    return found


def _ready(risk: Risk) -> None:
    if risk.status in READY and risk.current_level is not None:
        return
    if not risk.is_open:
        raise RuleBroken(_("%(risk)s is closed: reopen it before it is treated.") % {"risk": risk.label})
    if not risk.owner_id:
        raise RuleBroken(_("%(risk)s needs an owner before it is treated.") % {"risk": risk.label})
    raise RuleBroken(_("%(risk)s has no current rating yet: rate it before it is treated.") % {"risk": risk.label})


def _is_live(treatment: Treatment) -> None:
    if treatment.status == TreatmentStatus.CANCELLED:
        raise RuleBroken(_("%(treatment)s was cancelled. Decide on a new treatment.") % {"treatment": treatment.label})
    if not treatment.risk.is_open:
        raise RuleBroken(_("%(risk)s is closed: reopen it before it is treated.") % {"risk": treatment.risk.label})


def _save(treatment: Treatment, changes: dict[str, Any], by: Any, log: journal.Log) -> None:
    before, treatment.status = treatment.status, stands(treatment, statuses_of(treatment))
    if before != treatment.status:
        changes["status"] = [before, treatment.status]
    treatment.edited_by = by
    treatment.version += 1
    log.mark(treatment).save()
    log(treatment, "treatment.changed", changes)


def _rely_on(treatment: Treatment, controls: Iterable[SoaEntry]) -> None:
    wanted = {entry.pk for entry in controls}
    if len(wanted) > MOST_CONTROLS:
        raise refused("controls", _("A treatment relies on at most %(n)s controls.") % {"n": MOST_CONTROLS})
    known = set(SoaEntry.objects.filter(project_id=treatment.project_id, pk__in=wanted).values_list("pk", flat=True))
    if wanted - known:
        raise refused("controls", _("Choose controls of this project."))
    treatment.control_links.exclude(entry__in=wanted).delete()
    has = set(treatment.control_links.values_list("entry_id", flat=True))
    TreatmentControl.objects.bulk_create(
        TreatmentControl(treatment=treatment, entry_id=pk) for pk in sorted(wanted - has)
    )


def controls_in_words(treatment: Treatment) -> list[str]:
    links = treatment.control_links.select_related("entry").order_by("entry__soa", "entry__position")
    return [str(link.entry) for link in links]


def _expect(treatment: Treatment, risk: Risk, expected: Expected | None, by: Any, log: journal.Log) -> bool:
    """Writes the expected rating within the change; whether there is a new one. The caller saves the risk."""
    if expected is None:
        return False
    last = Rating.objects.filter(risk=risk, kind=RatingKind.EXPECTED).order_by("-rated_at", "-pk").first()
    now = rating.write(
        risk, rating.in_force(risk.project), log, by=by, kind=RatingKind.EXPECTED, likelihood=expected.likelihood,
        consequence=expected.consequence, treatment=treatment, save=False,
    )  # fmt: skip
    return last is None or now.pk != last.pk


def _settle(risk: Risk, because: str, by: Any, log: journal.Log) -> None:
    """What a changed treatment means for its risk: the acceptance ends, work that is left brings it in treatment."""
    rating.unsettle(risk, because, log)
    live = risk.treatments.exclude(status=TreatmentStatus.CANCELLED)
    is_at_work = live.exclude(status=TreatmentStatus.DONE).exists()
    if risk.status == RiskStatus.ASSESSED and is_at_work:
        _move(risk, RiskStatus.TREATING, "risk.treat", log)
    elif risk.status == RiskStatus.TREATING and not live.exclude(option__in=WITHOUT_ACTION).exists():
        _move(risk, RiskStatus.ASSESSED, "risk.assess", log)
    risk.version += 1
    log.mark(risk).save()
    frozen.moved_on(risk, by)


def _move(risk: Risk, status: RiskStatus, action: str, log: journal.Log) -> None:
    before, risk.status = risk.status, status
    log(risk, action, {"status": [before, status]})


def checked(risk: Risk, treatment: Treatment | None, values: dict[str, Any]) -> dict[str, Any]:
    """The values as they are stored. Raises RuleBroken with the field that is wrong."""
    values = {name: value for name, value in values.items() if name in EDITABLE}
    now = {name: getattr(treatment, name) for name in EDITABLE} | values if treatment is not None else values
    if now.get("option") not in options_of(risk.discipline):
        raise refused("option", _("Choose what is done about it."))
    if "title" in values or treatment is None:
        title = " ".join(str(values.get("title") or "").split())
        if not title or len(title) > 200:
            raise refused("title", _("Say in at most 200 characters what is done."))
        values["title"] = title
    if "description" in values:
        values["description"] = str(values["description"] or "").strip()
        if len(values["description"]) > 4_000:
            raise refused("description", _("Use at most %(n)s characters.") % {"n": 4_000})
    if now["option"] in WITHOUT_ACTION and not str(now.get("description") or "").strip():
        raise refused("description", _("Say why nothing more is done: the signature of the risk owner rests on it."))
    if (cost := values.get("cost")) is not None and not 0 <= cost <= MOST_COST:
        raise refused("cost", _("Enter a cost in whole units, not less than none."))
    if (days := values.get("effort_days")) is not None and not 0 <= days <= Decimal("99999.9"):
        raise refused("effort_days", _("Enter an effort of at most 99,999 days."))
    if (owner := values.get("owner")) is not None:
        assets.check_people(risk.project, [owner])
    return values
