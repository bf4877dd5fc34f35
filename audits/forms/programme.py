"""Forms of the audit programme and its lines."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.models import Every, Programme, ProgrammeLine
from context.models import ScopeItem
from core.forms import RuleForm, VersionedForm
from core.once import OnceForm
from pdca.models import Clause
from projects.forms.task_fields import DayField

from .base import Conflicting, CriteriaFields, area, names_of


class ProgrammeFields(forms.Form):
    title = forms.CharField(max_length=200, label=gettext_lazy("Title"))
    starts_on = DayField(label=gettext_lazy("From"))
    ends_on = DayField(label=gettext_lazy("To"), help_text=gettext_lazy("One to three years after it begins."))
    owner = forms.ChoiceField(
        required=False, label=gettext_lazy("Managed by"),
        help_text=gettext_lazy("Answers for the programme and is reminded of what falls due."),
    )  # fmt: skip
    objectives = area(
        gettext_lazy("Objectives"),
        gettext_lazy(
            "What the audits are to find out: whether the system conforms, works, and is ready to be certified."
        ),
    )
    risks = area(
        gettext_lazy("Risks and opportunities of the programme"),
        gettext_lazy("What could keep the audits from finding it out, and what is done about that."), rows=2,
    )  # fmt: skip
    resources = area(
        gettext_lazy("Resources and methods"), gettext_lazy("Who audits, with how much time, on site or remotely."), rows=2
    )  # fmt: skip

    def __init__(self, *args: Any, people: dict[int, Any], programme: Programme | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = dict(people)
        if programme is not None and programme.owner is not None:
            self.people.setdefault(programme.owner.pk, programme.owner)
        self.fields["owner"].choices = [("", _("Nobody yet")), *names_of(self.people)]

    @property
    def values(self) -> dict[str, Any]:
        found = {name: self.cleaned_data[name] for name in ProgrammeFields.base_fields}
        return found | {"owner": self.people.get(int(found["owner"])) if found["owner"] else None}


class ProgrammeForm(ProgrammeFields, OnceForm):
    """A new programme."""


class ProgrammeEditForm(Conflicting, ProgrammeFields, VersionedForm):
    """A programme that exists, with the version the person saw."""

    @classmethod
    def initial_of(cls, programme: Programme) -> dict[str, Any]:
        names = (*ProgrammeFields.base_fields, "version")
        return {name: getattr(programme, name) for name in names} | {"owner": str(programme.owner_id or "")}


class LineFields(CriteriaFields):
    item = forms.ChoiceField(
        required=False, label=gettext_lazy("Process or site"), help_text=gettext_lazy("Of the approved scope.")
    )
    subject = forms.CharField(
        required=False, max_length=200, label=gettext_lazy("Or in words"),
        help_text=gettext_lazy("For what is no process or site of the scope, such as a supplier."),
    )  # fmt: skip
    every_months = forms.TypedChoiceField(coerce=int, choices=Every.choices, label=gettext_lazy("How often"))
    first_on = DayField(label=gettext_lazy("First audit by"))
    reason = area(
        gettext_lazy("Why that often"),
        gettext_lazy("Risks, changes and earlier results: an auditor asks how they led to it (9.2.2)."),
        longest=1_000, rows=3, required=True,
    )  # fmt: skip

    def __init__(
        self, *args: Any, places: list[ScopeItem], clauses: list[Clause], line: ProgrammeLine | None = None, **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.places = {str(one.pk): one for one in places}
        if line is not None and line.item is not None:
            self.places.setdefault(str(line.item.pk), line.item)
        groups: dict[str, list[tuple[str, str]]] = {}
        for pk, one in self.places.items():
            groups.setdefault(str(one.get_kind_display()), []).append((pk, one.name))
        self.fields["item"].choices = [("", _("None of these")), *groups.items()]
        self.offer(clauses)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not cleaned.get("item") and not cleaned.get("subject", "").strip():
            self.add_error("item", _("Choose a process or site, or say in words what is audited."))
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        item = self.places.get(data["item"])
        found = {name: data[name] for name in ("every_months", "first_on", "reason")}
        return found | {"item": item, "subject": item.name if item is not None else data["subject"]}


class LineForm(LineFields, OnceForm):
    """A new line."""


class LineEditForm(Conflicting, LineFields, VersionedForm):
    """A line that exists, with the version the person saw."""

    @classmethod
    def initial_of(cls, line: ProgrammeLine) -> dict[str, Any]:
        names = ("every_months", "first_on", "reason", "version")
        return {name: getattr(line, name) for name in names} | {
            "item": str(line.item_id or ""),
            "subject": "" if line.item_id else line.subject,
            "standards": [str(pk) for pk in line.standard_links.values_list("standard_id", flat=True)],
            "clauses": [str(pk) for pk in line.clause_links.values_list("clause_id", flat=True)],
        }

    @staticmethod
    def _said(field: forms.Field, value: Any) -> str:
        if isinstance(field, forms.ChoiceField) and not isinstance(value, list | tuple):
            words = {}
            for key, label in field.choices:
                words |= dict(label) if isinstance(label, list | tuple) else {str(key): str(label)}
            return str({str(key): word for key, word in words.items()}.get(str(value or ""), value or ""))
        return Conflicting._said(field, value)


class ReasonForm(RuleForm):
    """A move that asks why."""

    reason = forms.CharField(
        max_length=500, label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3, "autofocus": True})
    )
