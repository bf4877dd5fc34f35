"""A firm's kits: the list, one with what it differs in, saving a plan as one. Only the firm's own people see them."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from projects import kits
from projects.forms.kit import KitForm, SaveKitForm
from projects.models import Kit, KitVersion
from projects.permissions import Perm
from projects.selectors import kit as selectors
from projects.selectors import tailoring as words
from projects.services import kit as services
from projects.services import team
from projects.tailoring import kit as contents

from .base import OrganizationView, ProjectView, SeeOther, shown


class FirmView(OrganizationView):
    """A page of a consulting firm for its own people; another organization has no kits."""

    needs = Perm.START_PROJECT

    def enter(self, request: HttpRequest) -> None:
        super().enter(request)
        if not team.firms_of(request.user).filter(pk=self.organization.pk).exists():
            raise Http404(_("Kits belong to a consulting firm."))

    @cached_property
    def kit(self) -> Kit:
        found = selectors.of(self.organization).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404(_("This firm has no such kit."))
        found.organization = self.organization
        return found


class KitList(FirmView, TemplateView):
    template_name = "projects/kit/list.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(kits=list(selectors.of(self.organization)), **kwargs)


class KitPage(FirmView, TemplateView):
    """A kit: its versions, and what the chosen one has otherwise than the method or than another version."""

    template_name = "projects/kit/detail.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        versions = list(self.kit.versions.all())
        chosen = self.version(versions, self.request.GET.get("version", "")) or versions[0]
        against = self.version(versions, self.request.GET.get("against", ""))
        content = KitVersion.objects.values_list("content", flat=True).get(pk=chosen.pk)
        if against is not None and against.pk != chosen.pk:
            base = KitVersion.objects.values_list("content", flat=True).get(pk=against.pk)
        else:
            against, base = None, selectors.method_as_content(chosen.catalogue, chosen.headcount)
        return super().get_context_data(
            kit=self.kit,
            versions=versions,
            chosen=chosen,
            against=against,
            differences=[said(one) for one in contents.between(base, content)],
            registers=carried(content),
            **kwargs,
        )

    @staticmethod
    def version(versions: list[KitVersion], number: str) -> KitVersion | None:
        return next((one for one in versions if str(one.number) == number), None)


def said(one: contents.Difference) -> dict[str, str]:
    """A difference in words."""
    if not one.field:
        label = _("Added") if one.before is None else _("Left out")
        return {"number": one.number, "title": one.title, "label": label, "before": "", "after": ""}
    model = words.PlanActivity if one.number.count(".") > 1 else words.PlanStep
    label = _("Tasks") if one.field == "tasks" else words.label_of(model, one.field)
    if one.field == "tasks":
        gone = [title for title in one.before if title not in one.after]
        new = [title for title in one.after if title not in one.before]
        before, after = "; ".join(gone) or "–", "; ".join(new) or "–"
    else:
        before, after = (words.said(model, one.field, value) for value in (one.before, one.after))
    return {"number": one.number, "title": one.title, "label": label, "before": before, "after": after}


class Carried(NamedTuple):
    """What a kit carries of one register, as its pages show it."""

    key: str
    label: str
    words: str
    texts: list[tuple[str, str]]
    rows: list[str]


def carried(content: dict[str, Any]) -> list[Carried]:
    registers = content.get("registers", {})
    return [
        Carried(part.key, str(part.label), words, list(part.texts(registers[part.key])), part.rows(registers[part.key]))
        for part, words in kits.said(registers)
    ]


class KitEdit(FirmView, FormView):
    form_class = KitForm
    template_name = "projects/kit/edit.html"
    http_method_names = ["get", "head", "post", "options"]

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.kit, name) for name in ("name", "description", "is_retired")}

    def form_valid(self, form: KitForm) -> HttpResponse:
        if not form.carry_out(lambda: services.edit(kit=self.kit, by=self.request.user, values=form.cleaned_data)):
            return self.form_invalid(form)
        shown(self.request)
        return SeeOther(reverse("projects:kit-detail", args=[self.organization.slug, self.kit.pk]))

    def form_invalid(self, form: KitForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(kit=self.kit, **kwargs)


class SaveKit(ProjectView, FormView):
    """The plan of this project as a kit of the firm: what was taken out, and every text the next client would see."""

    needs = Perm.EDIT_PLAN
    form_class = SaveKitForm
    template_name = "projects/kit/save.html"
    http_method_names = ["get", "head", "post", "options"]

    def enter(self, request: HttpRequest) -> None:
        super().enter(request)
        self.firms = list(team.firms_of(request.user).order_by("name", "pk"))
        if not self.firms:
            raise PermissionDenied(_("Kits belong to a consulting firm and its people."))

    @cached_property
    def taken(self) -> tuple[dict[str, Any], list[str]]:
        return selectors.content_of(self.project, self.request.perms_here)

    @cached_property
    def registers(self) -> list[Carried]:
        return carried(self.taken[0])

    @cached_property
    def texts(self) -> list[tuple[str, str]]:
        method = selectors.method_as_content(self.project.catalogue, self.project.headcount)
        return contents.own_texts(self.taken[0], method)

    def get_form_kwargs(self) -> dict[str, Any]:
        titles = {task["title"] for step in self.taken[0]["steps"] for a in step["activities"] for task in a["tasks"]}
        known = [kit for firm in self.firms for kit in selectors.of(firm)]
        own = list(dict.fromkeys(text for _number, text in self.texts if text in titles))
        registers = [(one.key, f"{one.label}: {one.words}", one.rows) for one in self.registers]
        return {**super().get_form_kwargs(), "firms": self.firms, "kits": known, "tasks": own, "registers": registers}

    def get_initial(self) -> dict[str, Any]:
        return {"firm": self.firms[0].slug, "registers": [one.key for one in self.registers]}

    def form_valid(self, form: SaveKitForm) -> HttpResponse:
        if not form.carry_out(lambda: services.save(project=self.project, by=self.request.user, **form.details)):
            return self.form_invalid(form)
        made = form.result
        shown(self.request, _("Saved: %(kit)s.") % {"kit": made})
        return SeeOther(reverse("projects:kit-detail", args=[form.details["firm"].slug, made.kit_id]))

    def form_invalid(self, form: SaveKitForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        content, found = self.taken
        return super().get_context_data(
            texts=self.texts, found=found, counts=contents.counts(content), registers=self.registers, **kwargs
        )
