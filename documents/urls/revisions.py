"""Revisions: read, written, handed in, compared."""

from django.urls import path

from documents.views import revision

HERE = "org/<slug:org>/<slug:project>/documents"

urlpatterns = [
    path(f"{HERE}/<str:number>/r<int:revision>/", revision.detail, name="revision-detail"),
]
