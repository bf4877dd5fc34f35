"""The risk criteria."""

from django.urls import path

from risks.views import criteria

HERE = "org/<slug:org>/<slug:project>/risks"

urlpatterns = [
    path(f"{HERE}/criteria/", criteria.detail, name="criteria"),
    path(f"{HERE}/criteria/begin/", criteria.begin, name="criteria-begin"),
    path(f"{HERE}/criteria/edit/", criteria.edit, name="criteria-edit"),
]
