"""Forms of an audit: filters of the list, its plan, its team, its agenda."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.flows import AuditStatus
from audits.models import Audit, Auditee, AuditKind, AuditMember, Method, ProgrammeLine, Session, SessionKind, TeamRole
from audits.selectors.audit import EVERY, ME
from context.models import ScopeItem
from core.forms import FilterForm, RuleForm, VersionedForm
from core.once import OnceForm
from documents.models import Document
from pdca.models import Clause
from projects.forms.task_fields import DayField

from .base import ANY, Conflicting, CriteriaFields, area, names_of


class AuditFilter(FilterForm):
    """What the query string of the list and of its export may say; what makes no sense is left aside."""

    q = forms.CharField(required=False, max_length=200, label=gettext_lazy("Search"))
    state = forms.ChoiceField(required=False, label=gettext_lazy("State"))
    kind = forms.ChoiceField(required=False, label=gettext_lazy("Kind"))
    standard = forms.ChoiceField(required=False, label=gettext_lazy("Standard"))
    auditor = forms.ChoiceField(required=False, label=gettext_lazy("In the team"))
    year = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label=gettext_lazy("Year"))
    sort = forms.CharField(required=False, max_length=20)

    def __init__(
        self, data: Any, *, people: dict[int, Any], standards: list[tuple[int, str]], years: list[int]
    ) -> None:
        super().__init__(data, auto_id="filter_%s")
        choices: dict[str, list[Any]] = {
            "state": [("", _("Open")), *AuditStatus.choices, (EVERY, _("All, closed too"))],
            "kind": [("", ANY), *AuditKind.choices],
            "standard": [("", ANY), *((str(pk), code) for pk, code in standards)],
            "auditor": [("", ANY), (ME, _("Me")), *names_of(people)],
            "year": [("", ANY), *((str(year), str(year)) for year in years)],
        }
        for name, options in choices.items():
            self.fields[name].choices = options


# ---- the plan -----------------------------------------------------------------------------------------------------


class AuditFields(CriteriaFields):
    title = forms.CharField(max_length=200, label=gettext_lazy("Title"))
    kind = forms.ChoiceField(choices=AuditKind.choices, initial=AuditKind.INTERNAL, label=gettext_lazy("Kind"))
    method = forms.ChoiceField(choices=Method.choices, initial=Method.ON_SITE, label=gettext_lazy("Method"))
    starts_on = DayField(required=False, label=gettext_lazy("From"))
    ends_on = DayField(required=False, label=gettext_lazy("To"), help_text=gettext_lazy("Empty: on that one day."))
    report_due_on = DayField(
        required=False, label=gettext_lazy("Report until"), help_text=gettext_lazy("Empty: two weeks after it ends.")
    )
    objectives = area(
        gettext_lazy("Objectives"), gettext_lazy("What the audit is to find out; the auditees read it before.")
    )
    scope = area(gettext_lazy("Scope"), gettext_lazy("Where, which activities, over which time."))
    items = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Processes and sites"), widget=forms.CheckboxSelectMultiple
    )
    documents = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Documents that are criteria"), widget=forms.CheckboxSelectMultiple
    )
    lines = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Lines of the programme it does"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, places: list[ScopeItem], clauses: list[Clause], documents: list[Document],
        programme_lines: list[ProgrammeLine], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.places = {str(one.pk): one for one in places}
        self.papers = {str(one.pk): one for one in documents}
        self.programme_lines = {str(one.pk): one for one in programme_lines}
        self.fields["items"].choices = [(pk, one.name) for pk, one in self.places.items()]
        self.fields["documents"].choices = [(pk, str(one)) for pk, one in self.papers.items()]
        self.fields["lines"].choices = [(pk, one.subject) for pk, one in self.programme_lines.items()]
        self.offer(clauses)

    def _rows(self, name: str, known: dict[str, Any]) -> list[tuple[Any, bool]]:
        chosen = {str(value) for value in self[name].value() or ()}
        return [(one, pk in chosen) for pk, one in known.items()]

    @property
    def place_rows(self) -> list[tuple[Any, bool]]:
        return self._rows("items", self.places)

    @property
    def document_rows(self) -> list[tuple[Any, bool]]:
        return sorted(self._rows("documents", self.papers), key=lambda row: not row[1])

    @property
    def line_rows(self) -> list[tuple[Any, bool]]:
        return self._rows("lines", self.programme_lines)

    @property
    def chosen(self) -> dict[str, Any]:
        """Everything but the audit's own fields, as the services take it."""
        data = self.cleaned_data
        return {
            "values": {name: data[name] for name in ("title", "kind", "method", "starts_on", "ends_on", "report_due_on",
                                                     "objectives", "scope")},
            "standards": self.chosen_standards, "clauses": self.chosen_clauses,
            "items": [self.places[pk] for pk in data["items"]],
            "documents": [self.papers[pk] for pk in data["documents"]],
            "lines": [self.programme_lines[pk] for pk in data["lines"]],
        }  # fmt: skip


