"""Addresses of the controlled documents."""

from django.urls import path

from .views import document, published, revision

app_name = "documents"
HERE = "org/<slug:org>/<slug:project>/documents"

urlpatterns = [
    path(f"{HERE}/", document.register, name="document-list"),
    path(f"{HERE}/published/", published.index, name="published-list"),
    path(f"{HERE}/published/<str:number>/", published.read, name="published-detail"),
    path(f"{HERE}/<str:number>/", document.detail, name="document-detail"),
    path(f"{HERE}/<str:number>/r<int:revision>/", revision.detail, name="revision-detail"),
]
