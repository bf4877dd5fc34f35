"""Statements of Applicability: computed once for page, spreadsheet, PDF and decision; their editions and differences."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from typing import Any, NamedTuple

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import User
from approvals.models import Approval
from core import together
from core.nav import address
from pdca.models import Clause, Standard
from pdca.models.standards import Kind
from pdca.selectors import crosswalk
from pdca.selectors import standards as standards_of
from projects import journal_words
from projects.models import JournalEntry, Project, ProjectStandard
from risks import applicability
from risks.applicability import RowChange, Statement, Use
from risks.flows import TreatmentStatus
from risks.models import (
    AcceptanceState,
    Implementation,
    SetKind,
    Soa,
    SoaDocument,
    SoaEntry,
    SoaTask,
    Treatment,
    TreatmentControl,
)

KIND = "soa"
STORY = 30


@together.once
def of(project: Project) -> list[Soa]:
    """The statements of a project by name. One query."""
    found = list(Soa.objects.filter(project=project).select_related("standard", "created_by"))
    for soa in found:
        soa.project = project
    return found


def one(project: Project, slug: str) -> Soa | None:
    """A statement by its address. One query."""
    found = Soa.objects.filter(project=project, slug=slug).select_related("standard", "created_by").first()
    if found is not None:
        found.project = project
    return found


def load(project: Project, pk: int) -> Soa | None:
    found = Soa.objects.filter(project=project, pk=pk).select_related("standard", "created_by").first()
    if found is not None:
        found.project = project
    return found


def entry(soa: Soa, ref: str) -> SoaEntry | None:
    """A row by its number, with who owns it. One query."""
    found = SoaEntry.objects.filter(soa=soa, ref=ref).select_related("owner", "edited_by", "control").first()
    if found is not None:
        found.soa, found.project = soa, soa.project
    return found


def entry_of(project: Project, pk: int) -> SoaEntry | None:
    """A row of a project by its key: for evidence and for reminders. One query."""
    found = SoaEntry.objects.filter(project=project, pk=pk).select_related("soa", "owner").first()
    if found is not None:
        found.soa.project = found.project = project
    return found


# ---- the one computation --------------------------------------------------------------------------------------------


@together.once
def computed(soa: Soa) -> Statement:
    """The statement as it stands now: every row with its links and derived reasons. Two queries, however long it is."""
    entries = list(soa.entries.select_related("owner").order_by("position", "pk"))
    uses, documents, tasks = _linked(entry__soa=soa)
    return Statement(
        soa.name,
        tuple(
            _row(one, uses.get(one.pk, ()), documents.get(one.pk, ()), tasks.get(one.pk, ())) for one in entries
        ),
    )  # fmt: skip


def row_of(found: SoaEntry) -> applicability.Row:
    """One row of it, computed alone. One query."""
    uses, documents, tasks = _linked(entry=found)
    return _row(found, uses.get(found.pk, ()), documents.get(found.pk, ()), tasks.get(found.pk, ()))


def _row(found: SoaEntry, uses: tuple[Use, ...], documents: tuple[str, ...], tasks: tuple[str, ...]) -> Any:
    counted = tuple(use for use in uses if not use.is_cancelled)
    return applicability.Row(
        found.ref, found.title, found.theme, found.is_applicable, tuple(found.reasons),
        applicability.derived_reasons(applicability.Facts(uses)), found.justification, found.status,
        str(found.owner) if found.owner_id else "", found.target_on,
        tuple(dict.fromkeys(use.treatment for use in counted)), documents, tasks, uses=uses, record=found,
    )  # fmt: skip


class Links(NamedTuple):
    """What rows of a statement are linked to, by their ids: treatments, documents by code, tasks by label."""

    uses: dict[int, tuple[Use, ...]]
    documents: dict[int, tuple[str, ...]]
    tasks: dict[int, tuple[str, ...]]


def _linked(**where: Any) -> Links:
    """The three sorts of links of the rows that `where` names: treatments and tasks by number, documents by code. One query."""
    none, no_words = Value(0), Value("")
    uses_of = TreatmentControl.objects.filter(**where).order_by().values(
        sort=Value("use"), row=F("entry_id"), words=no_words, first=F("treatment__number"),
        second=F("treatment__risk__number"), state=F("treatment__status"),
        accepted=F("treatment__risk__acceptance_state"),
    )  # fmt: skip
    documents_of = SoaDocument.objects.filter(**where).order_by().values(
        sort=Value("document"), row=F("entry_id"), words=F("document__code"), first=F("pk"), second=none, state=no_words,
        accepted=no_words,
    )  # fmt: skip
    tasks_of = SoaTask.objects.filter(**where).order_by().values(
        sort=Value("task"), row=F("entry_id"), words=no_words, first=F("task__number"), second=none, state=no_words,
        accepted=no_words,
    )  # fmt: skip
    uses: dict[int, list[Use]] = {}
    labels: dict[str, dict[int, list[str]]] = {"document": {}, "task": {}}
    for one in uses_of.union(documents_of, tasks_of, all=True).order_by("words", "first"):
        if one["sort"] == "use":
            use = Use(
                f"{Treatment.PREFIX}-{one['first']:03d}", f"R-{one['second']:03d}",
                one["state"] == TreatmentStatus.CANCELLED, one["accepted"] == AcceptanceState.STALE,
            )  # fmt: skip
            uses.setdefault(one["row"], []).append(use)
        else:
            label = one["words"] if one["sort"] == "document" else f"T-{one['first']:03d}"
            labels[one["sort"]].setdefault(one["row"], []).append(label)
    return Links(*({pk: tuple(some) for pk, some in found.items()} for found in (uses, *labels.values())))


# ---- what is decided on ---------------------------------------------------------------------------------------------


def snapshot(soa: Soa) -> dict[str, Any]:
    """What is signed. A page that computed the statement already leaves it on `soa.statement`."""
    return applicability.snapshot(getattr(soa, "statement", None) or computed(soa))


def paper(soa: Soa) -> str:
    """The same as people read it, whole in itself."""
    return render_to_string("risks/soa/document.html", {"soa": soa, **table_of(computed(soa))})


def table_of(statement: Statement) -> dict[str, Any]:
    """A statement as a printed table: its columns and its rows in cells, under their themes."""
    columns = [(name, applicability.LABELS[name]) for name in applicability.COLUMNS if name != "theme"]
    themes = [
        (theme, [{name: value for name, value in applicability.cells(row).items() if name != "theme"} for row in rows])
        for theme, rows in statement.themes
    ]
    return {"statement": statement, "columns": columns, "themes": themes, "totals": statement.totals}


def authors(soa: Soa) -> set[int]:
    edited = set(SoaEntry.history.filter(soa_id=soa.pk).order_by().values_list("edited_by_id", flat=True).distinct())
    return ({soa.created_by_id} | edited) - {None}


def meaning(soa: Soa) -> str:
    return _(
        "I approve this Statement of Applicability on behalf of top management and authorize the implementation of what it "
        "selects."
    )  # fmt: skip


# ---- editions -------------------------------------------------------------------------------------------------------


class Edition(NamedTuple):
    """An approved edition: its number, when and as what request it was approved, and how it read."""

    number: int
    approval: Approval
    statement: Statement


def editions(soa: Soa) -> QuerySet[Approval]:
    """The approved editions, the newest first, with what was signed."""
    return (
        Approval.objects.filter(subject_kind=KIND, subject_id=soa.pk, edition__isnull=False)
        .select_related("content")
        .order_by("-edition")
    )


def edition(soa: Soa, number: int | None = None) -> Edition | None:
    """An edition by its number; the one in force without. One query."""
    rows = editions(soa).filter(edition=number) if number else editions(soa).filter(is_in_force=True)
    found = rows.first()
    if found is None:
        return None
    found.project = soa.project
    return Edition(found.edition, found, applicability.of_snapshot(json.loads(found.content.snapshot)))


def drift(soa: Soa, statement: Statement, in_force: Approval | None) -> list[RowChange]:
    """How the working copy differs from the edition in force, row by row. No query where its content is loaded."""
    if in_force is None:
        return []
    return applicability.compared(applicability.of_snapshot(json.loads(in_force.content.snapshot)), statement)


# ---- what can be begun ----------------------------------------------------------------------------------------------


class Offer(NamedTuple):
    """A control set that a statement can be begun about."""

    standard: Standard
    controls: int
    is_own: bool


def offers(project: Project, soas: list[Soa]) -> list[Offer]:
    """The control sets without a statement yet: first those of the project's own standards. Two queries."""
    taken = {soa.standard_id for soa in soas}
    chosen = set(ProjectStandard.objects.filter(project=project).values_list("standard__slug", flat=True))
    sets = [one for one in standards_of.listed().filter(kind=Kind.CONTROLS) if one.pk not in taken]
    found = [Offer(one, one.control_count, one.requirements_id in chosen) for one in sets if one.control_count]
    return sorted(found, key=lambda offer: (not offer.is_own, offer.standard.code))


