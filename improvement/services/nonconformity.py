"""Reporting a nonconformity, working on it round by round, judging whether it helped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from core import dates
from core.flows import Move
from core.rules import RuleBroken, StaleRecord, refused
from improvement import telling
from improvement.flows import CLAUSE, NONCONFORMITY, Status
from improvement.models import (
    Action,
    Category,
    Cause,
    Consequence,
    Nonconformity,
    NonconformityClause,
    Round,
    Source,
    Verdict,
)
from improvement.selectors import grade as grades
from improvement.selectors import place as places
from pdca.models import Clause
from projects import access, flow, journal, pointing
from projects.flow import NotPermitted
from projects.models import Project, Task
from projects.permissions import Perm
from projects.services import evidence
from projects.services import task as tasks

KIND = "nonconformity"
REPORTED = (
    "title", "description", "source", "detected_on", "detected_by", "place", "process", "site", "requirement", "evidence",
    "suspicion", "is_confidential",
)  # fmt: skip
RAISED = (*REPORTED, "grade", "owner", "recurrence_of")
EDITABLE = RAISED
WORK = ("correction", "correction_due_on", "analysis_due_on", "extent", "criterion", "check_on", "verifier")
WORDS = frozenset(
    ("title", "description", "place", "process", "site", "requirement", "evidence", "suspicion", "detected_by", "correction",
     "extent", "criterion", "cause", "note", "origin", "clauses")
)  # fmt: skip
"""What a confidential record keeps from the journal."""
LINES = ("title", "detected_by", "place", "process", "site")
AREAS = ("description", "requirement", "evidence", "suspicion")
BULK = ("owner", "grade", "process", "is_confidential")
BULK_DUES = ("correction_due_on", "analysis_due_on")
MOST_AT_ONCE = 200
CONSEQUENCES = ("risks", "documents", "plan")
MOST_POINTED_AT = 50
MOST_CAUSES, DEEPEST = 60, 8


def may_work(user: Any, record: Nonconformity, held: frozenset[Perm] | None = None) -> bool:
    """Who manages nonconformities, and the owner."""
    held = access.perms_in(user, record.project) if held is None else held
    if Perm.MANAGE_NONCONFORMITIES in held:
        return True
    return Perm.WORK_ON_NONCONFORMITIES in held and record.owner_id == user.pk


def said(record: Nonconformity, changes: dict[str, Any], was_confidential: bool = False) -> dict[str, Any]:
    """What the journal tells of a change: of a confidential record which words changed, and not the words.

    Pages leave entries about it out for who may not see it (projects.discretion); the words themselves stand in the
    record's own history, so that the chain, which nobody can change, never says them.
    """
    if not (record.is_confidential or was_confidential):
        return changes
    return {name: _("confidential") if name in WORDS else value for name, value in changes.items()}


def _fresh(record: Nonconformity, by: Any) -> Nonconformity:
    found = Nonconformity.objects.select_related("project__organization", "owner").get(pk=record.pk)
    if not may_work(by, found):
        raise NotPermitted(_("%(record)s is not yours to work on.") % {"record": found.label})
    return found


def _unjudged(record: Nonconformity) -> Round:
    """The newest round, which can still be worked on. Raises RuleBroken when it was judged or all is closed."""
    if not record.is_open:
        raise RuleBroken(_("%(record)s is closed: reopen it first.") % {"record": record.label}, CLAUSE)
    if record.round.verdict:
        raise RuleBroken(_("This round was judged: what was judged stays as it was."), CLAUSE)
    return record.round


# ---- reporting ---------------------------------------------------------------------------------------------------


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
        _begin_round(record, log)
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


def _begin_round(record: Nonconformity, log: journal.Log) -> Round:
    last = record.rounds.aggregate(last=Max("number"))["last"] or 0
    begun = Round(
        organization_id=record.organization_id, project=record.project, nonconformity=record, number=last + 1,
        begun_at=log.at,
    )  # fmt: skip
    log.mark(begun).save()
    record._round = begun
    return begun


def change(
    *, record: Nonconformity, by: Any, version: int, values: dict[str, Any], clauses: Iterable[Clause] | None = None
) -> Nonconformity:
    """Saves the record a person saw as `version`. Raises StaleRecord, RuleBroken, NotPermitted."""
    with journal.change(record.project, by=by) as log:
        found = _fresh(record, by)
        _same(found.version, version, found, found.label)
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


# ---- a round -----------------------------------------------------------------------------------------------------


def work(*, record: Nonconformity, by: Any, version: int, values: dict[str, Any]) -> Round:
    """Saves part of the newest round that a person saw as `version`; `values`: some of WORK.

    The check lies after the last action's due date, and its verifier is neither the owner nor a doer. Raises StaleRecord,
    RuleBroken, NotPermitted.
    """
    with journal.change(record.project, by=by) as log:
        found = _fresh(record, by)
        current = _unjudged(found)
        _same(current.version, version, current, found.label)
        values = {name: value for name, value in values.items() if name in WORK}
        for name in ("correction", "extent", "criterion"):
            if name in values:
                values[name] = str(values[name] or "").strip()
        for name, value in values.items():
            setattr(current, name, value)
        _check_round(found, current)
        before = Round.objects.get(pk=current.pk)
        changes = journal.differences({name: getattr(before, name) for name in values}, values)
        if not changes:
            return current
        current.version += 1
        log.mark(current).save()
        log(found, "nonconformity.worked", said(found, changes))
    return current


def _check_round(record: Nonconformity, current: Round) -> None:
    if current.check_on:
        dues = [day for day in current.actions.values_list("task__due_on", flat=True) if day]
        if dues and current.check_on <= max(dues):
            says = _("The check comes after the last corrective action, which is due on %(day)s.")
            raise refused("check_on", says % {"day": max(dues).isoformat()})
        if current.implemented_at is not None:
            done_on = dates.day_of(current.implemented_at, record.project.organization.time_zone)
            if current.check_on <= done_on:
                says = _("The check comes after the action was implemented, which was on %(day)s.")
                raise refused("check_on", says % {"day": done_on.isoformat()})
    if current.verifier_id is None:
        return
    if not access.people_of(record.project).filter(pk=current.verifier_id).exists():
        raise refused("verifier", _("%(person)s does not belong to this project.") % {"person": current.verifier})
    if because := not_independent(record, current, current.verifier_id):
        raise refused("verifier", because)


def not_independent(record: Nonconformity, current: Round, person: int) -> str:
    """Why this person cannot judge the effectiveness, or "". One query. (ISO 19011:2018, 5.4.4: nobody checks own work)"""
    if person == record.owner_id:
        return _("Who owns the nonconformity does not verify it.")
    doers = current.actions.values_list("task__assignee_id", "task__completed_by_id")
    if any(person in pair for pair in doers):
        return _("Who does a corrective action does not verify it.")
    return ""


def add_cause(
    *, record: Nonconformity, by: Any, text: str, parent: int | None = None, category: str = "", is_root: bool = False
) -> Cause:
    """Answers "why?": of the nonconformity, or of the cause `parent`. Raises RuleBroken, NotPermitted."""
    with journal.change(record.project, by=by) as log:
        found = _fresh(record, by)
        current, text = _unjudged(found), " ".join(text.split())
        if not text or len(text) > 500:
            raise refused("text", _("Say the cause in at most 500 characters."))
        if category and category not in Category.values:
            raise refused("category", _("Choose one of the categories."))
        causes = {cause.pk: cause for cause in current.causes.all()}
        if len(causes) >= MOST_CAUSES:
            raise RuleBroken(_("At most %(n)s causes: sum some up.") % {"n": MOST_CAUSES})
        depth, above = 1, parent
        while above is not None:
            if above not in causes:
                raise RuleBroken(_("Somebody has removed the cause above in the meantime."))
            above, depth = causes[above].parent_id, depth + 1
        if depth > DEEPEST:
            raise RuleBroken(_("Ask “why?” at most eight times."))
        cause = Cause.objects.create(
            organization_id=found.organization_id, project=found.project, round=current, parent_id=parent, text=text,
            category=category or (causes[parent].category if parent else ""), is_root=is_root,
        )  # fmt: skip
        log(found, "nonconformity.cause_added", said(found, {"cause": text, "root": is_root}))
    return cause


def mark_root(*, record: Nonconformity, by: Any, pk: int, is_root: bool) -> None:
    """Marks a cause of the newest round as a root, or takes the mark away."""
    with journal.change(record.project, by=by) as log:
        found = _fresh(record, by)
        _unjudged(found)
        cause = _cause(found, pk)
        if cause.is_root != is_root:
            cause.is_root = is_root
            cause.save(update_fields=["is_root"])
            log(found, "nonconformity.cause_marked", said(found, {"cause": cause.text, "root": [not is_root, is_root]}))


def change_cause(*, record: Nonconformity, by: Any, pk: int, text: str, category: str) -> None:
    """Says a cause of the newest round in other words, or puts it under another category."""
    with journal.change(record.project, by=by) as log:
        found = _fresh(record, by)
        _unjudged(found)
        cause, text = _cause(found, pk), " ".join(text.split())
        if not text or len(text) > 500:
            raise refused("text", _("Say the cause in at most 500 characters."))
        if category and category not in Category.values:
            raise refused("category", _("Choose one of the categories."))
        changes = journal.differences(
            {"cause": cause.text, "category": cause.category}, {"cause": text, "category": category}
        )
        if changes:
            cause.text, cause.category = text, category
            cause.save(update_fields=["text", "category"])
            log(found, "nonconformity.cause_changed", said(found, changes))


def remove_cause(*, record: Nonconformity, by: Any, pk: int) -> None:
    """Takes a cause without further answers out of the newest round."""
    with journal.change(record.project, by=by) as log:
        found = _fresh(record, by)
        _unjudged(found)
        cause = _cause(found, pk)
        if cause.children.exists():
            raise RuleBroken(_("Remove the answers below it first."))
        log(found, "nonconformity.cause_removed", said(found, {"cause": cause.text}))
        cause.delete()


def _cause(record: Nonconformity, pk: int) -> Cause:
    cause = record.round.causes.filter(pk=pk).first()
    if cause is None:
        raise RuleBroken(_("Somebody has removed this cause in the meantime."))
    return cause


def add_action(*, record: Nonconformity, by: Any, values: dict[str, Any]) -> Action:
    """A corrective action as a new task: `values` as services.task.create takes them, the title at least."""
    with journal.change(record.project, by=by) as log:
        found = _fresh(record, by)
        current = _unjudged(found)
        task = tasks.create(project=found.project, by=by, **values)
        action = _take(found, current, task, log)
    return action


def link_action(*, record: Nonconformity, by: Any, task: Task) -> Action:
    """A task that exists becomes a corrective action of the newest round."""
    with journal.change(record.project, by=by) as log:
        found = _fresh(record, by)
        current = _unjudged(found)
        if task.project_id != found.project_id:
            raise RuleBroken(_("The task has to be one of this project."))
        if Action.objects.filter(task=task).exists():
            raise RuleBroken(_("%(task)s is a corrective action already.") % {"task": task.label})
        action = _take(found, current, task, log)
    return action


def drop_action(*, record: Nonconformity, by: Any, pk: int) -> None:
    """Takes a task out of the newest round before that is implemented; the task itself stays in the plan."""
    with journal.change(record.project, by=by) as log:
        found = _fresh(record, by)
        current = _unjudged(found)
        if current.implemented_at is not None:
            raise RuleBroken(_("The action is implemented: what was done stays as it was."), CLAUSE)
        action = current.actions.filter(pk=pk).select_related("task").first()
        if action is None:
            raise RuleBroken(_("Somebody has taken this task out in the meantime."))
        log(found, "nonconformity.action_dropped", {"task": str(action.task)})
        action.delete()


def _take(record: Nonconformity, current: Round, task: Task, log: journal.Log) -> Action:
    if current.verifier_id and current.verifier_id == task.assignee_id:
        raise refused("assignee", _("Who verifies the effectiveness does none of the actions."))
    if current.check_on and task.due_on and task.due_on >= current.check_on:
        raise refused("due_on", _("The action has to be due before the check of effectiveness."))
    action = Action.objects.create(
        organization_id=record.organization_id, project=record.project, round=current, task=task
    )
    log(record, "nonconformity.action_added", {"task": str(task)})
    return action


# ---- moves and verdict -------------------------------------------------------------------------------------------


def move(
    *, record: Nonconformity, name: str, by: Any, reason: str = "", consequences: dict[str, str] | None = None,
    changing: Mapping[str, Iterable[int]] | None = None,
) -> Nonconformity:  # fmt: skip
    """Moves a nonconformity along its flow. Closing wants for each of CONSEQUENCES the records that change because of it
    (`changing`: their keys, see projects.pointing), or in words what changes or why nothing has to (`consequences`).

    Raises RuleBroken for a state, guard or missing answer, NotPermitted.
    """
    answers: dict[str, Any] = {key: str((consequences or {}).get(key) or "").strip() for key in CONSEQUENCES}
    links = _pointed_at(record.project, by, changing or {}) if name == "close" else {}
    if name == "close" and not all(answers[key] or links.get(key) for key in CONSEQUENCES):
        raise RuleBroken(_("Say whether risks, documents or the plan must change, or that none has to."), CLAUSE)
    if links:
        answers["links"] = links

    def then(found: Nonconformity, step: Move, before: str, log: journal.Log) -> None:
        if not may_work(by, found):
            raise NotPermitted(_("%(record)s is not yours to work on.") % {"record": found.label})
        found.is_open = step.target not in (Status.REFUSED, Status.CLOSED)
        if step.name == "accept":
            _give_days(found, log)
        if step.name == "contain":
            found.contained_at = log.at
            current = found.round
            current.contained_at = log.at
            current.version += 1
            log.mark(current).save()
        elif step.name == "refuse":
            found.refused_because = log.reason[:500]
        elif step.name == "implement":
            current = found.round
            current.implemented_at = log.at
            current.version += 1
            log.mark(current).save()
        elif step.name == "close":
            found.closed_at, found.consequences = log.at, answers
            _lead_back(found, links)
        elif step.name == "reopen":
            found.closed_at, found.refused_because = None, ""
            if before == Status.CLOSED:
                _begin_round(found, log)
            _give_days(found, log)
        telling.moved(found, step.name, by)

    return flow.move(
        record, name, by=by, flow=NONCONFORMITY, kind=KIND, reason=reason, then=then,
        is_own=lambda found, person, roles: may_work(person, found),
        fields=("is_open", "contained_at", "closed_at", "refused_because", "consequences"),
    )  # fmt: skip


def _pointed_at(project: Project, by: Any, changing: Mapping[str, Iterable[int]]) -> dict[str, list[int]]:
    """The keys of what is pointed at, as they are kept; only records of this project that `by` may know of."""
    found = {}
    for key in CONSEQUENCES:
        wanted = sorted(set(changing.get(key, ())))
        if len(wanted) > MOST_POINTED_AT:
            raise refused(key, _("Name at most %(n)s of them.") % {"n": MOST_POINTED_AT})
        known = {one.pk for one in pointing.load(key, project, by, wanted)}
        if set(wanted) - known:
            raise refused(key, _("Choose records of this project that you may see."))
        if wanted:
            found[key] = wanted
    return found


def _lead_back(record: Nonconformity, links: Mapping[str, Iterable[int]]) -> None:
    """What was pointed at leads back here; what an earlier closing pointed at does not any more."""
    record.consequence_links.all().delete()
    Consequence.objects.bulk_create(
        Consequence(nonconformity=record, key=key, record_id=pk) for key, pks in links.items() for pk in pks
    )


def _give_days(record: Nonconformity, log: journal.Log) -> None:
    """On acceptance the scale says until when correction and cause are due, where nobody has said it."""
    grade, current = grades.scale_of(record.project).of(record.grade), record.round
    if grade is None:
        return
    today = dates.today(record.project.organization.time_zone)
    given = {
        name: today + dt.timedelta(days=days)
        for name, days in (("correction_due_on", grade.contain_days), ("analysis_due_on", grade.analyse_days))
        if days is not None and getattr(current, name) is None
    }
    if given:
        for name, day in given.items():
            setattr(current, name, day)
        current.version += 1
        log.mark(current).save()
        log(record, "nonconformity.worked", {name: [None, day] for name, day in given.items()})


def judge(*, record: Nonconformity, by: Any, verdict: str, note: str) -> Nonconformity:
    """The verifier says whether the action was effective. If not, a new round begins; the old one stays as it was.

    Raises RuleBroken in another state, without a note, before the day of the check, or for who is not independent.
    """
    with journal.change(record.project, by=by) as log:
        found = Nonconformity.objects.select_related("project__organization", "owner").get(pk=record.pk)
        current = found.round
        if not access.can(by, Perm.WORK_ON_NONCONFORMITIES, found) or current.verifier_id != by.pk:
            raise NotPermitted(_("Only the person named for it judges the effectiveness."))
        if found.status != Status.VERIFYING:
            raise RuleBroken(
                _("%(record)s is “%(state)s”: effectiveness is judged while it is being verified.")
                % {"record": found.label, "state": found.get_status_display()},
                f"{CLAUSE} d",
            )
        if current.verdict:
            raise RuleBroken(_("The effectiveness of this round has been judged already."))
        if verdict not in (Verdict.EFFECTIVE, Verdict.NOT_EFFECTIVE):
            raise refused("verdict", _("Say whether it was effective."))
        if because := not_independent(found, current, by.pk):
            raise RuleBroken(because, f"{CLAUSE} d")
        note = note.strip()
        if not note:
            raise refused("note", _("Say by what you judge: the evidence belongs here."))
        if dates.today(found.project.organization.time_zone) < (current.check_on or dt.date.min):
            says = _("The check is planned for %(day)s: change that day first, or wait.")
            raise RuleBroken(says % {"day": current.check_on.isoformat()})
        current.verdict, current.verdict_note = verdict, note[:4_000]
        current.verified_by, current.verified_at = by, log.at
        current.version += 1
        log.mark(current).save()
        facts = {"verdict": verdict, "note": note[:500], "round": current.number}
        log(found, "nonconformity.judged", said(found, facts))
        if verdict == Verdict.NOT_EFFECTIVE:
            found.status = Status.ACCEPTED
            found.contained_at = None
            _begin_round(found, log)
            log(found, "nonconformity.new_round", {"status": [Status.VERIFYING, Status.ACCEPTED]})
        found.version += 1
        log.mark(found).save()
        telling.judged(found, verdict, by)
    return found


# ---- checks ------------------------------------------------------------------------------------------------------


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


def _same(now: int, seen: int, current: Any, label: str) -> None:
    if now != seen:
        says = _("%(record)s was changed by somebody else while you were typing. Your text is kept below.")
        raise StaleRecord(says % {"record": label}, current)


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
