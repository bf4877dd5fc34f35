"""Addresses of organizations and projects. Numbers in addresses are the ones people say aloud."""

from django.urls import include, path

from . import evidence, organization, plan, start, tasks, team

app_name = "projects"

urlpatterns = [
    *start.urlpatterns,
    path("org/<slug:org>/", include(organization.urlpatterns)),
    path("org/<slug:org>/<slug:project>/", include([*plan.urlpatterns, *team.urlpatterns])),
    path("org/<slug:org>/<slug:project>/tasks/", include(tasks.urlpatterns)),
    path("org/<slug:org>/<slug:project>/evidence/", include(evidence.urlpatterns)),
]