class Action(NamedTuple):
    """An action of the management system, as a row to select."""

    ref: str
    title: str
    theme: str
    intent: str
    standards: tuple[str, ...]


def actions_of(project: Project) -> list[Action]:
    """What an integrated system has to do: the lowest rows of the harmonized structure that the project's standards ask for.

    All of them where no standard of the project is built on it. Five queries. (IMS2 1.8)
    """
    slugs = list(ProjectStandard.objects.filter(project=project).values_list("standard__slug", flat=True))
    chapters = crosswalk.compare(slugs).chapters if slugs else []
    if chapters:
        return [
            Action(
                row.clause.ref, row.clause.title, f"{chapter.clause.ref} {chapter.clause.title}", row.clause.intent,
                tuple(cell.standard.code for cell in row.sharing),
            )
            for chapter in chapters for row in chapter.rows
        ]  # fmt: skip
    structure = list(Clause.objects.filter(standard__kind=Kind.STRUCTURE).order_by("position"))
    tops = {clause.ref: f"{clause.ref} {clause.title}" for clause in structure if clause.parent_id is None}
    return [
        Action(clause.ref, clause.title, tops.get(clause.ref.split(".")[0], ""), clause.intent, ())
        for clause in structure if clause.is_leaf
    ]  # fmt: skip


