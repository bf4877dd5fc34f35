"""Spreadsheets into the register of findings (sheets.views)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits.desk import DESK
from audits.models import ImportKind
from projects.addresses import address
from projects.permissions import Perm
from projects.views.base import project_access
from sheets import services, views
from sheets.forms import FileForm


@project_access(Perm.CONDUCT_AUDITS)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Which file; imports that were begun and are still open."""
    project = request.project
    form = FileForm(request.POST or None, request.FILES or None)

    def change() -> views.SheetImport:
        return services.begin(
            DESK, project=project, by=request.user, kind=ImportKind.FINDINGS, upload=form.cleaned_data["file"]
        )

    exports = [(_("Findings"), address("audits:finding-export", **project.address) + "?state=all")]
    cancel = address("audits:finding-list", **project.address)
    return views.begin(DESK, request, form, change, cancel=cancel, exports=exports)


@project_access(Perm.CONDUCT_AUDITS)
@require_http_methods(["GET", "HEAD", "POST"])
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Which column is what."""
    return views.mapping(DESK, request, pk)


@project_access(Perm.CONDUCT_AUDITS)
@require_safe
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """The dry run, row by row; afterwards what the import did."""
    return views.check(DESK, request, pk)


@project_access(Perm.CONDUCT_AUDITS)
@require_POST
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """All or nothing."""
    return views.run(DESK, request, pk)


@project_access(Perm.CONDUCT_AUDITS)
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives an import up."""
    return views.drop(DESK, request, pk)
