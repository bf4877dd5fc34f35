"""The form of the criteria: scales, consequences, levels and matrix on one page; another size comes back unsaved."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import VersionedForm
from risks import levels
from risks.levels import AcceptedBy, Rule
from risks.models.criteria import LONGEST_METHOD


def sizes(fewest: int, most: int) -> list[tuple[int, str]]:
    return [(n, str(n)) for n in range(fewest, most + 1)]


class CriteriaForm(VersionedForm):
    """Every cell is a field of its own, so that the page works without a script.

    The fields are made from the content as it stands, or from what was sent: `likelihood-1-name`, `dimension-2-text-3`,
    `cell-4-5`. `more` names the button that only changes a size.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    method = forms.CharField(
        label=gettext_lazy("Method"), required=False, max_length=LONGEST_METHOD,
        help_text=gettext_lazy("How risks are found, rated, treated, accepted and looked at again: what an auditor asks first."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )  # fmt: skip
    rule = forms.ChoiceField(label=gettext_lazy("Several consequences"), choices=Rule.choices)
    likelihoods = forms.TypedChoiceField(
        label=gettext_lazy("Grades of likelihood"), coerce=int, choices=sizes(levels.FEWEST, levels.MOST)
    )
    consequences = forms.TypedChoiceField(
        label=gettext_lazy("Grades of consequence"), coerce=int, choices=sizes(levels.FEWEST, levels.MOST)
    )
    kinds = forms.TypedChoiceField(
        label=gettext_lazy("Sorts of consequences"), coerce=int, choices=sizes(1, levels.MOST_DIMENSIONS)
    )
    steps = forms.TypedChoiceField(
        label=gettext_lazy("Levels of risk"), coerce=int, choices=sizes(levels.FEWEST_LEVELS, levels.MOST_LEVELS)
    )
    threshold = forms.TypedChoiceField(label=gettext_lazy("Acceptable up to"), coerce=int)

    def __init__(self, data: Any = None, *, record: Any, content: dict[str, Any] | None = None, **kwargs: Any) -> None:
        self.shown = _sized(content or record.content, data)
        shown = self.shown
        initial = {
            "version": record.version, "method": record.method, "rule": shown["rule"],
            "likelihoods": len(shown["likelihood"]), "consequences": len(shown["consequence"]),
            "kinds": len(shown["dimensions"]), "steps": len(shown["levels"]), "threshold": shown["threshold"],
        }  # fmt: skip
        super().__init__(data, initial=initial, **kwargs)
        names = [(n, one["name"] or str(n + 1)) for n, one in enumerate(shown["levels"])]
        self.fields["threshold"].choices = names
        for scale in ("likelihood", "consequence"):
            for n, one in enumerate(shown[scale], start=1):
                self._add(f"{scale}-{n}-name", one["name"], levels.LONGEST_NAME)
                self._add(f"{scale}-{n}-text", one["text"], levels.LONGEST_TEXT, required=False)
        for n, one in enumerate(shown["dimensions"], start=1):
            self._add(f"dimension-{n}-name", one["name"], levels.LONGEST_NAME)
            self.fields[f"dimension-{n}-weight"] = forms.IntegerField(min_value=1, max_value=10, initial=one["weight"])
            for k, text in enumerate(one["texts"], start=1):
                self._add(f"dimension-{n}-text-{k}", text, levels.LONGEST_TEXT, required=False)
        for n, one in enumerate(shown["levels"], start=1):
            self._add(f"level-{n}-name", one["name"], levels.LONGEST_NAME)
            self.fields[f"level-{n}-review"] = forms.IntegerField(
                min_value=1, max_value=60, initial=one["review_months"]
            )
            self.fields[f"level-{n}-accepted"] = forms.ChoiceField(
                choices=AcceptedBy.choices, initial=one["accepted_by"]
            )
        for i, row in enumerate(shown["matrix"], start=1):
            for j, level in enumerate(row, start=1):
                self.fields[f"cell-{i}-{j}"] = forms.TypedChoiceField(choices=names, coerce=int, initial=level)
        self._name_fields()

    def _add(self, name: str, value: str, longest: int, *, required: bool = True) -> None:
        # A meaning is a sentence: it may take two lines, so that nothing of it is cut off on a phone.
        widget = forms.TextInput if required else forms.Textarea(attrs={"rows": 2})
        self.fields[name] = forms.CharField(max_length=longest, required=required, initial=value, widget=widget)

    def _name_fields(self) -> None:
        """What each field is called, for screen readers and in sentences about errors."""
        words = {
            "likelihood": _("Likelihood"), "consequence": _("Consequence"), "dimension": _("Sort of consequence"),
            "level": _("Level"), "cell": _("Cell"),
        }  # fmt: skip
        parts = {
            "name": _("name"), "text": _("meaning"), "weight": _("weight"), "review": _("review in months"),
            "accepted": _("accepted by"),
        }  # fmt: skip
        for name, field in self.fields.items():
            found = re.fullmatch(r"(\w+?)-(\d+)-(\w+)(?:-(\d+))?", name)
            if found is None:
                continue
            what, n, part, k = found.groups()
            if what == "cell":
                rows, columns = self.shown["likelihood"], self.shown["consequence"]
                field.label = f"{rows[int(n) - 1]['name']} × {columns[int(part) - 1]['name']}"
            else:
                field.label = f"{words[what]} {n}, {parts[part]}{f' {k}' if k else ''}"
            field.widget.attrs["aria-label"] = field.label

    @property
    def content(self) -> dict[str, Any]:
        """What the service takes, from what was typed."""
        said = self.cleaned_data

        def scale(name: str) -> list[dict[str, str]]:
            return [
                {"name": said[f"{name}-{n}-name"], "text": said[f"{name}-{n}-text"]}
                for n in range(1, len(self.shown[name]) + 1)
            ]

        return {
            "likelihood": scale("likelihood"),
            "consequence": scale("consequence"),
            "dimensions": [
                {
                    "key": one["key"], "name": said[f"dimension-{n}-name"], "weight": said[f"dimension-{n}-weight"],
                    "texts": [said[f"dimension-{n}-text-{k}"] for k in range(1, len(one["texts"]) + 1)],
                }
                for n, one in enumerate(self.shown["dimensions"], start=1)
            ],
            "rule": said["rule"],
            "levels": [
                {
                    "name": said[f"level-{n}-name"], "review_months": said[f"level-{n}-review"],
                    "accepted_by": said[f"level-{n}-accepted"],
                }
                for n in range(1, len(self.shown["levels"]) + 1)
            ],
            "matrix": [
                [said[f"cell-{i}-{j}"] for j in range(1, len(row) + 1)]
                for i, row in enumerate(self.shown["matrix"], start=1)
            ],
            "threshold": said["threshold"],
        }  # fmt: skip

    # ---- as the page lays it out ----

    def grades(self, scale: str) -> list[tuple[Any, Any]]:
        return [(self[f"{scale}-{n}-name"], self[f"{scale}-{n}-text"]) for n in range(1, len(self.shown[scale]) + 1)]

    @property
    def likelihood_rows(self) -> list[tuple[Any, Any]]:
        return self.grades("likelihood")

    @property
    def consequence_rows(self) -> list[tuple[Any, Any]]:
        return self.grades("consequence")

    @property
    def dimension_rows(self) -> list[tuple[Any, Any, list[Any]]]:
        return [
            (
                self[f"dimension-{n}-name"], self[f"dimension-{n}-weight"],
                [self[f"dimension-{n}-text-{k}"] for k in range(1, len(one["texts"]) + 1)],
            )
            for n, one in enumerate(self.shown["dimensions"], start=1)
        ]  # fmt: skip

    @property
    def level_rows(self) -> list[tuple[Any, Any, Any]]:
        return [
            (self[f"level-{n}-name"], self[f"level-{n}-review"], self[f"level-{n}-accepted"])
            for n in range(1, len(self.shown["levels"]) + 1)
        ]

    @property
    def matrix_rows(self) -> list[tuple[str, list[Any]]]:
        """The likeliest row first, as people look at a matrix."""
        return [
            (self.shown["likelihood"][i - 1]["name"], [self[f"cell-{i}-{j}"] for j in range(1, len(row) + 1)])
            for i, row in reversed(list(enumerate(self.shown["matrix"], start=1)))
        ]

    def differences(self, labels: dict[str, str] | None = None) -> list[dict[str, Any]]:
        """Both where somebody saved first; scales and matrix as the lines a reader compares."""
        if self.conflict is None:
            return []
        mine = {"method": self.cleaned_data["method"], **self.content}
        theirs = {"method": self.conflict.method, **self.conflict.content}
        return [
            {
                "field": name,
                "label": (labels or {}).get(name, name),
                "mine": _lines(value),
                "theirs": _lines(theirs.get(name)),
            }
            for name, value in mine.items()
            if value != theirs.get(name)
        ]


def _lines(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_lines(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(_lines(one) for name, one in value.items() if name != "key" and one not in ("", []))
    return str(value)


def _sized(content: dict[str, Any], data: Any) -> dict[str, Any]:
    """The content in the sizes that were chosen: more rows come empty, fewer drop the last, the matrix follows."""
    if data is None:
        return content
    likelihoods = _chosen(data, "likelihoods", levels.FEWEST, levels.MOST, len(content["likelihood"]))
    consequences = _chosen(data, "consequences", levels.FEWEST, levels.MOST, len(content["consequence"]))
    steps = _chosen(data, "steps", levels.FEWEST_LEVELS, levels.MOST_LEVELS, len(content["levels"]))
    kinds = _chosen(data, "kinds", 1, levels.MOST_DIMENSIONS, len(content["dimensions"]))
    dimensions = content["dimensions"][:kinds]
    taken = {one["key"] for one in dimensions}
    free = (key for n in range(1, 99) if (key := f"sort-{n}") not in taken)
    dimensions = [
        *dimensions,
        *({"key": next(free), "name": "", "weight": 1, "texts": []} for _n in range(kinds - len(dimensions))),
    ]
    fresh = {"name": "", "review_months": 12, "accepted_by": str(AcceptedBy.TOP_MANAGEMENT)}
    return {
        "likelihood": _long(content["likelihood"], likelihoods, {"name": "", "text": ""}),
        "consequence": _long(content["consequence"], consequences, {"name": "", "text": ""}),
        "dimensions": [{**one, "texts": _long(one["texts"], consequences, "")} for one in dimensions],
        "rule": content["rule"],
        "levels": _long(content["levels"], steps, fresh),
        "matrix": levels.resized(content["matrix"], likelihoods, consequences, steps),
        "threshold": min(content["threshold"], steps - 1),
    }


def _long(rows: list[Any], length: int, fresh: Any) -> list[Any]:
    return [*rows[:length], *([fresh] * (length - len(rows)))]


def _chosen(data: Any, name: str, least: int, most: int, now: int) -> int:
    value = data.get(name, "")
    return min(max(int(value), least), most) if value.isdecimal() and len(value) < 3 else now
