"""A proposal for improvement: what could be better, what it would bring and cost, and what became of it."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from improvement.flows import ProposalStatus
from projects.models.register import Register, TenantRow, history

from .nonconformity import LONGEST

STEPS = 5
"""Benefit and effort are marks from 1 to 5."""
UNDECIDED = (ProposalStatus.PROPOSED, ProposalStatus.ASSESSED)


class Proposal(Register):
    """`benefit` and `effort` are empty until somebody assessed it."""

    PREFIX = "IP"

    title = models.CharField(_("what could be better"), max_length=200)
    description = models.TextField(_("in more words"), blank=True, max_length=LONGEST)
    gain = models.TextField(_("what it would bring"), blank=True, max_length=LONGEST)
    process = models.CharField(_("process"), max_length=200, blank=True)
    process_item = models.ForeignKey(
        "context.ScopeItem", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    nonconformity = models.ForeignKey(
        "improvement.Nonconformity", verbose_name=_("comes from"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="proposals",
    )  # fmt: skip
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    benefit = models.PositiveSmallIntegerField(
        _("benefit"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(STEPS)]
    )
    effort = models.PositiveSmallIntegerField(
        _("effort"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(STEPS)]
    )
    assessment = models.TextField(_("why these marks"), blank=True, max_length=LONGEST)
    assessed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    assessed_at = models.DateTimeField(null=True, editable=False)
    status = models.CharField(
        _("status"), max_length=12, choices=ProposalStatus.choices, default=ProposalStatus.PROPOSED, editable=False
    )
    is_open = models.BooleanField(default=True, editable=False)
    refused_because = models.CharField(max_length=500, blank=True, editable=False)
    result = models.TextField(blank=True, max_length=LONGEST, editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    history = history()

    class Meta:
        verbose_name = _("improvement proposal")
        verbose_name_plural = _("improvement proposals")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="proposal_number"),
            models.CheckConstraint(condition=~Q(title=""), name="proposal_has_a_title"),
            models.CheckConstraint(
                condition=Q(is_open=False, status__in=["refused", "done"])
                | (Q(is_open=True) & ~Q(status__in=["refused", "done"])),
                name="proposal_open_agrees",
            ),
            models.CheckConstraint(
                condition=Q(benefit__isnull=True, effort__isnull=True)
                | Q(
                    benefit__isnull=False,
                    effort__isnull=False,
                    benefit__gte=1,
                    benefit__lte=STEPS,
                    effort__gte=1,
                    effort__lte=STEPS,
                ),  # a comparison with nothing is no refusal: a CHECK passes what it does not know
                name="proposal_marks_whole",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "refused"]) | Q(benefit__isnull=False, assessed_at__isnull=False),
                name="proposal_is_assessed",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["accepted", "done"]) | Q(owner__isnull=False), name="proposal_is_answered_for"
            ),
        ]
        indexes = [
            models.Index(fields=["project", "is_open", "number"], name="proposal_list"),
            models.Index(fields=["created_by", "project"], name="proposal_reported"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("improvement:proposal-detail", kwargs={**self.project.address, "number": self.label})

    @property
    def is_quick_win(self) -> bool:
        """Much benefit for little effort."""
        return self.benefit is not None and self.benefit >= 4 and self.effort <= 2


class ProposalTask(TenantRow):
    """A task that carries a proposal out."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="steps")
    task = models.OneToOneField("projects.Task", on_delete=models.PROTECT, related_name="improves")

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.task_id}"
