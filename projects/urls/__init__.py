"""Addresses of organizations and projects. Numbers in addresses are the ones people say aloud."""

from django.urls import include, path

from . import evidence, kits, organization, plan, schedule, start, tailoring, tasks, team

app_name = "projects"

urlpatterns = [
    *start.urlpatterns,
    path("org/<slug:org>/", include(organization.urlpatterns)),
    path("org/<slug:org>/kits/", include(kits.urlpatterns)),
    path("org/<slug:org>/<slug:project>/", include([*plan.urlpatterns, *schedule.urlpatterns, *team.urlpatterns])),
    path("org/<slug:org>/<slug:project>/tasks/", include(tasks.urlpatterns)),
    path("org/<slug:org>/<slug:project>/tailoring/", include(tailoring.urlpatterns)),
    path("org/<slug:org>/<slug:project>/evidence/", include(evidence.urlpatterns)),
]
