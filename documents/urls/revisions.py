"""Revisions: begun, written, handed in, read, printed, compared."""

from django.urls import path

from documents.views import compare, editor, picture, revision

HERE = "org/<slug:org>/<slug:project>/documents"
ONE = f"{HERE}/<str:number>/r<int:revision>"

urlpatterns = [
    path(f"{HERE}/<str:number>/start/", revision.start, name="document-start"),
    path(f"{HERE}/<str:number>/compare/", compare.compare, name="document-compare"),
    path(f"{HERE}/<str:number>/pictures/", picture.add, name="document-pictures"),
    path(f"{HERE}/<str:number>/pictures/<int:pk>/", picture.show, name="document-picture"),
    path(f"{HERE}/published/<str:number>/pdf/", revision.published_pdf, name="published-pdf"),
    path(f"{ONE}/", revision.detail, name="revision-detail"),
    path(f"{ONE}/edit/", editor.edit, name="revision-edit"),
    path(f"{ONE}/preview/", editor.preview, name="revision-preview"),
    path(f"{ONE}/file/", revision.download, name="revision-file"),
    path(f"{ONE}/pdf/", revision.pdf, name="revision-pdf"),
    path(f"{ONE}/give-up/", revision.drop, name="revision-drop"),
    path(f"{ONE}/effect/", revision.effect, name="revision-effect"),
    path(f"{ONE}/register/", revision.register, name="revision-register"),
]
