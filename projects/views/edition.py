"""A newer edition of the method against the running plan, and merging it in."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView

from pdca.models import Catalogue
from projects.forms.edition import EditionForm
from projects.models import PlanActivity, PlanStep
from projects.permissions import Perm
from projects.selectors import edition as selectors
from projects.selectors import tailoring as words
from projects.services import edition as services
from projects.tailoring.edition import CHANGED, GONE, NEW, Item

from .base import ProjectView, SeeOther, shown


class MergeEdition(ProjectView, FormView):
    """What the newer edition has new, changed and no more, each with a choice; nothing is written before it is sent."""

    needs = Perm.EDIT_PLAN
    form_class = EditionForm
    template_name = "projects/edition/merge.html"
    http_method_names = ["get", "head", "post", "options"]

    @cached_property
    def editions(self) -> list[Catalogue]:
        return selectors.newer(self.project)

    @cached_property
    def edition(self) -> Catalogue | None:
        asked = self.request.POST.get("edition") or self.request.GET.get("edition")
        if not asked:
            return self.editions[0] if self.editions else None
        found = next((one for one in self.editions if str(one.pk) == asked), None)
        if found is None:
            raise Http404(_("There is no such newer edition."))
        return found

    @cached_property
    def items(self) -> list[Item]:
        return selectors.compare(self.project, self.edition).items if self.edition else []

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "items": self.items}

    def get_initial(self) -> dict[str, Any]:
        return {"edition": self.edition.pk if self.edition else "", "seen": self.project.version}

    def form_valid(self, form: EditionForm) -> HttpResponse:
        def merge() -> Any:
            return services.merge(
                project=self.project, to=self.edition, by=self.request.user, choices=form.choices,
                justification=form.cleaned_data["justification"], seen=form.cleaned_data["seen"],
            )  # fmt: skip

        if self.edition is None or not form.carry_out(merge):
            return self.form_invalid(form)
        shown(self.request, _("The plan follows %(edition)s now.") % {"edition": self.edition})
        return SeeOther(reverse("projects:tailoring-list", kwargs=self.project.address))

    def form_invalid(self, form: EditionForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form") or self.get_form()
        titles = ((NEW, _("New in the method")), (CHANGED, _("Changed")), (GONE, _("No longer in the method")))
        groups = [
            (title, [(item, field, said(item)) for item, field in form.rows() if item.kind == kind])
            for kind, title in titles
        ]
        return super().get_context_data(
            **{**kwargs, "form": form},
            edition=self.edition,
            editions=self.editions,
            groups=[(title, rows) for title, rows in groups if rows],
        )


def said(item: Item) -> list[dict[str, Any]]:
    """The fields of an item in words: the editions and the plan."""
    model = PlanStep if item.is_step else PlanActivity
    return [
        {
            "label": words.label_of(model, one.name),
            "old": words.said(model, one.name, one.old),
            "new": words.said(model, one.name, one.new),
            "here": words.said(model, one.name, one.here),
            "is_tailored": one.is_tailored,
        }
        for one in item.fields
    ]
