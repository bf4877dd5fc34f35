from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ApprovalsConfig(AppConfig):
    name = "approvals"

    def ready(self) -> None:
        self._navigation()
        self._hang_up()
        self._words()

    @staticmethod
    def _navigation() -> None:
        from core import nav
        from projects.permissions import Perm

        from . import badges

        nav.register(
            "global",
            nav.NavItem(
                "decisions", _("Decisions"), "signature", "approvals:inbox", order=12, phone=2, key_press="d",
                badge=badges.count, is_urgent=True, shown=badges.decides,
            ),
        )  # fmt: skip
        nav.register(
            "project",
            nav.NavItem("approvals", _("Approvals"), "signature", "approvals:approval-list", Perm.VIEW_PROJECT, 62),
        )

    @staticmethod
    def _hang_up() -> None:
        """Decisions that lists wait for, and reminders to those whose turn it is."""
        from projects import awaiting, gates, reminders

        from . import gating
        from .selectors import inbox

        awaiting.hang(inbox.awaited)
        gates.prepare(gating.load_all)
        reminders.register(
            reminders.Source(
                "approval", _("Decision"), _("Decisions"), inbox.reminded, "A", "approvals:approval-list",
                owner="person_id", role="", due="step__approval__due_on", number="step__approval__number",
                title="step__approval__title",
            )
        )  # fmt: skip

    @staticmethod
    def _words() -> None:
        """The journal's sentences about decisions."""
        from projects import journal_words

        journal_words.GROUPS["approval"] = _("Approvals")
        journal_words.GROUPS["delegation"] = _("Delegations")
        journal_words.VERBS |= {
            "approval.requested": _("asked for a decision on"),
            "approval.signed": _("signed"),
            "approval.approved": _("brought into force, by the last signature,"),
            "approval.rejected": _("sent back"),
            "approval.withdrawn": _("withdrew the request for"),
            "approval.void": _("voided, by a change, the request for"),
            "approval.certified": _("made the signed document of"),
            "delegation.given": _("let somebody decide in place of"),
            "delegation.ended": _("ended the delegation of"),
        }
        journal_words.FACTS |= {
            "approval": _("approval"),
            "content": _("fingerprint of the content"),
            "deciders": _("asked"),
            "decision": pgettext_lazy("fact", "decision"),
            "delegate": _("delegate"),
            "edition": _("edition"),
            "needed": _("approvals needed in each step"),
            "on_behalf_of": _("on behalf of"),
            "signature": _("fingerprint of the signature"),
        }
