"""Treatments and the treatment plan."""

from django.urls import path

from risks.views import treatment

HERE = "org/<slug:org>/<slug:project>/risks"
ONE = f"{HERE}/treatments/<str:number>"

urlpatterns = [
    path(f"{HERE}/treatments/", treatment.plan, name="treatment-list"),
    path(f"{HERE}/treatments/export/", treatment.export, name="treatment-export"),
    path(f"{ONE}/", treatment.detail, name="treatment-detail"),
    path(f"{ONE}/edit/", treatment.edit, name="treatment-edit"),
    path(f"{ONE}/cancel/", treatment.cancel, name="treatment-cancel"),
    path(f"{ONE}/tasks/add/", treatment.task_add, name="treatment-task-add"),
    path(f"{ONE}/tasks/link/", treatment.task_link, name="treatment-task-link"),
    path(f"{ONE}/tasks/unlink/", treatment.task_unlink, name="treatment-task-unlink"),
    path(f"{HERE}/<str:number>/treat/", treatment.treat, name="risk-treat"),
]
