"""Addresses of the mandate."""

from django.urls import path

from .views import mandate

app_name = "context"

urlpatterns = [
    path("org/<slug:org>/<slug:project>/mandate/", mandate.detail, name="mandate"),
    path("org/<slug:org>/<slug:project>/mandate/edit/", mandate.edit, name="mandate-edit"),
]
