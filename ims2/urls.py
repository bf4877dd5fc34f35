"""All addresses of the installation. Each view says who may open it (core.access_check)."""

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("", include("core.urls")),
    path("", include("portal.urls")),
    path("", include("jobs.urls")),
    path("", include("search.urls")),
    path("", include("approvals.urls")),
    path("", include("context.urls")),
    path("", include("documents.urls")),
    path("", include("risks.urls")),
    path("", include("improvement.urls")),
    path("", include("audits.urls")),
    path("", include("reports.urls")),
    path("", include("notifications.urls")),
    path("", include("pdca.urls")),
    path("", include("projects.urls")),
    path("accounts/", include("accounts.urls")),
]

if settings.DEBUG:
    from core.styleguide import styleguide, styleguide_plain

    urlpatterns += [
        path("styleguide/", styleguide, name="styleguide"),
        path("styleguide/plain/", styleguide_plain, name="styleguide-plain"),
    ]
