"""The standards: list, and one of them with its clauses or controls."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core.access_check import SignedInMixin
from pdca.models.standards import Kind
from pdca.selectors import standards as standards_selector
from pdca.selectors.words import shown
from pdca.views.method import PUBLISHED


class StandardList(SignedInMixin, TemplateView):
    """Context: `groups`, a list of (heading, what it is, standards)."""

    signed_in = PUBLISHED
    http_method_names = ["get", "head", "options"]
    template_name = "pdca/standards/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["groups"] = standards_selector.grouped()
        return context


class StandardDetail(SignedInMixin, TemplateView):
    """Context: `standard`, and `clauses` (chapters) or `controls` (themes) after the filters of the query string."""

    signed_in = PUBLISHED
    http_method_names = ["get", "head", "options"]

    def get_template_names(self) -> list[str]:
        return [f"pdca/standards/{'controls' if self.standard.kind == Kind.CONTROLS else 'clauses'}.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        self.standard = standard = get_object_or_404(standards_selector.listed(), slug=kwargs["slug"])
        asked = self.request.GET
        search = asked.get("q", "").strip()
        if standard.kind == Kind.CONTROLS:
            found = standards_selector.controls_of(standard, search, asked)
        else:
            found = standards_selector.clauses_of(standard, search, asked)
        context["standard"] = standard
        context["found"] = found
        context["search"] = shown(search, 200)
        context["chosen"] = [
            *(
                [{"name": "q", "value": asked.get("q", ""), "label": _("Search"), "text": shown(search)}]
                if search
                else []
            ),
            *(
                {"name": filter.name, "value": filter.value, "label": filter.label, "text": filter.text}
                for filter in found.filters
                if filter.value
            ),
        ]
        context["documents"] = standards_selector.documents_of(standard)
        return context
