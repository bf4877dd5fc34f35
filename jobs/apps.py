import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        from core import nav
        from projects.permissions import Perm

        from . import forecasting, kinds, rights, scheduled

        kinds.register(
            kinds.Kind(
                scheduled.NIGHTLY, _("Nightly care"), work=scheduled.nightly, may=rights.is_scheduled, icon="moon"
            )
        )
        scheduled.daily(scheduled.NIGHTLY, at=dt.time(1, 30))
        kinds.register(
            kinds.Kind(
                forecasting.FORECAST, _("Forecasts are made"), work=forecasting.work, may=rights.is_scheduled,
                icon="trending-up",
            )
        )  # fmt: skip
        scheduled.daily(forecasting.FORECAST, at=dt.time(2, 30))
        nav.register(
            "project",
            nav.NavItem("jobs", _("Jobs"), "hourglass", "jobs:project-jobs", Perm.MANAGE_PROJECT, 85),
        )
        nav.register(
            "global",
            nav.NavItem(
                "operations", _("Operations"), "server", "jobs:operations", order=80,
                shown=lambda request: request.user.is_staff,
            ),
        )  # fmt: skip
