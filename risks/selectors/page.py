"""A risk's own page: its levels, where they lie in the matrix, what asks for a new look, and everything ever judged."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from core.templatetags.ui import short_date
from projects import access, journal_words
from projects.addresses import address
from projects.models import JournalEntry
from projects.permissions import Perm
from risks import profiles
from risks.models import AcceptanceState, Asset, Rating, RatingKind, Risk

from . import criteria as criteria_of
from . import risk as risks
from .register import Mark, Scales

STORY = 12
MOST_RATINGS = 30
LETTERS = {RatingKind.INHERENT: "I", RatingKind.CURRENT: "C", RatingKind.EXPECTED: "E"}


class Note(NamedTuple):
    """What asks for somebody's attention, with the link that answers it."""

    kind: str
    title: str
    text: str
    url: str = ""
    label: str = ""


class Judged(NamedTuple):
    """A rating as the history shows it."""

    rating: Rating
    mark: Mark
    marks: list[str]
    edition: int


@dataclass
class Page:
    """Everything around a risk, in a number of queries that does not grow with it."""

    risk: Risk
    scales: Scales
    levels: list[tuple[Any, str, Mark | None, Rating | None, str]] = field(default_factory=list)
    matrix: list[tuple[str, list[tuple[Any, str]]]] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    assets: list[Asset] = field(default_factory=list)
    ratings: list[Judged] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def of(risk: Risk, today: dt.date, *, may_write: bool) -> Page:
    """Loads the page of a risk. Four queries."""
    page = Page(risk, Scales(risk.project))
    page.facts = profiles.told(risk.discipline, risk.facts)
    page.assets = list(Asset.objects.filter(risk_links__risk=risk).select_related("owner").order_by("number"))
    for one in page.assets:
        one.project = risk.project
    rows = list(risk.ratings.order_by("-rated_at", "-pk")[:MOST_RATINGS])
    page.ratings = [_judged(one, page.scales, risk.is_opportunity) for one in rows]
    rate = address("risks:risk-rate", **risk.project.address, number=risk.label)
    for kind in RatingKind:
        last = next((one for one in page.ratings if one.rating.kind == kind), None)
        mark = last.mark if last else page.scales.mark(risk, kind)
        page.levels.append((kind, LETTERS[kind], mark, last.rating if last else None, f"{rate}?kind={kind.value}"))
    page.matrix = _matrix(page)
    page.notes = _notes(page, today, may_write)
    return page


def _judged(rating: Rating, scales: Scales, is_gain: bool) -> Judged:
    criteria = scales.criteria(rating.edition_id)
    names = {one.key: one.name for one in criteria.dimensions}
    mark = scales.marked(criteria, rating.kind, rating.likelihood, rating.consequence, rating.level, is_gain=is_gain)
    marks = [f"{names.get(key, key)} {n}" for key, n in rating.marks.items()]
    return Judged(rating, mark._replace(name=rating.level_name), marks, scales.edition(rating.edition_id).number)


def _matrix(page: Page) -> list[tuple[str, list[tuple[Any, str]]]]:
    """The matrix in force with the letters of the ratings made by it: (likelihood, [(cell, "I C")])."""
    if page.scales.in_force is None or not page.ratings:
        return []
    now = page.scales.in_force.pk
    at: dict[tuple[int, int], list[str]] = {}
    for _kind, letter, mark, rating, _url in page.levels:
        if mark is not None and rating is not None and rating.edition_id == now:
            at.setdefault((mark.likelihood, mark.consequence), []).append(letter)
    if not at:
        return []
    return [
        (f"{row.number} {row.name}", [(cell, " ".join(at.get(cell[:2], ()))) for cell in row.cells])
        for row in criteria_of.rows_of(page.scales.now)
    ]


def _notes(page: Page, today: dt.date, may_write: bool) -> list[Note]:
    """Why this risk should be looked at, the most urgent first. One query where it has an owner."""
    risk, found = page.risk, []
    if not risk.is_open:
        return found
    slugs = risk.project.address
    here = {**slugs, "number": risk.label}
    rate = address("risks:risk-rate", **here) + "?kind=current" if may_write else ""
    edit = address("risks:risk-edit", **here) if may_write else ""
    if risk.acceptance_state == AcceptanceState.STALE:
        found.append(Note("danger", _("The acceptance no longer holds"), risk.stale_because))
    if risk.owner_id and not access.people_of(risk.project).filter(pk=risk.owner_id).exists():
        text = _("%(person)s does not belong to this project any more: name a new owner.") % {"person": risk.owner}
        found.append(Note("danger", _("The risk owner has left"), text, edit, _("Name another") if edit else ""))
    why = risks.why_to_look_at(risk, page.scales.in_force)
    if why == "criteria":
        old = {page.scales.edition(pk).number for pk in risks.older_editions(risk, page.scales.in_force)}
        text = _("The risk criteria are in edition %(new)s now; this risk was rated by edition %(old)s.") % {
            "new": page.scales.in_force.number, "old": ", ".join(str(n) for n in sorted(old)),
        }  # fmt: skip
        url = address("risks:rerate", **slugs) if may_write else ""
        found.append(
            Note("warning", _("Rated by older criteria"), text, url, _("See what would change") if url else "")
        )
    if risk.links_changed_at is not None and risk.rated_at is not None:
        text = _("%(what)s, after the rating. Rate it again, or say that the rating still holds.") % {
            "what": risk.links_changed_by or _("Something it points to was changed")
        }
        found.append(Note("warning", _("What it points to has changed"), text, rate, _("Rate again") if rate else ""))
    if risk.review_on and risk.review_on < today:
        text = _("Its review was due on %(day)s.") % {"day": short_date(risk.review_on, today)}
        url = address("risks:risk-reviewed", **here) if may_write else ""
        found.append(Note("warning", _("Review overdue"), text, url, _("Note the review") if url else ""))
    return found


def story_of(target: Any, perms: frozenset[Perm]) -> list[Any]:
    """The latest lines of the journal about a risk or an asset, for who may read the journal. One query."""
    if Perm.VIEW_JOURNAL not in perms:
        return []
    entries = JournalEntry.objects.filter(
        project=target.project, target_kind=target._meta.label_lower, target_id=target.pk
    ).order_by("-seq")
    return journal_words.tell(entries[:STORY], target.project)