# ---- one row in full ------------------------------------------------------------------------------------------------


class Linked(NamedTuple):
    pk: int
    label: str
    title: str
    url: str
    state: str = ""


def neighbours(found: SoaEntry) -> tuple[str, str]:
    """The numbers of the rows before and after, "" at the ends. One query."""
    refs = list(found.soa.entries.order_by("position", "pk").values_list("ref", flat=True))
    at = refs.index(found.ref)
    return refs[at - 1] if at else "", refs[at + 1] if at + 1 < len(refs) else ""


def treatments_of(found: SoaEntry) -> list[tuple[Treatment, str]]:
    """The treatments that rely on a control, each with the address of its page. One query."""
    rows = Treatment.objects.filter(control_links__entry=found).select_related("risk", "owner").order_by("number")
    here = found.project.address
    return [(row, address("risks:treatment-detail", **here, number=row.label)) for row in rows]


def documents_of(found: SoaEntry) -> list[Linked]:
    """The documents that say how a control works. One query."""
    here = found.project.address
    rows = found.documents.order_by("code")
    return [
        Linked(row.pk, row.code, row.title, reverse("documents:document-detail", kwargs={**here, "number": row.label}))
        for row in rows
    ]  # fmt: skip


def tasks_of(found: SoaEntry) -> list[Linked]:
    """The tasks that implement a control. One query."""
    here = found.project.address
    return [
        Linked(row.pk, row.label, row.title, reverse("projects:task-detail", kwargs={**here, "number": row.label}),
               str(row.get_status_display()))
        for row in found.tasks.order_by("number")
    ]  # fmt: skip


def story_of(found: SoaEntry) -> list[Any]:
    """The latest journal lines about a row. One query."""
    entries = JournalEntry.objects.filter(
        project=found.project_id, target_kind="risks.soaentry", target_id=found.pk
    ).order_by("-seq")
    return journal_words.tell(entries[:STORY], found.project)


def last_author(found: SoaEntry) -> tuple[User | None, Any]:
    """Who saved a row last, and when. One query."""
    row = found.history.order_by("-history_date", "-history_id").values("history_user_id", "history_date").first()
    if row is None:
        return None, None
    return User.objects.filter(pk=row["history_user_id"]).first(), row["history_date"]


# ---- the picture over time ------------------------------------------------------------------------------------------

POINTS = 12


class Moment(NamedTuple):
    """How many rows stood where on a day."""

    on: dt.date
    standings: dict[str, int]


def over_time(soa: Soa, today: dt.date) -> list[Moment]:
    """How the rows stood at up to twelve days from the beginning to today, read from the history. One query."""
    rows = list(
        SoaEntry.history.filter(soa_id=soa.pk).order_by("history_date", "history_id")
        .values_list("id", "history_date", "is_applicable", "status")
    )  # fmt: skip
    if not rows:
        return []
    first = rows[0][1].date()
    days = _days(first, max(today, first))
    found, at, standing = [], 0, {}
    for day in days:
        while at < len(rows) and rows[at][1].date() <= day:
            pk, _moment, is_applicable, status = rows[at]
            standing[pk] = applicability.UNANSWERED if is_applicable is None else status
            at += 1
        found.append(Moment(day, dict(Counter(standing.values()))))
    return found


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    whole = (last - first).days
    count = min(POINTS, whole + 1)
    if count == 1:
        return [last]
    return sorted({first + dt.timedelta(days=round(whole * k / (count - 1))) for k in range(count)})


# ---- words for others -----------------------------------------------------------------------------------------------


def in_progress() -> QuerySet[SoaEntry]:
    """Rows with a target date that are still to be implemented: what reminders and calendars read."""
    return SoaEntry.objects.filter(
        is_applicable=True, target_on__isnull=False, owner__isnull=False
    ).exclude(status=Implementation.IMPLEMENTED).annotate(
        row_number=F("pk"), row_title=Concat(F("ref"), Value(" "), F("title"))
    )  # fmt: skip


REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._()-]{0,19}")
"""How a row of an own set is numbered: it stands in an address."""


def free_slug(project: Project, name: str) -> str:
    """A short name for the address of a statement that no other one of the project has. One query."""
    base = slugify(name)[:50] or "statement"
    taken = set(Soa.objects.filter(project=project).values_list("slug", flat=True)) | {"begin"}
    return next(slug for n in range(1, len(taken) + 2) if (slug := base if n == 1 else f"{base}-{n}") not in taken)


def kind_words(soa: Soa) -> str:
    return str(SetKind(soa.kind).label)
