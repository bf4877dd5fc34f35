"""Forms around a nonconformity: the quick report, the record, the work of a round, causes, actions, verdict, end."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import RuleForm, VersionedForm
from core.once import OnceForm
from improvement.flows import Status
from improvement.grading import nothing_graded
from improvement.models import Category, Nonconformity, Source, Verdict
from improvement.selectors.grade import scale_of
from improvement.selectors.place import offered as offered_places
from pdca.models import Clause
from projects import pointing
from projects.forms.task_fields import DayField
from projects.models import Project, Task

AREA = {"rows": 3}


class ReportFields(forms.Form):
    """What a reporter is asked: one line is enough."""

    title = forms.CharField(
        max_length=200, label=gettext_lazy("What happened?"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    description = forms.CharField(
        required=False, max_length=4_000, label=gettext_lazy("In more words"), widget=forms.Textarea(attrs=AREA)
    )
    place = forms.CharField(required=False, max_length=200, label=gettext_lazy("Where?"))
    detected_on = DayField(required=False, label=gettext_lazy("When?"))
    source = forms.ChoiceField(choices=Source.choices, initial=Source.OBSERVATION, label=gettext_lazy("Where from?"))
    suspicion = forms.CharField(
        required=False, max_length=4_000, label=gettext_lazy("Do you suspect a cause?"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


def place_field(label: Any, offered: str) -> forms.CharField:
    """A process or a site: one of the scope by its name, or any other in words."""
    widget = forms.TextInput(attrs={"list": offered, "autocomplete": "off"})
    return forms.CharField(required=False, max_length=200, label=label, widget=widget)


class ReportForm(ReportFields, OnceForm):
    """A new report, with a photo or file."""

    process = place_field(gettext_lazy("Which process?"), "processes")
    site = place_field(gettext_lazy("Which site?"), "sites")
    is_confidential = forms.BooleanField(
        required=False, label=gettext_lazy("Confidential"),
        help_text=gettext_lazy("Only who manages nonconformities, its owner and you see it."),
    )  # fmt: skip
    file = forms.FileField(
        required=False, label=gettext_lazy("Photo or file"), widget=forms.FileInput(attrs={"accept": "image/*,.pdf"})
    )

    @property
    def values(self) -> dict[str, Any]:
        names = (*ReportFields.base_fields, "process", "site", "is_confidential")
        return {name: self.cleaned_data[name] for name in names}


class RecordForm(ReportFields, VersionedForm):
    """The record as those who work on it change it."""

    detected_by = forms.CharField(required=False, max_length=120, label=gettext_lazy("Found by"))
    process = place_field(gettext_lazy("Process"), "processes")
    site = place_field(gettext_lazy("Site"), "sites")
    requirement = forms.CharField(
        required=False, max_length=4_000, label=gettext_lazy("Requirement that was not met"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("In your own words: what should have been so, and where that is written."),
    )  # fmt: skip
    evidence = forms.CharField(
        required=False, max_length=4_000, label=gettext_lazy("Objective evidence"), widget=forms.Textarea(attrs=AREA),
        help_text=gettext_lazy("What was seen, read or measured: where, when, how many of how many."),
    )  # fmt: skip
    grade = forms.ChoiceField(required=False, label=gettext_lazy("Grade"))
    owner = forms.ChoiceField(required=False, label=gettext_lazy("Owner"))
    clauses = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Clauses that were not met"),
        widget=forms.SelectMultiple(attrs={"size": 10}),
        help_text=gettext_lazy("Several at once, of each standard that asks for it."),
    )
    recurrence_of = forms.CharField(
        required=False, max_length=20, label=gettext_lazy("Happened before as"),
        widget=forms.TextInput(attrs={"placeholder": "NC-012", "autocomplete": "off"}),
    )  # fmt: skip
    is_confidential = forms.BooleanField(
        required=False, label=gettext_lazy("Confidential"),
        help_text=gettext_lazy("Only who manages nonconformities, its owner and its reporter see it."),
    )  # fmt: skip

    def __init__(self, *args: Any, project: Project, people: dict[int, Any], may_manage: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project, self.people = project, people
        offered = Clause.objects.filter(standard__in=project.chosen_standards.values("standard"))
        self._clauses = {
            str(one.pk): one for one in offered.select_related("standard").order_by("standard__code", "position")
        }
        by_standard: dict[str, list[tuple[str, str]]] = {}
        for pk, one in self._clauses.items():
            by_standard.setdefault(one.standard.code, []).append((pk, f"{one.ref} {one.title}"))
        self.fields["clauses"].choices = list(by_standard.items())
        nobody = [("", _("Nobody yet"))]
        self.fields["owner"].choices = nobody + [(str(pk), one.name or one.email) for pk, one in people.items()]
        self.fields["grade"].choices = [nothing_graded(), *scale_of(project).choices]
        self.offered = offered_places(project)
        if not may_manage:
            del self.fields["grade"], self.fields["owner"]

    @classmethod
    def initial_of(cls, record: Nonconformity) -> dict[str, Any]:
        names = (*ReportFields.base_fields, "detected_by", "process", "site", "requirement", "evidence", "grade",
                 "is_confidential", "version")  # fmt: skip
        return {name: getattr(record, name) for name in names} | {
            "owner": str(record.owner_id or ""),
            "clauses": [str(pk) for pk in record.clause_links.values_list("clause_id", flat=True)],
            "recurrence_of": record.recurrence_of.label if record.recurrence_of_id else "",
        }

    def clean_recurrence_of(self) -> Nonconformity | None:
        text = self.cleaned_data["recurrence_of"].strip()
        if not text:
            return None
        number = Nonconformity.number_of(text)
        found = Nonconformity.objects.filter(project=self.project, number=number or 0).first()
        if found is None:
            raise forms.ValidationError(_("There is no nonconformity of this number here."))
        return found

    @property
    def values(self) -> dict[str, Any]:
        found = {name: value for name, value in self.cleaned_data.items() if name not in ("clauses", "version")}
        if "owner" in found:
            found["owner"] = self.people.get(int(found["owner"])) if found["owner"] else None
        return found

    @property
    def unmet(self) -> list[Clause]:
        return [self._clauses[pk] for pk in self.cleaned_data["clauses"]]

    def conflict_rows(self) -> list[dict[str, str]]:
        """After a conflict: each field that differs, what was typed and what stands now, in words."""
        if self.conflict is None:
            return []
        theirs, rows = self.initial_of(self.conflict), []
        for name, field in self.fields.items():
            if name == "version":
                continue
            mine, now = (self._said(name, value) for value in (self[name].value(), theirs[name]))
            if mine != now:
                rows.append({"label": str(field.label), "mine": mine or "–", "theirs": now or "–"})
        return rows

    def _said(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if name == "clauses":
            chosen = [self._clauses[str(pk)] for pk in value or () if str(pk) in self._clauses]
            return ", ".join(f"{one.standard.code} {one.ref}" for one in chosen)
        if isinstance(field, forms.ChoiceField):
            words = {str(key): str(label) for key, label in field.choices}
            return words.get(str(value), str(value))
        if isinstance(field, forms.BooleanField):
            return str(_("yes") if value else _("no"))
        return "" if value is None else str(value).strip()


STAGES = {
    Status.REPORTED: ("correction", "correction_due_on", "analysis_due_on"),
    Status.ACCEPTED: ("correction", "correction_due_on", "analysis_due_on"),
    Status.CONTAINED: ("correction", "analysis_due_on", "extent"),
}
"""What a round asks as long as it is no further; from the known cause on it asks for the whole check too."""


class WorkForm(VersionedForm):
    """The work of a round: it asks what the state of the record is ready for, the correction first."""

    correction = forms.CharField(
        required=False, max_length=4_000, label=gettext_lazy("Correction"), widget=forms.Textarea(attrs=AREA),
        help_text=gettext_lazy("What was done at once so that it does no more harm."),
    )  # fmt: skip
    correction_due_on = DayField(required=False, label=gettext_lazy("Contained until"))
    analysis_due_on = DayField(required=False, label=gettext_lazy("Cause and action known until"))
    extent = forms.CharField(
        required=False, max_length=4_000, label=gettext_lazy("Does it exist elsewhere?"),
        widget=forms.Textarea(attrs=AREA), help_text=gettext_lazy("Where you looked, and what you found there."),
    )  # fmt: skip
    criterion = forms.CharField(
        required=False, max_length=4_000, label=gettext_lazy("Criterion of effectiveness"),
        widget=forms.Textarea(attrs={"rows": 2}), help_text=gettext_lazy("By what will you see that it worked?"),
    )  # fmt: skip
    check_on = DayField(required=False, label=gettext_lazy("Checked on"))
    verifier = forms.ChoiceField(
        required=False, label=gettext_lazy("Verified by"),
        help_text=gettext_lazy("Neither the owner nor anybody who does one of the actions."),
    )  # fmt: skip

    def __init__(self, *args: Any, people: dict[int, Any], status: str, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="work_%s", **kwargs)
        self.people = people
        asked = STAGES.get(Status(status), ("correction", "extent", "criterion", "check_on", "verifier"))
        for name in set(self.fields) - {"version", "verifier", *asked}:
            del self.fields[name]
        nobody = [("", _("Nobody yet"))]
        self.fields["verifier"].choices = nobody + [(str(pk), one.name or one.email) for pk, one in people.items()]
        if "verifier" not in asked:
            del self.fields["verifier"]

    @classmethod
    def initial_of(cls, current: Any) -> dict[str, Any]:
        names = ("correction", "correction_due_on", "analysis_due_on", "extent", "criterion", "check_on", "version")
        return {name: getattr(current, name) for name in names} | {"verifier": str(current.verifier_id or "")}

    @property
    def values(self) -> dict[str, Any]:
        found = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        if "verifier" in found:
            found["verifier"] = self.people.get(int(found["verifier"])) if found["verifier"] else None
        return found

    def conflict_rows(self) -> list[dict[str, str]]:
        if self.conflict is None:
            return []
        rows, theirs = [], self.initial_of(self.conflict)
        names = {str(pk): person.name or person.email for pk, person in self.people.items()}
        for name, field in self.fields.items():
            mine, now = str(self[name].value() or "").strip(), str(theirs[name] or "").strip()
            if name != "version" and mine != now:
                if name == "verifier":
                    mine, now = names.get(mine, mine), names.get(now, now)
                rows.append({"label": str(field.label), "mine": mine or "–", "theirs": now or "–"})
        return rows


class CauseForm(OnceForm):
    text = forms.CharField(max_length=500, label=gettext_lazy("Why? Because …"))
    parent = forms.IntegerField(required=False, widget=forms.HiddenInput)
    category = forms.ChoiceField(
        required=False, choices=[("", gettext_lazy("Category")), *Category.choices], label=gettext_lazy("Category")
    )
    is_root = forms.BooleanField(required=False, label=gettext_lazy("This is a root cause"))


class CauseWordsForm(RuleForm):
    """A cause said in other words, or put under another category."""

    text = forms.CharField(max_length=500, label=gettext_lazy("Because …"))
    category = forms.ChoiceField(
        required=False, choices=[("", gettext_lazy("Category")), *Category.choices], label=gettext_lazy("Category")
    )


class ActionForm(OnceForm):
    """A corrective action: a new task, or one that exists by its number."""

    title = forms.CharField(required=False, max_length=200, label=gettext_lazy("What is to be done?"))
    assignee = forms.ChoiceField(required=False, label=gettext_lazy("By whom?"))
    due_on = DayField(required=False, label=gettext_lazy("Until when?"))
    task = forms.CharField(
        required=False, max_length=20, label=gettext_lazy("Or a task that exists"),
        widget=forms.TextInput(attrs={"placeholder": "T-012", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, project: Project, people: dict[int, Any], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="action_%s", **kwargs)
        self.project, self.people = project, people
        nobody = [("", _("Nobody yet"))]
        self.fields["assignee"].choices = nobody + [(str(pk), one.name or one.email) for pk, one in people.items()]

    def clean_task(self) -> Task | None:
        text = self.cleaned_data["task"].strip()
        if not text:
            return None
        found = Task.objects.filter(project=self.project, number=Task.number_of(text) or 0).first()
        if found is None:
            raise forms.ValidationError(_("There is no task of this number here."))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not cleaned.get("task") and not cleaned.get("title", "").strip():
            self.add_error("title", _("Say what is to be done, or name a task."))
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        """The fields of a new task."""
        data = self.cleaned_data
        person = self.people.get(int(data["assignee"])) if data["assignee"] else None
        return {"title": data["title"].strip(), "assignee": person, "due_on": data["due_on"]}


class ReasonForm(RuleForm):
    reason = forms.CharField(max_length=500, label=gettext_lazy("Reason"), widget=forms.Textarea(attrs=AREA))


MOST_OFFERED = 200
ASKED = {
    "risks": (gettext_lazy("Must risks or opportunities be rated again?"), "R-003, R-011"),
    "documents": (gettext_lazy("Must documents change?"), "POL-001, PRO-004"),
    "plan": (gettext_lazy("Must the plan or the management system change?"), "T-012, T-040"),
}


class CloseForm(RuleForm):
    """What closing asks: does something else have to change? For each sort the records that do, and words.

    `offers`: {sort: records to tick}; who closes may know of all of them. Others are named by what people call them.
    """

    def __init__(self, *args: Any, project: Project, user: Any, offers: dict[str, list[Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project, self.user, self.offers = project, user, offers
        for key, (label, example) in ASKED.items():
            choices = [(str(one.pk), str(one)) for one in offers.get(key, [])]
            self.fields[f"{key}_ticked"] = forms.MultipleChoiceField(
                required=False, choices=choices, label=label, widget=forms.CheckboxSelectMultiple
            )
            self.fields[f"{key}_named"] = forms.CharField(
                required=False, max_length=500, label=_("Others, by number"),
                widget=forms.TextInput(attrs={"placeholder": example, "autocomplete": "off"}),
            )  # fmt: skip
            self.fields[key] = forms.CharField(
                required=False, max_length=1_000, label=_("What changes, or why nothing has to"),
                widget=forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The three questions as the page asks them."""
        found = []
        for key, (label, _example) in ASKED.items():
            ticked = {str(one) for one in self[f"{key}_ticked"].value() or ()}
            rows = [(value, words, value in ticked) for value, words in self.fields[f"{key}_ticked"].choices]
            found.append({
                "key": key, "label": label, "rows": rows, "chosen": len(ticked), "is_part": len(rows) >= MOST_OFFERED,
                "ticked": self[f"{key}_ticked"], "named": self[f"{key}_named"], "words": self[key],
            })  # fmt: skip
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.changing: dict[str, set[int]] = {}
        for key in ASKED:
            wanted = {int(pk) for pk in cleaned.get(f"{key}_ticked", ())} | self._named(key, cleaned)
            self.changing[key] = wanted
            is_silent = not wanted and not cleaned.get(key, "").strip()
            if is_silent and not any(name in self.errors for name in (key, f"{key}_ticked", f"{key}_named")):
                self.add_error(key, _("Choose what changes, or say why nothing has to."))
        return cleaned

    def _named(self, key: str, cleaned: dict[str, Any]) -> set[int]:
        sort, found = pointing.of(key), set()
        for text in re.split(r"[,;\s]+", cleaned.get(f"{key}_named", ""))[:50]:
            if not text:
                continue
            record = sort.find(self.project, self.user, text) if sort is not None else None
            if record is None:
                self.add_error(f"{key}_named", _("There is no “%(text)s” here that you may see.") % {"text": text})
            else:
                found.add(record.pk)
        return found


class JudgeForm(RuleForm):
    verdict = forms.ChoiceField(
        choices=[one for one in Verdict.choices if one[0]], label=gettext_lazy("Verdict"), widget=forms.RadioSelect
    )
    note = forms.CharField(
        max_length=4_000, label=gettext_lazy("By what do you judge?"), widget=forms.Textarea(attrs=AREA)
    )
