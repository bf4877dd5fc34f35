"""The heat map and the trend."""

from django.urls import path

from risks.views import heat

HERE = "org/<slug:org>/<slug:project>/risks"

urlpatterns = [
    path(f"{HERE}/heat/", heat.maps, name="heat"),
    path(f"{HERE}/heat/trend/", heat.trend, name="trend"),
]
