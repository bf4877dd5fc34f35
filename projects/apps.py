from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        from accounts import hooks

        from . import grantable

        post_migrate.connect(grantable.ensure_roles, sender=self, dispatch_uid="projects.roles")
        hooks.signs.append(grantable.holds_a_signing_role)
        self._register_navigation()
        self._register_reminders()
        self._register_evidence()

    @staticmethod
    def _register_evidence() -> None:
        from . import evidencing, pointing
        from .models import Task
        from .permissions import Perm
        from .task_target import TASK

        evidencing.targets.register(TASK)
        pointing.register(pointing.Pointable(
            "plan", Perm.VIEW_PROJECT, every=lambda project: Task.objects.filter(project=project).order_by("number"),
            offered=lambda project: Task.objects.filter(project=project, is_open=True).order_by("-number"),
            named=pointing.by_number(Task),
        ))  # fmt: skip

    @staticmethod
    def _register_reminders() -> None:
        from . import reminders
        from .models import PlanMilestone, Task
        from .selectors import milestone

        reminders.register(
            reminders.Source(
                "milestone", _("Milestone"), _("Milestones"), rows=milestone.to_be_reached, prefix=PlanMilestone.PREFIX,
                home="projects:milestone-list", owner="owner_id", role="", due="on",
            )
        )  # fmt: skip
        reminders.register(
            reminders.Source(
                "task", _("Task"), _("Tasks"), rows=lambda: Task.objects.filter(is_open=True), prefix=Task.PREFIX,
                home="projects:task-list",
            )
        )  # fmt: skip

    @staticmethod
    def _register_navigation() -> None:
        from core.nav import NavItem, register

        from .permissions import Perm

        for item in (
            NavItem("home", _("Home"), "chart-donut", "projects:project-home", Perm.VIEW_PROJECT, 10, phone=1, key_press="h"),
            NavItem(
                "overview", _("Overview"), "layout-dashboard", "projects:project-overview", Perm.VIEW_PROJECT, 20, key_press="o"
            ),
            NavItem(
                "steps", _("Plan and steps"), "list-check", "projects:step-list", Perm.VIEW_PROJECT, 30, phone=4,
                key_press="s", short=_("Plan"), also="../activities/ ../gates/",
            ),
            NavItem(
                "forecast", _("Forecast"), "trending-up", "projects:forecast", Perm.VIEW_PROJECT, 35, key_press="f",
                also="../readiness/",
            ),
            NavItem("schedule", _("Schedule"), "timeline", "projects:schedule", Perm.VIEW_PROJECT, 36),
            NavItem("tailoring", _("Tailoring"), "adjustments-horizontal", "projects:tailoring", Perm.VIEW_PROJECT, 37),
            NavItem("tasks", _("Tasks"), "checklist", "projects:task-list", Perm.VIEW_PROJECT, 40, phone=2, key_press="t"),
            NavItem(
                "team", _("Team"), "users", "projects:team", Perm.VIEW_TEAM, 60, key_press="e",
                also="../roles/",
            ),
            NavItem("journal", _("Journal"), "history", "projects:journal", Perm.VIEW_JOURNAL, 70, key_press="j"),
            NavItem("settings", _("Settings"), "settings", "projects:project-settings", Perm.MANAGE_PROJECT, 90),
            NavItem(
                "organization", _("Organization"), "building", "projects:organization", Perm.MANAGE_ORGANIZATION, 95,
                takes=("org",),
            ),
        ):  # fmt: skip
            register("project", item)
