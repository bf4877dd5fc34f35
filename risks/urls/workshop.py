"""The entry grid of a workshop."""

from django.urls import path

from risks.views import workshop

HERE = "org/<slug:org>/<slug:project>/risks"

urlpatterns = [
    path(f"{HERE}/workshop/", workshop.grid, name="workshop"),
    path(f"{HERE}/workshop/row/", workshop.row, name="workshop-row"),
    path(f"{HERE}/workshop/since/", workshop.since, name="workshop-since"),
]
