"""How a project grades its nonconformities."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from improvement.forms.grade import GradesForm
from improvement.selectors import grade as selectors
from improvement.services import grade as services
from projects.permissions import Perm
from projects.views.base import SeeOther, project_access, shown

from .register import home


@project_access(Perm.MANAGE_NONCONFORMITIES)
@require_http_methods(["GET", "HEAD", "POST"])
def grades(request: HttpRequest) -> HttpResponse:
    """The scale, the gravest first, with the days it gives for correction and cause."""
    project = request.project
    record = selectors.of_project(project)
    scale = selectors.scale_of(project)
    form = GradesForm(
        request.POST if request.method == "POST" else None, scale=scale, version=record.version if record else 0
    )
    if form.is_bound and form.is_valid() and form.carry_out(
        lambda: services.save(
            project=project, by=request.user, version=form.cleaned_data["version"], rows=form.rows
        )
    ):  # fmt: skip
        shown(request)
        return SeeOther(home(request))
    form.take_over()
    context = {"project": project, "form": form, "used": selectors.used(project), "home": home(request), "record": None}
    return render(request, "improvement/nonconformity/grades.html", context, status=422 if form.is_bound else 200)
