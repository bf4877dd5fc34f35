from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        from accounts import hooks

        from . import grantable

        post_migrate.connect(grantable.ensure_roles, sender=self, dispatch_uid="projects.roles")
        hooks.signs.append(grantable.holds_a_signing_role)
