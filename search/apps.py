from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SearchConfig(AppConfig):
    name = "search"

    def ready(self) -> None:
        from accounts import hooks as accounts_hooks
        from pdca import hooks as pdca_hooks
        from projects.events import entries_written

        from . import full_text, receivers, subjects

        subjects.register_projects()
        subjects.register_people()
        subjects.register_published()
        entries_written.connect(receivers.follow, dispatch_uid="search.follow")
        accounts_hooks.person_changed.append(receivers.follow_person)
        pdca_hooks.loaded.append(receivers.fill_published)
        post_migrate.connect(full_text.ensure, sender=self, dispatch_uid="search.full_text")
