"""Clauses and controls that practitioners run as one process although the harmonized structure does not link them.

Our judgement, not part of any standard: offered for a person to confirm, never credited by itself.
"""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from pdca.models.standards import Clause, Control


class AffinityGroup(models.Model):
    """One process that could serve all its members."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class AffinityMember(models.Model):
    """A clause or a control (exactly one of the two) in a group."""

    group = models.ForeignKey(AffinityGroup, models.CASCADE, related_name="members")
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, related_name="affinities")
    control = models.ForeignKey(Control, models.PROTECT, null=True, blank=True, related_name="affinities")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["group_id", "position"]
        constraints = [
            CheckConstraint(
                condition=Q(clause=None, control__isnull=False) | Q(clause__isnull=False, control=None),
                name="pdca_affinity_member_is_one_thing",
            ),
            UniqueConstraint(fields=["group", "clause"], name="pdca_affinity_clause_once"),
            UniqueConstraint(fields=["group", "control"], name="pdca_affinity_control_once"),
        ]

    def __str__(self) -> str:
        return str(self.clause or self.control)
