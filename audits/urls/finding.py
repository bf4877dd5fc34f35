"""The register of findings."""

from django.urls import path

from audits.views import finding, sheet_import

HERE = "org/<slug:org>/<slug:project>/findings"

urlpatterns = [
    path(f"{HERE}/", finding.index, name="finding-list"),
    path(f"{HERE}/bulk/", finding.bulk, name="finding-bulk"),
    path(f"{HERE}/export/", finding.export, name="finding-export"),
    path(f"{HERE}/import/", sheet_import.begin, name="import-begin"),
    path(f"{HERE}/import/<int:pk>/", sheet_import.mapping, name="import-mapping"),
    path(f"{HERE}/import/<int:pk>/check/", sheet_import.check, name="import-check"),
    path(f"{HERE}/import/<int:pk>/run/", sheet_import.run, name="import-run"),
    path(f"{HERE}/import/<int:pk>/drop/", sheet_import.drop, name="import-drop"),
    path(f"{HERE}/<str:number>/", finding.detail, name="finding-detail"),
    path(f"{HERE}/<str:number>/edit/", finding.edit, name="finding-edit"),
    path(f"{HERE}/<str:number>/response/", finding.respond, name="finding-respond"),
    path(f"{HERE}/<str:number>/raise/", finding.raise_nonconformity, name="finding-raise"),
    path(f"{HERE}/<str:number>/move/<slug:move>/", finding.move, name="finding-move"),
    path("org/<slug:org>/<slug:project>/audits/<str:number>/findings/new/", finding.new, name="finding-new"),
]
