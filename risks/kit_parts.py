"""What a kit carries of the risks to a firm's next client: how they are rated, and a library of what may happen.

Of a risk only what would be true elsewhere goes along: discipline, category, title, cause, event, consequence. Owner,
assets, ratings, existing controls, the answers to the questions of its discipline, dates and acceptance are the client's.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.rules import RuleBroken
from projects import kits
from projects.models import Project
from projects.permissions import Perm
from projects.tailoring.scrub import Scrubber

from . import levels
from .models import Asset, Risk
from .selectors import criteria as selectors
from .services import criteria as services
from .services import risk as risks

MOST = 200
"""Risks of one kit: what a workshop of the next client can go through."""
CARRIED = ("title", "discipline", "category", "cause", "event", "outcome")
TEXTS = ("cause", "event", "outcome")


def names(project: Project) -> kits.Names:
    """Who owns or owned a risk or an asset; two queries."""
    people: set[str] = set()
    for model in (Risk, Asset):
        owned = model.objects.filter(project=project, owner__isnull=False).order_by()
        people |= set(owned.values_list("owner__name", flat=True).distinct())
    return kits.Names(people=people)


# ---- the criteria -------------------------------------------------------------------------------------------------


def take_criteria(project: Project, scrub: Scrubber) -> dict[str, Any] | None:
    """Method, scales, matrix and threshold of the edition in force, else as they are being worked on."""
    record = selectors.in_force(project) or selectors.of_project(project)
    if record is None:
        return None
    content = {name: _scrubbed(value, scrub) for name, value in record.content.items()}
    for at, (row, was) in enumerate(zip(content["dimensions"], record.content["dimensions"], strict=True), start=1):
        if row["name"] != was["name"] or scrub(row["key"]) != row["key"]:
            row["key"] = f"sort-{at}"  # keys are made of names
    try:
        return {"method": scrub(record.method), "content": levels.plain(levels.parsed(content))}
    except RuleBroken:  # without the client's names two grades are called alike: these criteria are its own
        return None


def _scrubbed(value: Any, scrub: Scrubber) -> Any:
    """Names and texts, wherever they stand."""
    if isinstance(value, dict):
        named = {name: _scrubbed(part, scrub) for name, part in value.items()}
        return named | {name: value[name] for name in ("key", "accepted_by") if name in value}
    if isinstance(value, list):
        return [_scrubbed(part, scrub) for part in value]
    return scrub(value) if isinstance(value, str) else value


def put_criteria(project: Project, taken: dict[str, Any], by: Any, number: kits.Number) -> None:
    services.write(project=project, by=by, version=0, method=taken["method"], content=taken["content"])


def texts_of_criteria(taken: dict[str, Any]) -> list[tuple[str, str]]:
    content = taken["content"]
    found = [(_("Method"), taken["method"])]
    for name in ("likelihood", "consequence"):
        found += [(str(selectors.LABELS[name]), _line(row["name"], row["text"])) for row in content[name]]
    found += [(str(selectors.LABELS["dimensions"]), _line(row["name"], *row["texts"])) for row in content["dimensions"]]
    found += [(str(selectors.LABELS["levels"]), row["name"]) for row in content["levels"]]
    return [(place, text) for place, text in found if text]


def _line(*texts: str) -> str:
    return " · ".join(text for text in texts if text)


def said_of_criteria(taken: dict[str, Any]) -> str:
    content = taken["content"]
    size = {"likelihood": len(content["likelihood"]), "consequence": len(content["consequence"])}
    return _("%(likelihood)s × %(consequence)s matrix") % size


# ---- the library --------------------------------------------------------------------------------------------------


def take_risks(project: Project, scrub: Scrubber) -> list[dict[str, str]] | None:
    """The open risks and opportunities by number, each once; of very many the first."""
    longest = {name: Risk._meta.get_field(name).max_length for name in CARRIED}
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in Risk.objects.filter(project=project, is_open=True).order_by("number").values(*CARRIED)[:MOST]:
        taken = row | {name: scrub(row[name])[: longest[name]] for name in ("title", "category", *TEXTS)}
        found.setdefault((taken["discipline"], taken["title"]), taken)
    return list(found.values()) or None


def put_risks(project: Project, taken: list[dict[str, str]], by: Any, number: kits.Number) -> None:
    """As drafts, because nobody owns them yet."""
    for row in taken:
        risks.create(project=project, by=by, values={name: row[name] for name in CARRIED})


def texts_of_risks(taken: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(row["category"] or _("Risk"), _line(row["title"], *(row[name] for name in TEXTS))) for row in taken]


def said_of_risks(taken: list[dict[str, str]]) -> str:
    return ngettext("%(n)s risk", "%(n)s risks", len(taken)) % {"n": len(taken)}


def without(taken: list[dict[str, str]], titles: Collection[str]) -> list[dict[str, str]]:
    return [row for row in taken if row["title"] not in titles]


def hang() -> None:
    kits.identifies(names)
    kits.hang(kits.Part(
        "risk_criteria", gettext_lazy("Risk criteria"), Perm.VIEW_RISKS, take_criteria, put_criteria, said_of_criteria,
        texts_of_criteria, order=10,
    ))  # fmt: skip
    kits.hang(kits.Part(
        "risks", gettext_lazy("Risks"), Perm.VIEW_RISKS, take_risks, put_risks, said_of_risks, texts_of_risks,
        rows=lambda taken: [row["title"] for row in taken], without=without, order=20,
    ))  # fmt: skip
