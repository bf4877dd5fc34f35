from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RisksConfig(AppConfig):
    name = "risks"

    def ready(self) -> None:
        from approvals import subjects
        from projects import demo, gates, journal_words, workspace

        from . import demo as own_demo
        from . import kit_parts, panels, register_hanging, sheets, soa_hanging, treatment_hooks
        from .subject import CRITERIA

        subjects.register(CRITERIA)
        panel = workspace.Panel(
            "criteria", _("Risk criteria"), "risks/criteria/_step_panel.html", panels.of_step, order=20
        )
        workspace.hang(panel=panel, step=panels.STEP)
        gates.hang(panels.gate, step=panels.STEP)
        register_hanging.hang()
        treatment_hooks.hang()
        sheets.hang()
        soa_hanging.hang()
        kit_parts.hang()
        demo.chapters.append(own_demo.tell)
        journal_words.GROUPS["criteria"] = _("Risk criteria")
        journal_words.VERBS |= {
            "criteria.written": _("wrote the"),
            "criteria.changed": _("changed the"),
            "criteria.approved": _("keeps an edition of the"),
        }
