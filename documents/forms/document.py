"""Forms around the register: filters of the list, a document's line, many at once, withdrawal, review, numbering."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models.user import Language
from core.forms import FilterForm, RuleForm, VersionedForm
from core.once import OnceForm
from core.rules import RuleBroken
from documents import numbering
from documents.models import Classification, Disposal, Document, Kind
from documents.selectors import document as selectors
from documents.selectors.register import PROCEDURAL_KEY, State
from documents.services.document import tags_of
from pdca.models import Clause, MandatoryDocument, MergeGroup
from projects.forms.task_fields import DayField
from projects.models import Project

MOST_AT_ONCE = 200
MOST_OFFERED = 500
ANY = gettext_lazy("Any")


# ---- filters of the list ----------------------------------------------------------------------------------------


class DocumentFilter(FilterForm):
    """What the query string of the list and of its exports may say; what makes no sense is left aside."""

    q = forms.CharField(required=False, max_length=200, label=gettext_lazy("Search"))
    state = forms.ChoiceField(required=False, label=gettext_lazy("State"))
    kind = forms.ChoiceField(required=False, label=gettext_lazy("Type"))
    owner = forms.ChoiceField(required=False, label=gettext_lazy("Owner"))
    review = forms.ChoiceField(required=False, label=gettext_lazy("Review"))
    standard = forms.ChoiceField(required=False, label=gettext_lazy("Standard"))
    clause = forms.RegexField(r"^[A-Za-z0-9][A-Za-z0-9.-]{0,19}$", required=False, label=gettext_lazy("Clause"))
    tag = forms.CharField(required=False, max_length=100, label=gettext_lazy("Tag"))
    language = forms.ChoiceField(required=False, label=gettext_lazy("Language"))
    classification = forms.ChoiceField(required=False, label=gettext_lazy("Classification"))
    sort = forms.CharField(required=False, max_length=20)

    def __init__(
        self, data: Any, *, people: dict[int, Any], standards: list[tuple[str, str]], tags: list[str] = ()
    ) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.people = people
        choices: dict[str, list[Any]] = {
            "state": [("", _("In use")), *State.choices, ("all", _("All"))],
            "kind": [("", ANY), *Kind.choices, (PROCEDURAL_KEY, _("Procedures, processes, instructions, forms"))],
            "owner": [
                ("", ANY), ("me", _("Me")), ("none", _("Nobody yet")),
                *((str(pk), person.name or person.email) for pk, person in people.items()),
            ],
            "review": [
                ("", ANY), ("overdue", _("Overdue")), ("soon", _("Within 30 days")), ("none", _("No date")),
            ],
            "standard": [("", ANY), *standards],
            "language": [("", ANY), *Language.choices],
            "classification": [("", ANY), *Classification.choices],
        }  # fmt: skip
        for name, options in choices.items():
            self.fields[name].choices = options
        self.fields["clause"].widget.attrs |= {"placeholder": "7.5", "size": 8}
        offered = [("", ANY), *((tag, tag) for tag in tags)]
        if (chosen := self.data.get("tag", "")[:100]) and chosen not in tags:
            offered.append((chosen, chosen))
        self.fields["tag"].widget = forms.Select(choices=offered)

    @property
    def has_more(self) -> bool:
        """Whether a filter of the folded part is in force."""
        return any(self.wanted.get(name) for name in ("standard", "clause", "tag", "language", "classification"))


class BulkForm(RuleForm):
    """What can be given to many documents at once."""

    KEEP = gettext_lazy("as it is")
    owner = forms.ChoiceField(required=False, label=gettext_lazy("Owner"))
    review_months = forms.IntegerField(
        required=False, min_value=1, max_value=120, label=gettext_lazy("Review every … months")
    )

    def __init__(self, *args: Any, people: dict[int, Any], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="bulk_%s", **kwargs)
        self.people = people
        self.fields["owner"].choices = [
            ("", self.KEEP), *((str(pk), person.name or person.email) for pk, person in people.items()),
        ]  # fmt: skip
        self.fields["review_months"].widget.attrs |= {"inputmode": "numeric", "size": 4}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(_("Choose an owner or a review interval first."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the service sets: only what was chosen."""
        found: dict[str, Any] = {}
        if owner := self.cleaned_data.get("owner"):
            found["owner"] = self.people[int(owner)]
        if months := self.cleaned_data.get("review_months"):
            found["review_months"] = months
        return found


# ---- a document's line ------------------------------------------------------------------------------------------


class ClauseRow(NamedTuple):
    pk: str
    ref: str
    title: str
    depth: int
    is_chosen: bool


