"""Addresses of the installation itself."""

from django.urls import path

from core import health

app_name = "health"
urlpatterns = [
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
]
