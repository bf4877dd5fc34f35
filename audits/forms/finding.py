"""Forms around a finding: noted, changed, answered, moved; the filters of the register."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.flows import FindingStatus, Grade
from audits.models import Audit, ChecklistLine, Finding, FollowUpResult
from audits.selectors import checklist as checklists
from audits.selectors import clauses as clause_selectors
from context.models import ScopeItem, ScopeKind
from core.forms import FilterForm, RuleForm, VersionedForm
from core.once import OnceForm
from pdca.models import Clause
from projects.forms.task_fields import DayField

PLACES = (ScopeKind.PROCESS, ScopeKind.SITE, ScopeKind.UNIT)
ANY = gettext_lazy("Any")


class RegisterFilter(FilterForm):
    """What the query string of the register may say; what makes no sense is left aside."""

    q = forms.CharField(required=False, max_length=200, label=gettext_lazy("Search"))
    state = forms.ChoiceField(required=False, label=gettext_lazy("State"))
    grade = forms.ChoiceField(required=False, label=gettext_lazy("Grade"))
    standard = forms.ChoiceField(required=False, label=gettext_lazy("Standard"))
    respondent = forms.ChoiceField(required=False, label=gettext_lazy("Answered by"))
    audit = forms.CharField(required=False, max_length=20, label=gettext_lazy("Audit"), widget=forms.HiddenInput)
    sort = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, people: dict[int, Any], standards: list[Any]) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.people = people
        named = [(str(pk), person.name or person.email) for pk, person in people.items()]
        choices: dict[str, list[Any]] = {
            "state": [
                ("", _("Open")), *FindingStatus.choices, ("late", _("Response overdue")),
                ("unraised", _("Nonconformity not raised yet")), ("all", _("All")),
            ],
            "grade": [("", ANY), ("nc", _("Nonconformities")), *Grade.choices],
            "standard": [("", ANY), *((one.slug, one.code) for one in standards)],
            "respondent": [("", ANY), ("me", _("Me")), ("none", _("Nobody yet")), *named],
        }  # fmt: skip
        for name, options in choices.items():
            self.fields[name].choices = options


class BulkForm(RuleForm):
    """What can be given to many findings at once."""

    respondent = forms.ChoiceField(required=False, label=gettext_lazy("Answered by"))
    due_on = DayField(required=False, label=gettext_lazy("Response until"))

    def __init__(self, *args: Any, people: dict[int, Any], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="bulk_%s", **kwargs)
        self.people = people
        named = [(str(pk), person.name or person.email) for pk, person in people.items()]
        self.fields["respondent"].choices = [("", _("as it is")), *named]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(_("Choose a person or a day first."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the service sets: only what was chosen."""
        found = {name: value for name, value in self.cleaned_data.items() if value}
        if respondent := found.get("respondent"):
            found["respondent"] = self.people[int(respondent)]
        return found


