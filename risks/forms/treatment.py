"""Forms around treatments: filters of the plan, a treatment to write, its actions, giving it up."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import FilterForm, RuleForm, VersionedForm
from core.once import OnceForm
from projects.forms.task_fields import DayField
from projects.models import Task
from projects.selectors.task import Surroundings
from risks.flows import TreatmentStatus
from risks.levels import Criteria
from risks.models import Option, Risk, SoaEntry, Treatment
from risks.models.treatment import options_of
from risks.profiles import Discipline
from risks.selectors import treatment as selectors
from risks.services.treatment import MOST_COST, Expected

ANY = gettext_lazy("Any")


class TreatmentFilter(FilterForm):
    """What the query string of the treatment plan may say; what makes no sense is left aside."""

    q = forms.CharField(required=False, max_length=200, label=gettext_lazy("Search"))
    status = forms.ChoiceField(required=False, label=gettext_lazy("State"))
    option = forms.ChoiceField(required=False, label=gettext_lazy("Option"))
    owner = forms.ChoiceField(required=False, label=gettext_lazy("Responsible"))
    discipline = forms.ChoiceField(required=False, label=gettext_lazy("Discipline"))
    due = forms.ChoiceField(required=False, label=gettext_lazy("Due"))
    risk = forms.RegexField(r"^[Rr]-[0-9]{1,9}$", required=False, label=gettext_lazy("Risk"))
    sort = forms.CharField(required=False, max_length=20)

    def __init__(self, data: Any, *, people: dict[int, Any]) -> None:
        super().__init__(data, auto_id="filter_%s")
        choices: dict[str, list[Any]] = {
            "status": [
                ("", _("Not cancelled")), ("open", _("Not done yet")), *TreatmentStatus.choices, ("all", _("All")),
            ],
            "option": [("", ANY), *((key, selectors.short_option(label)) for key, label in _told_apart())],
            "owner": [
                ("", ANY), ("me", _("Me")), ("none", _("Nobody yet")),
                *((str(pk), person.name or person.email) for pk, person in people.items()),
            ],
            "discipline": [("", ANY), *Discipline.choices],
            "due": [("", ANY), ("overdue", _("Overdue")), ("none", _("No date"))],
        }  # fmt: skip
        for name, options in choices.items():
            self.fields[name].choices = options


def _told_apart() -> list[tuple[str, str]]:
    """The options, the two ways of sharing told apart."""
    rows = dict(Option.choices)
    gain = _("Share an opportunity")
    return [(key, gain if key == Option.SHARE_OPPORTUNITY else str(label)) for key, label in rows.items()]


class ControlRow(NamedTuple):
    pk: str
    ref: str
    title: str
    is_chosen: bool
    is_excluded: bool


class ControlGroup(NamedTuple):
    """The controls of one theme with the numbers of those that are chosen."""

    set: str
    theme: str
    rows: list[ControlRow]
    chosen: list[str]


class TreatmentFields(forms.Form):
    """What a person decides, limited to options, people and controls that fit the risk."""

    option = forms.ChoiceField(label=gettext_lazy("Option"), widget=forms.RadioSelect)
    title = forms.CharField(
        max_length=200, label=gettext_lazy("What is done"),
        help_text=gettext_lazy("One line, as it will stand in the treatment plan and in the acceptance."),
    )  # fmt: skip
    description = forms.CharField(
        required=False, max_length=4_000, label=gettext_lazy("How, or why nothing more"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Who retains a risk or ignores an opportunity gives the reason here."),
    )  # fmt: skip
    owner = forms.ChoiceField(
        required=False, label=gettext_lazy("Responsible"),
        help_text=gettext_lazy("Answers for it being done; reminded before it is due."),
    )  # fmt: skip
    due_on = DayField(required=False, label=gettext_lazy("Due on"))
    cost = forms.IntegerField(
        required=False, min_value=0, max_value=MOST_COST, label=gettext_lazy("Cost"),
        help_text=gettext_lazy("In whole units of the organization's currency."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    effort_days = forms.DecimalField(
        required=False, min_value=0, max_digits=6, decimal_places=1, label=gettext_lazy("Effort in days"),
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.5"}),
    )  # fmt: skip
    likelihood = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, label=gettext_lazy("Likelihood afterwards")
    )
    consequence = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, label=gettext_lazy("Consequence afterwards")
    )
    controls = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Controls it relies on"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, risk: Risk, people: dict[int, Any], entries: list[SoaEntry], criteria: Criteria | None,
        treatment: Treatment | None = None, may_decide: bool = True, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.risk, self.people, self.entries, self.criteria = risk, dict(people), entries, criteria
        owner = treatment.owner if treatment is not None else None
        if owner is not None:
            self.people.setdefault(owner.pk, owner)
        self.fields["option"].choices = [(str(one), one.label) for one in options_of(risk.discipline)]
        self.fields["owner"].choices = [
            ("", _("Nobody yet")), *((str(pk), person.name or person.email) for pk, person in self.people.items()),
        ]  # fmt: skip
        self.fields["controls"].choices = [(str(entry.pk), str(entry)) for entry in entries]
        if criteria is not None:
            for name, scale in (("likelihood", criteria.likelihood), ("consequence", criteria.consequence)):
                self.fields[name].choices = [
                    ("", _("not judged yet")), *((str(n), f"{n} {one.name}") for n, one in enumerate(scale, start=1)),
                ]  # fmt: skip
        if criteria is None or not may_decide:
            del self.fields["likelihood"], self.fields["consequence"]
        if not may_decide:
            del self.fields["option"], self.fields["owner"]

    @property
    def scale(self) -> str:
        """What the page needs to say the level while a person chooses, as JSON."""
        if self.criteria is None:
            return "{}"
        names = [one.name for one in self.criteria.levels]
        found = {
            "matrix": [list(row) for row in self.criteria.matrix],
            "levels": names,
            "tones": [selectors.tone_class(n, len(names), self.risk.is_opportunity) for n in range(len(names))],
            "threshold": self.criteria.threshold,
        }
        return json.dumps(found)

    @property
    def control_groups(self) -> list[ControlGroup]:
        """The controls by statement and theme, as the page lists them."""
        chosen = {str(value) for value in self["controls"].value() or ()}
        found = []
        for group in selectors.grouped(self.entries):
            rows = [
                ControlRow(str(one.pk), one.ref, one.title, str(one.pk) in chosen, one.is_applicable is False)
                for one in group.entries
            ]
            found.append(ControlGroup(group.set, group.theme, rows, [row.ref for row in rows if row.is_chosen]))
        return found

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if (values.get("likelihood") is None) != (values.get("consequence") is None) and not self.errors:
            missing = "likelihood" if values.get("likelihood") is None else "consequence"
            self.add_error(missing, _("Judge both, or neither."))
        return values

    @property
    def values(self) -> dict[str, Any]:
        """The fields of the treatment, as the services take them."""
        cleaned = {name: value for name, value in self.cleaned_data.items() if name in self.fields}
        for name in ("controls", "likelihood", "consequence", "version", "once"):
            cleaned.pop(name, None)
        if "owner" in cleaned:
            cleaned["owner"] = self.people.get(int(cleaned["owner"])) if cleaned["owner"] else None
        return cleaned

    @property
    def chosen_controls(self) -> list[SoaEntry]:
        wanted = set(self.cleaned_data["controls"])
        return [entry for entry in self.entries if str(entry.pk) in wanted]

    @property
    def expected(self) -> Expected | None:
        likelihood, consequence = self.cleaned_data.get("likelihood"), self.cleaned_data.get("consequence")
        return Expected(likelihood, consequence) if likelihood and consequence else None


class TreatmentForm(TreatmentFields, OnceForm):
    """A new treatment of a risk."""


class TreatmentEditForm(TreatmentFields, VersionedForm):
    """A treatment that exists: knows the version the person saw, and shows both texts when somebody saved first."""

    @classmethod
    def initial_of(cls, treatment: Treatment) -> dict[str, Any]:
        names = ("option", "title", "description", "due_on", "cost", "effort_days", "version")
        risk = treatment.risk
        return {name: getattr(treatment, name) for name in names} | {
            "owner": str(treatment.owner_id or ""),
            "likelihood": risk.expected_likelihood,
            "consequence": risk.expected_consequence,
            "controls": [str(pk) for pk in treatment.control_links.values_list("entry_id", flat=True)],
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
        if name == "controls":
            chosen = set(map(str, value or ()))
            return ", ".join(entry.ref for entry in self.entries if str(entry.pk) in chosen)
        if isinstance(field, forms.ChoiceField):
            words = {str(key): str(label) for key, label in field.choices}
            return words.get("" if value is None else str(value), str(value))
        if isinstance(field, forms.DecimalField) and value not in (None, ""):
            return f"{field.to_python(value):.1f}" if str(value).replace(".", "").isdigit() else str(value)
        return "" if value is None else str(value).strip()


class ActionForm(OnceForm):
    """A new task of the plan that is an action of the treatment."""

    title = forms.CharField(max_length=200, label=gettext_lazy("What is to be done"))
    activity = forms.ChoiceField(required=False, label=gettext_lazy("Activity"))
    assignee = forms.ChoiceField(required=False, label=gettext_lazy("Assigned to"))
    due_on = DayField(required=False, label=gettext_lazy("Due on"))

    def __init__(self, *args: Any, around: Surroundings, treatment: Treatment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.around = around
        self.fields["activity"].choices = [("", _("No activity")), *around.grouped_places()]
        self.fields["assignee"].choices = [
            ("", _("Nobody yet")), *((str(pk), one.name or one.email) for pk, one in around.people.items()),
        ]  # fmt: skip
        self.initial.setdefault("activity", selectors.default_activity(around.places.values()))
        self.initial.setdefault("due_on", treatment.due_on)
        if treatment.owner_id in around.people:
            self.initial.setdefault("assignee", str(treatment.owner_id))

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes beside the title."""
        cleaned = self.cleaned_data
        place = self.around.place(cleaned["activity"]) if cleaned["activity"] else None
        who = cleaned["assignee"]
        return {
            "activity_id": place.pk if place else None,
            "assignee": self.around.people.get(int(who)) if who else None,
            "due_on": cleaned["due_on"],
        }


class LinkForm(RuleForm):
    """A task of the plan that exists, by the number people say aloud."""

    task = forms.CharField(
        max_length=200, label=gettext_lazy("Task of the plan"),
        widget=forms.TextInput(attrs={"list": "free-tasks", "autocomplete": "off", "placeholder": "T-012"}),
    )  # fmt: skip

    def __init__(self, *args: Any, tasks: Iterable[Task], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tasks = list(tasks)

    def clean_task(self) -> str:
        found = self.cleaned_data["task"].split()[0]
        if Task.number_of(found) is None:
            raise forms.ValidationError(_("Enter the number of a task, such as T-012."))
        return found


class CancelForm(RuleForm):
    reason = forms.CharField(
        max_length=500, label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text=gettext_lazy("What was decided instead; it stands in the journal and in the treatment plan."),
    )  # fmt: skip
