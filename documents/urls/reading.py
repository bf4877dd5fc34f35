"""Published documents, confirming, distribution."""

from django.urls import path

from documents.views import published

HERE = "org/<slug:org>/<slug:project>/documents"

urlpatterns = [
    path(f"{HERE}/published/", published.index, name="published-list"),
    path(f"{HERE}/published/<str:number>/", published.read, name="published-detail"),
]
