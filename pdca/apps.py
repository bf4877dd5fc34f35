from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PdcaConfig(AppConfig):
    name = "pdca"

    def ready(self) -> None:
        from core import nav

        section = _("Method and standards")
        for order, (key, label, icon, url_name, letter) in enumerate(
            [
                ("method", _("The method"), "route", "pdca:method", "m"),
                ("standards", _("Standards"), "books", "pdca:standard-list", "s"),
                ("crosswalk", _("Crosswalk"), "arrows-diff", "pdca:crosswalk", "x"),
            ],
            start=500,
        ):
            nav.register(
                "global", nav.NavItem(key, label, icon, url_name, order=order, section=section, key_press=letter)
            )
