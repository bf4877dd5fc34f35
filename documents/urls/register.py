"""The register and a document's own page."""

from django.urls import path

from documents.views import document, master

HERE = "org/<slug:org>/<slug:project>/documents"

urlpatterns = [
    path(f"{HERE}/", document.register, name="document-list"),
    path(f"{HERE}/new/", document.create, name="document-create"),
    path(f"{HERE}/many/", document.bulk, name="document-bulk"),
    path(f"{HERE}/numbering/", master.numbering, name="document-numbering"),
    path(f"{HERE}/master-list/", master.ask, name="document-master"),
    path(f"{HERE}/master-list/<int:pk>/", master.download, name="document-master-file"),
    path(f"{HERE}/<str:number>/", document.detail, name="document-detail"),
    path(f"{HERE}/<str:number>/edit/", document.edit, name="document-edit"),
    path(f"{HERE}/<str:number>/content/", document.content, name="document-content"),
    path(f"{HERE}/<str:number>/reviewed/", document.reviewed, name="document-reviewed"),
    path(f"{HERE}/<str:number>/withdraw/", document.withdraw, name="document-withdraw"),
]
