"""Forms around the register: filters of the list, a risk's line by its discipline, many at once, rating, review, moves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import FilterForm, RuleForm, VersionedForm
from core.once import OnceForm
from projects.forms.task_fields import DayField
from risks import profiles
from risks.flows import RiskStatus
from risks.levels import Criteria
from risks.models import Asset, RatingKind, Risk
from risks.models.risk import LONGEST_PART
from risks.profiles import Discipline
from risks.selectors.register import ABOVE, EVERY, GONE, ME, NOBODY, RISKS_ONLY, UNRATED, State
from risks.services.rating import LONGEST_REASON
from risks.services.risk import MOST_AT_ONCE

ANY = gettext_lazy("Any")
MOST_ASSETS = 500


def names_of(people: dict[int, Any]) -> list[tuple[str, str]]:
    return [(str(pk), person.name or person.email) for pk, person in people.items()]


# ---- filters of the list ------------------------------------------------------------------------------------------


class RiskFilter(FilterForm):
    """What the query string of the list, the heat map and the exports may say; what makes no sense is left aside.

    `kind`, `l` and `c` together name a cell of a heat map; `criteria` are those in force, None before there are any.
    """

    q = forms.CharField(required=False, max_length=200, label=gettext_lazy("Search"))
    status = forms.ChoiceField(required=False, label=gettext_lazy("Status"))
    discipline = forms.ChoiceField(required=False, label=gettext_lazy("Discipline"))
    owner = forms.ChoiceField(required=False, label=gettext_lazy("Risk owner"))
    level = forms.ChoiceField(required=False, label=gettext_lazy("Level"))
    state = forms.ChoiceField(required=False, label=gettext_lazy("Asks for"))
    category = forms.CharField(required=False, max_length=80, label=gettext_lazy("Category"))
    asset = forms.CharField(required=False, max_length=200, label=gettext_lazy("Asset"))
    kind = forms.ChoiceField(required=False, choices=RatingKind.choices, label=gettext_lazy("Rating"))
    l = forms.IntegerField(required=False, min_value=1, max_value=7)  # noqa: E741  as the heat map's links say it
    c = forms.IntegerField(required=False, min_value=1, max_value=7)
    sort = forms.CharField(required=False, max_length=20)

    def __init__(
        self, data: Any, *, people: dict[int, Any], categories: list[str] = (), criteria: Criteria | None = None
    ) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.people, self.criteria = people, criteria
        levels = [(str(n), one.name) for n, one in enumerate(criteria.levels)] if criteria is not None else []
        choices: dict[str, list[Any]] = {
            "status": [("", _("Open")), *RiskStatus.choices, (EVERY, _("All, closed too"))],
            "discipline": [("", ANY), *Discipline.choices, (RISKS_ONLY, _("All but opportunities"))],
            "owner": [
                ("", ANY), (ME, _("Me")), (NOBODY, _("Nobody yet")), (GONE, _("Has left the project")), *names_of(people),
            ],
            "level": [("", ANY), *reversed(levels), (ABOVE, _("Above the threshold")), (UNRATED, _("Not rated"))],
            "state": [("", ANY), *State.choices],
        }  # fmt: skip
        for name, options in choices.items():
            self.fields[name].choices = options
        self.fields["asset"].widget.attrs |= {"placeholder": _("Name or AS-001"), "size": 14}
        offered = [("", ANY), *((one, one) for one in categories)]
        if (chosen := self.data.get("category", "")[:80]) and chosen not in categories:
            offered.append((chosen, chosen))
        self.fields["category"].widget = forms.Select(choices=offered)

    @property
    def wanted(self) -> dict[str, Any]:
        """The filters that make sense, without the empty ones; `cell` is (kind, likelihood, consequence)."""
        said = super().wanted
        cell = tuple(said.pop(name, None) for name in ("kind", "l", "c"))
        return said | ({"cell": cell} if all(cell) else {})

    def chip(self, name: str, value: Any) -> dict[str, str]:
        return self._cell(*value) if name == "cell" else super().chip(name, value)

    def _cell(self, kind: str, likelihood: int, consequence: int) -> dict[str, str]:
        text = f"{likelihood} × {consequence}"
        criteria = self.criteria
        if criteria and likelihood <= len(criteria.likelihood) and consequence <= len(criteria.consequence):
            text = (
                f"{likelihood} {criteria.likelihood[likelihood - 1].name} × "
                f"{consequence} {criteria.consequence[consequence - 1].name}"
            )
        return {"name": "kind", "value": kind, "label": str(RatingKind(kind).label), "text": text}

    @property
    def has_more(self) -> bool:
        """Whether a filter of the folded part is in force."""
        return any(self.wanted.get(name) for name in ("status", "category", "asset"))


class BulkForm(RuleForm):
    """What can be given to many risks at once."""

    KEEP = gettext_lazy("as it is")
    owner = forms.ChoiceField(required=False, label=gettext_lazy("Risk owner"))
    category = forms.CharField(
        required=False, max_length=80, label=gettext_lazy("Category"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "categories", "size": 14}),
    )  # fmt: skip
    review_on = DayField(required=False, label=gettext_lazy("Next review"))

    def __init__(self, *args: Any, people: dict[int, Any], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="bulk_%s", **kwargs)
        self.people = people
        self.fields["owner"].choices = [("", self.KEEP), *names_of(people)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(_("Choose an owner, a category or a date first."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the service sets: only what was chosen."""
        found = {name: value for name, value in self.cleaned_data.items() if value}
        if owner := found.get("owner"):
            found["owner"] = self.people[int(owner)]
        return found


