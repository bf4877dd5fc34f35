"""Spreadsheets into the registers of risks (sheets.views)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.addresses import address
from projects.permissions import Perm
from projects.views.base import project_access
from risks.desk import DESK
from risks.forms.sheet_import import BeginForm, MappingForm
from risks.models import ImportKind
from risks.selectors import soa as statements
from risks.services import sheet_import as services
from sheets import views


@project_access(Perm.MANAGE_RISKS)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Which file for which register; imports that were begun and are still open."""
    project = request.project
    form = BeginForm(
        request.POST or None, request.FILES or None, statements=statements.of(project),
        initial={"kind": _wanted_kind(request), "soa": request.GET.get("soa", "")[:20]},
    )  # fmt: skip

    def change() -> views.SheetImport:
        chosen = form.cleaned_data
        return services.begin(
            project=project, by=request.user, kind=chosen["kind"], upload=chosen["file"], soa=chosen.get("soa")
        )

    exports = [
        (_("Risks"), address("risks:export-risks", **project.address) + "?status=all"),
        (_("Assets"), address("risks:export-assets", **project.address) + "?state=all"),
    ]
    return views.begin(
        DESK, request, form, change, cancel=address("risks:risk-list", **project.address), exports=exports
    )


def _wanted_kind(request: HttpRequest) -> str:
    kind = request.GET.get("kind", "")
    return kind if kind in ImportKind.values else ImportKind.RISKS


@project_access(Perm.MANAGE_RISKS)
@require_http_methods(["GET", "HEAD", "POST"])
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Which column is what."""
    return views.mapping(DESK, request, pk, MappingForm)


@project_access(Perm.MANAGE_RISKS)
@require_safe
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """The dry run, row by row; afterwards what the import did."""
    return views.check(DESK, request, pk)


@project_access(Perm.MANAGE_RISKS)
@require_POST
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """All or nothing."""
    return views.run(DESK, request, pk)


@project_access(Perm.MANAGE_RISKS)
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives an import up."""
    return views.drop(DESK, request, pk)