class AuditForm(AuditFields, OnceForm):
    """A new audit."""

    lead = forms.ChoiceField(required=False, label=gettext_lazy("Lead auditor"))

    def __init__(self, *args: Any, people: dict[int, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["lead"].choices = [("", _("Nobody yet")), *names_of(people)]

    @property
    def chosen(self) -> dict[str, Any]:
        lead = self.cleaned_data["lead"]
        return super().chosen | {"lead": self.people[int(lead)] if lead else None}


class FromLineForm(OnceForm):
    """An audit from a line of the programme: the line knows the rest."""

    title = forms.CharField(max_length=200, label=gettext_lazy("Title"))
    starts_on = DayField(required=False, label=gettext_lazy("From"))
    ends_on = DayField(required=False, label=gettext_lazy("To"), help_text=gettext_lazy("Empty: on that one day."))
    lead = forms.ChoiceField(required=False, label=gettext_lazy("Lead auditor"))
    objectives = area(
        gettext_lazy("Objectives"), gettext_lazy("What the audit is to find out; the auditees read it before.")
    )

    def __init__(self, *args: Any, people: dict[int, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["lead"].choices = [("", _("Nobody yet")), *names_of(people)]

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("title", "starts_on", "ends_on", "objectives")}

    @property
    def leader(self) -> Any:
        chosen = self.cleaned_data["lead"]
        return self.people[int(chosen)] if chosen else None


class AuditEditForm(Conflicting, AuditFields, VersionedForm):
    """An audit that exists, with the version the person saw."""

    @classmethod
    def initial_of(cls, audit: Audit) -> dict[str, Any]:
        names = ("title", "kind", "method", "starts_on", "ends_on", "report_due_on", "objectives", "scope", "version")
        links = {
            "standards": ("standard_links", "standard_id"), "clauses": ("clause_links", "clause_id"),
            "items": ("item_links", "item_id"), "documents": ("document_links", "document_id"),
            "lines": ("programme_links", "line_id"),
        }  # fmt: skip
        return {name: getattr(audit, name) for name in names} | {
            name: [str(pk) for pk in getattr(audit, of).values_list(column, flat=True) if pk is not None]
            for name, (of, column) in links.items()
        }


# ---- the team -----------------------------------------------------------------------------------------------------


class PersonFields(forms.Form):
    person = forms.ChoiceField(required=False, label=gettext_lazy("Person"))
    name = forms.CharField(
        required=False, max_length=120, label=gettext_lazy("Or a name"),
        help_text=gettext_lazy("For somebody without an account here."),
    )  # fmt: skip

    def __init__(self, *args: Any, people: dict[int, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["person"].choices = [("", _("Nobody of the project")), *names_of(people)]

    @property
    def who(self) -> dict[str, Any]:
        chosen = self.cleaned_data["person"]
        return {"person": self.people[int(chosen)] if chosen else None, "name": self.cleaned_data["name"].strip()}


class MemberForm(PersonFields, RuleForm):
    role = forms.ChoiceField(choices=TeamRole.choices, label=gettext_lazy("Role"), initial=TeamRole.AUDITOR)
    company = forms.CharField(required=False, max_length=120, label=gettext_lazy("From"))


class RoleForm(RuleForm):
    role = forms.ChoiceField(choices=TeamRole.choices, label=gettext_lazy("Role"))


class AuditeeForm(PersonFields, RuleForm):
    function = forms.CharField(required=False, max_length=120, label=gettext_lazy("Function"))


class JustifyForm(RuleForm):
    justification = area(
        gettext_lazy("Why this person all the same"),
        gettext_lazy("Why nobody else can do it, and what makes up for it. The report prints this sentence."),
        longest=2_000, required=True,
    )  # fmt: skip


# ---- the agenda ---------------------------------------------------------------------------------------------------


class TimeField(forms.TimeField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TimeInput(attrs={"type": "time", "step": 300}, format="%H:%M")
        super().__init__(widget=widget, input_formats=["%H:%M", "%H:%M:%S", "%H.%M"], **kwargs)


class SessionFields(CriteriaFields):
    kind = forms.ChoiceField(choices=SessionKind.choices, label=gettext_lazy("Kind"))
    item = forms.ChoiceField(required=False, label=gettext_lazy("Process or site"))
    title = forms.CharField(
        required=False, max_length=200, label=gettext_lazy("Title"),
        help_text=gettext_lazy("Empty: the name of the process or site."),
    )  # fmt: skip
    day = DayField(label=gettext_lazy("Day"))
    starts_at = TimeField(label=gettext_lazy("From"))
    ends_at = TimeField(label=gettext_lazy("To"))
    place = forms.CharField(
        required=False, max_length=200, label=gettext_lazy("Where"), help_text=gettext_lazy("A room, or a link.")
    )
    auditors = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Auditors"), widget=forms.CheckboxSelectMultiple
    )
    auditees = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Who is asked"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, places: list[ScopeItem], clauses: list[Clause], team: list[AuditMember], asked: list[Auditee],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.places = {str(one.pk): one for one in places}
        self.fields["item"].choices = [
            ("", _("All of the audit's")),
            *((pk, one.name) for pk, one in self.places.items()),
        ]
        self.fields["auditors"].choices = [(str(one.pk), f"{one.name}, {one.get_role_display()}") for one in team]
        self.fields["auditees"].choices = [
            (str(one.pk), f"{one.name}, {one.function}" if one.function else one.name) for one in asked
        ]
        self.offer(clauses)
        del self.fields["standards"]

    @property
    def chosen(self) -> dict[str, Any]:
        """As the services take it."""
        data = self.cleaned_data
        item = self.places.get(data["item"])
        return {
            "values": {name: data[name] for name in ("kind", "title", "day", "starts_at", "ends_at", "place")}
            | {"item": item, "subject": item.name if item is not None else ""},
            "clauses": self.chosen_clauses,
            "auditors": [int(pk) for pk in data["auditors"]],
            "auditees": [int(pk) for pk in data["auditees"]],
        }


class SessionForm(SessionFields, OnceForm):
    """A new session."""


class SessionEditForm(Conflicting, SessionFields, VersionedForm):
    @classmethod
    def initial_of(cls, session: Session) -> dict[str, Any]:
        names = ("kind", "title", "day", "starts_at", "ends_at", "place", "version")
        return {name: getattr(session, name) for name in names} | {
            "item": str(session.item_id or ""),
            "clauses": [str(pk) for pk in session.clause_links.values_list("clause_id", flat=True)],
            "auditors": [str(pk) for pk in session.auditor_links.values_list("member_id", flat=True)],
            "auditees": [str(pk) for pk in session.auditee_links.values_list("auditee_id", flat=True)],
        }
