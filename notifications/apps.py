import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from core import nav
        from jobs import hooks
        from projects import demo, telling

        from . import demo as own_demo
        from .services import notice

        telling.hang(notice.hear)
        hooks.ended.append(notice.job_ended)
        demo.afterwards.append(own_demo.settle)
        nav.register(
            "global",
            nav.NavItem(
                "inbox", _("Inbox"), "bell", "notifications:inbox", order=15, phone=4, key_press="i", is_live=True
            ),
        )
        self._register_jobs()

    @staticmethod
    def _register_jobs() -> None:
        from jobs import kinds, rights, scheduled

        from .services.notice import OLD_NOTICES, sweep

        kinds.register(
            kinds.Kind(OLD_NOTICES, _("Old notices"), work=sweep, may=rights.is_scheduled, queue="celery", icon="inbox")
        )
        scheduled.daily(OLD_NOTICES, at=dt.time(2, 0))

        from .reminding import care, digest, weekly

        # Written chunk by chunk, each guarded by its people's states; there is no effect left for the end.
        kinds.register(
            kinds.Kind(
                digest.KIND, _("Daily digests"), work=digest.work, may=rights.is_scheduled, queue="celery", icon="mail"
            )
        )
        kinds.register(
            kinds.Kind(
                weekly.KIND,
                _("Weekly summaries"),
                work=weekly.work,
                may=rights.is_scheduled,
                queue="celery",
                icon="mail",
            )
        )
        kinds.register(
            kinds.Kind(
                care.KIND, _("Care of mails and reminders"), work=care.work, may=rights.is_scheduled, icon="mail"
            )
        )
        scheduled.daily(care.KIND, at=dt.time(1, 50))