class FindingFields(forms.Form):
    grade = forms.ChoiceField(choices=Grade.choices, label=gettext_lazy("Grade"), widget=forms.RadioSelect)
    statement = forms.CharField(
        max_length=1_000, label=gettext_lazy("Statement"), widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("What is not as it should be, in a sentence that stands by itself."),
    )  # fmt: skip
    evidence = forms.CharField(
        required=False, max_length=10_000, label=gettext_lazy("Evidence"), widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("What was seen, read or heard: where, when, how many of how many."),
    )  # fmt: skip
    criterion = forms.CharField(
        required=False, max_length=1_000, label=gettext_lazy("Requirement"), widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("In your own words: what should have been so, and where that is written."),
    )  # fmt: skip
    clauses = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Clauses"), widget=forms.SelectMultiple(attrs={"size": 7})
    )
    item = forms.ChoiceField(required=False, label=gettext_lazy("Process or site"))
    subject = forms.CharField(required=False, max_length=200, label=gettext_lazy("Where, in more words"))
    respondent = forms.ChoiceField(required=False, label=gettext_lazy("Answered by"))
    due_on = DayField(required=False, label=gettext_lazy("Response until"))

    def __init__(self, *args: Any, audit: Audit, people: dict[int, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self._clauses = {str(one.pk): one for one in clause_selectors.of_audit(audit)}
        items = ScopeItem.objects.filter(project=audit.project, is_included=True, kind__in=PLACES)
        self._items = {str(one.pk): one for one in items.order_by("kind", "position", "pk")}
        first = set(self.initial.get("clauses", ()))  # those of the line, or named before, stand on top of a long list
        self.fields["clauses"].choices = [
            (pk, f"{one.standard.code} {one.ref} {one.title}")
            for pk, one in sorted(self._clauses.items(), key=lambda pair: pair[0] not in first)
        ]
        self.fields["item"].choices = [("", "–"), *((pk, one.name) for pk, one in self._items.items())]
        auditors = {member.person_id for member in audit.members.all() if member.role in ("lead", "auditor")}
        self.fields["respondent"].choices = [
            ("", _("Nobody yet")),
            *((str(pk), one.name or one.email) for pk, one in people.items() if pk not in auditors),
        ]

    @property
    def values(self) -> dict[str, Any]:
        names = ("grade", "statement", "evidence", "criterion", "subject", "due_on")
        data = self.cleaned_data
        return {name: data[name] for name in names} | {
            "item": self._items.get(data["item"]),
            "respondent": self.people.get(int(data["respondent"])) if data["respondent"] else None,
        }

    @property
    def named(self) -> list[Clause]:
        return [self._clauses[pk] for pk in self.cleaned_data["clauses"]]


class NoteForm(FindingFields, OnceForm):
    """A new finding; at a line of the checklist with all that the line says filled in."""

    @staticmethod
    def initial_of(line: ChecklistLine) -> dict[str, Any]:
        links = list(line.clause_links.all())
        said = ", ".join(f"{link.clause.standard.code} {link.clause.ref}" for link in links)
        intent = checklists.intent_of(line, checklists.intents()) or line.title
        return {
            "grade": line.result if line.result in Grade.values else Grade.OBSERVATION,
            "evidence": line.evidence,
            "criterion": (f"{said}: {intent}" if said else intent)[:1_000],
            "clauses": [str(link.clause_id) for link in links],
        }


class RecordForm(FindingFields, VersionedForm):
    """A finding as its auditors change it, until it is answered."""

    @staticmethod
    def initial_of(finding: Finding) -> dict[str, Any]:
        names = ("version", "grade", "statement", "evidence", "criterion", "subject", "due_on")
        return {name: getattr(finding, name) for name in names} | {
            "item": str(finding.item_id or ""),
            "respondent": str(finding.respondent_id or ""),
            "clauses": [str(pk) for pk in finding.clause_links.values_list("clause_id", flat=True)],
        }

    def conflict_rows(self) -> list[dict[str, str]]:
        """After a conflict: each field that differs, what was typed and what stands now, in words."""
        if self.conflict is None:
            return []
        theirs, rows = self.initial_of(self.conflict), []
        for name, field in self.fields.items():
            if name == "version":
                continue
            mine, now = (self._said(field, value) for value in (self[name].value(), theirs[name]))
            if mine != now:
                rows.append({"label": str(field.label), "mine": mine or "–", "theirs": now or "–"})
        return rows

    @staticmethod
    def _said(field: forms.Field, value: Any) -> str:
        if isinstance(field, forms.ChoiceField):
            words = {str(key): str(label) for key, label in field.choices}
            if isinstance(value, list):
                return ", ".join(words.get(str(key), str(key)) for key in value)
            return words.get(str(value), str(value))
        return "" if value is None else str(value).replace("\r\n", "\n").strip()


class ResponseForm(VersionedForm):
    response = forms.CharField(
        max_length=10_000, label=gettext_lazy("Your response"), widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("What you did at once, why it was so as far as you know, and what you will do until when."),
    )  # fmt: skip


class ReasonForm(RuleForm):
    reason = forms.CharField(max_length=500, label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3}))


class FollowUpForm(RuleForm):
    """What this audit saw of an earlier finding."""

    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    result = forms.ChoiceField(choices=FollowUpResult.choices, label=gettext_lazy("Seen now"))
    note = forms.CharField(
        required=False, max_length=2_000, label=gettext_lazy("By what"), widget=forms.Textarea(attrs={"rows": 2})
    )
