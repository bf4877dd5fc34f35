"""Forms around a proposal: made in two minutes, its marks, its acceptance, its tasks, its end."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import FilterForm, RuleForm, VersionedForm
from core.once import OnceForm
from improvement.flows import ProposalStatus
from improvement.models import Nonconformity, Proposal
from improvement.models.proposal import STEPS
from improvement.selectors.proposal import Worth
from improvement.selectors.register import EVERY, GONE, ME, NOBODY
from projects.forms.task_fields import DayField

from .nonconformity import AREA, place_field
from .register import ANY, names_of

MARKS = [(n, str(n)) for n in range(1, STEPS + 1)]


class ProposalFilter(FilterForm):
    """What the query string of the list may say; what makes no sense is left aside."""

    q = forms.CharField(required=False, max_length=200, label=gettext_lazy("Search"))
    state = forms.ChoiceField(required=False, label=gettext_lazy("State"))
    worth = forms.ChoiceField(required=False, label=gettext_lazy("Benefit and effort"))
    owner = forms.ChoiceField(required=False, label=gettext_lazy("Owner"))
    process = forms.CharField(required=False, max_length=200, label=gettext_lazy("Process"))
    sort = forms.CharField(required=False, max_length=20)

    def __init__(self, data: Any, *, people: dict[int, Any]) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.people = people
        choices: dict[str, list[Any]] = {
            "state": [("", _("Open")), *ProposalStatus.choices, (EVERY, _("All"))],
            "worth": [("", ANY), *Worth.choices],
            "owner": [("", ANY), (ME, _("Me")), (NOBODY, _("Nobody yet")), (GONE, _("Has left the project")), *names_of(people)],
        }  # fmt: skip
        for name, options in choices.items():
            self.fields[name].choices = options


class ProposalFields(forms.Form):
    title = forms.CharField(
        max_length=200, label=gettext_lazy("What could be better?"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    description = forms.CharField(
        required=False, max_length=4_000, label=gettext_lazy("In more words"), widget=forms.Textarea(attrs=AREA)
    )
    gain = forms.CharField(
        required=False,
        max_length=4_000,
        label=gettext_lazy("What would it bring?"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    process = place_field(gettext_lazy("Which process?"), "processes")
    nonconformity = forms.CharField(
        required=False, max_length=20, label=gettext_lazy("Comes from a nonconformity"),
        widget=forms.TextInput(attrs={"placeholder": "NC-012", "autocomplete": "off"}),
    )  # fmt: skip

    def find_origin(self, seen: Any) -> Nonconformity | None:
        text = self.cleaned_data["nonconformity"].strip()
        if not text:
            return None
        found = seen.filter(number=Nonconformity.number_of(text) or 0).first()
        if found is None:
            raise forms.ValidationError(_("There is no nonconformity of this number here."))
        return found


class ProposeForm(ProposalFields, OnceForm):
    """A new proposal; `seen` are the nonconformities its author sees."""

    def __init__(self, *args: Any, seen: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen = seen

    def clean_nonconformity(self) -> Nonconformity | None:
        return self.find_origin(self.seen)

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ProposalFields.base_fields}


class ProposalForm(ProposalFields, VersionedForm):
    """The words of a proposal as they are changed."""

    owner = forms.ChoiceField(required=False, label=gettext_lazy("Owner"))

    def __init__(self, *args: Any, seen: Any, people: dict[int, Any], may_manage: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen, self.people = seen, people
        self.fields["owner"].choices = [("", _("Nobody yet")), *names_of(people)]
        if not may_manage:
            del self.fields["owner"]

    @classmethod
    def initial_of(cls, record: Proposal) -> dict[str, Any]:
        names = ("title", "description", "gain", "process", "version")
        return {name: getattr(record, name) for name in names} | {
            "owner": str(record.owner_id or ""),
            "nonconformity": record.nonconformity.label if record.nonconformity_id else "",
        }

    def clean_nonconformity(self) -> Nonconformity | None:
        return self.find_origin(self.seen)

    @property
    def values(self) -> dict[str, Any]:
        found = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        if "owner" in found:
            found["owner"] = self.people.get(int(found["owner"])) if found["owner"] else None
        return found

    def conflict_rows(self) -> list[dict[str, str]]:
        """After a conflict: each field that differs, what was typed and what stands now."""
        if self.conflict is None:
            return []
        theirs, rows = self.initial_of(self.conflict), []
        names = dict(names_of(self.people))
        for name, field in self.fields.items():
            mine, now = str(self[name].value() or "").strip(), str(theirs[name] or "").strip()
            if name != "version" and mine != now:
                if name == "owner":
                    mine, now = names.get(mine, mine), names.get(now, now)
                rows.append({"label": str(field.label), "mine": mine or "–", "theirs": now or "–"})
        return rows


class AssessForm(VersionedForm):
    """Marks from 1 to 5, and why."""

    benefit = forms.TypedChoiceField(
        choices=MARKS, coerce=int, label=gettext_lazy("Benefit"), widget=forms.RadioSelect,
        help_text=gettext_lazy("1 hardly anything, 5 a great deal: for customers, safety, environment, time or money."),
    )  # fmt: skip
    effort = forms.TypedChoiceField(
        choices=MARKS, coerce=int, label=gettext_lazy("Effort"), widget=forms.RadioSelect,
        help_text=gettext_lazy("1 an hour or two, 5 a project of its own."),
    )  # fmt: skip
    assessment = forms.CharField(
        required=False,
        max_length=4_000,
        label=gettext_lazy("Why these marks?"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def conflict_rows(self) -> list[dict[str, str]]:
        return [
            {"label": str(row["label"]), "mine": str(row["mine"] or "–"), "theirs": str(row["theirs"] or "–")}
            for row in self.differences()
        ]


class AcceptForm(RuleForm):
    """Who carries it out, and the first task."""

    owner = forms.ChoiceField(label=gettext_lazy("Owner"))
    task = forms.CharField(required=False, max_length=200, label=gettext_lazy("First task"))
    assignee = forms.ChoiceField(required=False, label=gettext_lazy("By whom?"))
    due_on = DayField(required=False, label=gettext_lazy("Until when?"))

    def __init__(self, *args: Any, people: dict[int, Any], has_steps: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["owner"].choices = [("", _("Choose …")), *names_of(people)]
        self.fields["assignee"].choices = [("", _("Nobody yet")), *names_of(people)]
        self.fields["task"].required = not has_steps

    @property
    def values(self) -> dict[str, Any]:
        """As services.proposal.accept takes them."""
        data = self.cleaned_data
        person = self.people.get(int(data["assignee"])) if data["assignee"] else None
        title = data["task"].strip()
        return {
            "owner": self.people[int(data["owner"])],
            "task": {"title": title, "assignee": person, "due_on": data["due_on"]} if title else None,
        }


class DoneForm(RuleForm):
    result = forms.CharField(
        max_length=4_000, label=gettext_lazy("What came of it?"), widget=forms.Textarea(attrs=AREA),
        help_text=gettext_lazy("What is better now, and by what one sees it."),
    )  # fmt: skip
