from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImprovementConfig(AppConfig):
    name = "improvement"

    def ready(self) -> None:
        from core import nav
        from jobs import kinds
        from projects import demo, discretion, evidencing, pointing, sweeps
        from projects.permissions import Perm
        from sheets import services as imports

        from . import demo as own_demo
        from . import exporting, hanging, panels
        from .desk import DESK, sweep
        from .selectors import nonconformity as selectors

        nav.register("project", nav.NavItem(
            "nonconformities", _("Nonconformities"), "alert-triangle", "improvement:nonconformity-list",
            Perm.REPORT_NONCONFORMITY, 58, key_press="n", short=_("Report"),
        ))  # fmt: skip
        nav.register("project", nav.NavItem(
            "improvements", _("Improvement"), "bulb", "improvement:proposal-list", Perm.REPORT_NONCONFORMITY, 59,
        ))  # fmt: skip
        evidencing.targets.register(hanging.TARGET)
        evidencing.targets.register(hanging.PROPOSAL_TARGET)
        discretion.keep("improvement.nonconformity", selectors.hidden)
        pointing.tellers.append(selectors.leading_to)
        hanging.remind()
        hanging.search()
        hanging.words()
        panels.hang()
        kinds.register(imports.kind_of(DESK, _("Import of nonconformities")))
        kinds.register(exporting.KIND)
        for tidy in (sweep, exporting.sweep):
            if tidy not in sweeps.also:
                sweeps.also.append(tidy)
        demo.chapters.append(own_demo.tell)
