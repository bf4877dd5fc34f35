"""The judgement of effectiveness, by somebody who is neither owner nor doer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from core import dates
from core.rules import RuleBroken, refused
from improvement import telling
from improvement.flows import CLAUSE, Status
from improvement.models import Nonconformity, Verdict
from projects import access, journal
from projects.flow import NotPermitted
from projects.permissions import Perm

from .common import begin_round, said
from .rounds import not_independent


def judge(*, record: Nonconformity, by: Any, verdict: str, note: str) -> Nonconformity:
    """The verifier says whether the action was effective. If not, a new round begins; the old one stays as it was.

    Raises RuleBroken in another state, without a note, before the day of the check, or for who is not independent.
    """
    with journal.change(record.project, by=by) as log:
        found = Nonconformity.objects.select_related("project__organization", "owner").get(pk=record.pk)
        current = found.round
        if not access.can(by, Perm.WORK_ON_NONCONFORMITIES, found) or current.verifier_id != by.pk:
            raise NotPermitted(_("Only the person named for it judges the effectiveness."))
        if found.status != Status.VERIFYING:
            raise RuleBroken(
                _("%(record)s is “%(state)s”: effectiveness is judged while it is being verified.")
                % {"record": found.label, "state": found.get_status_display()},
                f"{CLAUSE} d",
            )
        if current.verdict:
            raise RuleBroken(_("The effectiveness of this round has been judged already."))
        if verdict not in (Verdict.EFFECTIVE, Verdict.NOT_EFFECTIVE):
            raise refused("verdict", _("Say whether it was effective."))
        if because := not_independent(found, current, by.pk):
            raise RuleBroken(because, f"{CLAUSE} d")
        note = note.strip()
        if not note:
            raise refused("note", _("Say by what you judge: the evidence belongs here."))
        if dates.today(found.project.organization.time_zone) < (current.check_on or dt.date.min):
            says = _("The check is planned for %(day)s: change that day first, or wait.")
            raise RuleBroken(says % {"day": current.check_on.isoformat()})
        current.verdict, current.verdict_note = verdict, note[:4_000]
        current.verified_by, current.verified_at = by, log.at
        current.version += 1
        log.mark(current).save()
        facts = {"verdict": verdict, "note": note[:500], "round": current.number}
        log(found, "nonconformity.judged", said(found, facts))
        if verdict == Verdict.NOT_EFFECTIVE:
            found.status = Status.ACCEPTED
            found.contained_at = None
            begin_round(found, log)
            log(found, "nonconformity.new_round", {"status": [Status.VERIFYING, Status.ACCEPTED]})
        found.version += 1
        log.mark(found).save()
        telling.judged(found, verdict, by)
    return found
