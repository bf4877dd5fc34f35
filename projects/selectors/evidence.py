"""Evidence as a page lists it, for any record; and where a record is cited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from core import once, together
from core.templatetags.ui import short_date
from projects import evidencing
from projects.evidencing import Citable, Target
from projects.models import Evidence, Project

ICONS = {"pdf": "file-type-pdf", "png": "photo", "jpg": "photo", "jpeg": "photo", "webp": "photo",
         "xlsx": "file-spreadsheet", "ods": "file-spreadsheet", "csv": "file-spreadsheet"}  # fmt: skip


def of(record: Any) -> QuerySet[Evidence]:
    """All evidence of a record, oldest first, withdrawn pieces too."""
    return Evidence.objects.filter(
        project=record.project, target_kind=evidencing.kind_of(record), target_id=record.pk
    ).select_related("added_by")


def find(project: Project, pk: int) -> Evidence | None:
    """A piece of evidence of this project, by its key."""
    return Evidence.objects.select_related("added_by").filter(project=project, pk=pk).first()


def citing(kind: str, pks: Iterable[int]) -> QuerySet[Evidence]:
    """The valid pieces of evidence that cite records of a kind: asked before one of them is withdrawn or disposed of."""
    return Evidence.objects.filter(cited_kind=kind, cited_id__in=list(pks), withdrawn_at=None)


# ---- the panel --------------------------------------------------------------------------------------------------


@dataclass
class Row:
    """A piece of evidence as the list shows it; an empty address is a link or button that this person does not get."""

    evidence: Evidence
    icon: str
    href: str
    sub: str
    withdraw_url: str = ""
    state: tuple[str, Any] | None = None

    @property
    def is_link(self) -> bool:
        return bool(self.evidence.link)


@dataclass
class Found:
    """A record that can be cited: the form beside it posts `value` and its own one-time key."""

    label: Any
    words: str
    value: str
    state: tuple[str, Any] | None
    once: str = field(default_factory=once.new_key)


@dataclass
class Panel:
    """What the component shows of one record's evidence to one person."""

    record: Any
    label: str
    rows: list[Row]
    withdrawn: list[Row]
    add_url: str
    draft: str


def panel(request: HttpRequest, record: Any) -> Panel:
    """The evidence of a record for who asks for the page: one query, and one for each sort of record that is cited."""
    target = evidencing.target_of(record)
    user, slugs = request.user, request.project.address
    with together.asking():
        may_add, may_manage = target.may_add(record, user), target.may_manage(record, user)
    shown = Panel(record, target.label(record), [], [], "", f"evidence-{request.project.pk}-{target.kind}-{record.pk}")
    if may_add:
        shown.add_url = reverse("projects:evidence-add", kwargs={**slugs, "kind": target.kind, "target": record.pk})
    pieces = list(of(record))
    cited = _cited(request, pieces)
    for one in pieces:
        row = _row(one, cited, slugs)
        if one.withdrawn_at:
            row.href = row.href if may_manage else ""
            shown.withdrawn.append(row)
            continue
        if may_manage or (may_add and one.added_by_id == user.pk):
            row.withdraw_url = reverse("projects:evidence-withdraw", kwargs={**slugs, "pk": one.pk})
        shown.rows.append(row)
    return shown


def _cited(request: HttpRequest, pieces: Iterable[Evidence]) -> dict[tuple[str, int], tuple[Citable, Any]]:
    """The cited records that this person may open, each with the sort it is of; one query a sort."""
    wanted: dict[str, set[int]] = {}
    for one in pieces:
        if one.is_citation:
            wanted.setdefault(one.cited_kind, set()).add(one.cited_id)
    known = {}
    for kind, pks in wanted.items():
        try:
            sort = evidencing.citable.of(kind)
        except KeyError:  # its app is not installed any more: the words stand for it
            continue
        for pk, record in sort.load(request.project, request.user, pks).items():
            known[kind, pk] = (sort, record)
    return known


def _row(one: Evidence, cited: dict[tuple[str, int], tuple[Citable, Any]], slugs: dict[str, str]) -> Row:
    by, on = str(one.added_by), short_date(one.added_at.date())
    if one.is_citation:
        about = one.cited_as if one.cited_as != one.title else ""
        row = Row(one, "file-certificate", "", _joined(about, by, on))
        if known := cited.get((one.cited_kind, one.cited_id)):
            sort, record = known
            row.href, row.state = sort.url(record), sort.state(record)
        return row
    if one.is_file:
        about = one.file_name if one.file_name != one.title else ""
        icon = ICONS.get(one.file_name.rpartition(".")[2].lower(), "file-text")
        href = reverse("projects:evidence-file", kwargs={**slugs, "pk": one.pk})
        return Row(one, icon, href, _joined(about, filesizeformat(one.size_bytes), by, on))
    host = urlsplit(one.link).netloc
    return Row(one, "link", one.link, _joined(host if host != one.title else "", by, on))


def _joined(*facts: str) -> str:
    return ", ".join(fact for fact in facts if fact)


def citable(request: HttpRequest, text: str) -> list[Found]:
    """What can be cited and fits the words: at most MOST_FOUND of each sort."""
    rows = []
    for sort in evidencing.citable.every():
        for record in [*sort.find(request.project, request.user, text)][: evidencing.MOST_FOUND]:
            rows.append(Found(sort.label, sort.words(record), f"{sort.kind}:{record.pk}", sort.state(record)))
    return rows


def target_of(evidence: Evidence) -> Target | None:
    """What sort of record a piece is evidence of; None when its app is not installed any more."""
    try:
        return evidencing.targets.of(evidence.target_kind)
    except KeyError:
        return None
