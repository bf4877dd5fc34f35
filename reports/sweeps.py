"""Nightly: copies whose time is over, and stored files that no row names."""

from __future__ import annotations

from accounts.selectors import brand
from core import files
from documents.selectors import revision as revisions

from .models.report import FOLDER, OWN_FOLDER
from .selectors import own
from .selectors import report as selectors
from .services import report as services


def sweep() -> dict[str, int]:
    return {
        "reports": services.remove_old(),
        "report_files": files.sweep(selectors.is_named, folder=FOLDER),
        "own_report_files": files.sweep(own.is_named, folder=OWN_FOLDER),
        "revision_pdf_files": files.sweep(revisions.pdf_is_named, folder=revisions.FOLDER),
        "logo_files": files.sweep(brand.is_named, folder=brand.FOLDER),
    }
