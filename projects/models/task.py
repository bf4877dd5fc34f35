"""The task: the one unit of work. What only this organization can name, and who does it until when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.permissions import Role

from .plan import PlanActivity
from .register import Register, TenantRow, history


class TaskStatus(models.TextChoices):
    OPEN = "open", _("Not started")
    IN_PROGRESS = "in_progress", _("In progress")
    BLOCKED = "blocked", _("Blocked")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


UNFINISHED = (TaskStatus.OPEN, TaskStatus.IN_PROGRESS, TaskStatus.BLOCKED)


class Priority(models.IntegerChoices):
    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")
    URGENT = 4, _("Urgent")


class Recurrence(models.TextChoices):
    NONE = "", _("Does not repeat")
    WEEKLY = "weekly", _("Every week")
    MONTHLY = "monthly", _("Every month")
    QUARTERLY = "quarterly", _("Every quarter")
    YEARLY = "yearly", _("Every year")


class LinkKind(models.TextChoices):
    """How a piece of work waits for another one."""

    FINISH_START = "fs", _("begins when the other is finished")
    START_START = "ss", _("begins when the other has begun")
    FINISH_FINISH = "ff", _("ends when the other is finished")


class Task(Register):
    PREFIX = "T"

    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True, max_length=20_000)
    activity = models.ForeignKey(
        PlanActivity,
        verbose_name=_("activity"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tasks",
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assigned to"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tasks",
        db_index=False,  # see task_assigned
    )
    assignee_role = models.CharField(_("or to a role"), max_length=30, choices=Role.choices, blank=True)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    # Dates that somebody set stay when the plan moves. All others follow their activity: so many working days after it
    # begins, for so many working days; reckoned from the dates where nothing is stored yet.
    dates_are_manual = models.BooleanField(_("the dates stay when the plan moves"), default=False)
    offset_days = models.SmallIntegerField(null=True, blank=True, editable=False)
    duration_days = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    effort_hours_planned = models.DecimalField(
        _("hours planned"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    effort_hours_spent = models.DecimalField(_("hours spent"), max_digits=7, decimal_places=2, default=0)
    effort_hours_left = models.DecimalField(_("hours left"), max_digits=7, decimal_places=2, null=True, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=TaskStatus.choices, default=TaskStatus.OPEN)
    blocked_reason = models.CharField(_("what it waits for"), max_length=500, blank=True)
    recurrence = models.CharField(_("repeats"), max_length=10, choices=Recurrence.choices, blank=True)
    recurs_until = models.DateField(_("repeats until"), null=True, blank=True)
    previous = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="next", editable=False
    )
    # The due date of a series' first task: each next date is reckoned from it, so that the 31st stays the month's end.
    series_on = models.DateField(null=True, blank=True, editable=False)
    status_before_exclusion = models.CharField(max_length=12, blank=True, editable=False)
    completed_at = models.DateTimeField(null=True, blank=True, editable=False)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    # True while the task counts as work to do: a stored mark, so that lists and reminders walk one small index.
    is_open = models.BooleanField(default=True, editable=False)
    comment_count = models.PositiveIntegerField(default=0, editable=False)
    evidence_count = models.PositiveIntegerField(default=0, editable=False)
    checklist_count = models.PositiveIntegerField(default=0, editable=False)
    checklist_done_count = models.PositiveIntegerField(default=0, editable=False)

    history = history(
        (
            "comment_count", "evidence_count", "checklist_count", "checklist_done_count", "is_open", "offset_days",
            "duration_days",
        )
    )  # fmt: skip

    class Meta:
        ordering = ["-is_open", "due_on", "number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="task_number"),
            models.CheckConstraint(
                condition=models.Q(is_open=True, status__in=["open", "in_progress", "blocked"])
                | models.Q(is_open=False, status__in=["done", "cancelled"]),
                name="task_open_agrees",
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on__isnull=True)
                | models.Q(due_on__isnull=True)
                | models.Q(due_on__gte=models.F("starts_on")),
                name="task_due_after_start",
            ),
            models.CheckConstraint(condition=models.Q(effort_hours_spent__gte=0), name="task_effort_spent_positive"),
        ]
        indexes = [
            models.Index(fields=["project", "is_open", "due_on", "number"], name="task_list"),
            models.Index(fields=["project", "status", "due_on"], name="task_board"),
            # Both without the many nobody is named for: SQLite would look those up here, and read each one.
            models.Index(fields=["assignee"], condition=models.Q(assignee__isnull=False), name="task_assigned"),
            models.Index(
                fields=["assignee", "due_on"],
                condition=models.Q(is_open=True, assignee__isnull=False),
                name="task_mine",
            ),
            # Holds all that ranks a task, so that a page of fifty is chosen from thousands without reading them.
            models.Index(
                fields=["project", "assignee_role", "due_on", "status", "priority", "id"],
                condition=models.Q(is_open=True, assignee__isnull=True),
                name="task_of_role",
            ),
            models.Index(fields=["due_on"], condition=models.Q(is_open=True), name="task_due"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("projects:task-detail", kwargs={**self.project.address, "number": self.label})


class ChecklistItem(TenantRow):
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="checklist")
    text = models.CharField(_("item"), max_length=300)
    position = models.PositiveSmallIntegerField(default=0)
    is_done = models.BooleanField(default=False)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.text


class TaskDependency(TenantRow):
    """A task waits for another one; it can be completed only after that is done, unless both only begin together."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="predecessor_links")
    predecessor = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="successor_links")
    kind = models.CharField(_("how it waits"), max_length=2, choices=LinkKind.choices, default=LinkKind.FINISH_START)
    lag_days = models.SmallIntegerField(_("lag in working days"), default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "predecessor"], name="task_dependency_once"),
            models.CheckConstraint(
                condition=~models.Q(task=models.F("predecessor")), name="task_dependency_not_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} after {self.predecessor_id}"


class TaskComment(TenantRow):
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("comment"), max_length=10_000)
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="mentioned_in")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.text[:60]
