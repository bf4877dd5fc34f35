"""The record of tailoring as it stands today: ready for an auditor, signed off or not."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from approvals.selectors import approval as approvals
from projects.selectors import tailoring_record as records
from reports.kinds import MOST_ROWS, Asked

from .lines import cover_facts, said_day, sentence_left_out


def select(asked: Asked) -> dict[str, Any]:
    """What the report shows; the number of queries does not depend on how much was tailored."""
    record = records.record_of(asked.project)
    standing = approvals.standing_of("tailoring", record)
    left_out = [sentence_left_out(len(record.told) - MOST_ROWS, _("Decisions"))] if len(record.told) > MOST_ROWS else []
    record.told = record.told[-MOST_ROWS:]
    return {
        "record": record,
        "standing": standing,
        "stands": _stands(standing),
        "left_out": left_out,
        "cover_facts": [*cover_facts(asked.project), (_("Standing"), _stands(standing))],
    }


def _stands(standing: Any) -> str:
    """Whether it is signed off, in a sentence."""
    edition = standing.in_force
    if edition is None and standing.asked is not None:
        return _("Not signed off yet; a signature is awaited (%(label)s).") % {"label": standing.asked.label}
    if edition is None:
        return _("Not signed off yet.")
    said = {"n": edition.edition, "on": said_day(edition.ended_at.date())}
    if standing.is_approved:
        return _("Edition %(n)s, signed off on %(on)s.") % said
    return _("The plan was tailored further since edition %(n)s, signed off on %(on)s.") % said
