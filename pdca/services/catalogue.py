"""Loading the method and the standards from their files: all or nothing, and in place.

Rows are matched by code, number or slug and keep their primary keys, so what refers to them goes on referring. Loading
the same files again writes nothing. What the files no longer hold is removed, unless something outside refers to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone

from pdca import hooks
from pdca.models import (
    Activity,
    AffinityGroup,
    AffinityMember,
    Catalogue,
    Clause,
    Control,
    ControlTheme,
    MandatoryDocument,
    MergeGroup,
    Phase,
    Standard,
    Step,
    StepLink,
    SuggestedTask,
)
from pdca.services import agreement
from pdca.services.files import read_all
from pdca.services.files.across import AffinitiesFile, DocumentsFile
from pdca.services.files.method import MethodFile
from pdca.services.files.standard import StandardFile
from pdca.services.reading import Fault, Faults, Place

FIXTURES = Path(settings.ROOT) / "fixtures"
KEPT_ASIDE = 20_000  # numbers from here on are nobody's; rows wait there while others take their place


class CatalogueFaulty(Exception):
    """The files cannot be loaded; `faults` says why, with file and line. Nothing was written."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__(f"{len(self.faults)} faults; nothing was loaded.")


@dataclass
class Report:
    """What a load did, counted by model: created, changed, removed, unchanged."""

    files: int = 0
    counts: dict[str, Counter] = field(default_factory=dict)

    def count(self, model: type[models.Model], **found: int) -> None:
        self.counts.setdefault(str(model._meta.verbose_name_plural), Counter()).update(found)

    @property
    def total(self) -> Counter:
        return sum(self.counts.values(), Counter())

    @property
    def wrote(self) -> bool:
        total = self.total
        return bool(total["created"] or total["changed"] or total["removed"])


def load(paths: Sequence[Path | str] = ()) -> Report:
    """Loads the files (folders stand for the .yaml files in them; none for the product's own `fixtures/`).

    Everything is checked before anything is written; raises CatalogueFaulty naming every fault at once.
    """
    faults = Faults()
    named = list(named_files([Path(path) for path in paths] or [FIXTURES], faults))
    files = read_all(named, faults)
    with transaction.atomic():
        agreement.check(files, faults)
        if faults:
            raise CatalogueFaulty(faults)
        report = Report(files=len(named) - files.left_aside)
        let_go: list[Callable[[], None]] = []
        save_standards(files.standards, report, let_go)
        for documents in files.documents:
            save_documents(documents, report)
        for affinities in files.affinities:
            save_affinities(affinities, report)
        for last in let_go:
            last()
        for method in files.methods:
            save_method(method, report)
        if report.wrote:
            transaction.on_commit(hooks.tell_loaded)
    return report


def named_files(paths: Iterable[Path], faults: Faults) -> Iterable[tuple[Path, str]]:
    """Each file once, with the name messages use: as given, or relative to the product."""
    seen: set[Path] = set()
    for path in paths:
        inside = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
        if not inside:
            faults.add(Place(str(path), 1), "the folder holds no .yaml file.")
        for found in inside:
            if found.resolve() not in seen:
                seen.add(found.resolve())
                root = Path(settings.ROOT)
                yield (
                    found,
                    str(found.relative_to(root) if found.is_absolute() and found.is_relative_to(root) else found),
                )


# --- writing only differences -------------------------------------------------------------------------------------


def sync(
    model: type[models.Model],
    existing: Iterable[models.Model],
    wanted: dict[Any, dict[str, Any]],
    *,
    key: Callable[[Any], Any],
    report: Report,
    aside: str = "",
) -> tuple[dict[Any, Any], list[Any]]:
    """Makes rows equal to `wanted` (key to field values); answers the rows by key, and those that are not wanted.

    `aside` names a unique field in which rows may trade places: whoever must give way waits at a number of nobody's.
    """
    rows = {key(row): row for row in existing}
    surplus = [row for found, row in rows.items() if found not in wanted]
    changed, fields, moving = [], set(), list(surplus) if aside else []
    for found, values in wanted.items():
        row = rows.get(found)
        if row is None:
            continue
        different = {name: value for name, value in values.items() if getattr(row, name) != value}
        if different:
            changed.append((row, different))
            fields.update(different)
            if aside in different:
                moving.append(row)
    if moving:
        for at, row in enumerate(moving):
            setattr(row, aside, KEPT_ASIDE + at if isinstance(getattr(row, aside), int) else f"~{row.pk}")
        model._default_manager.bulk_update(moving, [aside])
    for row, different in changed:
        for name, value in different.items():
            setattr(row, name, value)
    if changed:
        names = {model._meta.get_field(name.removesuffix("_id")).name for name in fields}
        model._default_manager.bulk_update([row for row, _ in changed], sorted(names), batch_size=200)
    new = {found: model(**values) for found, values in wanted.items() if found not in rows}
    if new:
        model._default_manager.bulk_create(new.values(), batch_size=200)
    report.count(model, created=len(new), changed=len(changed), unchanged=len(wanted) - len(new) - len(changed))
    return {found: new.get(found) or rows[found] for found in wanted}, surplus


