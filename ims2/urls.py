"""All addresses of the installation. Each view says who may open it (core.access_check)."""

from django.urls import include, path

urlpatterns = [
    path("", include("core.urls")),
    path("", include("portal.urls")),
    path("", include("pdca.urls")),
    path("", include("projects.urls")),
    path("accounts/", include("accounts.urls")),
]
