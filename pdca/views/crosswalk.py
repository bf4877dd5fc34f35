"""The crosswalk: standards picked by check boxes, compared on a page and in a workbook."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from core.access_check import SignedInMixin, signed_in
from pdca.selectors import crosswalk as crosswalk_selector
from pdca.selectors import standards as standards_selector
from pdca.selectors.words import shown
from pdca.views import workbook
from pdca.views.method import PUBLISHED

MOST_ASKED = 50  # slugs of one address that are looked at; there are fewer standards


class Comparison(SignedInMixin, TemplateView):
    """Context: `offered` standards with `is_chosen`, `result`, and `sentence` about what could not be compared."""

    signed_in = PUBLISHED
    http_method_names = ["get", "head", "options"]
    template_name = "pdca/crosswalk/compare.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        offered = standards_selector.comparable()
        asked = self.request.GET.getlist("s")[:MOST_ASKED]
        result = crosswalk_selector.compare([slug for slug in asked if slug], offered)
        picked = {standard.slug for standard in result.standards}
        for standard in offered:
            standard.is_chosen = standard.slug in picked
        context["offered"] = [s for s in offered if not s.is_superseded]
        context["superseded"] = [s for s in offered if s.is_superseded]
        context["opens_superseded"] = any(s.is_chosen for s in context["superseded"])
        context["result"] = result
        context["result_query"] = urlencode([("s", standard.slug) for standard in result.standards])
        context["sentence"] = sentence(result.unknown)
        context["rule"] = workbook.rule()
        return context


def sentence(unknown: list[str]) -> str:
    """What is said about slugs that cannot be compared; "" where there are none."""
    if not unknown:
        return ""
    names = ", ".join(f"“{shown(slug)}”" for slug in unknown[:3])
    left = len(unknown) - 3
    if left > 0:
        names = ngettext("%(names)s and %(left)s more", "%(names)s and %(left)s more", left) % {
            "names": names,
            "left": left,
        }
    return _("%(names)s cannot be compared: no standard with requirements is known by that name.") % {"names": names}


@signed_in(PUBLISHED)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The comparison as a workbook; with nothing to compare, the page that says so."""
    asked = request.GET.getlist("s")[:MOST_ASKED]
    result = crosswalk_selector.compare([slug for slug in asked if slug])
    if not result.standards:
        return HttpResponse(
            _("Choose at least two standards to compare, then export."), status=400, content_type="text/plain"
        )
    response = HttpResponse(
        workbook.crosswalk(result),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response["Content-Disposition"] = 'attachment; filename="crosswalk.xlsx"'
    return response
