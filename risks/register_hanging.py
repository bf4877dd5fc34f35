"""What the register hangs into the others: navigation, step 1.7, evidence, search, reminders, the journal's words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core import dates
from projects import access
from projects.addresses import address
from projects.evidencing import Target
from projects.gates import Criterion
from projects.models import Project
from projects.permissions import Perm

from .models import Asset, Risk
from .selectors import criteria
from .selectors import register as lists
from .services import risk as services

VERBS = {
    "risk.created": _("took up"),
    "risk.changed": _("changed"),
    "risk.identify": _("took into the register"),
    "risk.assess": _("assessed"),
    "risk.close": _("closed"),
    "risk.reopen": _("reopened"),
    "risk.rated": _("rated"),
    "risk.reviewed": _("reviewed"),
    "risk.acceptance_stale": _("made the acceptance void of"),
    "asset.created": _("added to the inventory"),
    "asset.changed": _("changed"),
    "asset.retired": _("retired"),
}
FACTS = {
    "assets": _("at risk"),
    "because": _("because"),
    "current": _("current rating"),
    "expected": _("expected residual rating"),
    "facts": _("questions of the discipline"),
    "inherent": _("inherent rating"),
    "next": _("next review"),
}


def hang() -> None:
    """Everything at once; the app's `ready` calls it."""
    from core import nav
    from projects import demo, evidencing, gates, journal_words, pointing, reminders, workspace

    from . import demo_register, panels

    pointing.register(pointing.Pointable(
        "risks", Perm.VIEW_RISKS, every=lambda project: Risk.objects.filter(project=project).order_by("number"),
        offered=lambda project: Risk.objects.filter(project=project, is_open=True).order_by("number"),
        named=pointing.by_number(Risk),
    ))  # fmt: skip

    nav.register("project", nav.NavItem(
        "risks", _("Risks"), "alert-triangle", "risks:risk-list", Perm.VIEW_RISKS, 50, key_press="k",
    ))  # fmt: skip
    workspace.hang(step=panels.STEP, panel=workspace.Panel(
        "risks", _("Risks"), "risks/risk/_step_panel.html", of_step, Perm.VIEW_RISKS, 30
    ))  # fmt: skip
    gates.hang(gate, step=panels.STEP)
    evidencing.targets.register(RISK)
    reminders.register(reminders.Source(
        "risk-review", _("Risk review"), _("Risk reviews"), rows=reviews_due, prefix=Risk.PREFIX, home="risks:risk-list",
        owner="owner_id", role="", due="review_on",
    ))  # fmt: skip
    search()
    demo.chapters.append(demo_register.tell)
    journal_words.GROUPS |= {"risk": _("Risk"), "asset": _("Asset")}
    journal_words.VERBS |= VERBS
    journal_words.FACTS |= FACTS
    journal_words.ADDRESSES |= {
        "risks.risk": ("risks:risk-detail", lambda label: label.split(" ", 1)[0]),
        "risks.asset": ("risks:asset-detail", lambda label: label.split(" ", 1)[0]),
    }


# ---- evidence -----------------------------------------------------------------------------------------------------


def load(project: Project, pk: int) -> Risk | None:
    risk = Risk.objects.filter(project=project, pk=pk).select_related("owner").first()
    if risk is not None:
        risk.project = project
    return risk


def may_see(risk: Risk, user: Any) -> bool:
    return access.can(user, Perm.VIEW_RISKS, risk)


def may_add(risk: Risk, user: Any) -> bool:
    return services.may_write(user, risk)


def may_manage(risk: Risk, user: Any) -> bool:
    return access.can(user, Perm.MANAGE_RISKS, risk)


RISK = Target(
    "risks.risk", load=load, may_see=may_see, may_add=may_add, may_manage=may_manage,
    url=lambda risk: risk.get_absolute_url(),
)  # fmt: skip


# ---- reminders and search -----------------------------------------------------------------------------------------


def reviews_due() -> Any:
    """Open risks with an owner and a day for their next review."""
    return Risk.objects.filter(is_open=True, review_on__isnull=False, owner__isnull=False)


