"""Retention and disposal of records."""

from django.urls import path

from documents.views import retention

HERE = "org/<slug:org>/<slug:project>/documents"

urlpatterns = [
    path(f"{HERE}/retention/", retention.index, name="retention-list"),
    path(f"{HERE}/<str:number>/dispose/", retention.dispose, name="document-dispose"),
]
