"""Saving a row of the workshop's grid: a risk and its current rating in one transaction, once for each row."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from core.models import FormKey
from core.rules import RuleBroken, StaleRecord, refused
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Perm
from risks.models import RatingKind, Risk
from risks.selectors import workshop as selectors

from . import rating as ratings
from . import risk as risks

TYPED = ("title", "event", "discipline", "category", "owner")
RATED = ("likelihood", "consequence")


class Saved(NamedTuple):
    """What a key led to the last time: the risk's number, and its version after that save."""

    number: int
    version: int


def save_row(
    *, project: Project, by: Any, key: str, values: dict[str, Any], version: int | None = None, number: str = ""
) -> Risk:
    """Creates the risk of a row, or changes what its writer saw as `version`, and rates it where that changed.

    `key` is the row's own, made by the browser: the same row sent again, because the answer was lost on its way, makes no
    second risk and is no conflict with itself. `values`: TYPED and RATED (whole numbers or None). All or nothing.
    Raises StaleRecord when somebody else saved first, RuleBroken with the field that is wrong, NotPermitted.
    """
    with journal.change(project, by=by):
        held = access.perms_in(by, project)
        if not held & {Perm.WRITE_OWN_RISKS, Perm.MANAGE_RISKS}:
            raise NotPermitted(_("You may not add risks to this project."))
        before = _saved(project, by, key)
        wanted = Risk.number_of(number) or 0 if number else before.number if before else None
        typed = {name: values[name] for name in TYPED if name in values}
        if wanted is None:
            _check_marks(values, None)
            risk = risks.create(project=project, by=by, values=typed)
        else:
            risk = _changed(project, by, wanted, typed, values, version, before)
        marks = tuple(values.get(name) for name in RATED)
        if None not in marks and marks != (risk.current_likelihood, risk.current_consequence):
            ratings.rate(risk=risk, by=by, kind=RatingKind.CURRENT, likelihood=marks[0], consequence=marks[1])
        saved = selectors.one(project, risk.number)
        _remember(project, by, key, Saved(saved.number, saved.version))
    return saved


def _changed(
    project: Project, by: Any, number: int, typed: dict[str, Any], values: dict[str, Any], version: int | None,
    before: Saved | None,
) -> Risk:  # fmt: skip
    risk = selectors.one(project, number)
    if risk is None:
        raise RuleBroken(_("This risk is not in the register any more."))
    risks.permit(risk, by)
    if before == Saved(risk.number, risk.version):
        version = risk.version  # the last one who saved it was this row itself, and the answer was lost
    if risk.version != version:
        if _says(risk, values):
            return risk
        raise StaleRecord(
            _("%(risk)s was changed by somebody else while you were typing. Your text is kept.") % {"risk": risk.label},
            risk,
        )
    if not risk.is_open:
        raise RuleBroken(_("%(risk)s is closed: reopen it before it is changed here.") % {"risk": risk.label})
    _check_marks(values, risk)
    return risks.change(risk=risk, by=by, version=version, values=typed)


def _says(risk: Risk, values: dict[str, Any]) -> bool:
    """Whether the risk says what the row says already."""
    stored = {name: getattr(risk, name) for name in TYPED}
    stored |= {name: getattr(risk, f"current_{name}") for name in RATED}
    return all(stored[name] == value for name, value in values.items() if name in stored)


def _check_marks(values: dict[str, Any], risk: Risk | None) -> None:
    """Both marks or none; a rating that is there is not taken back."""
    marks = {name: values.get(name) for name in RATED}
    if all(mark is None for mark in marks.values()):
        if risk is not None and risk.current_level is not None and any(name in values for name in RATED):
            raise refused("likelihood", _("A rating stays in the register: rate again instead of emptying it."))
        return
    for name, message in (
        ("likelihood", _("Rate the likelihood too.")), ("consequence", _("Rate the consequence too.")),
    ):  # fmt: skip
        if marks[name] is None:
            raise refused(name, message)


# ---- what a row's key led to --------------------------------------------------------------------------------------


def _own(project: Project, by: Any, key: str) -> str:
    return f"{by.pk}:workshop:{project.pk}:{key}"


def _saved(project: Project, by: Any, key: str) -> Saved | None:
    """Read under the organization's lock, so that of two requests with one key the second sees the first."""
    where = (
        FormKey.objects.filter(key=_own(project, by, key)).values_list("address", flat=True).first() if key else None
    )
    if not where:
        return None
    number, _at, version = where.partition("@")
    return Saved(int(number), int(version))


def _remember(project: Project, by: Any, key: str, saved: Saved) -> None:
    if key:
        address = f"{saved.number}@{saved.version}"
        FormKey.objects.update_or_create(key=_own(project, by, key), defaults={"address": address})