def search() -> None:
    """Risks and assets as they are found, by their titles and by the words of their descriptions."""
    from search import kinds

    from .models import AssetKind
    from .profiles import Discipline

    kinds.register_group("risks", _("Risks"), 30)
    kinds.register(kinds.Kind(
        "risk", "risks", "risks.Risk", icon="alert-triangle",
        rows=lambda: Risk.objects.select_related("project").only(
            "number", "title", "discipline", "category", "cause", "event", "outcome", "existing_controls", "facts",
            "is_open", "organization_id", "project__name",
        ),
        draft=lambda one: kinds.Draft(
            one.title, label=one.label, organization_id=one.organization_id, project_id=one.project_id,
            state=one.discipline, is_closed=not one.is_open,
            texts=[one.category, one.cause, one.event, one.outcome, one.existing_controls, *_texts(one.facts)],
        ),
        address=lambda hit: address("risks:risk-detail", org=hit.org, project=hit.project, number=hit.label),
        reach=kinds.InProject(Perm.VIEW_RISKS),
        badges=lambda: {str(one): ("plain", one.label) for one in Discipline},
    ))  # fmt: skip
    kinds.register(kinds.Kind(
        "asset", "risks", "risks.Asset", icon="stack-2",
        rows=lambda: Asset.objects.select_related("project").only(
            "number", "name", "kind", "description", "retired_at", "organization_id", "project__name"
        ),
        draft=lambda one: kinds.Draft(
            one.name, label=one.label, organization_id=one.organization_id, project_id=one.project_id,
            state=one.kind, is_closed=one.retired_at is not None, texts=[one.description],
        ),
        address=lambda hit: address("risks:asset-detail", org=hit.org, project=hit.project, number=hit.label),
        reach=kinds.InProject(Perm.VIEW_RISKS),
        badges=lambda: {str(one): ("plain", one.label) for one in AssetKind},
    ))  # fmt: skip


def _texts(facts: dict[str, Any]) -> list[str]:
    """The words among the facts; the keys of choices are nothing that anybody types."""
    return [value for value in facts.values() if isinstance(value, str)]


# ---- step 1.7 -----------------------------------------------------------------------------------------------------


def gate(step: Any) -> Iterable[Criterion]:
    """Every open risk has an owner and a current rating. One query. (IMS2 1.7; ISO/IEC 27001:2022, 6.1.2 c and d)"""
    project = step.project
    found = lists.figures(project, None, dates.today(project.organization.time_zone))
    home = address("risks:risk-list", **project.address)
    reason, url = "", home
    if not found.open:
        reason = _("The register is empty")
    elif found.incomplete:
        n = found.incomplete
        reason = ngettext("%(n)s risk is not complete", "%(n)s risks are not complete", n) % {"n": n}
        url = f"{home}?owner=none" if found.nobody else f"{home}?level=none"
    yield Criterion(
        _("Every open risk has an owner and a current rating"), is_met=found.is_complete, reason=reason, url=url
    )


def of_step(step: Any, user: Any, perms: frozenset) -> dict[str, Any]:
    """The figures of the register in the workspace of step 1.7. Two queries."""
    project = step.project
    found = lists.figures(project, criteria.in_force(project), dates.today(project.organization.time_zone))
    home = address("risks:risk-list", **project.address)
    may_add = Perm.MANAGE_RISKS in perms or Perm.WRITE_OWN_RISKS in perms
    rows = [
        ("late", "alert-triangle", _("Above the threshold"), found.above, "level=above"),
        ("risk", "refresh-alert", _("To look at again"), found.again, "state=again"),
        ("late", "", _("Review overdue"), found.overdue, "state=overdue"),
        ("open", "gauge", _("Not rated"), found.unrated, "level=none"),
        ("open", "user-question", _("Without an owner"), found.nobody, "owner=none"),
    ]
    return {
        "figures": found,
        "rated_percent": 100 * (found.open - found.unrated) // found.open if found.open else 0,
        "home": home,
        "new": address("risks:risk-create", **project.address) if may_add else "",
        "rows": [(kind, icon, label, count, f"{home}?{query}") for kind, icon, label, count, query in rows if count],
    }
