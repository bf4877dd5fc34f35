"""Forms around the Statement of Applicability: filters, one row, many rows, links, an own control set."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import FilterForm, RuleForm, VersionedForm
from documents.models import Document
from projects.forms.task_fields import DayField
from projects.models import Project, Task
from risks.applicability import PICKS, SELECTION, STANDINGS, UNANSWERED, standing_label
from risks.models import Reason, Soa, SoaEntry
from risks.models.soa import LONGEST_TEXT
from risks.services.soa import MOST_ROWS, WORKABLE

ANY = gettext_lazy("Any")
KEEP = gettext_lazy("as it is")
ANSWERS = (("yes", SELECTION[True]), ("no", SELECTION[False]), ("", SELECTION[None]))
TO_BOOL = {"yes": True, "no": False, "": None}
TO_WORD = {value: word for word, value in TO_BOOL.items()}
LONGEST_PASTE = 400_000


def _people(people: dict[int, Any]) -> list[tuple[str, str]]:
    return [(str(pk), person.name or person.email) for pk, person in people.items()]


class SoaFilter(FilterForm):
    """What the query string of a statement may say; what makes no sense is left aside."""

    q = forms.CharField(required=False, max_length=200, label=gettext_lazy("Search"))
    selection = forms.ChoiceField(required=False, label=gettext_lazy("Applicable"))
    theme = forms.ChoiceField(required=False, label=gettext_lazy("Theme"))
    status = forms.ChoiceField(required=False, label=gettext_lazy("Implementation"))
    reason = forms.ChoiceField(required=False, label=gettext_lazy("Reason"))
    owner = forms.ChoiceField(required=False, label=gettext_lazy("Owner"))
    attribute = forms.ChoiceField(required=False, label=gettext_lazy("Attribute"))
    findings = forms.BooleanField(required=False, label=gettext_lazy("With findings"))

    def __init__(
        self, data: Any, *, themes: list[str], people: dict[int, Any], attributes: list[tuple[str, Any]]
    ) -> None:
        self.people = people
        super().__init__(data, auto_id="filter_%s")
        choices: dict[str, list[Any]] = {
            "selection": [("", ANY), *((key, SELECTION[value]) for key, value in PICKS.items())],
            "theme": [("", ANY), *((theme, theme) for theme in themes if theme)],
            "status": [("", ANY), *((str(one), standing_label(one)) for one in STANDINGS if one != UNANSWERED)],
            "reason": [("", ANY), *Reason.choices, ("none", _("None"))],
            "owner": [("", ANY), ("me", _("Me")), ("none", _("Nobody yet")), *_people(people)],
            "attribute": [("", ANY), *attributes],
        }  # fmt: skip
        for name, options in choices.items():
            self.fields[name].choices = options

    def chip(self, name: str, value: Any) -> dict[str, str]:
        if name == "findings":
            return {"name": name, "value": "on", "label": str(self.fields[name].label), "text": _("yes")}
        field = self.fields[name]
        grouped = {"text": _words_of(field, str(value))} if name == "attribute" else {}
        return super().chip(name, value) | grouped

    @property
    def has_more(self) -> bool:
        """Whether a filter of the folded part is in force."""
        return any(self.wanted.get(name) for name in ("owner", "attribute", "reason"))


def _words_of(field: forms.ChoiceField, value: str) -> str:
    for key, label in field.choices:
        if isinstance(label, list | tuple):
            for inner, words in label:
                if str(inner) == value:
                    return f"{key}: {words}"
        elif str(key) == value:
            return str(label)
    return value


# ---- one row --------------------------------------------------------------------------------------------------------


class AnswerForm(VersionedForm):
    """What a person says about one row. Who only owns it is asked how far it is, and until when."""

    is_applicable = forms.ChoiceField(
        required=False, choices=ANSWERS, label=gettext_lazy("Applicable"), widget=forms.RadioSelect
    )
    reasons = forms.MultipleChoiceField(
        required=False, choices=Reason.choices, label=gettext_lazy("Reasons"), widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Why it is needed. What follows from links needs no tick."),
    )  # fmt: skip
    justification = forms.CharField(
        required=False, max_length=LONGEST_TEXT, label=gettext_lazy("Justification"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("An auditor reads why it is included, and above all why it is left out."),
    )  # fmt: skip
    status = forms.ChoiceField(required=False, label=gettext_lazy("Implementation"))
    owner = forms.ChoiceField(required=False, label=gettext_lazy("Owner"))
    target_on = DayField(required=False, label=gettext_lazy("Target date"))

    def __init__(self, data: Any = None, *, entry: SoaEntry, people: dict[int, Any], is_manager: bool) -> None:
        self.entry, self.people = entry, people
        super().__init__(data, initial=self._initial(entry), auto_id=f"row-{entry.pk}_%s")
        owners = dict(people)
        if entry.owner_id and entry.owner_id not in owners:
            owners[entry.owner_id] = entry.owner
        self.fields["status"].choices = [(str(one), one.label) for one in WORKABLE]
        self.fields["owner"].choices = [("", _("Nobody yet")), *_people(owners)]
        self.owners = owners
        if not is_manager:
            for name in ("is_applicable", "reasons", "justification", "owner"):
                del self.fields[name]

    @staticmethod
    def _initial(entry: SoaEntry) -> dict[str, Any]:
        return {
            "version": entry.version, "is_applicable": TO_WORD[entry.is_applicable], "reasons": entry.reasons,
            "justification": entry.justification, "status": entry.status, "owner": str(entry.owner_id or ""),
            "target_on": entry.target_on,
        }  # fmt: skip

    def clean_is_applicable(self) -> bool | None:
        return TO_BOOL[self.cleaned_data["is_applicable"]]

    def clean_owner(self) -> Any:
        return self.owners[int(pk)] if (pk := self.cleaned_data["owner"]) else None

    @property
    def values(self) -> dict[str, Any]:
        """What the service sets. The status of an excluded row follows from its exclusion."""
        found = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        if found.get("is_applicable", self.entry.is_applicable) is False or not found.get("status"):
            found.pop("status", None)
        return found

    def differences(self, labels: dict[str, str] | None = None) -> list[dict[str, Any]]:
        """Both texts of each field, in words."""
        rows = super().differences(labels)
        for row in rows:
            for side in ("mine", "theirs"):
                row[side] = self._said(row["field"], row[side])
        return [row for row in rows if row["mine"] != row["theirs"]]

    def _said(self, name: str, value: Any) -> str:
        if name == "is_applicable":
            return str(SELECTION[value])
        if name == "reasons":
            return ", ".join(str(one.label) for one in Reason if one in (value or ()))
        if name == "status":
            return str(dict(self.fields["status"].choices).get(value, standing_label(value) if value else ""))
        return "" if value in (None, "") else str(value)


# ---- many rows ------------------------------------------------------------------------------------------------------


class BulkForm(RuleForm):
    """What can be said about many rows at once; only what is filled in is set."""

    theme = forms.ChoiceField(required=False, label=gettext_lazy("Which rows"))
    is_applicable = forms.ChoiceField(
        required=False, label=gettext_lazy("Applicable"),
        choices=[("", KEEP), ("yes", SELECTION[True]), ("no", SELECTION[False]), ("open", SELECTION[None])],
    )  # fmt: skip
    reasons = forms.MultipleChoiceField(
        required=False, choices=Reason.choices, label=gettext_lazy("Reasons"), widget=forms.CheckboxSelectMultiple
    )
    justification = forms.CharField(
        required=False, max_length=LONGEST_TEXT, label=gettext_lazy("Justification"),
        widget=forms.Textarea(attrs={"rows": 1}),
    )  # fmt: skip
    status = forms.ChoiceField(
        required=False, label=gettext_lazy("Implementation"),
        choices=[("", KEEP), *((str(one), one.label) for one in WORKABLE)],
    )  # fmt: skip
    owner = forms.ChoiceField(required=False, label=gettext_lazy("Owner"))
    target_on = DayField(required=False, label=gettext_lazy("Target date"))

    def __init__(self, data: Any = None, *, themes: list[str], people: dict[int, Any]) -> None:
        super().__init__(data, auto_id="bulk_%s")
        self.people = people
        self.fields["theme"].choices = [
            ("", _("the ticked ones")), (UNANSWERED, _("all that are not answered yet")),
            *((f"t{at}", _("all of “%(theme)s”") % {"theme": theme or _("without a theme")}) for at, theme in enumerate(themes)),
        ]  # fmt: skip
        self.themes = {f"t{at}": theme for at, theme in enumerate(themes)}
        self.fields["owner"].choices = [("", KEEP), *_people(people)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not any(value for name, value in cleaned.items() if name != "theme"):
            raise ValidationError(_("Choose what is to be set."))
        return cleaned

    @property
    def theme_wanted(self) -> str | None:
        return self.themes.get(self.cleaned_data.get("theme") or "")

    @property
    def values(self) -> dict[str, Any]:
        """What the service sets: only what was filled in."""
        found: dict[str, Any] = {}
        for name, value in self.cleaned_data.items():
            if not value or name == "theme":
                continue
            if name == "is_applicable":
                found[name] = {"yes": True, "no": False, "open": None}[value]
            elif name == "owner":
                found[name] = self.people[int(value)]
            else:
                found[name] = value
        return found


# ---- links ----------------------------------------------------------------------------------------------------------


class LinkForm(RuleForm):
    """Links a document or a task to a row; the other field stays empty."""

    document = forms.ModelChoiceField(
        Document.objects.none(), required=False, label=gettext_lazy("Document"), empty_label=gettext_lazy("Choose …")
    )
    task = forms.CharField(
        required=False, max_length=20, label=gettext_lazy("Task"),
        widget=forms.TextInput(attrs={"placeholder": "T-012", "size": 8, "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, project: Project) -> None:
        super().__init__(data, auto_id="link_%s")
        self.project = project
        self.fields["document"].queryset = Document.objects.filter(project=project, withdrawn_at=None).order_by("code")

    def clean_task(self) -> Task | None:
        text = self.cleaned_data["task"].strip()
        if not text:
            return None
        number = Task.number_of(text)
        found = Task.objects.filter(project=self.project, number=number).first() if number is not None else None
        if found is None:
            raise ValidationError(_("There is no task %(number)s in this project.") % {"number": text})
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not cleaned.get("document") and not cleaned.get("task"):
            raise ValidationError(_("Choose a document, or type the number of a task."))
        return cleaned


# ---- beginning ------------------------------------------------------------------------------------------------------


class OwnSetForm(RuleForm):
    """An own control set, typed or pasted from a spreadsheet: one control a line."""

    name = forms.CharField(max_length=200, label=gettext_lazy("Name of the control set"))
    rows = forms.CharField(
        max_length=LONGEST_PASTE, label=gettext_lazy("Controls"),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One a line: number, title, theme and intent, with a tab or a semicolon between. The last two may be missing."
        ),
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="own_%s")

    def clean_rows(self) -> list[dict[str, str]]:
        try:
            return rows_of(self.cleaned_data["rows"])
        except csv.Error:
            raise ValidationError(_("These lines cannot be read as a table: check the quotation marks.")) from None


def rows_of(text: str) -> list[dict[str, str]]:
    """The controls in a pasted text: columns by tabs where there is one, else by semicolons. Pure."""
    delimiter = "\t" if "\t" in text else ";"
    lines = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter))[: MOST_ROWS + 1]
    names = ("ref", "title", "theme", "intent")
    return [dict(zip(names, [cell.strip() for cell in line], strict=False)) for line in lines if any(line)]


class RowForm(RuleForm):
    """A further row of an own set or of the actions."""

    ref = forms.CharField(max_length=20, label=gettext_lazy("Control no."))
    title = forms.CharField(max_length=200, label=gettext_lazy("Title"))
    theme = forms.ChoiceField(required=False, label=gettext_lazy("Theme"))
    intent = forms.CharField(
        required=False, max_length=LONGEST_TEXT, label=gettext_lazy("Intent"), widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any = None, *, themes: list[str], soa: Soa) -> None:
        super().__init__(data, auto_id="add_%s")
        own = _("Own actions") if soa.kind == "actions" else _("Own controls")
        known = [theme for theme in themes if theme]
        self.fields["theme"].choices = [
            *((theme, theme) for theme in known), *([(own, own)] if own not in known else []),
        ]  # fmt: skip
        self.fields["theme"].initial = own


# ---- comparing ------------------------------------------------------------------------------------------------------

WORKING = "working"


class CompareForm(forms.Form):
    """Two editions, or an edition and the working copy."""

    before = forms.ChoiceField(label=gettext_lazy("From"))
    after = forms.ChoiceField(label=gettext_lazy("To"))

    def __init__(self, data: Any, *, numbers: list[int]) -> None:
        choices = [
            *((str(number), _("Edition %(n)s") % {"n": number}) for number in numbers), (WORKING, _("Working copy")),
        ]  # fmt: skip
        first = {"before": str(numbers[0]) if numbers else WORKING, "after": WORKING}
        super().__init__({name: data.get(name) or first[name] for name in first}, auto_id="compare_%s")
        for name in first:
            self.fields[name].choices = choices