# ---- a risk's line ------------------------------------------------------------------------------------------------


def text_field(label: Any, hint: Any = "", *, longest: int = LONGEST_PART, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        required=False, max_length=longest, label=label, help_text=hint, widget=forms.Textarea(attrs={"rows": rows})
    )


def fact_field(fact: profiles.Fact) -> forms.Field:
    """The field of one question of a profile."""
    if fact.is_many:
        return forms.MultipleChoiceField(
            required=False, label=fact.label, help_text=fact.help, choices=fact.choices,
            widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip
    if fact.choices:
        choices = [("", gettext_lazy("Not said")), *fact.choices]
        return forms.ChoiceField(required=False, label=fact.label, help_text=fact.help, choices=choices)
    if fact.is_hours:
        return forms.CharField(
            required=False, max_length=9, label=fact.label, help_text=fact.help,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 8}),
        )  # fmt: skip
    return text_field(fact.label, fact.help, longest=profiles.LONGEST, rows=2)


class RiskFields(forms.Form):
    """The fields of a risk: those of every risk, then those of its discipline; limited to the project's people and assets.

    The discipline comes from what was sent, so that choosing another one shows its fields with everything typed kept.
    """

    title = forms.CharField(
        max_length=200, label=gettext_lazy("Title"),
        help_text=gettext_lazy("In a few words: what could happen, and to what."),
    )  # fmt: skip
    discipline = forms.ChoiceField(choices=Discipline.choices, label=gettext_lazy("Discipline"))
    category = forms.CharField(
        required=False, max_length=80, label=gettext_lazy("Category"),
        help_text=gettext_lazy("What belongs together, such as suppliers or IT."),
        widget=forms.TextInput(attrs={"list": "categories", "autocomplete": "off"}),
    )  # fmt: skip
    owner = forms.ChoiceField(
        required=False, label=gettext_lazy("Risk owner"),
        help_text=gettext_lazy("Answers for it and accepts what is left of it. Without an owner it stays a draft."),
    )  # fmt: skip
    cause = text_field(profiles.CAUSE)
    event = text_field(profiles.EVENT)
    outcome = text_field(profiles.CONSEQUENCE)
    existing_controls = text_field(
        gettext_lazy("Existing controls"), gettext_lazy("What is done about it today: the current rating counts on it.")
    )
    assets = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Assets, processes and activities"), widget=forms.CheckboxSelectMultiple
    )
    review_on = DayField(
        required=False, label=gettext_lazy("Next review"),
        help_text=gettext_lazy("Set by the level with each current rating, unless you choose another day."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, people: dict[int, Any], offered: list[Asset], may_manage: bool = True,
        risk: Risk | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.people, self.offered, self.risk = dict(people), offered, risk
        owner = risk.owner if risk is not None else None
        if owner is not None:
            self.people.setdefault(owner.pk, owner)
        self.fields["owner"].choices = [("", _("Nobody yet")), *names_of(self.people)]
        if not may_manage:
            del self.fields["owner"]
        self.fields["assets"].choices = [(str(one.pk), str(one)) for one in offered]
        if not offered:
            del self.fields["assets"]
        chosen = str(self["discipline"].value() or "")
        self.profile = profiles.of(chosen if chosen in Discipline.values else Discipline.GENERAL)
        for name in ("cause", "event", "outcome"):
            self.fields[name].label = getattr(self.profile, name)
        for fact in self.profile.facts:
            self.fields[fact.key] = fact_field(fact)

    @property
    def fact_fields(self) -> list[Any]:
        """The fields of the profile, as the page lists them."""
        return [self[fact.key] for fact in self.profile.facts]

    @property
    def asset_rows(self) -> list[tuple[Asset, bool]]:
        """(asset, whether it is chosen), the chosen ones first."""
        chosen = {str(value) for value in self["assets"].value() or ()} if "assets" in self.fields else set()
        rows = [(one, str(one.pk) in chosen) for one in self.offered]
        return sorted(rows, key=lambda row: not row[1])

    @property
    def values(self) -> dict[str, Any]:
        """The risk's fields, as the services take them."""
        names = (
            "title", "discipline", "category", "owner", "cause", "event", "outcome", "existing_controls", "review_on",
        )  # fmt: skip
        found = {name: self.cleaned_data[name] for name in names if name in self.fields}
        if "owner" in found:
            found["owner"] = self.people[int(found["owner"])] if found["owner"] else None
        return found | {"facts": {fact.key: self.cleaned_data.get(fact.key) for fact in self.profile.facts}}

    @property
    def chosen_assets(self) -> list[Asset]:
        wanted = set(self.cleaned_data.get("assets", ()))
        return [one for one in self.offered if str(one.pk) in wanted]


class RiskForm(RiskFields, OnceForm):
    """A new risk."""


class RiskEditForm(RiskFields, VersionedForm):
    """A risk that exists: knows the version the person saw, and shows both texts when somebody saved first."""

    @classmethod
    def initial_of(cls, risk: Risk) -> dict[str, Any]:
        names = (
            "title", "discipline", "category", "cause", "event", "outcome", "existing_controls", "review_on", "version",
        )  # fmt: skip
        return {
            **risk.facts,
            **{name: getattr(risk, name) for name in names},
            "owner": str(risk.owner_id or ""),
            "assets": [str(pk) for pk in risk.asset_links.values_list("asset_id", flat=True)],
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
            mine, now = (self._said(field, value) for value in (self[name].value(), theirs.get(name)))
            if mine != now:
                rows.append({"label": field.label, "mine": mine or "–", "theirs": now or "–"})
        return rows

    @staticmethod
    def _said(field: forms.Field, value: Any) -> str:
        """One field's value as a reader sees it."""
        if isinstance(field, forms.ChoiceField):
            words = {str(key): str(label) for key, label in field.choices}
            if isinstance(value, list):
                return ", ".join(sorted(words.get(str(key), str(key)) for key in value))
            return words.get(str(value or ""), str(value or ""))
        return "" if value is None else str(value).replace("\r\n", "\n").strip()


# ---- rating -------------------------------------------------------------------------------------------------------


class RateForm(RuleForm):
    """One rating by criteria: the consequence as a whole, or a mark for each sort of consequence it touches."""

    WHOLE, SORTS = "whole", "sorts"

    kind = forms.ChoiceField(choices=RatingKind.choices, widget=forms.HiddenInput)
    last = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    """The key of the last rating that the person saw, 0 where there was none."""
    likelihood = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Likelihood"))
    how = forms.ChoiceField(label=gettext_lazy("Consequence"))
    consequence = forms.TypedChoiceField(
        coerce=int, required=False, empty_value=None, label=gettext_lazy("Consequence as a whole")
    )
    reason = forms.CharField(
        required=False, max_length=LONGEST_REASON, label=gettext_lazy("Why"),
        help_text=gettext_lazy("What the judgement rests on: an auditor asks why it is not higher or lower."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, criteria: Criteria, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.criteria = criteria
        self.fields["likelihood"].choices = _grades(criteria.likelihood)
        self.fields["consequence"].choices = [("", ""), *_grades(criteria.consequence)]
        self.fields["how"].choices = [
            (self.SORTS, _("By sort of consequence")), (self.WHOLE, _("As a whole")),
        ]  # fmt: skip
        for one in criteria.dimensions:
            self.fields[f"sort-{one.key}"] = forms.TypedChoiceField(
                coerce=int, required=False, empty_value=None, label=one.name,
                choices=[("", _("not touched")), *_grades(criteria.consequence)],
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        if cleaned["how"] == self.WHOLE and cleaned["consequence"] is None:
            self.add_error("consequence", _("Choose how bad it would be."))
        if cleaned["how"] == self.SORTS and not self.marks:
            self.add_error("how", _("Mark at least one sort of consequence."))
        return cleaned

    def take_over(self) -> None:
        """After a conflict: what was typed stays, over the rating that came in between."""
        if self.conflict is not None:
            self.data = self.data.copy()
            self.data["last"] = str(self.conflict.pk)

    @property
    def marks(self) -> dict[str, int]:
        found = {one.key: self.cleaned_data.get(f"sort-{one.key}") for one in self.criteria.dimensions}
        return {key: mark for key, mark in found.items() if mark is not None}

    @property
    def judgement(self) -> dict[str, Any]:
        """Likelihood with consequence or marks, as the service takes them."""
        is_whole = self.cleaned_data["how"] == self.WHOLE
        return {
            "likelihood": self.cleaned_data["likelihood"],
            "consequence": self.cleaned_data["consequence"] if is_whole else None,
            "marks": None if is_whole else self.marks,
        }

    # ---- as the page lays it out ----

    @property
    def likelihood_rows(self) -> list[dict[str, Any]]:
        return self._rows("likelihood", [(one.name, one.text) for one in self.criteria.likelihood])

    @property
    def consequence_rows(self) -> list[dict[str, Any]]:
        return self._rows("consequence", [(one.name, one.text) for one in self.criteria.consequence])

    @property
    def sort_rows(self) -> list[tuple[Any, list[dict[str, Any]]]]:
        """Each sort of consequence with its grades and what they mean there."""
        names = [one.name for one in self.criteria.consequence]
        return [
            (self[f"sort-{one.key}"], self._rows(f"sort-{one.key}", list(zip(names, one.texts, strict=True))))
            for one in self.criteria.dimensions
        ]

    def _rows(self, name: str, grades: list[tuple[str, str]]) -> list[dict[str, Any]]:
        held = str(self[name].value() or "")
        return [
            {"n": n, "name": said, "text": text, "is_chosen": held == str(n)}
            for n, (said, text) in enumerate(grades, start=1)
        ]


def _grades(grades: Any) -> list[tuple[int, str]]:
    return [(n, f"{n} {one.name}") for n, one in enumerate(grades, start=1)]


# ---- review, moves, a new edition -----------------------------------------------------------------------------------


class ReviewedForm(RuleForm):
    note = forms.CharField(
        max_length=500, label=gettext_lazy("What was looked at"),
        help_text=gettext_lazy("Who took part, what was compared: this is the evidence of the review."),
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
    )  # fmt: skip
    next_on = DayField(required=False, label=gettext_lazy("Next review"))


class RerateForm(RuleForm):
    """Why the chosen risks are rated again by the edition in force."""

    reason = forms.CharField(
        max_length=500, label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Stands with each of the new ratings."), widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


__all__ = [
    "MOST_ASSETS",
    "MOST_AT_ONCE",
    "BulkForm",
    "RateForm",
    "RerateForm",
    "ReviewedForm",
    "RiskEditForm",
    "RiskFilter",
    "RiskForm",
]
