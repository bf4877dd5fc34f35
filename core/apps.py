from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import access_check, checks  # noqa: F401 (registers the system checks)
