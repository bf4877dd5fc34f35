"""What changed in a project since a person last looked, and the button that says "seen"."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core import nav
from projects.permissions import Perm
from projects.selectors import changes as selectors
from projects.selectors.journal import number_of
from projects.services import seen

from .base import ProjectView, SeeOther, shown


class Changes(ProjectView, TemplateView):
    """Looking changes nothing: only the button moves the mark, up to the entries that the page has shown."""

    needs = Perm.VIEW_JOURNAL
    template_name = "projects/journal/changes.html"
    http_method_names = ["get", "head", "post", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = selectors.since_seen(self.project, self.request.user)
        since = timezone.localtime(found.since).date() if found.since else None
        return super().get_context_data(changes=found, since=since, **kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        upto = number_of(request.POST.get("upto", ""))
        if upto is None:
            return self.render_to_response(self.get_context_data(is_lost=True), status=422)
        seen.mark(person=request.user, projects=[self.project.pk], seq=upto)
        shown(request, _("Marked as seen. New changes are counted from here."))
        return SeeOther(nav.address("portal:portfolio") or self.project.get_absolute_url())
