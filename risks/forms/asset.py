"""Forms of the inventory: filters of the list, an asset's line, retiring one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import FilterForm, RuleForm, VersionedForm
from core.once import OnceForm
from risks.models import Asset, AssetKind, Value
from risks.selectors.asset import RETIRED
from risks.selectors.register import EVERY, GONE, ME, NOBODY

from .register import ANY, names_of


class AssetFilter(FilterForm):
    """What the query string of the list and of exports may say; what makes no sense is left aside."""

    q = forms.CharField(required=False, max_length=200, label=gettext_lazy("Search"))
    kind = forms.ChoiceField(required=False, choices=[("", ANY), *AssetKind.choices], label=gettext_lazy("Kind"))
    owner = forms.ChoiceField(required=False, label=gettext_lazy("Owner"))
    value = forms.ChoiceField(required=False, label=gettext_lazy("Value"))
    state = forms.ChoiceField(required=False, label=gettext_lazy("State"))
    sort = forms.CharField(required=False, max_length=20)

    def __init__(self, data: Any, *, people: dict[int, Any]) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.people = people
        self.fields["owner"].choices = [
            ("", ANY), (ME, _("Me")), (NOBODY, _("Nobody yet")), (GONE, _("Has left the project")), *names_of(people),
        ]  # fmt: skip
        self.fields["value"].choices = [
            ("", ANY), *((str(one.value), _("%(value)s or more") % {"value": one.label}) for one in Value if one > 1),
        ]  # fmt: skip
        self.fields["state"].choices = [("", _("In use")), (RETIRED, _("Retired")), (EVERY, _("All"))]


def value_field(label: Any, hint: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        coerce=int, required=False, empty_value=None, label=label, help_text=hint,
        choices=[("", gettext_lazy("Not said")), *Value.choices],
    )  # fmt: skip


class AssetFields(forms.Form):
    """The fields of an asset, limited to the people of the project."""

    name = forms.CharField(max_length=200, label=gettext_lazy("Name"))
    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    owner = forms.ChoiceField(
        required=False, label=gettext_lazy("Owner"), help_text=gettext_lazy("Knows it and decides about it.")
    )
    description = forms.CharField(
        required=False, max_length=4_000, label=gettext_lazy("Description"), widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("What belongs to it, where it is, who depends on it."),
    )  # fmt: skip
    confidentiality = value_field(
        gettext_lazy("Confidentiality"), gettext_lazy("How much it would harm if strangers saw it.")
    )
    integrity = value_field(gettext_lazy("Integrity"), gettext_lazy("How much it would harm if it were wrong."))
    availability = value_field(gettext_lazy("Availability"), gettext_lazy("How much it would harm if it were missing."))

    def __init__(
        self, *args: Any, people: dict[int, Any], may_manage: bool = True, asset: Asset | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = dict(people)
        if asset is not None and asset.owner is not None:
            self.people.setdefault(asset.owner.pk, asset.owner)
        self.fields["kind"].choices = [("", _("Choose …")), *AssetKind.choices]
        self.fields["owner"].choices = [("", _("Nobody yet")), *names_of(self.people)]
        if not may_manage:
            del self.fields["owner"]

    @property
    def values(self) -> dict[str, Any]:
        """The asset's fields, as the services take them."""
        found = {name: value for name, value in self.cleaned_data.items() if name not in ("version", "once")}
        if "owner" in found:
            found["owner"] = self.people[int(found["owner"])] if found["owner"] else None
        return found


class AssetForm(AssetFields, OnceForm):
    """A new asset."""


class AssetEditForm(AssetFields, VersionedForm):
    """An asset that exists, with the version the person saw."""

    @classmethod
    def initial_of(cls, asset: Asset) -> dict[str, Any]:
        names = ("name", "kind", "description", "confidentiality", "integrity", "availability", "version")
        return {name: getattr(asset, name) for name in names} | {"owner": str(asset.owner_id or "")}

    def conflict_rows(self) -> list[dict[str, str]]:
        """After a conflict: each field that differs, what was typed and what stands now, in words."""
        if self.conflict is None:
            return []
        theirs = self.initial_of(self.conflict)
        rows = []
        for name, field in self.fields.items():
            if name == "version":
                continue
            mine, now = (self._said(field, value) for value in (self[name].value(), theirs[name]))
            if mine != now:
                rows.append({"label": field.label, "mine": mine or "–", "theirs": now or "–"})
        return rows

    @staticmethod
    def _said(field: forms.Field, value: Any) -> str:
        if isinstance(field, forms.ChoiceField):
            return {str(key): str(label) for key, label in field.choices}.get(str(value or ""), str(value or ""))
        return "" if value is None else str(value).replace("\r\n", "\n").strip()


class RetireForm(RuleForm):
    reason = forms.CharField(
        max_length=500, label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text=gettext_lazy("What replaces it, or why nobody needs it any more."),
    )  # fmt: skip
