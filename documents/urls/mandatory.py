"""Mandatory documented information."""

from django.urls import path

from documents.views import mandatory

HERE = "org/<slug:org>/<slug:project>/documents/mandatory"

urlpatterns = [
    path(f"{HERE}/", mandatory.index, name="mandatory-list"),
    path(f"{HERE}/export/", mandatory.export, name="mandatory-export"),
    path(f"{HERE}/<slug:row>/", mandatory.detail, name="mandatory-detail"),
    path(f"{HERE}/<slug:row>/link/", mandatory.link, name="mandatory-link"),
    path(f"{HERE}/<slug:row>/unlink/", mandatory.unlink, name="mandatory-unlink"),
]
