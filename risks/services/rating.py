"""Rating a risk: every judgement is a row of its own, with the edition of the criteria that made a level of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from core import dates
from core.rules import RuleBroken, StaleRecord
from projects import journal
from projects.models import Project
from risks import levels
from risks.flows import RiskStatus
from risks.models import AcceptanceState, Edition, Rating, RatingKind, Risk, Treatment
from risks.models.risk import EDITIONS
from risks.selectors import criteria

from . import frozen
from . import risk as risks

LONGEST_REASON = 1_000


def rate(
    *,
    risk: Risk,
    by: Any,
    kind: str,
    likelihood: int,
    consequence: int | None = None,
    marks: Mapping[str, int] | None = None,
    reason: str = "",
    treatment: Treatment | None = None,
    after: int | None = None,
) -> Rating:
    """Adds a rating by the edition in force. Either `consequence`, or `marks` of its dimensions, which give it.

    `after` is the key of the last rating of this kind that the person saw, 0 for none; None: nobody looked. Raises
    StaleRecord with the newer one when somebody rated meanwhile.

    A current rating brings an identified risk to "assessed" and sets its next review by its level; a rating other than
    the last one ends an acceptance that rested on it. The same rating again, without a new reason, is not written twice.
    Raises RuleBroken without an approved edition or outside the scales, NotPermitted.
    """
    with journal.change(risk.project, by=by) as log:
        fresh = risks.fresh(risk, by)
        edition = in_force(fresh.project)
        newest = last_of(fresh, kind)
        if after is not None and newest is not None and newest.pk != after:
            raise StaleRecord(
                _("%(person)s rated it meanwhile: %(rating)s. Your marks are kept: save again to rate it all the same.")
                % {"person": newest.rated_by_name or "–", "rating": _said(newest)},
                newest,
            )
        return write(
            fresh, edition, log, by=by, kind=kind, likelihood=likelihood, consequence=consequence, marks=marks,
            reason=reason, treatment=treatment,
        )  # fmt: skip


def last_of(risk: Risk, kind: str) -> Rating | None:
    """The last rating of a kind. One query."""
    return Rating.objects.filter(risk=risk, kind=kind).order_by("-rated_at", "-pk").first()


def in_force(project: Project) -> Edition:
    """The approved edition; raises RuleBroken when there is none yet."""
    edition = criteria.in_force(project)
    if edition is None:
        raise RuleBroken(_("Nothing can be rated before top management has approved the risk criteria."))
    return edition


def write(
    risk: Risk,
    edition: Edition,
    log: journal.Log,
    *,
    by: Any,
    kind: str,
    likelihood: int,
    consequence: int | None = None,
    marks: Mapping[str, int] | None = None,
    reason: str = "",
    treatment: Treatment | None = None,
    save: bool = True,
    is_looked_at: bool = True,
) -> Rating:
    """One rating within a change, of a risk read under the lock. `save=False`: the caller saves the risk.

    `is_looked_at=False`: only the criteria are newer, so what else asks for a new look goes on asking.
    """
    if kind not in RatingKind.values:
        raise RuleBroken(_("Choose which rating it is."))
    if not risk.is_open:
        raise RuleBroken(_("%(risk)s is closed: reopen it before it is rated.") % {"risk": risk.label})
    scales = edition.criteria
    if marks:
        consequence = levels.consequence_of(scales, marks)
    if consequence is None:
        raise RuleBroken(_("Rate the consequence too."))
    level = levels.level_of(scales, likelihood=likelihood, consequence=consequence)
    reason = reason.strip()
    if len(reason) > LONGEST_REASON:
        raise RuleBroken(_("A reason has at most %(n)s characters.") % {"n": LONGEST_REASON})
    last = last_of(risk, kind)
    new = (likelihood, consequence, dict(marks or {}), edition.pk, treatment and treatment.pk)
    if last and not reason and new == (
        last.likelihood, last.consequence, last.marks, last.edition_id, last.treatment_id
    ) and not (kind == RatingKind.CURRENT and risk.links_changed_at):  # fmt: skip
        return last
    before = _said(last)
    rating = Rating.objects.create(
        organization_id=risk.organization_id, project=risk.project, risk=risk, kind=kind, edition=edition,
        likelihood=likelihood, consequence=consequence, marks=dict(marks or {}), level=level,
        level_name=scales.levels[level].name, reason=reason, treatment=treatment, rated_by=by,
        rated_by_name=str(by or "")[:120], rated_at=log.at,
    )  # fmt: skip
    is_other = (likelihood, consequence, level) != tuple(
        getattr(risk, f"{kind}_{part}") for part in ("likelihood", "consequence", "level")
    )
    setattr(risk, f"{kind}_likelihood", likelihood)
    setattr(risk, f"{kind}_consequence", consequence)
    setattr(risk, f"{kind}_level", level)
    setattr(risk, EDITIONS[kind], edition)
    risk.edited_by = by or risk.edited_by
    if kind == RatingKind.CURRENT:
        risks.came_to(risk, last.level_name if last else "", rating.level_name, log)
        _follow(risk, edition, level, log, is_looked_at)
    log(risk, "risk.rated", {kind: [before, _said(rating)]}, reason=reason or None)
    if is_other and kind != RatingKind.INHERENT:
        unsettle(risk, _("It was rated again on %(day)s.") % {"day": log.at.date().isoformat()}, log)
    if save:
        risk.version += 1
        log.mark(risk).save()
        frozen.moved_on(risk, by)
    return rating


def _follow(risk: Risk, edition: Edition, level: int, log: journal.Log, is_looked_at: bool) -> None:
    """What a current rating brings: its moment, the next review, and the state of an owned risk.

    Newer criteria alone bring a review nearer; only a look at the risk puts it off.
    """
    risk.rated_at = log.at
    today = dates.today(risk.project.organization.time_zone)
    next_on = months_later(today, edition.criteria.levels[level].review_months)
    if is_looked_at:
        risk.links_changed_at, risk.links_changed_by = None, ""
    elif risk.review_on is not None:
        next_on = min(next_on, risk.review_on)
    risk.review_on = next_on
    if risk.owner_id and risk.status in (RiskStatus.DRAFT, RiskStatus.IDENTIFIED):
        before, risk.status = risk.status, RiskStatus.ASSESSED
        log(risk, "risk.assess", {"status": [before, risk.status]})


def unsettle(risk: Risk, because: str, log: journal.Log) -> None:
    """Ends what an acceptance of this risk rested on; the register says why. The caller saves the risk."""
    if risk.acceptance_state != AcceptanceState.ACCEPTED:
        return
    risk.acceptance_state, risk.stale_because = AcceptanceState.STALE, because[:300]
    frozen.lapse(risk, because, log)
    if risk.status == RiskStatus.ACCEPTED:
        has_work = risk.treatments.exclude(status__in=["done", "cancelled"]).exists()
        risk.status = RiskStatus.TREATING if has_work else RiskStatus.ASSESSED
    log(risk, "risk.acceptance_stale", {"because": because})


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day some months later, or the last of that month."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in (31, 30, 29, 28):
        try:
            return dt.date(year, month, min(day.day, last))
        except ValueError:
            continue
    raise ValueError(f"{year}-{month} has no days")  # unreachable: every month has 28 days


def _said(rating: Rating | None) -> str:
    return f"{rating.likelihood} × {rating.consequence}: {rating.level_name}" if rating is not None else ""


# ---- a new edition of the criteria --------------------------------------------------------------------------------


def rerate(*, project: Project, by: Any, numbers: Iterable[int], reason: str) -> int:
    """Rates the chosen risks again by the edition in force, as they were judged (levels.judged_again); how many changed.

    Nobody looked at the risks themselves: a changed asset goes on asking for that. A new edition re-rates nothing by itself
    (IMS2 1.7.2): this is a person's answer to `selectors.risk.outdated`. All or nothing. Raises RuleBroken naming a risk whose
    old marks lie outside the new scales, NotPermitted.
    """
    wanted = sorted(set(numbers))
    with journal.change(project, by=by, reason=reason) as log:
        if not log.reason:
            raise RuleBroken(_("Say why: the ratings keep the reason."))
        edition = in_force(project)
        done = 0
        found = Risk.objects.filter(project=project, number__in=wanted, is_open=True).order_by("number")
        for risk in found.select_related("project__organization", "owner"):
            risks.permit(risk, by)
            changed = False
            for kind in RatingKind.values:
                old = last_of(risk, kind)
                if old is None or old.edition_id == edition.pk:
                    continue
                try:
                    consequence, marks = levels.judged_again(
                        edition.criteria, consequence=old.consequence, marks=old.marks
                    )
                    write(
                        risk, edition, log, by=by, kind=kind, likelihood=old.likelihood, consequence=consequence,
                        marks=marks, reason=log.reason, treatment=old.treatment, save=False, is_looked_at=False,
                    )  # fmt: skip
                except RuleBroken as refusal:
                    raise RuleBroken(f"{risk.label}: {refusal.as_text}") from refusal
                changed = True
            if changed:
                risk.version += 1
                log.mark(risk).save()
                frozen.moved_on(risk, by)
                done += 1
    return done
