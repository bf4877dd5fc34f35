"""The report of an audit."""

from django.urls import path

from audits.views import report

HERE = "org/<slug:org>/<slug:project>/audits/<str:number>/report"

urlpatterns = [
    path(f"{HERE}/", report.show, name="report"),
    path(f"{HERE}/edit/", report.edit, name="report-edit"),
]
