"""What a signature rests on: an acceptance whose ground has moved holds no longer, a request about it is void.

    frozen.moved_on(risk, by)               # after the risk or a treatment of it is saved, within the change
    frozen.lapse(risk, because, log)        # the acceptance that held for this risk ends; the register says why

(ISO/IEC 27001:2022, 6.1.3 f; IMS2 1.7.8)
"""

from __future__ import annotations

from typing import Any

from approvals.services import force
from approvals.services import request as approvals
from projects import journal
from risks.models import Acceptance, AcceptanceState, AcceptedRisk, Risk

KIND = "risk_acceptance"


def lapse(risk: Risk, because: str, log: journal.Log) -> None:
    """Ends the row that held for this risk; with its last row the whole acceptance ends and is in force no more."""
    rows = list(AcceptedRisk.objects.filter(risk=risk, is_holding=True).select_related("acceptance"))
    for row in rows:
        row.is_holding, row.ended_at, row.ended_because = False, log.at, because[:500]
        row.save(update_fields=["is_holding", "ended_at", "ended_because"])
        if not AcceptedRisk.objects.filter(acceptance=row.acceptance_id, is_holding=True).exists():
            _end(row.acceptance, because, log)


def _end(acceptance: Acceptance, because: str, log: journal.Log) -> None:
    acceptance.ended_at, acceptance.ended_because = log.at, because[:500]
    acceptance.version += 1
    log.mark(acceptance).save()
    force.end(kind=KIND, pk=acceptance.pk)


def moved_on(risk: Risk, by: Any) -> None:
    """Voids an open request about this risk when it asks about other words than today's. No query where none can be."""
    if risk.acceptance_state == AcceptanceState.NONE:
        return
    asked = Acceptance.objects.filter(rows__risk=risk, accepted_at__isnull=True, ended_at__isnull=True)
    for acceptance in asked.select_related("project__organization", "owner"):
        approvals.changed(kind=KIND, record=acceptance, by=by)
