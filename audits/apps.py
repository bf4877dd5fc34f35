from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditsConfig(AppConfig):
    name = "audits"
    verbose_name = _("Audits")

    def ready(self) -> None:
        from . import access_hanging, audit_hanging, finding_hanging, report_hanging

        audit_hanging.hang()
        finding_hanging.hang()
        report_hanging.hang()
        access_hanging.hang()
