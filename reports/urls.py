"""Addresses of reports, and of how an organization looks in them."""

from __future__ import annotations

from django.urls import include, path

from .views import brand, own, report

app_name = "reports"

of_project = [
    path("", report.report_list, name="report-list"),
    path("under-way/", report.under_way, name="report-under-way"),
    path("under-way/<int:pk>/cancel/", report.cancel, name="report-cancel"),
    path("under-way/<int:pk>/again/", report.again, name="report-again"),
    path("verify/", report.verify, name="report-verify"),
    path("new/<slug:kind>/", report.ask, name="report-ask"),
    path("<slug:mark>/", report.detail, name="report-detail"),
    path("<slug:mark>/download/", report.download, name="report-download"),
    path("<slug:mark>/remove/", report.remove, name="report-remove"),
]

of_person = [
    path("", own.own_list, name="own-list"),
    path("under-way/", own.under_way, name="own-under-way"),
    path("new/<slug:kind>/", own.ask, name="own-ask"),
    path("<slug:mark>/", own.detail, name="own-detail"),
    path("<slug:mark>/download/", own.download, name="own-download"),
    path("<slug:mark>/remove/", own.remove, name="own-remove"),
]

urlpatterns = [
    path("reports/", include(of_person)),
    path("org/<slug:org>/brand/", brand.brand, name="brand"),
    path("org/<slug:org>/logo/", brand.logo, name="logo"),
    path("org/<slug:org>/<slug:project>/reports/", include(of_project)),
]
