"""Where the Statement of Applicability hangs itself in: decision, step, gates, evidence, search, reminders, words."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals import gating
from approvals.models import Approval
from approvals.selectors import approval as approvals
from approvals.subjects import Obstacle, Subject
from projects import access
from projects.addresses import address
from projects.gates import Criterion, Hold
from projects.permissions import Perm

from . import applicability
from .models import Soa, SoaEntry
from .selectors import soa as selectors
from .selectors import soa_page as pages
from .services import soa as services

log = logging.getLogger(__name__)

STEP = "statement-of-applicability"
OPENS = (
    "design-of-controls-and-procedures", "communication", "awareness-and-training", "operations-management",
)  # fmt: skip
"""The steps of the Do phase that wait for the authorization to implement: 2.3 to 2.6."""
MOVE_THE_ROWS = frozenset({"treatment.created", "treatment.changed", "treatment.cancelled"})


# ---- the decision ---------------------------------------------------------------------------------------------------


def obstacles(soa: Soa) -> list[Obstacle]:
    """What does not fit, sort by sort, each with the place where it is mended."""
    home = pages.home_of(soa)
    found = []
    for _code, some, sentence in applicability.grouped(selectors.computed(soa).findings):
        where = f"{home}row/{some[0].number}/" if len(some) == 1 else f"{home}?findings=on#rows"
        found.append(Obstacle(sentence, where))
    return found


SUBJECT = Subject(
    selectors.KIND,
    gettext_lazy("Statement of Applicability"),
    load=selectors.load,
    title=lambda soa: _("Statement of Applicability: %(name)s") % {"name": soa.name},
    snapshot=selectors.snapshot,
    document=selectors.paper,
    authors=selectors.authors,
    meaning=selectors.meaning,
    url=lambda soa: soa.get_absolute_url(),
    request_perm=Perm.MANAGE_RISKS,
    opened_by=Perm.VIEW_RISKS,
    obstacles=obstacles,
    labels=applicability.LABELS,
)


# ---- the plan -------------------------------------------------------------------------------------------------------


def gate(step: Any) -> Iterable[Criterion]:
    """Top management has approved what every statement of the project selects; always with a link.

    How far a control is moves on without a new decision, here as in `authorized`.
    """
    soas = selectors.of(step.project)
    label = _("The Statement of Applicability is approved")
    if not soas:
        url = address("risks:soa-list", **step.project.address)
        yield Criterion(label, is_met=False, reason=_("It has not been begun yet."), url=url)
    for soa in soas:
        says = label if len(soas) == 1 else _("Approved: %(name)s") % {"name": soa.name}
        yield _standing(soa, says)


def _standing(soa: Soa, label: str) -> Criterion:
    standing = approvals.standing_of(selectors.KIND, soa)
    if standing.is_approved:
        return Criterion(label, is_met=True, url=standing.in_force.get_absolute_url())
    if standing.asked is not None:
        reason = _("%(label)s awaits %(who)s.") % {"label": standing.asked.label, "who": ", ".join(standing.waiting)}
        return Criterion(label, is_met=False, reason=reason, url=standing.asked.get_absolute_url())
    if standing.is_stale and not _selects_otherwise(soa, standing.in_force):
        return Criterion(label, is_met=True, url=standing.in_force.get_absolute_url())
    if standing.is_stale:
        reason = _("The working copy differs from edition %(n)s.") % {"n": standing.in_force.edition}
        return Criterion(label, is_met=False, reason=reason, url=soa.get_absolute_url())
    return Criterion(label, is_met=False, reason=_("It is not approved yet."), url=soa.get_absolute_url())


def _selects_otherwise(soa: Soa, in_force: Any) -> list[applicability.RowChange]:
    """The rows whose selection is another than in the edition in force; progress does not count."""
    return [one for one in selectors.drift(soa, selectors.computed(soa), in_force) if not one.is_progress]


def authorized(step: Any) -> Iterable[Criterion]:
    """Implementation is authorized: each statement has an edition in force, and what it selects has not changed since.

    How far the controls are moves on without a new decision: that is the work that was authorized. (IMS2 1.8)
    """
    soas = selectors.of(step.project)
    label = _("Implementation is authorized")
    home = address("risks:soa-list", **step.project.address)
    if not soas:
        yield Criterion(label, is_met=False, reason=_("There is no Statement of Applicability yet."), url=home)
        return
    for soa in soas:
        in_force = pages.in_force_of(soa)
        if in_force is None:
            reason = _("%(name)s is not approved yet.") % {"name": soa.name}
            yield Criterion(label, is_met=False, reason=reason, url=soa.get_absolute_url())
            return
        if changes := _selects_otherwise(soa, in_force):
            numbers = ", ".join(one.number for one in changes[: applicability.SHOWN])
            reason = _("%(name)s selects otherwise than edition %(n)s: %(rows)s.") % {
                "name": soa.name, "n": in_force.edition, "rows": numbers + (" …" if len(changes) > applicability.SHOWN else ""),
            }  # fmt: skip
            yield Criterion(label, is_met=False, reason=reason, url=f"{pages.home_of(soa)}compare/")
            return
    yield Criterion(label, is_met=True, url=home)


def is_authorized(project: Any) -> bool:
    """There is a Statement of Applicability, and each has an edition in force; two queries.

    What an edition selects may change while the work it authorized goes on: that is the business of `authorized`.
    """
    soas = set(Soa.objects.filter(project=project).values_list("pk", flat=True))
    decided = Approval.objects.filter(project=project, subject_kind=selectors.KIND, is_in_force=True)
    return bool(soas) and soas <= set(decided.values_list("subject_id", flat=True))


GO_AHEAD = Hold(
    "go-ahead", step=STEP, label=gettext_lazy("the authorization to implement, with the Statement of Applicability"),
    is_taken=is_authorized, url=lambda project: address("risks:soa-list", **project.address), clause="IMS2 step 1.8",
)  # fmt: skip
"""What follows the Statement of Applicability waits for the authorization that comes with it."""


def of_step(step: Any, user: Any, perms: frozenset) -> dict[str, Any]:
    """The context of the panel in the workspace of step 1.8."""
    project = step.project
    soas = selectors.of(project)
    may_begin = Perm.MANAGE_RISKS in perms
    return {
        "cards": pages.cards_of(project, soas),
        "home": address("risks:soa-list", **project.address),
        "begin_url": reverse("risks:soa-begin", kwargs=project.address) if may_begin else "",
        "offers": [one for one in selectors.offers(project, soas) if one.is_own] if may_begin and not soas else [],
    }


# ---- evidence -------------------------------------------------------------------------------------------------------


def _may_see(entry: SoaEntry, user: Any) -> bool:
    return Perm.VIEW_RISKS in access.perms_in(user, entry.project)


def _may_manage(entry: SoaEntry, user: Any) -> bool:
    return Perm.MANAGE_RISKS in access.perms_in(user, entry.project)


def follow(sender: Any, entries: list[Any], **kwargs: Any) -> None:
    """Receives projects.events.entries_written: other treatments give the rows other reasons, an open request is void."""
    moved = {
        e.project_id: e for e in entries
        if e.project_id and e.actor_id and (e.action == "treatment.cancelled" or (e.action in MOVE_THE_ROWS and _moves(e)))
    }  # fmt: skip
    for entry in moved.values():
        try:
            services.follow_project(project_id=entry.project_id, by=entry.actor)
        except Exception:
            # The treatment is saved; a signature under other words is refused all the same (approvals.decision).
            log.exception("risks: the statements of project %s could not follow a treatment", entry.project_id)


def _moves(entry: Any) -> bool:
    return entry.action == "treatment.created" or "controls" in (entry.changes or {})


# ---- hanging --------------------------------------------------------------------------------------------------------


def hang() -> None:
    """Everything of this module, once, when the app starts."""
    from approvals import subjects
    from core import nav
    from projects import demo, evidencing, gates, reminders, workspace
    from projects.events import entries_written

    from . import demo_soa

    subjects.register(SUBJECT)
    nav.register("project", nav.NavItem(
        "soa", gettext_lazy("Applicability"), "list-check", "risks:soa-list", Perm.VIEW_RISKS, 51,
    ))  # fmt: skip
    panel = workspace.Panel(
        "soa", gettext_lazy("Statement of Applicability"), "risks/soa/_step_panel.html", of_step, Perm.VIEW_RISKS, 20
    )
    workspace.hang(panel=panel, step=STEP)
    gating.KINDS.add(selectors.KIND)
    gates.hang(gate, step=STEP)
    for step in OPENS:
        gates.hang(authorized, step=step)
    gates.hold(GO_AHEAD)
    evidencing.targets.register(evidencing.Target(
        "risks.soaentry", load=selectors.entry_of, may_see=_may_see,
        may_add=lambda entry, user: services.may_write(user, entry), may_manage=_may_manage,
        url=lambda entry: entry.get_absolute_url(), count=services.count_evidence,
    ))  # fmt: skip
    reminders.register(reminders.Source(
        "control", gettext_lazy("Control to implement"), gettext_lazy("Controls to implement"), rows=selectors.in_progress,
        prefix="SOA", home="risks:soa-list", owner="owner_id", role="", due="target_on", number="row_number",
        title="row_title",
    ))  # fmt: skip
    entries_written.connect(follow, dispatch_uid="risks.soa.follow")
    demo.chapters.append(demo_soa.tell)
    _search()
    _words()


def _search() -> None:
    from search import kinds

    kinds.register(kinds.Kind(
        "soaentry", "risks", "risks.SoaEntry", icon="list-check",
        rows=lambda: SoaEntry.objects.select_related("project", "soa").only(
            "ref", "title", "theme", "justification", "is_applicable", "organization_id", "project__name", "soa__slug",
            "soa__name",
        ),
        draft=lambda one: kinds.Draft(
            one.title, label=one.ref, organization_id=one.organization_id, project_id=one.project_id, place=one.soa.slug,
            texts=[one.soa.name, one.theme, one.justification], is_closed=one.is_applicable is False,
        ),
        address=lambda hit: address("risks:soa-entry", org=hit.org, project=hit.project, slug=hit.place, ref=hit.label),
        reach=kinds.InProject(Perm.VIEW_RISKS),
        also=_rows_of,
    ))  # fmt: skip


def _rows_of(entry: Any) -> Any:
    """A statement that was begun brings all its rows."""
    from django.db.models import Q

    return Q(soa_id=entry.target_id) if entry.action == "soa.begun" else None


def _words() -> None:
    """The journal's sentences about statements."""
    from projects import journal_words

    journal_words.GROUPS["soa"] = gettext_lazy("Statement of Applicability")
    journal_words.VERBS |= {
        "soa.begun": gettext_lazy("began the Statement of Applicability"),
        "soa.row_added": gettext_lazy("added to the Statement of Applicability"),
        "soa.answered": gettext_lazy("answered in the Statement of Applicability"),
        "soa.document_linked": gettext_lazy("linked a document to"),
        "soa.document_unlinked": gettext_lazy("took a document away from"),
        "soa.task_linked": gettext_lazy("linked a task to"),
        "soa.task_unlinked": gettext_lazy("took a task away from"),
    }
    journal_words.FACTS |= {
        "set": gettext_lazy("control set"), "controls": gettext_lazy("controls"), "document": gettext_lazy("document"),
        "task": gettext_lazy("task"),
    }  # fmt: skip
