from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContextConfig(AppConfig):
    name = "context"

    def ready(self) -> None:
        from projects import demo
        from projects.events import entries_written

        from . import demo as own_demo
        from . import events

        self._hang_up()
        self._search()
        self._words()
        entries_written.connect(events.follow, dispatch_uid="context.follow")
        demo.chapters.append(own_demo.tell)

    @staticmethod
    def _hang_up() -> None:
        """What is decided on, its place in the plan, and the gate it is."""
        from approvals import subjects
        from projects import gates, workspace

        from . import panels
        from .subject import SUBJECT

        subjects.register(SUBJECT)
        panel = workspace.Panel(
            "mandate", _("Project mandate"), "context/mandate/_step_panel.html", panels.of_step, order=20
        )
        workspace.hang(panel=panel, step=panels.STEP)
        for step in (panels.STEP, *panels.OPENS):
            gates.hang(panels.gate, step=step)

    @staticmethod
    def _search() -> None:
        from projects.addresses import address
        from projects.permissions import Perm
        from search import kinds

        from .models import Mandate

        kinds.register_group("context", _("Mandate and context"), 50)
        kinds.register(kinds.Kind(
            "mandate", "context", "context.Mandate", icon="file-certificate",
            rows=lambda: Mandate.objects.select_related("project").only(
                "motives", "benefits", "resources", "risks", "budget", "team", "organization_id", "project__name"
            ),
            draft=lambda one: kinds.Draft(
                str(one), organization_id=one.organization_id, project_id=one.project_id,
                texts=[one.motives, one.benefits, one.resources, one.risks, *(line.what for line in one.lines),
                       *(member.name for member in one.members)],
            ),
            address=lambda hit: address("context:mandate", org=hit.org, project=hit.project),
            reach=kinds.InProject(Perm.VIEW_PROJECT),
        ))  # fmt: skip

    @staticmethod
    def _words() -> None:
        """The journal's sentences about the mandate."""
        from projects import journal_words

        journal_words.GROUPS["mandate"] = _("Project mandate")
        journal_words.VERBS |= {"mandate.written": _("wrote the"), "mandate.changed": _("changed the")}