def remove(model: type[models.Model], surplus: list[Any], place: Place, report: Report) -> None:
    """Deletes rows the file at `place` no longer holds; refuses while anything outside refers to one of them."""
    if not surplus:
        return
    for relation in model._meta.related_objects:
        other = relation.related_model
        if other._meta.app_label != model._meta.app_label:
            users = other._base_manager.filter(**{f"{relation.field.name}__in": surplus})[:6]
            if users:
                raise CatalogueFaulty([refusal(surplus, users, place)])
    try:
        model._default_manager.filter(pk__in=[row.pk for row in surplus]).delete()
    except ProtectedError as error:
        raise CatalogueFaulty([refusal(surplus, error.protected_objects, place)]) from error
    except RestrictedError as error:
        raise CatalogueFaulty([refusal(surplus, error.restricted_objects, place)]) from error
    report.count(model, removed=len(surplus))


def refusal(surplus: list[Any], users: Iterable[models.Model], place: Place) -> Fault:
    """Why rows cannot be removed, and what to do."""
    gone = sorted(f"{row._meta.verbose_name} {row}" for row in surplus)
    by = sorted({f"{row._meta.verbose_name} {row}" for row in users})
    return Fault(
        place,
        f"{brief(gone)} is no longer in the file, but still referred to by {brief(by)}. "
        "Put it back, or publish the change as a new edition.",
    )


