"""The scale a project grades its nonconformities by."""

from __future__ import annotations

from django.db.models import Count

from improvement.grading import Scale
from improvement.models import GradeScale, Nonconformity
from projects.models import Project


def of_project(project: Project) -> GradeScale | None:
    return GradeScale.objects.filter(project=project).first()


def scale_of(project: Project) -> Scale:
    """One query the first time; the project keeps it."""
    if not hasattr(project, "_grade_scale"):
        found = of_project(project)
        project._grade_scale = Scale.read(found.grades if found else ())
    return project._grade_scale


def forget(project: Project) -> None:
    project.__dict__.pop("_grade_scale", None)


def used(project: Project) -> dict[str, int]:
    """How many nonconformities carry each grade. One query."""
    rows = Nonconformity.objects.filter(project=project).exclude(grade="").order_by().values("grade")
    return dict(rows.annotate(n=Count("pk")).values_list("grade", "n"))
