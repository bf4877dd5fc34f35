from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        from core import nav

        from .selectors import standing

        nav.switch_with(standing.choices)
        nav.fill_bar_for(lambda request: standing.here(request).reads)  # who only has tasks needs nothing beside them
        nav.register(
            "global",
            nav.NavItem(
                "my-work", _("My work"), "checkbox", "portal:my-work", order=10, phone=3, key_press="w",
                shown=lambda request: standing.here(request).works,
            ),
        )  # fmt: skip
        nav.register(
            "global",
            nav.NavItem(
                "portfolio", _("Portfolio"), "briefcase", "portal:portfolio", order=20, phone=4, key_press="p",
                shown=lambda request: standing.here(request).reads_much,
            ),
        )  # fmt: skip
        nav.register(
            "global",
            nav.NavItem(
                "start", _("Start a project"), "rocket", "projects:start", order=30, short=_("Start"),
                shown=lambda request: standing.here(request).may_start,
            ),
        )  # fmt: skip