def brief(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


# --- the method ---------------------------------------------------------------------------------------------------


def save_method(method: MethodFile, report: Report) -> Catalogue:
    """Writes one edition of a method; other editions are not touched."""
    catalogue, report_as = edition_row(method)
    report.count(Catalogue, **{report_as: 1})
    phases, old_phases = sync(
        Phase,
        catalogue.phases.all(),
        {
            str(phase.code): {
                "catalogue_id": catalogue.pk,
                "code": str(phase.code),
                "number": phase.number,
                "title": phase.title,
                "objective": phase.objective,
            }
            for phase in method.phases
        },
        key=lambda row: row.code,
        report=report,
        aside="number",
    )
    steps, old_steps = sync(
        Step,
        catalogue.steps.all(),
        {
            str(step.code): {
                "catalogue_id": catalogue.pk,
                "phase_id": phases[phase.code].pk,
                "code": str(step.code),
                "number": str(step.number),
                "title": step.title,
                "objective": step.objective,
                "origin": step.origin,
                "sequence": step.sequence,
                "hs_clauses": [str(hs) for hs in step.hs_clauses],
                "is_iterative": step.is_iterative,
                "deliverables": step.deliverables,
                "approval_by": step.approval_by,
                "approval_of": step.approval_of,
                "duration_days": step.duration_days,
                "source": step.source,
                "position": step.position,
            }
            for phase in method.phases
            for step in phase.steps
        },
        key=lambda row: row.code,
        report=report,
        aside="number",
    )
    activities, old_activities = sync(
        Activity,
        catalogue.activities.all(),
        {
            str(activity.code): {
                "catalogue_id": catalogue.pk,
                "step_id": steps[step.code].pk,
                "code": str(activity.code),
                "number": str(activity.number),
                "title": activity.title,
                "purpose": activity.purpose,
                "inputs": activity.inputs,
                "outputs": activity.outputs,
                "responsible": activity.responsible,
                "hs_clauses": [str(hs) for hs in activity.hs_clauses],
                "effort_days": activity.effort_days,
                "origin": activity.origin,
                "source": activity.source,
                "approval_by": activity.approval_by,
                "approval_of": activity.approval_of,
                "position": activity.position,
            }
            for step in method.steps
            for activity in step.activities
        },
        key=lambda row: row.code,
        report=report,
        aside="number",
    )
    _, old_tasks = sync(
        SuggestedTask,
        SuggestedTask.objects.filter(activity__catalogue=catalogue),
        {
            (activities[activity.code].pk, position): {
                "activity_id": activities[activity.code].pk,
                "position": position,
                "title": title,
            }
            for activity in method.activities
            for position, title in enumerate(activity.suggested_tasks, 1)
        },
        key=lambda row: (row.activity_id, row.position),
        report=report,
    )
    numbers = {step.number: steps[step.code].pk for step in method.steps}
    _, old_links = sync(
        StepLink,
        StepLink.objects.filter(step__catalogue=catalogue),
        {
            (numbers[step.number], numbers[other]): {
                "step_id": numbers[step.number],
                "depends_on_id": numbers[other],
            }
            for step in method.steps
            for other in step.depends_on
        },
        key=lambda row: (row.step_id, row.depends_on_id),
        report=report,
    )
    gone = ((SuggestedTask, old_tasks), (StepLink, old_links), (Activity, old_activities), (Step, old_steps))
    for model, surplus in (*gone, (Phase, old_phases)):
        remove(model, surplus, method.place, report)
    return catalogue


def edition_row(method: MethodFile) -> tuple[Catalogue, str]:
    """The row of an edition as its file has it now, and what became of it: created, changed or unchanged."""
    values = {"title": method.title, "digest": method.digest}
    catalogue = Catalogue.objects.filter(code=method.code, edition=method.edition).first()
    if catalogue is None:
        row = {"code": str(method.code), "edition": str(method.edition), **values}
        return Catalogue.objects.create(**row, loaded_at=timezone.now()), "created"
    if all(getattr(catalogue, name) == value for name, value in values.items()):
        return catalogue, "unchanged"
    for name, value in values.items():
        setattr(catalogue, name, value)
    catalogue.loaded_at = timezone.now()
    catalogue.save(update_fields=[*values, "loaded_at"])
    return catalogue, "changed"


# --- standards ----------------------------------------------------------------------------------------------------


def save_standards(standards: list[StandardFile], report: Report, let_go: list[Callable[[], None]]) -> None:
    """Writes standards with their clauses and controls; other standards are not touched.

    What the files no longer hold is put into `let_go`, to be removed once documents and affinities have let go of it.
    """
    slugs = [str(standard.slug) for standard in standards]
    wanted = {
        str(standard.slug): {
            "slug": str(standard.slug),
            "code": str(standard.code),
            "title": standard.title,
            "edition": standard.edition,
            "kind": standard.kind,
            "discipline": str(standard.discipline),
            "uses_hs": standard.uses_hs,
            "is_certifiable": standard.is_certifiable,
            "hs_text": standard.hs_text,
            "status": standard.status,
            "supersedes_id": str(standard.supersedes) or None,
            "transition_end": standard.transition_end,
            "requirements_id": str(standard.requirements) or None,
            "attribute_values": standard.attribute_values,
            "amendments": standard.amendments,
            "sources": standard.sources,
            "notes": standard.notes,
            "digest": standard.digest,
        }
        for standard in standards
    }
    rows, _ = sync(Standard, Standard.objects.filter(slug__in=slugs), wanted, key=lambda row: row.slug, report=report)
    save_clauses(standards, rows, report, let_go)
    save_controls(standards, rows, report, let_go)


def save_clauses(standards: list[StandardFile], rows: dict, report: Report, let_go: list) -> None:
    existing = {
        (row.standard_id, row.ref): row
        for row in Clause.objects.filter(standard__in=[row.pk for row in rows.values()]).order_by()
    }
    wanted, parents = {}, {}
    for standard in standards:
        owner = rows[standard.slug].pk
        for clause in standard.clauses:
            found = (owner, str(clause.ref))
            parents[found] = (owner, str(clause.parent)) if clause.parent else None
            wanted[found] = {
                "standard_id": owner,
                "parent_id": existing[parent].pk if (parent := parents[found]) in existing else None,
                "ref": str(clause.ref),
                "title": clause.title,
                "is_leaf": clause.is_leaf,
                "hs": str(clause.hs),
                "match": clause.match,
                "intent": clause.intent,
                "documented_information": clause.documented_information,
                "document_names": clause.document_names,
                "evidence_examples": clause.evidence_examples,
                "note": clause.note,
                "is_verified": clause.is_verified,
                "position": clause.position,
            }
    clauses, surplus = sync(
        Clause, existing.values(), wanted, key=lambda row: (row.standard_id, row.ref), report=report
    )
    adopted = []  # by a parent that is new itself
    for found, clause in clauses.items():
        parent = clauses[parents[found]].pk if parents[found] else None
        if clause.parent_id != parent:
            clause.parent_id = parent
            adopted.append(clause)
    if adopted:
        Clause.objects.bulk_update(adopted, ["parent"], batch_size=200)
    for standard in standards:
        owner = rows[standard.slug].pk
        gone = [clause for clause in surplus if clause.standard_id == owner]
        let_go.append(partial(remove, Clause, gone, standard.place, report))


def save_controls(standards: list[StandardFile], rows: dict, report: Report, let_go: list) -> None:
    owners = [row.pk for row in rows.values()]
    themes, old_themes = sync(
        ControlTheme,
        ControlTheme.objects.filter(standard__in=owners),
        {
            (rows[standard.slug].pk, str(theme.slug)): {
                "standard_id": rows[standard.slug].pk,
                "slug": str(theme.slug),
                "ref": str(theme.ref),
                "title": theme.title,
                "position": theme.position,
            }
            for standard in standards
            for theme in standard.themes
        },
        key=lambda row: (row.standard_id, row.slug),
        report=report,
    )
    _, old_controls = sync(
        Control,
        Control.objects.filter(standard__in=owners),
        {
            (rows[standard.slug].pk, str(control.ref)): {
                "standard_id": rows[standard.slug].pk,
                "theme_id": themes[rows[standard.slug].pk, control.theme].pk,
                "ref": str(control.ref),
                "title": control.title,
                "attributes": control.attributes,
                "intent": control.intent,
                "evidence_examples": control.evidence_examples,
                "position": control.position,
            }
            for standard in standards
            for control in standard.controls
        },
        key=lambda row: (row.standard_id, row.ref),
        report=report,
    )
    for standard in standards:
        for model, surplus in ((Control, old_controls), (ControlTheme, old_themes)):
            gone = [row for row in surplus if row.standard_id == rows[standard.slug].pk]
            let_go.append(partial(remove, model, gone, standard.place, report))


def save_documents(documents: DocumentsFile, report: Report) -> None:
    groups, old_groups = sync(
        MergeGroup,
        MergeGroup.objects.all(),
        {
            str(group.slug): {
                "slug": str(group.slug),
                "name": group.name,
                "merge": group.merge,
                "hs": str(group.hs),
                "note": group.note,
                "position": group.position,
            }
            for group in documents.groups
        },
        key=lambda row: row.slug,
        report=report,
    )
    owners = [str(slug) for slug in documents.standards]
    clauses = {
        (slug, ref): (pk, standard)
        for pk, standard, slug, ref in Clause.objects.filter(standard__slug__in=owners)
        .order_by()
        .values_list("pk", "standard_id", "standard__slug", "ref")
    }
    wanted = {}
    for document in documents.documents:
        clause, standard = clauses[document.standard, document.ref]
        wanted[clause, document.name] = {
            "standard_id": standard,
            "clause_id": clause,
            "name": document.name,
            "keep": document.keep,
            "group_id": groups[document.group].pk if document.group else None,
            "is_explicit": document.is_explicit,
            "condition": document.condition,
            "position": document.position,
        }
    _, old = sync(
        MandatoryDocument,
        MandatoryDocument.objects.filter(standard__slug__in=owners),
        wanted,
        key=lambda row: (row.clause_id, row.name),
        report=report,
    )
    remove(MandatoryDocument, old, documents.place, report)
    remove(MergeGroup, old_groups, documents.place, report)


def save_affinities(affinities: AffinitiesFile, report: Report) -> None:
    groups, old_groups = sync(
        AffinityGroup,
        AffinityGroup.objects.all(),
        {
            str(group.slug): {
                "slug": str(group.slug),
                "name": group.name,
                "note": group.note,
                "position": group.position,
            }
            for group in affinities.groups
        },
        key=lambda row: row.slug,
        report=report,
    )
    clauses = {(slug, ref): pk for pk, slug, ref in _refs(Clause)}
    controls = {(slug, ref): pk for pk, slug, ref in _refs(Control)}
    wanted = {}
    for group in affinities.groups:
        for position, member in enumerate(group.members, 1):
            values = {
                "group_id": groups[group.slug].pk,
                "clause_id": clauses.get(member),
                "control_id": controls.get(member),
                "position": position,
            }
            wanted[values["group_id"], values["clause_id"], values["control_id"]] = values
    _, old = sync(
        AffinityMember,
        AffinityMember.objects.all(),
        wanted,
        key=lambda row: (row.group_id, row.clause_id, row.control_id),
        report=report,
    )
    remove(AffinityMember, old, affinities.place, report)
    remove(AffinityGroup, old_groups, affinities.place, report)


def _refs(model: type[models.Model]) -> Iterable[tuple[int, str, str]]:
    return model._default_manager.order_by().values_list("pk", "standard__slug", "ref")
