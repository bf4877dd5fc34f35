"""What spreadsheets hang up elsewhere: two jobs, the night's tidying, the words of the journal, the register's menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jobs import kinds
from projects import journal_words, sweeps
from projects.permissions import Perm
from sheets import services as imports

from . import exporting, tools
from .desk import DESK
from .selectors import sheet_import as selectors

IMPORT = imports.kind_of(DESK, _("Import of a spreadsheet"))


def hang() -> None:
    """Called once, when the app is ready."""
    kinds.register(IMPORT)
    kinds.register(exporting.KIND)
    for sweep in (selectors.sweep, exporting.sweep):
        if sweep not in sweeps.also:
            sweeps.also.append(sweep)
    journal_words.GROUPS["risks"] = _("Risks")
    journal_words.VERBS["risks.imported"] = _("imported the spreadsheet")
    for tool in (
        tools.Tool(_("Import from Excel"), "table-import", "risks:import-begin", Perm.MANAGE_RISKS),
        tools.Tool(_("Export to Excel"), "file-spreadsheet", "risks:export-risks", Perm.VIEW_RISKS, keeps_filters=True),
    ):
        if tool not in tools.tools:
            tools.tools.append(tool)
