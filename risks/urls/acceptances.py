"""Acceptances of residual risk."""

from django.urls import path

from risks.views import acceptance

HERE = "org/<slug:org>/<slug:project>/risks/acceptances"

urlpatterns = [
    path(f"{HERE}/", acceptance.acceptance_list, name="acceptance-list"),
    path(f"{HERE}/new/", acceptance.create, name="acceptance-create"),
    path(f"{HERE}/<str:number>/", acceptance.detail, name="acceptance-detail"),
    path(f"{HERE}/<str:number>/edit/", acceptance.edit, name="acceptance-edit"),
    path(f"{HERE}/<str:number>/ask/", acceptance.ask, name="acceptance-ask"),
    path(f"{HERE}/<str:number>/give-up/", acceptance.give_up, name="acceptance-give-up"),
    path(f"{HERE}/<str:number>/revoke/", acceptance.revoke, name="acceptance-revoke"),
]
