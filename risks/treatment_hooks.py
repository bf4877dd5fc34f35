"""What treatments and acceptances hang into the others: approvals, schedule, reminders, step 1.7, the journal's words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from approvals import subjects
from jobs import kinds, rights, scheduled
from projects import demo, gates, journal_words, reminders, workspace
from projects.addresses import address
from projects.events import entries_written
from projects.permissions import Perm
from search import kinds as search_kinds

from . import demo_treatments, following, panels, risk_panels, treatment_panels
from .acceptance_subject import ACCEPTANCE
from .flows import TreatmentStatus
from .models import Treatment
from .selectors import acceptance
from .selectors.treatment import BADGES


def hang() -> None:
    """Everything at once; the app's `ready` calls it."""
    subjects.register(ACCEPTANCE)
    entries_written.connect(following.follow, dispatch_uid="risks.follow")
    kinds.register(
        kinds.Kind(
            following.HOURLY, _("Treatments and acceptances are brought up to date"), work=following.hourly,
            may=rights.is_scheduled, queue="celery", icon="clipboard-check",
        )
    )  # fmt: skip
    scheduled.hourly(following.HOURLY)
    _reminders()
    if treatment_panels.of_risk not in risk_panels.panels:
        risk_panels.panels.append(treatment_panels.of_risk)
    panel = workspace.Panel(
        "treatments", _("Treatment and acceptance"), "risks/treatment/_step_panel.html", treatment_panels.of_step,
        Perm.VIEW_RISKS, 40,
    )  # fmt: skip
    workspace.hang(panel=panel, step=panels.STEP)
    gates.hang(treatment_panels.treated, step=panels.STEP)
    gates.hang(treatment_panels.accepted, step=panels.STEP)
    demo.chapters.append(demo_treatments.tell)
    _words()
    _search()


def _reminders() -> None:
    reminders.register(
        reminders.Source(
            "treatment", _("Risk treatment"), _("Risk treatments"), rows=acceptance.treatments_due, prefix="TR",
            home="risks:treatment-list", owner="owner_id", role="",
        )
    )  # fmt: skip
    reminders.register(
        reminders.Source(
            "acceptance", _("End of a risk acceptance"), _("Ends of risk acceptances"), rows=acceptance.ending, prefix="RA",
            home="risks:acceptance-list", owner="owner_id", role="", due="accepted_until", title="owner__name",
        )
    )  # fmt: skip


def _words() -> None:
    """The journal's sentences about treatments and acceptances."""
    journal_words.GROUPS |= {"treatment": _("Risk treatment"), "acceptance": _("Risk acceptance")}
    journal_words.VERBS |= {
        "treatment.created": _("decided on treatment"),
        "treatment.changed": _("changed treatment"),
        "treatment.cancelled": _("cancelled treatment"),
        "treatment.followed": _("moved, with its tasks, treatment"),
        "treatment.task_linked": _("added an action to treatment"),
        "treatment.task_unlinked": _("took an action out of treatment"),
        "acceptance.drawn_up": _("drew up acceptance"),
        "acceptance.changed": _("changed acceptance"),
        "acceptance.given_up": _("gave up acceptance"),
        "acceptance.revoked": _("took back acceptance"),
        "risk.treat": _("began to treat"),
        "risk.accepted": _("accepted what is left of"),
    }
    journal_words.FACTS |= {
        "accepted_until": _("valid until"),
        "acceptance": _("acceptance"),
        "controls": _("controls"),
        "option": _("option"),
        "owner": _("owner"),
        "risk": _("risk"),
        "risks": _("risks"),
        "task": _("task"),
    }
    journal_words.ADDRESSES |= {
        "risks.treatment": ("risks:treatment-detail", _number),
        "risks.acceptance": ("risks:acceptance-detail", _number),
    }


def _number(label: str) -> str:
    return label.split(" ", 1)[0]


def _search() -> None:
    """Treatments as they are found."""
    search_kinds.register(
        search_kinds.Kind(
            "treatment", "risks", "risks.Treatment", icon="list-check",
            rows=lambda: Treatment.objects.select_related("project").only(
                "number", "title", "description", "status", "organization_id", "project__name"
            ),
            draft=lambda one: search_kinds.Draft(
                one.title, label=one.label, organization_id=one.organization_id, project_id=one.project_id,
                state=one.status, is_closed=one.status in ("done", "cancelled"), texts=[one.description],
            ),
            address=lambda hit: address("risks:treatment-detail", org=hit.org, project=hit.project, number=hit.label),
            reach=search_kinds.InProject(Perm.VIEW_RISKS),
            badges=lambda: {
                str(state): (BADGES[state][0], state.label) for state in TreatmentStatus
            },
        )
    )  # fmt: skip
