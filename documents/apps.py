from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "documents"

    def ready(self) -> None:
        from projects import demo, sweeps
        from projects.events import entries_written

        from . import demo as own_demo
        from . import hanging

        self._register()
        self._decisions()
        self._drafting()
        self._reading_navigation()
        self._search()
        self._words()
        self._schedule()
        self._reminders()
        entries_written.connect(hanging.follow, dispatch_uid="documents.follow")
        sweeps.named.append(hanging.is_named)
        demo.chapters.append(own_demo.tell)

    @staticmethod
    def _reading_navigation() -> None:
        """Published documents for everybody who may read them; who has little else finds them in the phone's bar."""
        from core import nav
        from projects.permissions import Perm

        def only_reads(request) -> bool:
            return Perm.VIEW_PROJECT not in getattr(request, "perms_here", ())

        label, home = _("Published documents"), "documents:published-list"
        nav.register("project", nav.NavItem(
            "published", label, "book", home, Perm.READ_PUBLISHED, 56, short=_("Documents"), key_press="b",
            shown=lambda request: not only_reads(request), also="../reading/",
        ))  # fmt: skip
        nav.register("project", nav.NavItem(
            "published-only", label, "book", home, Perm.READ_PUBLISHED, 56, phone=1, short=_("Documents"), key_press="b",
            shown=only_reads,
        ))  # fmt: skip

    @staticmethod
    def _register() -> None:
        """The register in the navigation, in the workspaces of its steps, and the master list that a worker makes."""
        from core import nav
        from jobs import kinds
        from projects import sweeps, workspace
        from projects.permissions import Perm

        from . import listing, panels

        nav.register("project", nav.NavItem(
            "documents", _("Documents"), "file-text", "documents:document-list", Perm.VIEW_DOCUMENTS, 55, key_press="c",
        ))  # fmt: skip
        template = "documents/document/_step_panel.html"
        for step, load in ((panels.MANAGEMENT, panels.of_management), (panels.PROCEDURES, panels.of_procedures)):
            panel = workspace.Panel("documents", _("Documents"), template, load, Perm.VIEW_DOCUMENTS, 30)
            workspace.hang(panel=panel, step=step)
        kinds.register(listing.KIND)
        if listing.sweep not in sweeps.also:
            sweeps.also.append(listing.sweep)

    @staticmethod
    def _decisions() -> None:
        from approvals import subjects
        from projects import evidencing, pointing
        from projects.permissions import Perm

        from .citing import CITABLE
        from .models import Document
        from .subject import SUBJECT

        subjects.register(SUBJECT)
        evidencing.citable.register(CITABLE)
        pointing.register(pointing.Pointable(
            "documents", Perm.VIEW_DOCUMENTS, every=lambda project: Document.objects.filter(project=project).order_by("code"),
            offered=lambda project: Document.objects.filter(project=project, withdrawn_at=None).order_by("code"),
            named=lambda rows, text: rows.filter(code__iexact=text),
        ))  # fmt: skip

    @staticmethod
    def _drafting() -> None:
        """What stops or precedes a decision about a drafted text, and the models in the workspaces of their steps."""
        from projects import gates, workspace
        from projects.permissions import Perm

        from . import drafting, subject
        from .selectors import commitment

        if drafting.unfilled not in subject.obstacles_also:
            subject.obstacles_also.append(drafting.unfilled)
            subject.notes_also.append(commitment.notes)
        gates.hang(drafting.gate, step=drafting.POLICY_STEP)
        workspace.hang(step=drafting.POLICY_STEP, panel=workspace.Panel(
            "policy", _("Policy"), "documents/starter/_policy_panel.html", drafting.panel_of_policy, Perm.VIEW_DOCUMENTS, 20
        ))  # fmt: skip
        panel = workspace.Panel(
            "models", _("Starter models"), "documents/starter/_models_panel.html", drafting.panel_of_models,
            Perm.VIEW_DOCUMENTS, 40,
        )  # fmt: skip
        for step in drafting.STEPS:
            workspace.hang(panel=panel, step=step)

    @staticmethod
    def _schedule() -> None:
        from jobs import kinds, rights, scheduled

        from . import hanging

        kinds.register(
            kinds.Kind(
                hanging.HOURLY, _("Documents take effect"), work=hanging.hourly, may=rights.is_scheduled, queue="celery",
                icon="file-certificate",
            )
        )  # fmt: skip
        scheduled.hourly(hanging.HOURLY)

    @staticmethod
    def _reminders() -> None:
        from projects import reminders

        from . import hanging

        reminders.register(reminders.Source(
            "reading", _("Document to read"), _("Documents to read"), rows=hanging.open_readings, prefix="D",
            home="documents:published-list", owner="person_id", role="", number="document__number",
            title="document__title",
        ))  # fmt: skip
        reminders.register(reminders.Source(
            "review", _("Document review"), _("Document reviews"), rows=hanging.reviews_due, prefix="D",
            home="documents:document-list", owner="owner_id", role="", due="next_review_on",
        ))  # fmt: skip
        reminders.register(reminders.Source(
            "disposal", _("End of retention"), _("Ends of retention"), rows=hanging.disposals_due, prefix="D",
            home="documents:document-list", owner="owner_id", role="", due="dispose_on",
        ))  # fmt: skip

    @staticmethod
    def _search() -> None:
        from projects.addresses import address
        from projects.permissions import Perm
        from search import kinds

        from . import writing
        from .models import Document, Kind
        from .selectors.document import current

        kinds.register_group("documents", _("Documents"), 40)
        kinds.register(kinds.Kind(
            "document", "documents", "documents.Document", icon="file-text",
            rows=lambda: Document.objects.select_related("project").only(
                "number", "code", "title", "kind", "tags", "withdrawn_at", "organization_id", "project__name"
            ),
            draft=lambda one: kinds.Draft(
                one.title, label=one.label, organization_id=one.organization_id, project_id=one.project_id,
                state=one.kind, is_closed=one.withdrawn_at is not None,
                texts=[one.code, one.tags.replace("|", " "), *_text(current(one), writing)],
            ),
            address=lambda hit: address("documents:document-detail", org=hit.org, project=hit.project, number=hit.label),
            reach=kinds.InProject(Perm.VIEW_DOCUMENTS),
            badges=lambda: {str(kind): ("plain", kind.label) for kind in Kind},
        ))  # fmt: skip

    @staticmethod
    def _words() -> None:
        """The journal's sentences about documents."""
        from projects import journal_words

        journal_words.GROUPS["document"] = _("Document")
        journal_words.GROUPS["documents"] = _("Documents")
        journal_words.VERBS |= {
            "document.created": _("registered"),
            "document.changed": _("changed"),
            "document.withdrawn": _("withdrew"),
            "document.reviewed": _("reviewed"),
            "document.destroyed": _("destroyed"),
            "document.archived": _("handed over to an archive"),
            "document.extended": _("keeps longer"),
            "document.revision_started": _("started a revision of"),
            "document.revision_saved": _("wrote on"),
            "document.revision_file_put": _("put a file into"),
            "document.revision_given_up": _("gave up a revision of"),
            "document.revision_effective": _("brought into effect"),
            "document.picture_added": _("added a picture to"),
            "document.given": _("gave out"),
            "document.taken_back": _("took back"),
            "document.acknowledged": _("read and understood"),
            "document.commitment_ticked": _("named the sentence for a commitment in"),
            "document.commitment_taken_back": _("took back the sentence for a commitment in"),
            "documents.numbered": _("set the numbering of documents in"),
        }


def _text(revision, writing) -> list[str]:
    return [writing.plain(revision.body)] if revision is not None and revision.body else []
