"""The published method: its overview and its steps."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core.access_check import SignedInMixin
from pdca.selectors import catalogue as catalogue_selector
from pdca.selectors.timeline import timeline_of
from pdca.selectors.words import shown

PUBLISHED = "The published method and standards hold nothing of any organization."


class MethodView(SignedInMixin, TemplateView):
    """A page of the edition that `?edition=` names, otherwise of the newest one.

    Context: `catalogue` (None before anything was loaded), `editions`, `unknown_edition`, and `keep`, the query string
    by which links stay in an edition that is not the newest.
    """

    signed_in = PUBLISHED
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        editions = catalogue_selector.editions()
        asked = self.request.GET.get("edition", "")
        chosen = next((edition for edition in editions if edition.edition == asked), None)
        newest = editions[0] if editions else None
        catalogue = chosen or newest
        context["editions"] = editions
        context["catalogue"] = catalogue
        context["is_newest"] = catalogue == newest
        context["unknown_edition"] = shown(asked) if asked and not chosen else ""
        context["keep"] = "?" + urlencode({"edition": catalogue.edition}) if catalogue and catalogue != newest else ""
        return context


class Method(MethodView):
    template_name = "pdca/method/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if context["catalogue"]:
            outline = catalogue_selector.outline_of(context["catalogue"])
            context["outline"] = outline
            context["timeline"] = timeline_of([line.step for line in outline.steps], outline.links)
        return context


class StepPage(MethodView):
    template_name = "pdca/method/step.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        catalogue = context["catalogue"]
        found = catalogue_selector.step_of(catalogue, kwargs["number"]) if catalogue else None
        if found is None:
            raise Http404(_("This edition of the method has no step of that number."))
        context["view"] = found
        context["step"] = found.step
        return context
