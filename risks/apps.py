from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RisksConfig(AppConfig):
    name = "risks"

    def ready(self) -> None:
        from approvals import subjects
        from core import nav
        from projects import demo, gates, journal_words, workspace
        from projects.permissions import Perm

        from . import demo as own_demo
        from . import panels
        from .subject import CRITERIA

        subjects.register(CRITERIA)
        nav.register("project", nav.NavItem(
            "risks", _("Risk criteria"), "adjustments-horizontal", "risks:criteria", Perm.VIEW_PROJECT, 50
        ))  # fmt: skip
        panel = workspace.Panel(
            "criteria", _("Risk criteria"), "risks/criteria/_step_panel.html", panels.of_step, order=20
        )
        workspace.hang(panel=panel, step=panels.STEP)
        gates.hang(panels.gate, step=panels.STEP)
        demo.chapters.append(own_demo.tell)
        journal_words.GROUPS["criteria"] = _("Risk criteria")
        journal_words.VERBS |= {
            "criteria.written": _("wrote the"),
            "criteria.changed": _("changed the"),
            "criteria.approved": _("keeps an edition of the"),
        }
