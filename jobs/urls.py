"""Addresses of jobs."""

from __future__ import annotations

from django.urls import path

from .views import job, operations

app_name = "jobs"

urlpatterns = [
    path("jobs/", job.JobList.as_view(), name="job-list"),
    path("jobs/<int:pk>/", job.detail, name="job-detail"),
    path("jobs/<int:pk>/state/", job.state, name="job-state"),
    path("jobs/<int:pk>/cancel/", job.cancel, name="job-cancel"),
    path("jobs/<int:pk>/again/", job.again, name="job-again"),
    path("operations/", operations.operations, name="operations"),
    path("operations/state/", operations.figures, name="operations-state"),
    path("org/<slug:org>/<slug:project>/jobs/", job.ProjectJobs.as_view(), name="project-jobs"),
]
