"""The button "Take it": POST only, and back to where it was pressed."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from projects.models import Task
from projects.permissions import Perm
from projects.services import taking
from projects.views.base import answer, project_access


@project_access(Perm.WORK_ON_TASKS)
@require_POST
def take(request: HttpRequest, number: str) -> HttpResponse:
    wanted = Task.number_of(number)
    found = (
        Task.objects.select_related("project__organization").filter(project=request.project, number=wanted).first()
        if wanted is not None
        else None
    )
    # Taken by somebody else a moment ago is said, not hidden: the role made it visible.
    is_theirs = found is not None and (
        Perm.VIEW_PROJECT in request.perms_here
        or found.assignee_id == request.user.pk
        or found.assignee_role in request.roles_here
    )
    if not is_theirs:
        raise Http404
    back = request.POST.get("next", "")
    if not back.startswith("/") or not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = found.get_absolute_url()
    return answer(
        request,
        lambda: taking.take(task=found, by=request.user),
        back=back,
        done=_("%(task)s is yours now.") % {"task": found.label},
    )
