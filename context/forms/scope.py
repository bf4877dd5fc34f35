"""The forms of the scope: an item, its removal, and the statement."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.profile import one_line
from context.models import ScopeItem, ScopeKind, ScopeStatement
from context.models.scope import LONGEST, LONGEST_WORDS, TWO_SIDED
from core.forms import VersionedForm

IN, OUT = "in", "out"

NAME_HINTS = {
    ScopeKind.UNIT: gettext_lazy("For example: Production, Human resources, Branch office Lausanne."),
    ScopeKind.PRODUCT: gettext_lazy("What customers get, in the words they know it by."),
    ScopeKind.PROCESS: gettext_lazy("As it is called in the process map."),
    ScopeKind.SYSTEM: gettext_lazy("A system, network, kind of equipment or information that the work depends on."),
    ScopeKind.SITE: gettext_lazy("With its place: Head office Zug, Warehouse Hall 2, work from home."),
    ScopeKind.INTERFACE: gettext_lazy(
        "What crosses the boundary: Hosting of the ERP, payroll, cleaning of the clean room."
    ),
    ScopeKind.REQUIREMENT: gettext_lazy("Number and title as in the standard: 8.3 Design and development."),
}
DESCRIPTION_HINTS = {
    ScopeKind.INTERFACE: gettext_lazy("Who does what on which side, and in which contract or agreement it stands."),
    ScopeKind.SITE: gettext_lazy("Address, what happens there, where exactly the limit runs."),
}


def words(label: Any, hint: Any, rows: int) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, required=False, max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": rows}),
    )  # fmt: skip


class ItemForm(VersionedForm):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    party = forms.CharField(
        label=gettext_lazy("Other side"), max_length=200, required=False,
        help_text=gettext_lazy("The supplier, the parent company, the unit outside the scope, the authority."),
    )  # fmt: skip
    description = words(gettext_lazy("Description"), gettext_lazy("What belongs to it, so that nobody has to ask."), 3)
    where = forms.ChoiceField(
        label=gettext_lazy("In or out"), widget=forms.RadioSelect,
        choices=[(IN, gettext_lazy("In the scope")), (OUT, gettext_lazy("Left out, with a justification"))],
    )  # fmt: skip
    justification = words(
        gettext_lazy("Justification"),
        gettext_lazy("Needed for whatever is left out: why, and why it changes nothing for what the system promises."), 3,
    )  # fmt: skip
    standards = forms.MultipleChoiceField(
        label=gettext_lazy("Standards it concerns"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: all of them."),
    )  # fmt: skip

    def __init__(
        self,
        data: Any = None,
        *,
        kind: ScopeKind,
        standards: dict[str, str],
        item: ScopeItem | None = None,
        **kwargs: Any,
    ) -> None:
        initial: dict[str, Any] = {"version": 0, "where": IN}
        if item is not None:
            names = ("version", "name", "party", "description", "justification", "standards")
            initial = {name: getattr(item, name) for name in names} | {"where": IN if item.is_included else OUT}
        super().__init__(data, initial=initial, **kwargs)
        self.kind = kind
        self.fields["standards"].choices = list(standards.items())
        self.fields["name"].help_text = NAME_HINTS[kind]
        self.fields["description"].help_text = DESCRIPTION_HINTS.get(kind, self.fields["description"].help_text)
        if kind != ScopeKind.INTERFACE:
            del self.fields["party"]
        else:
            del self.fields["justification"]
        if kind not in TWO_SIDED:
            del self.fields["where"]
        if kind == ScopeKind.REQUIREMENT:
            self.fields["name"].label = _("Requirement")
            self.fields["standards"].label = _("Whose requirement it is")
            self.fields["standards"].help_text = ""
            self.fields["justification"].help_text = _("Why it does not apply, and why conformity does not suffer.")
        if len(standards) < 2 and kind != ScopeKind.REQUIREMENT:
            del self.fields["standards"]

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_party(self) -> str:
        return one_line(self.cleaned_data["party"])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if (
            data.get("where") == OUT
            and "justification" not in self.errors
            and not data.get("justification", "").strip()
        ):
            self.add_error("justification", _("Say why it is left out: an exclusion needs a justification."))
        return data

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        found = {name: value for name, value in self.cleaned_data.items() if name not in ("version", "where")}
        if "where" in self.cleaned_data:
            found["is_included"] = self.cleaned_data["where"] == IN
        return found

    def differences(self, labels: dict[str, str] | None = None) -> list[dict[str, Any]]:
        """Both texts where somebody saved first, in words."""
        if self.conflict is None:
            return []
        codes = dict(self.fields["standards"].choices) if "standards" in self.fields else {}
        rows = []
        for name, mine in self.values.items():
            theirs = getattr(self.conflict, name)
            if mine == theirs:
                continue
            if name == "standards":
                mine, theirs = (", ".join(codes.get(slug, slug) for slug in side) for side in (mine, theirs))
            elif name == "is_included":
                mine, theirs = (_("In the scope") if side else _("Left out") for side in (mine, theirs))
            label = self.fields["where" if name == "is_included" else name].label
            rows.append({"field": name, "label": label, "mine": mine, "theirs": theirs})
        return rows


class RemoveForm(VersionedForm):
    """The removal of an item in the version a person saw."""


class TakeForm(VersionedForm):
    """The choice of the text that the items give: which versions of both a person saw."""

    version = forms.IntegerField(min_value=0)
    seen = forms.CharField(max_length=16)


class StatementForm(VersionedForm):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)
    statement = forms.CharField(
        label=gettext_lazy("Statement"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 16}),
        help_text=gettext_lazy("Plain text; an empty line begins a paragraph. This is what certificates and customers quote."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, scope: ScopeStatement, seen: str, **kwargs: Any) -> None:
        initial = {"version": scope.version, "seen": seen, "statement": scope.statement}
        super().__init__(data, initial=initial, **kwargs)
