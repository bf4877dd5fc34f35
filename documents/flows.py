"""The life of a revision, as clause 7.5.2 and 7.5.3 want it: reviewed and approved before use, one in use at a time.

    draft → in review → approved → effective → superseded
      ↑________|            |           |
      sent back             ↓           ↓
                        withdrawn   withdrawn

Nobody presses these moves by name: asking for approval, deciding, the day of effect and withdrawal make them.
"""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RevisionStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")
    EFFECTIVE = "effective", _("Effective")
    SUPERSEDED = "superseded", _("Superseded")
    WITHDRAWN = "withdrawn", _("Withdrawn")


ON_ITS_WAY = (RevisionStatus.DRAFT, RevisionStatus.IN_REVIEW, RevisionStatus.APPROVED)
NEXT = {
    RevisionStatus.DRAFT: {RevisionStatus.IN_REVIEW, RevisionStatus.EFFECTIVE, RevisionStatus.WITHDRAWN},
    RevisionStatus.IN_REVIEW: {RevisionStatus.DRAFT, RevisionStatus.APPROVED},
    RevisionStatus.APPROVED: {RevisionStatus.EFFECTIVE, RevisionStatus.WITHDRAWN},
    RevisionStatus.EFFECTIVE: {RevisionStatus.SUPERSEDED, RevisionStatus.WITHDRAWN},
    RevisionStatus.SUPERSEDED: set(),
    RevisionStatus.WITHDRAWN: set(),
}
"""From draft straight to effective only what needs no approval: records and external documents."""
