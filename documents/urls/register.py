"""The register and a document's own page."""

from django.urls import path

from documents.views import document

HERE = "org/<slug:org>/<slug:project>/documents"

urlpatterns = [
    path(f"{HERE}/", document.register, name="document-list"),
    path(f"{HERE}/<str:number>/", document.detail, name="document-detail"),
]