class ClauseGroup(NamedTuple):
    """The clauses of one standard, with the numbers of those that are chosen."""

    standard: str
    rows: list[ClauseRow]
    chosen: list[str]


def number_field(label: Any, most: int, hint: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        required=False, min_value=1, max_value=most, label=label, help_text=hint,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip


class DocumentFields(forms.Form):
    """The fields a person fills in, limited to people, documents and clauses of the project."""

    title = forms.CharField(max_length=200, label=gettext_lazy("Title"))
    kind = forms.ChoiceField(label=gettext_lazy("Type"))
    code = forms.CharField(
        required=False, max_length=40, label=gettext_lazy("Code"),
        help_text=gettext_lazy("Empty: the next one of the project's numbering."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    owner = forms.ChoiceField(
        required=False, label=gettext_lazy("Owner"),
        help_text=gettext_lazy("Writes its revisions and answers for it; an auditor asks for this name."),
    )  # fmt: skip
    classification = forms.ChoiceField(
        choices=Classification.choices, initial=Classification.INTERNAL, label=gettext_lazy("Classification")
    )
    language = forms.ChoiceField(choices=Language.choices, label=gettext_lazy("Language"))
    parent = forms.CharField(
        required=False, max_length=200, label=gettext_lazy("Belongs under"),
        help_text=gettext_lazy("The code of another document, such as the policy this procedure carries out."),
        widget=forms.TextInput(attrs={"list": "parents", "autocomplete": "off"}),
    )  # fmt: skip
    tags = forms.CharField(
        required=False, max_length=300, label=gettext_lazy("Tags"),
        help_text=gettext_lazy("Words to find it by, with commas between."),
    )  # fmt: skip
    review_months = number_field(
        gettext_lazy("Review every … months"), 120, gettext_lazy("Empty: it is not reviewed at fixed times.")
    )
    next_review_on = DayField(
        required=False, label=gettext_lazy("Next review"),
        help_text=gettext_lazy("Counted from the day a revision takes effect, unless you set it."),
    )  # fmt: skip
    retention_years = number_field(
        gettext_lazy("Keep for … years"), 100, gettext_lazy("After a record was closed, or a document withdrawn.")
    )
    disposal = forms.ChoiceField(choices=Disposal.choices, initial=Disposal.REVIEW, label=gettext_lazy("Afterwards"))
    clauses = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Clauses it serves"), widget=forms.CheckboxSelectMultiple
    )
    answers = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("It is this documented information"), widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("What the standards ask for and this document is the answer to."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, project: Project, people: dict[int, Any], document: Document | None = None,
        answers: list[MergeGroup | MandatoryDocument] = (), may_manage: bool = True, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.project, self.people, self.document = project, dict(people), document
        owner = document.owner if document is not None else None
        if owner is not None:
            self.people.setdefault(owner.pk, owner)
        self.fields["kind"].choices = [("", _("Choose …")), *Kind.choices]
        self.fields["owner"].choices = [
            ("", _("Nobody yet")), *((str(pk), person.name or person.email) for pk, person in self.people.items()),
        ]  # fmt: skip
        if not may_manage:
            del self.fields["owner"]
        if document is not None:
            self.fields["code"].required = True
            self.fields["code"].help_text = ""
        offered = Q(standard__in=project.chosen_standards.values("standard"))
        if document is not None:  # of a standard the project has given up: it stays until somebody unticks it
            offered |= Q(pk__in=document.served.values("clause"))
        self._clauses = list(
            Clause.objects.filter(offered)
            .select_related("standard")
            .order_by("standard__code", "position")
            .only("ref", "title", "standard__code")
        )
        self.fields["clauses"].choices = [(str(one.pk), str(one)) for one in self._clauses]
        self._answers = {key_of(one): one for one in answers}
        self.fields["answers"].choices = [(key, str(one)) for key, one in self._answers.items()]
        if not self._answers:
            del self.fields["answers"]

    @property
    def clause_groups(self) -> list[ClauseGroup]:
        """The clauses by standard, as the page lists them."""
        chosen = {str(value) for value in self["clauses"].value() or ()}
        groups: dict[str, list[ClauseRow]] = {}
        for one in self._clauses:
            row = ClauseRow(str(one.pk), one.ref, one.plain_title, min(one.depth, 4), str(one.pk) in chosen)
            groups.setdefault(one.standard.code, []).append(row)
        return [
            ClauseGroup(code, rows, [row.ref for row in rows if row.is_chosen]) for code, rows in groups.items()
        ]  # fmt: skip

    def clean_tags(self) -> str:
        try:
            return tags_of(self.cleaned_data["tags"])
        except RuleBroken as refusal:
            raise forms.ValidationError(refusal.as_text) from refusal

    def clean_parent(self) -> Document | None:
        text = self.cleaned_data["parent"]
        if not text:
            return None
        found = selectors.by_code(self.project, text)
        if found is None:
            raise forms.ValidationError(_("No document of this project has this code. Choose one of the list."))
        return found

    @property
    def values(self) -> dict[str, Any]:
        """The fields of the document, as the services take them."""
        cleaned = {name: value for name, value in self.cleaned_data.items() if name in self.fields}
        for name in ("clauses", "answers", "version", "once"):
            cleaned.pop(name, None)
        if "owner" in cleaned:
            cleaned["owner"] = self.people.get(int(cleaned["owner"])) if cleaned["owner"] else None
        return cleaned

    @property
    def served(self) -> list[Clause]:
        wanted = set(self.cleaned_data["clauses"])
        return [one for one in self._clauses if str(one.pk) in wanted]

    @property
    def answered(self) -> dict[str, list[Any]]:
        """What it answers, as the services take it: groups and items."""
        chosen = [self._answers[key] for key in self.cleaned_data.get("answers", ())]
        return {
            "groups": [one for one in chosen if isinstance(one, MergeGroup)],
            "items": [one for one in chosen if isinstance(one, MandatoryDocument)],
        }


def key_of(one: MergeGroup | MandatoryDocument) -> str:
    return f"{'g' if isinstance(one, MergeGroup) else 'i'}:{one.pk}"


class DocumentForm(DocumentFields, OnceForm):
    """A new document."""


class DocumentEditForm(DocumentFields, VersionedForm):
    """A document that exists: knows the version the person saw, and shows both texts when somebody saved first."""

    @classmethod
    def initial_of(cls, document: Document) -> dict[str, Any]:
        names = (
            "title", "kind", "code", "classification", "language", "review_months", "next_review_on", "retention_years",
            "disposal", "version",
        )  # fmt: skip
        answers = document.answers.values_list("group_id", "item_id")
        return {name: getattr(document, name) for name in names} | {
            "owner": str(document.owner_id or ""),
            "parent": document.parent.code if document.parent_id else "",
            "tags": ", ".join(document.tag_list),
            "clauses": [str(pk) for pk in document.served.values_list("clause_id", flat=True)],
            "answers": [f"g:{group}" if group else f"i:{item}" for group, item in answers],
        }

    def conflict_rows(self) -> list[dict[str, str]]:
        """After a conflict: each field that differs, what was typed and what stands now, in words."""
        if self.conflict is None:
            return []
        theirs = self.initial_of(self.conflict)
        rows = []
        for name, field in self.fields.items():
            if name == "version":
                continue
            mine, now = (self._said(name, value) for value in (self[name].value(), theirs[name]))
            if mine != now:
                rows.append({"label": field.label, "mine": mine or "–", "theirs": now or "–"})
        return rows

    def _said(self, name: str, value: Any) -> str:
        """One field's value as a reader sees it."""
        field = self.fields[name]
        if name == "clauses":
            chosen = set(map(str, value or ()))
            return ", ".join(f"{one.standard.code} {one.ref}" for one in self._clauses if str(one.pk) in chosen)
        if isinstance(field, forms.ChoiceField):
            words = {str(key): str(label) for key, label in field.choices}
            if isinstance(value, list):
                return ", ".join(sorted(words.get(str(key), str(key)) for key in value))
            return words.get(str(value), str(value))
        return "" if value is None else str(value).strip()


# ---- withdrawal, review, numbering ------------------------------------------------------------------------------


class WithdrawForm(RuleForm):
    reason = forms.CharField(
        max_length=500, label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text=gettext_lazy("What replaces it, or why nobody needs it any more."),
    )  # fmt: skip


class ReviewedForm(RuleForm):
    note = forms.CharField(
        required=False, max_length=500, label=gettext_lazy("What was looked at"),
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text=gettext_lazy("Who took part, what was compared: this is the evidence of the review."),
    )  # fmt: skip


class NumberingForm(RuleForm):
    pattern = forms.CharField(
        max_length=60, label=gettext_lazy("Pattern"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip

    def clean_pattern(self) -> str:
        try:
            return numbering.checked(self.cleaned_data["pattern"])
        except RuleBroken as refusal:
            raise forms.ValidationError(refusal.as_text) from refusal


def examples(pattern: str, org: str) -> list[tuple[str, str]]:
    """(type, code) for every type, as the pattern would number its seventh document. Raises RuleBroken."""
    pattern = numbering.checked(pattern)
    return [(str(kind.label), numbering.filled(pattern, kind=kind, org=org, number=7)) for kind in Kind]
