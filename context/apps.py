from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContextConfig(AppConfig):
    name = "context"

    def ready(self) -> None:
        from projects import demo, kits, placeholders
        from projects.events import entries_written

        from . import demo as own_demo
        from . import events
        from .selectors.scope import in_short, names_for_kits

        self._hang_up()
        self._search()
        self._words()
        entries_written.connect(events.follow, dispatch_uid="context.follow")
        demo.chapters.append(own_demo.tell)
        placeholders.hang("scope", in_short)
        kits.identifies(names_for_kits)

    @staticmethod
    def _hang_up() -> None:
        """What is decided on, its place in the plan, and the gate it is."""
        from approvals import subjects
        from projects import gates, workspace

        from . import panels, tailoring
        from .subject import SCOPE, SUBJECT

        subjects.register(SUBJECT)
        subjects.register(SCOPE)
        tailoring.hang_up()
        panel = workspace.Panel(
            "mandate", _("Project mandate"), "context/mandate/_step_panel.html", panels.of_step, order=20
        )
        workspace.hang(panel=panel, step=panels.STEP)
        for step in (panels.STEP, *panels.OPENS):
            gates.hang(panels.gate, step=step)
        gates.hold(panels.MANDATE)
        panel = workspace.Panel(
            "scope", _("Scope statement"), "context/scope/_step_panel.html", panels.scope_of_step, order=20
        )
        workspace.hang(panel=panel, step=panels.SCOPE_STEP)
        gates.hang(panels.scope_gate, step=panels.SCOPE_STEP)

    @staticmethod
    def _search() -> None:
        from django.db.models import Q

        from projects.addresses import address
        from projects.permissions import Perm
        from search import kinds

        from .models import Mandate, ScopeStatement

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
        kinds.register(kinds.Kind(
            "scope", "context", "context.ScopeStatement", icon="target",
            rows=lambda: ScopeStatement.objects.select_related("project").prefetch_related("items").only(
                "statement", "organization_id", "project__name"
            ),
            draft=lambda one: kinds.Draft(
                str(one), organization_id=one.organization_id, project_id=one.project_id,
                texts=[one.statement, *(text for item in one.items.all()
                                        for text in (item.name, item.party, item.description, item.justification) if text)],
            ),
            address=lambda hit: address("context:scope", org=hit.org, project=hit.project),
            reach=kinds.InProject(Perm.VIEW_PROJECT),
            # The words and the items are one thing to find: an entry about an item refreshes its statement.
            also=lambda entry: Q(project_id=entry.project_id) if entry.target_kind == "context.scopeitem" else None,
        ))  # fmt: skip

    @staticmethod
    def _words() -> None:
        """The journal's sentences about the mandate and the scope."""
        from projects import journal_words

        journal_words.GROUPS["mandate"] = _("Project mandate")
        journal_words.VERBS |= {"mandate.written": _("wrote the"), "mandate.changed": _("changed the")}
        journal_words.GROUPS["scope"] = _("Scope")
        journal_words.VERBS |= {
            "scope.begun": _("began the"),
            "scope.written": _("wrote the"),
            "scope.changed": _("changed the"),
            "scope.confirmed": _("confirmed for today's items the"),
            "scope.followed": _("brought up to date, with its items, the"),
            "scope.item_added": _("added to the scope"),
            "scope.item_changed": _("changed in the scope"),
            "scope.item_moved": _("moved in the list of the scope"),
            "scope.item_removed": _("removed from the scope"),
        }
        journal_words.FACTS |= {"place": _("place"), "is_included": _("in the scope")}
