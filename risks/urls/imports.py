"""Spreadsheets in and out."""

from django.urls import path

from risks.views import export, sheet_import

HERE = "org/<slug:org>/<slug:project>/risks"

urlpatterns = [
    path(f"{HERE}/export/", export.risks, name="export-risks"),
    path(f"{HERE}/export/assets/", export.assets, name="export-assets"),
    path(f"{HERE}/export/<int:pk>/", export.file, name="export-file"),
    path(f"{HERE}/import/", sheet_import.begin, name="import-begin"),
    path(f"{HERE}/import/<int:pk>/", sheet_import.mapping, name="import-mapping"),
    path(f"{HERE}/import/<int:pk>/check/", sheet_import.check, name="import-check"),
    path(f"{HERE}/import/<int:pk>/run/", sheet_import.run, name="import-run"),
    path(f"{HERE}/import/<int:pk>/drop/", sheet_import.drop, name="import-drop"),
]
