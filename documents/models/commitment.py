"""Which sentence of a policy answers which commitment: the checklist a drafter ticks."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from projects.models.register import TenantRow

from .revision import Revision

LONGEST_SENTENCE = 2000


class CommitmentTick(TenantRow):
    """A commitment (documents/commitments.py) and the sentence of this revision that answers it; "" once it was taken back.

    Whether the sentence still stands in the text is never stored: it is looked up when the checklist is read. The row
    stays when a tick is taken back, so that its version goes on and nobody overwrites what they have not seen.

    Ticks are not part of what is signed (selectors.document.snapshot): the signature is over the text, and the checklist
    only points into it. So ticking voids no request and makes no approval stale.
    """

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="ticks")
    slug = models.SlugField(max_length=80, db_index=False)
    sentence = models.TextField(max_length=LONGEST_SENTENCE, blank=True)
    version = models.PositiveIntegerField(default=1)
    ticked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ticked_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["revision", "slug"], name="commitment_tick_once")]

    def __str__(self) -> str:
        return f"{self.revision} {self.slug}"
