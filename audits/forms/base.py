"""What the forms of the app share: the choice of criteria, and both texts when somebody saved first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pdca.models import Clause, Standard

ANY = gettext_lazy("Any")
AREA = {"rows": 3}


def names_of(people: dict[int, Any]) -> list[tuple[str, str]]:
    return [(str(pk), person.name or person.email) for pk, person in people.items()]


def area(label: Any, hint: Any = "", *, longest: int = 4_000, rows: int = 3, required: bool = False) -> forms.CharField:
    return forms.CharField(
        required=required, max_length=longest, label=label, help_text=hint, widget=forms.Textarea(attrs={"rows": rows})
    )


class ClauseRow(NamedTuple):
    clause: Clause
    is_chosen: bool
    depth: int


class StandardRow(NamedTuple):
    """One standard of the project as the form offers it, with its clauses below."""

    standard: Standard
    is_chosen: bool
    clauses: list[ClauseRow]
    chosen_count: int


class CriteriaFields(forms.Form):
    """Standards of the project, and clauses of them; a standard without a chosen clause is audited whole."""

    standards = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Standards"), widget=forms.CheckboxSelectMultiple
    )
    clauses = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Clauses"), widget=forms.CheckboxSelectMultiple
    )

    def offer(self, clauses: Iterable[Clause], limited_to: Iterable[int] | None = None) -> None:
        """What can be chosen: these clauses and their standards. No query."""
        limit = None if limited_to is None else set(limited_to)
        self._clauses = {str(one.pk): one for one in clauses if limit is None or one.standard_id in limit}
        self._standards = {str(one.standard_id): one.standard for one in self._clauses.values()}
        self.fields["standards"].choices = [(pk, one.code) for pk, one in self._standards.items()]
        self.fields["clauses"].choices = [(pk, f"{one.standard.code} {one}") for pk, one in self._clauses.items()]

    @property
    def standard_rows(self) -> list[StandardRow]:
        chosen = {str(value) for value in self["standards"].value() or ()} if "standards" in self.fields else set()
        ticked = {str(value) for value in self["clauses"].value() or ()}
        rows = []
        for pk, standard in self._standards.items():
            clauses = [
                ClauseRow(one, key in ticked, one.depth) for key, one in self._clauses.items() if str(one.standard_id) == pk
            ]  # fmt: skip
            rows.append(StandardRow(standard, pk in chosen, clauses, sum(one.is_chosen for one in clauses)))
        return rows

    @property
    def chosen_standards(self) -> list[Standard]:
        """Those that were ticked; a clause that was ticked brings its standard."""
        brought = {str(one.standard_id) for one in self.chosen_clauses}
        wanted = brought | set(self.cleaned_data.get("standards", ()))
        return [one for pk, one in self._standards.items() if pk in wanted]

    @property
    def chosen_clauses(self) -> list[Clause]:
        return [self._clauses[pk] for pk in self.cleaned_data.get("clauses", ())]


class Conflicting:
    """Mixin of a versioned form that knows its `initial_of(record)`."""

    def conflict_rows(self) -> list[dict[str, str]]:
        """After a conflict: each field that differs, what was typed and what stands now, in words."""
        if self.conflict is None:
            return []
        theirs, rows = self.initial_of(self.conflict), []
        for name, field in self.fields.items():
            if name == "version":
                continue
            mine, now = (self._said(field, value) for value in (self[name].value(), theirs.get(name)))
            if mine != now:
                rows.append({"label": str(field.label), "mine": mine or "–", "theirs": now or "–"})
        return rows

    @staticmethod
    def _said(field: forms.Field, value: Any) -> str:
        if isinstance(field, forms.ChoiceField):
            words = {str(key): str(label) for key, label in field.choices}
            if isinstance(value, list | tuple):
                return ", ".join(sorted(words.get(str(key), str(key)) for key in value))
            return words.get(str(value or ""), str(value or ""))
        if isinstance(field, forms.BooleanField):
            return str(_("yes") if value else _("no"))
        if hasattr(value, "strftime") and hasattr(value, "hour"):
            return value.strftime("%H:%M")
        return "" if value is None else str(value).replace("\r\n", "\n").strip()
