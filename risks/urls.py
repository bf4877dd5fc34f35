"""Addresses of risks."""

from django.urls import path

from .views import criteria

app_name = "risks"
HERE = "org/<slug:org>/<slug:project>/risks"

urlpatterns = [
    path(f"{HERE}/criteria/", criteria.detail, name="criteria"),
    path(f"{HERE}/criteria/begin/", criteria.begin, name="criteria-begin"),
    path(f"{HERE}/criteria/edit/", criteria.edit, name="criteria-edit"),
]
